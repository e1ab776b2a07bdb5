"""The ledger of problems: a row per place and shortfall, and why its people are not the headlines'."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from lifecircle.messages import has, text
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.uncertainty import stand_ins
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import (
    about_rule,
    clause_of,
    code_word,
    level_word,
    plan_short,
    plan_title,
    service_name,
    title_of,
    titled,
    whole_words,
)
from lifecircle.outputs.workbook.sheets import SheetColumn
from lifecircle.tables import WIDE_LEVELS, Results, verdict_rows

__all__ = [
    "PeopleTold",
    "column_word",
    "heading",
    "people_told",
    "place_clause",
    "problem_columns",
    "problem_lead",
    "responsible_words",
]

_OF_COLUMNS: Final = frozenset({"equip", "staff"})
"""Actions about what a ledger says of a place, and not about facilities."""

_UNIT_IN_BRACKETS: Final = re.compile(r"（[^（）]*）$| ?\([^()]*\)$")
"""The unit at the end of a heading: 社区工作者（人）."""

_SAME_PEOPLE: Final = 0.5
"""Sums of people that differ by less are the same."""


class PeopleTold(NamedTuple):
    """Residents that the ledger and the headlines tell of one target.

    Attributes
    ----------
    plan, rule
        The headline target.
    ledger
        Residents of its rows in the ledger.
    elsewhere
        Residents beyond the limit who live where the target is met, whom only the headline counts.
    headline
        Residents that the headline tells: the sum of both.
    """

    plan: str
    rule: str
    ledger: float
    elsewhere: float
    headline: float


def heading(name: str, lang: str) -> str:
    """The heading of a column of the forms."""
    return text(f"monitoring.column.{name}", lang)


def problem_lead(results: Results, lang: str) -> list[str]:
    """The lines above the ledger: what a row is, how it is sorted, and whom its people are."""
    lines = [text("monitoring.lead-problems", lang, date=study_date(results))]
    table = results.problems
    if (table["also"] != "").any():
        lines.append(text("monitoring.lead-problems-also", lang))
    if (table["pace"] != "").any():
        lines.append(text("monitoring.lead-problems-pace", lang))
    lines.append(text("monitoring.lead-problems-people", lang))
    if table["people"].isna().any():
        lines.append(text("monitoring.lead-problems-blank", lang))
    for one in people_told(results):
        values = {
            "ledger": whole_words(one.ledger),
            "elsewhere": whole_words(round(one.headline) - round(one.ledger)),
            "headline": whole_words(one.headline),
        }
        title = titled(results, one.plan, one.rule, lang)
        lines.append(text("monitoring.lead-problems-sum", lang, title=title, **values))
    return lines


def people_told(results: Results) -> list[PeopleTold]:
    """The headline targets of which the ledger tells fewer people than the headline does, and why."""
    rows = verdict_rows(results.findings)
    met = rows[(rows["status"] == "met") & ~rows["level"].isin(WIDE_LEVELS)]
    beyond = met.groupby(["plan", "rule"])["population_short"].sum()
    table = results.problems
    asked = [{f"{row.plan}/{row.rule}", *row.also.split("; ")} for row in table.itertuples(index=False)]
    told = []
    for row in results.headlines.itertuples(index=False):
        key = f"{row.plan}/{row.rule}"
        ledger = float(table.loc[[key in one for one in asked], "people"].sum())
        elsewhere = float(beyond.get((row.plan, row.rule), 0.0))
        if elsewhere >= _SAME_PEOPLE and abs(ledger + elsewhere - row.people) < _SAME_PEOPLE:
            told.append(PeopleTold(str(row.plan), str(row.rule), ledger, elsewhere, float(row.people)))
    return told


def problem_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per shortfall of a place; the last columns are for whoever joins tables."""
    table = results.problems
    rows = list(table.itertuples(index=False))
    sizes = [_size(results, row, lang) for row in rows]
    actions = [_action(results, row, size, lang) for row, size in zip(rows, sizes, strict=True)]
    names = [row.name or row.code for row in rows]
    pace = [text(f"monitoring.pace-{row.pace}", lang) if row.pace else "" for row in rows]
    certainty = [code_word(row.certainty, lang) for row in rows]
    levels = [level_word(results, row.level, lang) for row in rows]
    who = [responsible_words(results, _asked(row), row.responsible, lang) for row in rows]
    numbers = [float(at + 1) for at in range(len(rows))]

    def words(name: str, values: Sequence[object], widest: int) -> SheetColumn:
        """A column of text that runs over several lines."""
        return SheetColumn(heading(name, lang), values, wrapped=True, widest=widest)

    return [
        SheetColumn(heading("number", lang), numbers, "whole", widest=6),
        words("place", names, 17),
        words("level", levels, 12),
        words("township", [row.township for row in rows], 12),
        words("problem", _problems(results, rows, lang), 31),
        words("size", sizes, 14),
        SheetColumn(heading("people", lang), table["people"].tolist(), "whole", widest=11),
        words("pace", pace, 10),
        words("action", actions, 32),
        words("responsible", who, 23),
        words("certainty", certainty, 12),
        words("clause", [_clauses(results, row, lang) for row in rows], 22),
        SheetColumn(heading("code", lang), [row.code for row in rows]),
        SheetColumn(heading("plan", lang), [_plans(results, row, lang) for row in rows]),
    ]


