"""Boundary, communities, grid cells and the units above them."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box
from shared_data import DATA

from lifecircle.errors import InputError
from lifecircle.sources.areas import place_communities, read_boundary, read_communities, study_area
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.place_names import committee_scope, name_scope, township_kind, unit_kind
from lifecircle.sources.regular_grids import grid_cells
from lifecircle.sources.units import read_units, units_table
from lifecircle.study.area import Area, UnitLayer
from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)


def squares(*corners, size_m=1000.0, **columns):
    """Squares of the study's system by their south-west corners, in metres from (114.5, 38)."""
    shapes = [box(x, y, x + size_m, y + size_m) for x, y in corners]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def written(folder, name, layer):
    """The layer as a GeoPackage in WGS 84."""
    path = folder / f"{name}.gpkg"
    layer.to_crs(4326).to_file(path)
    return path


def communities(folder, layer, **area):
    """Read a layer as the communities of a study: the table and the log."""
    log = ReadingLog()
    path = written(folder, "communities", layer)
    return read_communities(Area(communities=path, **area), log), log


def placed(folder, layer, boundary, *, reach_m=500.0, **area):
    """Read and place communities against a boundary: the table, the log and the area."""
    result, log = communities(folder, layer, **area)
    log.raise_if_any()
    wgs84 = boundary[["geometry"]].dissolve().to_crs(4326).assign(name="")
    ground = study_area(wgs84, result, reach_m=reach_m)
    source = Area(communities=folder / "communities.gpkg", **area)
    return place_communities(result, ground, log, source=source), log, ground


def remarks(log):
    """Remarks by key."""
    return log.quality().set_index("remark")


# --- codes, names and scope


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("130102001001", "urban"),
        ("130102001199", "urban"),
        ("130102001200", "rural"),
        ("130102001399", "rural"),
        ("130102001400", ""),
        ("130102001000", ""),
        ("130102001", ""),
        ("13010200100x", ""),
    ],
)
def test_scope_by_the_committee_part_of_a_code(code, scope):
    assert committee_scope(code) == scope


@pytest.mark.skipif(not (DATA / "cn").is_dir(), reason="no shared data beside the repository")
def test_code_and_name_of_real_committees_agree_on_scope():
    """7,404 committees of six cities; those whose name ends in neither word are not compared."""
    table = pd.read_csv(DATA / "cn" / "villages_names_6cities.csv", dtype=str)
    by_code, by_name = table["code"].map(committee_scope), table["name"].map(name_scope)
    both = (by_code != "") & (by_name != "")
    assert len(table) > 7_000
    assert both.mean() > 0.95
    assert (by_code[both] == by_name[both]).all()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("建北街道", "street"),
        ("建北街道办事处", "street"),
        ("方村镇", "town"),
        ("留营乡", "township"),
        ("长安区", "district"),
        ("正定县", "county"),
        ("石家庄市", "city"),
        ("某农场", ""),
    ],
)
def test_kind_of_a_unit_by_the_ending_of_its_name(name, kind):
    assert unit_kind(name) == kind


def test_kind_of_a_township_by_its_code():
    assert [township_kind(code) for code in ("130102001", "130102100", "130102200", "130102")] == [
        "street",
        "town",
        "township",
        "",
    ]


def test_scope_comes_from_the_column_else_the_code_else_the_name(tmp_path):
    layer = squares(
        (0, 0), (1000, 0), (2000, 0), (3000, 0), (4000, 0),
        code=["130102001001", "130102001201", "x1", "x2", "130102001202"],
        name=["甲社区", "乙村委会", "丙居委会", "丁", "戊社区"],
        scope=["农村", "", "", "", ""],
    )  # fmt: skip
    result, log = communities(tmp_path, layer)
    assert result["scope"].tolist() == ["rural", "rural", "urban", "", "rural"]
    assert result["scope_source"].tolist() == ["column", "code", "name", "", "code"]
    assert result["kind"].tolist() == ["village", "village", "community", "community", "village"]
    assert remarks(log).loc["scope-disagrees", "value"] == "130102001202"
    assert remarks(log).loc["scope-from-code", "count"] == 2


def test_units_above_come_from_the_first_digits_of_a_code_and_are_said_to(tmp_path):
    result, log = communities(tmp_path, squares((0, 0), code=["130102001001"], name=["甲"]))
    assert result[["township", "county", "city"]].to_numpy().tolist() == [["130102001", "130102", "1301"]]
    assert remarks(log).loc["parents-from-code", "count"].tolist() == [1, 1, 1]


