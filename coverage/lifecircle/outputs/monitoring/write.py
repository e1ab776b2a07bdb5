"""``monitoring.xlsx``: indicators of the plans, problems, checklists of communities and circles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.gaps_in_words import gap_figure, gap_unit_word
from lifecircle.outputs.monitoring.indicator_remarks import indicator_remarks
from lifecircle.outputs.monitoring.problem_sheet import (
    column_word,
    heading,
    place_clause,
    problem_columns,
    problem_lead,
    responsible_words,
)
from lifecircle.outputs.remarks import item_words
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import (
    code_word,
    figure_words,
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


def write_monitoring(results: Results, path: Path, *, lang: str) -> None:
    """Write the officer's forms of one run.

    Sheets: indicators of the plans with every year's reported value; problems, each with its place, size,
    clause and a suggested action; the checklist of complete communities; the convenience circles.
    """
    name = study_name(plain_text(results.inputs.name)[:120], lang)
    with plain_workbook(path, title=name, date=study_date(results)) as book:
        sheets = Sheets(book)
        # with how many columns stay in sight, and how many of the last a page has no room for
        forms = {
            "indicators": (_indicator_columns(results, lang), 2, 2),
            "problems": (problem_columns(results, lang), 2, 2),
            "complete": (_complete_columns(results, lang), 2, 1),
            "circles": (_circle_columns(results, lang), 2, 1),
        }
        for key, (columns, frozen, unprinted) in forms.items():
            title = text(f"monitoring.title-{key}", lang, name=name)
            usual = [text(f"monitoring.lead-{key}", lang, date=study_date(results))]
            sheets.add(
                text(f"monitoring.sheet-{key}", lang),
                columns,
                lead=[title, *(problem_lead(results, lang) if key == "problems" else usual)],
                frozen_columns=frozen,
                printed_columns=len(columns) - unprinted,
                pages_wide=2 if key == "circles" else 1,
                cut_note=text("monitoring.printed-part", lang),
                paper=_A3,
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


def _indicator_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per provision: type, baseline, every reported year, present value, target, pace, gap."""
    table = results.monitoring
    rows = list(table.itertuples(index=False))
    years = sorted({year for reported in table["reported"] for year, _ in reported})
    by_year = [dict(reported) for reported in table["reported"]]
    levels = results.findings.groupby(["plan", "rule"], sort=False)["level"].agg(set).to_dict()
    gap_units = [gap_unit(row.deficit_unit, levels.get((row.plan, row.rule), ())) for row in rows]
    titles = [title_of(results, row.plan, row.rule, lang) for row in rows]
    clauses = [place_clause(results, row.plan, row.rule, lang) for row in rows]
    natures = [text(f"monitoring.nature-{row.nature or 'unsaid'}", lang) for row in rows]
    targets = [asked_words(row.comparator, row.target, row.target_max, lang) for row in rows]

    def words(name: str, values: Sequence[object], widest: int, fills: Sequence[str] = ()) -> SheetColumn:
        """A column of text that runs over several lines."""
        return SheetColumn(heading(name, lang), values, wrapped=True, widest=widest, fills=fills)

    def figures(name: str, looks: str, widest: int) -> SheetColumn:
        """A column of figures of the table."""
        values = table[name].tolist()
        return SheetColumn(heading(name, lang), values, looks or _looks(values), widest=widest)

    reported = [
        SheetColumn(
            text("monitoring.column.reported", lang, year=year),
            [values.get(year, math.nan) for values in by_year],
            _looks([values.get(year, math.nan) for values in by_year]),
            widest=9,
        )
        for year in years
    ]
    who = [responsible_words(results, [(row.plan, row.rule)], row.responsible, lang) for row in rows]
    numbers = [float(at + 1) for at in range(len(rows))]
    units_lacking = [
        "" if math.isnan(row.deficit) else gap_unit_word(unit, lang)
        for row, unit in zip(rows, gap_units, strict=True)
    ]
    gaps = [gap_figure(row.deficit, row.deficit_unit) for row in rows]
    # names of departments are long in English, those of indicators short
    return [
        SheetColumn(heading("number", lang), numbers, "whole", widest=6),
        words("indicator", titles, 23 if lang == "zh" else 21),
        words("clause", clauses, 14),
        words("nature", natures, 8),
        words("unit", [unit_word(row.unit, lang) for row in rows], 11),
        figures("baseline", "", 8),
        figures("baseline_year", "year", 7),
        *reported,
        figures("value", "", 9),
        words("target", targets, 8),
        figures("target_year", "year", 7),
        figures("progress", "share", 8),
        figures("expected", "share", 8),
        SheetColumn(heading("deficit", lang), gaps, _looks(gaps), widest=9),
        words("deficit_unit", units_lacking, 11),
        words("conclusion", [_conclusion(row, lang) for row in rows], 14, _fills(table)),
        words("responsible", who, 16 if lang == "zh" else 23),
        words("remark", indicator_remarks(results, lang), 25 if lang == "zh" else 20),
        words("evidence", [_evidence(row.evidence, row.status, lang) for row in rows], 40),
        SheetColumn(heading("plan", lang), [plan_title(results, row.plan, lang) for row in rows]),
    ]


