"""The four plans against their texts, against the catalogue of provisions, and against known traps."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from lifecircle import messages, plans, services
from lifecircle.errors import InputError
from lifecircle.plans import LEVEL_OF_UNIT
from lifecircle.plans.model import plan_summary
from lifecircle.study.assumptions import BASIC_TYPES, QUALITY_TYPES, Assumptions

TEXT_OF = {
    "hainan-2022": "hainan-2022-2025.txt",
    "wuhu-2021": "wuhu-2021-2025.txt",
    "shijiazhuang-2016": "shijiazhuang-2016-2020.txt",
    "zhuhai-2021": "zhuhai-2021-2025.txt",
}
PREMIUM = "hainan-premium-convenience-circles"


STANDARDS = (
    "circle-15min",
    "city-checkup-2024",
    "complete-community-2020",
    "embedded-services-2023",
    "gb50180-2018",
    "mofcom-action-2023",
    "mofcom-circle-2021",
    "mofcom-grades-2025",
    "national-community-2021",
    "tdt1062-2021",
    "walkable-500m",
)

FURTHER = {
    "hainan-disability-representative-per-village",
    "hainan-counselling-room",
    "hainan-emergency-shelter-coverage",
    "hainan-micro-fire-station-coverage",
    "hainan-public-health-section-in-health-centres",
    "hainan-environment-property-committee",
    "hainan-facility-elderly-friendly",
    "hainan-facility-child-friendly",
    "hainan-facility-barrier-free",
    "hainan-centre-elderly-canteen",
    "hainan-centre-day-care",
    "hainan-centre-women-children-home",
    "hainan-centre-youth-home",
    "hainan-centre-child-growth",
    "wuhu-micro-fire-station-coverage",
    "zhuhai-public-schools-open-grounds",
    "zhuhai-youth-volunteer-station-per-youth-home",
    "zhuhai-facility-elderly-friendly",
    "zhuhai-facility-child-friendly",
    "zhuhai-facility-barrier-free",
}
"""Countable provisions without a number, which the catalogue left out."""


BASICALLY = {"shijiazhuang-centre-per-street", "shijiazhuang-station-per-community"}
"""Clauses that set a figure for each unit and hedge how many must reach it ("基本实现")."""


def every_rule():
    return [(plan_id, rule) for plan_id in TEXT_OF for rule in plans.plan(plan_id).rules]


def catalogued():
    return [(plan_id, rule) for plan_id, rule in every_rule() if rule.id not in FURTHER]


def rule_of(rule_id: str):
    return next(rule for _, rule in every_rule() if rule.id == rule_id)


@pytest.fixture(scope="module")
def texts(shared_plans):
    """Each plan's text without white space and page marks."""
    figures = {}
    for plan_id, name in TEXT_OF.items():
        raw = (shared_plans / "sources" / name).read_text(encoding="utf-8")
        figures[plan_id] = re.sub(r"\s+", "", re.sub(r"/\s*\d+\s*/|-\s*18\s*-", "", raw))
    return figures


def test_the_four_plans_and_the_standards_behind_them_are_packaged():
    assert plans.packaged_plans() == tuple(sorted((*TEXT_OF, *STANDARDS)))


def test_rule_ids_are_unique_over_all_plans():
    ids = [rule.id for _, rule in every_rule()]
    assert len(ids) == len(set(ids)) == 257


def test_each_plan_holds_its_provisions():
    assert {name: len(plans.plan(name).rules) for name in TEXT_OF} == {
        "hainan-2022": 111,
        "wuhu-2021": 51,
        "shijiazhuang-2016": 49,
        "zhuhai-2021": 46,
    }


@pytest.mark.parametrize("plan_id", TEXT_OF)
def test_every_quote_stands_in_the_plan(plan_id, texts):
    quotes = [quote for rule in plans.plan(plan_id).rules for quote in (rule.quote, *rule.restated)]
    assert [quote for quote in quotes if quote not in texts[plan_id]] == []


def test_quotes_are_shown_with_square_metres_and_with_the_cells_of_a_row_apart():
    summaries = [plan_summary(plans.plan(name), Assumptions()) for name in plans.packaged_plans()]
    shown = {rule: about["quote"] for summary in summaries for rule, about in summary["rules"].items()}
    assert not [quote for quote in shown.values() if re.search(r"\dO|（O", quote)]
    assert not [quote for quote in shown.values() if re.search(r"\d(预期性|约束性)", quote)]
    assert shown["hainan-fitness-circle-15min"] == "城市社区“15分钟健身圈”覆盖率（%）｜95｜100｜预期性"
    assert (
        shown["hainan-community-workers-per-10k"] == "每万城镇常住人口拥有社区工作者（人）｜16.4｜18｜预期性"
    )
    assert shown[PREMIUM] == "高品质一刻钟便民生活圈数量（个）｜0｜≥200｜预期性"