def test_codes_read_as_floats_are_restored_and_short_ones_remarked_upon(tmp_path):
    layer = squares((0, 0), (1000, 0), (2000, 0), code=[130102001001.0, 130102001002.0, 10102001003.0])
    result, log = communities(tmp_path, layer)
    assert result["code"].tolist() == ["130102001001", "130102001002", "10102001003"]
    assert remarks(log).loc["codes-restored", "count"] == 3
    assert remarks(log).loc["codes-short", "value"] == "3: 10102001003"


def test_every_wrong_value_of_a_layer_is_named_at_once(tmp_path):
    layer = squares(
        (0, 0), (1000, 0), (2000, 0), (3000, 0),
        code=["1", "1", "", "4"],
        population=["１２", "-5", "many", "1.2万"],
        households=["3", "", "inf", "1,234"],
    )  # fmt: skip
    result, log = communities(tmp_path, layer)
    faults = {(fault.key, fault.field): fault for fault in log.faults}
    assert set(faults) == {
        ("blank-code", "code"),
        ("duplicate-code", "code"),
        ("negative", "population"),
        ("not-a-number", "population"),
        ("not-a-number", "households"),
    }
    assert faults["duplicate-code", "code"].row == "1, 2"
    assert (
        faults["negative", "population"]
        .render()
        .splitlines()[0]
        .endswith("row 2, population: is negative: -5.0")
    )
    assert result["population"].tolist()[0::3] == [12.0, 12000.0]
    assert result["households"].iloc[3] == 1234.0


# --- placing


def test_communities_are_inside_by_their_larger_part_and_context_within_reach(tmp_path):
    """Boundary x 0..2000; squares wholly in, 60 % in, 40 % in, 300 m away, 5 km away."""
    layer = squares((0, 0), (1400, 0), (1600, 1000), (2300, 0), (7000, 0), code=list("abcde"))
    boundary = squares((0, 0), size_m=2000.0)
    table, log, _ = placed(tmp_path, layer, boundary)
    assert dict(zip(table["code"], table["inside"], strict=True)) == {
        "a": True,
        "b": True,
        "c": False,
        "d": False,
    }
    assert remarks(log).loc["beyond-reach", "count"] == 1
    assert remarks(log).loc["straddles-boundary", "value"] == "b, c"


def test_overlaps_and_gaps_are_remarked_upon(tmp_path):
    layer = squares((0, 0), (900, 0), code=["a", "b"])
    _, log, _ = placed(tmp_path, layer, squares((0, 0), size_m=2000.0))
    assert remarks(log).loc["overlap", "item"] == "a+b"
    assert remarks(log).loc["overlap", "value"] == "100,000", "100 m by 1 km"
    gap = float(remarks(log).loc["gap", "value"].rstrip("%"))
    assert gap == pytest.approx(100 * (4 - 1.9) / 4, abs=0.1)


def test_neighbours_that_share_a_border_do_not_overlap(tmp_path):
    _, log, _ = placed(tmp_path, squares((0, 0), (1000, 0), code=["a", "b"]), squares((0, 0)))
    assert "overlap" not in remarks(log).index


def test_without_a_boundary_the_union_of_the_communities_is_judged(tmp_path):
    result, log = communities(tmp_path, squares((0, 0), (1000, 0), code=["a", "b"]))
    area = study_area(None, result, reach_m=500)
    assert area.outline.area == pytest.approx(2e6, rel=1e-6)
    source = Area(communities=tmp_path / "communities.gpkg")
    assert place_communities(result, area, log, source=source)["inside"].all()


def test_communities_of_another_city_are_refused_with_the_distance(tmp_path):
    layer = squares((0, 0), code=["a"])
    with pytest.raises(InputError, match="lies 98 km from the boundary"):
        placed(tmp_path, layer, squares((99_000, 0)))


def test_communities_with_swapped_axes_are_recognised_by_the_boundary(tmp_path):
    """Where neither coordinate exceeds 90 degrees only the other layer can tell."""
    crs = local_crs(80.0, 41.0)
    boundary = gpd.GeoDataFrame({"code": ["a"]}, geometry=[box(0, 0, 1000, 1000)], crs=crs)
    layer = boundary.to_crs(4326)
    layer = layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]))
    with pytest.raises(InputError, match="longitude and latitude are swapped"):
        placed(tmp_path, layer.set_crs(4326), boundary)


def test_a_boundary_without_any_community_inside_is_refused(tmp_path):
    with pytest.raises(InputError, match="no community lies within the boundary"):
        placed(tmp_path, squares((0, 0), code=["a"]), squares((1200, 0)))


def test_a_named_column_that_is_not_there_is_refused_and_an_unnamed_one_is_not(tmp_path):
    layer = squares((0, 0), code=["a"])
    communities(tmp_path, layer)
    with pytest.raises(InputError, match='no column "户数"'):
        communities(tmp_path, layer, columns={"households": "户数"})


