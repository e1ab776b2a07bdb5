"""Figures in words: halves are rounded as the map's page rounds them, so that both show one figure."""

import dataclasses
import math

import pytest
from results_by_hand import results_by_hand

from lifecircle.outputs.words import code_word, figure_words, level_word, whole_words


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
