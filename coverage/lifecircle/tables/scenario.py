"""A change to be assessed beside the present state, and the tables of what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Final, Literal, TypeAlias

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, InputError, shown
from lifecircle.folders import write_text
from lifecircle.tables.crs import WGS84
from lifecircle.tables.scenario_file import scenario_rows, scenario_toml
from lifecircle.tables.spec import Column, TableSpec

__all__ = ["EFFECTS", "GAINERS", "SCENARIOS", "Scenario", "placed_rows"]

Rows: TypeAlias = gpd.GeoDataFrame | Sequence[tuple[object, ...]]

_ADDED = ("service", "geometry", "capacity", "name")
_MOVED = ("facility", "geometry")
_RESIZED = ("facility", "capacity")


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """A change of facilities or streets to be assessed; everything else, people included, stays as it is.

    Attributes
    ----------
    name : unique among the scenarios of a study
    add : new facilities: a table in any CRS with ``service`` and perhaps ``facility`` (its id), ``name``,
        ``public`` and the figures of a ledger (``capacity``, ``floor_area_m2`` ...); or rows ``(service,
        point[, capacity[, name]])``, points in degrees, longitude first
    close : ids of facilities that are no longer there
    move : where facilities are instead: a table with ``facility``, or rows ``(facility, point)`` in degrees
    open_streets : lines in any CRS that can be walked both ways; their ends join the streets near them
    close_streets : lines, polygons or points in any CRS: what they touch is closed; or ids of edges
    capacity : what facilities can take instead: rows ``(facility, capacity)``, or a mapping
    kind : ``study``, or ``proposal`` where a model chose the sites
    source : the file that asks for it, for messages

    Raises
    ------
    InputError
        With every part that is not what it should be: a name that is none, a number where a list is meant,
        streets to open that are no table.

    Examples
    --------
    >>> import lifecircle as lc
    >>> plan = lc.Scenario(name="a pharmacy more", add=[("pharmacy", (110.015, 0.005))], close=["A"])
    >>> plan.added["service"].tolist(), list(plan.close), plan.changes_streets
    (['pharmacy'], ['A'], False)
    """

    name: str = "scenario"
    add: Rows = ()
    close: Sequence[str] = ()
    move: Rows = ()
    open_streets: gpd.GeoDataFrame | gpd.GeoSeries | None = None
    close_streets: gpd.GeoDataFrame | gpd.GeoSeries | Sequence[str] | None = None
    capacity: Mapping[str, float] | Sequence[tuple[str, float]] = ()
    kind: Literal["study", "proposal"] = "study"
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse parts that would be taken for something else; one id stands for a list of one."""
        faults = Faults()
        for part in ("close", "close_streets"):
            if isinstance(only := getattr(self, part), str):
                object.__setattr__(self, part, (only,))
        if not (isinstance(self.name, str) and self.name):
            faults.add(Fault("scenario-name", file=self.source, values={"found": shown(self.name)}))
        for part in ("add", "close", "move", "close_streets", "capacity"):
            given = getattr(self, part)
            left_out = part == "close_streets" and given is None
            if not left_out and (isinstance(given, str) or not isinstance(given, Sized)):
                faults.add(self._fault("scenario-no-list", part, given))
        if not isinstance(self.open_streets, gpd.GeoDataFrame | gpd.GeoSeries | None):
            faults.add(self._fault("scenario-no-table", "open_streets", self.open_streets))
        faults.raise_if_any()

    def write(self, path: str | Path) -> None:
        """Write the scenario as a TOML file, which a study's ``scenario_files`` reads back.

        Parameters
        ----------
        path
            The file; one that is there is replaced.

        Raises
        ------
        InputError
            With everything that such a file cannot say: facilities that are no points, columns beyond id,
            service, name and capacity, streets closed by a polygon, a point or an id.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> import lifecircle as lc
        >>> file = Path(tempfile.mkdtemp()) / "east.toml"
        >>> lc.Scenario(name="east", close=["A"]).write(file)
        >>> file.read_text(encoding="utf-8").splitlines()[-1]
        'close = ["A"]'
        """
        require("path", path=path)
        words = scenario_toml(self.name, [str(name) for name in self.close], scenario_rows(self))
        try:
            write_text(Path(path), words)
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError(Fault("output-unwritable", file=str(path), values={"why": why})) from None

    def _fault(self, key: str, part: str, given: object) -> Fault:
        """One part that is something else."""
        return Fault(key, file=self.source, field=f"{self.name}.{part}", values={"found": shown(given)})

    @property
    def added(self) -> gpd.GeoDataFrame:
        """New facilities as a table."""
        return placed_rows(self.add, _ADDED)

    @property
    def moved(self) -> gpd.GeoDataFrame:
        """Facilities that move, as a table."""
        return placed_rows(self.move, _MOVED)

    @property
    def capacities(self) -> list[tuple[str, object]]:
        """Ids of facilities whose capacity is another, and that capacity.

        Raises
        ------
        InputError
            A row that is no pair.
        """
        if isinstance(self.capacity, Mapping):
            return [(str(name), value) for name, value in self.capacity.items()]
        for row in self.capacity:
            if not (isinstance(row, tuple) and len(row) == 2):
                values = {"found": shown(row), "wanted": ", ".join(_RESIZED)}
                raise InputError(Fault("scenario-pair", values=values))
        return [(str(name), value) for name, value in self.capacity]

    @property
    def changes_streets(self) -> bool:
        """Whether any street is opened or closed."""
        parts = (self.open_streets, self.close_streets)
        return any(part is not None and len(part) > 0 for part in parts)


