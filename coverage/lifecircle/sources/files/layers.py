"""One layer of a vector file, opened by the one driver that its suffix and first bytes promise.

GDAL would open a file by whatever it holds: a virtual dataset or a pipeline that reads other files, a
document that names an address to fetch. Here a file's kind is checked first, GeoJSON is given to its own
driver by name, views of a GeoPackage are no layers, and nothing is fetched from a network.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio

from lifecircle.errors import Fault, InputError, MissingInputError
from lifecircle.libraries import library_faults
from lifecircle.sources.files.definitions import (
    flatgeobuf_systems,
    geopackage_systems,
    refuse_named_files,
)
from lifecircle.sources.files.gdal_settings import OFFLINE
from lifecircle.sources.files.geojson import in_utf8
from lifecircle.sources.files.geopackages import at_rest, opened, views
from lifecircle.sources.files.shapefile import deleted_rows, read_shapefile

__all__ = ["LAYERED", "Layer", "read_layer"]

LAYERED: Final = (".gpkg", ".geojson", ".json", ".shp", ".fgb")
_STRAIGHT: Final = frozenset(
    {"POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING", "POLYGON", "MULTIPOLYGON"}
)
_ENVELOPE_BYTES: Final = {1: 32, 2: 48, 3: 48, 4: 64}
_ARCS: Final = frozenset({8, 9, 10})
"""WKB's CircularString, CompoundCurve and CurvePolygon."""
_OF_CURVES: Final = frozenset({7, 11, 12})
"""WKB's GeometryCollection, MultiCurve and MultiSurface."""
_SETTINGS_LOCK: Final = threading.RLock()


@dataclass(frozen=True)
class Layer:
    """A layer as read, and what was decided on the way.

    Attributes
    ----------
    frame : GeoDataFrame, or DataFrame of a table without geometry
    name : of the layer
    encoding : of its text
    guessed : nobody declared that encoding
    unread : further layers with geometry that the file holds
    curves : number of shapes with arcs, which are read as chains of short straight lines
    deleted : number of rows of a shapefile that are marked as deleted, and not read
    """

    frame: gpd.GeoDataFrame
    name: str
    encoding: str = "utf-8"
    guessed: bool = False
    unread: tuple[str, ...] = ()
    curves: int = 0
    deleted: int = 0


def read_layer(
    path: Path, layer: str = "", encoding: str = "", *, suits: Callable[[str], bool] = bool
) -> Layer:
    """Read one layer of a local file that `opening.local_file` has let pass.

    Parameters
    ----------
    path
        A .gpkg, .geojson, .json, .shp or .fgb file.
    layer
        Its name; blank: the only one that suits.
    encoding
        Of a .shp or .geojson; blank: detected (.shp) or UTF-8. Other formats are UTF-8 always.
    suits
        Whether a layer of a geometry type (``Polygon``, ``MultiLineString``, ``Unknown`` …; blank for tables
        without geometry) may be the one meant where nobody names it.

    Raises
    ------
    MissingInputError
        If there is no such layer, or several suit; the choices are named.
    InputError
        If the file cannot be read, is not in its encoding, or would lead elsewhere.
    """
    suffix = path.suffix.lower()
    if suffix == ".shp":
        frame, used, declared = read_shapefile(path, encoding)
        guessed = not declared and used != "utf-8"
        return Layer(frame, path.stem, used, guessed=guessed, deleted=deleted_rows(path))
    with library_faults(path), _no_network(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL's remarks on field types; contents are checked later
        if suffix in {".geojson", ".json"}:
            with in_utf8(path, encoding) as (source, used):
                return Layer(pyogrio.read_dataframe(f"GeoJSON:{source}"), "", used)
        package = suffix == ".gpkg"
        with at_rest(path) if package else nullcontext(path) as source:
            hidden = views(source, path) if package else frozenset()
            refuse_named_files(geopackage_systems(source) if package else flatgeobuf_systems(source), path)
            kinds = {str(name): str(kind or "") for name, kind in pyogrio.list_layers(source)}
            name, unread = _the_layer(path, layer, kinds, hidden, suits)
            curves = _curves(source, name) if package else 0
            return Layer(pyogrio.read_dataframe(source, layer=name), name, unread=unread, curves=curves)


def _the_layer(
    path: Path, layer: str, kinds: dict[str, str], views: frozenset[str], suits: Callable[[str], bool]
) -> tuple[str, tuple[str, ...]]:
    """The layer asked for, or the only one that suits; and the others with geometry."""
    if layer in views:
        raise InputError(Fault("layer-is-view", file=str(path), layer=layer))
    listed = {name: kind for name, kind in kinds.items() if name not in views}
    drawn = [name for name, kind in listed.items() if kind]
    if layer in listed:
        return layer, ()
    suited = [name for name, kind in listed.items() if suits(kind)] or drawn or list(listed)
    if layer or len(suited) != 1:
        key = "no-layer" if layer or not suited else "several-layers"
        values = {"found": ", ".join(drawn or listed) or "—"}
        raise MissingInputError(Fault(key, file=str(path), layer=layer, values=values))
    return suited[0], tuple(name for name in drawn if name != suited[0])


def _curves(path: Path, layer: str) -> int:
    """How many shapes of a layer of a GeoPackage hold arcs; only the head of each is looked at."""
    with opened(path) as book:
        known = book.execute(
            "SELECT column_name, upper(geometry_type_name) FROM gpkg_geometry_columns WHERE table_name = ?",
            (layer,),
        ).fetchone()
        if known is None or known[1] in _STRAIGHT:
            return 0
        column, table = (str(name).replace('"', '""') for name in (known[0], layer))
        heads = book.execute(f'SELECT substr("{column}", 1, 96) FROM "{table}"')  # noqa: S608  # names are quoted
        return sum(_is_curve(head) for (head,) in heads if isinstance(head, bytes))


def _is_curve(head: bytes) -> bool:
    """Whether a shape as GeoPackage stores it (a head, an envelope, WKB) is an arc or begins with one."""
    if len(head) < 8:
        return False
    at = 8 + _ENVELOPE_BYTES.get(head[3] >> 1 & 7, 0)
    kind = _wkb_kind(head, at)
    # Programs write areas without any arc as a MULTISURFACE too: its first member tells.
    return kind in _ARCS or (kind in _OF_CURVES and _wkb_kind(head, at + 9) in _ARCS)


def _wkb_kind(data: bytes, at: int) -> int:
    """The kind of a WKB geometry without its dimensions; 0 where there is none."""
    if len(data) < at + 5:
        return 0
    return int.from_bytes(data[at + 1 : at + 5], "little" if data[at] else "big") % 1000


@contextmanager
def _no_network() -> Iterator[None]:
    """GDAL without a way to the network while a file is read; its settings are put back afterwards."""
    with _SETTINGS_LOCK:
        before = {name: pyogrio.get_gdal_config_option(name) for name in OFFLINE}
        pyogrio.set_gdal_config_options(OFFLINE)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)
