"""Inputs that cannot be used: refused with file, place and fix, exit code 2, and old results intact."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from shapely import Point, box
from spoiled_town import edit, ledger, more, raster, rewrite

import lifecircle as lc
from lifecircle.sources.scenarios import read_scenarios
from lifecircle.tables.datum import wgs84_to_bd09, wgs84_to_gcj02

LOCAL = (
    'LOCAL_CS["城市独立坐标系",LOCAL_DATUM["Local Datum",0],UNIT["Meter",1.0],'
    'AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
)
ZONED, MERIDIAN = "EPSG:4526", "EPSG:4547"
"""CGCS2000 / 3-degree Gauss-Kruger with the zone's number before eastings, and without."""


def shifted(layer, shift=wgs84_to_gcj02):
    """A layer whose places have been moved to a Chinese map datum."""
    shapes = shapely.transform(
        layer.geometry.to_numpy(), lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1]))
    )
    return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))


def as_local(town, name):
    """A layer written as a shapefile in a city's own local system."""
    layer = gpd.read_file(town / f"{name}.gpkg").to_crs(ZONED)
    layer.to_file(town / f"{name}.shp", encoding="UTF-8")
    (town / f"{name}.prj").write_text(LOCAL, encoding="utf-8")
    edit(town, f'"{name}.gpkg"', f'"{name}.shp"')


def local_facilities(town):
    layer = gpd.GeoDataFrame({"id": ["A"]}, geometry=[Point(114.503, 38.003)], crs=4326).to_crs(ZONED)
    layer.to_file(town / "places.shp", encoding="UTF-8")
    (town / "places.prj").write_text(LOCAL, encoding="utf-8")
    edit(town, '"ledger.csv"', '"places.shp"')


def local_barriers(town):
    wall = gpd.GeoDataFrame({"id": [1]}, geometry=[box(114.503, 38, 114.504, 38.001)], crs=4326).to_crs(ZONED)
    wall.to_file(town / "wall.shp")
    (town / "wall.prj").write_text(LOCAL, encoding="utf-8")
    edit(town, 'source = "streets.gpkg"', 'source = "streets.gpkg"\nbarriers = "wall.shp"')


def one_huge(town):
    values = np.full((40, 40), 3.0)
    values[20, 20] = 1e30
    values[21, 20] = 2e30
    raster(town, values)


def densities(town):
    """5000 people per km2 where the communities count 1000 per km2 in all: 100 times too many as counts."""
    rewrite(town, "communities", lambda layer: layer.assign(population=[5000, 5000]))
    raster(town, np.float64(5000.0))


def units_say_density(town):
    raster(town, np.float64(5.0))
    with rasterio.open(town / "people.tif", "r+") as file:
        file.units = ("people per sq km",)


def cut_raster(town):
    raster(town, np.random.default_rng(0).random((400, 400)), cell=0.0001)
    path = town / "people.tif"
    path.write_bytes(path.read_bytes()[:40_000])


def virtual_raster(town):
    raster(town, np.float64(5.0))
    (town / "people.tif").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>")


def swapped(town):
    ledger(town, "id,lon,lat", "A1,38.003,114.503", "A2,38.004,114.512", "A3,38.006,114.506")


def metres_in_degrees(town):
    ledger(town, "id,lon,lat", "A1,500100,4206000", "A2,500200,4206100", "A3,500300,4206200")


def degrees_in_metres(town):
    rewrite(town, "communities", lambda layer: layer.set_crs(MERIDIAN, allow_override=True))


def zone_before_eastings(town):
    rewrite(town, "communities", lambda layer: layer.to_crs(ZONED).set_crs(MERIDIAN, allow_override=True))


def no_system(town):
    layer = gpd.read_file(town / "communities.gpkg")
    layer.to_file(town / "communities.shp", encoding="UTF-8")
    (town / "communities.prj").unlink()
    edit(town, '"communities.gpkg"', '"communities.shp"')


def headings_of_amap(town):
    ledger(town, "id,lng_gcj02,lat_gcj02", "A1,114.503,38.003", "A2,114.512,38.004")
    more(town, 'columns = { x = "lng_gcj02", y = "lat_gcj02" }\n')


def headings_of_baidu(town):
    ledger(town, "id,百度经度,百度纬度", "A1,114.503,38.003", "A2,114.512,38.004")
    more(town, 'columns = { x = "百度经度", y = "百度纬度" }\n')