def _looks(values: Sequence[float]) -> list[str]:
    """Whole figures without decimals: 2 communities, and not 2.00."""
    return ["whole" if not math.isfinite(one) or float(one).is_integer() else "decimal" for one in values]


def _conclusion(row: Any, lang: str) -> str:
    """A verdict, and of a shortfall how it stands in time where that can be told."""
    said = conclusion(row.status, row.certainty, lang, whole=math.isfinite(row.target))
    if row.pace in {"", "unknown"}:
        return said
    return text(
        "monitoring.conclusion-paced", lang, conclusion=said, pace=text(f"monitoring.pace-{row.pace}", lang)
    )


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
            words = {"ledger": text(sheet, lang), "column": column_word(column, lang)}
            told.append(text("monitoring.ledger-column", lang, **words))
    return text("plans.list-separator", lang).join(dict.fromkeys(told))


def _file_words(part: str, lang: str) -> str:
    """A file by its name, and the row of it that counts."""
    file, row, number = part.rpartition(" #")
    if row and number.isdigit():
        return text("monitoring.file-row", lang, file=file, row=number)
    return str(item_words(part, lang))


def _complete_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per community, one column per item of the checklist."""
    table = results.checklist
    items = dict(zip(table["rule"], table["item"], strict=True))
    about = table.drop_duplicates("code")
    codes = about["code"].tolist()
    status, value = (table.set_index(["rule", "code"])[name].to_dict() for name in ("status", "value"))
    judged = [rule for rule in items if any(status.get((rule, code)) in _MARK for code in codes)]
    columns = [
        SheetColumn(heading("place", lang), [row.name or row.code for row in about.itertuples()]),
        SheetColumn(heading("township", lang), about["township"].tolist(), widest=14),
        SheetColumn(
            heading("items_met", lang),
            [float(sum(status.get((rule, code)) == "met" for rule in judged)) for code in codes],
            "whole",
        ),
        SheetColumn(
            heading("items_judged", lang),
            [float(sum(status.get((rule, code)) in _MARK for rule in judged)) for code in codes],
            "whole",
        ),
    ]
    for rule, title in items.items():
        own = [str(status.get((rule, code), "")) for code in codes]
        figures = [value.get((rule, code), math.nan) for code in codes]
        marks = [_mark(one, figure, lang) for one, figure in zip(own, figures, strict=True)]
        fills = [_provisional(one) for one in own]
        columns.append(SheetColumn(plain_text(title[lang]), marks, fills=fills, widest=13))
    return [*columns, SheetColumn(heading("code", lang), codes)]


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
            heading("circle", lang), [text(f"monitoring.circle-{kind}", lang) for kind in table["kind"]]
        ),
        SheetColumn(
            heading("place", lang),
            [name or code for name, code in zip(table["name"], table["code"], strict=True)],
        ),
        SheetColumn(heading("residents", lang), table["residents"].tolist(), "whole", widest=11),
        SheetColumn(heading("basic", lang), table["basic"].tolist(), "whole", widest=11),
        SheetColumn(heading("basic_asked", lang), table["basic_asked"].tolist(), "whole", widest=11),
        SheetColumn(heading("quality", lang), table["quality"].tolist(), "whole", widest=11),
        SheetColumn(heading("outlets", lang), table["outlets"].tolist(), "whole", widest=11),
        SheetColumn(
            heading("tier", lang),
            [text(f"monitoring.tier-{tier or 'unknown'}", lang) for tier in table["tier"]],
        ),
    ]
    columns += [
        SheetColumn(
            service_name(results, str(name).removeprefix("n_"), lang), table[name].tolist(), "whole", widest=9
        )
        for name in outlets
    ]
    return [*columns, SheetColumn(heading("code", lang), table["code"].tolist())]


def _fills(table: pd.DataFrame) -> Sequence[str]:
    """Colour of each verdict: a shortfall that better data may undo is paler."""
    pale = (table["status"] == "short") & (table["certainty"] == "provisional")
    return [
        "short-provisional" if one else str(status) for one, status in zip(pale, table["status"], strict=True)
    ]


def _provisional(status: str) -> str:
    """The checklist's figures are unconfirmed, so its shortfalls are."""
    return "short-provisional" if status == "short" else status
