"""``deficits.csv``: the long table, every rule and area, all statuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lifecircle.outputs.remarks import notes_in_words
from lifecircle.outputs.safe_text import decimal_text, safe_cell
from lifecircle.tables import FINDINGS, Results

__all__ = ["each_value", "readable_findings", "write_deficits_csv", "write_findings_csv"]


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
            name: each_value(table[name], decimal_text if column.kind == "number" else safe_cell)
            for name, column in FINDINGS.columns.items()
        }
    )
    written.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def each_value(values: pd.Series, say: Callable[[Any], str]) -> list[str]:
    """A column in words, each different value put into words once."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    words = [say(value) for value in different]
    return [words[code] for code in codes.tolist()]
