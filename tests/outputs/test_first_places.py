"""Where to build first: catchments that need stations and first sites, in one list and one set of words."""

import dataclasses

import pandas as pd
import pytest
from results_by_hand import results_by_hand, with_findings
from stations_by_hand import RULE, with_stations

from lifecircle.messages import text
from lifecircle.outputs.first_places import first_block, first_places
from lifecircle.outputs.report.begin import begin_words
from lifecircle.outputs.stations import MOST_NAMED, stations_to_add, where_to_add
from lifecircle.outputs.web_map.layers import proposals
from lifecircle.tables import Note

LANGUAGES = ("zh", "en")
PLAN = "hand-2025"
SITE = {"proposal": "p", "plan": PLAN, "rule": "rule-0", "service": "fitness-site", "street": ""}
SITE |= {"rank": 1, "gain": 70.0}


def overloaded(loads):
    """Stations that fall short by both measures, one per load: so many people, at most 20,000 each."""
    base = with_stations()
    one = base.findings.query("level == 'catchment' and name == 'Station A' and service == ''").iloc[0]
    by_people = base.findings.query("level == 'catchment' and name == 'Station A' and service == 'by-people'")
    others = base.findings[~((base.findings["level"] == "catchment") & (base.findings["rule"] == RULE))]
    rows = []
    for at, load in enumerate(loads):
        missing, over = float(-(-load // 20_000) - 1), float(load - 20_000)
        own = {"code": f"S{at}", "name": f"Station {at}", "population": float(load), "population_short": over}
        rows.append({**one.to_dict(), **own, "deficit": missing})
        far = Note("beyond-minutes", {"residents": load / 2, "minutes": 15.0})
        people = {**by_people.iloc[0].to_dict(), **own, "deficit": missing}
        rows.append({**people, "note": (far,) if load > 50_000 else ()})
    return with_findings(base, pd.concat([others, pd.DataFrame(rows)], ignore_index=True))


@pytest.fixture(scope="module")
def study():
    """45,000, 87,000 and 61,000 people at three stations, each for 20,000: they need 2, 4 and 3 more."""
    return overloaded([45_000, 87_000, 61_000])


def test_every_catchment_that_falls_short_is_listed_with_how_many_stations_it_needs(study):
    needs = stations_to_add(study, PLAN, RULE)
    assert [(one.name, one.missing) for one in needs] == [
        ("Station 1", 4),
        ("Station 2", 3),
        ("Station 0", 2),
    ]
    assert (needs[0].residents, needs[0].over) == (87_000, 67_000)
    # they add up to the gap that the headline target tells
    row = study.headlines[study.headlines["rule"] == RULE].iloc[0]
    assert sum(one.missing for one in needs) == row["deficit"] == 9
    assert stations_to_add(study, PLAN, "rule-0") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_card_panel_report_and_workbook_list_the_same_places_and_numbers(study, lang):
    shown = where_to_add(stations_to_add(study, PLAN, RULE), lang)
    for name, n in (("Station 1", "4"), ("Station 2", "3"), ("Station 0", "2")):
        assert text("report.station-adds", lang, name=name, n=n) in shown
    assert begin_words(study, PLAN, RULE, "", lang) == text("report.begin-stations", lang, names=shown)
    lead, *lines = first_block(study, lang)
    assert lead == text("report.first-stations", lang)
    page = proposals(study, (110.0, 20.0))["first"]
    assert page["lead"][lang] == lead
    colon = text("report.colon", lang)
    assert [one["name"][lang] + colon + one["said"][lang] for one in page["lines"]] == lines
    assert [one["station"] for one in page["lines"]] == ["S1", "S2", "S0"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_catchment_says_how_many_of_its_residents_live_beyond_the_walk(study, lang):
    _, first, _, last = first_block(study, lang)
    told = {"residents": "87,000", "beyond": "43,500", "minutes": "15"}
    assert text("report.station-serves-beyond", lang, **told) in first
    assert text("report.station-serves", lang, residents="45,000", over="25,000") in last, "nobody is beyond"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_many_catchments_are_named_up_to_a_number_and_the_others_counted_together(lang):
    study = overloaded([100_000 - 1_000 * at for at in range(MOST_NAMED + 2)])
    needs = stations_to_add(study, PLAN, RULE)
    assert len(needs) == MOST_NAMED + 2
    lines = first_block(study, lang)[1:]
    assert len(lines) == MOST_NAMED + 1
    rest = sum(one.missing for one in needs[MOST_NAMED:])
    assert lines[-1].startswith(text("report.other-catchments", lang, n="2"))
    assert f"{rest:.0f}" in lines[-1]
    assert where_to_add(needs, lang).endswith(
        text("report.stations-others", lang, n="2", added=f"{rest:.0f}")
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["community", "village", "cell", None])
def test_a_first_site_says_who_lives_beyond_the_limit_where_it_stands(lang, kind):
    base = results_by_hand()
    here = base.findings.query("rule == 'rule-0' and level == 'community' and status == 'short'").iloc[0]
    place = base.communities["code"] == here["code"]
    communities = base.communities.assign(kind=base.communities["kind"].where(~place, kind))
    site = {
        "proposal": "p",
        "plan": PLAN,
        "rule": "rule-0",
        "service": "fitness-site",
        "rank": 1,
        "gain": 70.0,
    }
    site |= {"name": here["name"], "code": here["code"], "street": ""}
    study = dataclasses.replace(base, proposals=pd.DataFrame([site]), communities=communities)
    (one,) = first_places(study)
    assert (one.residents, one.beyond) == (here["population"], here["population_short"])
    lead, line = first_block(study, lang)
    assert lead == text("report.first-one", lang)
    told = {"residents": f"{here['population']:,.0f}", "beyond": f"{here['population_short']:,.0f}"}
    assert line.endswith(text(f"report.beyond-{kind or 'community'}", lang, minutes="15", **told))
    # where all of them are beyond it that is said in fewer words
    own = base.findings["code"] == here["code"]
    nobody = base.findings["population_short"].mask(own, here["population"])
    alone = dataclasses.replace(study, findings=base.findings.assign(population_short=nobody))
    words = text(f"report.beyond-all-{kind or 'community'}", lang, minutes="15", residents=told["residents"])
    assert first_block(alone, lang)[1].endswith(words)
    # where no minutes are the limit nothing is said of them
    rules = base.plans[0]["rules"]
    endless = {**rules, "rule-0": {**rules["rule-0"], "cutoff_min": None}}
    unlimited = dataclasses.replace(study, plans=({**base.plans[0], "rules": endless},))
    assert line.startswith(first_block(unlimited, lang)[1] + text("map.semicolon", lang))


def test_catchments_stand_before_sites_and_the_lead_says_so():
    study = overloaded([45_000])
    site = {
        "proposal": "p",
        "plan": PLAN,
        "rule": "rule-0",
        "service": "fitness-site",
        "rank": 1,
        "gain": 70.0,
    }
    site |= {"name": "Here", "code": "none", "street": ""}
    both = dataclasses.replace(study, proposals=pd.DataFrame([site]))
    lead, first, second = first_block(both, "en")
    assert lead == text("report.first-places", "en")
    assert first.startswith("Station 0")
    assert second.startswith("Here")
