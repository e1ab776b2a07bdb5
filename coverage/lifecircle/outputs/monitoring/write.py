"""``monitoring.xlsx``: indicators of the plans, problems, checklists of communities and circles."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.gaps_in_words import gap_figure, gap_unit_word, missing_words
from lifecircle.outputs.monitoring.indicator_remarks import indicator_remarks
from lifecircle.outputs.remarks import item_words
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.uncertainty import stand_ins
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import (
    clause_of,
    code_word,
    figure_words,
    level_word,
    plan_title,
    service_name,
    study_name,
    title_of,
    unit_word,
)
from lifecircle.outputs.workbook.sheets import SheetColumn, Sheets
from lifecircle.outputs.writing import plain_workbook
from lifecircle.tables import Results, gap_unit

__all__ = ["asked_words", "conclusion", "write_monitoring"]

_A3: Final = 8
"""The forms are wide: Excel's number of the paper."""

_SIGNS: Final = {">=": "≥", "<=": "≤", "~": "≈"}
_MARK: Final = {"met": "✓", "short": "✗"}
_OF_COLUMNS: Final = frozenset({"equip", "staff"})
"""Actions about what a ledger says of a place, and not about facilities."""

_UNIT_IN_BRACKETS: Final = re.compile(r"（[^（）]*）$| ?\([^()]*\)$")
"""The unit at the end of a heading: 社区工作者（人）."""


def write_monitoring(results: Results, path: Path, *, lang: str) -> None:
    """Write the officer's forms of one run.

    Sheets: indicators of the plans with every year's reported value; problems, each with its place, size,
    clause and a suggested action; the checklist of complete communities; the convenience circles.
    """
    name = study_name(plain_text(results.inputs.name)[:120], lang)
    with plain_workbook(path, title=name, date=study_date(results)) as book:
        sheets = Sheets(book)
        forms = {
            "indicators": (_indicator_columns(results, lang), 3),
            "problems": (_problem_columns(results, lang), 3),
            "complete": (_complete_columns(results, lang), 2),
            "circles": (_circle_columns(results, lang), 3),
        }
        for key, (columns, frozen) in forms.items():
            lead = [
                text(f"monitoring.title-{key}", lang, name=name),
                text(f"monitoring.lead-{key}", lang, date=study_date(results)),
            ]
            sheets.add(
                text(f"monitoring.sheet-{key}", lang), columns, lead=lead, frozen_columns=frozen, paper=_A3
            )


def conclusion(status: str, certainty: str, lang: str, *, whole: bool = True) -> str:
    """A verdict as the form says it: with what it stands on, where it is one.

    Where the plan sets no target for the `whole`, it says that the units are judged one by one.
    """
    word = code_word(status, lang)
    if status not in {"met", "short"}:
        return word
    key = "conclusion" if whole else f"conclusion-each-{status}"
    return text(f"monitoring.{key}", lang, verdict=word, certainty=code_word(certainty, lang))


def asked_words(comparator: str, target: float, target_max: float, lang: str) -> str:
    """A target as a table says it: ``≥ 30``, ``1–3``; blank where the plan has no number."""
    if not math.isfinite(target):
        return ""
    number = figure_words(target, "", lang)
    if comparator == "range":
        return f"{number}–{figure_words(target_max, '', lang)}" if math.isfinite(target_max) else number
    return f"{_SIGNS.get(comparator, comparator)} {number}".strip()


def _heading(name: str, lang: str) -> str:
    """The heading of a column."""
    return text(f"monitoring.column.{name}", lang)


