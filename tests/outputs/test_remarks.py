"""Remarks on the data in words: communities by name, people whole, nothing in brackets that nobody knows."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from lifecircle.outputs.remarks import quality_in_words, remark_words, what_costs_verdicts
from lifecircle.tables import Note


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


def judged(rows, quality=()):
    """A study with findings of whole communities, each ``rule, status, services that no source lists``."""
    findings = pd.DataFrame(
        [
            {
                "plan": "p",
                "rule": rule,
                "level": "community",
                "code": "1",
                "service": "",
                "status": status,
                "note": tuple(Note("no-facilities", {"services": one}) for one in lacking),
            }
            for rule, status, lacking in rows
        ]
    )
    remarks = [
        {"subject": "facilities", "item": "city.osm.pbf", "remark": remark, "count": 3, "value": "900"}
        for remark in quality
    ]
    columns = ["subject", "item", "remark", "count", "value"]
    table = pd.DataFrame(remarks, columns=columns).assign(severity="warning", x=math.nan, y=math.nan)
    names = {"park": {"en": "Park"}, "library": {"en": "Library"}}
    inputs = SimpleNamespace(quality=table)
    return SimpleNamespace(findings=findings, inputs=inputs, services=names, communities=None)


def test_what_costs_verdicts_is_told_most_wanted_first():
    rows = [
        ("a", "no-data", ["library"]),
        ("b", "no-data", ["park|library, bank"]),
        ("c", "no-data", ["bank"]),
        ("d", "short", ["post"]),
    ]
    alone, unlisted = what_costs_verdicts(judged(rows, ["osm-streets-alone-people", "codes-short"]), "en")
    assert alone.startswith("city.osm.pbf: 3 facilities of all kinds for 900 people: an extract of streets")
    assert unlisted.startswith("No source lists bank, Library, Park/Library: ")
    assert what_costs_verdicts(judged(rows[3:]), "en") == []
    many = [(str(one), "no-data", [f"s{one}"]) for one in range(10)]
    [told] = what_costs_verdicts(judged(many), "en")
    assert "s0, s1, s2, s3, s4, s5, s6, s7 and 2 further services: " in told
