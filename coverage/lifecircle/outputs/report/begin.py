"""Where to begin under one headline target: its first proposed site, or why it has none."""

from __future__ import annotations

from lifecircle.messages import text
from lifecircle.outputs.report.figures import WHOLE
from lifecircle.outputs.report.places import has_townships
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.site_words import site_place, why_no_sites
from lifecircle.outputs.stations import stations_to_add, where_to_add
from lifecircle.tables import Results, verdict_rows

_FIRST = 2
"""Townships or units named as where to begin."""

__all__ = ["begin_words"]


def begin_words(results: Results, plan: str, rule: str, service: str, lang: str) -> str:
    """Where to begin under one rule.

    Returns
    -------
    str
        The place of its first proposed site. Where the run proposes none: every catchment that needs further
        stations with how many, or in a word why there is none, and where most residents are affected.
    """
    sites = results.proposals
    if "rule" in sites and len(own := sites[(sites["plan"] == plan) & (sites["rule"] == rule)]):
        return site_place(own.sort_values("rank").iloc[0].to_dict())
    if stations := stations_to_add(results, plan, rule):
        return text("report.begin-stations", lang, names=where_to_add(stations, lang))
    why = text(f"report.no-site.{why_no_sites(results, plan, rule)}", lang)
    first = _first_places(results, plan, rule, service)
    if not first:
        return why
    return text("report.begin-there", lang, why=why, names=text("report.comma", lang).join(first))


def _first_places(results: Results, plan: str, rule: str, service: str) -> list[str]:
    """The townships where most residents are affected, else the units that fall short most."""
    if not has_townships(results, fewest=2):
        return []  # the study itself is no place to begin
    table = results.priorities
    same = (table["plan"] == plan) & (table["rule"] == rule)
    if service:
        same |= table["service"] == service
    rows = table[same].sort_values("people", ascending=False, na_position="last", kind="stable")
    townships = [
        display_name(name) or code for name, code in zip(rows["name"], rows["township"], strict=True)
    ]
    names = townships or _worst_units(results, plan, rule)
    return list(dict.fromkeys(name for name in names if name))[:_FIRST]


def _worst_units(results: Results, plan: str, rule: str) -> list[str]:
    """Names of the units that fall short most."""
    verdicts = verdict_rows(results.findings)
    own = verdicts[(verdicts["plan"] == plan) & (verdicts["rule"] == rule) & (verdicts["status"] == "short")]
    parts = own[~own["level"].isin(WHOLE)].sort_values(
        ["deficit", "population_short"], ascending=False, kind="stable"
    )
    return [display_name(name) for name in parts["name"] if name]
