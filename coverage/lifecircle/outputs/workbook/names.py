"""The table of names that nobody knows, for the user to edit and the study to read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lifecircle.messages import text
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.writing import plain_workbook
from lifecircle.tables import NAME_COLUMNS, NameDoubt

__all__ = ["write_names"]

_WIDTHS: Final = {"kind": 12, "written": 28, "file": 28, "rows": 18, "suggestion": 28, "use": 28}


def write_names(doubts: Sequence[NameDoubt], path: Path, *, lang: str) -> None:
    """Write one row for each name: where it stands, what it may mean, and ``use``, which the user edits.

    Every cell is text: nothing that a file holds becomes a formula.
    """
    book = plain_workbook(path)
    sheet = book.add_worksheet(text("check.names-sheet", lang))
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(NAME_COLUMNS):
        sheet.set_column(column, column, _WIDTHS[name])
        sheet.write_string(0, column, text(f"check.names-{name}", lang), bold)
    for number, doubt in enumerate(dict.fromkeys(doubts), 1):
        said = {
            "kind": text(f"check.kind-{doubt.kind}", lang),
            "written": doubt.written,
            "file": Path(doubt.file).name,
            "rows": doubt.rows,
            "suggestion": doubt.suggestion,
            "use": doubt.suggestion,
        }
        for column, name in enumerate(NAME_COLUMNS):
            sheet.write_string(number, column, plain_text(said[name]))
    sheet.freeze_panes(1, 0)
    book.close()
