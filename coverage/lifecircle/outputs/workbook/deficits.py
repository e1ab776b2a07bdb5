"""``deficits.csv``: the long table, every rule and area, all statuses."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lifecircle.outputs.remarks import notes_in_words
from lifecircle.outputs.safe_text import decimal_text, safe_cell
from lifecircle.tables import FINDINGS, Results

__all__ = ["readable_findings", "write_deficits_csv", "write_findings_csv"]


def readable_findings(results: Results, lang: str) -> pd.DataFrame:
    """The findings with their notes in words, columns in the published order, further ones left out."""
    return _readable(results.findings, lang)


def _readable(findings: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`readable_findings` of the table alone."""
    table = findings[list(FINDINGS.columns)]
    return table.assign(note=notes_in_words(table["note"], lang))


def write_deficits_csv(results: Results, path: Path, *, lang: str) -> None:
    """Write every finding of finished results: `write_findings_csv`."""
    write_findings_csv(results.findings, path, lang=lang)


def write_findings_csv(findings: pd.DataFrame, path: Path, *, lang: str) -> None:
    """Write every finding, UTF-8 with BOM, so that a Chinese Excel opens it as it is.

    Figures are rounded to six decimals, whole numbers stand without a decimal point, unknown ones are
    blank. Text is as `safe_text.safe_cell` makes it: nothing in it can become a formula.
    """
    table = _readable(findings, lang)
    written = pd.DataFrame(
        {
            name: [decimal_text(value) for value in table[name]]
            if column.kind == "number"
            else _safe(table[name])
            for name, column in FINDINGS.columns.items()
        }
    )
    written.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _safe(values: pd.Series) -> list[str]:
    """A column of text, each different value made safe once."""
    known = {value: safe_cell(value) for value in pd.unique(values)}
    return [known[value] for value in values]
