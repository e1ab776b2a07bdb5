"""What is said of the sites proposed for one rule and service."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import figure_words, whole_words

__all__ = ["chosen_words"]


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
