"""What is uncertain about a rule, and what would change it: for the map's page and for both reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.once import once
from lifecircle.outputs.words import code_word, known_words, of_cells, setting_words, whole_words
from lifecircle.tables import CERTAINTY, COMMUNITY_LEVELS, WHOLE_LEVELS, Note, Results

_TURNS: Final = ("turns-met", "turns-short")
_PACE: Final = "elderly_speed_kmh"
_OFTEN = 2
"""Settings named of those that turn verdicts."""

_UNITS: Final = {frozenset({"community"}): "communities", frozenset({"village"}): "villages"}

_STANDS_IN: Final = "cohort-missing"
"""The remark of findings that count others than those their rule is about."""

__all__ = [
    "Uncertainty",
    "people_words",
    "stand_in_short",
    "stand_in_words",
    "stand_ins",
    "stands_on_words",
    "uncertainties",
    "uncertainty_words",
]


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
    provisional_turning
        Those of them that another setting would judge otherwise.
    provisional_settings
        What turns most of them first of all settings, as a remark.
    units
        What is judged: ``communities``, ``villages``, ``both``, or ``cells`` of a grid.
    whole
        ``turns`` or ``holds`` where the whole is judged by a threshold of ours as well, else blank.
    """

    judged: int
    assumed: int
    turning: int
    settings: tuple[str, ...]
    provisional: int
    whole: str
    units: str = "both"
    provisional_turning: int = 0
    provisional_settings: tuple[Note, ...] = ()


def stands_on_words(counts: Sequence[int], lang: str) -> list[str]:
    """What shortfalls stand on: how many are firm, assumed and provisional; one word where all are alike.

    Examples
    --------
    >>> stands_on_words((2, 0, 1), "en"), stands_on_words((0, 3, 0), "en")
    (['2 firm', '1 provisional'], ['by an assumed threshold'])
    """
    told = [(count, certainty) for count, certainty in zip(counts, CERTAINTY, strict=True) if count]
    if len(told) == 1:
        return [code_word(told[0][1], lang)]
    return [
        text("report.priority-certainty", lang, n=whole_words(count), certainty=code_word(one, lang))
        for count, one in told
    ]


def people_words(results: Results, rule: tuple[str, str], people: float | None, lang: str) -> str:
    """Residents affected under the rule of a plan, and in a word who stands in for those that it is about."""
    words = known_words(people, lang)
    return words if people is None or pd.isna(people) else words + stand_in_short(results, rule, lang)


def stand_in_short(results: Results, rule: tuple[str, str], lang: str) -> str:
    """Who stands in for those that a rule is about, in a word behind a figure; blank where nobody does."""
    return text("report.stand-in-short", lang) if stand_in_words(results, *rule, lang) else ""


@once
def stand_in_words(results: Results, plan: str, rule: str, lang: str) -> str:
    """Who is counted in place of those that a rule is about, and at which pace; blank where nobody is."""
    findings = results.findings
    own = findings[(findings["rule"] == rule) & (findings["plan"] == plan)]
    return stand_ins(results, lang, own).get((plan, rule), "")


def stand_ins(
    results: Results, lang: str, findings: pd.DataFrame | None = None
) -> dict[tuple[str, str], str]:
    """The same by plan and rule, of every rule that counts others than those it is about."""
    told: dict[tuple[str, str], str] = {}
    rows = results.findings if findings is None else findings
    pace = results.assumptions.get(_PACE)
    of_rows = zip(rows["plan"], rows["rule"], rows["note"], rows["assumptions"], strict=True)
    for plan, rule, notes, assumed in of_rows:
        if (plan, rule) in told:
            continue
        for note in notes:
            if note.key == _STANDS_IN:
                cohort = text(f"notes.people.{note.values['cohort']}", lang)  # noqa: PD011  # a note's
                walked = pace is not None and f"{_PACE}=" in assumed
                speed = text("report.stand-in-pace", lang, speed=f"{pace:g}") if walked else ""
                told[str(plan), str(rule)] = text("report.stand-in", lang, cohort=cohort) + speed
    return told


@once
def uncertainties(results: Results) -> dict[tuple[str, str], Uncertainty]:
    """`Uncertainty` by plan and rule, of every rule that judges communities."""
    judged = {
        key: rows[rows["status"].isin(["met", "short"])] for key, rows in results.verdicts_by_rule.items()
    }
    cells = of_cells(results)
    return {
        key: _of_rule(rows, cells=cells)
        for key, rows in judged.items()
        if rows["level"].isin(COMMUNITY_LEVELS).any()
    }


def _of_rule(rows: pd.DataFrame, *, cells: bool) -> Uncertainty:
    """What the verdicts of one rule say."""
    judged = rows[rows["level"].isin(COMMUNITY_LEVELS)]
    assumed = judged[judged["certainty"] == "assumed"]
    turning = assumed.loc[assumed["turns_at"] != "", "turns_at"]
    often = turning.str.split("; ").explode().value_counts().index[:_OFTEN]
    whole = rows[rows["level"].isin(WHOLE_LEVELS) & (rows["certainty"] == "assumed")].tail(1)
    turns = "" if whole.empty else "turns" if whole["turns_at"].iloc[0] else "holds"
    provisional = judged[judged["certainty"] == "provisional"]
    # a provisional verdict has no settings in a column of its own: its remark names the first that turns it
    turned = [one for notes in provisional["note"] for one in notes if one.key.startswith(_TURNS)]
    others = [one.values["other"] for one in turned]  # noqa: PD011  # a note's, not a table's
    named = {repr(other): other for other in others if isinstance(other, Note)}
    first = tuple(named[told] for told, _ in Counter(map(repr, others)).most_common(1) if told in named)
    return Uncertainty(
        judged=len(judged),
        assumed=len(assumed),
        turning=len(turning),
        settings=tuple(often),
        provisional=len(provisional),
        whole=turns,
        units="cells" if cells else _UNITS.get(frozenset(judged["level"]), "both"),
        provisional_turning=len(turned),
        provisional_settings=first,
    )


def uncertainty_words(about: Uncertainty, lang: str) -> str:
    """The same as one sentence without its end; blank where nothing is assumed or provisional.

    Examples
    --------
    >>> uncertainty_words(Uncertainty(160, 160, 71, ("mode=bike",), 0, "holds"), "en")
    '71 of 160 communities change verdict under another setting (most often: by bicycle), but not the city \
as a whole'
    """
    said: list[str] = []
    whole = (
        text(f"report.whole-{about.whole}{'-cells' * (about.units == 'cells')}", lang) if about.whole else ""
    )
    if about.turning:
        often = text("report.comma", lang).join(setting_words(one, lang) for one in about.settings)
        values = {"n": whole_words(about.turning), "judged": whole_words(about.judged), "settings": often}
        said.append(text(f"report.would-turn-{about.units}", lang, whole=whole, **values))
    elif about.assumed:
        said.append(text(f"report.would-hold-{about.units}", lang, whole=whole))
    if about.provisional:
        said.append(text(f"report.unsure-{about.units}", lang, n=whole_words(about.provisional)))
    if about.provisional_turning:
        often = text("report.comma", lang).join(one.render(lang) for one in about.provisional_settings)
        said.append(
            text("report.unsure-turns", lang, n=whole_words(about.provisional_turning), settings=often)
        )
    return text("map.semicolon", lang).join(said)
