"""What is uncertain about a rule, and what would change it: for the map's page and for both reports."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import setting_words, whole_words
from lifecircle.tables import COMMUNITY_LEVELS, WHOLE_LEVELS, Results

_OFTEN = 2
"""Settings named of those that turn verdicts."""

__all__ = ["Uncertainty", "uncertainties", "uncertainty_words"]


class Uncertainty(NamedTuple):
    """How firmly communities are judged under one rule.

    Attributes
    ----------
    judged
        Communities with a verdict.
    assumed
        Those judged by a threshold of ours.
    turning
        Those of them that another setting would judge otherwise.
    settings
        What turns most of them, the most frequent first.
    provisional
        Communities whose verdict is provisional.
    whole
        ``turns`` or ``holds`` where the whole is judged by a threshold of ours as well, else blank.
    """

    judged: int
    assumed: int
    turning: int
    settings: tuple[str, ...]
    provisional: int
    whole: str


def uncertainties(results: Results) -> dict[tuple[str, str], Uncertainty]:
    """`Uncertainty` by plan and rule, of every rule that judges communities."""
    judged = {
        key: rows[rows["status"].isin(["met", "short"])] for key, rows in results.verdicts_by_rule.items()
    }
    return {key: _of_rule(rows) for key, rows in judged.items() if rows["level"].isin(COMMUNITY_LEVELS).any()}


def _of_rule(rows: pd.DataFrame) -> Uncertainty:
    """What the verdicts of one rule say."""
    judged = rows[rows["level"].isin(COMMUNITY_LEVELS)]
    assumed = judged[judged["certainty"] == "assumed"]
    turning = assumed.loc[assumed["turns_at"] != "", "turns_at"]
    often = turning.str.split("; ").explode().value_counts().index[:_OFTEN]
    whole = rows[rows["level"].isin(WHOLE_LEVELS) & (rows["certainty"] == "assumed")].tail(1)
    turns = "" if whole.empty else "turns" if whole["turns_at"].iloc[0] else "holds"
    provisional = int((judged["certainty"] == "provisional").sum())
    return Uncertainty(len(judged), len(assumed), len(turning), tuple(often), provisional, turns)


def uncertainty_words(about: Uncertainty, lang: str) -> str:
    """The same as one sentence without its end; blank where nothing is assumed or provisional.

    Examples
    --------
    >>> uncertainty_words(Uncertainty(160, 160, 71, ("mode=bike",), 0, "holds"), "en")
    '71 of 160 communities would be judged otherwise under another setting (most often: by bicycle), but \
the city as a whole would not'
    """
    said: list[str] = []
    whole = text(f"report.whole-{about.whole}", lang) if about.whole else ""
    if about.turning:
        often = text("report.comma", lang).join(setting_words(one, lang) for one in about.settings)
        values = {"n": whole_words(about.turning), "judged": whole_words(about.judged), "settings": often}
        said.append(text("report.would-turn", lang, whole=whole, **values))
    elif about.assumed:
        said.append(text("report.would-hold", lang, whole=whole))
    if about.provisional:
        said.append(text("report.unsure", lang, n=whole_words(about.provisional)))
    return text("map.semicolon", lang).join(said)
