"""What is said of the sites proposed for one rule and service."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import about_rule, figure_words, whole_words
from lifecircle.tables import Results

_REASON_OF_KIND: Final[Mapping[str, str]] = {
    "population-per-facility": "stations",
    "type-circle": "types",
    "travel-distance-circle": "metres",
}
"""Kinds of rules that a run proposes no sites for, though they are about walks, and why."""

__all__ = [
    "FirstSite",
    "chosen_words",
    "first_sites",
    "gain_words",
    "joint_gains",
    "site_place",
    "why_no_sites",
    "with_shares",
]


class FirstSite(NamedTuple):
    """Where to build first for one or several headline targets.

    Attributes
    ----------
    place : community, or street, that it stands in
    targets : plan and rule of each target that it is the first site for, most residents gained first
    services : to be sited there, each once
    gain, gain_share : whom it newly brings within reach under the first of those targets
    """

    place: str
    targets: tuple[tuple[str, str], ...]
    services: tuple[str, ...]
    gain: float
    gain_share: float


def first_sites(results: Results) -> list[FirstSite]:
    """The first proposed site of each headline target, most residents gained first; each place once."""
    table = with_shares(results)
    if "rule" not in table or not len(table):
        return []
    by_place: dict[str, list[dict[str, Any]]] = {}
    for plan, rule in zip(results.headlines["plan"], results.headlines["rule"], strict=True):
        own = table[(table["plan"] == plan) & (table["rule"] == rule)]
        for row in own.sort_values("rank").head(1).to_dict("records"):
            by_place.setdefault(str(row["proposal"]), []).append(row)
    made = []
    for rows in by_place.values():
        rows.sort(key=_gained, reverse=True)
        made.append(
            FirstSite(
                place=site_place(rows[0]),
                targets=tuple((str(row["plan"]), str(row["rule"])) for row in rows),
                services=tuple(dict.fromkeys(str(row["service"]) for row in rows)),
                gain=float(rows[0]["gain"]),
                gain_share=float(rows[0]["gain_share"]),
            )
        )
    return sorted(made, key=lambda one: _gained(one._asdict()), reverse=True)


def why_no_sites(results: Results, plan: str, rule: str) -> str:
    """Why no site is proposed for a rule: the last part of a message ``map.no-sites.…``; blank where one is.

    ``stations``: judged by the catchment of each facility, where further ones belong; ``types``: by the types
    of outlets that each community lacks; ``metres``: by distance; ``not-walked``: not by walking at all;
    ``met``: no community falls short; ``unwanted``: the study asks for none; ``no-place``: no candidate
    brings anybody into reach.
    """
    sites = results.proposals
    if "rule" in sites and ((sites["plan"] == plan) & (sites["rule"] == rule)).any():
        return ""
    kind = str(about_rule(results, plan, rule).get("kind", ""))
    if kind != "travel-time-circle":
        return _REASON_OF_KIND.get(kind, "not-walked")
    findings = results.findings
    short = (findings["plan"] == plan) & (findings["rule"] == rule) & (findings["status"] == "short")
    if not short.any():
        return "met"
    study = results.settings.get("study")
    asked = study.get("proposals", True) if isinstance(study, Mapping) else True
    return "no-place" if asked else "unwanted"


def joint_gains(words: object) -> list[tuple[str, str, int]]:
    """What ``joint_gains`` of `tables.PROPOSALS` says of one site: plan, rule and persons of each other rule.

    Examples
    --------
    >>> joint_gains("hainan/fitness-15 2112; wuhu/fitness-15 2112")
    [('hainan', 'fitness-15', 2112), ('wuhu', 'fitness-15', 2112)]
    """
    pairs = (one.rpartition(" ") for one in str(words or "").split("; ") if one)
    return [(*of.partition("/")[::2], int(persons)) for of, _, persons in pairs]


def _gained(site: Mapping[str, Any]) -> tuple[float, float]:
    """Whom a site brings within reach, unknown numbers last."""
    return tuple(-1.0 if pd.isna(site[name]) else float(site[name]) for name in ("gain", "gain_share"))  # type: ignore[return-value]


def site_place(site: Mapping[str, Any]) -> str:
    """The community a site stands in; its street where the community has no name but its code."""
    name = display_name(site["name"])
    return name if name and name != site.get("code") else display_name(site["street"]) or name


def chosen_words(sites: pd.DataFrame, lang: str) -> str:
    """Among how many places the sites of one rule were chosen, and how far from the best they can be.

    Parameters
    ----------
    sites
        Rows of `tables.PROPOSALS` of one rule and service.
    lang
        zh or en.

    Returns
    -------
    str
        One sentence; blank where nobody knows among how many.
    """
    last = sites.sort_values("rank").iloc[-1]
    if pd.isna(last.get("candidates", np.nan)):
        return ""
    values = {"candidates": whole_words(last["candidates"]), "n": whole_words(len(sites))}
    if pd.isna(last.get("bound", np.nan)) or pd.isna(last["covered"]):
        return text("siting.chosen.among", lang, **values)
    more = math.floor(last["bound"] - last["covered"] + 0.5)
    if more <= 0:
        return text("siting.chosen.proven", lang, **values)
    gained = float(sites["gain"].sum())
    share = figure_words(more / gained, "share", lang) if gained > 0 else "–"
    return text("siting.chosen.open", lang, more=whole_words(more), share=share, **values)


def with_shares(results: Results) -> pd.DataFrame:
    """Proposed sites with their shares, which the curve tells also where nobody counts people.

    Returns
    -------
    DataFrame
        ``proposals``, with ``share`` in reach once a site and those ranked before it are open and
        ``gain_share``, what it newly brings within reach: 0 to 1, by `tables.Inputs.share_basis`; NaN where
        no curve says them.
    """
    sites, curve = pd.DataFrame(results.proposals), results.coverage_curve
    keys = ["plan", "rule", "service"]
    if not len(curve) or not set(keys) <= set(sites):
        return sites.assign(share=np.nan, gain_share=np.nan)
    named = curve.assign(**{name: curve[name].fillna("") for name in keys})
    shares = named.set_index([*keys, "sites"])["share"]
    of = [sites[name].fillna("") for name in keys]
    after, before = (
        shares.reindex(pd.MultiIndex.from_arrays([*of, rank])).to_numpy(np.float64)
        for rank in (sites["rank"], sites["rank"] - 1)
    )
    return sites.assign(share=after, gain_share=after - before)


def gain_words(results: Results, gain: float, share: float, lang: str) -> str:
    """Whom a site newly brings within reach: residents, else the share of what stands in for them."""
    if not pd.isna(gain) or pd.isna(share):
        return whole_words(gain)
    basis = text(f"status.basis.{results.inputs.share_basis}", lang)
    return text("siting.gain-share", lang, share=figure_words(share, "share", lang), basis=basis)
