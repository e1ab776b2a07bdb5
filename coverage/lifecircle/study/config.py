"""The study file: a frozen model of every table and key, as docs/study-file.md documents them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import UNIT_FIGURES

__all__ = [
    "FILE_OR_ROWS",
    "Area",
    "AreaColumns",
    "Buildings",
    "DrawnStreet",
    "FacilitySource",
    "Indicators",
    "MapSettings",
    "Population",
    "ProfileSettings",
    "ScenarioChange",
    "ScenarioFile",
    "Streets",
    "Study",
    "StudyHead",
    "UnitLayer",
    "Workbook",
]

Datum = Literal["wgs84", "gcj02", "bd09"]
Text = Annotated[str, Field(min_length=1)]

_TIANDITU_KEY = re.compile(r"^[0-9A-Za-z]{8,64}$")
_TILE_ADDRESS = re.compile(r"^https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/[^\s\"'<>`;,$\\]*$")
"""The host goes into the map's Content-Security-Policy: nothing in it may end a directive."""
_SHIFTED_TILES = re.compile(r"://[^/]*(autonavi|amap|gaode|bdimg|baidu|gtimg|map\.qq|google\.cn)")
"""Servers of GCJ-02 and BD-09 tiles: what is drawn in WGS 84 would lie 26 to 678 m off (or more)."""


class _Table(BaseModel):
    """A table of the study file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudyHead(_Table):
    """``[study]``: what is judged, by which plans, and where results go."""

    name: Text
    plans: tuple[Text, ...] = ()
    """Ids of packaged plans, or paths of the user's own ``.toml``."""
    scenario_files: tuple[Path, ...] = ()
    """Files of ``[[scenarios]]`` that are assessed beside those of the study file itself."""
    output: Path = Path("results")
    language: Literal["zh", "en"] = "zh"
    as_of: dt.date | None = None
    jurisdiction: str = ""
    covers_whole: bool = False
    proposals: bool = True
    """Whether a run proposes sites for every time circle that is short."""
    names: Path | None = None
    """The table of names that ``check --suggest`` writes, as the user has edited it."""
    map_review_number: str = ""
    """审图号: shown under public maps."""


class _AreaNames(_Table):
    """The columns of an area that are no figure of a ledger.

    Further keys are columns that only a plan of the user's own knows: the reader, which has the plans,
    refuses those that none of them needs.
    """

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Text] = Field(init=False)

    code: str = "code"
    name: str = "name"
    kind: str = "kind"
    scope: str = "scope"
    township: str = "township"
    township_name: str = "township_name"
    county: str = "county"
    county_name: str = "county_name"
    city: str = "city"
    city_name: str = "city_name"
    population: str = "population"
    population_urban: str = "population_urban"
    households: str = "households"


if TYPE_CHECKING:
    AreaColumns: TypeAlias = _AreaNames
else:
    AreaColumns = create_model(
        "AreaColumns",
        __base__=_AreaNames,
        __doc__="``[area.columns]``: what a file of areas calls each column, and each of `UNIT_FIGURES`.",
        **{name: (str, name) for name in UNIT_FIGURES if name not in _AreaNames.model_fields},
    )


class Area(_Table):
    """``[area]``: the boundary and the communities in it."""

    boundary: Path | None = None
    place: str = ""
    boundary_layer: str = ""
    boundary_encoding: str = ""
    boundary_datum: Datum | None = None
    """Of the boundary's file; None where `datum` is said of both files."""
    communities: Path | None = None
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    grid: Annotated[str, Field(pattern=r"^(h3:\d{1,2}|square:\d+m)$")] | None = None
    """``h3:8`` or ``square:500m``: cells instead of communities."""
    columns: AreaColumns = AreaColumns()

    @model_validator(mode="after")
    def _one_area(self) -> Area:
        """A study needs somewhere to judge, and one kind of community."""
        if self.communities is not None and self.grid is not None:
            raise PydanticCustomError("study-one-area", "communities or grid")
        if self.boundary is None and not self.place and self.communities is None:
            raise PydanticCustomError("study-no-area", "boundary, place or communities")
        return self

    @property
    def layer_of_boundary(self) -> str:
        """Its own key; `layer` where there is no other file that it could be said of."""
        return self.boundary_layer or ("" if self.communities is not None else self.layer)

    @property
    def encoding_of_boundary(self) -> str:
        """Its own key; `encoding` where there is no other file, or where nothing else can say it."""
        plain = self.boundary is not None and self.boundary.suffix.lower() in {".shp", ".zip"}
        return self.boundary_encoding or (self.encoding if plain or self.communities is None else "")


class UnitLayer(_Table):
    """``[[areas]]``: another layer of units that rules need."""

    kind: Text
    source: Path
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    columns: AreaColumns = AreaColumns()


