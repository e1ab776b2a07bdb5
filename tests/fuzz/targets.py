"""What is damaged and who reads it: small sound files of every format, built by code, and their readers."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import rasterio
from own_plans import circle, own_plan
from rasterio.transform import Affine
from shapely import LineString, MultiPoint, Point, Polygon, box

import lifecircle as lc
from lifecircle.plans import load_plan
from lifecircle.sources.areas import read_communities
from lifecircle.sources.files.raster import check_raster, people_raster
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.osm.features import read_osm_places
from lifecircle.study.area import Area
from lifecircle.study.sections import FacilitySource

STUDY = """
[study]
name = "镇"
plans = ["hainan-2022"]
as_of = 2025-06-30
[area]
boundary = "boundary.gpkg"
communities = "communities.gpkg"
[area.columns]
population = "人口"
[streets]
source = "streets.gpkg"
mode = "walk"
[[facilities]]
source = "ledger.csv"
service_column = "kind"
datum = "gcj02"
complete_for = ["library"]
[[services]]
id = "tea"
zh = "茶馆"
en = "tea house"
osm = ["amenity=cafe"]
[assumptions]
covered_share = 0.9
max_snap_m = 250
[[scenarios]]
name = "新增"
add = "new.csv"
"""
PLAN = own_plan(circle("own-circle", "library", everywhere=True))
LEDGER = """id,name,kind,lon,lat,floor_area_m2
A1,东馆,library,114.503,38.003,1.2万
A2,"西,馆",公共图书馆,114.51,38.00,"1,200"
"""


@dataclass(frozen=True)
class Target:
    """One format: the name of its file, sound examples, its reader, and whether it is an archive."""

    file: str
    seeds: Callable[[Path], list[bytes]]
    read: Callable[[Path], object]
    packed: bool = False


def _text(*texts: str) -> Callable[[Path], list[bytes]]:
    return lambda _: [text.encode() for text in texts]


def _shapes() -> gpd.GeoDataFrame:
    shapes = [box(114.5, 38.0, 114.51, 38.01), Polygon([(114.51, 38), (114.52, 38.01), (114.52, 38)])]
    return gpd.GeoDataFrame(
        {"code": ["130102001001", "130102001002"], "name": ["甲", "乙"], "population": [1200, 800]},
        geometry=shapes,
        crs=4326,
    )


def _layer(suffix: str) -> Callable[[Path], list[bytes]]:
    def seeds(folder: Path) -> list[bytes]:
        path = folder / f"seed{suffix}"
        if suffix == ".parquet":
            _shapes().to_parquet(path)
        else:
            _shapes().to_file(path)
        return [path.read_bytes()]

    return seeds


def _geojson(folder: Path) -> list[bytes]:
    mixed = gpd.GeoDataFrame(
        {"code": ["1", "2", "3"]},
        geometry=[
            MultiPoint([(114.5, 38), (114.51, 38)]),
            Point(114.5, 38.0, 3),
            box(114.5, 38, 114.51, 38.01),
        ],
        crs=4326,
    )
    return [*_layer(".geojson")(folder), mixed.to_json().encode()]


def _zip(folder: Path) -> list[bytes]:
    _shapes().to_file(folder / "seed.shp", encoding="UTF-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.glob("seed.*")):
            archive.write(path, path.name)
    return [packed.getvalue()]


def _xlsx(folder: Path) -> list[bytes]:
    book = openpyxl.Workbook()
    for row in (
        ["设施台账"],
        ["id", "name", "kind", "lon", "lat"],
        ["A1", "东馆", "library", 114.503, 38.003],
    ):
        book.active.append(row)
    book.active.append(["A2", "西馆", "公共图书馆", "114.51", 38.004])
    book.active.merge_cells("A1:E1")
    book.create_sheet("空").sheet_state = "hidden"
    book.save(folder / "seed.xlsx")
    return [(folder / "seed.xlsx").read_bytes()]


def _osm(suffix: str) -> Callable[[Path], list[bytes]]:
    def seeds(folder: Path) -> list[bytes]:
        path, new = folder / f"seed{suffix}", osmium.osm.mutable
        form = "pbf,pbf_compression=none" if suffix.endswith("pbf") else "osm"
        path.unlink(missing_ok=True)
        writer = osmium.SimpleWriter(osmium.io.File(str(path), form))
        places = [(114.5, 38.0), (114.51, 38.0), (114.51, 38.01), (114.5, 38.01), (114.505, 38.005)]
        for number, place in enumerate(places, 1):
            tags = {"amenity": "library", "name": "图书馆"} if number == 5 else {}
            writer.add_node(new.Node(id=number, location=place, tags=tags, version=1))
        for number, tags in enumerate(
            [{"highway": "residential", "oneway": "yes"}, {"highway": "footway"}], 1
        ):
            writer.add_way(new.Way(id=number, nodes=[1, 2, 3, 4, 1][number - 1 :], tags=tags, version=1))
        park = {"type": "multipolygon", "leisure": "park", "name": "公园"}
        writer.add_relation(new.Relation(id=1, members=[("w", 1, "outer")], tags=park, version=1))
        writer.close()
        return [path.read_bytes()]

    return seeds


def _graphml(folder: Path) -> list[bytes]:
    import osmnx  # noqa: PLC0415  # slow, and only this format needs it

    graph = nx.MultiDiGraph(crs="epsg:4326")
    for number, (x, y) in enumerate([(114.5, 38.0), (114.51, 38.0), (114.51, 38.01)], 1):
        graph.add_node(number, x=x, y=y)
    for number, (u, v) in enumerate([(1, 2), (2, 3), (3, 1)], 1):
        line = LineString([(graph.nodes[at]["x"], graph.nodes[at]["y"]) for at in (u, v)])
        graph.add_edge(u, v, osmid=number, length=900.0, highway="residential", oneway=True, geometry=line)
    osmnx.save_graphml(graph, folder / "seed.graphml")
    return [(folder / "seed.graphml").read_bytes()]


def _tif(folder: Path) -> list[bytes]:
    written = []
    for kind, options in (("float32", {"nodata": -9999}), ("uint16", {"tiled": True, "compress": "deflate"})):
        path = folder / f"seed_{kind}.tif"
        size = {"height": 32, "width": 32, "blockxsize": 16, "blockysize": 16} if "tiled" in options else {}
        size = size or {"height": 8, "width": 8}
        with rasterio.open(
            path, "w", driver="GTiff", count=1, dtype=kind, crs="EPSG:4326",
            transform=Affine(0.001, 0, 114.5, 0, -0.001, 38.01), **size, **options,
        ) as file:  # fmt: skip
            file.write(np.full((size["height"], size["width"]), 5, dtype=kind), 1)
        written.append(path.read_bytes())
    return written


def _read_communities(path: Path) -> None:
    log = ReadingLog()
    read_communities(Area(communities=path), log)
    log.quality()


def _read_ledger(path: Path) -> None:
    log = ReadingLog()
    read_ledger(FacilitySource(source=str(path), service_column="kind"), log)
    log.quality()


def _read_osm(path: Path) -> None:
    lc.read_streets(path)
    read_osm_places(path, {"library": [{"amenity": frozenset({"library"})}]})


def _read_raster(path: Path) -> None:
    log = ReadingLog()
    check_raster(path, log)
    people_raster(path, box(114.5, 38.0, 114.51, 38.01), 4326, log)


TARGETS = {
    "study": Target("study.toml", _text(STUDY), lc.Study.from_file),
    "plan": Target("plan.toml", _text(PLAN), load_plan),
    "csv": Target("ledger.csv", lambda _: [LEDGER.encode(), LEDGER.encode("gb18030")], _read_ledger),
    "geojson": Target("areas.geojson", _geojson, _read_communities),
    "geopackage": Target("areas.gpkg", _layer(".gpkg"), _read_communities),
    "flatgeobuf": Target("areas.fgb", _layer(".fgb"), _read_communities),
    "geoparquet": Target("areas.parquet", _layer(".parquet"), _read_communities),
    "zip": Target("areas.zip", _zip, _read_communities, packed=True),
    "xlsx": Target("ledger.xlsx", _xlsx, _read_ledger, packed=True),
    "osm": Target("streets.osm", _osm(".osm"), _read_osm),
    "pbf": Target("streets.osm.pbf", _osm(".osm.pbf"), _read_osm),
    "graphml": Target("streets.graphml", _graphml, lc.read_streets),
    "geotiff": Target("people.tif", _tif, _read_raster),
}


def quiet() -> None:
    """Warnings of the libraries are not what is looked for."""
    warnings.simplefilter("ignore")
