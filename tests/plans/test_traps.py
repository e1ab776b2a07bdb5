"""The traps of the plans' texts, by their number in the catalogue, where they touch what is judged."""

from __future__ import annotations

import math
import re

import pytest

from lifecircle import plans
from lifecircle.measures import progress_share
from lifecircle.plans import TravelDistanceCircle, TravelTimeCircle, TypeCircle

FOUR = ("hainan-2022", "wuhu-2021", "shijiazhuang-2016", "zhuhai-2021")


def rules(*names):
    return [rule for name in names or FOUR for rule in plans.plan(name).rules]


def rule_of(name):
    return next(rule for rule in rules() if rule.id == name)


def test_1_no_square_metre_read_as_a_zero_multiplies_a_value_by_ten():
    areas = [rule for rule in rules("hainan-2022") if rule.unit in {"m2", "m2/100hh"}]
    asked = {rule.target for rule in areas}
    assert asked <= {30, 300, 500}
    assert rule_of("hainan-county-trade-centre").min_floor_area_m2 == 10_000


def test_2_cells_that_run_together_are_parted_where_the_other_printing_parts_them():
    for name, pair in {
        "hainan-facility-coverage-rural": (100, 100),
        "hainan-self-service-coverage-urban": (86, 100),
        "hainan-community-workers-per-10k": (16.4, 18),
        "hainan-childcare-places-per-1000": (2.6, 4.5),
    }.items():
        assert (rule_of(name).baseline, rule_of(name).target) == pair


def test_4_the_strict_wording_of_a_box_is_kept_beside_the_table_that_is_judged():
    rule = rule_of("hainan-volunteer-station-coverage")
    assert (rule.comparator, rule.target, rule.baseline) == (">=", 80, 80)
    assert any("超过80%" in words for words in rule.restated)


@pytest.mark.parametrize(
    "name",
    [
        "hainan-facility-coverage-rural",
        "hainan-facility-coverage-urban",
        "hainan-facility-area-per-100-households",
        "hainan-volunteer-station-coverage",
    ],
)
def test_5_a_target_not_above_its_baseline_has_no_progress_and_no_line(name):
    rule = rule_of(name)
    assert rule.baseline >= rule.target
    for value in (0.0, rule.target, rule.baseline, 200.0):
        assert math.isnan(progress_share(value, rule.baseline, rule.target))


def test_6_the_same_name_has_facilities_here_and_communities_there_in_its_denominator():
    kinds = {
        plan: rule_of(f"{plan}-volunteer-station-coverage").kind for plan in ("hainan", "wuhu", "zhuhai")
    }
    assert kinds == {
        "hainan": "share-of-facilities",
        "wuhu": "coverage-share-of-areas",
        "zhuhai": "share-of-facilities",
    }
    assert rule_of("hainan-child-protection-station-coverage").units == ("township", "street")


def test_7_a_station_is_owed_by_people_or_by_committees():
    rule = rule_of("hainan-health-station-per-10-20k")
    assert (rule.target, rule.target_max) == (10_000, 20_000)
    assert (rule.committees_min, rule.committees_max) == (3, 5)


def test_8_and_9_totals_of_shijiazhuang_are_additions_to_what_there_was():
    urban, rural = (
        rule_of(f"shijiazhuang-add-{name}") for name in ("urban-stations-200", "rural-stations-900")
    )
    assert urban.total == 689 > rule_of("shijiazhuang-base-urban-committees").target == 598
    assert (rural.total, rural.built_since) == (900, 2016), "how many there were the plan does not say"


def test_10_a_doubled_comparator_is_at_least():
    urban, rural = (rule_of(f"shijiazhuang-social-orgs-{name}") for name in ("urban-10", "rural-5"))
    assert (urban.comparator, urban.target, rural.comparator, rural.target) == (">=", 10, ">=", 5)


def test_12_twelve_counties_of_wuhu_are_the_plans_own_number():
    assert rule_of("wuhu-home-care-network-12-counties").target == 12


def test_13_deadlines_before_the_day_of_issue_are_the_wuhu_pilots_and_zhuhais_social_work():
    early = {
        rule.id
        for name in FOUR
        for rule in plans.plan(name).rules
        if rule.target_year and rule.target_year < plans.plan(name).issued.year
    }
    assert early == {
        "wuhu-model-communities-2022",
        "wuhu-pilot-estates-2022",
        "wuhu-smart-security-estates-2022",
        "zhuhai-social-work-station-per-township",
        "zhuhai-social-work-service-coverage",
    }


def test_15_zhuhai_asks_nothing_of_comprehensive_facilities_per_household_nor_of_their_coverage():
    own = rules("zhuhai-2021")
    per_household = {rule.id for rule in own if rule.kind == "area-per-100-households"}
    assert per_household == {"zhuhai-elderly-area-new-20", "zhuhai-elderly-area-old-15"}
    covered = [rule for rule in own if rule.kind == "coverage-share-of-areas"]
    assert not [rule.id for rule in covered if "community-service-facility" in rule.all_services]


def test_16_no_circle_names_its_mode_and_rhetoric_is_no_rule(shared_plans):
    circles = [
        rule for rule in rules() if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle)
    ]
    assert len(circles) > 8
    assert all({"mode", "covered_share"} <= set(rule.assumptions) for rule in circles)
    assert not [rule.id for rule in rules() if re.search("最后一公里|家门口|就近", rule.quote)]
    in_metres = [rule.quote for rule in circles if isinstance(rule, TravelDistanceCircle)]
    assert len(in_metres) == 1
    assert "三公里" in in_metres[0], "the one distance is the plan's own"
    for text in (shared_plans / "sources").glob("*.txt"):
        assert not re.search("步行|骑行", text.read_text(encoding="utf-8"))


def test_17_three_hundred_square_metres_are_a_minimum_and_a_pass_mark():
    least, passed = rule_of("shijiazhuang-station-min-300"), rule_of("shijiazhuang-base-share-300m2")
    assert (least.kind, least.target, least.role) == ("minimum-facility-area", 300, "target")
    assert (passed.min_floor_area_m2, passed.target, passed.role) == (300, 70, "baseline")


def test_18_a_share_of_all_is_equal_and_a_smaller_one_at_least():
    reached = [rule for rule in rules() if rule.role == "target" and rule.unit == "%" and rule.target]
    full = {rule.comparator for rule in reached if rule.target == 100}
    less = {rule.comparator for rule in reached if rule.target < 100}
    assert full <= {"=", ">="}
    assert "=" not in less