def _indicator_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per provision: type, baseline, every reported year, present value, target, pace, gap."""
    table = results.monitoring
    rows = list(table.itertuples(index=False))
    years = sorted({year for reported in table["reported"] for year, _ in reported})
    by_year = [dict(reported) for reported in table["reported"]]
    levels = results.findings.groupby(["plan", "rule"], sort=False)["level"].agg(set).to_dict()
    gap_units = [gap_unit(row.deficit_unit, levels.get((row.plan, row.rule), ())) for row in rows]
    columns = [
        SheetColumn(_heading("number", lang), [float(at + 1) for at in range(len(rows))], "whole"),
        SheetColumn(
            _heading("indicator", lang),
            [title_of(results, row.plan, row.rule, lang) for row in rows],
        ),
        SheetColumn(_heading("clause", lang), [clause_of(results, row.plan, row.rule, lang) for row in rows]),
        SheetColumn(
            _heading("nature", lang),
            [text(f"monitoring.nature-{row.nature or 'unsaid'}", lang) for row in rows],
        ),
        SheetColumn(_heading("unit", lang), [unit_word(row.unit, lang) for row in rows]),
        SheetColumn(_heading("baseline", lang), table["baseline"].tolist(), "decimal"),
        SheetColumn(_heading("baseline_year", lang), table["baseline_year"].tolist(), "year"),
    ]
    columns += [
        SheetColumn(
            text("monitoring.column.reported", lang, year=year),
            [values.get(year, math.nan) for values in by_year],
            "decimal",
        )
        for year in years
    ]
    columns += [
        SheetColumn(_heading("value", lang), table["value"].tolist(), "decimal"),
        SheetColumn(
            _heading("target", lang),
            [asked_words(row.comparator, row.target, row.target_max, lang) for row in rows],
        ),
        SheetColumn(_heading("target_year", lang), table["target_year"].tolist(), "year"),
        SheetColumn(_heading("progress", lang), table["progress"].tolist(), "share"),
        SheetColumn(_heading("expected", lang), table["expected"].tolist(), "share"),
        SheetColumn(
            _heading("deficit", lang),
            [gap_figure(row.deficit, row.deficit_unit) for row in rows],
            "decimal",
        ),
        SheetColumn(_heading("deficit_unit", lang), [gap_unit_word(unit, lang) for unit in gap_units]),
        SheetColumn(_heading("responsible", lang), [row.responsible for row in rows], wrapped=True),
        SheetColumn(
            _heading("evidence", lang),
            [_evidence(row.evidence, row.status, lang) for row in rows],
            wrapped=True,
        ),
        SheetColumn(
            _heading("conclusion", lang),
            [conclusion(row.status, row.certainty, lang, whole=math.isfinite(row.target)) for row in rows],
            fills=_fills(table),
            wrapped=True,
        ),
        SheetColumn(_heading("plan", lang), [plan_title(results, row.plan, lang) for row in rows]),
        SheetColumn(_heading("remark", lang), indicator_remarks(results, lang), wrapped=True),
    ]
    return columns


def _problem_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per shortfall of a place."""
    table = results.problems
    rows = list(table.itertuples(index=False))
    sizes = [_size(results, row, lang) for row in rows]
    return [
        SheetColumn(_heading("number", lang), [float(at + 1) for at in range(len(rows))], "whole"),
        SheetColumn(_heading("place", lang), [row.name or row.code for row in rows]),
        SheetColumn(_heading("level", lang), [level_word(results, row.level, lang) for row in rows]),
        SheetColumn(_heading("township", lang), [row.township for row in rows]),
        SheetColumn(
            _heading("problem", lang),
            _problems(results, rows, lang),
            wrapped=True,
        ),
        SheetColumn(_heading("size", lang), sizes),
        SheetColumn(_heading("people", lang), table["people"].tolist(), "whole"),
        SheetColumn(_heading("clause", lang), [clause_of(results, row.plan, row.rule, lang) for row in rows]),
        SheetColumn(
            _heading("action", lang),
            [_action(results, row, size, lang) for row, size in zip(rows, sizes, strict=True)],
            wrapped=True,
        ),
        SheetColumn(_heading("responsible", lang), [row.responsible for row in rows], wrapped=True),
        SheetColumn(_heading("certainty", lang), [code_word(row.certainty, lang) for row in rows]),
        SheetColumn(_heading("code", lang), [row.code for row in rows]),
        SheetColumn(_heading("plan", lang), [plan_title(results, row.plan, lang) for row in rows]),
    ]


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


def _evidence(evidence: str, status: str, lang: str) -> str:
    """What a figure rests on: files and their rows by name, columns of ledgers by their headings."""
    told = []
    for part in filter(None, evidence.split(", ")):
        layer, _, column = part.rpartition(".")
        sheet = f"template.sheet.{layer.replace(':', '-')}"
        if layer == "indicators":
            told += [text("monitoring.not-reported", lang)] if status == "no-data" else []
        elif not (has(sheet) and has(f"plans.column.{column}")):
            told.append(_file_words(part, lang))  # the name of a file, or a column of a plan's own
        elif column not in {"scope", "kind"}:
            words = {"ledger": text(sheet, lang), "column": _column_word(column, lang)}
            told.append(text("monitoring.ledger-column", lang, **words))
    return text("plans.list-separator", lang).join(dict.fromkeys(told))


def _file_words(part: str, lang: str) -> str:
    """A file by its name, and the row of it that counts."""
    file, row, number = part.rpartition(" #")
    if row and number.isdigit():
        return text("monitoring.file-row", lang, file=file, row=number)
    return str(item_words(part, lang))


