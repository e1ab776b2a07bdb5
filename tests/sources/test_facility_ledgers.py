"""Facilities from ledgers, layers and tags."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely import Point, box
from shared_data import DATA

from lifecircle.errors import InputError, MissingInputError
from lifecircle.services import catalogue
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.facilities import complete_services, facilities_table, read_facilities
from lifecircle.sources.files.sheets import read_sheet
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.study.sections import FacilitySource
from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)
AREA = StudyArea(
    gpd.GeoDataFrame({"name": [""]}, geometry=[box(-1000, -1000, 1000, 1000)], crs=CRS), CRS, 500.0
)
TOWNS = gpd.GeoDataFrame(
    {"code": ["a", "b"], "name": ["A", "B"]},
    geometry=[box(-1000, -1000, 0, 1000), box(0, -1000, 1000, 1000)],
    crs=CRS,
)


def csv(folder, *lines, name="ledger", encoding="utf-8"):
    """A ledger."""
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def read(path, *, log=None, **options):
    """One ledger, every fault raised."""
    log = log or ReadingLog()
    rows = read_ledger(FacilitySource(source=str(path), **options), log)
    log.raise_if_any()
    return rows, log


def remarks(log):
    """Remarks by key."""
    return log.quality().set_index("remark")


def table(*paths, tagged=None, log=None, **options):
    """The table of facilities of some ledgers."""
    log = log or ReadingLog()
    options = options or {"service": "health-station"}
    ledgers = read_facilities([FacilitySource(source=str(path), **options) for path in paths], log)
    result, _ = facilities_table(ledgers, tagged, TOWNS, AREA, log)
    log.raise_if_any()
    return result, log


def test_a_ledger_is_read_by_its_mapped_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["社区卫生设施台账"])
    book.active.append(["编号", "名称", "经度", "纬度", "建筑面积", "是否开放", "达标"])
    book.active.append(["H-01", "光华路卫生服务站", 114.501, 38.001, "１，２００", "是", "否"])
    book.active.append(["H-02", "镇卫生院", "114.502", "38.001", "0.2万", "否", None])
    book.save(tmp_path / "l.xlsx")
    columns = {
        "id": "编号",
        "name": "名称",
        "x": "经度",
        "y": "纬度",
        "floor_area_m2": "建筑面积",
        "public": "是否开放",
        "meets_standard": "达标",
    }
    rows, log = read(tmp_path / "l.xlsx", service="health-station", columns=columns)
    assert rows["facility"].tolist() == ["H-01", "H-02"]
    assert rows["floor_area_m2"].tolist() == [1200, 2000]
    assert rows["public"].tolist() == [True, False]
    assert rows["meets_standard"].tolist() == [False, None]
    assert rows["capacity"].isna().all()
    assert remarks(log).loc["not-public", "count"] == 1


def test_services_are_known_by_id_and_by_either_name(tmp_path):
    names = catalogue()
    path = csv(
        tmp_path,
        "lon,lat,类别",
        "114.5,38,health-station",
        f"114.5,38,{names['health-station'].zh}",
        f"114.5,38,{names['pharmacy'].en.upper()}",
        f"114.5,38,{names['pharmacy'].zh}；convenience-store",
    )
    rows, _ = read(path, service_column="类别")
    assert rows["service"].tolist() == [
        "health-station", "health-station", "pharmacy", "pharmacy", "convenience-store",
    ]  # fmt: skip
    assert rows["facility"].tolist() == ["2", "3", "4", "5", "5"]


def test_every_unknown_service_is_named_once_with_its_rows_and_the_nearest(tmp_path):
    wrong = ["health-statoin", "pharmacy", "health-statoin", ""]
    path = csv(tmp_path, "x,y,kind", *[f"114.5,38,{service}" for service in wrong])
    with pytest.raises(InputError) as caught:
        read(path, service_column="kind")
    words = str(caught.value)
    assert 'ledger.csv, rows 2, 4, kind: no service "health-statoin" in the catalogue' in words
    assert "nearest to it: health-station" in words
    assert "ledger.csv, row 5, kind: says no service" in words
    assert len(caught.value.faults) == 2


def test_amap_codes_in_gbk_and_gcj02_become_services_in_wgs84(tmp_path):
    """090601 is a pharmacy, here also without its zero; 999999 stands for nothing."""
    lines = ["1,药店,114.5,38,090601", "2,店,114.5,38,999999", "3,酒,114.5,38,90601"]
    path = csv(tmp_path, "id,名称,lon,lat,typecode", *lines, encoding="gbk")
    rows, log = read(path, amap_column="typecode", datum="gcj02", columns={"name": "名称"})
    assert set(rows["service"]) == {"pharmacy"}
    assert rows["facility"].tolist() == ["1", "3"]
    assert remarks(log).loc["amap-unmatched", "value"] == "999999"
    assert remarks(log).loc["codes-restored", "count"] == 1
    moved_m = rows.to_crs(CRS).distance(gpd.GeoSeries([Point(114.5, 38)], crs=4326).to_crs(CRS).iloc[0])
    assert moved_m.between(200, 700).all()


@pytest.mark.skipif(not (DATA / "amap").is_dir(), reason="no shared data beside the repository")
def test_amaps_own_table_of_codes_is_read_through_its_sheets(tmp_path):
    book = read_sheet(DATA / "amap" / "amap_poicode.xlsx", headings=[("NEW_TYPE",), ("小类",)])
    assert book.layer == "POI分类与编码（中英文）"
    codes = book.frame["NEW_TYPE"].tolist()
    path = csv(tmp_path, "x,y,typecode", *[f"114.5,38,{code}" for code in codes])
    rows, log = read(path, amap_column="typecode", datum="gcj02")
    assert len(codes) > 800
    unmatched = remarks(log).loc["amap-unmatched", "count"]
    assert rows["facility"].nunique() + unmatched == len(codes)


def test_an_unknown_column_of_ours_is_refused_with_the_nearest(tmp_path):
    path = csv(tmp_path, "x,y", "114.5,38")
    with pytest.raises(
        InputError, match=r"columns\.floor_area: unknown key\n  fix: valid here: floor_area_m2"
    ):
        read(path, service="pharmacy", columns={"floor_area": "a"})


def test_a_mapped_column_that_is_not_there_is_refused(tmp_path):
    path = csv(tmp_path, "lng,lat,名称", "114.5,38,a")
    with pytest.raises(InputError, match=r'no column "经度" \(found: lng, lat, 名称\)'):
        read(path, service="pharmacy", columns={"x": "经度"})


@pytest.mark.parametrize("setting", ["service_column", "amap_column"])
def test_a_column_of_services_that_is_not_there_is_named_by_its_own_setting(tmp_path, setting):
    path = csv(tmp_path, "lng,lat,service", "114.5,38,pharmacy")
    with pytest.raises(InputError, match=f'what this file calls it: {setting} = "service"'):
        read(path, **{setting: "servce"})
    with pytest.raises(MissingInputError):
        read(tmp_path / "gone.csv", **{setting: "servce"})


def test_one_id_at_two_places_is_refused_and_one_id_with_two_services_is_not(tmp_path):
    good = csv(tmp_path, "id,x,y,s", "1,114.5,38,pharmacy", "1,114.5,38,supermarket")
    assert read(good, service_column="s")[0]["facility"].tolist() == ["1", "1"]
    bad = csv(tmp_path, "id,x,y,s", "1,114.5,38,pharmacy", "1,114.6,38,pharmacy", name="bad")
    with pytest.raises(InputError, match=r"bad\.csv, rows 2, 3, id: 1 id stands for places far apart: 1"):
        read(bad, service_column="s")


def test_words_that_are_neither_yes_nor_no_and_negative_figures_are_refused_together(tmp_path):
    path = csv(tmp_path, "x,y,public,capacity", "114.5,38,maybe,-3")
    with pytest.raises(InputError) as caught:
        read(path, service="pharmacy")
    assert {fault.key for fault in caught.value.faults} == {"not-yes-or-no", "negative"}


@pytest.mark.parametrize(("rows", "flagged"), [(200, True), (400, True), (199, False), (201, False)])
def test_a_count_that_a_query_limit_would_give_is_flagged(tmp_path, rows, flagged):
    lines = [f"{114.5 + number * 1e-5:.5f},38" for number in range(rows)]
    _, log = read(csv(tmp_path, "x,y", *lines), service="pharmacy")
    assert ("capped" in remarks(log).index) is flagged


def test_a_capped_category_within_a_ledger_is_flagged(tmp_path):
    lines = [f"{114.5 + number * 1e-5:.5f},38,pharmacy" for number in range(200)]
    _, log = read(csv(tmp_path, "x,y,s", *lines, "114.5,38,supermarket"), service_column="s")
    assert remarks(log).loc["capped", "value"] == "pharmacy"


# --- the table


def test_facilities_are_placed_and_limited_to_the_ground_within_reach(tmp_path):
    """In community a, on the border, 300 m outside the boundary, 5 km away."""
    places = gpd.GeoSeries([Point(-500, 0), Point(0, 0), Point(1300, 0), Point(6000, 0)], crs=CRS).to_crs(
        4326
    )
    path = csv(tmp_path, "id,x,y", *[f"{n},{place.x:.9f},{place.y:.9f}" for n, place in enumerate(places)])
    rows, log = table(path)
    rows = rows.set_index("facility")
    assert rows["community"].to_dict() == {"ledger:0": "a", "ledger:1": "a", "ledger:2": ""}
    assert rows["inside"].to_dict() == {"ledger:0": True, "ledger:1": True, "ledger:2": False}
    assert remarks(log).loc["facilities-beyond-reach", "value"] == "ledger:3"


def test_doubles_at_one_place_are_dropped_and_neighbours_of_other_names_kept(tmp_path):
    path = csv(
        tmp_path,
        "id,name,x,y",
        "1,甲,114.5,38",
        "2,甲,114.5,38",
        "3,乙,114.5,38",
        "4,,114.5,38",
        "5,甲,114.501,38",
    )
    rows, log = table(path)
    assert rows["facility"].tolist() == ["ledger:1", "ledger:3", "ledger:5"]
    assert remarks(log).loc["facilities-doubled", "count"] == 2


def test_two_ledgers_of_one_name_keep_their_ids_apart(tmp_path):
    (tmp_path / "b").mkdir()
    one = csv(tmp_path, "id,name,x,y", "1,甲,114.5,38")
    two = csv(tmp_path / "b", "id,name,x,y", "1,乙,114.5,38")
    assert table(one, two)[0]["facility"].is_unique


def test_a_polygon_keeps_its_shape(tmp_path):
    park = box(100, 100, 300, 300)
    gpd.GeoDataFrame({"name": ["园"]}, geometry=[park], crs=CRS).to_crs(4326).to_file(tmp_path / "park.gpkg")
    rows, _ = table(tmp_path / "park.gpkg", service="pharmacy")
    assert rows["facility"].tolist() == ["park:1"]
    assert rows.geometry.iloc[0].area == pytest.approx(park.area, rel=1e-6)


def test_tags_give_facilities_and_private_ones_are_not_public():
    tagged = gpd.GeoDataFrame(
        {
            "osm_id": ["n1", "w2", "n3"],
            "service": ["pharmacy"] * 3,
            "name": ["a", "b", "c"],
            "access": ["", "private", "customers"],
        },
        geometry=[Point(114.5, 38), box(114.5, 38, 114.501, 38.001), Point(114.502, 38)],
        crs=4326,
    )
    rows, log = table(tagged=tagged)
    assert dict(zip(rows["facility"], rows["public"], strict=True)) == {
        "osm:n1": True,
        "osm:n3": False,
        "osm:w2": False,
    }
    assert remarks(log).loc["not-public", "count"] == 2


def test_no_source_at_all_gives_an_empty_table_of_the_right_columns():
    rows, _ = table()
    assert len(rows) == 0
    assert rows.crs == CRS


def test_a_ledger_of_another_city_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"ledger\.csv: lies .* km from the boundary"):
        table(csv(tmp_path, "x,y", "116.4,39.9"))


def test_latitude_first_is_recognised_by_the_boundary(tmp_path):
    crs = local_crs(80.0, 41.0)
    outline = gpd.GeoDataFrame({"name": [""]}, geometry=[box(-1000, -1000, 1000, 1000)], crs=crs)
    log = ReadingLog()
    ledgers = read_facilities(
        [FacilitySource(source=str(csv(tmp_path, "lon,lat", "41,80")), service="pharmacy")], log
    )
    facilities_table(ledgers, None, TOWNS, StudyArea(outline, crs, 500.0), log)
    assert [fault.key for fault in log.faults] == ["swapped-lonlat"]


def test_completeness_is_declared_for_known_services_and_never_for_osm():
    ledger = FacilitySource(source="l.csv", service="pharmacy", complete_for=("pharmacy",))
    assert complete_services([ledger]) == {"pharmacy"}
    wrong = FacilitySource(source="l.csv", service="pharmacy", complete_for=("farmacy",))
    osm = FacilitySource(source="streets", complete_for=("pharmacy",))
    with pytest.raises(InputError) as caught:
        complete_services([wrong, osm])
    assert [fault.key for fault in caught.value.faults] == ["unknown-service", "osm-not-complete"]


def test_the_table_does_not_depend_on_the_order_of_rows(tmp_path):
    rng = np.random.default_rng(3)
    lines = [
        f"{n},{114.5 + x:.6f},{38 + y:.6f}" for n, (x, y) in enumerate(rng.uniform(-0.005, 0.005, (20, 2)))
    ]
    one, _ = table(csv(tmp_path, "id,x,y", *lines))
    two, _ = table(csv(tmp_path, "id,x,y", *reversed(lines)))
    assert one["facility"].tolist() == two["facility"].tolist()
    assert shapely.equals(one.geometry.to_numpy(), two.geometry.to_numpy()).all()


def test_a_plans_own_column_of_facilities_goes_by_the_name_that_the_source_gives_it(tmp_path):
    path = csv(tmp_path, "id,lon,lat,长椅数", "A,114.5,38,4", "B,114.51,38,NaN")
    source = FacilitySource(source=str(path), service="library", columns={"benches": "长椅数"})
    log = ReadingLog()
    rows = read_ledger(source, log, {"facilities.benches"})
    assert rows["benches"].fillna(-1).tolist() == [4.0, -1.0]
    assert remarks(log).loc["words-for-nothing", "value"] == "长椅数: NaN (3)"
    assert "benches" not in read_ledger(source, ReadingLog(), None), "no plan was asked"
    with pytest.raises(InputError) as refused:
        read_ledger(source, ReadingLog(), {"facilities.tables"})
    assert [fault.key for fault in refused.value.faults] == ["unknown-key"]


def outlines(shapes, **columns):
    """Places of OpenStreetMap with outlines, in metres."""
    count = len(shapes)
    table = {"osm_id": [f"w{at}" for at in range(count)], "service": "sports-ground", "access": "", **columns}
    return gpd.GeoDataFrame({"name": [f"场{at}" for at in range(count)], **table}, geometry=shapes, crs=CRS)


def test_an_outline_stands_for_the_site_and_ground_counts_once():
    """A field of 100 x 60 m, a court of 20 x 10 m inside it, one of 20 x 10 m half across its edge."""
    shapes = [box(10, 10, 30, 20), box(0, 0, 100, 60), box(90, 0, 110, 10), Point(500, 500)]
    rows, log = table(tagged=outlines(shapes))
    area = rows.set_index("facility")["site_area_m2"]
    assert area[["osm:w0", "osm:w1", "osm:w2"]].tolist() == pytest.approx([0.0, 6000.0, 100.0])
    assert np.isnan(area["osm:w3"]), "a point has no outline"
    assert remarks(log).loc["site-area-from-outline", "count"] == 3
    services = outlines(shapes[:2], service=["sports-ground", "park"])
    area = table(tagged=services)[0].set_index("facility")["site_area_m2"]
    assert area.tolist() == pytest.approx([200.0, 6000.0]), "a court in a park is ground of another service"


def test_a_stated_site_area_is_kept_and_outlines_may_be_told_not_to_count(tmp_path):
    shapes = [box(0, 0, 100, 60), box(200, 0, 250, 50)]
    told = gpd.GeoDataFrame({"id": ["A", "B"], "site_area_m2": [900.0, None]}, geometry=shapes, crs=CRS)
    told.to_crs(4326).to_file(tmp_path / "grounds.gpkg")
    source = FacilitySource(source=str(tmp_path / "grounds.gpkg"), service="sports-ground")
    ledgers = read_facilities([source], ReadingLog())
    result, _ = facilities_table(ledgers, None, TOWNS, AREA, ReadingLog())
    assert result["site_area_m2"].tolist() == pytest.approx([900.0, 2500.0], rel=1e-6)
    result, _ = facilities_table(ledgers, None, TOWNS, AREA, ReadingLog(), outlines_count=False)
    assert result["site_area_m2"].fillna(-1).tolist() == [900.0, -1.0]


# --- ids, codes and communities as ledgers have them


def test_running_numbers_that_begin_anew_are_no_ids(tmp_path):
    rows = [f"{number % 3 + 1},{114.5 + number / 1000},38" for number in range(6)]
    log = ReadingLog()
    result, _ = read(csv(tmp_path, "序号,lon,lat", *rows), service="health-station", log=log)
    assert result["facility"].tolist() == ["2", "3", "4", "5", "6", "7"]
    assert remarks(log).loc["serial-not-id", ["value", "severity"]].tolist() == ["序号", "warning"]


def test_running_numbers_that_the_study_names_as_ids_must_be_ids(tmp_path):
    rows = [f"1,{114.5 + number / 1000},38" for number in range(2)]
    log = ReadingLog()
    with pytest.raises(InputError) as refused:
        read(csv(tmp_path, "序号,lon,lat", *rows), service="health-station", columns={"id": "序号"}, log=log)
    [fault] = refused.value.faults
    assert (fault.key, fault.field, fault.row) == ("duplicate-id", "序号", "2, 3")
    assert "rows 2, 3" in fault.render("en")
    assert "ids-doubled" not in remarks(log).index  # what is a fault is not also told as read


def test_running_numbers_beside_ids_are_not_taken_for_them(tmp_path):
    path = csv(tmp_path, "序号,编号,lon,lat", "1,H-7,114.5,38", "1,H-8,114.501,38")
    assert read(path, service="health-station")[0]["facility"].tolist() == ["H-7", "H-8"]


@pytest.mark.parametrize(
    "cell", ["060400|060200", "060400;060200", '"060400,060200"', "060400/060200", "060400、60200"]
)
def test_amap_codes_are_parted_by_whatever_parts_them(tmp_path, cell):
    path = csv(tmp_path, "id,typecode,lon,lat", f"a,{cell},114.5,38")
    rows, _ = read(path, amap_column="typecode", datum="gcj02")
    assert sorted(rows["service"]) == ["convenience-store", "supermarket"]


@pytest.mark.parametrize(
    "cell", ["library;health-station", '"library, health-station"', "图书馆/社区卫生服务站"]
)
def test_names_of_services_are_parted_too(tmp_path, cell):
    names = {key: catalogue()[key]["zh"] for key in ("library", "health-station")}
    cell = cell.replace("图书馆", names["library"]).replace("社区卫生服务站", names["health-station"])
    rows, _ = read(csv(tmp_path, "id,kind,lon,lat", f"a,{cell},114.5,38"), service_column="kind")
    assert sorted(rows["service"]) == ["health-station", "library"]


def test_every_place_of_a_multipoint_counts_and_its_figures_count_once(tmp_path):
    shapes = [shapely.MultiPoint([(0, 0), (500, 0), (0, 500)]), Point(100, 100)]
    layer = gpd.GeoDataFrame({"id": ["a", "b"], "floor_area_m2": [300.0, 200.0]}, geometry=shapes, crs=CRS)
    layer.to_crs(4326).to_file(tmp_path / "f.gpkg")
    log = ReadingLog()
    rows, _ = table(tmp_path / "f.gpkg", log=log)
    assert rows["facility"].tolist() == ["f:a", "f:a#2", "f:a#3", "f:b"]
    assert rows["floor_area_m2"].sum() == 500
    assert remarks(log).loc["multipoint-split", ["count", "value", "severity"]].tolist() == [
        1,
        "1 (a)",
        "warning",
    ]


def test_a_facility_without_coordinates_lies_in_the_community_it_names(tmp_path):
    path = csv(tmp_path, "编号,经度,纬度,社区代码", "A,,,b", "B,114.4999,38,a")
    log = ReadingLog()
    rows, _ = table(path, log=log)
    assert dict(zip(rows["facility"], rows["community"], strict=True)) == {"ledger:A": "b", "ledger:B": "a"}
    assert TOWNS.geometry.iloc[1].contains(rows.geometry.iloc[0])
    assert remarks(log).loc["placed-by-community", ["count", "value"]].tolist() == [1, "2 (A): b"]


def test_a_ledger_without_any_coordinates_is_placed_by_its_communities(tmp_path):
    rows, _ = table(csv(tmp_path, "编号,经度,纬度,社区代码", "A,,,b", "B,,,'a"))
    assert sorted(rows["community"]) == ["a", "b"]


def test_a_facility_that_names_another_community_than_it_lies_in_is_named(tmp_path):
    log = ReadingLog()
    rows, _ = table(csv(tmp_path, "编号,经度,纬度,社区代码", "A,114.4999,38,b", "B,114.4998,38,a"), log=log)
    assert rows["community"].tolist() == ["a", "a"]
    told = remarks(log).loc["community-contradicted"]
    assert told[["count", "value", "severity"]].tolist() == [1, "2 (ledger:A): b", "warning"]


def test_a_facility_that_nobody_can_place_is_lost_and_said_to_be(tmp_path):
    path = csv(tmp_path, "编号,经度,纬度,社区代码", "A,,,no", "B,114.4999,38,")
    log = ReadingLog()
    ledgers = read_facilities([FacilitySource(source=str(path), service="health-station")], log)
    result, astray = facilities_table(ledgers, None, TOWNS, AREA, log)
    assert result["facility"].tolist() == ["ledger:B"]
    assert astray.to_dict("records") == [{"source": "ledger", "service": "health-station"}]
    assert remarks(log).loc["community-unknown", "value"] == "2 (A): no"


def test_a_community_code_that_lost_its_digits_is_refused(tmp_path):
    path = csv(tmp_path, "编号,经度,纬度,社区代码", "A,114.4999,38,4.40402E+11")
    with pytest.raises(InputError) as refused:
        read(path, service="health-station")
    [fault] = refused.value.faults
    assert (fault.key, fault.row, fault.field) == ("code-lost-digits", "2", "社区代码")