class StreetJoin(_Table):
    """``[streets.join]``: streets that people travel along and join nowhere."""

    never: tuple[str, ...] | None = None
    """Classes (values of ``highway``); those of the mode's table of rules if left out."""
    tunnels: bool = False
    """Whether tunnels may be joined."""
    bridges: bool = False
    """Whether bridges may be joined by points that do not stand on them."""


class Streets(_Table):
    """``[streets]``: the network."""

    source: Text
    """A file, or ``osm`` to download."""
    layer: str = ""
    mode: Literal["walk", "bike", "drive"] = "walk"
    """What is judged; of a list of modes the first."""
    modes: tuple[Literal["walk", "bike", "drive"], ...] = ()
    """All modes of a list, which stand beside each other."""
    speed_kmh: Annotated[float, Field(gt=0, le=200)] | None = None
    barriers: Path | None = None
    elevation: Path | None = None
    """A raster of heights in metres: slopes then change walking and cycling times."""
    cache: bool = False
    """Keep the built network in the user's cache folder, and take it from there the next time."""
    gates: Literal["as-mapped", "open"] = "as-mapped"
    """Whether nodes such as gates close streets as OpenStreetMap says, or none does."""
    tolerance_m: Annotated[float, Field(ge=0, le=100)] = 0.01
    """Line layers: ends that miss another line by up to this meet it."""
    split_crossings: bool = False
    """Line layers: lines that cross without a common vertex meet there."""
    join: StreetJoin = Field(default_factory=StreetJoin)


class ProfileSettings(_Table):
    """``[profiles.NAME]``: how a group walks."""

    speed_kmh: Annotated[float, Field(gt=0, le=30)] | None = None
    """On the flat; for ``elderly`` this is the assumption ``elderly_speed_kmh``."""
    no_steps: bool = False
    max_slope: Annotated[float, Field(gt=0, le=1)] | None = None
    """Steepest street they use, rise over run (0.08 is 8 %); needs ``streets.elevation``."""
    no_kerbs: bool = False
    """Raised kerbs and streets signed as closed to wheelchairs are closed to them."""


class Population(_Table):
    """``[population]``: where people live."""

    raster: Path | None = None
    points: Path | None = None
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    column: str = "population"
    cohorts: dict[Literal["over60", "under3"], str] = Field(default_factory=dict)
    """Cohort to the column of `points` (or the raster file) that counts it."""
    street_weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Class of street to the people a metre of it stands for, where streets place them: laid over the table
    of ``docs/methods.md``."""

    @model_validator(mode="after")
    def _one_source(self) -> Population:
        """Counting people twice is worse than not counting them."""
        if self.raster is not None and self.points is not None:
            raise PydanticCustomError("study-people-twice", "raster or points")
        return self


class Buildings(_Table):
    """``[buildings]``: dwellings, and the places people are spread over where population has no points."""

    source: str = "streets"
    """``streets`` (the OSM extract) or a file of polygons or points."""
    layer: str = ""
    residential: str = ""
    """Column that marks dwellings (true, 1, 住宅 …); blank: OSM's residential building values."""
    dwellings: str = ""


class ServiceOfOnesOwn(_Table):
    """``[[services]]``: a service that the catalogue does not have, for this study alone."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    zh: Text
    en: Text
    osm: tuple[Annotated[str, Field(pattern=r"^[^=&]+=[^=&]+(&[^=&]+=[^=&]+)*$")], ...] = ()
    """Tests of OpenStreetMap tags, any of which marks it: ``key=value|value & key=*``."""
    amap: tuple[Annotated[str, Field(pattern=r"^\d{6}$")], ...] = ()
    """Codes of AMap's classification; trailing pairs of zeros stand for any."""


class FacilitySource(_Table):
    """``[[facilities]]``: one ledger, layer or the extract's own tags."""

    source: Text
    layer: str = ""
    service: str = ""
    service_column: str = ""
    amap_column: str = ""
    services: tuple[str, ...] = ()
    """With ``source = "streets"``: only these services (all where blank)."""
    datum: Datum = "wgs84"
    encoding: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    """Our column (id, name, x, y, public, floor_area_m2 …) to the file's."""
    complete_for: tuple[str, ...] = ()
    merge_within_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """A like-named place of the same service this near in an earlier source is the same one; 0: never."""
    accept_sparse: bool = False
    """With ``source = "streets"``: the extract counts even where it holds hardly any facility."""

    @model_validator(mode="after")
    def _says_the_service(self) -> FacilitySource:
        """A ledger must say what it lists, once."""
        given = [key for key in ("service", "service_column", "amap_column") if getattr(self, key)]
        if self.source != "streets" and len(given) != 1:
            raise PydanticCustomError("study-which-service", "one of service, service_column, amap_column")
        return self


