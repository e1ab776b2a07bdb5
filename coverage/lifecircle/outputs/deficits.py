"""``deficits.csv``: the long table, every rule and area, all statuses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lifecircle.tables import FINDINGS, Results

__all__ = ["readable_findings", "safe_cell", "write_deficits_csv"]

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: str) -> str:
    """Text that a spreadsheet shows and never computes.

    A leading apostrophe tells every spreadsheet program that text follows; a plain negative number
    needs none.
    """
    return f"'{value}" if value.startswith(_LIVE) else value


def readable_findings(results: Results, lang: str) -> pd.DataFrame:
    """The findings with their notes in words, in the published order of columns."""
    table = results.findings.copy()
    table["note"] = ["; ".join(note.render(lang) for note in notes) for notes in table["note"]]
    return table


def write_deficits_csv(results: Results, path: Path, *, lang: str) -> None:
    """Write every finding, UTF-8 with BOM, so that a Chinese Excel opens it as it is.

    Figures are rounded to six decimals; whole numbers stand without a decimal point.
    """
    table = readable_findings(results, lang)
    for name, column in FINDINGS.columns.items():
        if column.kind == "number":
            table[name] = [_figure(value) for value in table[name]]
        else:
            table[name] = [safe_cell(str(value)) for value in table[name]]
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _figure(value: float) -> str:
    """A number as short as it can be without losing a millionth."""
    return "" if pd.isna(value) else f"{value:.6f}".rstrip("0").rstrip(".") or "0"
