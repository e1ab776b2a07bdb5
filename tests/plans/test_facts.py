"""The arithmetic of the plans: every fact as its own sum, and as the functions that rely on it give it."""

from __future__ import annotations

import math
import tomllib

import pandas as pd
import pytest

from lifecircle import plans
from lifecircle.measures import (
    areas_needed,
    facilities_needed,
    household_grids_needed,
    progress_share,
    whole_needed,
)

FACTS = 31


@pytest.fixture(scope="module")
def facts(shared_plans):
    """The facts, by id."""
    with (shared_plans / "facts.toml").open("rb") as file:
        return {fact["id"]: fact for fact in tomllib.load(file)["fact"]}


def rule_of(name: str):
    """One rule of the four plans."""
    return next(plans.plan(own).rule(name) for own in plans.packaged_plans() if own[:4] == name[:4])


def value(name: str) -> float:
    """The number of a clause."""
    return float(rule_of(name).target)


def station_area(households: float) -> float:
    """Floor area Shijiazhuang asks of a station, from the rule's own two numbers."""
    rule = rule_of("shijiazhuang-area-per-100-households")
    return max(rule.least_area_m2, rule.target * households / rule.per_number)


def per_unit(name: str, units: float, digits: int) -> float:
    """A counted baseline over a number of units."""
    return round(value(name) / units, digits)


SJZ, HN = "shijiazhuang-base-", "hainan-base-"
BY_THE_PLANS = {
    "sjz-463": lambda: value(f"{SJZ}communities-meeting-300m2") + value(f"{SJZ}communities-below-300m2"),
    "sjz-70pct": lambda: round(100 * value(f"{SJZ}communities-meeting-300m2") / 463, 2),
    "sjz-refurbished": lambda: (
        value(f"{SJZ}communities-meeting-300m2") - round(rule_of(f"{SJZ}share-300m2").baseline / 100 * 463)
    ),
    "sjz-workers-sum": lambda: sum(
        value(f"{SJZ}workers-{group}") for group in ("recruited", "elected", "public-posts")
    ),
    "sjz-workers-mean": lambda: per_unit(f"{SJZ}workers", 463, 3),
    "sjz-workers-mean-598": lambda: per_unit(f"{SJZ}workers", value(f"{SJZ}urban-committees"), 2),
    "sjz-598-463": lambda: value(f"{SJZ}urban-committees") - 463,
    "sjz-county-centres-total": lambda: rule_of("shijiazhuang-add-county-centres-19").total,
    "sjz-township-centres-total": lambda: rule_of("shijiazhuang-add-township-centres-187").total,
    "sjz-stations-total": lambda: rule_of("shijiazhuang-add-urban-stations-200").total,
    "sjz-station-share-2015": lambda: round(
        100 * value(f"{SJZ}stations") / value(f"{SJZ}urban-committees"), 1
    ),
    "sjz-rural-share-of-900": lambda: round(
        100 * rule_of("shijiazhuang-add-rural-stations-900").total / value(f"{SJZ}village-committees"), 1
    ),
    "sjz-rural-50pct": lambda: areas_needed(
        int(value(f"{SJZ}village-committees")), value("shijiazhuang-facility-coverage-rural") / 100
    ),
    "sjz-breakeven-households": lambda: max(h for h in range(3000) if station_area(h) == 300),
    "sjz-area-h2000": lambda: station_area(2000),
    "sjz-area-h800": lambda: station_area(800),
    "hn-facilities-minus-units": lambda: value(f"{HN}service-facilities-built") - 3197,
    "hn-facilities-per-unit": lambda: round(100 * value(f"{HN}service-facilities-built") / 3197, 1),
    "hn-social-work-certified": lambda: round(
        100 * value(f"{HN}social-work-certified") / value(f"{HN}social-work-professionals"), 1
    ),
    "hn-grid-staff-per-unit": lambda: per_unit(f"{HN}grid-staff", 3197, 2),
    "hn-station-bounds-55000": lambda: [
        facilities_needed(55_000, most_people=20_000),
        int(55_000 // rule_of("hainan-health-station-per-10-20k").target),
    ],
    "hn-station-mean-community": lambda: [
        rule_of("hainan-health-station-per-10-20k").target
        // rule_of("hainan-health-station-per-10-20k").committees_max,
        round(
            rule_of("hainan-health-station-per-10-20k").target_max
            / rule_of("hainan-health-station-per-10-20k").committees_min
        ),
    ],
    "hn-child-protection-denominator": lambda: round(
        value("hainan-base-street-child-protection-stations")
        / (rule_of("hainan-child-protection-station-coverage").baseline / 100)
    ),
    "hn-area-target-below-baseline": lambda: math.isnan(
        progress_share(
            31.0,
            rule_of("hainan-facility-area-per-100-households").baseline,
            value("hainan-facility-area-per-100-households"),
        )
    ),
    "hn-grids-1200-urban": lambda: [
        whole_needed(1200 / value("hainan-grid-urban-500-households")),
        int(
            household_grids_needed(pd.Series([1200.0]), nominal=value("hainan-grid-urban-500-households"))[0]
        ),
    ],
    "hn-legal-literate-per-100hh": lambda: (
        100 // rule_of("hainan-legal-literate-per-20-households").per_number
    ),
    "wh-volunteer-min": lambda: areas_needed(
        int(value("wuhu-base-936-units")), value("wuhu-volunteer-station-coverage") / 100
    ),
    "wh-area-300-at-35": lambda: round(300 / value("wuhu-facility-area-per-100-households") * 100),
    "zh-elderly-area-1000": lambda: [
        1000 / rule_of(name).per_number * value(name)
        for name in ("zhuhai-elderly-area-new-20", "zhuhai-elderly-area-old-15")
    ],
    "circle-10-subset-15": lambda: (
        value("zhuhai-fitness-circle-10min") < value("hainan-fitness-circle-15min")
    ),
}
NOT_IN_A_RULE = {"hn-tasks"}
"""Counts chapters of an explanatory note: no clause rests on it."""


def test_every_fact_is_its_own_sum(facts):
    assert len(facts) == FACTS
    for fact in facts.values():
        result = eval(fact["expression"], {"math": math, "__builtins__": {"max": max, "round": round}})  # noqa: S307 - arithmetic of a file beside the repository, with no other name in reach
        assert result == fact["expected"], fact["id"]


def test_every_fact_that_a_rule_carries_has_its_own_case(facts):
    assert set(facts) == set(BY_THE_PLANS) | NOT_IN_A_RULE


@pytest.mark.parametrize("name", sorted(BY_THE_PLANS))
def test_the_rules_give_the_fact(facts, name):
    assert BY_THE_PLANS[name]() == facts[name]["expected"]
