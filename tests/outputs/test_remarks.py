"""Remarks on the data in words: communities by name, people whole, nothing in brackets that nobody knows."""

import math

import pandas as pd
import pytest

from lifecircle.outputs.remarks import quality_in_words, remark_words


def said(remark, lang="en", *, count=math.nan, value="", item="", communities=None):
    row = {"subject": "streets", "item": item, "remark": remark, "count": count, "value": value}
    quality = pd.DataFrame([{**row, "severity": "warning", "x": math.nan, "y": math.nan}])
    [words] = quality_in_words(quality, lang, {}, communities)["words"]
    return words


@pytest.mark.parametrize(
    ("lang", "named", "bare"),
    [
        ("zh", "锦林社区居委会（4601）的道路密度", "社区4602的道路密度"),
        ("en", "锦林社区居委会 (4601) has 3.6", "community 4602 has 3.6"),
    ],
)
def test_a_community_is_told_by_its_name_and_code(lang, named, bare):
    communities = pd.DataFrame({"code": ["4601", "4602"], "name": ["锦林社区居委会", ""]})
    assert named in said("streets-sparse", lang, value="3.6", item="4601", communities=communities)
    assert bare in said("streets-sparse", lang, value="3.6", item="4602", communities=communities)
    assert bare in said("streets-sparse", lang, value="3.6", item="4602")


def test_people_are_whole_and_brackets_hold_what_is_known():
    blocked = remark_words("snap-blocked", "en", count=math.nan, value="", item="osm:1", services={})
    assert blocked.endswith("stays unreached")
    homes = remark_words("snap-blocked", "en", count=46.9, value="", item="home", services={})
    assert homes.endswith("stays unreached (47 residents)")
    assert said("site-area-from-outline", count=6.0, item="osm").startswith("OpenStreetMap: 6 facilities")