def test_a_quote_that_is_not_in_the_plan_would_be_noticed(texts):
    assert "各市县建成2个体育公园" not in texts["hainan-2022"]
    assert len(texts["zhuhai-2021"]) > 10_000


def test_every_provision_is_carried_in_the_order_of_the_catalogue(provisions):
    """Beside them the plans carry twenty that the catalogue left out for want of a number."""
    assert [rule.id for _, rule in catalogued()] == list(provisions)
    assert len(every_rule()) - len(provisions) == len(FURTHER) == 20


def test_every_rule_of_the_plans_says_at_which_level_it_binds():
    assert [rule.id for _, rule in every_rule() if rule.binding is None] == []


def test_rules_say_what_the_catalogue_of_provisions_says(provisions):
    for plan_id, rule in catalogued():
        said = provisions[rule.id]
        assert plan_id.startswith(said["plan"])
        assert (rule.clause, rule.quote, rule.role) == (said["location"], said["quote"], said["role"]), (
            rule.id
        )
        assert rule.scope == said["scope"], rule.id
        assert set(said.get("restated", ())) <= set(rule.restated), rule.id
        assert rule.target_year == said.get("target_year"), rule.id
        assert rule.baseline_year == said.get("baseline_year"), rule.id
        assert rule.qualifier == said.get("qualifier", ""), rule.id
        assert rule.share_target_pct == said.get("share_target_pct"), rule.id
        hedged = "none" if rule.id in BASICALLY else None
        assert rule.share_comparator == said.get("share_comparator", hedged), rule.id
        assert rule.share_baseline_pct == said.get("share_baseline_pct"), rule.id


def test_numbers_are_the_catalogue_s_and_where_it_has_none_an_assumption_stands_in(provisions):
    without_number = set()
    for _, rule in catalogued():
        said = provisions[rule.id]
        if "value" in said or said["klass"] == "R":
            assert (rule.comparator, rule.target) == (said["comparator"], said.get("value")), rule.id
        else:
            without_number.add((rule.id, rule.target))
        assert rule.target_max == said.get("value_max"), rule.id
        if rule.id == "shijiazhuang-base-share-300m2":
            assert rule.min_floor_area_m2 == 300
        elif rule.kind in {"at-least-n-per-area", "coverage-share-of-areas"}:
            assert rule.min_floor_area_m2 == said.get("min_area_m2"), rule.id
    assert without_number == {
        ("shijiazhuang-accessible-facility-network", "accessible_minutes"),
        ("zhuhai-accessible-platform-layout", "accessible_minutes"),
        ("wuhu-health-elderly-adjacency", "adjacency_m"),
    }


def test_baselines_are_the_catalogue_s_but_for_a_count_that_is_no_percentage(provisions):
    for _, rule in catalogued():
        expected = provisions[rule.id].get("baseline_value")
        if rule.id == "hainan-base-village-community-units":
            assert (rule.baseline, expected) == (None, 3197)
        else:
            assert rule.baseline == expected, rule.id


def test_units_of_assessment_are_the_catalogue_s(provisions):
    words = {"county": "county|district", "street": "street", "township": "township", "city": "city"}
    words |= {"new-residential": "new residential|residential area", "old-residential": "residential area"}
    for _, rule in catalogued():
        said = provisions[rule.id]["assessment_unit"]
        by_itself = {"indicator", "adjacency", "share-of-facilities", "opening-hours"}
        if rule.kind in by_itself or rule.id == PREMIUM or "four-tier" in rule.id:
            continue  # reported for the jurisdiction; judged facility by facility; counted
        if rule.kind == "count-target" and rule.counts == "column":
            assert said in {"city", "province"}, rule.id  # of the places whose ledgers add up to it
            continue
        for unit in rule.units:
            if unit == "village" and said in {"community", "city"}:
                assert rule.scope == "both", rule.id  # 社区 of town and country
            elif (unit, rule.id) != ("community", "wuhu-base-936-units"):
                assert re.search(words.get(unit, unit), said), rule.id