def codes_of_amap(town):
    ledger(town, "id,lon,lat,typecode", "A1,114.503,38.003,060400", "A2,114.512,38.004,060400|060200")


def amap_column(town):
    ledger(town, "id,lon,lat,kind", "A1,114.503,38.003,060400", "A2,114.512,38.004,060400")
    edit(town, 'service = "health-station"', 'amap_column = "kind"')


def along_streets(count=80, beside_m=10):
    """Places beside the town's streets, in degrees."""
    rng = np.random.default_rng(5)
    across = rng.integers(1, 7, count) * 250 + rng.choice([-beside_m, beside_m], count)
    along = rng.uniform(20, 980, count)
    metres = gpd.GeoSeries(gpd.points_from_xy(across, along), crs=_plane())
    return metres.to_crs(4326)


def _plane():
    """The plane that the town is drawn in."""
    from lifecircle.tables import local_crs  # noqa: PLC0415

    return local_crs(114.5, 38.0)


def shifted_ledger(shift):
    """A ledger whose places fit the streets only once a datum is undone."""

    def spoil(town):
        places = along_streets()
        lon, lat = shift(places.x, places.y)
        rows = [f"P{number},{x:.7f},{y:.7f}" for number, (x, y) in enumerate(zip(lon, lat, strict=True))]
        ledger(town, "id,lon,lat", *rows)

    return spoil


def short_shifted_ledgers(town):
    """Five ledgers of fifteen places: each too short to tell, all of them together not."""
    places = along_streets(75, beside_m=5)
    lon, lat = wgs84_to_gcj02(places.x, places.y)
    more(town, 'datum = "wgs84"\n')  # of the three stations
    for number in range(5):
        rows = [f"P{at},{lon[at]:.7f},{lat[at]:.7f}" for at in range(number, 75, 5)]
        (town / f"list{number}.csv").write_text("\n".join(["id,lon,lat", *rows]) + "\n", encoding="utf-8")
        more(town, f'\n[[facilities]]\nsource = "list{number}.csv"\nservice = "library"\n')


def buildings(town, shift):
    """Homes of 8 m by 8 m beside the streets, moved to a datum."""
    homes = along_streets(200, beside_m=5).to_crs(_plane()).buffer(4, cap_style="square").to_crs(4326)
    shift(gpd.GeoDataFrame(geometry=homes)).to_file(town / "homes.gpkg")
    more(town, '\n[buildings]\nsource = "homes.gpkg"\n')


def shifted_townships(town):
    """A layer of townships in GCJ-02 beside a boundary and streets in WGS 84."""
    shifted(gpd.read_file(town / "communities.gpkg")).to_file(town / "townships.gpkg")
    more(town, '\n[[areas]]\nkind = "township"\nsource = "townships.gpkg"\n')


def far_boundary(town):
    rewrite(town, "boundary", lambda layer: layer.set_geometry(layer.translate(3.0, 0.0)))


def system_that_names_a_file(town):
    """A system whose grid is another file of the machine: PROJ would open it."""
    layer = gpd.read_file(town / "communities.gpkg")
    layer.to_file(town / "c.shp", encoding="UTF-8")
    system = pyproj.CRS("+proj=longlat +ellps=krass +nadgrids=/etc/passwd +no_defs")
    (town / "c.prj").write_text(system.to_wkt("WKT1_GDAL"), encoding="utf-8")
    edit(town, '"communities.gpkg"', '"c.shp"')


def ids_far_apart(town):
    ledger(town, "id,name,lon,lat", "A1,东站,114.503,38.003", "A1,西站,114.512,38.004")


def entity_bomb(town):
    bomb = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "x" * 50}">' for n in range(9))
    text = f'<?xml version="1.0"?><!DOCTYPE osm [{bomb}]><osm version="0.6"><node id="1" lat="38" lon="114.5"'
    (town / "streets.osm").write_text(f'{text}><tag k="name" v="&b8;"/></node></osm>', encoding="utf-8")
    edit(town, '"streets.gpkg"', '"streets.osm"')


def cut_pbf(town):
    (town / "streets.osm.pbf").write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18")
    edit(town, '"streets.gpkg"', '"streets.osm.pbf"')


