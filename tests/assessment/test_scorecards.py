"""Scorecards and priorities, on findings small enough to count by eye, and against plain loops."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.assessment import priorities, scorecard
from lifecircle.tables import Shortfall, findings_frame

NAN = float("nan")
STANDINGS = {
    "met": ("met", "firm"),
    "short_firm": ("short", "firm"),
    "short_provisional": ("short", "provisional"),
    "no_data": ("no-data", "firm"),
    "not_applicable": ("not-applicable", "firm"),
    "report_only": ("report-only", "firm"),
}


def row(rule, code, standing, *, level="community", service="", people=NAN, deficit=NAN, unit="persons"):
    status, certainty = STANDINGS[standing]
    return {
        "plan": rule.split("-")[0],
        "rule": rule,
        "level": level,
        "code": code,
        "name": f"name of {code}",
        "service": service,
        "status": status,
        "certainty": certainty,
        "population_short": people,
        "deficit": deficit,
        "deficit_unit": unit,
        "note": (),
    }


# Plan p: rule 1 is short in A (300 people) and B (200), and as a whole; rule 2 is met in the city and short
# in C (50 people), which is judged by itself; rule 3 has only a reported share and one provisional failure;
# rule 4 has no data.
BY_HAND = findings_frame(
    [
        row("p-1", "A", "short_firm", people=300, deficit=270),
        row("p-1", "B", "short_provisional", people=200, deficit=180),
        row("p-1", "C", "met"),
        row("p-1", "city", "short_firm", level="city", people=520, deficit=2, unit="communities"),
        row("p-2", "A", "met"),
        row("p-2", "C", "short_firm", people=50, deficit=40),
        row("p-2", "city", "met", level="city"),
        row("p-3", "B", "short_provisional", people=700, deficit=1, unit="facilities"),
        row("p-3", "city", "report_only", level="city"),
        row("p-4", "city", "no_data", level="city"),
        row("q-1", "A", "short_firm", people=NAN, deficit=2, unit="facilities"),
    ]
)


def counts(card, code):
    result = card.set_index("code").loc[code, list(STANDINGS)]
    return {name: value for name, value in result.items() if value}


def test_each_rule_of_a_plan_counts_once_by_its_widest_verdict_or_by_units_that_fall_short_below_it():
    card = scorecard(BY_HAND, ["p", "q"])
    assert counts(card, "p") == {"short_firm": 2, "short_provisional": 1, "no_data": 1}
    assert counts(card, "q") == {"short_firm": 1}


def test_a_plans_largest_deficits_are_summed_over_its_communities_and_not_over_rules():
    largest = scorecard(BY_HAND, ["p"]).set_index("code").loc["p", "largest"]
    assert largest == (
        Shortfall("p", "p-3", 700, 1, "facilities"),
        Shortfall("p", "p-1", 520, 450, "persons"),
        Shortfall("p", "p-2", 50, 40, "persons"),
    )


def test_a_study_that_sums_up_its_only_city_does_not_count_its_people_twice():
    """The city, its counties, and the study of that city; of two cities of which the study judges none."""
    rows = [
        row("p-1", "9901", "short_firm", level="city", people=900, deficit=30),
        row("p-1", "990101", "short_firm", level="county", people=400, deficit=20),
        row("p-1", "City", "short_firm", level="city", people=900, deficit=30),
        row("q-1", "9901", "short_firm", level="city", people=900, deficit=30),
        row("q-1", "9902", "short_firm", level="city", people=100, deficit=5),
        row("q-1", "study", "report_only", level="city"),
    ]
    card = scorecard(findings_frame(rows), ["p", "q"]).set_index("code")
    assert [(one.people, one.deficit) for one in card.loc["p", "largest"]] == [(900, 30)]
    assert [(one.people, one.deficit) for one in card.loc["q", "largest"]] == [(1000, 35)]


def test_residents_of_a_rule_judged_unit_by_unit_are_summed_over_all_its_units():
    """Communities and villages, or townships, short one by one: nothing sums them up, whatever comes last."""
    rows = [
        row("p-1", "A", "short_firm", people=700, deficit=600),
        row("p-1", "B", "short_firm", people=500, deficit=400),
        row("p-1", "V", "short_firm", level="village", people=30, deficit=20),
        row("p-1", "city", "report_only", level="city"),
        row("p-2", "A", "short_firm", people=900, deficit=800),
        row("p-2", "B", "short_firm", people=10, deficit=5),
        row("p-3", "T1", "short_firm", level="township", people=3000, deficit=2, unit="facilities"),
        row("p-3", "T2", "short_firm", level="township", people=40, deficit=1, unit="facilities"),
        row("p-3", "city", "report_only", level="city"),
    ]
    largest = scorecard(findings_frame(rows), ["p"]).set_index("code").loc["p", "largest"]
    assert [(one.rule, one.people, one.deficit) for one in largest] == [
        ("p-3", 3040, 3),
        ("p-1", 1230, 1020),
        ("p-2", 910, 805),
    ]


def test_residents_beyond_reach_in_units_that_are_met_count_as_they_do_in_the_summary():
    """A reaches too few, B enough but not all: 700 and 40 people; of stations those short alone count."""
    rows = [
        row("p-1", "A", "short_firm", people=700, deficit=600),
        row("p-1", "B", "met", people=40),
        row("p-1", "city", "report_only", level="city", people=740),
        row("p-2", "s1", "short_firm", level="catchment", people=90, deficit=1, unit="facilities"),
        row("p-2", "s2", "met", level="catchment", people=5),
    ]
    largest = scorecard(findings_frame(rows), ["p"]).set_index("code").loc["p", "largest"]
    assert [(one.rule, one.people, one.deficit) for one in largest] == [("p-1", 740, 600), ("p-2", 90, 1)]


def test_of_gaps_of_as_many_people_headlines_lead_then_firm_ones_then_the_wider():
    """All concern everybody in A. r-5 is a headline; r-4 is firm, and lacks more of its target than r-2."""
    rows = [
        row("r-1", "A", "short_provisional", people=800, deficit=1),
        row("r-2", "A", "short_firm", people=800, deficit=1) | {"value": 3.0, "target": 4.0},
        row("r-3", "A", "short_provisional", people=900, deficit=1),
        row("r-4", "A", "short_firm", people=800.2, deficit=5) | {"value": 1.0, "target": 4.0},
        row("r-5", "A", "short_provisional", people=800, deficit=1),
    ]

    def largest(first):
        headlines = pd.DataFrame(first, columns=["plan", "rule"])
        card = scorecard(findings_frame(rows), ["r"], headlines).set_index("code")
        return [one.rule for one in card.loc["A", "largest"]]

    assert largest([("r", "r-5")]) == ["r-3", "r-5", "r-4"]
    assert largest([]) == ["r-3", "r-4", "r-2"]


def test_a_community_counts_the_rules_about_it_and_lists_the_unknown_number_of_people_last():
    card = scorecard(BY_HAND, ["p", "q"]).set_index("code")
    assert counts(card.reset_index(), "A") == {"met": 1, "short_firm": 2}
    assert [one.rule for one in card.loc["A", "largest"]] == ["p-1", "q-1"]
    assert [one.rule for one in card.loc["B", "largest"]] == ["p-3", "p-1"]


def test_of_four_deficits_the_three_with_most_people_are_listed():
    rows = [row(f"p-{people}", "A", "short_firm", people=people) for people in (10, 40, 20, 30)]
    card = scorecard(findings_frame(rows), ["p"]).set_index("code")
    assert [one.people for one in card.loc["A", "largest"]] == [40, 30, 20]
    assert [one.people for one in card.loc["p", "largest"]] == [40, 30, 20]


def test_services_of_a_rule_are_not_counted_beside_its_verdict():
    rows = [row("p-1", "A", "short_firm", service=name) for name in ("market", "laundry", "")]
    assert counts(scorecard(findings_frame(rows), ["p"]), "A") == {"short_firm": 1}


def towns(**township_of):
    """Communities in their townships, as `Inputs` holds them."""
    return SimpleNamespace(
        name="City",
        communities=pd.DataFrame({"code": list(township_of), "township": list(township_of.values())}),
        units=pd.DataFrame({"level": ["township"], "code": ["T1"], "name": ["First street"]}),
    )


def test_a_township_builds_first_what_most_of_its_people_lack():
    rows = [
        row("p-1", "A", "short_firm", service="market", people=100, deficit=90),
        row("p-1", "B", "short_provisional", service="market", people=150, deficit=60),
        row("p-1", "A", "short_firm", service="laundry", people=300, deficit=280),
        row("p-1", "A", "short_firm", people=350, deficit=2, unit="types"),
        row("q-1", "A", "short_firm", service="market", people=120, deficit=100),
        row("q-2", "T1", "short_firm", level="township", service="centre", people=900, deficit=1),
        row("q-3", "C", "short_firm", people=10, deficit=5),
        row("q-4", "f", "short_firm", level="facility", people=5000, deficit=5),
    ]
    ranked = priorities(findings_frame(rows), towns(A="T1", B="T1", C="T2", D=""))
    first = ranked[ranked["township"] == "T1"]
    assert first["rank"].tolist() == [1, 2, 3]
    assert first["service"].tolist() == ["centre", "laundry", "market"]
    assert first["people"].tolist() == [900, 300, 250]
    assert first["deficit"].tolist() == [1, 280, 150]
    assert first["areas"].tolist() == [1, 1, 2]
    assert first["areas_firm"].tolist() == [1, 1, 1]
    assert first["rules"].tolist() == [1, 1, 2]
    assert first["name"].unique().tolist() == ["First street"]
    assert ranked.loc[ranked["township"] == "T2", ["rank", "rule", "service"]].to_numpy().tolist() == [
        [1, "q-3", ""]
    ]


def test_one_clause_stands_for_a_service_in_every_township_so_that_figures_add_up():
    """In T2 the other clause concerns more, in the study the first: T2 is told by the first as well."""
    rows = [
        row("p-1", "A", "short_firm", service="market", people=300, deficit=270),
        row("p-1", "B", "met", service="market", people=20),
        row("p-1", "C", "short_provisional", service="market", people=100, deficit=60),
        row("q-1", "A", "short_firm", service="market", people=120, deficit=100),
        row("q-1", "C", "short_firm", service="market", people=150, deficit=90),
        row("q-1", "E", "short_firm", service="market", people=7, deficit=5),
    ]
    ranked = priorities(findings_frame(rows), towns(A="T1", B="T1", C="T2", E="T3")).set_index("township")
    assert ranked["rule"].to_dict() == {"T1": "p-1", "T2": "p-1", "T3": "q-1"}
    # whoever is beyond reach in a community that is met counts, as in every other table
    assert ranked["people"].to_dict() == {"T1": 320, "T2": 100, "T3": 7}
    assert ranked["areas"].to_dict() == {"T1": 1, "T2": 1, "T3": 1}
    assert ranked["rules"].to_dict() == {"T1": 2, "T2": 2, "T3": 1}


def test_who_lives_in_a_township_that_falls_short_with_its_villages_is_counted_once():
    """The township of 900 fails, and so do a village of 300 and a community of 200 in it."""
    rows = [
        row("p-1", "T1", "short_firm", level="township", people=900),
        row("p-1", "A", "short_firm", level="village", people=300),
        row("p-1", "B", "short_firm", level="community", people=200),
        row("p-1", "C", "short_firm", level="village", people=40),
        row("p-1", "D", "short_firm", level="community", people=30),
        row("p-1", "E", "short_firm", level="village", people=NAN),
    ]
    ranked = priorities(findings_frame(rows), towns(A="T1", B="T1", C="T2", D="T2", E="T3"))
    people = ranked.set_index("township")["people"]
    assert people[["T1", "T2"]].tolist() == [900, 70]
    assert np.isnan(people["T3"])
    assert ranked.set_index("township")["areas"].to_dict() == {"T1": 3, "T2": 2, "T3": 1}


def test_communities_that_name_no_township_are_the_study_as_a_whole():
    rows = [
        row("p-1", "A", "short_firm", service="market", people=100, deficit=90),
        row("p-1", "D", "short_firm", service="market", people=50, deficit=10),
        row("p-1", "unheard of", "short_firm", service="market", people=7, deficit=1),
    ]
    ranked = priorities(findings_frame(rows), towns(A="", D=""))
    assert ranked[["township", "name", "areas", "people"]].to_numpy().tolist() == [["study", "City", 2, 150]]


def test_a_study_that_lacks_nothing_has_no_priorities():
    assert priorities(findings_frame([row("p-1", "A", "met")]), towns(A="T1")).empty


@st.composite
def some_findings(draw):
    """Rules over communities, a county and the city, each with any standing or none."""
    places = [("community", "A"), ("village", "B"), ("township", "T"), ("county", "K"), ("city", "M")]
    rows = []
    for rule in ("p-1", "p-2", "q-1"):
        for level, code in places:
            standing = draw(st.sampled_from([*STANDINGS, None]))
            if standing:
                people = draw(st.sampled_from([NAN, 0.0, 5.0, 80.0]))
                rows.append(row(rule, code, standing, level=level, people=people))
    return rows


@given(some_findings())
def test_scorecards_equal_a_loop_over_the_rows(rows):
    if not rows:
        return
    card = scorecard(findings_frame(rows), ["p", "q"]).set_index("code")
    order = ["city", "county", "township"]
    for plan in ("p", "q"):
        expected = dict.fromkeys(STANDINGS, 0)
        for rule in sorted({one["rule"] for one in rows if one["plan"] == plan}):
            mine = [one for one in rows if one["rule"] == rule]
            judged = [one for one in mine if one["status"] in {"met", "short", "no-data"}] or mine
            # a target of another place is none, though what it would count is not known either
            highest = min(order.index(one["level"]) if one["level"] in order else 9 for one in mine)
            whole = [
                one for one in mine if (order.index(one["level"]) if one["level"] in order else 9) == highest
            ]
            if not {"met", "short"} & {one["status"] for one in mine}:
                elsewhere = {one["status"] for one in whole} == {"not-applicable"}
                judged = mine = whole if elsewhere else judged if judged is not mine else mine
            ranks = [order.index(one["level"]) if one["level"] in order else 9 for one in judged]
            top = min(ranks)
            # what falls short below a top that does not decides: at the widest level that does
            bad = [rank for rank, one in zip(ranks, judged, strict=True) if one["status"] == "short"]
            top = top if not bad or top in bad else min(bad)
            here = [
                name
                for name, pair in STANDINGS.items()
                for one in judged
                if (one["status"], one["certainty"]) == pair
                # without any verdict it is told that something is reported, at whatever level
                and (judged is mine or (order.index(one["level"]) if one["level"] in order else 9) == top)
            ]
            worst = ["short_firm", "short_provisional", "no_data", "met", "report_only", "not_applicable"]
            expected[min(here, key=worst.index)] += 1
        assert counts(card.reset_index(), plan) == {name: n for name, n in expected.items() if n}
    for code in ("A", "B"):
        mine = [one for one in rows if one["code"] == code]
        for name, pair in STANDINGS.items():
            number = sum((one["status"], one["certainty"]) == pair for one in mine)
            assert number == (card.loc[code, name] if mine else 0)
        short = [one["population_short"] for one in mine if one["status"] == "short"]
        told = sorted(short, key=lambda people: -1 if np.isnan(people) else people, reverse=True)[:3]
        if mine:
            listed = [one.people for one in card.loc[code, "largest"]]
            assert listed == pytest.approx(told, nan_ok=True)
