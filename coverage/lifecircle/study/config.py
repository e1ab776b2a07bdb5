"""The study file: a frozen model of every table and key, as docs/study-file.md documents them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.arguments import require
from lifecircle.study.area import Area, UnitLayer
from lifecircle.study.assumptions import Assumptions
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.study.sections import (
    Buildings,
    Costs,
    FacilitySource,
    Indicators,
    MapSettings,
    Population,
    ProfileSettings,
    ServiceOfOnesOwn,
    Streets,
    StudyHead,
    StudyTable,
    Workbook,
)

__all__ = ["Study"]


class _MadeOfTables(type(StudyTable)):  # type: ignore[misc]  # pydantic's metaclass has no public name
    """Lets ``Study(...)`` take tables, networks and plans that are in memory, too."""

    def __call__(cls, *args: Any, **given: Any) -> Any:
        """A study of its file's tables, else of what is in memory."""
        tables = all(
            isinstance(value, Mapping | BaseModel | tuple | Path) and not _holds_things(value)
            for value in given.values()
        )
        if args or (given.keys() <= cls.model_fields.keys() and tables):
            return super().__call__(*args, **given)
        from lifecircle.study.memory import study_from_memory  # noqa: PLC0415  # it needs this model

        return study_from_memory(**given)


def _holds_things(value: object) -> bool:
    """Whether a table of a study holds a frame, a graph or a network in place of a file, however deep."""
    if isinstance(value, Mapping):
        return any(map(_holds_things, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_things, value))
    return any(hasattr(value, name) for name in ("iloc", "adjacency", "street_table"))


