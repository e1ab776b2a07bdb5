"""A total that a plan sets for the whole of its own place says nothing firm of any other place."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest
from shapely.geometry import box

from lifecircle.assessment import assess, problem_ledger
from lifecircle.assessment.jurisdictions import PlaceName
from lifecircle.plans import plan
from lifecircle.study.assumptions import Assumptions

STATIONS = "shijiazhuang-add-rural-stations-900"
ESTATES = "zhuhai-old-estates-229"
AREA = box(0, 0, 3000, 1000)


def one_of(plan_id, rule_id):
    whole = plan(plan_id)
    return whole.model_copy(update={"rules": (whole.rule(rule_id),)})


def judged(made, plans, *, covers_whole=True, jurisdiction=""):
    return assess(
        plans, made.inputs, made.travel, Assumptions(),
        covers_whole=covers_whole, jurisdiction=jurisdiction, as_of=dt.date(2025, 6, 30),
    )  # fmt: skip


def stations(city, units=None):
    """One rural station of the 900; every rural service is listed, so that nothing is unknown."""
    return city(
        facilities=[
            {"facility": "s", "service": "community-service-station", "community": "C", "built_year": 2018.0}
        ],
        complete_for=frozenset({"community-service-station"}),
        units=units,
    )


def unit(level, code, name=""):
    return [{"level": level, "code": code, "name": name, "geometry": AREA}]


@pytest.mark.parametrize("said", ["130100", "1301", "石家庄市", "石家庄", "Shijiazhuang", " 石家庄市 "])
def test_a_plan_s_own_place_is_judged_by_its_total_however_the_study_names_it(city, said):
    [row] = judged(stations(city), [one_of("shijiazhuang-2016", STATIONS)], jurisdiction=said).to_dict(
        "records"
    )
    assert (row["status"], row["certainty"], row["deficit"]) == ("short", "firm", 899.0)


@pytest.mark.parametrize("said", ["演示市", "990100", "440400", "珠海市", "Shijia", "M", "13"])
def test_another_place_is_told_the_total_for_information_and_is_not_judged(city, said):
    plans = [one_of("shijiazhuang-2016", STATIONS)]
    made = stations(city)
    findings = judged(made, plans, jurisdiction=said)
    [row] = findings.to_dict("records")
    assert (row["status"], row["value"]) == ("not-applicable", 1.0)
    [note] = [note for note in row["note"] if note.key == "total-of-elsewhere"]
    assert "石家庄市" in note.render("zh")
    assert "900" in note.render("zh")
    assert "Shijiazhuang" in note.render("en")
    assert problem_ledger(findings, made.inputs, plans).empty


def test_without_a_name_the_study_s_own_unit_tells_its_place(city):
    rule = [one_of("shijiazhuang-2016", STATIONS)]

    def status(units):
        return judged(stations(city, units), rule)["status"].iloc[-1]

    assert status(unit("city", "130100")) == "short"
    assert status(unit("city", "M", "石家庄市")) == "short"
    assert status(unit("city", "9901", "演示市")) == "not-applicable"


def test_one_plan_alone_is_taken_at_the_study_s_word_and_two_cities_plans_cannot_both_be(city):
    """``covers_whole`` says the boundary is the plan's whole place, true of one city and not of two."""
    made = stations(city)
    own, other = one_of("shijiazhuang-2016", STATIONS), one_of("zhuhai-2021", ESTATES)
    assert judged(made, [own])["status"].tolist() == ["short"]
    assert set(judged(made, [own, other])["status"]) <= {"not-applicable", "no-data"}
    assert judged(made, [own, other], jurisdiction="130100")["status"].iloc[0] == "short"


def test_a_reported_total_of_another_city_is_not_judged_either(city):
    made = city(indicators=[{"rule": ESTATES, "code": "", "year": 2024.0, "value": 200.0}])
    plans = [one_of("zhuhai-2021", ESTATES)]
    elsewhere = judged(made, plans, jurisdiction="演示市").iloc[-1]
    assert (elsewhere["status"], elsewhere["value"]) == ("not-applicable", 200.0)
    own = judged(made, plans, jurisdiction="珠海市").iloc[-1]
    assert (own["status"], own["deficit"]) == ("short", 29.0)


def test_rates_of_another_city_s_plan_are_judged_as_ever(city):
    """Two terminals are asked of two urban communities, and one is there: a share is no total."""
    made = city(
        facilities=[{"facility": "t", "service": "self-service-terminal", "community": "A"}],
        complete_for=frozenset({"self-service-terminal"}),
    )
    rule = [one_of("zhuhai-2021", "zhuhai-self-service-coverage-urban")]
    elsewhere, own = (judged(made, rule, jurisdiction=said) for said in ("演示市", "珠海市"))
    assert elsewhere["status"].tolist() == own["status"].tolist()
    assert "short" in set(own["status"])


def test_the_name_of_a_place_survives_the_way_between_processes():
    place = PlaceName.of(plan("shijiazhuang-2016").jurisdiction)
    back = pickle.loads(pickle.dumps(place))  # noqa: S301 - made in the line itself
    assert (back, back.render("zh"), back.render("en")) == ("130100", "石家庄市", "Shijiazhuang")
