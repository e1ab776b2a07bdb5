"""Ledgers as ``lifecircle template`` lays them out: every sheet or .csv file a ledger known by its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pandas as pd

from lifecircle import messages
from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.area_figures import AreaLedger, area_columns, area_figures, columns_of
from lifecircle.sources.figures import code_column, named_codes
from lifecircle.sources.files.archives import SHEETS
from lifecircle.sources.files.cell_values import key, texts
from lifecircle.sources.files.columns import unread_headings
from lifecircle.sources.files.opening import local_file
from lifecircle.sources.files.sheets import read_sheet, sheet_names
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.place_names import declared_scope, unit_kind
from lifecircle.study.area import AreaColumns
from lifecircle.study.sections import FacilitySource, Indicators, Workbook
from lifecircle.tables import PARENT_LEVELS

__all__ = ["CHOICES_SHEET", "Ledgers", "read_workbook"]

CHOICES_SHEET: Final = "_choices"
"""Where a template keeps what its drop-downs offer; never read."""

_TEXTS: Final = ("name", "kind", "scope")
_SHEET: Final = "template.sheet."


@dataclass(frozen=True)
class Ledgers:
    """What one file holds: ledgers of areas as read, and where its other ledgers are to be read."""

    areas: tuple[AreaLedger, ...] = ()
    facilities: tuple[FacilitySource, ...] = field(default=())
    indicators: tuple[Indicators, ...] = field(default=())


def read_workbook(source: Workbook, log: ReadingLog, columns: Collection[str] | None = None) -> Ledgers:
    """Read a filled template, or one of its sheets kept as a .csv file.

    Parameters
    ----------
    source
        An .xlsx file, or a .csv file called as the sheet would be (``communities.csv``). Ledgers without
        rows are left out; sheets that are no ledger are remarked upon.
    log
        Takes remarks, and faults that leave the rest readable.
    columns
        ``layer.column`` names that plans of the user's own add to ours.

    Raises
    ------
    InputError
        If the file cannot be used, holds no ledger, or one of them twice.
    """
    file = str(source.source)
    local_file(source.source, suffixes=SHEETS)
    is_book = _is_book(source)
    every = sheet_names(source.source) if is_book else [source.source.stem]
    names = [name for name in every if name != CHOICES_SHEET]
    layers = {name: _layer_of_sheet(name) for name in names}
    known = {name: layer for name, layer in layers.items() if layer}
    if not known:
        if not is_book:
            known_files = ", ".join(f"{layer}.csv" for layer in dict.fromkeys(_layers().values()))
            raise InputError(Fault("no-ledger-file", file=file, values={"known": known_files}))
        sheets = ", ".join(messages.text(name, "zh") for name in _sheet_messages())
        raise InputError(
            Fault("no-ledger-sheet", file=file, values={"found": ", ".join(names), "known": sheets})
        )
    twice = [name for name, layer in known.items() if list(known.values()).count(layer) > 1]
    if twice:
        raise InputError(Fault("ledger-sheet-twice", file=file, values={"found": ", ".join(twice)}))
    if unread := [name for name, layer in layers.items() if not layer]:
        log.remark("area", "ledger-sheet-unknown", item=file, value=", ".join(unread), severity="warning")
    filled = {
        layer: name for name, layer in known.items() if len(read_sheet(source.source, layer=name).frame)
    }
    if not filled:
        log.remark("area", "ledger-empty", item=file, severity="warning")
    areas = []
    for layer, sheet in filled.items():
        if layer not in {"facilities", "indicators"}:
            with log.collecting(source.source):
                areas.append(_areas(source, layer, sheet, log, columns_of(layer, columns)))
    return Ledgers(tuple(areas), *_elsewhere(source, filled))


def _elsewhere(
    source: Workbook, filled: Mapping[str, str]
) -> tuple[tuple[FacilitySource, ...], tuple[Indicators, ...]]:
    """Sheets of facilities and of indicators, as the sources that their own readers take."""
    facilities = tuple(
        FacilitySource(
            source=str(source.source),
            layer=_sheet(source, filled[layer]),
            service_column="service",
            datum=source.datum,
            crs=source.crs,
            complete_for=source.complete_for,
        )
        for layer in ("facilities",)
        if layer in filled
    )
    indicators = tuple(
        Indicators(source=source.source, layer=_sheet(source, filled[layer]))
        for layer in ("indicators",)
        if layer in filled
    )
    return facilities, indicators


def _areas(
    source: Workbook, layer: str, sheet: str, log: ReadingLog, own: tuple[str, ...] | None
) -> AreaLedger:
    """One ledger of areas."""
    file = f"{source.source}: {sheet}" if _is_book(source) else str(source.source)
    wanted, _ = area_columns(AreaColumns(), own)
    layer_there = _sheet(source, sheet)
    raw = read_table(source.source, log, subject="area", wanted=wanted, required={"code"}, layer=layer_there)
    code = named_codes(raw, "code", log, subject="area", file=file)
    figures = area_figures(raw, log, file=file, own=own)
    for name in _TEXTS:
        if name in raw:
            figures[name] = texts(raw[name])
    for name in PARENT_LEVELS:
        if name in raw:
            figures[name] = code_column(raw, name, log, subject="area", file=file)
    if layer != "communities":
        if "scope" in figures:
            figures["scope"] = [declared_scope(value) or "" for value in figures["scope"]]
        if "kind" in figures and not layer.startswith("areas:"):
            figures["kind"] = [unit_kind(value) or value for value in figures["kind"]]
    _remark_unread(raw, figures, log, file)
    table = figures.set_axis(pd.Index(code.to_numpy(), name="code"))
    return AreaLedger(layer, file, table[~table.index.duplicated()])


def _remark_unread(raw: pd.DataFrame, figures: pd.DataFrame, log: ReadingLog, file: str) -> None:
    """Say what a ledger tells in vain: all of it, or columns that nobody knows by their headings."""
    unread = unread_headings(raw)
    headings = preview(texts(pd.Series(unread, dtype=object)))
    if not (figures.notna() & (figures != "")).any(axis=None):
        log.remark("area", "ledger-unused", item=file, value=headings, severity="warning")
    elif unread:
        log.remark("area", "ledger-columns-unread", item=file, count=len(unread), value=headings)


def _is_book(source: Workbook) -> bool:
    """Whether the file has sheets, and is not one table itself."""
    return source.source.suffix.lower() == ".xlsx"


def _sheet(source: Workbook, name: str) -> str:
    """The sheet to ask a reader for: ``""`` where the file is the ledger."""
    return name if _is_book(source) else ""


def _layer_of_sheet(name: str) -> str:
    """The layer a sheet is about, ``""`` where its name says none."""
    return _layers().get(key(name), name if name.startswith("areas-") else "").replace("areas-", "areas:", 1)


@cache
def _layers() -> Mapping[str, str]:
    """Names of sheets in every language, as they compare, to the layer."""
    layers = {}
    for message in _sheet_messages():
        layer = message.removeprefix(_SHEET)
        for name in (layer, *(messages.text(message, lang) for lang in messages.LANGUAGES)):
            layers[key(name)] = layer
    return layers


def _sheet_messages() -> list[str]:
    """Messages that are names of sheets."""
    every = messages.keys()
    return [message for message in every if message.startswith(_SHEET)]
