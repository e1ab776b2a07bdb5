"""Units in headings and beside numbers: turned into the column's own, or told apart as unfit."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.errors import Fault
from lifecircle.sources.figures import figure
from lifecircle.sources.files.columns import choose_columns
from lifecircle.sources.files.quantities import factor_to, parse_unit, quantities, split_heading
from lifecircle.sources.log import ReadingLog


@pytest.mark.parametrize(
    ("words", "target", "factor"),
    [
        ("万人", "persons", 1e4),
        ("千人", "persons", 1e3),
        ("10,000 persons", "persons", 1e4),
        ("thousands", "persons", 1e3),
        ("万户", "households", 1e4),
        ("个", "places", 1.0),
        ("㎡", "m2", 1.0),
        ("万㎡", "m2", 1e4),
        ("万平方米", "m2", 1e4),
        ("公顷", "m2", 1e4),
        ("㏊", "m2", 1e4),
        ("亩", "m2", 666.6666666666666),
        ("km²", "m2", 1e6),
        ("平方公里", "m2", 1e6),
        ("1000 m2", "m2", 1e3),
        ("万元", "CNY", 1e4),
        ("万元/年", "CNY", 1e4),
        ("元/月", "CNY", 12.0),
        ("分钟", "h/day", 1 / 60),
        ("小时/天", "h/day", 1.0),
    ],
)
def test_a_unit_is_so_many_of_the_columns_own(words, target, factor):
    assert factor_to(parse_unit(words), target) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ("万户", "persons"),
        ("%", "persons"),
        ("人/平方公里", "persons"),
        ("㎡/人", "m2"),
        ("米", "m2"),
        ("人", "households"),
        ("万", "h/day"),
    ],
)
def test_a_unit_of_another_kind_of_thing_does_not_fit(words, target):
    assert factor_to(parse_unit(words), target) is None


@pytest.mark.parametrize("words", ["2023年底", "含流动人口", "m3", "kids", "", "人均", "号"])
def test_other_words_are_no_unit(words):
    assert parse_unit(words) is None


@pytest.mark.parametrize(
    ("heading", "bare", "unit"),
    [
        ("常住人口（万人）", "常住人口", "万人"),
        ("常住人口（单位：万人）", "常住人口", "万人"),
        ("常住人口（万人，2023年末）", "常住人口(2023年末)", "万人"),
        ("总建筑面积[公顷]", "总建筑面积", "公顷"),
        ("总建筑面积万平方米", "总建筑面积", "万平方米"),
        ("pop_万人", "pop", "万人"),
        ("area/ha", "area", "ha"),
        ("population (10,000 persons)", "population", "10,000 persons"),
        ("每万人警员数", "每万人警员数", ""),
        ("name_10", "name_10", ""),
        ("常住人口（含流动人口）", "常住人口(含流动人口)", ""),
    ],
)
def test_a_heading_is_parted_from_its_unit(heading, bare, unit):
    assert split_heading(heading)[:2] == (bare, unit)


def read(heading, cells, ours="population", **attrs):
    """One column as a ledger's reader has it: figures, faults and remarks."""
    frame = pd.DataFrame({heading: pd.Series(cells, index=[str(row) for row in range(2, len(cells) + 2)])})
    frame.attrs = attrs
    log = ReadingLog()
    chosen = choose_columns(frame, {ours: (heading,)}, required={ours}, file="a.xlsx", log=log)
    result = figure(chosen, ours, log, file="a.xlsx")
    return result, list(log.faults), log.quality().set_index("remark")


def test_figures_under_a_scaled_heading_are_converted_and_said_so():
    result, faults, quality = read("常住人口（万人）", ["1.2", 0.9, "", "３"])
    assert result.tolist()[:2] == [12000.0, 9000.0]
    assert math.isnan(result.iloc[2])
    assert result.iloc[3] == 30000.0
    assert not faults
    assert quality.loc["unit-converted", "count"] == 3
    assert quality.loc["unit-converted", "value"] == "常住人口（万人）: 万人 = 10,000 persons"


def test_units_beside_numbers_win_over_the_heading():
    result, faults, quality = read("面积（公顷）", ["2", "300㎡", "1亩"], ours="site_area_m2")
    assert result.tolist() == pytest.approx([20000.0, 300.0, 10000 / 15])
    assert not faults
    assert quality.loc["unit-converted", "count"] == 3


def test_a_scale_in_heading_and_cell_alike_is_refused_with_its_row():
    _, faults, _ = read("常住人口（万人）", ["1.2万", "0.9"])
    assert [(fault.key, fault.row, fault.field) for fault in faults] == [
        ("cell-unit-unfit", "2", "常住人口（万人）")
    ]


@pytest.mark.parametrize("heading", ["常住人口（%）", "常住人口（人/平方公里）", "常住人口（万户）"])
def test_a_heading_in_a_unit_of_another_kind_is_refused(heading):
    _, faults, _ = read(heading, ["45"])
    assert [(fault.key, fault.field) for fault in faults] == [("unit-unfit", heading)]


def test_a_share_where_people_are_counted_is_refused():
    _, faults, _ = read("常住人口", ["45%", "12"])
    assert [(fault.key, fault.row) for fault in faults] == [("cell-unit-unfit", "2")]


def test_a_note_above_the_table_says_the_unit_of_columns_that_say_none():
    result, _, quality = read("常住人口", ["1.2"], **{"unit-note": "万人、公顷"})
    assert result.tolist() == [12000.0]
    assert "unit-converted" in quality.index
    result, _, _ = read("户数（户）", ["12"], ours="households", **{"unit-note": "万人"})
    assert result.tolist() == [12.0]


def test_a_year_that_is_a_spreadsheets_date_is_refused():
    _, faults, _ = read("建成年份", ["45413", "1998"], ours="built_year")
    assert [(fault.key, fault.row) for fault in faults] == [("over-the-most", "2")]


def test_more_people_than_the_earth_has_are_refused():
    _, faults, _ = read("常住人口", ["1e30"])
    assert [fault.key for fault in faults] == ["over-the-most"]
    assert isinstance(faults[0], Fault)


@given(st.floats(0, 1e6), st.sampled_from(["", "人", "万人", "千人", " 万 人", "个"]))
def test_a_figure_is_the_same_with_its_unit_in_the_heading_or_beside_it(number, unit):
    text = f"{number:.6f}"
    beside = quantities(pd.Series([f"{text}{unit}"]), "persons").numbers.iloc[0]
    factor = factor_to(parse_unit(unit), "persons") if unit.strip() else 1.0
    above = quantities(pd.Series([text]), "persons", heading_factor=factor).numbers.iloc[0]
    assert beside == pytest.approx(above, rel=1e-12)


@given(st.text(max_size=12))
def test_any_cell_is_read_or_said_to_be_none(cell):
    read_as = quantities(pd.Series([cell], dtype=object), "m2", heading_factor=1e4)
    states = [read_as.wrong.iloc[0], read_as.unfit.iloc[0], read_as.worded.iloc[0]]
    assert sum(states) <= 1
    if read_as.wrong.iloc[0] or read_as.unfit.iloc[0]:
        assert math.isnan(read_as.numbers.iloc[0])


@given(st.text(max_size=20))
def test_any_heading_can_be_parted(heading):
    bare, unit, _ = split_heading(heading)
    assert unit == "" or parse_unit(unit) is not None
    assert isinstance(bare, str)
