"""Tables of the study file that say where things are read and how: a frozen model each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pyproj.exceptions import CRSError

from lifecircle.study.numbers import NO_TRUTH, Amount, StreetSpeed, WalkSpeed
from lifecircle.tables.crs import known_crs

__all__ = [
    "ONE_OR_MORE",
    "Buildings",
    "Datum",
    "FacilitySource",
    "Indicators",
    "MapSettings",
    "Population",
    "ProfileSettings",
    "ServiceOfOnesOwn",
    "Streets",
    "StudyHead",
    "StudyTable",
    "TableCrs",
    "Text",
    "Workbook",
    "one_system",
]

Datum = Literal["wgs84", "gcj02", "bd09"]

Text = Annotated[str, Field(min_length=1)]


def _known_crs(said: str) -> str:
    """A coordinate system that the columns x and y of a table can be in."""
    try:
        crs = known_crs(said)
    except CRSError:
        raise PydanticCustomError("study-crs-unknown", "a registered system") from None
    if not (crs.is_geographic or crs.is_projected):
        raise PydanticCustomError("study-crs-unknown", "a registered system")
    return said


def _listed(said: Any) -> Any:
    """One word in place of a list of one."""
    return (said,) if isinstance(said, str) else said


ONE_OR_MORE = BeforeValidator(_listed)
"""Of a list of words, for which one word may stand."""


_LARGEST_M2 = 1e12

_TagTest = Annotated[str, Field(pattern=r"^[^=&]+=[^=&]+(&[^=&]+=[^=&]+)*$")]

TableCrs = Annotated[str, AfterValidator(_known_crs)]
"""System of the columns x and y of a table (.csv, .xlsx), such as ``EPSG:4547``."""

_TIANDITU_KEY = re.compile(r"^[0-9A-Za-z]{8,64}$")

_TILE_ADDRESS = re.compile(r"^https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/[^\s\"'<>`;,$\\]*$")
"""The host goes into the map's Content-Security-Policy: nothing in it may end a directive."""

_SHIFTED_TILES = re.compile(r"://[^/]*(autonavi|amap|gaode|bdimg|baidu|gtimg|map\.qq|google\.cn)")
"""Servers of GCJ-02 and BD-09 tiles: what is drawn in WGS 84 would lie 26 to 678 m off (or more)."""


class StudyTable(BaseModel):
    """A table of the study file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudyHead(StudyTable):
    """``[study]``: what is judged, by which plans, and where results go."""

    name: Text
    plans: Annotated[tuple[Text, ...], ONE_OR_MORE] = ()
    """Ids of packaged plans, or paths of the user's own ``.toml``."""
    scenario_files: Annotated[tuple[Path, ...], ONE_OR_MORE] = ()
    """Files of ``[[scenarios]]`` that are assessed beside those of the study file itself."""
    output: Path = Path("results")
    language: Literal["zh", "en"] = "zh"
    as_of: dt.date | None = None
    jurisdiction: str = ""
    covers_whole: bool = False
    proposals: bool = True
    """Whether a run proposes sites for every time circle that is short."""
    geoparquet: bool = False
    """Whether the layers of ``study.gpkg`` are written as GeoParquet too."""
    counties: bool | None = None
    """Whether each county has a map, report and workbook of its own; where left out, large studies do."""
    cache: bool = False
    """Whether networks, service areas and rasters are kept in the user's cache folder for the next run."""
    names: Path | None = None
    """The table of names that ``check --suggest`` writes, as the user has edited it."""
    map_review_number: str = ""
    """审图号: shown under public maps."""


class StreetJoin(StudyTable):
    """``[streets.join]``: streets that people travel along and join nowhere."""

    never: Annotated[tuple[str, ...] | None, ONE_OR_MORE] = None
    """Classes (values of ``highway``); those of the mode's table of rules if left out."""
    tunnels: bool = False
    """Whether tunnels may be joined."""
    bridges: bool = False
    """Whether bridges may be joined by points that do not stand on them."""


