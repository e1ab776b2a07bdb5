"""Remarks on findings and on the data, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.safe_text import plain_text
from lifecircle.tables import Note, Results

ServiceTitles: TypeAlias = Mapping[str, Mapping[str, str]]
"""Names of services by id and language, as `Results` and `Checked` carry them."""

_SEVERITIES: Final = ("warning", "info")
_OF_SERVICES: Final = frozenset({"not-complete"})
"""Remarks whose value lists services by their ids."""

__all__ = [
    "QualityRemark",
    "file_name",
    "item_words",
    "notes_in_words",
    "quality_by_kind",
    "quality_in_words",
    "remark_words",
]


@dataclass(frozen=True)
class QualityRemark:
    """One kind of remark on the data: its first words, and how often it was made."""

    severity: str
    words: str
    times: int


def notes_in_words(notes: pd.Series, lang: str) -> list[str]:
    """The remarks of each finding as one text; blank where there is none."""
    spoken: dict[tuple[str, str], str] = {}

    def say(note: Note) -> str:
        """One remark, rendered once however often it is made."""
        key = (note.key, repr(note.values))
        if key not in spoken:
            spoken[key] = plain_text(note.render(lang))
        return spoken[key]

    between = _separator(lang)
    return [between.join(say(note) for note in of_row) for of_row in notes]


def quality_in_words(quality: pd.DataFrame, lang: str, services: ServiceTitles) -> pd.DataFrame:
    """Remarks on the data, warnings first.

    Parameters
    ----------
    quality
        ``QUALITY``.
    services
        Names of services by id and language.

    Returns
    -------
    DataFrame
        ``subject, item, severity, kind`` (key of the remark), ``words``, ``count``, and ``x, y`` in the
        study CRS (m, NaN where the remark has no place).
    """
    words = [
        plain_text(
            remark_words(
                row.remark, lang, count=row.number, value=row.value, item=row.item, services=services
            )
        )
        for row in quality.rename(columns={"count": "number"}).itertuples()
    ]
    items = [item_words(item, lang) for item in quality["item"]]
    made = quality.rename(columns={"remark": "kind"}).assign(words=words, item=items)
    order = made["severity"].map({name: place for place, name in enumerate(_SEVERITIES)})
    columns = ["subject", "item", "severity", "kind", "words", "count", "x", "y"]
    return made.assign(order=order).sort_values("order", kind="stable")[columns].reset_index(drop=True)


def quality_by_kind(results: Results, lang: str) -> list[QualityRemark]:
    """Each kind of remark on the data once, warnings first."""
    kinds = quality_in_words(results.inputs.quality, lang, results.services).groupby(
        ["severity", "kind"], sort=False
    )
    return [
        QualityRemark(str(severity), str(rows["words"].iloc[0]), len(rows)) for (severity, _), rows in kinds
    ]


def remark_words(
    remark: str, lang: str, *, count: float, value: object, item: object, services: ServiceTitles
) -> str:
    """One remark on the data, services by their names; how many people are there where that is known."""
    about = {"value": file_name(value), "item": item_words(item, lang)}
    if remark in _OF_SERVICES:
        named = [services.get(name, {}).get(lang, name) for name in str(value).split(", ")]
        about["value"] = text("plans.list-separator", lang).join(named)
    words = text(f"quality.{remark}", lang, count=_count(count), **about)
    if remark.startswith("snap-") and not pd.isna(count):
        words += text("quality.people-there", lang, count=_count(count))
    return words


def item_words(item: object, lang: str) -> object:
    """What a remark is about: a level in words, a file by its name, anything else as it is."""
    return text(level, lang) if has(level := f"plans.unit.{item}") else file_name(item)


def file_name(said: object) -> object:
    """A path of this computer as its file's name: results go to others, who have other folders."""
    words = said if isinstance(said, str) else ""
    absolute = PurePosixPath(words).is_absolute() or PureWindowsPath(words).is_absolute()
    return PureWindowsPath(words).name or said if absolute else said


@cache
def _separator(lang: str) -> str:
    """What parts one remark from the next."""
    return text("workbook.separator", lang)


def _count(value: float) -> str:
    """A count as it is read; blank where nothing was counted."""
    return "" if pd.isna(value) else f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
