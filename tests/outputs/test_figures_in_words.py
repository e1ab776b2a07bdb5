"""Figures in words: halves are rounded as the map's page rounds them, so that both show one figure."""

import dataclasses
import math

import pytest
from results_by_hand import results_by_hand

from lifecircle.outputs.words import code_word, figure_words, level_word, titled, whole_words


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1.25, "%", "1.3%"),
        (0.0125, "share", "1.3%"),
        (2.35, "%", "2.4%"),
        (99.96, "%", "100%"),
        (3, "%", "3%"),
    ],
)
def test_shares_round_halves_up(value, unit, shown):
    assert figure_words(value, unit, "en") == shown


def test_whole_numbers_round_halves_up_and_mark_thousands():
    assert [whole_words(one) for one in (46.5, 2.5, 12_345.5, 0, math.nan)] == ["47", "3", "12,346", "0", ""]
    assert whole_words(1e30) == f"{1e30:,.0f}"


@pytest.mark.parametrize(
    ("lang", "whole", "level"), [("zh", "全市", "省"), ("en", "City as a whole", "province")]
)
def test_a_study_of_one_city_is_no_province_where_a_provinces_plan_is_judged_on_it(lang, whole, level):
    study = results_by_hand()
    assert level_word(study, "province", lang) == whole
    homes = study.inputs.communities.assign(city=["1", "2"] * (len(study.inputs.communities) // 2))
    two = dataclasses.replace(study, inputs=dataclasses.replace(study.inputs, communities=homes))
    assert level_word(two, "province", lang) == level
    assert level_word(study, "city", lang) == level_word(two, "city", lang) == code_word("city", lang)


def _plans(*places):
    """A study of plans with one rule of the same title each, and one of its own."""
    rules = {
        "same": {"title": {"zh": "托位", "en": "Places"}},
        "own": {"title": {"zh": "健身圈", "en": "Circle"}},
    }
    plans = [
        {
            "id": f"p{at}",
            "title": {"zh": f"规划{at}", "en": f"Plan {at}"},
            "place": place,
            "rules": rules if not at else {"same": rules["same"]},
        }
        for at, place in enumerate(places)
    ]
    return dataclasses.replace(results_by_hand(), plans=tuple(plans))


def test_titles_that_two_plans_of_a_run_share_name_the_place_of_the_plan():
    study = _plans({"zh": "珠海市", "en": "Zhuhai"}, {"zh": "芜湖市", "en": "Wuhu"})
    assert [titled(study, plan, "same", "zh") for plan in ("p0", "p1")] == [
        "托位（珠海市）",
        "托位（芜湖市）",
    ]
    assert titled(study, "p1", "same", "en") == "Places (Wuhu)"
    assert titled(study, "p0", "own", "zh") == "健身圈"
    alone = _plans({"zh": "珠海市", "en": "Zhuhai"})
    assert titled(alone, "p0", "same", "en") == "Places"


@pytest.mark.parametrize("places", [({"zh": "全国", "en": "China"},) * 2, (None, None)])
def test_plans_of_one_place_or_of_none_are_named_by_their_titles(places):
    assert titled(_plans(*places), "p1", "same", "zh") == "托位（规划1）"