def place_clause(results: Results, plan: str, rule: str, lang: str) -> str:
    """Where in its plan a provision stands; with the plan where the study has several."""
    clause = clause_of(results, plan, rule, lang)
    if len(results.plans) < 2:  # one plan needs no name
        return clause
    return text("monitoring.clause-of", lang, plan=plan_short(results, plan, lang), clause=clause)


def responsible_words(results: Results, asked: Sequence[tuple[str, str]], departments: str, lang: str) -> str:
    """The departments that plans name for their clauses, by their names in one language; else that none is.

    Parameters
    ----------
    results
        The finished study.
    asked
        Plan and rule of the clauses.
    departments
        As the table of the forms has them, where the plans do not say who is responsible for what.
    lang
        zh or en.
    """
    named: dict[str, None] = {}
    for plan, rule in asked:
        entry = next((one for one in results.plans if one["id"] == plan), {})
        known = {name["zh"]: name[lang] for name in entry.get("departments", ())}
        responsible: Any = about_rule(results, plan, rule).get("responsible", ())
        named |= dict.fromkeys(plain_text(known.get(one, one)) for one in responsible)
    told = text("monitoring.departments-separator", lang).join(named)
    return told or departments or text("monitoring.responsible-unsaid", lang)


def column_word(column: str, lang: str) -> str:
    """The heading of a ledger's column; its name where no heading is known."""
    return text(f"plans.column.{column}", lang) if has(f"plans.column.{column}") else column


def _asked(row: Any) -> list[tuple[str, str]]:
    """Plan and rule of every provision that a row stands for."""
    others = (one.partition("/") for one in row.also.split("; ") if one)
    return [(row.plan, row.rule), *((plan, rule) for plan, _, rule in others)]


def _clauses(results: Results, row: Any, lang: str) -> str:
    """Every clause that a row stands for, plan by plan."""
    told = (place_clause(results, plan, rule, lang) for plan, rule in _asked(row))
    return text("map.semicolon", lang).join(dict.fromkeys(told))


def _plans(results: Results, row: Any, lang: str) -> str:
    """Titles of the plans that a row stands for."""
    told = (plan_title(results, plan, lang) for plan, _ in _asked(row))
    return text("map.semicolon", lang).join(dict.fromkeys(told))


def _problems(results: Results, rows: Sequence[Any], lang: str) -> list[str]:
    """The rule that each place falls short of, and who stands in for the people that it is about."""
    told = {
        key: text("report.bracketed", lang, words=words) for key, words in stand_ins(results, lang).items()
    }
    return [
        text("monitoring.problem", lang, title=title_of(results, row.plan, row.rule, lang))
        + told.get((row.plan, row.rule), "")
        for row in rows
    ]


def _size(results: Results, row: Any, lang: str) -> str:
    """What is missing, with its unit; blank where that is not known."""
    if not math.isfinite(row.deficit):
        return ""
    return missing_words(results, (row.plan, row.rule), row.deficit, row.deficit_unit, lang, to_reach=False)


def _action(results: Results, row: Any, size: str, lang: str) -> str:
    """What would mend a shortfall, in one sentence: services that are missing, or a ledger's columns."""
    groups = [group.split("|") for group in row.missing.split(", ") if group]
    named = ["/".join(service_name(results, one, lang) for one in group) for group in groups]
    asked = [column_word(one, lang) for one in row.columns.split("|") if one]
    of_columns = row.action in _OF_COLUMNS or not named
    shown = [_UNIT_IN_BRACKETS.sub("", one) for one in asked] if of_columns else named
    comma = text("plans.list-separator", lang)
    what = comma.join(shown) or text("monitoring.what-is-missing", lang)
    values = {"what": what, "size": size or text("monitoring.as-needed", lang)}
    if row.action != "equip":
        return text(f"monitoring.action-{row.action}", lang, **values)
    # what a column of a ledger says is no thing to be counted: of a place it is put in place, of several
    # facilities as many of them
    if row.level == "facility":
        return text("monitoring.action-equip-here", lang, **values)
    if named and row.deficit_unit == "facilities":
        return text("monitoring.action-equip-facilities", lang, service=comma.join(named), **values)
    return text("monitoring.action-equip", lang, **values)
