"""Remarks on findings and on the data, in the reader's language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Final, TypeAlias

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.safe_text import display_name, plain_text
from lifecircle.outputs.words import whole_words
from lifecircle.tables import Note, Results, verdict_rows

ServiceTitles: TypeAlias = Mapping[str, Mapping[str, str]]
"""Names of services by id and language, as `Results` and `Checked` carry them."""

_SEVERITIES: Final = ("warning", "info")
_OF_SERVICES: Final = frozenset({"not-complete"})
"""Remarks whose value lists services by their ids."""

_OF_COMMUNITIES: Final = frozenset({"community-differs", "streets-sparse"})
"""Remarks on a community, by its code."""

_WHOLE_SOURCES: Final = (
    "osm-streets-alone-people",
    "osm-streets-alone-km",
    "ledger-sheet-unknown",
    "ledger-empty",
    "ledger-unused",
)
"""Remarks that a source, or a sheet of one, is left out as a whole."""

_SERVICES_TOLD: Final = 8

_PROPER: Final = {"osm": "OpenStreetMap"}
_LONGEST_REMARK: Final = 400

__all__ = [
    "QualityRemark",
    "file_name",
    "item_words",
    "notes_in_words",
    "quality_by_kind",
    "quality_in_words",
    "remark_words",
    "what_costs_verdicts",
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


def quality_in_words(
    quality: pd.DataFrame, lang: str, services: ServiceTitles, communities: pd.DataFrame | None
) -> pd.DataFrame:
    """Remarks on the data, warnings first.

    Parameters
    ----------
    quality
        ``QUALITY``.
    services
        Names of services by id and language.
    communities
        With ``code`` and ``name``, as far as they could be read: a remark on one tells both.

    Returns
    -------
    DataFrame
        ``subject, item, severity, kind`` (key of the remark), ``words``, ``count``, and ``x, y`` in the
        study CRS (m, NaN where the remark has no place).
    """
    named: dict[str, str] = {}
    if communities is not None and {"code", "name"} <= set(communities):
        named = dict(zip(communities["code"], communities["name"], strict=True))
    words = [
        plain_text(
            remark_words(
                row.remark,
                lang,
                count=row.number,
                value=row.value,
                item=row.item,
                services=services,
                communities=named,
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
    told = quality_in_words(results.inputs.quality, lang, results.services, results.communities)
    return [
        QualityRemark(str(severity), display_name(rows["words"].iloc[0], most=_LONGEST_REMARK), len(rows))
        for (severity, _), rows in told.groupby(["severity", "kind"], sort=False)
    ]


def what_costs_verdicts(results: Results, lang: str) -> list[str]:
    """Why verdicts lack their data: sources left out as a whole, and services that no source lists.

    Services come in the order of how many verdicts want them, eight of them by name.
    """
    lines = [
        display_name(words, most=_LONGEST_REMARK)
        for words in quality_in_words(
            results.inputs.quality[results.inputs.quality["remark"].isin(_WHOLE_SOURCES)],
            lang,
            results.services,
            results.communities,
        )["words"]
    ]
    verdicts = verdict_rows(results.findings)
    lacking = Counter(
        group
        for notes in verdicts.loc[verdicts["status"] == "no-data", "note"]
        for note in notes
        if note.key == "no-facilities"
        for group in str(note.values.get("services")).split(", ")  # noqa: PD011  # of a Note
    )
    if not lacking:
        return lines
    named = [
        "/".join(results.services.get(name, {}).get(lang, name) for name in group.split("|"))
        for group, _ in lacking.most_common()
    ]
    told = text("plans.list-separator", lang).join(named[:_SERVICES_TOLD])
    if (further := len(named) - _SERVICES_TOLD) > 0:
        told += text("cli.services-further", lang, count=further)
    return [*lines, plain_text(text("cli.no-source-lists", lang, services=told))]


def _community_words(code: str, names: Mapping[str, str], lang: str) -> str:
    """A community by its name and code; by its code alone where it has no other name."""
    name = display_name(names.get(code, ""))
    if not name or name == code:
        return text("quality.community-of-code", lang, code=code)
    return name + text("report.bracketed", lang, words=code)


def remark_words(
    remark: str,
    lang: str,
    *,
    count: float,
    value: object,
    item: object,
    services: ServiceTitles,
    communities: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """One remark on the data, services and communities by their names; people there where that is known."""
    about = {"value": file_name(value), "item": item_words(item, lang)}
    if remark in _OF_COMMUNITIES:
        about["item"] = _community_words(str(item), communities, lang)
    if remark in _OF_SERVICES:
        named = [services.get(name, {}).get(lang, name) for name in str(value).split(", ")]
        about["value"] = text("plans.list-separator", lang).join(named)
    words = text(f"quality.{remark}", lang, count=_count(count), **about)
    if remark.startswith("snap-") and not pd.isna(count):
        words += text("quality.people-there", lang, count=_count(count))
    return words


def item_words(item: object, lang: str) -> object:
    """What a remark is about: a level in words, a file by its name, anything else as it is."""
    if has(level := f"plans.unit.{item}"):
        return text(level, lang)
    return _PROPER.get(str(item)) or file_name(item)


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
    """A count as it is read, people too without decimals; blank where nothing was counted."""
    return "" if pd.isna(value) else f"{value:,.2f}" if 0 < abs(value) < 1 else whole_words(value)
