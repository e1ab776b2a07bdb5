"""A study of which every file is broken: one pass names them all, each once."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from shapely import LineString, Point, box
from small_study import write_layer
from spoiled_town import edit, more, raster

FACILITIES = '[[facilities]]\nsource = "{file}"\nservice = "library"\n'


@pytest.fixture
def full(town):
    """The town with a file of every sort that a study can name."""
    ground = [box(0, 0, 2000, 1000)]
    write_layer(town / "townships.fgb", ground, code=["130102001"], name=["镇"])
    write_layer(town / "buildings.shp", [box(x, 100, x + 40, 140) for x in range(100, 1900, 50)])
    write_layer(town / "walls.geojson", [LineString([(600, 300), (700, 300)])])
    write_layer(town / "bridge.gpkg", [LineString([(250, 250), (500, 500)])])
    places = [Point(114.504, 38.002), Point(114.511, 38.005)]
    layer = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=places, crs=4326)
    layer.to_parquet(town / "places.parquet")
    layer.to_file(town / "more.gpkg")
    book = openpyxl.Workbook()
    for row in (["id", "lon", "lat"], ["A1", 114.503, 38.003]):
        book.active.append(row)
    book.save(town / "ledger.xlsx")
    (town / "new.csv").write_text("id,service,lon,lat\nN,library,114.508,38.006\n", encoding="utf-8")
    (town / "told.csv").write_text("rule,code,year,value\nx,130102001,2025,0.5\n", encoding="utf-8")
    raster(town, np.random.default_rng(0).random((40, 40)))
    shutil.copy(town / "people.tif", town / "heights.tif")
    edit(
        town,
        'source = "streets.gpkg"',
        'source = "streets.gpkg"\nbarriers = "walls.geojson"\nelevation = "heights.tif"',
    )
    more(
        town,
        '[[areas]]\nkind = "township"\nsource = "townships.fgb"\n[buildings]\nsource = "buildings.shp"\n',
    )
    for file in ("ledger.xlsx", "places.parquet", "more.gpkg"):
        more(town, FACILITIES.format(file=file))
    more(town, '[indicators]\nsource = "told.csv"\n')
    more(town, '[[scenarios]]\nname = "new"\nadd = "new.csv"\nopen_streets = "bridge.gpkg"\n')
    return town


BROKEN = [
    "own.toml",
    "boundary.gpkg",
    "communities.gpkg",
    "townships.fgb",
    "buildings.shp",
    "walls.geojson",
    "streets.gpkg",
    "heights.tif",
    "people.tif",
    "ledger.csv",
    "ledger.xlsx",
    "places.parquet",
    "more.gpkg",
    "told.csv",
    "new.csv",
    "bridge.gpkg",
]


def spoil(path):
    """A file that no reader takes: cut in half, or of other words."""
    whole = path.read_bytes()
    if path.suffix == ".toml":
        path.write_text("[plan]\nid = 1\n", encoding="utf-8")
    else:
        path.write_bytes(b"id,\xff\xfe\x00\n" if path.suffix == ".csv" else whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "sound", [(), ("boundary.gpkg",), ("boundary.gpkg", "communities.gpkg", "streets.gpkg")]
)
def test_every_broken_file_is_named_in_one_pass_and_once(command, full, old_results, sound):
    broken = [name for name in BROKEN if name not in sound]
    assert command("check", full / "study.toml", "--json").faults == [], "the town is sound before"
    for name in broken:
        spoil(full / name)
    said = command("check", full / "study.toml", "--json")
    assert said.code == 2
    assert Counter(Path(fault["file"]).name for fault in said.faults) == Counter(broken)
    assert old_results()
