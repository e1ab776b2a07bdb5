"""Rules judged station by station: what the page lists of those that fall short."""

import dataclasses

import pytest
from stations_by_hand import RULE, with_stations

from lifecircle.outputs.web_map.gap_map import map_data


@pytest.fixture(scope="module")
def study():
    return with_stations()


@pytest.fixture(scope="module")
def data(study):
    return map_data(study, lang="zh")


def _theme(data, service=""):
    return next(one for one in data["themes"] if (one["rule"], one["service"]) == (RULE, service))


def test_the_level_judged_is_that_of_the_stations_and_of_the_communities(data):
    assert _theme(data)["judged"] == "catchment"
    assert {one["judged"] for one in data["themes"] if one["rule"] == "rule-0"} == {"community"}


def test_each_station_that_falls_short_is_listed_with_its_people_limits_and_gap(study, data):
    units = _theme(data)["units"]
    assert (units["level"], units["judged"], len(units["short"])) == ("catchment", 3, 1)
    (station,) = units["short"]
    told = [station[name] for name in ("name", "status", "deficit", "residents", "people")]
    assert told == ["Station A", "s", 1, 27_000, 7_000]
    limits = {one["service"]: (one["value"], one["target"], one["status"]) for one in station["conditions"]}
    assert limits == {"by-people": (27_000, 20_000, "s"), "by-committees": (6, 5, "s")}
    # the page finds the facility, and the community it lies in
    layer = data["facilities"][station["service"]]
    assert layer["id"][station["row"]] == station["code"]
    lies_in = study.inputs.facilities.set_index("facility")["community"][station["code"]]
    assert data["communities"]["code"][station["community"]] == lies_in


def test_by_one_measure_alone_its_own_stations_are_listed_most_people_first(data):
    short = _theme(data, "by-people")["units"]["short"]
    assert [(one["name"], one["people"], one["conditions"]) for one in short] == [
        ("Station A", 7_000, []),
        ("Station B", 5_000, []),
    ]


def test_rules_judged_by_community_list_no_units(data):
    assert all(one["units"] == {} for one in data["themes"] if one["rule"] == "rule-0")


def test_a_station_outside_every_community_is_listed_without_one(study):
    facilities = study.inputs.facilities.assign(community="")
    inputs = dataclasses.replace(study.inputs, facilities=facilities)
    units = _theme(map_data(dataclasses.replace(study, inputs=inputs), lang="zh"))["units"]
    assert [one["community"] for one in units["short"]] == [-1]


def test_people_and_committees_that_decide_side_by_side_keep_their_own_units(study):
    """Station C is met by people, the others are judged by committees: 12,000 are not committees."""
    decided = (study.findings["rule"] == RULE) & (study.findings["name"] == "Station C")
    by_people = {"unit": "persons", "value": 12_000.0, "target": 20_000.0}
    rows = study.findings.assign(
        **{name: study.findings[name].where(~decided, value) for name, value in by_people.items()}
    )
    facilities = _theme(map_data(dataclasses.replace(study, findings=rows), lang="zh"))["facilities"]
    told = dict(zip(facilities["value"], facilities["unit"], strict=True))
    assert told == {6: "communities", 3: "communities", 12_000: "persons"}


def test_what_a_rule_leans_on_is_told_in_words_of_both_languages(data):
    theme = next(one for one in data["themes"] if one["rule"] == "rule-0")
    assert data["notes"][theme["assumptions"]] == {
        "zh": "社区达标所需的覆盖居民比例：90%；步行速度（公里/小时）：4",
        "en": "Residents who must be within reach for a community to be covered: 90%; "
        "Walking speed (km/h): 4",
    }


def test_the_capacity_of_a_facility_has_a_unit_and_people_are_whole(data):
    assert {one["capacity_unit"] for one in data["facilities"].values()} == {"places", "beds"}
    assert data["facilities"]["health-station"]["capacity_unit"] == "beds"
    people = [
        one[name]
        for layer in data["catchments"].values()
        for one in layer
        for name in ("residents", "beyond")
    ]
    assert people
    assert all(isinstance(value, int) for value in people)