def nul_in_a_text(town):
    """A park whose name holds a NUL, which would end the process inside osmium."""
    path = town / "streets.osm.pbf"
    writer = osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=none"))
    ring = [(114.5, 38.0), (114.51, 38.0), (114.51, 38.01), (114.5, 38.01)]
    for number, place in enumerate(ring, 1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=[1, 2, 3, 4, 1], tags={"highway": "residential"}))
    tags = {"type": "multipolygon", "leisure": "park", "name": "PARKNAME"}
    writer.add_relation(osmium.osm.mutable.Relation(id=1, members=[("w", 1, "outer")], tags=tags))
    writer.close()
    path.write_bytes(path.read_bytes().replace(b"PARKNAME", b"PARK\0AME"))
    edit(town, '"streets.gpkg"', '"streets.osm.pbf"')


def osm_with(words, instead):
    """Streets as OSM XML, spoiled in one attribute."""

    def spoil(town):
        places = enumerate((38.0, 38.001), 1)
        node = "".join(f'<node id="{n}" version="1" lat="{lat}" lon="114.5"/>' for n, lat in places)
        way = '<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'
        text = f'<?xml version="1.0"?><osm version="0.6">{node}{way}</osm>'
        assert words in text
        (town / "streets.osm").write_text(text.replace(words, instead), encoding="utf-8")
        edit(town, '"streets.gpkg"', '"streets.osm"')

    return spoil


def graph_without_a_line(line):
    """Streets as GraphML whose edge says that its line is something else."""

    def spoil(town):
        graph = nx.MultiDiGraph(crs="epsg:4326")
        graph.add_node(1, x=114.5, y=38.0)
        graph.add_node(2, x=114.51, y=38.0)
        graph.add_edge(1, 2, osmid=1, highway="residential", geometry=line)
        nx.write_graphml(graph, town / "streets.graphml")
        edit(town, '"streets.gpkg"', '"streets.graphml"')

    return spoil


def endless_raster(town):
    """Cells so narrow that no column of them can be counted."""
    raster(town, np.full((40, 40), 5.0), cell=5e-324)


def cut_zip(town):
    layer = gpd.read_file(town / "communities.gpkg")
    layer.to_file(town / "c.shp", encoding="UTF-8")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for path in town.glob("c.*"):
            archive.write(path, path.name)
    (town / "c.zip").write_bytes(held.getvalue()[:-60])
    edit(town, '"communities.gpkg"', '"c.zip"')


def no_index(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="UTF-8")
    (town / "c.shx").unlink()
    edit(town, '"communities.gpkg"', '"c.shp"')


def empty_file(town):
    (town / "ledger.csv").write_bytes(b"")


def all_without_shape(town):
    rewrite(town, "communities", lambda layer: layer.set_geometry([None, None], crs=4326))


def not_a_number(town):
    rewrite(town, "communities", lambda layer: layer.assign(population=["1200", "许多"]))


def fewer_than_nobody(town):
    rewrite(town, "communities", lambda layer: layer.assign(population=[1200, -800]))


def codes_twice(town):
    rewrite(town, "communities", lambda layer: layer.assign(code="130102001001"))


def codes_cut(town):
    rewrite(town, "communities", lambda layer: layer.assign(code=["1.30102E+11", "1.30102E+11"]))


def unknown_service(town):
    ledger(town, "id,lon,lat,kind", "A1,114.503,38.003,helth-station")
    edit(town, 'service = "health-station"', 'service_column = "kind"')


def outside_folder(town):
    edit(town, '"ledger.csv"', '"../ledger.csv"')


def meridian_next_door(town):
    """The label of the zone three degrees on: the same figures, another city."""
    rewrite(
        town, "communities", lambda layer: layer.to_crs(MERIDIAN).set_crs("EPSG:4548", allow_override=True)
    )


def labelled_gbk(town):
    more(town, 'encoding = "gbk"\n')


def cpg_says_gbk(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="UTF-8")
    (town / "c.cpg").write_text("GBK", encoding="ascii")
    edit(town, '"communities.gpkg"', '"c.shp"\nencoding = "gbk"')


