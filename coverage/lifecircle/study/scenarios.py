"""Scenarios of a study file: their parts as files, or as rows in the study file itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Discriminator, Field, Tag, model_validator

from lifecircle.study.numbers import NO_TRUTH, Amount
from lifecircle.study.sections import ONE_OR_MORE, Datum, StudyTable, TableCrs, Text, one_system

__all__ = [
    "FILE_OR_ROWS",
    "ChangedCapacity",
    "DrawnStreet",
    "Lat",
    "Lon",
    "MovedFacility",
    "PlacedFacility",
    "ScenarioChange",
    "ScenarioFile",
]

_Degrees = Annotated[float, NO_TRUTH, Field(allow_inf_nan=False)]

Lon = Annotated[_Degrees, Field(ge=-180, le=180)]

Lat = Annotated[_Degrees, Field(ge=-90, le=90)]


class PlacedFacility(StudyTable):
    """``[[scenarios.add]]``: a new facility, written into the study file itself."""

    facility: Text
    """Its id."""
    service: Text
    lon: Lon
    lat: Lat
    name: str = ""
    capacity: Amount | None = None


class MovedFacility(StudyTable):
    """``[[scenarios.move]]``: a facility and its new place."""

    facility: Text
    lon: Lon
    lat: Lat


class DrawnStreet(StudyTable):
    """``[[scenarios.open_streets]]`` and ``close_streets``: a line by its vertices, longitude first."""

    line: Annotated[tuple[tuple[Lon, Lat], ...], Field(min_length=2)]
    name: str = ""
    """Of a street that opens."""


class ChangedCapacity(StudyTable):
    """``[[scenarios.capacity]]``: what a facility can take instead."""

    facility: Text
    capacity: Amount


FILE_OR_ROWS: Final = ("in-file", "in-rows")
"""Marks of the two ways to write a part of a scenario; no place of a fault names them."""


def _file_or_rows(value: object) -> str:
    """Which of `FILE_OR_ROWS` a part of a scenario is."""
    return FILE_OR_ROWS[isinstance(value, list | tuple)]


_InFile = Annotated[Path, Tag(FILE_OR_ROWS[0])]

_Added = Annotated[
    _InFile | Annotated[tuple[PlacedFacility, ...], Tag(FILE_OR_ROWS[1])], Discriminator(_file_or_rows)
]

_Moved = Annotated[
    _InFile | Annotated[tuple[MovedFacility, ...], Tag(FILE_OR_ROWS[1])], Discriminator(_file_or_rows)
]

_Drawn = Annotated[
    _InFile | Annotated[tuple[DrawnStreet, ...], Tag(FILE_OR_ROWS[1])], Discriminator(_file_or_rows)
]


class ScenarioChange(StudyTable):
    """``[[scenarios]]``: a change to be assessed beside the present state.

    Its parts are files, or rows in the study file itself.
    """

    name: Text
    add: _Added | None = None
    close: Annotated[tuple[str, ...], ONE_OR_MORE] = ()
    move: _Moved | None = None
    crs: TableCrs | None = None
    """System of the columns x and y of the tables `add` and `move`."""
    datum: Datum = "wgs84"
    """Of the files `add`, `move`, `open_streets` and `close_streets`."""
    open_streets: _Drawn | None = None
    close_streets: _Drawn | None = None
    capacity: tuple[ChangedCapacity, ...] = ()

    @model_validator(mode="after")
    def _places(self) -> ScenarioChange:
        """Its tables have one system."""
        return one_system(self)


class ScenarioFile(StudyTable):
    """A file of scenarios: nothing but ``[[scenarios]]``."""

    scenarios: Annotated[tuple[ScenarioChange, ...], Field(min_length=1)]