class Study(StudyTable, metaclass=_MadeOfTables):
    """One study: the tables of a study file, or what is in memory.

    Paths are absolute after reading; `root` is the study file's folder. Made in Python, a study takes its
    tables (``study=…, area=…, streets=…``) as a study file has them, or things in memory in place of files.
    Nothing is written then, and ids and codes come back in the results as they were given.

    Parameters
    ----------
    area
        The boundary: a GeoDataFrame or GeoSeries in any CRS, a polygon in degrees, or a path.
    streets
        A `Network` (as `read_streets` or `from_networkx` makes it), a networkx graph of osmnx, a GeoDataFrame
        of lines, or a path.
    communities
        A GeoDataFrame with ``code`` (and ``name``, ``population`` …), a path, or a grid such as ``h3:8`` or
        ``square:500m`` (the default is ``h3:8``).
    facilities
        A GeoDataFrame with a column ``service``; or a mapping of services to GeoDataFrames, GeoSeries or
        paths; or ``"streets"`` for those of the OpenStreetMap extract whose path is given as
        ``streets`` (a `Network` holds streets and no places). Ids are the column ``id``, else the index
        where it has a name.
    complete_for
        Services that the facilities list completely.
    population
        A GeoDataFrame of points with a column ``population``, or the path of a raster or of points.
    plan, plans
        Ids of packaged plans, paths, or plans as `load_plan` returns them; one or several.
    name, output, language, jurisdiction, as_of, covers_whole, proposals
        As in ``[study]``.
    mode, barriers, elevation
        As in ``[streets]``.
    buildings, indicators, costs, assumptions, profiles, services, scenarios, areas, ledgers, map
        The tables of the study file of these names; wherever they name a file, a GeoDataFrame will do.

    Raises
    ------
    StudyError
        With every argument that is unknown or of a type that nothing can be made of.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> corners = grid_places({"a": (0, 0), "b": (900, 900)}).geometry
    >>> study = lc.Study(
    ...     area=corners.union_all().envelope,
    ...     streets=grid_network(10, 10),
    ...     communities="square:300m",
    ...     facilities={"pharmacy": grid_places({"A": (100, 100)})},
    ...     plan="mofcom-circle-2021",
    ... )
    >>> round(float(lc.prepare(study).present.travel.minutes["pharmacy"].max()), 1)
    23.6
    >>> import tempfile
    >>> lc.Study.from_file(lc.example_study(tempfile.mkdtemp())).study.plans
    ('mofcom-circle-2021',)
    """

    study: StudyHead
    area: Area
    areas: tuple[UnitLayer, ...] = ()
    streets: Streets
    population: Population = Population()
    buildings: Buildings | None = None
    services: tuple[ServiceOfOnesOwn, ...] = ()
    facilities: tuple[FacilitySource, ...] = ()
    ledgers: tuple[Workbook, ...] = ()
    indicators: Indicators | None = None
    costs: Costs = Costs()
    assumptions: Assumptions = Assumptions()
    scenarios: tuple[ScenarioChange, ...] = ()
    map: MapSettings = MapSettings()
    profiles: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], ProfileSettings] = Field(
        default_factory=dict
    )
    root: Path = Path()
    """Folder of the study file."""
    path: Path | None = None
    """The study file itself, None when the study was made in Python."""
    memory: Mapping[str, Any] = Field(default_factory=dict, exclude=True, repr=False)
    """Things in memory, by the names that stand where paths would."""

    def __repr__(self) -> str:
        """One line: its name, its plans, what it reads."""
        plans = ", ".join(self.study.plans)
        return f"<{type(self).__name__} {self.study.name!r} plans={plans} streets={self.streets.source}>"

    __str__ = __repr__

    @classmethod
    def from_file(cls, path: str | Path, *, allow_outside: bool = False) -> Study:
        """Read and check a study file.

        Parameters
        ----------
        path
            A TOML file as docs/study-file.md describes it.
        allow_outside
            Whether its paths may leave the folder it lies in.

        Raises
        ------
        StudyError
            With every fault of the file: unknown keys (and the nearest valid ones), wrong values,
            paths that lead outside.
        MissingInputError
            If the file is not there.
        """
        require("path", path=path)
        from lifecircle.study.reading import read_study  # noqa: PLC0415  # the reader needs this model

        return read_study(Path(path), allow_outside=allow_outside)

    @model_validator(mode="before")
    @classmethod
    def _one_mode(cls, data: Any) -> Any:
        """``streets.mode`` and ``assumptions.mode`` are one choice: whichever is given holds for both."""
        if not isinstance(data, Mapping) or not isinstance(data.get("streets"), Mapping):
            return data
        assumed = data.get("assumptions", {})
        if not isinstance(assumed, Mapping):
            return data
        routed, judged = data["streets"].get("mode"), assumed.get("mode")
        listed: dict[str, Any] = {}
        if isinstance(routed, list | tuple) and routed:
            if len(set(map(str, routed))) < len(routed):
                raise PydanticCustomError("study-modes-twice", "a mode is named twice")
            listed, routed = {"modes": tuple(routed)}, routed[0]
            judged = routed if isinstance(judged, list | tuple) else judged
        if routed is not None and judged is not None and routed != judged:
            raise PydanticCustomError("study-two-modes", "streets.mode and assumptions.mode differ")
        mode = routed or judged
        if mode is None:
            return data
        return {
            **data,
            "streets": {**data["streets"], "mode": mode, **listed},
            "assumptions": {**assumed, "mode": mode},
        }

    @property
    def input_paths(self) -> tuple[Path, ...]:
        """Files that the study reads, in the order of its tables."""
        tables = self.model_dump(exclude={"study", "assumptions", "map", "root", "path", "memory"})
        own_plans = [Path(plan) for plan in self.study.plans if plan.endswith(".toml")]
        names = [] if self.study.names is None else [self.study.names]
        return (*_paths_in(tables), *self.study.scenario_files, *own_plans, *names)

    @model_validator(mode="before")
    @classmethod
    def _one_speed_of_older_people(cls, data: Any) -> Any:
        """``profiles.elderly.speed_kmh`` is the assumption ``elderly_speed_kmh``."""
        profiles = data.get("profiles") if isinstance(data, Mapping) else None
        elderly = profiles.get("elderly") if isinstance(profiles, Mapping) else None
        assumed = data.get("assumptions", {}) if isinstance(data, Mapping) else None
        if not isinstance(elderly, Mapping) or not isinstance(assumed, Mapping):
            return data
        speed = elderly.get("speed_kmh")
        return data if speed is None else {**data, "assumptions": {**assumed, "elderly_speed_kmh": speed}}

    @model_validator(mode="after")
    def _slopes_need_heights(self) -> Study:
        """A limit on slopes that nobody knows would close nothing, silently."""
        steep = any(profile.max_slope is not None for profile in self.profiles.values())
        if steep and self.streets.elevation is None:
            raise PydanticCustomError("study-slope-without-heights", "max_slope needs streets.elevation")
        return self

    def in_mode(self, mode: Literal["walk", "bike", "drive"]) -> Study:
        """The same study in one mode, at that mode's own speed."""
        if mode == self.streets.mode:
            return self.model_copy(update={"streets": self.streets.model_copy(update={"modes": ()})})
        streets = self.streets.model_copy(update={"mode": mode, "modes": (), "speed_kmh": None})
        assumptions = self.assumptions.model_copy(update={"mode": mode})
        return self.model_copy(update={"streets": streets, "assumptions": assumptions})

    def keeping(self, *, cache: bool | None) -> Study:
        """The same study that keeps all it can for the next run, or nothing; as it says itself where None."""
        if cache is None:
            return self
        head = self.study.model_copy(update={"cache": cache})
        streets = self.streets.model_copy(update={"cache": cache})
        return self.model_copy(update={"study": head, "streets": streets})

    @property
    def speed_kmh(self) -> float:
        """Speed of the network: the streets table's own, else that of the mode (for drivers: of the walk)."""
        if self.streets.speed_kmh is not None:
            return self.streets.speed_kmh
        bike = self.streets.mode == "bike"
        return self.assumptions.bike_speed_kmh if bike else self.assumptions.walk_speed_kmh


def _paths_in(value: object, key: str = "") -> Iterator[Path]:
    """Every path below a table: values that are paths, and sources that are files."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _paths_in(inner, str(name))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _paths_in(inner, key)
    elif str(value).startswith("memory:"):
        return
    elif isinstance(value, Path):
        yield value
    elif key == "source" and isinstance(value, str) and value not in {"streets", "osm"}:
        yield Path(value)