class Streets(StudyTable):
    """``[streets]``: the network."""

    source: Text
    """A file, or ``osm`` to download."""
    layer: str = ""
    mode: Literal["walk", "bike", "drive"] = "walk"
    """What is judged; of a list of modes the first."""
    modes: tuple[Literal["walk", "bike", "drive"], ...] = ()
    """All modes of a list, which stand beside each other."""
    speed_kmh: StreetSpeed | None = None
    datum: Datum = "wgs84"
    """Of a line layer."""
    barriers: Path | None = None
    barriers_datum: Datum = "wgs84"
    elevation: Path | None = None
    """A raster of heights in metres: slopes then change walking and cycling times."""
    cache: bool = False
    """Keep the built network in the user's cache folder, and take it from there the next time."""
    gates: Literal["as-mapped", "open"] = "as-mapped"
    """Whether nodes such as gates close streets as OpenStreetMap says, or none does."""
    turns: Literal["as-mapped", "open"] = "as-mapped"
    """Whether turn restrictions of OpenStreetMap bind drivers and cyclists, or nobody."""
    tolerance_m: Annotated[float, NO_TRUTH, Field(ge=0, le=100)] = 0.01
    """Line layers: ends that miss another line by up to this meet it."""
    split_crossings: bool = False
    """Line layers: lines that cross without a common vertex meet there."""
    join: StreetJoin = Field(default_factory=StreetJoin)


class ProfileSettings(StudyTable):
    """``[profiles.NAME]``: how a group walks."""

    speed_kmh: WalkSpeed | None = None
    """On the flat; for ``elderly`` this is the assumption ``elderly_speed_kmh``."""
    no_steps: bool = False
    max_slope: Annotated[float, NO_TRUTH, Field(ge=0.001, le=1)] | None = None
    """Steepest street they use, rise over run (0.08 is 8 %); needs ``streets.elevation``."""
    no_kerbs: bool = False
    """Raised kerbs and streets signed as closed to wheelchairs are closed to them."""


class _Placed(Protocol):
    """A table of the study file that says where its places lie."""

    @property
    def crs(self) -> str | None: ...
    @property
    def datum(self) -> Datum: ...


_PlacedTable = TypeVar("_PlacedTable", bound=_Placed)


def one_system(table: _PlacedTable) -> _PlacedTable:
    """A shifted datum is one of degrees: no projected or other system beside it."""
    if table.crs is not None and table.datum != "wgs84":
        raise PydanticCustomError("study-crs-and-datum", "crs or datum")
    return table


class Population(StudyTable):
    """``[population]``: where people live."""

    raster: Path | None = None
    points: Path | None = None
    layer: str = ""
    encoding: str = ""
    datum: Datum = "wgs84"
    crs: TableCrs | None = None
    column: str = "population"
    cohorts: dict[Literal["over60", "under3"], str] = Field(default_factory=dict)
    """Cohort to the column of `points` (or the raster file) that counts it."""
    street_weights: dict[str, Amount] = Field(default_factory=dict)
    """Class of street to the people a metre of it stands for, where streets place them: laid over the table
    of ``docs/methods.md``."""

    @model_validator(mode="after")
    def _one_source(self) -> Population:
        """Counting people twice is worse than not counting them."""
        if self.raster is not None and self.points is not None:
            raise PydanticCustomError("study-people-twice", "raster or points")
        if self.crs is not None and self.points is None:
            raise PydanticCustomError("study-crs-no-points", "crs is of points")
        if self.raster is not None and self.datum != "wgs84":
            raise PydanticCustomError("study-raster-datum", "cells are not moved")
        return one_system(self)


class Buildings(StudyTable):
    """``[buildings]``: dwellings, and the places people are spread over where population has no points."""

    source: str = "streets"
    """``streets`` (the OSM extract) or a file of polygons or points."""
    layer: str = ""
    datum: Datum = "wgs84"
    residential: str = ""
    """Column that marks dwellings (true, 1, 住宅 …); blank: OSM's residential building values."""
    dwellings: str = ""


