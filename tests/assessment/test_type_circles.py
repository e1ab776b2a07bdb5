"""Circles of several types, their tiers, and how many circles a province has."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import box

from lifecircle.assessment import community_tiers
from lifecircle.study.assumptions import Assumptions

NEAR, FAR = [5.0] * 7, [30.0] * 7
# The market is near A only, the fresh-food shop near B only; together they cover both.
MARKET = [5.0, 5.0, 30.0, 30.0, 30.0, 30.0, 5.0]
SHOP = [30.0, 30.0, 5.0, 5.0, 30.0, 30.0, 5.0]
PHARMACY = [5.0, 5.0, 5.0, 30.0, 5.0, 5.0, 5.0]


def listed(*services):
    return [{"facility": f"f-{name}", "service": name} for name in services]


def market_town(city, **fields):
    walks = {"pharmacy": PHARMACY, "food-market": MARKET, "fresh-food-shop": SHOP}
    return city(minutes=walks, facilities=listed(*walks), **fields)


def test_alternatives_of_a_group_cover_together_and_each_group_must(city, judge):
    findings = judge(market_town(city), "type-circle")
    group = "food-market|fresh-food-shop"
    assert [findings.row(code, group)["status"] for code in "AB"] == ["met", "met"]
    assert [findings.row(code, "pharmacy")["status"] for code in "AB"] == ["met", "short"]
    assert [findings.row(code)["status"] for code in "AB"] == ["met", "short"]


def test_the_verdict_counts_types_and_its_people_are_those_who_miss_any(city, judge):
    """In B 50 of 200 have no pharmacy: one type of two is short, and 75 % reach all."""
    findings = judge(market_town(city), "type-circle")
    b = findings.row("B")
    assert (b["value"], b["target"], b["unit"]) == (1.0, 2.0, "types")
    assert (b["deficit"], b["population_short"]) == (1.0, 50.0)
    note = next(n for n in b["note"] if n.key == "reach-all")
    assert note.values["share"] == 0.75
    assert findings.row("B", "pharmacy")["deficit"] == 30.0


def test_a_type_no_source_knows_leaves_the_verdict_open_unless_another_is_short(city, judge):
    walks = {"pharmacy": PHARMACY}
    findings = judge(city(minutes=walks, facilities=listed("pharmacy")), "type-circle")
    assert findings.row("A", "food-market|fresh-food-shop")["status"] == "no-data"
    assert findings.row("A")["status"] == "no-data"
    assert findings.row("B")["status"] == "short"
    assert "no-facilities" in findings.notes("B")


def test_a_verdict_is_no_longer_provisional_if_one_of_its_failures_is_not(city, judge):
    assert judge(market_town(city), "type-circle").row("B")["certainty"] == "provisional"
    firm = judge(market_town(city, complete_for=frozenset({"pharmacy"})), "type-circle")
    assert firm.row("B")["certainty"] == "assumed"


def test_a_further_service_is_a_group_of_its_own(city, judge):
    walks = {"pharmacy": NEAR, "food-market": NEAR, "community-service-facility": FAR}
    made = city(minutes=walks, facilities=listed(*walks))
    findings = judge(made, "type-circle", also=["community-service-facility"])
    assert findings.row("A", "community-service-facility")["status"] == "short"
    assert findings.row("A")["status"] == "short"


def test_the_quality_tier_needs_so_many_improving_types_beside_the_basic_ones(city, judge):
    walks = {"pharmacy": NEAR, "food-market": NEAR, "cafe": NEAR, "reading-room": SHOP}
    made = city(minutes=walks, facilities=listed(*walks))
    assumed = Assumptions(quality_types=("cafe", "reading-room"), quality_types_needed=2)
    findings = judge(made, "type-circle", tier="quality", assumptions=assumed)
    assert [findings.row(code)["status"] for code in "AB"] == ["short", "met"]
    assert findings.row("A", "reading-room")["status"] == "report-only"
    assert findings.row("A")["criterion"] == ">= 4 types"


def test_a_required_type_is_not_counted_again_as_an_improving_one(city, judge):
    walks = {"pharmacy": NEAR, "food-market": NEAR, "elderly-care": NEAR}
    made = city(minutes=walks, facilities=listed(*walks))
    assumed = Assumptions(quality_types=("elderly-care", "cafe"), quality_types_needed=1)
    findings = judge(made, "type-circle", tier="quality", also=["elderly-care"], assumptions=assumed)
    assert findings.row("A", "elderly-care")["status"] == "met"
    row = findings.row("A")
    assert (row["value"], row["criterion"], row["status"]) == (3.0, ">= 4 types", "no-data")


def quality_city(city):
    walks = {"pharmacy": PHARMACY, "food-market": NEAR, "cafe": NEAR}
    return city(minutes=walks, facilities=listed(*walks))


CIRCLES = {
    "tier": "quality",
    "unit": "circles",
    "circle_minutes": 15,
    "comparator": ">=",
    "target": 2,
    "baseline": 0,
    "level": "province",
    "assumptions": Assumptions(quality_types=("cafe",), quality_types_needed=1),
}


def test_a_provinces_count_of_circles_is_not_applicable_in_one_of_its_cities(city, judge):
    findings = judge(quality_city(city), "type-circle", **CIRCLES)
    study = findings.row("study")
    assert (study["status"], study["value"], study["level"]) == ("not-applicable", 1.0, "city")
    assert findings.notes("study") == {"another-jurisdiction"}
    assert findings.row("B")["status"] == "context"


def test_a_provinces_total_says_nothing_of_the_city_that_is_named_as_the_place_judged(city, judge):
    """The study covers the whole of its own city, and the plan is a province's."""
    units = [{"level": "city", "code": "990100", "name": "Own city", "geometry": box(0, 0, 2000, 1000)}]
    made = city(minutes={"pharmacy": PHARMACY, "food-market": NEAR, "cafe": NEAR}, units=units,
                facilities=listed("pharmacy", "food-market", "cafe"))  # fmt: skip
    own = {"covers_whole": True, "jurisdiction": "Own city"}
    findings = judge(made, "type-circle", study=own, **CIRCLES)
    [whole] = findings.table[findings.table["level"] == "province"].to_dict("records")
    assert (whole["status"], whole["value"]) == ("not-applicable", 1.0)
    assert math.isnan(whole["deficit"])
    assert [note.key for note in whole["note"]] == ["total-of-province"]
    assert findings.row("B")["contribution"] == 1.0, "one more towards the province's total"
    province = judge(made, "type-circle", study={"covers_whole": True}, **CIRCLES)
    [whole] = province.table[province.table["level"] == "province"].to_dict("records")
    assert (whole["status"], whole["deficit"]) == ("short", 1.0)