# --- boundary


def test_a_boundary_of_several_polygons_becomes_one(tmp_path):
    path = written(tmp_path, "boundary", squares((0, 0), (5000, 0), name=["a", "b"]))
    result = read_boundary(Area(boundary=path), ReadingLog())
    assert len(result) == 1
    assert result.to_crs(CRS).area.iloc[0] == pytest.approx(2e6, rel=1e-6)


@pytest.mark.skipif(not (DATA / "cn").is_dir(), reason="no shared data beside the repository")
def test_a_district_in_gcj02_moves_by_its_shift():
    path = DATA / "cn" / "districts" / "130102.geojson"
    plain = read_boundary(Area(boundary=path), ReadingLog())
    undone = read_boundary(Area(boundary=path, datum="gcj02"), ReadingLog())
    shift_m = plain.to_crs(CRS).centroid.distance(undone.to_crs(CRS).centroid).iloc[0]
    assert 300 < shift_m < 700
    area_ratio = undone.to_crs(CRS).area.iloc[0] / plain.to_crs(CRS).area.iloc[0]
    assert area_ratio == pytest.approx(1, abs=5e-3)


# --- grids


def test_squares_start_at_the_origin_of_the_zone_and_fill_the_boundary():
    boundary = squares((130, 170), size_m=2000.0)
    cells = grid_cells("square:500m", boundary, CRS)
    assert cells.area.sum() == pytest.approx(4e6, rel=1e-9)
    assert cells["code"].is_unique
    whole = cells[np.isclose(cells.area, 250_000, rtol=2e-3)].to_crs(32650)
    corners = whole.bounds[["minx", "miny"]].to_numpy()
    assert len(whole) >= 9
    assert np.abs(corners / 500 - np.round(corners / 500)).max() * 500 < 1e-3


def test_the_same_ground_has_the_same_cells_in_two_studies():
    one = grid_cells("square:500m", squares((0, 0), size_m=3000.0), CRS)
    two = grid_cells("square:500m", squares((1000, 1000), size_m=3000.0), CRS)
    shared = set(one["code"]) & set(two["code"])
    assert len(shared) >= 16


def test_hexagons_cover_the_boundary_once_and_carry_their_id():
    boundary = squares((0, 0), size_m=4000.0)
    cells = grid_cells("h3:8", boundary, CRS)
    assert all(h3.get_resolution(code) == 8 for code in cells["code"])
    assert cells.area.sum() == pytest.approx(16e6, rel=1e-5)
    assert cells["code"].is_monotonic_increasing


def test_a_grid_too_fine_to_read_is_refused():
    with pytest.raises(InputError, match=r"square:1m would make 16,\d{3},\d{3} cells, more than 200,000"):
        grid_cells("square:1m", squares((0, 0), size_m=4000.0), CRS)
    with pytest.raises(InputError, match="there is no grid h3:16"):
        grid_cells("h3:16", squares((0, 0)), CRS)


# --- units above


def no_demand():
    """An empty demand table."""
    return gpd.GeoDataFrame({"residents": pd.Series([], dtype=float)}, geometry=[], crs=CRS)


def test_townships_are_dissolved_from_their_communities(tmp_path):
    layer = squares(
        (0, 0), (1000, 0), (0, 1000), (2000, 0),
        code=["a", "b", "c", "d"],
        township=["t1", "t1", "t2", "t2"],
        township_name=["建北街道", "", "方村镇", "方村镇"],
    )  # fmt: skip
    table, _, area = placed(tmp_path, layer, squares((0, 0), size_m=2000.0))
    table["population"] = [10.0, 20.0, np.nan, 5.0]
    units = units_table(table, [], no_demand(), area, people_known=True).set_index("code")
    assert units["kind"].to_dict() == {"t1": "street", "t2": "town"}
    assert units.loc["t1", "population"] == 30
    assert np.isnan(units.loc["t2", "population"])
    assert units["whole"].to_dict() == {"t1": True, "t2": False}
    assert units.loc["t1"].geometry.area == pytest.approx(2e6, rel=1e-6)


def test_a_supplied_layer_replaces_the_dissolved_level_and_counts_its_people(tmp_path):
    layer = squares((0, 0), (1000, 0), code=["a", "b"], township=["t1", "t1"])
    table, log, area = placed(tmp_path, layer, squares((0, 0), (1000, 0)))
    path = written(tmp_path, "towns", squares((0, 0), (1000, 0), code=["A", "B"], name=["甲街道", "乙乡"]))
    supplied = read_units(UnitLayer(kind="township", source=path), log)
    demand = gpd.GeoDataFrame(
        {"residents": [3.0, 4.0]}, geometry=gpd.points_from_xy([500, 600], [500, 500]), crs=area.crs
    )
    demand = demand.set_geometry(table.geometry.iloc[[0, 0]].representative_point().to_numpy())
    units = units_table(table, [supplied], demand, area, people_known=True)
    assert units["code"].tolist() == ["A", "B"]
    assert units["population"].tolist() == [7.0, 0.0]
    assert units["kind"].tolist() == ["street", "township"]
    assert units["whole"].all()


