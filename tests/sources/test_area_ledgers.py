"""Figures of areas: from the layer, from a workbook of ledgers, summed up levels; the impossible refused."""

from __future__ import annotations

import datetime as dt
import math

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from lifecircle import messages
from lifecircle.errors import InputError, StudyError
from lifecircle.sources import read_inputs
from lifecircle.sources.files.columns import names_of
from lifecircle.study.area import AreaColumns
from lifecircle.study.reading import study_from_tables
from lifecircle.tables import UNIT_FIGURES, local_crs

CRS = local_crs(114.5, 38.0)
CODES = ("130102001001", "130102001002", "130102001201")


def write_communities(folder, **columns):
    """Three communities of a square kilometre side by side, the last a village."""
    shapes = [box(1000 * at, 0, 1000 * (at + 1), 1000) for at in range(3)]
    table = {"code": CODES, "name": ["甲社区", "乙社区", "丙村"], "population": [1200, 800, 300], **columns}
    gpd.GeoDataFrame(table, geometry=shapes, crs=CRS).to_crs(4326).to_file(folder / "communities.gpkg")


@pytest.fixture
def town(tmp_path):
    """A grid of streets over 6 km, three communities, one facility."""
    write_communities(tmp_path)
    ticks = np.arange(-2000, 5001, 250.0)
    streets = [LineString([(tick, -2000), (tick, 5000)]) for tick in ticks]
    streets += [LineString([(-2000, tick), (5000, tick)]) for tick in ticks]
    lines = shapely.get_parts(shapely.node(shapely.multilinestrings(streets)))
    gpd.GeoDataFrame(geometry=lines, crs=CRS).to_crs(4326).to_file(tmp_path / "streets.gpkg")
    return tmp_path


