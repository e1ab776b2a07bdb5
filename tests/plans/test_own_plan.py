"""A plan of the user's own: what is refused, and in which words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from shared_data import ROOT

from lifecircle.errors import MissingInputError, PlanError
from lifecircle.plans import check_plan, load_plan
from lifecircle.plans.lines import LineFinder
from lifecircle.plans.refusals import RULE_BY_KIND

HEADER = """\
[plan]
id = "own-2030"
title = { zh = "自有规划", en = "Own plan" }
issued = 2026-01-01
period = [2026, 2030]
level = "city"
jurisdiction.name = { zh = "某市", en = "Some city" }
source = "人工录入"
"""
CIRCLE = """
[[rule]]
id = "clinic-circle"
kind = "travel-time-circle"
clause = "一"
role = "target"
title = { zh = "卫生服务圈", en = "Clinic circle" }
quote = "15分钟"
units = ["community"]
scope = "both"
services = ["health-station"]
comparator = "<="
target = 15
unit = "min"
target_year = 2030
"""
COUNT = """
[[rule]]
id = "parks"
kind = "at-least-n-per-area"
clause = "二"
role = "standing"
title = { zh = "公园", en = "Parks" }
quote = "每县两个公园"
units = ["county"]
scope = "both"
services = ["sports-park"]
comparator = ">="
target = 2
unit = "facilities"
"""


@pytest.fixture
def refuse(tmp_path: Path):
    """Load a plan that must be refused, and give its faults."""

    def load(text: str):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(PlanError) as caught:
            load_plan(path)
        for language in ("en", "zh"):
            caught.value.render(language)
        return [(fault.key, fault.file.rsplit(":", 1)[-1], fault.field) for fault in caught.value.faults]

    return load


def line_of(text: str, start: str, *, after: str = "") -> str:
    """Line number, as text, of the first line that starts so (after another one)."""
    lines = text.splitlines()
    first = next((n for n, line in enumerate(lines) if after and line.startswith(after)), 0)
    return str(next(n for n, line in enumerate(lines, start=1) if n > first and line.startswith(start)))


def test_a_sound_plan_is_read(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("\ufeff" + HEADER + CIRCLE + COUNT, encoding="utf-8")
    read = load_plan(path)
    assert [rule.id for rule in read.rules] == ["clinic-circle", "parks"]
    assert read.rules[0].minutes == 15
    assert read.rules[1].n == 2
    assert read.jurisdiction.code == ""


def test_an_assumption_may_stand_in_for_a_number(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(HEADER + CIRCLE.replace("= 15", '= "accessible_minutes"'), encoding="utf-8")
    rule = load_plan(path).rules[0]
    assert rule.minutes == "accessible_minutes"
    assert "accessible_minutes" in rule.assumptions


def test_a_circle_may_list_its_own_groups_of_types(tmp_path):
    circle = CIRCLE.replace('"travel-time-circle"', '"type-circle"\ntier = "basic"').replace(
        'services = ["health-station"]', 'types = [["food-market", "fresh-food-shop"], ["pharmacy"]]'
    )
    path = tmp_path / "own.toml"
    path.write_text(HEADER + circle, encoding="utf-8")
    rule = load_plan(path).rules[0]
    assert rule.types == (("food-market", "fresh-food-shop"), ("pharmacy",))
    assert rule.all_services == ("food-market", "fresh-food-shop", "pharmacy")
    assert "basic_types" not in rule.assumptions


def test_every_fault_is_named_at_once_with_its_line(refuse):
    text = (
        HEADER.replace('"city"', '"town"')
        + CIRCLE.replace("travel-time-circle", "travel-time-cirle")
        + COUNT.replace('comparator = ">="\n', "")
        .replace("target = 2", "target = 1.5")
        .replace("scope", "scop")
    )
    result = refuse(text)
    assert result == [
        ("plan-unknown-value", line_of(text, "level"), "level"),
        ("plan-unknown-kind", line_of(text, "kind"), "kind"),
        ("plan-kind-needs", line_of(text, "[[rule]]", after="target_year"), "comparator"),
        ("plan-unknown-key", line_of(text, "scop", after="target_year"), "scop"),
    ]


def test_an_unknown_kind_is_answered_with_the_nearest(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(HEADER + CIRCLE.replace("travel-time-circle", "travel-time"), encoding="utf-8")
    with pytest.raises(PlanError, match='no kind of rule is called "travel-time"') as caught:
        load_plan(path)
    assert "use one of: travel-time-circle" in str(caught.value)
    assert "没有“travel-time”这种规则" in caught.value.render("zh")


def test_an_unknown_service_is_answered_with_the_nearest(tmp_path):
    text = HEADER + CIRCLE.replace('["health-station"]', '[\n  "pharmacy",\n  "helth-station",\n]')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match="helth-station") as caught:
        load_plan(path)
    (fault,) = caught.value.faults
    assert fault.file.endswith(f":{line_of(text, 'services')}")
    assert str(fault.values["nearest"]).startswith("health-station")


def test_two_rules_of_one_id_are_refused_and_both_lines_named(tmp_path):
    text = HEADER + CIRCLE + COUNT.replace('"parks"', '"clinic-circle"')
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match="clinic-circle") as caught:
        load_plan(path)
    (fault,) = caught.value.faults
    assert fault.key == "plan-duplicate-rule"
    assert fault.values["first"] == int(line_of(text, "id", after="[[rule]]"))
    assert fault.file.endswith(f":{line_of(text, 'id', after='target_year')}")


@pytest.mark.parametrize(
    ("was", "becomes", "key", "field"),
    [
        ('"<="', '"=<"', "plan-unknown-value", "comparator"),
        ('"<="', '">="', "plan-circle-comparator", ""),
        ('"min"', '"km"', "plan-unknown-value", "unit"),
        ("= 15", '= "fifteen"', "plan-unknown-assumption", "target"),
        ("= 15", "= -15", "plan-negative-target", ""),
        ("= 15", "= nan", "plan-unknown-assumption", "target"),
        ("= 15", "= true", "plan-unknown-assumption", "target"),
        ("target = 15\n", "", "plan-target-missing", ""),
        ("target = 15", "target = 15\ntarget_max = 20", "plan-range-broken", ""),
        ("target = 15", "target = 15\nshare_target_pct = 90", "plan-share-broken", ""),
        ("target = 15", "target = 15\nshare_target_pct = 140", "plan-wrong-value", "share_target_pct"),
        ('["community"]', '["comunity"]', "plan-unknown-value", "units"),
        ('["community"]', "[]", "plan-wrong-value", "units"),
        ('en = "Clinic circle"', 'de = "Kreis"', "plan-missing-key", "title.en"),
        ("2030\n", '"soon"\n', "plan-wrong-value", "target_year"),
        ('["health-station"]', "7", "plan-wrong-value", "services"),
        ('id = "clinic-circle"', 'id = "Clinic circle"', "plan-wrong-value", "id"),
    ],
)
def test_a_circle_that_does_not_fit_is_refused(refuse, was, becomes, key, field):
    assert was in CIRCLE
    result = refuse(HEADER + CIRCLE.replace(was, becomes, 1))
    assert (key, field) in {(fault, name) for fault, _, name in result}


@pytest.mark.parametrize(
    ("was", "becomes", "key"),
    [
        ("target = 2", "target = 1.5", "plan-count-not-whole"),
        ("target = 2", 'target = "adjacency_m"', "plan-count-not-whole"),
        ('">="', '"<="', "plan-count-comparator"),
        ("at-least-n-per-area", 'coverage-share-of-areas"\nqualifier = "', "plan-unknown-value"),
    ],
)
def test_a_count_per_area_that_does_not_fit_is_refused(refuse, was, becomes, key):
    assert [fault for fault, _, _ in refuse(HEADER + COUNT.replace(was, becomes, 1))] == [key]


def test_a_share_of_areas_above_100_per_cent_is_refused(refuse):
    share = COUNT.replace("at-least-n-per-area", "coverage-share-of-areas").replace('"facilities"', '"%"')
    assert [fault for fault, _, _ in refuse(HEADER + share.replace("= 2", "= 140"))] == ["plan-not-a-share"]


def test_circles_that_are_counted_need_their_minutes(refuse):
    circle = (
        CIRCLE.replace('"travel-time-circle"', '"type-circle"\ntier = "quality"')
        .replace('services = ["health-station"]\n', "")
        .replace('"<="', '">="')
        .replace('"min"', '"circles"')
    )
    assert [fault for fault, _, _ in refuse(HEADER + circle)] == ["plan-circle-minutes"]


def test_tiers_must_be_as_many_as_the_target_and_of_the_units_named(refuse):
    tiers = (
        COUNT.replace("at-least-n-per-area", "tiers")
        .replace('"facilities"', '"tiers"')
        .replace(
            'services = ["sports-park"]',
            "tiers = [\n"
            '  { units = ["county"], services = ["sports-park"] },\n'
            '  { units = ["street"], services = ["sports-ground"] },\n]',
        )
    )
    assert [fault for fault, _, _ in refuse(HEADER + tiers)] == ["plan-tiers-units"]
    three = tiers.replace("target = 2", "target = 3")
    assert [fault for fault, _, _ in refuse(HEADER + three)] == ["plan-tiers-count"]


def test_a_group_of_types_is_a_list_of_services_or_the_one_assumption(refuse):
    circle = CIRCLE.replace('"travel-time-circle"', '"type-circle"\ntier = "basic"')
    for types, keys in {
        '"quality_types"': ["plan-unknown-assumption"],
        '[["casino"], 3]': ["plan-unknown-service", "plan-wrong-value"],
    }.items():
        text = HEADER + circle.replace('services = ["health-station"]', f"types = {types}")
        assert [fault for fault, _, _ in refuse(text)] == keys


def test_a_header_or_rules_that_are_not_there_are_named(refuse):
    assert [fault for fault, _, _ in refuse(CIRCLE)] == ["plan-no-header"]
    assert [fault for fault, _, _ in refuse(HEADER)] == ["plan-no-rules"]
    assert [fault for fault, _, _ in refuse("")] == ["plan-no-header", "plan-no-rules"]


def test_a_table_that_is_not_part_of_a_plan_is_named_with_its_line(refuse):
    text = HEADER + CIRCLE + "\n[rules]\nx = 1\n"
    assert refuse(text) == [("plan-unknown-table", line_of(text, "[rules]"), "")]


def test_rules_written_into_the_header_are_not_passed_over(refuse):
    text = HEADER + "rules = []\n" + CIRCLE
    assert refuse(text) == [("plan-unknown-table", line_of(text, "rules"), "")]


def test_broken_toml_is_named_with_its_line(refuse):
    text = HEADER + CIRCLE.replace('clause = "一"', "clause = 一")
    assert refuse(text) == [("plan-not-toml", line_of(text, "clause"), "")]


def test_a_file_in_another_encoding_is_named_with_its_line(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes((HEADER + CIRCLE).encode("gbk"))
    with pytest.raises(PlanError, match="not UTF-8") as caught:
        load_plan(path)
    assert caught.value.faults[0].file.endswith(":3")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingInputError, match=r"nowhere\.toml"):
        load_plan(tmp_path / "nowhere.toml")


def test_a_rule_without_an_id_is_named_by_its_number(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(HEADER + CIRCLE + COUNT.replace('id = "parks"\n', ""), encoding="utf-8")
    with pytest.raises(PlanError, match=r"\[\[rule\]\] 2: \"id\" is missing"):
        load_plan(path)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ('mark = "K"', "plan-mark-certainty"),
        ('mark = "P"\ncertainty = "unconfirmed"', "plan-mark-certainty"),
        ('mark = "S"\ncertainty = "unconfirmed"', "plan-mark-uncited"),
    ],
)
def test_a_mark_says_how_sure_a_figure_is_and_where_it_was_read(refuse, said, key):
    faults = refuse(HEADER + CIRCLE.replace('unit = "min"', f'unit = "min"\n{said}'))
    assert [fault for fault, _, _ in faults] == [key]


def test_mixed_levels_a_missing_criterion_and_an_unknown_department_are_told_at_once(tmp_path):
    """Each by line: a unit under a share of 80 %, a comparator without its number, an unlisted office."""
    text = """[plan]