def test_programme_metrics_are_known_from_reports_only(provisions):
    reported = {rule.id for _, rule in catalogued() if rule.kind == "indicator"}
    assert reported == {name for name, said in provisions.items() if said["klass"] == "M"}
    assert len(reported) == 63


KINDS_OF_TYPE = {
    "area-per-100-households": {"area-per-100-households"},
    "area-share": {"area-share"},
    "at-least-one-per-area": {"at-least-n-per-area", "figure-per-area"},
    "capacity-per-1000-population": {"capacity-per-1000-population"},
    "count-target": {"count-target", "type-circle"},
    "coverage-share-of-areas": {
        "coverage-share-of-areas",
        "attribute-share-of-areas",
        "share-of-facilities",
        "grid-coverage",
    },
    "household-grid-partition": {"household-grid-partition"},
    "minimum-facility-area": {"minimum-facility-area", "coverage-share-of-areas"},
    "opening-hours": {"opening-hours"},
    "staff-per-10000-population": {"staff-per-10000-population"},
}


def test_kinds_fit_the_types_of_the_catalogue(provisions):
    for _, rule in catalogued():
        said = provisions[rule.id]
        if said["klass"] == "R" and said["type"] in KINDS_OF_TYPE:
            assert rule.kind in KINDS_OF_TYPE[said["type"]], rule.id


def test_a_share_of_facilities_is_not_a_share_of_communities():
    """The same name over different denominators: Hainan and Zhuhai count facilities, Wuhu communities."""
    for name in ("hainan-volunteer-station-coverage", "zhuhai-volunteer-station-coverage"):
        assert (rule_of(name).kind, rule_of(name).units) == ("share-of-facilities", ("facility",))
    assert rule_of("wuhu-volunteer-station-coverage").kind == "coverage-share-of-areas"
    assert rule_of("hainan-fever-clinic-all-health-centres").kind == "share-of-facilities"
    assert rule_of("zhuhai-smart-security-estates").units == ("estate",)


def test_more_than_is_kept_apart_from_at_least():
    table, text = (
        rule_of("hainan-commercial-service-area-share"),
        rule_of("hainan-new-build-commercial-share"),
    )
    assert (table.comparator, text.comparator) == (">=", ">")
    assert rule_of("hainan-charities-130").comparator == ">"


def test_the_slip_of_the_pen_is_not_read_as_a_zero_in_any_area():
    figures = {
        name: rule_of(name).target
        for name in (
            "hainan-facility-area-per-100-households",
            "hainan-new-build-area-per-100-households",
            "hainan-village-site-footprint-500",
            "hainan-village-site-floor-300",
        )
    }
    assert sorted(figures.values()) == [30, 30, 300, 500]


def test_cells_that_run_together_are_a_baseline_and_a_target():
    workers, places = rule_of("hainan-community-workers-per-10k"), rule_of("hainan-childcare-places-per-1000")
    assert (workers.baseline, workers.target) == (16.4, 18)
    assert (places.baseline, places.target) == (2.6, 4.5)


def test_shijiazhuang_asks_for_300_m2_or_20_per_hundred_households_whichever_is_more():
    rule = rule_of("shijiazhuang-area-per-100-households")
    assert (rule.target, rule.least_area_m2, rule.judged_as) == (20, 300, "unit")


def test_zhuhai_s_square_metres_are_for_the_elderly_of_new_and_of_old_estates():
    new, old = rule_of("zhuhai-elderly-area-new-20"), rule_of("zhuhai-elderly-area-old-15")
    assert (new.units, new.target, old.units, old.target) == (
        ("new-residential",),
        20,
        ("old-residential",),
        15,
    )
    assert new.services == old.services
    assert "community-service-facility" not in new.services


def test_additions_come_on_top_of_what_there_was():
    stations = rule_of("shijiazhuang-add-urban-stations-200")
    assert (stations.target, stations.baseline, stations.total) == (200, 489, 689)
    assert rule_of("shijiazhuang-add-county-centres-19").total == 29
    assert rule_of("shijiazhuang-add-township-centres-187").total == 269
    rural = rule_of("shijiazhuang-add-rural-stations-900")
    assert (rural.total, rural.built_since) == (900, 2016)


def test_every_total_says_whose_it_is(provisions):
    for plan_id, rule in catalogued():
        if provisions[rule.id]["type"] == "count-target" and rule.kind in {"count-target", "indicator"}:
            assert rule.of_level == plans.plan(plan_id).level, rule.id


