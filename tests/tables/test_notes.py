"""Remarks tell layers, columns, levels and groups of people by their names, never by keys."""

import re

import pytest

from lifecircle import plans
from lifecircle.plans.vocabulary import LAYER_OF_UNIT
from lifecircle.tables import Note

KEY = re.compile(r"[a-z]+[._:][a-z]+|[{}\[\]]")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_column_or_layer_that_a_packaged_plan_needs_is_told_as_a_key(lang):
    columns = {
        rule.column
        for plan in map(plans.plan, plans.packaged_plans())
        for rule in plan.rules
        if hasattr(rule, "column")
    }
    assert len(columns - {None, ""}) > 20
    for column in sorted(columns - {None, ""}):
        for layer in ("facilities", "communities", "areas:estate"):
            words = Note("missing-column", {"column": f"{layer}.{column}"}).render(lang)
            assert not KEY.search(words), words
    for layer in LAYER_OF_UNIT.values():
        words = Note("missing-layer", {"layer": layer}).render(lang)
        assert not KEY.search(words), words


@pytest.mark.parametrize(
    ("key", "values", "zh", "en"),
    [
        ("missing-layer", {"layer": "areas:region"}, "缺少图层：区域", "no layer is given for: region"),
        (
            "tier-incomplete",
            {"level": "community", "units": 6},
            "社区一级：6个缺少相应设施",
            "community: 6 units without their facility",
        ),
        (
            "cohort-missing",
            {"cohort": "over60"},
            "缺少60岁以上居民的数据：按全部居民计算",
            "no data on residents over 60: all residents were counted",
        ),
        (
            "no-indicator",
            {"rule": "some-plan-rule"},
            "没有上报数值：请在指标表中填报",
            "no reported value: give it in the table of indicators",
        ),
        (
            "no-such-unit",
            {"units": "community+village"},
            "研究范围内没有此类单元：社区、行政村",
            "the study has no such unit: community, village",
        ),
        (
            "walked-as",
            {"profile": "elderly", "speed": 3.0},
            "按老年人的步行条件计算，3公里/小时",
            "walked as older people do, 3 km/h",
        ),
        (
            "missing-column",
            {"column": "facilities.my_own"},
            "缺少字段或此处为空：设施“my_own”",
            "missing or blank here: my_own (facilities)",
        ),
    ],
)
def test_keys_are_read_in_the_language_of_the_file(key, values, zh, en):
    assert (Note(key, values).render("zh"), Note(key, values).render("en")) == (zh, en)
