"""What an office must fill in: ledgers and columns of the plans it is judged by; and plans of one's own."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from shared_data import ROOT

from lifecircle import messages, plans, services
from lifecircle.plans import AnyRule, check_plan, ledger_columns, load_plan, needs

GUIDE = ROOT / "docs" / "own-plan.md"


def every_plan():
    return [plans.plan(name) for name in plans.packaged_plans()]


def names(ledger):
    return [column.name for column in ledger]


def test_ledgers_hold_every_column_a_rule_needs_and_no_other():
    for plan in every_plan():
        result = ledger_columns([plan])
        wanted = {name for one in needs(plan).values() for name in one.columns}
        held = {f"{ledger}.{name}" for ledger, columns in result.items() for name in names(columns)}
        assert {name for name in wanted if not name.startswith("demand.")} <= held
        asked = {f"{ledger}.{one.name}" for ledger, columns in result.items() for one in columns if one.rules}
        assert asked <= wanted


def test_a_column_two_plans_need_is_there_once_and_names_the_rules_of_both():
    both = ledger_columns([plans.plan("hainan-2022"), plans.plan("wuhu-2021")])
    assert names(both["communities"]).count("households") == 1
    rules = next(one.rules for one in both["communities"] if one.name == "households")
    assert {"hainan-facility-area-per-100-households", "wuhu-facility-area-per-100-households"} <= set(rules)


def test_a_ledger_nobody_needs_is_left_out():
    assert set(ledger_columns([plans.plan("tdt1062-2021")])) == {"communities", "facilities", "townships"}
    assert ledger_columns([]) == {}


def test_marks_are_chosen_from_yes_and_no_and_services_from_those_of_the_plan():
    result = ledger_columns([plans.plan("zhuhai-2021")])
    estates = {one.name: one for one in result["areas:estate"]}
    assert (estates["smart_security"].kind, estates["smart_security"].choices) == ("flag", ("yes", "no"))
    facilities = {one.name: one for one in result["facilities"]}
    assert set(facilities["service"].choices) <= set(services.catalogue())
    assert "kangyuan-centre" in facilities["service"].choices
    assert facilities["floor_area_m2"].kind == "number"
    assert facilities["floor_area_m2"].unit == "m2"
    rules = {one.name: one for one in result["indicators"]}["rule"].choices
    assert set(rules) == {rule.id for rule in plans.plan("zhuhai-2021").rules if rule.kind == "indicator"}


def test_every_heading_of_the_packaged_plans_is_said_in_both_languages_and_never_twice_in_one_ledger():
    for columns in ledger_columns(every_plan()).values():
        for language in ("zh", "en"):
            headings = [one.heading(language) for one in columns]
            assert len(set(headings)) == len(headings)
        assert all(messages.has(f"plans.column.{one.name}") for one in columns)


def test_a_column_of_a_plan_s_own_is_called_by_its_name(tmp_path):
    text = _examples().replace('column = "legal_adviser"', 'column = "tea_house"')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    column = next(one for one in ledger_columns([load_plan(path)])["communities"] if one.name == "tea_house")
    assert (column.heading("zh"), column.kind) == ("tea_house", "flag")


def _examples() -> str:
    """Every example of the guide, in its order."""
    return "\n".join(re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL))


def test_the_guide_shows_every_kind_of_rule_and_its_examples_are_a_sound_plan(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(_examples(), encoding="utf-8")
    assert [fault.render() for fault in check_plan(path)] == []
    shown = {rule.kind for rule in load_plan(path).rules}
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(AnyRule)[0])}
    assert shown == kinds


def test_every_kind_has_a_name_in_both_languages():
    for kind in get_args(get_args(AnyRule)[0]):
        assert messages.has(f"plans.kind.{get_args(kind.model_fields['kind'].annotation)[0]}")


def test_checking_a_plan_names_every_fault_with_its_line_and_raises_nothing(tmp_path):
    path = tmp_path / "own.toml"
    spoilt = (
        _examples()
        .replace('unit = "m2/100hh"', 'unit = "acres"')
        .replace('of = "areas"', 'of = "facilities"')
    )
    path.write_text(spoilt, encoding="utf-8")
    faults = check_plan(path)
    assert {fault.key for fault in faults} == {"plan-unknown-value", "plan-share-of-what"}
    lines = spoilt.splitlines()
    unit = next(fault for fault in faults if fault.field == "unit")
    assert lines[int(unit.file.rsplit(":", 1)[-1]) - 1] == 'unit = "acres"'
    assert [fault.key for fault in check_plan(tmp_path / "nowhere.toml")] == ["plan-unreadable"]


def test_an_id_that_a_packaged_plan_has_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(_examples().replace('id = "my-city-2030"', 'id = "wuhu-2021"'), encoding="utf-8")
    assert [(fault.key, fault.field) for fault in check_plan(path)] == [("plan-id-taken", "id")]


@pytest.mark.parametrize(
    ("was", "becomes", "key"),
    [
        ('judged = "each"\nleast_area_m2', "least_area_m2", "plan-floor-needs-each"),
        ('counts = "facilities"', 'counts = "column"', "plan-count-of-what"),
        ("baseline = 10\n", "", "plan-adds-to-what"),
        ('comparator = "~"', 'comparator = ">="', "plan-grid-comparator"),
        ('column = "legal_adviser"', 'column = "Legal adviser"', "plan-wrong-value"),
    ],
)
def test_a_rule_whose_keys_do_not_go_together_is_refused(tmp_path, was, becomes, key):
    text = _examples()
    assert was in text
    path = tmp_path / "own.toml"
    path.write_text(text.replace(was, becomes), encoding="utf-8")
    faults = check_plan(path)
    assert {fault.key for fault in faults} == {key}
    assert all(fault.render("zh") and fault.render("en") for fault in faults)


def test_needs_say_nothing_of_what_a_rule_does_not_need():
    result = needs(plans.plan("hainan-2022"))
    assert "services" not in result["hainan-grid-urban-500-households"].render("en")
    expected = "图层：上报指标表；列：indicators.year、indicators.value"
    assert result["hainan-charities-130"].render("zh") == expected