def test_every_unit_of_a_rule_has_a_name_in_both_languages():
    units = {rule.unit for name in plans.packaged_plans() for rule in plans.plan(name).rules}
    assert [unit for unit in sorted(units) if not messages.has(f"status.unit.{unit}")] == []


def test_every_rule_is_titled_and_noted_in_both_languages():
    for _, rule in every_rule():
        for words in filter(None, (rule.title, rule.note)):
            assert re.search(r"[\u4e00-\u9fff]", words.zh), rule.id
            assert re.search(r"[A-Za-z]{3}", words.en), rule.id
            assert not re.search(r"[\u4e00-\u9fff]", words.en), rule.id


def test_every_service_a_plan_names_is_in_the_catalogue():
    named = {name for _, rule in every_rule() for name in rule.all_services}
    assert named
    assert named <= set(services.catalogue())


def test_every_type_of_business_that_is_assumed_is_in_the_catalogue():
    single = {name for group in BASIC_TYPES for name in ((group,) if isinstance(group, str) else group)}
    assert single == set(services.in_group("basic-guarantee"))
    assert set(QUALITY_TYPES) <= set(services.in_group("quality-improving"))


def test_every_assumption_a_plan_may_lean_on_has_a_value_in_the_study():
    assert set(plans.ASSUMPTIONS) <= set(Assumptions.model_fields)
    assert {name for _, rule in every_rule() for name in rule.assumptions} <= set(plans.ASSUMPTIONS)


def test_kinds_of_the_fifteen_provisions_on_the_street_network(provisions):
    kinds = {rule.id: rule.kind for _, rule in catalogued() if provisions[rule.id]["klass"] == "S"}
    assert kinds == {
        "hainan-fitness-circle-15min": "travel-time-circle",
        "hainan-premium-convenience-circles": "type-circle",
        "hainan-health-station-per-10-20k": "population-per-facility",
        "hainan-basic-convenience-circle-15min": "type-circle",
        "hainan-party-service-circle-15min": "travel-time-circle",
        "wuhu-life-service-circle-15min": "type-circle",
        "wuhu-convenience-circle-15min": "type-circle",
        "wuhu-health-elderly-adjacency": "adjacency",
        "wuhu-employment-circle-3km": "travel-distance-circle",
        "wuhu-employment-catchment-3km": "report",
        "wuhu-fitness-circle-15min": "travel-time-circle",
        "shijiazhuang-accessible-facility-network": "travel-time-circle",
        "zhuhai-accessible-platform-layout": "travel-time-circle",
        "zhuhai-home-care-circle-15min": "travel-time-circle",
        "zhuhai-fitness-circle-10min": "travel-time-circle",
    }


def test_a_village_of_exactly_800_is_exempt_and_a_township_of_exactly_10000_is_not():
    clinic, trade = rule_of("hainan-village-clinic-over-800"), rule_of("hainan-township-trade-centre")
    assert (clinic.condition.population_over, clinic.condition.population_at_least) == (800, None)
    assert (trade.condition.population_over, trade.condition.population_at_least) == (None, 10_000)


def test_the_slip_of_the_pen_in_square_metres_is_not_read_as_a_zero():
    assert rule_of("hainan-township-trade-centre").min_floor_area_m2 == 500
    assert rule_of("hainan-county-trade-centre").min_floor_area_m2 == 10_000


def test_table_cells_that_run_together_are_read_apart():
    urban, fitness = rule_of("hainan-self-service-coverage-urban"), rule_of("hainan-fitness-circle-15min")
    assert (urban.baseline, urban.target) == (86, 100)
    assert (fitness.share_baseline_pct, fitness.share_target_pct) == (95, 100)


def test_streets_are_judged_without_townships_where_the_clause_says_streets():
    assert rule_of("hainan-elderly-institution-per-street").units == ("street",)
    assert rule_of("shijiazhuang-centre-per-street").units == ("street",)
    assert rule_of("hainan-township-trade-centre").units == ("township",)
    assert rule_of("hainan-elderly-institution-per-street").needs_columns() == ("townships.kind",)


def test_an_and_between_towns_and_communities_gives_two_denominators():
    layers = rule_of("hainan-recycling-point-coverage").layers
    assert layers == {"townships": ("township", "street"), "communities": ("community", "village")}
    assert rule_of("wuhu-facility-coverage").layers == {"communities": ("community", "village")}


