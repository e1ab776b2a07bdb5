"""An empty workbook for an office to fill in: the ledgers that some plans need, column by column.

What is filled in is read back by ``[[ledgers]]`` of a study (`sources.workbooks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from lifecircle import messages
from lifecircle.errors import Fault, InputError
from lifecircle.plans import LedgerColumn, Plan, ledger_columns
from lifecircle.services import catalogue
from lifecircle.sources.files.workbooks import CHOICES_SHEET

__all__ = ["write_template"]

_ROWS: Final = 20_000
"""Rows that drop-downs and checks reach: more than a province has villages."""
_LONGEST_LIST: Final = 250
"""Excel takes no longer list of choices within a cell's own rule."""
_PARTED: Final = re.compile(r"[;；、|,]")
_SIGNED: Final = frozenset({"x", "y", "value"})
_MESSAGE_OF_CHOICE: Final = {
    "kind": "plans.unit.{}",
    "scope": "plans.scope.{}",
}


def write_template(plans: Iterable[Plan], path: Path, *, lang: str) -> Path:
    """Write an empty workbook with one sheet per ledger that the plans need.

    Headings are in one language, with the rules that need a column as its comment; columns of codes are
    text; yes and no, services and the like are chosen from lists; figures below zero are refused.

    Parameters
    ----------
    plans
        Their needs are joined.
    path
        An .xlsx file, replaced where it exists.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If the file is not named .xlsx or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(Fault("template-not-xlsx", file=str(path)))
    from lifecircle.outputs import replaced_file  # noqa: PLC0415  folium is slow to import

    with replaced_file(path) as fresh:
        _write(ledger_columns(plans), fresh, lang)
    return path


def _write(ledgers: Mapping[str, Sequence[LedgerColumn]], path: Path, lang: str) -> None:
    """The workbook, one sheet per ledger."""
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "tmpdir": str(path.parent)}
    )
    styles = {
        "required": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#FFE699", "border": 1}),
        "plain": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DDEBF7", "border": 1}),
        "text": book.add_format({"num_format": "@"}),
    }
    sheets = {layer: book.add_worksheet(_sheet_name(layer, lang)) for layer in ledgers}
    choices = book.add_worksheet(CHOICES_SHEET)
    choices.hide()
    listed = 0
    for layer, columns in ledgers.items():
        sheet = sheets[layer]
        sheet.freeze_panes(1, 2)
        sheet.set_row(0, 48)
        for number, column in enumerate(columns):
            _heading(sheet, number, column, styles, lang)
            words = [_choice_word(column.name, choice, lang) for choice in column.choices]
            if len(",".join(words)) > _LONGEST_LIST:
                choices.write_column(0, listed, words)
                cells = xlsxwriter.utility.xl_range_abs(0, listed, len(words) - 1, listed)
                sheet.data_validation(1, number, _ROWS, number, _from_list(f"={CHOICES_SHEET}!{cells}", lang))
                listed += 1
            elif words:
                sheet.data_validation(1, number, _ROWS, number, _from_list(words, lang))
            elif column.kind == "number":
                sheet.data_validation(1, number, _ROWS, number, _number(column, lang))
    book.close()


def _sheet_name(layer: str, lang: str) -> str:
    """What a sheet is called; the areas of a plan's own by their kind."""
    key = f"template.sheet.{layer.replace(':', '-')}"
    return messages.text(key, lang) if messages.has(key) else layer.replace(":", "-")[:31]


def _heading(sheet: Any, number: int, column: LedgerColumn, styles: dict[str, Any], lang: str) -> None:
    """One heading, who needs it, and how its cells are kept."""
    sheet.write_string(0, number, column.heading(lang), styles["required" if column.required else "plain"])
    rules = ", ".join(column.rules)
    words = messages.text("template.needed-by", lang, rules=rules) if rules else ""
    if not column.required and not rules:
        words = messages.text("template.optional", lang)
    if words:
        sheet.write_comment(0, number, words, {"x_scale": 2.5})
    sheet.set_column(number, number, 18, styles["text"] if column.kind == "text" else None)


def _choice_word(column: str, choice: str, lang: str) -> str:
    """A choice as people say it; one whose words would part a cell, or that has none, by its id."""
    if column == "service":
        name = catalogue()[choice][lang]
        return choice if _PARTED.search(name) else name
    key = _MESSAGE_OF_CHOICE.get(column, "plans.choice.{}").format(choice)
    return messages.text(key, lang) if messages.has(key) else choice


def _from_list(source: list[str] | str, lang: str) -> dict[str, Any]:
    """A drop-down; a cell of several services is warned about, not refused."""
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": messages.text("template.choice-title", lang),
    }


def _number(column: LedgerColumn, lang: str) -> dict[str, Any]:
    """A figure: nothing below zero but coordinates and reported values."""
    least = -1e12 if column.name in _SIGNED else 0
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": least,
        "maximum": 1e12,
        "error_type": "warning",
        "error_title": messages.text("template.number-title", lang),
        "error_message": messages.text("template.number", lang),
    }
