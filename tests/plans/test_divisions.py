"""Which unit lies above which: by length of code, and by Hainan's own table."""

from __future__ import annotations

import math

import pytest

from lifecircle import plans
from lifecircle.plans import roll_up, units_above

HAINAN = plans.plan("hainan-2022").divisions


def test_codes_alone_tell_where_no_table_does():
    assert units_above("340202001003") == {
        "village": "340202001003",
        "township": "340202001",
        "county": "340202",
        "city": "3402",
        "province": "34",
    }
    assert units_above("460100")["city"] == "4601"
    assert units_above("460100")["county"] == ""
    assert units_above("town-x") == dict.fromkeys(("village", "township", "county", "city", "province"), "")


def test_hainan_counts_nineteen_cities_and_counties():
    assert len(HAINAN) == 19
    assert sorted(len(one.code) for one in HAINAN) == [4] * 4 + [6] * 15


@pytest.mark.parametrize(
    ("code", "county", "city"),
    [
        ("460105100201", "4601", "4601"),  # a committee of a district of Haikou
        ("460106", "4601", "4601"),
        ("460400100", "4604", "4604"),  # a town of Danzhou, which has no districts
        ("469001", "469001", ""),  # Wuzhishan lies right under the province: 4690 is no city
        ("469023102001", "469023", ""),
        ("469099", "", ""),
    ],
)
def test_a_district_of_haikou_is_part_of_a_unit_and_a_county_under_the_province_is_one(code, county, city):
    above = units_above(code, HAINAN)
    assert (above["county"], above["city"], above["province"]) == (county, city, "46")


def test_figures_add_up_level_by_level():
    people = {"460105001001": 10.0, "460105001002": 5.0, "460106001001": 1.0, "469001100200": 7.0}
    assert roll_up(people, "township", HAINAN) == {"460105001": 15.0, "460106001": 1.0, "469001100": 7.0}
    assert roll_up(people, "county", HAINAN) == {"4601": 16.0, "469001": 7.0}
    assert roll_up(people, "county") == {"460105": 15.0, "460106": 1.0, "469001": 7.0}
    assert roll_up(people, "province", HAINAN) == {"46": 23.0}
    assert sum(roll_up(people, "city", HAINAN).values()) == sum(people.values())


def test_an_unknown_figure_makes_what_lies_above_it_unknown_and_nothing_else():
    result = roll_up({"460105001": math.nan, "460105002": 3.0, "469001001": 2.0}, "county", HAINAN)
    assert math.isnan(result["4601"])
    assert result["469001"] == 2.0


def test_a_level_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="parish"):
        roll_up({"46": 1.0}, "parish")
