"""Which of a file's columns is which of ours, and what the file calls it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Final, TypeAlias

import pandas as pd

from lifecircle import messages
from lifecircle.errors import Fault, InputError, closest, preview
from lifecircle.sources.files.cell_values import ERROR_CELL, key, numbers, tidy
from lifecircle.sources.files.quantities import Unit, column_unit, factor_to, parse_unit, split_heading
from lifecircle.sources.log import ReadingLog

__all__ = [
    "FILLED",
    "LATITUDE",
    "LONGITUDE",
    "REPEATED",
    "UNIT_NOTE",
    "UNREAD",
    "UNVALUED",
    "Wanted",
    "choose_columns",
    "find_column",
    "heading_of",
    "names_of",
    "unread_headings",
    "with_distinct_columns",
]

Wanted: TypeAlias = Mapping[str, tuple[str, ...]]
"""Our column to the names a file may give it, most wanted first."""

LONGITUDE = ("x", "lon", "lng", "long", "longitude", "经度", "东经", "easting", "东坐标", "横坐标")
LATITUDE = ("y", "lat", "latitude", "纬度", "北纬", "northing", "北坐标", "纵坐标")

REPEATED: Final = "repeated"
"""Attribute of a frame: heading (as `key` has it) to the columns it stands over, where there are several."""
FILLED: Final = "filled"
"""Attribute of a frame: column to the labels of rows that a merged cell above them fills."""
UNVALUED: Final = "unvalued"
"""Attribute of a frame: column to the addresses of formulas that no program has worked out."""
UNIT_NOTE: Final = "unit-note"
"""Attribute of a frame: what a note above the heading says about units (单位：万人)."""
UNREAD: Final = "unread"
"""Attribute of a frame: headings of the file that were not asked for."""
_HEADINGS: Final = "headings"
_SERIAL: Final = frozenset({"序号", "no", "no.", "num", "fid", "objectid"})


@cache
def names_of(column: str) -> tuple[str, ...]:
    """Our name of a column and its template headings in both languages, with their units and without.

    A column of a plan's own has no heading but its name.
    """
    entry = f"plans.column.{column}"
    headings = [messages.text(entry, lang) for lang in messages.LANGUAGES] if messages.has(entry) else []
    return tuple(dict.fromkeys([column, *headings, *(split_heading(heading)[0] for heading in headings)]))


def heading_of(frame: pd.DataFrame, ours: str, default: str = "") -> str:
    """What the file calls a column that `choose_columns` chose; `default` where nobody kept it."""
    return str(frame.attrs.get(_HEADINGS, {}).get(ours, default or ours))


def unread_headings(frame: pd.DataFrame) -> list[str]:
    """Headings of the file that `choose_columns` was not asked for; none where nobody kept them."""
    return list(frame.attrs.get(UNREAD, ()))


def find_column(names: Iterable[str], candidates: Iterable[str]) -> str | None:
    """The first candidate that a file has: as written, else without regard to case, width and spaces."""
    listed = list(names)
    by_key: dict[str, str] = {}
    for name in listed:
        by_key.setdefault(key(name), name)
    for candidate in candidates:
        if candidate in listed:
            return candidate
        if key(candidate) in by_key:
            return by_key[key(candidate)]
    return None


def with_distinct_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame itself, columns of one name numbered and kept as `REPEATED`, so that none is chosen silently.

    Examples
    --------
    >>> list(with_distinct_columns(pd.DataFrame([[1, 2, 3]], columns=["area", "id", "area"])))
    ['area (1)', 'id', 'area (2)']
    """
    names = [str(name) for name in frame.columns]
    repeated: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(names):
        places = [place for place, other in enumerate(names) if other == name]
        if len(places) > 1:
            for number, place in enumerate(places, 1):
                names[place] = f"{name} ({number})"
            repeated[key(name)] = tuple(names[place] for place in places)
    if repeated:
        frame.columns = pd.Index(names)
        frame.attrs[REPEATED] = repeated
    return frame