class Workbook(_Table):
    """``[[ledgers]]``: a workbook as ``lifecircle template`` makes it, filled in.

    Its sheets are known by their names: figures of communities and of the units above, facilities,
    reported indicators.
    """

    source: Path
    datum: Datum = "wgs84"
    complete_for: tuple[str, ...] = ()


class Indicators(_Table):
    """``[indicators]``: values reported by an office: rule, code, year, value."""

    source: Path
    layer: str = ""
    encoding: str = ""


class MapSettings(_Table):
    """``[map]``: what lies under the communities of the gap map; nothing is fetched unless asked for."""

    basemap: Literal["none", "osm", "tianditu", "tiles"] = "none"
    tianditu_key: SecretStr = SecretStr("")
    """The user's own; who gets the map can read it there. It is not written to ``run.json``."""
    tiles: str = ""
    """Address or path with ``{z}``, ``{x}`` and ``{y}`` of tiles in web Mercator (EPSG:3857)."""
    credit: str = ""
    """Whose tiles they are."""
    max_zoom: Annotated[int, Field(ge=1, le=22)] = 19

    @model_validator(mode="after")
    def _can_be_drawn(self) -> MapSettings:
        """A basemap needs its key or address, and must lie where the map lies."""
        if self.basemap == "tianditu" and not _TIANDITU_KEY.match(self.tianditu_key.get_secret_value()):
            raise PydanticCustomError("map-key", "a key of Tianditu: letters and digits")
        if self.basemap == "tiles":
            if any(f"{{{axis}}}" not in self.tiles for axis in "xyz"):
                raise PydanticCustomError("map-tiles", "tiles with {z}, {x} and {y}")
            if "://" in self.tiles and not _TILE_ADDRESS.match(self.tiles):
                raise PydanticCustomError("map-address", "an address of http or https")
            if _SHIFTED_TILES.search(self.tiles):
                raise PydanticCustomError("map-shifted", "tiles that are not in WGS 84")
        return self


_Degrees = Annotated[float, Field(allow_inf_nan=False)]
Lon = Annotated[_Degrees, Field(ge=-180, le=180)]
Lat = Annotated[_Degrees, Field(ge=-90, le=90)]


class PlacedFacility(_Table):
    """``[[scenarios.add]]``: a new facility, written into the study file itself."""

    facility: Text
    """Its id."""
    service: Text
    lon: Lon
    lat: Lat
    name: str = ""
    capacity: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class MovedFacility(_Table):
    """``[[scenarios.move]]``: a facility and its new place."""

    facility: Text
    lon: Lon
    lat: Lat


class DrawnStreet(_Table):
    """``[[scenarios.open_streets]]`` and ``close_streets``: a line by its vertices, longitude first."""

    line: Annotated[tuple[tuple[Lon, Lat], ...], Field(min_length=2)]


class ChangedCapacity(_Table):
    """``[[scenarios.capacity]]``: what a facility can take instead."""

    facility: Text
    capacity: Annotated[float, Field(ge=0, allow_inf_nan=False)]


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


class ScenarioChange(_Table):
    """``[[scenarios]]``: a change to be assessed beside the present state.

    Its parts are files, or rows in the study file itself.
    """

    name: Text
    add: _Added | None = None
    close: tuple[str, ...] = ()
    move: _Moved | None = None
    open_streets: _Drawn | None = None
    close_streets: _Drawn | None = None
    capacity: tuple[ChangedCapacity, ...] = ()


class ScenarioFile(_Table):
    """A file of scenarios: nothing but ``[[scenarios]]``."""

    scenarios: Annotated[tuple[ScenarioChange, ...], Field(min_length=1)]


class _MadeOfTables(type(_Table)):  # type: ignore[misc]  # pydantic's metaclass has no public name
    """Lets ``Study(...)`` take tables, networks and plans that are in memory, too."""

    def __call__(cls, *args: Any, **given: Any) -> Any:
        """A study of its file's tables, else of what is in memory."""
        tables = all(isinstance(value, Mapping | BaseModel | tuple | Path) for value in given.values())
        if args or (given.keys() <= cls.model_fields.keys() and tables):
            return super().__call__(*args, **given)
        from lifecircle.study.memory import study_from_memory  # noqa: PLC0415  # it needs this model

        return study_from_memory(**given)


class Study(_Table, metaclass=_MadeOfTables):
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
        paths; or ``"streets"`` for those of an OpenStreetMap extract. Ids are the column ``id``, else the
        index where it has a name.
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
    buildings, indicators, assumptions, profiles, services, scenarios, areas, ledgers, map
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
        return (*_paths_in(tables), *self.study.scenario_files)

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
