"""``deficits.csv``: the long table, every rule and area, all statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from lifecircle.outputs.remarks import notes_in_words
from lifecircle.outputs.safe_text import decimal_text, safe_cell
from lifecircle.tables import FINDINGS, FINDINGS_IN_WORDS

__all__ = ["WithFindings", "each_value", "readable_findings", "write_deficits_csv"]


class WithFindings(Protocol):
    """What is judged: finished results, or a study as soon as it has findings."""

    @property
    def findings(self) -> pd.DataFrame:
        """`tables.FINDINGS`."""

    @property
    def plans(self) -> tuple[Mapping[str, Any], ...]:
        """What outputs say of each plan."""


def readable_findings(judged: WithFindings, lang: str) -> pd.DataFrame:
    """The findings with their notes in words, columns in the published order, further ones left out."""
    table = judged.findings[list(FINDINGS.columns)]
    return table.assign(note=notes_in_words(table["note"], lang))


def write_deficits_csv(judged: WithFindings, path: Path, *, lang: str) -> None:
    """Write every finding, UTF-8 with BOM, so that a Chinese Excel opens it as it is.

    Beside each stand its rule's title and limit. Figures are rounded to six decimals, whole numbers stand
    without a decimal point, unknown ones are blank. Text is as `safe_text.safe_cell` makes it: nothing in it
    can become a formula.
    """
    table = readable_findings(judged, lang)
    about = {(plan["id"], name): rule for plan in judged.plans for name, rule in plan["rules"].items()}
    own = [about.get(key, {}) for key in zip(table["plan"], table["rule"], strict=True)]
    table["title"] = [rule.get("title", {}).get(lang, "") for rule in own]
    for limit in ("cutoff_min", "cutoff_m"):
        table[limit] = pd.Series([rule.get(limit) for rule in own], index=table.index, dtype="float64")
    written = pd.DataFrame(
        {
            name: each_value(table[name], decimal_text if column.kind == "number" else safe_cell)
            for name, column in FINDINGS_IN_WORDS.columns.items()
        }
    )
    written.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def each_value(values: pd.Series, say: Callable[[Any], str]) -> list[str]:
    """A column in words, each different value put into words once."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    words = [say(value) for value in different]
    return [words[code] for code in codes.tolist()]
