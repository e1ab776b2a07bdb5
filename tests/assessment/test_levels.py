"""Counties as a plan's own table has them."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import box

from lifecircle.assessment import assess
from lifecircle.plans import plan
from lifecircle.study.assumptions import Assumptions

DISTRICTS = [
    {"level": "county", "code": "460105", "population": 100.0, "community_workers": 2.0,
     "population_urban": 1000.0, "geometry": box(0, 0, 1000, 1000)},
    {"level": "county", "code": "460106", "population": 200.0, "community_workers": 1.0,
     "population_urban": 1000.0, "geometry": box(1000, 0, 2000, 1000)},
    {"level": "county", "code": "469001", "population": 60.0, "geometry": box(2000, 0, 3000, 1000)},
]  # fmt: skip
CENTRE = {"facility": "e", "service": "elderly-regional-centre", "community": "B"}


@pytest.fixture
def findings():
    """Findings of one rule of Hainan's plan."""

    def judged(made, name, **study):
        whole = plan("hainan-2022")
        short = whole.model_copy(update={"rules": (whole.rule(name),)})
        return assess([short], made.inputs, made.travel, Assumptions(), **study).set_index("code")

    return judged


def test_haikou_is_one_unit_and_its_districts_are_parts_of_it(city, findings):
    """One centre in Haikou's second district serves Haikou; Wuzhishan has none."""
    made = city(facilities=[CENTRE], units=DISTRICTS, complete_for=frozenset({"elderly-regional-centre"}))
    verdicts = findings(made, "hainan-regional-elderly-centre-per-county", covers_whole=True)
    assert verdicts["status"].to_dict() == {"4601": "met", "469001": "short", "study": "short"}
    assert verdicts.loc["4601", ["name", "population"]].tolist() == ["海口市", 300.0]


def test_figures_of_the_districts_add_up(city, findings):
    """3 workers for 2,000 townspeople are 15 for 10,000."""
    verdicts = findings(city(units=DISTRICTS), "hainan-community-workers-per-10k", covers_whole=True)
    assert verdicts.loc["4601", ["value", "status", "population"]].tolist() == [15.0, "context", 2000.0]
    assert math.isnan(verdicts.loc["469001", "value"])


def test_a_city_known_in_part_is_not_short_of_what_its_other_districts_may_have(city, findings):
    made = city(units=DISTRICTS[:1], complete_for=frozenset({"elderly-regional-centre"}))
    name = "hainan-regional-elderly-centre-per-county"
    assert findings(made, name).loc["4601", "status"] == "no-data"
    assert findings(made, name, jurisdiction="460100").loc["4601", "status"] == "short"


def test_a_clause_that_names_cities_and_districts_keeps_the_districts(city, findings):
    verdicts = findings(city(units=DISTRICTS), "hainan-party-position-four-tier")
    assert {"460105", "460106"} <= set(verdicts.index)
    assert "4601" not in verdicts.index