def test_a_layer_of_areas_without_codes_is_numbered(tmp_path):
    path = written(tmp_path, "scenic", squares((0, 0), (1000, 0)))
    supplied = read_units(UnitLayer(kind="scenic", source=path), ReadingLog())
    assert supplied.units["code"].tolist() == ["scenic-1", "scenic-2"]


# --- one setting, one file; codes of the units above


def test_the_boundary_has_a_layer_a_datum_and_an_encoding_of_its_own(tmp_path):
    both = tmp_path / "both.gpkg"
    squares((0, 0)).to_crs(4326).to_file(both, layer="边界")
    squares((0, 0), (1000, 0), code=["1", "2"]).to_crs(4326).to_file(both, layer="社区")
    area = Area(boundary=both, boundary_layer="边界", communities=both, layer="社区", boundary_datum="gcj02")
    log = ReadingLog()
    outline = read_boundary(area, log).geometry.iloc[0]
    assert len(read_communities(area, log)) == 2
    plain = read_boundary(Area(boundary=both, boundary_layer="边界"), ReadingLog()).geometry.iloc[0]
    moved_m = 111_320 * outline.centroid.distance(plain.centroid)
    assert 300 < moved_m < 900
    assert "datum-of-both" not in set(log.quality()["remark"])


def test_a_datum_that_is_said_of_both_files_is_told(tmp_path):
    for name in ("boundary", "communities"):
        written(tmp_path, name, squares((0, 0), code=["1"]))
    area = Area(boundary=tmp_path / "boundary.gpkg", communities=tmp_path / "communities.gpkg", datum="gcj02")
    log = ReadingLog()
    read_boundary(area, log)
    assert log.quality().set_index("remark").loc["datum-of-both", "value"] == "gcj02"


def test_a_geojson_boundary_is_not_read_in_the_encoding_of_the_communities(tmp_path):
    squares((0, 0), name=["试验市"]).to_crs(4326).to_file(tmp_path / "b.geojson")
    area = Area(boundary=tmp_path / "b.geojson", communities=tmp_path / "c.shp", encoding="gbk")
    assert read_boundary(area, ReadingLog())["name"].tolist() == ["试验市"]


def test_codes_of_the_units_above_come_back_from_floats(tmp_path):
    layer = squares((0, 0), (1000, 0), code=["440402001001", "440402001002"])
    layer["township"], layer["county"] = [440402001.0, None], ["'440402", '="440402"']
    result, log = communities(tmp_path, layer)
    assert result["township"].tolist() == ["440402001", "440402001"]
    assert result["county"].tolist() == ["440402", "440402"]
    assert not list(log.faults)


def test_a_code_of_a_unit_above_that_lost_its_digits_is_refused(tmp_path):
    layer = squares((0, 0), (1000, 0), code=["1", "2"], township=["4.40402E+08", "440402001"])
    _, log = communities(tmp_path, layer)
    [fault] = log.faults
    assert (fault.key, fault.row, fault.field) == ("code-lost-digits", "1", "township")


def test_people_in_ten_thousands_are_people(tmp_path):
    layer = squares((0, 0), (1000, 0), code=["1", "2"])
    layer["常住人口（万人）"] = [1.2, 0.9]
    for options in ({}, {"columns": {"population": "常住人口（万人）"}}):
        result, log = communities(tmp_path, layer, **options)
        assert result["population"].tolist() == [12000, 9000]
        assert "unit-converted" in remarks(log).index


def test_a_class_of_town_and_country_that_became_a_float_is_understood(tmp_path):
    layer = squares((0, 0), (1000, 0), code=["1", "2"], scope=[111.0, 220.0])
    assert communities(tmp_path, layer)[0]["scope"].tolist() == ["urban", "rural"]


def test_a_density_is_not_taken_for_people(tmp_path):
    layer = squares((0, 0), code=["1"])
    layer["常住人口（人/平方公里）"] = [5000.0]
    assert communities(tmp_path, layer)[0]["population"].isna().all()
    _, log = communities(tmp_path, layer, columns={"population": "常住人口（人/平方公里）"})
    assert [fault.key for fault in log.faults] == ["unit-unfit"]
