"""What checking a study comes to: its faults, its remarks on the data, and what could be placed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import pandas as pd

from lifecircle.errors import Fault
from lifecircle.tables.inputs import Inputs

__all__ = ["NAME_COLUMNS", "Checked", "NameDoubt"]

NAME_COLUMNS: Final = ("kind", "written", "file", "rows", "suggestion", "use")
"""Columns of the table of names, in order: the user edits `use`."""


@dataclass(frozen=True)
class NameDoubt:
    """A name as a file writes it that nobody knows.

    Attributes
    ----------
    kind : str
        ``service`` or ``community``.
    written, file, rows : str
        The name, and where it stands.
    suggestion : str
        Id of the service or code of the community whose name is most like it; blank where none is.
    """

    kind: str
    written: str
    file: str
    rows: str
    suggestion: str


@dataclass(frozen=True)
class Checked:
    """Everything that reading a study says, whether or not it can be run.

    Attributes
    ----------
    name : str
        The study's name.
    faults : tuple of Fault
        What keeps it from being run; empty where nothing does.
    quality : DataFrame
        ``QUALITY``: every remark made until reading ended.
    files : tuple of mapping
        Every file that could be read.
    boundary, communities : GeoDataFrame or None
        Placed in the study's system; None where they could not be read.
    inputs : Inputs or None
        Everything read, where there is no fault.
    doubts : tuple of NameDoubt
        Names that nobody knows, with what they may mean.
    services : mapping
        Names of services by id and language, for those who read the remarks.
    """

    name: str
    faults: tuple[Fault, ...]
    quality: pd.DataFrame
    files: tuple[Mapping[str, object], ...]
    boundary: gpd.GeoDataFrame | None
    communities: gpd.GeoDataFrame | None
    inputs: Inputs | None
    doubts: tuple[NameDoubt, ...] = ()
    services: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