def test_sansha_and_the_prefecture_level_cities_are_exempt_by_name():
    assert rule_of("hainan-large-centre-demo-per-county").condition.names_excluded == ("三沙市",)
    exempt = rule_of("hainan-county-trade-centre").condition.names_excluded
    assert set(exempt) == {"海口市", "三亚市", "三沙市", "儋州市"}


def test_a_health_station_serves_10_to_20_thousand_people_or_3_to_5_committees():
    station = rule_of("hainan-health-station-per-10-20k")
    assert (station.target, station.target_max) == (10_000, 20_000)
    assert (station.committees_min, station.committees_max) == (3, 5)
    assert {"station_people", "centre_counts_as_station"} <= set(station.assumptions)


def test_the_home_care_circle_is_walked_at_the_pace_of_those_it_is_for():
    care = rule_of("zhuhai-home-care-circle-15min")
    assert (care.minutes, care.speed, care.cohort) == (15, "elderly_speed_kmh", "over60")
    assert "elderly_speed_kmh" in care.assumptions
    assert "walk_speed_kmh" not in care.assumptions


def test_premium_circles_are_counted_and_basic_ones_shared():
    premium, basic = rule_of(PREMIUM), rule_of("hainan-basic-convenience-circle-15min")
    assert (premium.tier, premium.target, premium.unit, premium.minutes) == ("quality", 200, "circles", 15)
    assert (basic.tier, basic.target, basic.unit, basic.minutes) == ("basic", 15, "min", 15)
    assert "quality_types_needed" in premium.assumptions
    assert "quality_types_needed" not in basic.assumptions


def test_clauses_without_a_test_and_baselines_are_only_reported():
    reported = {rule.id for _, rule in every_rule() if rule.is_report_only}
    baselines = {rule.id for _, rule in every_rule() if rule.role == "baseline"}
    assert len(baselines) == 50
    assert reported - baselines - FURTHER == {
        # no test and no number
        "wuhu-employment-catchment-3km",
        "wuhu-unit-grids",
        "shijiazhuang-off-peak-all-weather-service",
        "zhuhai-comprehensive-grids",
        # accessible, adjacent: the threshold would be ours
        "shijiazhuang-accessible-facility-network",
        "zhuhai-accessible-platform-layout",
        "wuhu-health-elderly-adjacency",
        # generally, in every plan alike
        "wuhu-youth-home-coverage",
        "zhuhai-children-home-coverage",
        "zhuhai-psych-service-post-per-township",
        "shijiazhuang-charity-station-per-township",
        "shijiazhuang-errands-inside-village",
        # encouraged or supported; basically full, of which no share is named
        "hainan-opening-8-hours",
        "hainan-online-24h",
        "hainan-sports-park-per-county",
        "wuhu-weekend-opening",
        "wuhu-home-care-network-12-counties",
        "wuhu-rural-shelter-coverage",
        # names of systems, procedures and classes
        "hainan-veteran-service-five-tier",
        "hainan-kindergarten-age-2-3",
        "hainan-four-synchronous",
        "hainan-pay-scale-3-posts-18-grades",
        "wuhu-four-synchronous",
        "wuhu-smart-architecture-1116x",
        "wuhu-after-school-1630",
        "shijiazhuang-after-school-1630",
        "zhuhai-four-synchronous",
        "zhuhai-youth-volunteer-three-tier",
    }
    judged = {rule.id for _, rule in every_rule() if rule.id in FURTHER and not rule.is_report_only}
    assert judged == {
        "hainan-disability-representative-per-village",
        "hainan-public-health-section-in-health-centres",
        "zhuhai-youth-volunteer-station-per-youth-home",
    }


def test_what_a_city_strives_for_is_judged_of_the_city():
    """力争, 争取: an aim with a figure, of which no single town or estate falls short."""
    kangyuan = rule_of("zhuhai-kangyuan-centre-per-township")
    estates = rule_of("zhuhai-smart-security-estates")
    assert (kangyuan.judged_as, estates.judged_as) == ("whole", "whole")
    assert not kangyuan.is_report_only
    assert not estates.is_report_only


def test_a_clause_that_encourages_is_not_judged_and_one_that_says_should_is():
    assert rule_of("hainan-online-24h").is_report_only
    assert not rule_of("wuhu-online-24h").is_report_only


