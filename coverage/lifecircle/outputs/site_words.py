"""What is said of the sites proposed for one rule and service."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

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
    "chosen_words",
    "gain_words",
    "joint_gains",
    "site_place",
    "why_no_sites",
    "with_shares",
]


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
