"""The demo's files: equal each time, openable with plain libraries, as untidy as promised."""

from __future__ import annotations

import hashlib
import tomllib

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio

from lifecircle.demo import write_demo
from lifecircle.errors import InputError
from lifecircle.services import catalogue
from lifecircle.study import Study
from lifecircle.tables.datum import gcj02_to_wgs84

FILES = {
    "README.txt",
    "study.toml",
    "raw/areas.gpkg",
    "raw/boundary.geojson",
    "raw/communities.gpkg",
    "raw/facilities.xlsx",
    "raw/ledgers.xlsx",
    "raw/planted.toml",
    "raw/pois_gcj02_gbk.csv",
    "raw/population.tif",
    "raw/streets.osm.pbf",
}


def checksums(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_two_writes_are_equal_to_the_byte_and_a_second_replaces_the_first(demo_folder, tmp_path):
    write_demo(tmp_path)
    write_demo(tmp_path)
    assert checksums(tmp_path) == checksums(demo_folder)
    assert set(checksums(tmp_path)) == FILES


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"study\.toml and no demo city"):
        write_demo(tmp_path)
    assert checksums(tmp_path) == {"study.toml": hashlib.sha256(b"mine").hexdigest()}


def test_the_study_file_is_valid_and_every_path_of_it_is_there(demo_folder):
    study = Study.from_file(demo_folder / "study.toml")
    assert study.study.name == "演示市 (合成数据)"
    assert study.study.covers_whole
    assert set(study.study.plans) == {"hainan-2022", "wuhu-2021", "zhuhai-2021", "shijiazhuang-2016"}
    for path in (study.area.boundary, study.area.communities, study.population.raster):
        assert path.is_file()


def test_every_service_the_study_calls_complete_is_in_the_catalogue(demo_folder):
    study = Study.from_file(demo_folder / "study.toml")
    named = {service for source in study.facilities for service in (*source.complete_for, *source.services)}
    assert named <= set(catalogue())


def test_the_note_says_that_nothing_is_real_in_both_languages(demo_folder):
    note = (demo_folder / "README.txt").read_text(encoding="utf-8")
    assert "synthetic" in note
    assert "合成数据" in note


def test_communities_are_one_layer_of_polygons_in_an_office_projection(raw):
    assert pyogrio.list_layers(raw / "communities.gpkg")[:, 0].tolist() == ["communities"]
    info = pyogrio.read_info(raw / "communities.gpkg")
    assert info["crs"] == "EPSG:4544"
    assert {"代码", "名称", "类型", "常住人口", "户数", "乡镇代码", "区县代码"} <= set(info["fields"])


def test_population_is_counts_on_a_hundred_metre_grid_with_nodata(raw):
    with rasterio.open(raw / "population.tif") as file:
        assert file.res == (100.0, 100.0)
        assert file.crs.to_epsg() == 32648
        assert file.nodata == -99999.0
        values = file.read(1, masked=True)
    assert values.mask.any()
    assert 890_000 < values.sum() < 910_000
    assert (values == np.round(values)).all()


def test_the_ledger_has_merged_headings_full_width_digits_commas_and_ten_thousands(raw):
    sheet = openpyxl.load_workbook(raw / "facilities.xlsx")["设施台账"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:U1", "A2:D2", "G2:K2", "L2:T2"} <= merged
    typed = [cell.value for cell in sheet["G"] if isinstance(cell.value, str)]
    assert any(value.endswith("万") for value in typed)
    assert any("," in value for value in typed)
    assert any(value[0] in "０１２３４５６７８９" for value in typed)


def test_the_ledger_names_only_services_of_the_catalogue(ledger):
    known = set(catalogue()) | {service.zh for service in catalogue().values()}
    assert set(ledger["类别"]) <= known


def test_points_are_gbk_text_and_lie_in_the_city_only_once_moved_from_gcj02(raw, communities):
    with pytest.raises(UnicodeDecodeError):
        (raw / "pois_gcj02_gbk.csv").read_text(encoding="utf-8")
    table = pd.read_csv(raw / "pois_gcj02_gbk.csv", encoding="gbk", dtype={"typecode": str})
    assert table["id"].is_unique
    assert table["typecode"].str.fullmatch(r"\d{6}").all()
    assert 4000 < len(table) < 6000
    lon, lat = gcj02_to_wgs84(table["lon"], table["lat"])
    given = gpd.GeoSeries(gpd.points_from_xy(table["lon"], table["lat"]), crs=4326)
    true = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326)
    county = communities.dissolve("区县").to_crs(4326).geometry
    in_their_county = [
        points.within(county.loc[table["adname"]].reset_index(drop=True)).mean() for points in (true, given)
    ]
    assert in_their_county[0] == 1.0
    assert in_their_county[1] < 0.99
    moved_m = true.to_crs(32648).distance(given.to_crs(32648))
    assert moved_m.between(26, 678).all(), "the range in which GCJ-02 displaces China"


def test_planted_deficits_are_plain_tables(raw):
    planted = tomllib.loads((raw / "planted.toml").read_text(encoding="utf-8"))
    assert set(planted) == {"missing", "too_few", "too_small", "out_of_reach", "exempt", "figure"}


def test_the_study_names_the_plans_that_were_asked_for(tmp_path):
    study = Study.from_file(write_demo(tmp_path / "one", plans=["wuhu-2021", "wuhu-2021"]))
    assert study.study.plans == ("wuhu-2021",)