def test_needs_name_layers_columns_and_services_of_a_rule():
    result = plans.needs(plans.plan("hainan-2022"))
    assert list(result) == [rule.id for rule in plans.plan("hainan-2022").rules]
    clinic = result["hainan-village-clinic-over-800"]
    assert clinic.layers == ("communities", "facilities")
    assert clinic.columns == ("communities.scope", "communities.population", "facilities.meets_standard")
    assert clinic.services == ("village-clinic",)
    circle = result["hainan-basic-convenience-circle-15min"]
    assert set(circle.layers) == {"communities", "facilities", "streets", "demand"}
    assert circle.services == ("basic_types",)


def test_every_unit_of_assessment_has_a_level_that_findings_know():
    known = {"community", "village", "township", "county", "city", "province", "catchment", "facility"}
    layers = {"region", "scenic", "resettlement", "grid", "new-residential", "old-residential", "estate"}
    layers.add("life-circle")
    assert set(LEVEL_OF_UNIT.values()) - known == layers


def test_a_plan_that_is_not_packaged_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="hainan-2022") as caught:
        plans.plan("hainan-2023")
    assert [fault.key for fault in caught.value.faults] == ["unknown-plan"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("neutral", {"circle-15min", "walkable-500m"}),
        ("international", {"circle-15min", "walkable-500m"}),
        ("15-minute-city", {"circle-15min"}),
        ("500 m", {"walkable-500m"}),
        ("海南省", {"hainan-2022"}),
        ("Wuhu", {"wuhu-2021"}),
        ("gb50180", {"gb50180-2018"}),
        ("shijiazhaung", {"shijiazhuang-2016"}),
        ("xyz", {"circle-15min", "walkable-500m"}),
    ],
)
def test_a_plan_is_suggested_by_what_its_name_means(name, meant):
    with pytest.raises(InputError) as caught:
        plans.plan(name)
    (fault,) = caught.value.faults
    assert set(str(fault.values["nearest"]).split(", ")) == meant
    assert "lifecircle plans" in fault.render("en")
    assert "lifecircle plans" in fault.render("zh")


def test_a_rule_is_found_by_its_id_and_a_missing_one_is_a_key_error():
    zhuhai = plans.plan("zhuhai-2021")
    assert zhuhai.rule("zhuhai-fitness-circle-10min").minutes == 10
    with pytest.raises(KeyError):
        zhuhai.rule("hainan-fitness-circle-15min")


def test_every_word_of_the_plans_is_said_in_both_languages():
    words = {f"plans.kind.{rule.kind}" for _, rule in every_rule()}
    words |= {f"plans.role.{rule.role}" for _, rule in every_rule()}
    words |= {f"plans.scope.{rule.scope}" for _, rule in every_rule()}
    words |= {f"plans.unit.{unit}" for unit in LEVEL_OF_UNIT}
    assert [key for key in sorted(words) if not messages.has(key)] == []


@pytest.mark.parametrize("name", plans.packaged_plans())
def test_a_packaged_plan_leaves_nothing_to_what_is_usual(name):
    """What a plan of one's own may leave out, a published document says."""
    tree = tomllib.loads((files("lifecircle.plans") / f"{name}.toml").read_text(encoding="utf-8"))
    assert {"issued", "period", "level", "jurisdiction", "source"} <= tree["plan"].keys()
    said = {"clause", "quote", "role", "units", "scope", "comparator", "unit"}
    assert not [rule["id"] for rule in tree["rule"] if not said <= rule.keys()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_walks_that_two_plans_of_the_demo_ask_for_have_two_names(lang):
    """A card, a pin and a line of the brief name a rule without its plan."""
    of_demo = [plans.plan(name) for name in ("hainan-2022", "wuhu-2021", "zhuhai-2021", "shijiazhuang-2016")]
    titles = [rule.title[lang] for one in of_demo for rule in one.rules if "circle" in rule.kind]
    assert len(titles) > 8
    assert len(set(titles)) == len(titles)


def test_every_department_that_a_plan_names_has_an_english_name():
    named = [name for one in plans.packaged_plans() for name in plans.plan(one).departments]
    assert len(named) > 25
    assert all(name.en.isascii() for name in named)
    zhuhai = plans.plan("zhuhai-2021")
    rule = zhuhai.rule("zhuhai-self-service-coverage-urban")
    told = plans.responsible_in_words(zhuhai, rule)
    assert told["zh"] == "、".join(rule.responsible)
    named = "Municipal Bureau of Government Services and Data; Municipal Civil Affairs Bureau; "
    assert told["en"].startswith(named)
    assert plan_summary(zhuhai, Assumptions())["rules"][rule.id]["responsible"] == rule.responsible
