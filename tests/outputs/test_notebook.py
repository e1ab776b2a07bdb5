"""Maps of one rule for a notebook."""

import pytest
from results_by_hand import results_by_hand

from lifecircle.errors import InputError
from lifecircle.outputs import rule_axes, rule_map


def test_the_map_holds_every_community_with_its_words_escaped():
    hostile = results_by_hand(rows=3, columns=3, names=["<script>alert(1)</script>"])
    page = rule_map(hostile, "rule-0", lang="en", tiles=None).get_root().render()
    assert page.count('"colour":') == len(hostile.communities)
    assert "<script>alert" not in page
    assert "Shortfall" in page
    assert "tile.openstreetmap" not in page


def test_the_axes_are_coloured_by_status_and_say_which_rule(results):
    axes = rule_axes(results, "rule-0", lang="zh", axes=None)
    own = results.findings.query("rule == 'rule-0' and level == 'community'")
    assert axes.get_title() == "15分钟健身圈"
    said = " ".join(words.get_text() for words in axes.get_legend().get_texts())
    assert f"达标 ({(own['status'] == 'met').sum()})" in said


def test_a_rule_that_is_not_there_is_named_with_its_neighbours(results):
    with pytest.raises(InputError) as refused:
        rule_map(results, "rule-00", lang="en", tiles=None)
    assert "rule-00" in str(refused.value)
    assert "rule-0" in str(refused.value)