def placed_rows(rows: Rows, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Rows of values as a table in WGS 84; a table as it is.

    Raises
    ------
    InputError
        A table without places; a row that is no tuple, has other than two to all values, or whose place is
        neither a shape nor a pair of numbers.

    Examples
    --------
    >>> table = placed_rows([("pharmacy", (110.0, 0.5))], ["service", "geometry"])
    >>> table["service"].tolist(), table.geometry.to_wkt().tolist()
    (['pharmacy'], ['POINT (110 0.5)'])
    """
    if isinstance(rows, gpd.GeoDataFrame):
        return rows
    wanted = ", ".join(columns)
    if isinstance(rows, pd.DataFrame):
        raise InputError(Fault("scenario-row", values={"found": "DataFrame", "wanted": wanted}))
    known: dict[str, list[object]] = {name: [] for name in columns}
    for row in rows:
        usable = isinstance(row, tuple) and 2 <= len(row) <= len(columns)
        if not usable or not _is_place(row[columns.index("geometry")]):
            raise InputError(Fault("scenario-row", values={"found": shown(row), "wanted": wanted}))
        for name, value in zip(columns, (*row, *[None] * (len(columns) - len(row))), strict=True):
            pair = name == "geometry" and isinstance(value, tuple)
            known[name].append(shapely.Point(value) if pair else value)
    places = known.pop("geometry")
    values = {name: pd.Series(column, dtype=object) for name, column in known.items()}
    return gpd.GeoDataFrame(values, geometry=places, crs=WGS84)


def _is_place(value: object) -> bool:
    """A shape, a pair of numbers, or nothing, which is a fault of the row's own."""
    if isinstance(value, tuple):
        return len(value) == 2 and all(isinstance(number, Real) for number in value)
    return value is None or isinstance(value, shapely.Geometry)


SCENARIOS: Final = TableSpec(
    "scenarios",
    {
        "scenario": Column("id", "name of the scenario, unique within a run"),
        "kind": Column("id", "study: of the study file; proposal: sites a model proposed"),
        "facilities_added": Column("count", "facilities it adds or moves here"),
        "facilities_closed": Column("count", "facilities it closes or moves away"),
        "streets_opened_m": Column("number", "length of streets it opens", "m"),
        "streets_closed_m": Column("number", "length of streets it closes", "m"),
        "turned_met": Column("count", "verdicts of an area under a rule that go from short to met"),
        "turned_short": Column("count", "verdicts that go from met to short"),
        "people_reached": Column(
            "number",
            "residents who come into reach of at least one service; blank where residents are unknown",
            nullable=True,
        ),
        "cost": Column(
            "number",
            "facilities added or moved and streets opened, by [costs]; blank where any of them has none",
            nullable=True,
        ),
        "cost_per_person": Column(
            "number", "cost / people_reached; blank where nobody comes into reach", nullable=True
        ),
    },
    optional={
        "verdicts_kept": Column("count", "verdicts that lack their data afterwards and stand as before"),
        "newly_judged": Column("count", "verdicts without data as things are that the scenario has data for"),
        "newly_short": Column("count", "of those newly judged, the ones that are short"),
    },
    key=("scenario",),
)
"""One row per scenario that was assessed beside the present state."""

EFFECTS: Final = TableSpec(
    "effects",
    {
        "scenario": Column("id", "name of the scenario"),
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "level": Column("id", "level of the area judged"),
        "code": Column("id", "code of the area"),
        "name": Column("text", "its name", nullable=True),
        "service": Column("text", "service of the row; '' for the verdict over all of them", nullable=True),
        "status_before": Column("text", "status as things are"),
        "status_after": Column("text", "status under the scenario"),
        "value_before": Column("number", "value as things are", nullable=True),
        "value_after": Column("number", "value under the scenario", nullable=True),
        "deficit_before": Column("number", "deficit as things are", nullable=True),
        "deficit_after": Column("number", "deficit under the scenario", nullable=True),
        "deficit_unit": Column("text", "unit of both", nullable=True),
        "people_before": Column("number", "residents short as things are", "persons", nullable=True),
        "people_after": Column("number", "residents short under the scenario", "persons", nullable=True),
        "newly_reached": Column(
            "number",
            "net: people_before less people_after, negative where more are short",
            "persons",
            nullable=True,
        ),
    },
    key=("scenario", "plan", "rule", "level", "code", "service"),
)
"""Findings that a scenario changes (status, value, deficit or people short), those that help most people
first within each scenario. Findings that stay as they are have no row."""

GAINERS: Final = TableSpec(
    "gainers",
    {
        "scenario": Column("id", "name of the scenario"),
        "service": Column("id", "service whose walks it changes"),
        "cohort": Column("id", "residents | over60 | under3, each at its own speed"),
        "people": Column(
            "number", "people of the cohort in the study's communities", "persons", nullable=True
        ),
        "cutoff_min": Column("number", "minutes that count as in reach", "min"),
        "reached_before": Column("number", "of them, in reach as things are", "persons", nullable=True),
        "reached_after": Column("number", "of them, in reach under the scenario", "persons", nullable=True),
        "newly_reached": Column(
            "number", "gross: in reach under the scenario and not as things are", "persons", nullable=True
        ),
        "no_longer_reached": Column(
            "number", "in reach as things are and not under the scenario", "persons", nullable=True
        ),
        "gini_before": Column("number", "Gini of the minutes of who is reached as things are", nullable=True),
        "gini_after": Column("number", "Gini of the minutes of who is reached after", nullable=True),
        "palma_before": Column("number", "Palma ratio of the same minutes as things are", nullable=True),
        "palma_after": Column("number", "Palma ratio of the same minutes after", nullable=True),
    },
    key=("scenario", "service", "cohort"),
)
"""Who gains and who loses under each scenario. Gini and Palma are of those whom any facility reaches."""
