"""What the page holds beside communities: facilities judged, who is nearest, and before and after."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from map_by_hand import with_judged_facilities, with_nearest, with_sites
from results_by_hand import results_by_hand, with_findings, with_scenarios

from lifecircle.outputs.web_map.gap_map import map_data


@pytest.fixture(scope="module")
def results():
    return with_nearest(with_judged_facilities(with_sites(with_scenarios(results_by_hand()))))


@pytest.fixture(scope="module")
def data(results):
    return map_data(results, lang="en")


def theme(data, rule, service=""):
    return next(one for one in data["themes"] if (one["rule"], one["service"]) == (rule, service))


def test_every_finding_about_a_facility_lies_where_the_facility_is_drawn(data, results):
    about = theme(data, "rule-2")["facilities"]
    own = results.findings.query("level == 'catchment'").set_index("code")
    assert about["services"] == ["health-station"]
    ids = [data["facilities"]["health-station"]["id"][row] for row in about["row"]]
    assert sorted(ids) == sorted(own.index)
    for place, code in enumerate(ids):
        finding = own.loc[code]
        assert about["status"][place] == {"short": "s", "met": "m"}[finding["status"]]
        assert (about["value"][place], about["deficit"][place]) == (finding["value"], finding["deficit"])
    assert about["unit"] == "persons/facility"
    assert theme(data, "rule-0", "fitness-site")["facilities"] == {}


def test_a_facility_of_several_services_is_shown_under_the_rules_own(results):
    """f0 offers a market beside fitness; a rule about markets shows it as a market."""
    table = results.inputs.facilities
    twice = table.loc[[0]].assign(service="market")
    grown = pd.concat([table, twice], ignore_index=True)
    rows = results.findings.query("level == 'catchment'").head(1)
    rows = rows.assign(rule="rule-1", service="market", code=table["facility"].iloc[0], level="facility")
    made = dataclasses.replace(
        results,
        inputs=dataclasses.replace(results.inputs, facilities=grown),
        findings=pd.concat([results.findings, rows], ignore_index=True),
    )
    page = map_data(made, lang="en")
    about = theme(page, "rule-1", "market")["facilities"]
    assert about["services"] == ["market"]
    assert page["facilities"]["market"]["id"][about["row"][0]] == table["facility"].iloc[0]


def test_the_facility_nearest_to_most_residents_is_named(results):
    """Of 300 people in one community 100 go to a, 150 to b and 50 to c: b. Of equals, the smaller id."""
    own = results.inputs.facilities.query("service == 'fitness-site'")["facility"].tolist()
    demand = results.inputs.demand.iloc[[0, 0, 0, 1, 1]].reset_index(drop=True)
    demand = demand.assign(demand=np.arange(5), residents=[100.0, 150.0, 50.0, 70.0, 70.0])
    ids = [own[0], own[1], own[2], own[3], own[2]]
    facility = pd.DataFrame({"fitness-site": ids}, index=demand["demand"])
    made = dataclasses.replace(
        results,
        inputs=dataclasses.replace(results.inputs, demand=demand),
        travel=dataclasses.replace(results.travel, facility=facility),
    )
    page = map_data(made, lang="en")
    nearest = page["minutes"]["fitness-site"]["nearest"]
    names = page["facilities"]["fitness-site"]["id"]
    assert names[nearest[0]] == own[1]
    assert names[nearest[1]] == min(own[2], own[3])
    assert set(nearest[2:]) == {-1}


def test_who_reaches_nothing_has_no_nearest(data):
    assert set(data["minutes"]["market"]["nearest"]) == {-1}


def test_service_areas_say_what_share_of_their_street_was_not_reached(data):
    for bands in data["isochrones"].values():
        assert [band["left_out_share"] for band in bands] == [0.125] * 3


def test_circles_say_the_same(data, results):
    first = results.circles.iloc[0]
    share = first["unreached_km"] / (first["unreached_km"] + first["reached_km"])
    assert data["circles"]["left_out_share"][0] == pytest.approx(share, abs=5e-4)


def test_a_scenario_holds_what_becomes_of_each_community_it_changes(data, results):
    first, second = data["scenarios"]
    assert (first["name"], first["added"], first["opened_m"]) == ("Two new fitness sites", 2, 450)
    assert second["kind"] == "proposal"
    changed = {data["themes"][entry["theme"]]["rule"]: entry for entry in first["themes"]}
    entry = changed["rule-0"]
    before = theme(data, "rule-0", "fitness-site")
    own = results.effects.query("rule == 'rule-0' and level == 'community'").iloc[0]
    row = data["communities"]["code"].index(own["code"])
    assert entry["row"] == [row]
    assert before["status"][row] == "s"
    assert (entry["status"], entry["deficit"], entry["turned_met"]) == ("m", [0], 1)
    assert entry["people"] == [own["people_after"]]
    assert entry["counts"]["m"] == before["counts"]["m"] + 1
    assert entry["counts"]["s"] == before["counts"]["s"] - 1


def test_what_is_provisional_stays_provisional_afterwards(results):
    unsure = results.findings.assign(certainty="provisional")
    page = map_data(dataclasses.replace(results, findings=unsure), lang="en")
    entry = next(one for one in page["scenarios"][0]["themes"] if one["turned_met"])
    assert entry["status"] == "q"


def test_a_change_of_a_county_recolours_its_communities(results):
    county = results.findings.query("rule == 'rule-2' and level == 'county'").iloc[0]
    effect = {
        **results.effects.iloc[0].to_dict(),
        **{name: county[name] for name in ("rule", "level", "code", "name", "service")},
        "status_after": "met",
    }
    made = with_findings(dataclasses.replace(results, effects=pd.DataFrame([effect])), results.findings)
    page = map_data(made, lang="en")
    entry = page["scenarios"][0]["themes"][0]
    assert entry["row"] == list(range(len(results.communities)))
    assert set(entry["status"]) == {"m"}
    assert entry["counts"] == {"m": 1}
    assert [above["name"] for above in page["scenarios"][0]["above"]] == ["手绘区"]


def test_sites_and_streets_of_a_scenario_are_kept_apart(data):
    first = data["scenarios"][0]
    assert [site["change"] for site in first["sites"]] == ["added", "added", "closed"]
    assert list(first["streets"]) == ["street-opened"]
    assert data["scenarios"][1]["sites"] == []


def test_without_scenarios_there_is_nothing_to_choose():
    assert map_data(results_by_hand(), lang="zh")["scenarios"] == []


def test_how_sites_were_chosen_is_said_by_rule_in_both_languages(results):
    """Two sites bring 4,500 of 9,000 within reach, and nothing reaches over 9,900: 20% of 4,500 are open."""
    site = results.proposals.iloc[[0, 0]].assign(
        plan="hand-2025",
        rule="rule-0",
        rank=[1.0, 2.0],
        candidates=80.0,
        bound=9_900.0,
        covered=[8e3, 9e3],
        gain=[3.5e3, 1e3],
        code="",
        name="",
        street="Long Street",
    )
    told = map_data(dataclasses.replace(results, proposals=site), lang="zh")["proposals"]["chosen"]
    assert told == [
        {
            "plan": "hand-2025",
            "rule": "rule-0",
            "service": "fitness-site",
            "words": {
                "zh": "自80个候选点选出：与任意2处的理论最优相比，差距不超过900名居民，"
                "为这2处新增覆盖居民的20%。",
                "en": "Chosen from 80 candidate places: "
                "no choice of 2 sites would reach over 900 more residents than these, "
                "20% of those whom these bring within reach.",
            },
        }
    ]
    assert map_data(results, lang="zh")["proposals"]["chosen"] == []