def _column_word(column: str, lang: str) -> str:
    """The heading of a ledger's column; its name where no heading is known."""
    return text(f"plans.column.{column}", lang) if has(f"plans.column.{column}") else column


def _action(results: Results, row: Any, size: str, lang: str) -> str:
    """What would mend a shortfall, in one sentence: services that are missing, or a ledger's columns."""
    groups = [group.split("|") for group in row.missing.split(", ") if group]
    named = ["/".join(service_name(results, one, lang) for one in group) for group in groups]
    asked = [_column_word(one, lang) for one in row.columns.split("|") if one]
    of_columns = row.action in _OF_COLUMNS or not named
    shown = [_UNIT_IN_BRACKETS.sub("", one) for one in asked] if of_columns else named
    what = text("plans.list-separator", lang).join(shown) or text("monitoring.what-is-missing", lang)
    return text(
        f"monitoring.action-{row.action}", lang, what=what, size=size or text("monitoring.as-needed", lang)
    )


def _complete_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per community, one column per item of the checklist."""
    table = results.checklist
    items = dict(zip(table["rule"], table["item"], strict=True))
    about = table.drop_duplicates("code")
    codes = about["code"].tolist()
    status, value = (table.set_index(["rule", "code"])[name].to_dict() for name in ("status", "value"))
    judged = [rule for rule in items if any(status.get((rule, code)) in _MARK for code in codes)]
    columns = [
        SheetColumn(_heading("place", lang), [row.name or row.code for row in about.itertuples()]),
        SheetColumn(_heading("township", lang), about["township"].tolist()),
        SheetColumn(
            _heading("items_met", lang),
            [float(sum(status.get((rule, code)) == "met" for rule in judged)) for code in codes],
            "whole",
        ),
        SheetColumn(
            _heading("items_judged", lang),
            [float(sum(status.get((rule, code)) in _MARK for rule in judged)) for code in codes],
            "whole",
        ),
    ]
    for rule, title in items.items():
        own = [str(status.get((rule, code), "")) for code in codes]
        figures = [value.get((rule, code), math.nan) for code in codes]
        marks = [_mark(one, figure, lang) for one, figure in zip(own, figures, strict=True)]
        columns.append(SheetColumn(plain_text(title[lang]), marks, fills=[_provisional(one) for one in own]))
    return [*columns, SheetColumn(_heading("code", lang), codes)]


def _mark(status: str, value: float, lang: str) -> str:
    """An item as the checklist shows it: met, missing, or the figure of what is only reported."""
    if status == "report-only" and math.isfinite(value):
        return figure_words(value, "", lang)
    return _MARK.get(status, code_word(status, lang) if status else "")


def _circle_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per convenience circle."""
    table = results.circle_sheet
    outlets = [name for name in table.columns if str(name).startswith("n_")]
    columns = [
        SheetColumn(
            _heading("circle", lang), [text(f"monitoring.circle-{kind}", lang) for kind in table["kind"]]
        ),
        SheetColumn(
            _heading("place", lang),
            [name or code for name, code in zip(table["name"], table["code"], strict=True)],
        ),
        SheetColumn(_heading("residents", lang), table["residents"].tolist(), "whole"),
        SheetColumn(_heading("basic", lang), table["basic"].tolist(), "whole"),
        SheetColumn(_heading("basic_asked", lang), table["basic_asked"].tolist(), "whole"),
        SheetColumn(_heading("quality", lang), table["quality"].tolist(), "whole"),
        SheetColumn(_heading("outlets", lang), table["outlets"].tolist(), "whole"),
        SheetColumn(
            _heading("tier", lang),
            [text(f"monitoring.tier-{tier or 'unknown'}", lang) for tier in table["tier"]],
        ),
    ]
    columns += [
        SheetColumn(service_name(results, str(name).removeprefix("n_"), lang), table[name].tolist(), "whole")
        for name in outlets
    ]
    return [*columns, SheetColumn(_heading("code", lang), table["code"].tolist())]


def _fills(table: pd.DataFrame) -> Sequence[str]:
    """Colour of each verdict: a shortfall that better data may undo is paler."""
    pale = (table["status"] == "short") & (table["certainty"] == "provisional")
    return [
        "short-provisional" if one else str(status) for one, status in zip(pale, table["status"], strict=True)
    ]


def _provisional(status: str) -> str:
    """The checklist's figures are unconfirmed, so its shortfalls are."""
    return "short-provisional" if status == "short" else status
