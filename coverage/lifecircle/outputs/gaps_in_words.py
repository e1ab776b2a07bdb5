"""What is missing, as a reader sees it: percentage points of a share, residents to reach, units by name."""

from __future__ import annotations

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import about_rule, figure_beside, number_beside, unit_word, whole_words
from lifecircle.tables import Results, gap_unit, is_circle

__all__ = ["counts_residents", "gap_figure", "gap_unit_word", "gap_words", "missing_words"]


def gap_words(gap: float | None, unit: str, lang: str) -> str:
    """What is missing, with its unit: of a share so many percentage points. What is missing is never nothing.

    Examples
    --------
    >>> gap_words(32.5, "%", "en"), gap_words(0.02, "%", "zh"), gap_words(8_789.4, "persons", "en")
    ('32.5 percentage points', '0.02个百分点', '8,789 people')
    """
    return figure_beside(gap, 0.0, gap_unit(unit), lang)


def gap_figure(gap: float, unit: str) -> float:
    """The number that `gap_words` shows, for a cell of a sheet; NaN where unknown.

    Examples
    --------
    >>> gap_figure(145_225.681505, "persons"), gap_figure(32.5482, "%")
    (145226.0, 32.5)
    """
    return gap if pd.isna(gap) else float(number_beside(gap, 0.0, gap_unit(unit)).replace(",", ""))


def gap_unit_word(unit: str, lang: str) -> str:
    """The unit of a gap in words, where its figure stands elsewhere."""
    return unit_word(gap_unit(unit), lang)


def counts_residents(results: Results, rule: tuple[str, str], unit: str) -> bool:
    """Whether what is missing under the rule of a plan are residents to reach."""
    return unit == "persons" and is_circle(str(about_rule(results, *rule).get("kind", "")))


def missing_words(
    results: Results,
    rule: tuple[str, str],
    deficit: float | None,
    unit: str,
    lang: str,
    *,
    to_reach: bool = True,
) -> str:
    """What is missing under the rule of a plan: of a circle residents `to_reach`, else its unit."""
    if to_reach and counts_residents(results, rule, unit) and deficit is not None and not pd.isna(deficit):
        return text("report.to-reach", lang, n=whole_words(deficit))
    if unit == "units":
        of_rule = (results.findings["plan"] == rule[0]) & (results.findings["rule"] == rule[1])
        unit = gap_unit(unit, results.findings.loc[of_rule, "level"])
    return gap_words(deficit, unit, lang)