def workbook(folder, /, **sheets):
    """A workbook with a sheet per table: rows of cells, the heading first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "ledgers.xlsx")


def read(folder, columns=(), **tables):
    tree = {
        "study": {"name": "town"},
        "area": {"communities": "communities.gpkg"},
        "streets": {"source": "streets.gpkg"},
        **tables,
    }
    return read_inputs(study_from_tables(tree, root=folder), cutoff_m=500.0, columns=columns)


LEDGERS = {"ledgers": [{"source": "ledgers.xlsx"}]}


def test_every_figure_of_areas_may_be_named_in_the_study_and_other_names_are_refused_with_the_nearest(
    tmp_path,
):
    assert set(UNIT_FIGURES) <= set(AreaColumns.model_fields)
    named = AreaColumns(community_workers="工作者", sewage_treated="污水")
    assert (named.community_workers, named.sewage_treated, named.mediators) == ("工作者", "污水", "mediators")
    tree = {
        "study": {"name": "x"},
        "area": {"communities": "c.gpkg", "columns": {"comunity_workers": "工作者"}},
        "streets": {"source": "s.gpkg"},
    }
    with pytest.raises(StudyError) as refused:
        study_from_tables(tree, root=tmp_path)
    assert "community_workers" in refused.value.render("en")


def test_a_column_is_known_by_our_name_and_by_both_headings_with_the_unit_and_without():
    result = names_of("floor_area_m2")
    assert result[0] == "floor_area_m2"
    assert set(result[1:]) == {"建筑面积（平方米）", "floor area (m²)", "建筑面积", "floor area"}
    assert names_of("my_own") == ("my_own",)


def test_figures_of_the_layer_are_kept_and_summed_up_to_township_county_and_city(town):
    write_communities(town, 社区工作者=[12, 10, 3], mediators=[1, 1, 1], 生活污水已治理=["是", "否", None])
    area = {"communities": "communities.gpkg", "columns": {"community_workers": "社区工作者"}}
    inputs = read(town, area=area)
    assert inputs.communities["community_workers"].tolist() == [12, 10, 3]
    assert inputs.communities["sewage_treated"].tolist() == [True, False, None]
    units = inputs.units.set_index("level")
    assert units.loc[["township", "county", "city"], "community_workers"].tolist() == [25, 25, 25]
    assert "mediators" not in units, "a township's own mediators are not the sum of its communities'"
    assert "sewage_treated" not in units
    assert {"communities.community_workers", "counties.community_workers"} <= inputs.layers_present
    assert "communities.staff" not in inputs.layers_present


def test_a_figure_unknown_in_one_community_is_unknown_above_it(town):
    write_communities(town, graduates=[1, np.nan, 2])
    units = read(town).units.set_index("level")
    assert math.isnan(units.loc["township", "graduates"])


def test_a_workbook_speaks_for_communities_and_levels_in_either_language(town):
    workbook(
        town,
        社区和行政村=[["代码", "户数（户）", "社区工作者（人）", "法律顾问"], [CODES[0], 400, 7, "是"],
                [CODES[2], 90, None, "否"]],
        counties=[["code", "residents of towns", "community workers"], ["130102", "2,000", 31]],
    )  # fmt: skip
    inputs = read(town, **LEDGERS)
    communities = inputs.communities.set_index("code")
    assert communities["households"].fillna(-1).tolist() == [400, -1, 90]
    assert communities["community_workers"].fillna(-1).tolist() == [7, -1, -1]
    assert communities["legal_adviser"].tolist() == [True, None, False]
    county = inputs.units.set_index("level").loc["county"]
    assert (county["population_urban"], county["community_workers"]) == (2000, 31)
    assert {"communities.legal_adviser", "households", "counties.population_urban"} <= inputs.layers_present


def test_facilities_and_indicators_of_a_workbook_are_read_with_their_details(town):
    lon, lat = gpd.GeoSeries.from_xy([500], [500], crs=CRS).to_crs(4326).get_coordinates().iloc[0]
    workbook(
        town,
        设施=[["编号", "名称", "类别", "经度", "纬度", "建筑面积（平方米）", "政府办", "建成年份"],
            ["A1", "站", "社区卫生服务站", lon, lat, 300, "是", 2019]],
        上报指标=[["指标编号", "年份", "数值"], ["hainan-zero-errand-rate", 2024, 88]],
        townships=[["code"]],
        说明=[["请勿改动"]],
    )  # fmt: skip
    tables = {"ledgers": [{"source": "ledgers.xlsx", "complete_for": ["health-station"]}]}
    inputs = read(town, **tables)
    [row] = inputs.facilities.to_dict("records")
    assert (row["facility"], row["service"], row["community"]) == ("ledgers:A1", "health-station", CODES[0])
    assert (row["government_run"], row["built_year"], row["floor_area_m2"]) == (True, 2019, 300)
    assert inputs.complete_for == {"health-station"}
    assert inputs.indicators[["rule", "value"]].to_dict("records") == [
        {"rule": "hainan-zero-errand-rate", "value": 88.0}
    ]
    assert {"facilities.government_run", "indicators"} <= inputs.layers_present
    assert "ledger-sheet-unknown" in set(inputs.quality["remark"])


def test_rows_about_areas_that_are_not_there_are_counted(town):
    workbook(town, communities=[["code", "households"], [CODES[0], 10], ["999999999999", 10]])
    quality = read(town, **LEDGERS).quality
    [row] = quality[quality["remark"] == "ledger-codes-unmatched"].to_dict("records")
    assert (row["count"], row["value"]) == (1, "999999999999")


@pytest.mark.parametrize(
    ("rows", "remark", "said"),
    [
        ([["code", "population"]], "ledger-empty", ""),
        ([["code", "常住人口数合计"], [CODES[0], 10]], "ledger-unused", "常住人口数合计"),
        ([["code", "population"], [CODES[0], None]], "ledger-unused", ""),
        ([["code", dt.date(2020, 11, 1)], [CODES[0], 10]], "ledger-unused", "2020-11-01"),
        ([["code", "population", "备注"], [CODES[0], 10, "x"]], "ledger-columns-unread", "备注"),
    ],
)
def test_what_a_census_table_tells_in_vain_is_remarked_upon(town, rows, remark, said):
    workbook(town, communities=rows)
    quality = read(town, **LEDGERS).quality
    [told] = quality[quality["remark"] == remark].to_dict("records")
    assert said in told["value"]


def test_figures_of_a_supplied_layer_come_from_its_ledger(town):
    grids = gpd.GeoDataFrame(
        {"code": ["G1", "G2"]}, geometry=[box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], crs=CRS
    )
    grids.to_crs(4326).to_file(town / "grids.gpkg")
    workbook(town, 网格=[["代码", "工作人员（人）"], ["G2", 2]])
    inputs = read(town, areas=[{"kind": "grid", "source": "grids.gpkg"}], **LEDGERS)
    staff = inputs.units[inputs.units["level"] == "grid"].set_index("code")["staff"]
    assert math.isnan(staff["G1"])
    assert staff["G2"] == 2
    assert "areas:grid.staff" in inputs.layers_present


def test_impossible_figures_are_refused_together_with_file_rows_and_field(town):
    workbook(
        town,
        communities=[["代码", "总建筑面积", "社区商业和综合服务设施面积", "社区工作者"],
            [CODES[0], 1000, 1400, 5], [CODES[1], 1000, 100, -3]],
    )  # fmt: skip
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert {(fault.key, fault.row, fault.field) for fault in refused.value.faults} == {
        ("part-over-whole", "2", "commercial_service_area_m2"),
        ("negative", "3", "社区工作者"),
    }
    assert all("ledgers.xlsx" in fault.file for fault in refused.value.faults)
    assert "1400 > 1000" in refused.value.render("en")


def test_a_day_has_24_hours(town):
    workbook(
        town,
        facilities=[
            ["id", "service", "longitude", "latitude", "hours open a day"],
            ["A", "library", 114.5, 38, 25],
        ],
    )
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert [fault.key for fault in refused.value.faults] == ["over-the-most"]


OWN = {"communities.shaded", "communities.absent", "townships.benches", "townships.shaded"}


def test_a_column_of_a_plan_of_ones_own_is_read_as_number_or_yes_and_no(town):
    write_communities(town, benches=[3, 0, 7], shaded=["是", "否", ""])
    inputs = read(town, columns=OWN)
    assert inputs.communities["benches"].tolist() == [3.0, 0.0, 7.0]
    assert [bool(mark) if mark is not None else None for mark in inputs.communities["shaded"]] == [
        True,
        False,
        None,
    ]
    assert "absent" not in inputs.communities
    assert {"communities.benches", "communities.shaded"} <= inputs.layers_present
    write_communities(town, benches=["many", "0", "7"])
    with pytest.raises(InputError) as refused:
        read(town, columns=OWN)
    assert [(fault.key, fault.field) for fault in refused.value.faults] == [("not-a-number", "benches")]


def test_a_plans_own_column_goes_by_the_name_that_the_study_gives_it(town):
    write_communities(town, 长椅数=["3", "lots", "7"], 台账编号=[1, 2, 3])
    study = {"name": "town", "plans": ["own.toml"]}
    area = {"communities": "communities.gpkg", "columns": {"benches": "长椅数"}}
    with pytest.raises(InputError) as refused:
        read(town, columns=OWN, study=study, area=area)
    assert [(fault.key, fault.field) for fault in refused.value.faults] == [("not-a-number", "长椅数")]
    write_communities(town, 长椅数=[3, 0, 7])
    inputs = read(town, columns=OWN, study=study, area=area)
    assert inputs.communities["benches"].tolist() == [3.0, 0.0, 7.0]
    assert "benches" not in read(town, None, study=study, area=area).communities, "no plan was asked"
    grids = [{"kind": "estate", "source": "communities.gpkg", "columns": {"benches": "长椅数"}}]
    units = read(town, columns={"areas:estate.benches"}, study=study, areas=grids).units
    assert units.loc[units["level"] == "estate", "benches"].tolist() == [3.0, 0.0, 7.0]


def test_a_name_for_a_column_that_neither_we_nor_the_plans_know_is_refused_with_the_nearest(town):
    study = {"name": "town", "plans": ["own.toml"]}
    area = {"communities": "communities.gpkg", "columns": {"bences": "长椅数"}}
    with pytest.raises(InputError) as refused:
        read(town, columns=OWN, study=study, area=area)
    [fault] = refused.value.faults
    assert (fault.key, fault.field) == ("unknown-key", "area.columns.bences")
    assert "benches" in fault.render("en")


def test_a_plans_own_figures_are_summed_up_the_levels_that_ask_for_them_and_marks_are_not(town):
    write_communities(town, benches=[3, 0, 7], shaded=["是", "否", "是"])
    units = read(town, columns=OWN).units.set_index("level")
    assert units.loc["township", "benches"] == 10
    assert math.isnan(units.loc["county", "benches"]), "no rule asks for counties"
    assert "shaded" not in units
    write_communities(town, benches=[3, None, 7])
    units = read(town, columns=OWN).units.set_index("level")
    assert math.isnan(units.loc["township", "benches"]), "unknown in one, unknown above"
    workbook(town, townships=[["code", "benches"], [CODES[0][:9], 12]])
    units = read(town, columns=OWN, **LEDGERS).units.set_index("level")
    assert units.loc["township", "benches"] == 12, "its own word stands over the sum"


def test_words_for_nothing_are_unknown_not_zero_and_are_remarked_upon_with_rows_and_column(town):
    workbook(
        town,
        communities=[["code", "community workers", "法律顾问"],
            [CODES[0], "NaN", "是"], [CODES[1], "N/A", "n/a"], [CODES[2], "—", ""]],
    )  # fmt: skip
    inputs = read(town, **LEDGERS)
    assert inputs.communities.get("community_workers", pd.Series([np.nan] * 3)).isna().all()
    assert inputs.communities["legal_adviser"].tolist() == [True, None, None]
    said = inputs.quality[inputs.quality["remark"] == "words-for-nothing"]
    assert set(said["severity"]) == {"warning"}
    assert said.set_index("value")["count"].to_dict() == {
        "community workers: N/A NaN (2, 3)": 2.0,
        "法律顾问: n/a (3)": 1.0,
    }


def test_a_code_that_says_nan_is_a_blank_code(town):
    workbook(town, communities=[["code", "households"], [CODES[0], 1], ["NaN", 2], ["null", 3]])
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert [(fault.key, fault.row) for fault in refused.value.faults] == [("blank-code", "3, 4")]


def test_a_workbook_without_a_ledger_or_with_one_twice_is_refused(town):
    workbook(town, 说明=[["x"]])
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert [fault.key for fault in refused.value.faults] == ["no-ledger-sheet"]
    workbook(town, communities=[["code"], [CODES[0]]], 社区和行政村=[["代码"], [CODES[0]]])
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert [fault.key for fault in refused.value.faults] == ["ledger-sheet-twice"]


def test_a_code_that_is_there_twice_is_refused_with_its_rows(town):
    workbook(town, communities=[["code", "households"], [CODES[0], 1], [CODES[0], 2]])
    with pytest.raises(InputError) as refused:
        read(town, **LEDGERS)
    assert [(fault.key, fault.row) for fault in refused.value.faults] == [("duplicate-code", "2, 3")]


def test_names_of_sheets_differ_in_every_language():
    names = [
        messages.text(key, lang)
        for lang in messages.LANGUAGES
        for key in messages.keys()  # noqa: SIM118  a function, not a mapping
        if key.startswith("template.sheet.")
    ]
    assert len(names) == len(set(names))
    assert pd.Series(names).str.len().max() <= 31, "the longest name Excel takes"


@pytest.mark.parametrize("name", ["communities.csv", "社区和行政村.csv"])
def test_a_census_table_by_code_as_csv_is_the_sheet_its_name_says(town, name):
    (town / name).write_text(f"code,population,households\n{CODES[0]},1000,400\n{CODES[2]},250,90\n", "utf-8")
    inputs = read(town, ledgers=[{"source": name}])
    # the layer has 1200, 800, 300: the ledger's word counts where it says one
    assert inputs.communities["population"].tolist() == [1000, 800, 250]
    assert inputs.communities["households"].tolist()[0] == 400
    assert inputs.demand["residents"].sum() == pytest.approx(2050)


def test_a_csv_ledger_says_its_file_row_and_column_as_a_sheet_does(town):
    (town / "communities.csv").write_text(f"code,population\n{CODES[0]},1000\n{CODES[1]},-5\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read(town, ledgers=[{"source": "communities.csv"}])
    assert [(fault.key, fault.row, fault.field) for fault in refused.value.faults] == [
        ("negative", "3", "population")
    ]
    assert refused.value.faults[0].file.endswith("communities.csv")


def test_csv_ledgers_of_facilities_and_indicators_are_read_by_their_own_readers(town):
    (town / "facilities.csv").write_text("id,service,x,y\n7,pharmacy,114.505,38.004\n", "utf-8")
    inputs = read(town, ledgers=[{"source": "facilities.csv"}])
    assert inputs.facilities[["facility", "service"]].to_numpy().tolist() == [["facilities:7", "pharmacy"]]


def test_a_csv_ledger_of_another_name_is_refused_with_the_name_to_give_it(town):
    (town / "pop.csv").write_text(f"code,population\n{CODES[0]},1000\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read(town, ledgers=[{"source": "pop.csv"}])
    assert [fault.key for fault in refused.value.faults] == ["no-ledger-file"]
    assert "communities.csv" in refused.value.render("en")


def test_population_points_that_are_a_table_by_code_are_told_to_be_a_ledger(town):
    (town / "pop.csv").write_text(f"code,population\n{CODES[0]},1000\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read(town, population={"points": "pop.csv"})
    assert [fault.key for fault in refused.value.faults] == ["people-by-code"]
    assert "[[ledgers]]" in refused.value.render("en")