def bomb(town):
    """A few hundred kilobytes that unpack to 200 MB."""
    with zipfile.ZipFile(town / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("c.geojson", b"0" * 200_000_000)
    edit(town, '"communities.gpkg"', '"c.zip"')


def ended_flatgeobuf(town):
    """What a writer that was killed leaves behind: a head without rows."""
    layer = gpd.read_file(town / "communities.gpkg")
    layer[:0].to_file(town / "c.fgb", driver="FlatGeobuf")
    edit(town, '"communities.gpkg"', '"c.fgb"')


def cut_flatgeobuf(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.fgb", driver="FlatGeobuf")
    path = town / "c.fgb"
    path.write_bytes(path.read_bytes()[:-150])
    edit(town, '"communities.gpkg"', '"c.fgb"')


def endless_people(town):
    rewrite(town, "communities", lambda layer: layer.assign(population=[np.inf, 800.0]))


def day_numbers(town):
    """42005 is how a spreadsheet keeps the first day of 2015."""
    ledger(town, "id,lon,lat,建成年份", "A1,114.503,38.003,2014", "A2,114.512,38.004,42005")


def raster_cut_in_its_head(town):
    raster(town, np.float64(5.0), nodata=-99999.0)
    (town / "people.tif").write_bytes((town / "people.tif").read_bytes()[:100])


def parts_of_two_states(part, rows):
    """A shapefile of which one part holds another number of rows, each part whole by its own word."""

    def spoil(town):
        gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="UTF-8")
        layer = gpd.read_file(town / "communities.gpkg")
        pd.concat([layer, layer]).iloc[:rows].to_file(town / "other.shp", encoding="UTF-8")
        (town / f"c.{part}").write_bytes((town / f"other.{part}").read_bytes())
        edit(town, '"communities.gpkg"', '"c.shp"')

    return spoil


def shapes_shorter_than_their_index(town):
    """The .shp is cut, and its head tells the new length: the .shx still tells where the last shape was."""
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="UTF-8")
    cut = bytearray((town / "c.shp").read_bytes()[:-40])
    cut[24:28] = (len(cut) // 2).to_bytes(4, "big")
    (town / "c.shp").write_bytes(cut)
    edit(town, '"communities.gpkg"', '"c.shp"')


def streets_swapped(town):
    def exchanged(layer):
        shapes = shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1])
        return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))

    rewrite(town, "streets", exchanged)


def streets_without_rows(town):
    gpd.read_file(town / "streets.gpkg")[:0].to_file(town / "s.fgb", driver="FlatGeobuf")
    edit(town, '"streets.gpkg"', '"s.fgb"')


def years_without_a_century(town):
    ledger(town, "id,lon,lat,建成年份", "A1,114.503,38.003,2014", "A2,114.512,38.004,19")