class ServiceOfOnesOwn(StudyTable):
    """``[[services]]``: a service that the catalogue does not have, for this study alone."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    zh: Text
    en: Text
    osm: Annotated[tuple[_TagTest, ...], ONE_OR_MORE] = ()
    """Tests of OpenStreetMap tags, any of which marks it: ``key=value|value & key=*``."""
    amap: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{6}$")], ...], ONE_OR_MORE] = ()
    """Codes of AMap's classification; trailing pairs of zeros stand for any."""
    of: Annotated[tuple[Text, ...], ONE_OR_MORE] = ()
    """In place of tags and codes: services whose facilities offer this one too, if they are large enough."""
    min_site_area_m2: Annotated[float, NO_TRUTH, Field(gt=0, le=_LARGEST_M2)] | None = None
    """How large their site must be."""
    min_floor_area_m2: Annotated[float, NO_TRUTH, Field(gt=0, le=_LARGEST_M2)] | None = None
    """How large their floors must be."""

    @model_validator(mode="before")
    @classmethod
    def _of_one_language(cls, said: Any) -> Any:
        """A name in one language stands for both."""
        if isinstance(said, Mapping) and ("zh" in said) != ("en" in said):
            return {**said, "zh": said.get("zh", said.get("en")), "en": said.get("en", said.get("zh"))}
        return said

    @model_validator(mode="after")
    def _is_marked_or_selected(self) -> ServiceOfOnesOwn:
        """A size selects from other services; tags and codes mark places of the service itself."""
        sized = self.min_site_area_m2 is not None or self.min_floor_area_m2 is not None
        if bool(self.of) != sized or (self.of and (self.osm or self.amap)):
            raise PydanticCustomError("study-service-of", "of and a size go together, without osm and amap")
        return self


class FacilitySource(StudyTable):
    """``[[facilities]]``: one ledger, layer or the extract's own tags."""

    source: Text
    layer: str = ""
    service: str = ""
    service_column: str = ""
    amap_column: str = ""
    services: Annotated[tuple[str, ...], ONE_OR_MORE] = ()
    """With ``source = "streets"``: only these services (all where blank)."""
    datum: Datum = "wgs84"
    crs: TableCrs | None = None
    encoding: str = ""
    columns: dict[str, str] = Field(default_factory=dict)
    """Our column (id, name, x, y, public, floor_area_m2 …) to the file's."""
    complete_for: Annotated[tuple[str, ...], ONE_OR_MORE] = ()
    merge_within_m: Annotated[float, NO_TRUTH, Field(ge=0, le=1000)] = 0.0
    """A like-named place of the same service this near in an earlier source is the same one; 0: never."""
    accept_sparse: bool = False
    """With ``source = "streets"``: the extract counts even where it holds hardly any facility."""

    @model_validator(mode="after")
    def _says_the_service(self) -> FacilitySource:
        """A ledger must say what it lists, once."""
        given = [key for key in ("service", "service_column", "amap_column") if getattr(self, key)]
        if self.source != "streets" and len(given) != 1:
            raise PydanticCustomError("study-which-service", "one of service, service_column, amap_column")
        return one_system(self)


class Workbook(StudyTable):
    """``[[ledgers]]``: a workbook as ``lifecircle template`` makes it, filled in, or one sheet as a .csv.

    Sheets, and .csv files, are known by their names: figures of communities and of the units above,
    facilities, reported indicators.
    """

    source: Path
    datum: Datum = "wgs84"
    crs: TableCrs | None = None
    complete_for: Annotated[tuple[str, ...], ONE_OR_MORE] = ()

    @model_validator(mode="after")
    def _places(self) -> Workbook:
        """The sheet of facilities has one system."""
        return one_system(self)


class Costs(StudyTable):
    """``[costs]``: what scenarios cost, in one currency; nothing is said of what has no cost here."""

    currency: Text = "CNY"
    facilities: dict[Text, Amount] = Field(default_factory=dict)
    """One facility of a service, built new or at another place, by id of the service."""
    street_m: Amount | None = None
    """A metre of a new street."""


class Indicators(StudyTable):
    """``[indicators]``: values reported by an office: rule, code, year, value."""

    source: Path
    layer: str = ""
    encoding: str = ""


class MapSettings(StudyTable):
    """``[map]``: what lies under the communities of the gap map; nothing is fetched unless asked for."""

    basemap: Literal["none", "osm", "tianditu", "tiles"] = "none"
    tianditu_key: SecretStr = SecretStr("")
    """The user's own; who gets the map can read it there. It is not written to ``run.json``."""
    tiles: str = ""
    """Address or path with ``{z}``, ``{x}`` and ``{y}`` of tiles in web Mercator (EPSG:3857)."""
    credit: str = ""
    """Whose tiles they are."""
    max_zoom: Annotated[int, NO_TRUTH, Field(ge=1, le=22)] = 19

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
