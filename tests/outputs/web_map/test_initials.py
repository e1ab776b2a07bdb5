"""Initials of names: what a reader types on a Latin keyboard."""

import pytest

from lifecircle.outputs.web_map.gap_map import map_data
from lifecircle.outputs.web_map.initials import initials


@pytest.mark.parametrize(
    ("name", "typed"),
    [("桃街健身广场", "tjjsgc"), ("阿克苏", "aks"), ("座右铭", "zym"), ("A1", "a1"), ("", "")],
)
def test_each_character_gives_the_first_letter_of_its_sound(name, typed):
    assert initials(name) == typed


def test_the_page_holds_them_beside_the_names(results):
    communities = map_data(results, lang="zh")["communities"]
    assert [initials(name) for name in communities["name"]] == communities["initials"]
