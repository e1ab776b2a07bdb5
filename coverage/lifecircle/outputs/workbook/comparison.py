"""The changes between two runs as a workbook or a CSV file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.gaps_in_words import gap_unit_word
from lifecircle.outputs.remarks import notes_in_words
from lifecircle.outputs.safe_text import decimal_text, safe_cell
from lifecircle.outputs.words import code_word, unit_word
from lifecircle.outputs.workbook.sheets import SheetColumn, Sheets
from lifecircle.outputs.writing import plain_workbook

__all__ = ["write_comparison"]


def write_comparison(changes: pd.DataFrame, path: Path, *, lang: str) -> None:
    """Write a table of changes, one row per finding that changed, the causes in words.

    ``.csv``: columns and codes as they are, UTF-8 with BOM. Else a workbook of one sheet, headings and
    codes in words. No text in either can become a formula.
    """
    table = changes.assign(causes=notes_in_words(changes["causes"], lang))
    if path.suffix.lower() == ".csv":
        written = {
            name: [decimal_text(value) for value in table[name]]
            if pd.api.types.is_numeric_dtype(table[name])
            else [_blank(value) for value in table[name]]
            for name in table
        }
        pd.DataFrame(written).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        return
    with plain_workbook(path) as book:
        columns = [_column(table, str(name), lang) for name in table]
        Sheets(book).add(text("compare.sheet", lang), columns, frozen_columns=7)


def _column(table: pd.DataFrame, name: str, lang: str) -> SheetColumn:
    """One column under its heading."""
    heading = next(
        (text(key, lang) for key in (f"compare.column.{name}", f"workbook.column.{name}") if has(key)), name
    )
    values = table[name]
    if pd.api.types.is_numeric_dtype(values):
        return SheetColumn(heading, values.tolist(), "whole" if name.startswith("people") else "decimal")
    fills = list(values.fillna("")) if name.startswith("status_") else ()
    return SheetColumn(
        heading, [_word(name, _blank(value), lang) for value in values], fills=fills, wrapped=name == "causes"
    )


def _word(name: str, value: str, lang: str) -> str:
    """A code of one column in words."""
    if name == "change":
        return text(f"compare.change.{value}", lang)
    if name in {"unit", "deficit_unit"}:
        return (gap_unit_word if name == "deficit_unit" else unit_word)(value, lang)
    return code_word(value, lang) if name.startswith(("status_", "certainty_", "level")) else value


def _blank(value: object) -> str:
    """Text of a cell; nothing where it is not known."""
    return safe_cell(value) if isinstance(value, str) else ""
