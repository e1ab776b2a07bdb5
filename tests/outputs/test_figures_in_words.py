"""Figures in words: halves are rounded as the map's page rounds them, so that both show one figure."""

import math

import pytest

from lifecircle.outputs.words import figure_words, whole_words


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