CASES = {
    "communities in a local system": (
        lambda town: as_local(town, "communities"), "crs-nowhere", "communities.shp",
    ),
    "boundary in a local system": (lambda town: as_local(town, "boundary"), "crs-nowhere", "boundary.shp"),
    "streets in a local system": (lambda town: as_local(town, "streets"), "crs-nowhere", "streets.shp"),
    "facilities in a local system": (local_facilities, "crs-nowhere", "places.shp"),
    "barriers in a local system": (local_barriers, "crs-nowhere", "wall.shp"),
    "a raster in a local system": (
        lambda town: raster(town, np.float64(5.0), crs=LOCAL, cell=100.0), "crs-nowhere", "people.tif",
    ),
    "no system at all": (no_system, "no-crs", "communities.shp"),
    "longitude and latitude exchanged": (swapped, "swapped-lonlat", "ledger.csv"),
    "metres said to be degrees": (metres_in_degrees, "metres-in-table", "ledger.csv"),
    "degrees said to be metres": (degrees_in_metres, "degrees-as-metres", "communities.gpkg"),
    "the zone's number before eastings": (zone_before_eastings, "outside-crs", "communities.gpkg"),
    "headings of AMap": (headings_of_amap, "datum-undeclared", "ledger.csv"),
    "headings of Baidu": (headings_of_baidu, "datum-undeclared", "ledger.csv"),
    "codes of AMap": (codes_of_amap, "datum-undeclared", "ledger.csv"),
    "a column of AMap's codes": (amap_column, "datum-undeclared", "ledger.csv"),
    "places that fit after GCJ-02": (shifted_ledger(wgs84_to_gcj02), "datum-fits-better", "ledger.csv"),
    "places that fit after BD-09": (shifted_ledger(wgs84_to_bd09), "datum-fits-better", "ledger.csv"),
    "a boundary that fits after GCJ-02": (
        lambda town: rewrite(town, "boundary", shifted), "datum-fits-better", "boundary.gpkg",
    ),
    "townships that fit after GCJ-02": (shifted_townships, "datum-fits-better", "townships.gpkg"),
    "short lists that fit after GCJ-02": (short_shifted_ledgers, "datum-fits-better", "list0.csv"),
    "buildings that fit after GCJ-02": (
        lambda town: buildings(town, shifted), "datum-fits-better", "homes.gpkg",
    ),
    "communities of another city": (far_boundary, "elsewhere", "communities.gpkg"),
    "a system that names a file": (system_that_names_a_file, "crs-names-file", "c.shp"),
    "one id far apart": (ids_far_apart, "duplicate-id", "ledger.csv"),
    "an entity bomb": (entity_bomb, "osm-unreadable", "streets.osm"),
    "a PBF cut short": (cut_pbf, "osm-unreadable", "streets.osm.pbf"),
    "a PBF whose text holds a NUL": (nul_in_a_text, "osm-unreadable", "streets.osm.pbf"),
    "an id that is no number": (osm_with('id="1" v', 'id="x" v'), "osm-object-broken", "streets.osm"),
    "a latitude with a sign too many": (osm_with("38.001", "38.0:1"), "osm-object-broken", "streets.osm"),
    "a graph with a line misspelt": (
        graph_without_a_line("LINE STRING (0 0, 1 1"), "graph-unreadable", "streets.graphml",
    ),
    "a graph with an empty line": (
        graph_without_a_line("LINESTRING EMPTY"), "graph-unreadable", "streets.graphml",
    ),
    "cells without width": (endless_raster, "raster-elsewhere", "people.tif"),
    "an archive cut short": (cut_zip, "unreadable", "c.zip"),
    "no .shx": (no_index, "missing-part", "c.shp"),
    "an empty file": (empty_file, "empty-file", "ledger.csv"),
    "no shape in any row": (all_without_shape, "no-geometry", "communities.gpkg"),
    "a word for a number": (not_a_number, "not-a-number", "communities.gpkg"),
    "fewer than nobody": (fewer_than_nobody, "negative", "communities.gpkg"),
    "a code twice": (codes_twice, "duplicate-code", "communities.gpkg"),
    "codes that lost digits": (codes_cut, "code-lost-digits", "communities.gpkg"),
    "a service nobody knows": (unknown_service, "unknown-service", "ledger.csv"),
    "a path out of the folder": (outside_folder, "outside-path", "study.toml"),
    "1e30 residents": (one_huge, "raster-unbelievable", "people.tif"),
    "densities beside the communities' figures": (densities, "raster-of-densities", "people.tif"),
    "a band of densities": (units_say_density, "raster-density", "people.tif"),
    "a raster cut short": (cut_raster, "raster-unreadable", "people.tif"),
    "a virtual raster named .tif": (virtual_raster, "not-its-format", "people.tif"),
    "negative counts": (
        lambda town: raster(town, np.tile([1.0, -1.0, -2.0, 3.0], (40, 10))), "raster-negative", "people.tif",
    ),
    "the meridian of the next zone": (meridian_next_door, "elsewhere", "communities.gpkg"),
    "UTF-8 said to be GBK": (labelled_gbk, "encoding-contradicted", "ledger.csv"),
    "a shapefile in UTF-8 said to be GBK": (cpg_says_gbk, "encoding-contradicted", "c.shp"),
    "an archive that unpacks to a thousand times its size": (bomb, "zip-too-large", "c.zip"),
    "a FlatGeobuf whose writer was ended": (ended_flatgeobuf, "empty-layer", "c.fgb"),
    "a FlatGeobuf cut short": (cut_flatgeobuf, "unreadable", "c.fgb"),
    "infinitely many people": (endless_people, "not-a-number", "communities.gpkg"),
    "a year that is a number of days": (day_numbers, "over-the-most", "ledger.csv"),
    "a raster cut within its head": (raster_cut_in_its_head, "raster-unreadable", "people.tif"),
    "streets labelled with a plane, in degrees": (
        lambda town: rewrite(town, "streets", lambda layer: layer.set_crs(MERIDIAN, allow_override=True)),
        "degrees-as-metres", "streets.gpkg",
    ),
    "streets in metres labelled with degrees": (
        lambda town: rewrite(
            town, "streets", lambda layer: layer.to_crs(MERIDIAN).set_crs(4326, allow_override=True)
        ),
        "metres-as-degrees", "streets.gpkg",
    ),
    "streets with the zone's number before eastings": (
        lambda town: rewrite(
            town, "streets", lambda layer: layer.to_crs(ZONED).set_crs(MERIDIAN, allow_override=True)
        ),
        "outside-crs", "streets.gpkg",
    ),
    "streets with longitude and latitude exchanged": (streets_swapped, "swapped-lonlat", "streets.gpkg"),
    "attributes of fewer rows than shapes": (parts_of_two_states("dbf", 1), "parts-differ", "c.shp"),
    "attributes of more rows than shapes": (parts_of_two_states("dbf", 3), "parts-differ", "c.shp"),
    "an index of fewer shapes": (parts_of_two_states("shx", 1), "parts-differ", "c.shp"),
    "shapes cut shorter than their index": (shapes_shorter_than_their_index, "part-cut-short", "c.shp"),
    "streets without a row": (streets_without_rows, "empty-layer", "s.fgb"),
    "codes in place of people": (
        lambda town: rewrite(town, "communities", lambda layer: layer.assign(population=[130102001, 800])),
        "population-crowded", "communities.gpkg",
    ),
    "a raised digit": (
        lambda town: rewrite(town, "communities", lambda layer: layer.assign(population=["1200²", "800"])),
        "not-a-number", "communities.gpkg",
    ),
    "a year without its century": (years_without_a_century, "under-the-least", "ledger.csv"),
    "infinite counts": (lambda town: raster(town, np.float64(np.inf)), "raster-infinite", "people.tif"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_refused_with_the_place_and_a_fix_and_nothing_touched(command, town, old_results, case):
    spoil, key, file = case
    spoil(town)
    said = command("run", town / "study.toml", "--json")
    assert said.code == 2, said.err
    keys = [fault["key"] for fault in said.faults]
    assert key in keys
    fault = said.faults[keys.index(key)]
    assert fault["file"].endswith(file)
    assert fault["fix"], "what to do about it"
    assert fault["message"].startswith(fault["file"])
    assert "Traceback" not in said.out + said.err
    assert old_results()


def test_a_shifted_datum_is_named_with_both_misfits(command, town):
    shifted_ledger(wgs84_to_gcj02)(town)
    [fault] = command("check", town / "study.toml", "--json", "--lang", "en").faults
    assert 'datum = "gcj02"' in fault["fix"]
    assert "10 m then" in fault["message"]


@pytest.mark.parametrize("datum", ["gcj02", "wgs84"])
def test_a_datum_that_is_said_is_taken_at_its_word(command, town, datum):
    shifted_ledger(wgs84_to_gcj02)(town)
    more(town, f'datum = "{datum}"\n')
    assert command("check", town / "study.toml", "--json").code == 0


def test_every_short_list_of_a_shifted_datum_is_named(command, town):
    short_shifted_ledgers(town)
    faults = command("check", town / "study.toml", "--json").faults
    assert [(fault["key"], Path(fault["file"]).name) for fault in faults] == [
        ("datum-fits-better", f"list{number}.csv") for number in range(5)
    ]


def test_buildings_where_they_belong_are_read_and_a_datum_that_is_said_is_undone(command, town):
    buildings(town, lambda layer: layer)
    assert command("check", town / "study.toml", "--json").code == 0
    right = lc.check(lc.Study.from_file(town / "study.toml"))
    buildings_at = town / "homes.gpkg"
    moved = shifted(gpd.read_file(buildings_at))
    buildings_at.unlink()
    moved.to_file(buildings_at)
    more(town, 'datum = "gcj02"\n')
    undone = lc.check(lc.Study.from_file(town / "study.toml"))
    places = [
        inputs.demand.geometry.to_crs(_plane()).get_coordinates().to_numpy() for inputs in (right, undone)
    ]
    first, second = (np.sort(np.round(place, 1) @ [1, 1j]) for place in places)
    assert np.abs(first - second).max() < 0.2


def test_a_scenario_may_say_the_datum_of_its_files(town):
    lon, lat = (float(one) for one in wgs84_to_gcj02(114.505, 38.004))
    (town / "new.csv").write_text(f"id,service,lon,lat\nN,library,{lon},{lat}\n", encoding="utf-8")
    more(town, '\n[[scenarios]]\nname = "new"\nadd = "new.csv"\ndatum = "gcj02"\n')
    [scenario] = read_scenarios(lc.Study.from_file(town / "study.toml"))
    place = scenario.add.geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((114.505, 38.004), abs=1e-7)


def test_faults_of_every_reader_are_told_in_one_pass(command, town, old_results):
    """Broken communities keep neither streets, raster, facilities nor barriers from being looked at."""
    rewrite(town, "communities", lambda layer: layer.drop(columns="code"))
    as_local(town, "streets")
    raster(town, np.float64(np.inf))
    ledger(town, "id,lon,lat", "A1,114.503,x")
    more(town, '\n[[facilities]]\nsource = "far.csv"\nservice = "library"\n')
    (town / "far.csv").write_text("id,lon,lat\nB,100.0,30.0\n", encoding="utf-8")
    said = command("run", town / "study.toml", "--json")
    assert said.code == 2
    assert {fault["key"] for fault in said.faults} >= {
        "missing-column", "crs-nowhere", "raster-infinite", "not-a-number", "elsewhere",
    }  # fmt: skip
    assert old_results()


def test_many_faults_of_one_sort_are_read_out_ten_at_a_time(command, town):
    names = [f"wrong-{number}" for number in range(25)]
    ledger(town, "id,lon,lat,kind", *(f"{name},114.503,38.003,{name}" for name in names))
    edit(town, 'service = "health-station"', 'service_column = "kind"')
    said = command("check", town / "study.toml", "--lang", "en")
    assert said.code == 2
    assert said.err.count("no service") == 10
    assert "15 more of this sort" in said.err
    assert len(command("check", town / "study.toml", "--json").faults) == 25, "programs get every one"


@pytest.mark.parametrize("column", ["population", "name"])
def test_a_column_that_stands_twice_in_a_table_in_memory_is_no_silent_choice(town, column):
    layer = gpd.read_file(town / "communities.gpkg")
    twice = pd.concat([layer, layer[[column]][::-1].reset_index(drop=True)], axis=1)
    asked = lc.Study(
        study={"name": "x", "plans": [str(town / "own.toml")]},
        area={"communities": twice},
        streets={"source": gpd.read_file(town / "streets.gpkg")},
    )
    with pytest.raises(lc.InputError, match=rf"{column} \(1\)"):
        lc.check(asked)


def test_a_cell_that_holds_a_book_is_read_out_shortly(command, town):
    rewrite(town, "communities", lambda layer: layer.assign(population=["9" * 5000, "800"]))
    said = command("check", town / "study.toml", "--lang", "en")
    assert said.code == 2
    assert "9" * 150 in said.err
    assert "9" * 250 not in said.err


def test_a_table_is_no_wiser_than_its_rows(command, town):
    """Coordinates that are words are named by row and field."""
    rows = pd.DataFrame({"id": ["A", "B"], "lon": ["114.503", "东"], "lat": ["38.003", "北"]})
    rows.to_csv(town / "ledger.csv", index=False)
    faults = command("check", town / "study.toml", "--json").faults
    assert {(fault["row"], fault["field"], fault["found"]) for fault in faults} == {
        ("3", "lon", "东"),
        ("3", "lat", "北"),
    }  # fmt: skip


def test_a_field_that_stands_twice_in_a_shapefile_is_no_silent_choice(command, town):
    """Two fields of one name, as a table joined to itself leaves them: the figures are refused."""
    layer = gpd.read_file(town / "communities.gpkg").rename(columns={"population": "popu_2019"})
    layer.assign(popu_2024=[5, 6]).to_file(town / "c.shp", encoding="UTF-8")
    table = (
        (town / "c.dbf")
        .read_bytes()
        .replace(b"popu_2019\0", b"population")
        .replace(b"popu_2024\0", b"population")
    )
    (town / "c.dbf").write_bytes(table)
    edit(town, '"communities.gpkg"', '"c.shp"')
    said = command("check", town / "study.toml", "--json")
    assert said.code == 2
    [fault] = said.faults
    assert "population (1)" in fault["message"]
    assert "population (2)" in fault["message"]