def choose_columns(
    frame: pd.DataFrame,
    wanted: Wanted,
    *,
    required: Collection[str],
    file: str,
    layer: str = "",
    log: ReadingLog | None = None,
    subject: str = "area",
) -> pd.DataFrame:
    """The wanted columns under our names, those the file lacks left out.

    A heading matches as written, without regard to case, width and spaces, or but for a unit that fits the
    column. Where several columns answer to one of ours and differ, a text takes the most wanted one and the
    log says so; figures and coordinates are refused, since nobody can tell which is meant.

    Parameters
    ----------
    frame
        Attributes as read; a column ``geometry`` is kept out.
    wanted
        Our names to theirs.
    required
        Our names that must be there.
    file, layer
        For the faults.
    log, subject
        Takes the remarks, under this subject.

    Returns
    -------
    DataFrame
        `heading_of` says what the file calls each column.

    Raises
    ------
    InputError
        With one fault per required column that is not there (naming those that are), and per column that
        the file has several of.
    """
    names = [str(name) for name in frame.columns if name != "geometry"]
    faults, chosen = [], {}
    for ours, candidates in wanted.items():
        theirs = _matches(frame, names, ours, candidates)
        if theirs:
            alternatives = _differing(frame, theirs, ours)
            if len(alternatives) > 1 and _must_be_one(frame, ours, alternatives):
                values = {
                    "choices": ", ".join(alternatives),
                    "count": len(alternatives),
                    "ours": ours,
                    "one": alternatives[-1],
                }
                faults.append(Fault("several-columns", file=file, layer=layer, field=ours, values=values))
            elif len(alternatives) > 1 and log is not None:
                value = f"{alternatives[0]} ({', '.join(alternatives[1:])})"
                log.remark(subject, "column-chosen", item=file, count=len(alternatives), value=value)
            chosen[ours] = alternatives[0]
        elif ours in required:
            # a column that another field goes by is no misspelling of this one
            others = ((field, known) for field, known in wanted.items() if field != ours)
            taken = {name for field, known in others for name in _matches(frame, names, field, known)}
            near = closest(candidates[0], [name for name in names if name not in taken], n=1)
            faults.append(
                Fault(
                    "missing-column",
                    file=file,
                    layer=layer,
                    values={
                        "column": candidates[0],
                        "found": ", ".join(names),
                        "ours": ours,
                        "setting": f"columns.{ours}",
                        "nearest": near[0] if near else "…",
                    },
                )
            )
    faults.extend(_unusable_cells(frame, chosen, file, layer))
    if faults:
        raise InputError(faults)
    table = pd.DataFrame({ours: frame[theirs] for ours, theirs in chosen.items()}, index=frame.index)
    unread = [name for name in names if name not in chosen.values()]
    table.attrs = {_HEADINGS: chosen, UNREAD: unread, UNIT_NOTE: frame.attrs.get(UNIT_NOTE, "")}
    return table


def _unusable_cells(frame: pd.DataFrame, chosen: Mapping[str, str], file: str, layer: str) -> Iterator[Fault]:
    """Formulas without a value, error values, and figures that stand for several rows at once."""
    for ours, theirs in chosen.items():
        if cells := frame.attrs.get(UNVALUED, {}).get(theirs):
            values = {"cells": preview(cells), "count": len(cells)}
            yield Fault("formula-without-value", file=file, layer=layer, field=theirs, values=values)
        if column_unit(ours) and (rows := frame.attrs.get(FILLED, {}).get(theirs)):
            values = {"count": len(rows)}
            yield Fault(
                "figure-in-merged-cells",
                file=file,
                layer=layer,
                row=preview(rows),
                field=theirs,
                values=values,
            )
        if frame[theirs].dtype == object or pd.api.types.is_string_dtype(frame[theirs]):
            failed = [
                isinstance(cell, str) and cell[:1] in {"#", "E"} and bool(ERROR_CELL.fullmatch(cell.strip()))
                for cell in frame[theirs]
            ]
            if any(failed):
                said = sorted({str(cell) for cell, bad in zip(frame[theirs], failed, strict=True) if bad})
                values = {"found": ", ".join(said), "count": sum(failed)}
                rows = preview(frame.index[failed])
                yield Fault("error-cell", file=file, layer=layer, row=rows, field=theirs, values=values)


def _matches(frame: pd.DataFrame, names: list[str], ours: str, candidates: Iterable[str]) -> list[str]:
    """Columns of the file that may be one of ours, most wanted first."""
    repeated: Mapping[str, tuple[str, ...]] = frame.attrs.get(REPEATED, {})
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(key(name), []).append(name)
        bare, unit, _ = split_heading(name)
        if unit and (measure := parse_unit(unit)) and _suits(measure, ours):
            by_key.setdefault(key(bare), []).append(name)
    matching: list[str] = []
    for candidate in candidates:
        folded = key(candidate)
        if candidate in names:
            matching.append(candidate)
        elif folded in repeated:
            matching.extend(repeated[folded])
        else:
            matching.extend(by_key.get(folded, ()))
    return list(dict.fromkeys(matching))


def _suits(measure: Unit, ours: str) -> bool:
    """Whether a unit in a heading may be that of a column of ours."""
    if measure.dimension == "degrees":
        return ours in {"x", "y"}
    return factor_to(measure, column_unit(ours)) is not None


def _differing(frame: pd.DataFrame, theirs: list[str], ours: str) -> list[str]:
    """Columns whose cells are not those of an earlier one; blank ones and running numbers do not compete."""
    if len(theirs) == 1:
        return theirs
    cells = {name: tuple(tidy(cell) for cell in frame[name]) for name in theirs}
    filled = [name for name in theirs if any(cells[name])] or theirs[:1]
    if ours == "id":
        filled = [name for name in filled if key(name) not in _SERIAL] or filled[:1]
    if ours in {"x", "y"}:
        filled = [name for name in filled if _fits_degrees(frame[name])] or filled[:1]
    return list({cells[name]: name for name in reversed(filled)}.values())[::-1]


def _must_be_one(frame: pd.DataFrame, ours: str, alternatives: list[str]) -> bool:
    """Whether a choice would change figures or places, or lies between columns of one heading."""
    repeated = {name for names in frame.attrs.get(REPEATED, {}).values() for name in names}
    return bool(ours in {"x", "y", "code"} or column_unit(ours) or repeated.intersection(alternatives[:2]))


def _fits_degrees(cells: pd.Series) -> bool:
    """Whether a column may hold longitudes or latitudes."""
    figures, _ = numbers(cells)
    return bool(figures.notna().any() and figures.abs().max() <= 180.0)