def test_it_is_judged_where_the_study_covers_the_whole_province(city, judge):
    """A has the pharmacy, B has not: one circle of two."""
    findings = judge(
        quality_city(city), "type-circle", study={"covers_whole": True, "jurisdiction": "440400"}, **CIRCLES
    )
    whole = findings.row("440400")
    assert (whole["status"], whole["value"], whole["deficit"], whole["level"]) == (
        "short",
        1.0,
        1.0,
        "province",
    )
    assert whole["deficit_unit"] == "circles"


def test_a_target_not_above_its_baseline_has_no_progress(city, judge):
    fields = {**CIRCLES, "target": 1, "baseline": 1}
    findings = judge(quality_city(city), "type-circle", study={"covers_whole": True}, **fields)
    assert math.isnan(findings.row("study")["progress"])
    assert findings.row("study")["status"] == "met"


CIRCLE_UNITS = [
    {"level": "life-circle", "code": "O", "geometry": box(0, 0, 2000, 1000)},
    {"level": "life-circle", "code": "C", "geometry": box(2000, 0, 3000, 1000)},
]
"""A and B are one life circle, the village another."""


def of_circles(city, judge, share, **more):
    walks = {"pharmacy": PHARMACY, "food-market": NEAR, "cafe": NEAR}
    made = city(minutes=walks, facilities=listed(*walks), units=CIRCLE_UNITS)
    assumed = Assumptions(quality_types=("cafe",), quality_types_needed=1, covered_share=share)
    fields = {**CIRCLES, "assumptions": assumed, "units": ["life-circle"], **more}
    return judge(made, "type-circle", study={"covers_whole": True}, **fields)


def test_a_life_circle_is_judged_by_all_the_people_in_it(city, judge):
    """Of the 300 people of A and B 250 reach a pharmacy: five sixths, less than nine tenths."""
    short, met = of_circles(city, judge, 0.9), of_circles(city, judge, 0.8)
    circle = short.row("O")
    assert (circle["level"], circle["population"], circle["status"]) == ("life-circle", 300.0, "context")
    assert (circle["value"], met.row("O")["value"]) == (2.0, 3.0)
    assert [findings.row("study")["value"] for findings in (short, met)] == [1.0, 2.0]
    assert set(short.table["level"]) == {"life-circle", "province"}, "no community has a row of its own"
    assert "turns_at" in short.table


def test_what_would_turn_the_number_of_circles_is_told_of_circles(city, judge):
    """One circle is enough where 80 % do: B alone, with 75 %, would still fall short."""
    one = of_circles(city, judge, 0.9, target=2).row("study")
    assert one["status"] == "short"
    assert of_circles(city, judge, 0.8, target=2).row("study")["status"] == "met"


def test_a_circle_below_the_grade_would_be_one_more_where_too_few_have_it(city, judge):
    """Two circles asked: C has the grade, O would be the second; where both have it nothing is added."""
    few, enough = (of_circles(city, judge, share, target=2) for share in (0.9, 0.8))
    assert (few.row("O")["contribution"], few.row("C")["contribution"]) == (1.0, 0.0)
    assert math.isnan(enough.row("O")["contribution"])


def test_no_life_circle_at_all_is_no_data(city, judge):
    findings = judge(quality_city(city), "type-circle", **{**CIRCLES, "units": ["life-circle"]})
    assert (findings.row("study")["status"], findings.notes("study")) == ("no-data", {"missing-layer"})


@pytest.mark.parametrize(
    ("known", "tiers"),
    [
        (("pharmacy", "food-market", "cafe"), ["quality", "below", "quality"]),
        (("pharmacy", "food-market"), ["basic", "below", "basic"]),
        (("pharmacy",), ["", "below", ""]),
    ],
)
def test_tiers_of_communities(city, known, tiers):
    walks = {"pharmacy": PHARMACY, "food-market": NEAR, "cafe": NEAR}
    made = city(minutes={name: walks[name] for name in known}, facilities=listed(*known))
    assumed = Assumptions(
        basic_types=("pharmacy", ("food-market", "fresh-food-shop")),
        quality_types=("cafe",),
        quality_types_needed=1,
    )
    assert community_tiers(made.inputs, made.travel, assumed).tolist() == tiers
