"""What is said of the sites proposed for one rule and service."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import figure_words, whole_words
from lifecircle.tables import Results

__all__ = ["chosen_words", "gain_words", "with_shares"]


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
    share = figure_words(more / last["covered"], "share", lang) if last["covered"] > 0 else "–"
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