id = "own"
title = { zh = "规划", en = "plan" }
issued = 2024-01-01
period = [2024, 2030]
level = "city"
jurisdiction = { code = "130102", name = { zh = "镇", en = "town" } }
source = "by hand"
departments = ["市民政局"]
"""
    rule = """
[[rule]]
id = "{id}"
kind = "coverage-share-of-areas"
clause = "1"
role = "standing"
title = {{ zh = "条", en = "clause" }}
quote = "条"
units = ["community"]
scope = "both"
services = ["library"]
comparator = ">="
unit = "%"
{more}
"""
    rules = {
        "mixed": 'target = 80\nbinding = "unit"',
        "no-criterion": "",
        "office": 'target = 100\nresponsible = ["市民证局"]',
    }
    file = tmp_path / "own.toml"
    file.write_text(text + "".join(rule.format(id=name, more=more) for name, more in rules.items()), "utf-8")
    faults = check_plan(file)
    assert {fault.key for fault in faults} == {
        "plan-levels-mixed",
        "plan-target-missing",
        "plan-unknown-department",
    }
    assert all(fault.file.rpartition(":")[2].isdigit() for fault in faults)
    [office] = [fault for fault in faults if fault.key == "plan-unknown-department"]
    assert "市民政局" in office.render("zh")
    # with a name in English as well it is known by the name that the plan writes
    both = file.read_text("utf-8").replace('["市民政局"]', '[{ zh = "市民政局", en = "Civil Affairs" }]')
    file.with_name("both.toml").write_text(both.replace("市民证局", "市民政局"), "utf-8")
    assert "plan-unknown-department" not in {one.key for one in check_plan(file.with_name("both.toml"))}
    # a plan that lists no departments, of years in the wrong order: told beside the rest, in Chinese words
    file.write_text(
        file.read_text("utf-8")
        .replace('departments = ["市民政局"]\n', "")
        .replace("[2024, 2030]", "[2030, 2024]")
        .replace('scope = "both"', 'scope = "both"\nshare_target_pct = 120', 1),
        "utf-8",
    )
    faults = {fault.key: fault for fault in check_plan(file)}
    assert set(faults) >= {"plan-no-departments", "plan-period-reversed", "plan-wrong-value"}
    assert "应不大于" in faults["plan-wrong-value"].render("zh")
    assert "should be" not in faults["plan-wrong-value"].render("zh")


def test_a_plan_of_ones_own_says_no_more_than_it_means(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'plan = { id = "mine", title = "Mine" }\n'
        "rule = [\n"
        '  { id = "a", kind = "travel-time-circle", title = "Park", services = ["park"], target = 10 },\n'
        '  { id = "b", kind = "travel-distance-circle", title.en = "Bus", '
        'services = ["post-express"], target = 4 },\n'
        "]\n",
        encoding="utf-8",
    )
    read = load_plan(path)
    assert (read.issued, read.source, read.jurisdiction.country) == (None, "", "any")
    first, second = read.rules
    assert (first.clause, first.quote, first.role, first.scope) == ("a", "Park", "standing", "both")
    assert [(rule.comparator, rule.unit) for rule in read.rules] == [("<=", "min"), ("<=", "m")]
    assert second.title.zh == second.quote == "Bus"


SHORT = """
plan = { id = "short", title = "Short" }
rule = [
  { id = "library", kind = "population-per-facility", title = "One per 20,000", services = ["library"], \
target = 20000 },
  { id = "between", kind = "population-per-facility", title = "One per 10-20,000", services = ["library"], \
target = 10000, target_max = 20000 },
  { id = "places", kind = "capacity-per-1000-population", title = "Places", services = ["childcare"], \
comparator = ">=", target = 5 },
]
""".replace("\\\n", "")


def test_a_kind_with_one_unit_is_in_it_and_people_per_facility_have_a_limit(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    read = [(rule.comparator, rule.unit) for rule in load_plan(path).rules]
    assert read == [("<=", "persons/facility"), ("range", "persons/facility"), (">=", "places/1000")]


@pytest.mark.parametrize(
    ("was", "becomes", "key", "says"),
    [
        ('comparator = ">=", ', "", "plan-kind-needs", 'add comparator = ">=" | ">" | "="'),
        ('services = ["childcare"], ', "", "plan-kind-needs", "needs: id, kind, title, comparator, services"),
        ("target = 5", "target = 5, min_site_area_m2 = 10000", "plan-counts-every-facility", "[[services]]"),
        ("target = 5", "target = 5, share_target_pct = 90", "plan-share-broken", "covered_share"),
    ],
)
def test_a_short_rule_that_is_refused_says_the_way_out(tmp_path, was, becomes, key, says):
    assert was in SHORT
    path = tmp_path / "short.toml"
    path.write_text(SHORT.replace(was, becomes), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        load_plan(path)
    (fault,) = caught.value.faults
    assert fault.key == key
    assert says in fault.render("en")


def test_the_page_lists_what_each_kind_needs():
    page = (ROOT / "docs" / "own-plan.md").read_text(encoding="utf-8")
    table = page.split("## What each kind needs")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \| (.+) \| (.+) \|$", table, re.MULTILINE)
    listed = {kind: tuple(tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells) for kind, *cells in rows}
    assert listed.keys() == RULE_BY_KIND.keys()
    for kind, (needed, comparators, units) in listed.items():
        model = RULE_BY_KIND[kind]
        always = {"id", "kind", "title", "target"}
        left_out = {"clause", "role", "quote", "units", "scope", *model.usual}
        settled = {"unit"} if len(units) == 1 else set()
        required = {name for name, key in model.model_fields.items() if key.is_required()}
        assert set(needed) == required - always - left_out - settled, kind
        assert comparators == model.comparators, kind
        assert units == get_args(model.model_fields["unit"].annotation), kind


INLINE = """\
plan = { id = "own", title = "Own" }  # rule = [ { id = 1
rule = [
  { id = "a", kind = "travel-time-circle", title = "1 # ]", services = ["park"], target = 15, x = 1 },
  { id = "b", kind = "travel-distance-circle", services = [  # }
      "park",
    ], title = '''
id = "c"
[[rule]]''', target = "far" },

  { id = "c", kind = "nothing-such" },
  { id = "a", kind = "travel-time-circle", title = "A", services = ["park"], target = 15 },
]
"""


def test_faults_of_tables_within_a_list_are_named_with_their_lines(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(INLINE, encoding="utf-8")
    placed = {(int(one.file.rpartition(":")[2]), one.field) for one in check_plan(path)}
    assert {(3, "x"), (8, "target"), (10, "kind"), (11, "")} <= placed
    assert {line for line, _ in placed} == {3, 8, 10, 11}


def test_every_key_of_the_packaged_plans_has_the_line_that_spells_it():
    for file in sorted((ROOT / "coverage/lifecircle/plans").glob("*.toml")):
        words = file.read_text(encoding="utf-8")
        lines, spelt = LineFinder(words), words.splitlines()
        for number, rule in enumerate(tomllib.loads(words)["rule"]):
            for key in rule:
                line = spelt[lines.of_rule(number, key) - 1]
                assert re.search(rf"\b{key}\b", line), (file.name, number, key, line)


def test_one_service_and_one_language_need_no_list(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        """
        plan = { id = "own", title = "Tea" }
        services = [{ id = "tea-house", en = "Tea house", osm = "cuisine=tea" }]
        [[rule]]
        id = "tea"
        kind = "travel-time-circle"
        title = "Tea"
        services = "tea-house"
        target = 9
        """,
        encoding="utf-8",
    )
    own = load_plan(path)
    assert own.rules[0].all_services == ("tea-house",)
    assert (own.services[0].zh, own.services[0].osm) == ("Tea house", ("cuisine=tea",))


def test_an_infinite_number_in_the_header_is_a_fault_with_its_line(refuse):
    """``20251e3081`` is a number of TOML: infinity."""
    text = (HEADER + CIRCLE).replace("issued = 2026-01-01", "issued = 20251e3081")
    assert refuse(text) == [("plan-number-too-large", line_of(text, "[plan]"), "")]
