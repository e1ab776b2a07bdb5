"""The page's scripts under node: they parse, and state, words and charts work without a browser."""

import json
import shutil
import subprocess

import pytest

from lifecircle.outputs.web_map.page import SCRIPTS, asset

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")

DATA = {
    "lang": "zh",
    "name": "演示市 (合成数据)",
    "words": {
        lang: {
            "map.unknown": "–",
            "map.comma": "、" if lang == "zh" else ", ",
            "map.to-reach": "尚需覆盖{n}名居民" if lang == "zh" else "{n} more residents to reach",
            "map.to-reach.one": "尚需覆盖1名居民" if lang == "zh" else "1 more resident to reach",
            "status.unit.persons": "人" if lang == "zh" else "people",
            "status.unit.persons.one": "人" if lang == "zh" else "person",
            "status.unit.min": "分钟" if lang == "zh" else "min",
        }
        for lang in ("zh", "en")
    },
    "services": {},
    "plans": [],
    "communities": {"code": ["A", "B", "C"], "name": ["甲", "乙", "丙"], "township": [0, 0, -1]},
    "townships": [{"code": "T", "name": "街"}],
    "scenarios": [],
    "themes": [
        {"plan": "p", "rule": "r", "service": "", "status": "stm", "deficit": [4, 9, 0], "index": 0},
    ],
}
BEGIN = """
globalThis.window = globalThis;
globalThis.location = {hash: ""};
globalThis.history = {replaceState: (a, b, hash) => { globalThis.location.hash = hash; }};
globalThis.document = {getElementById: () => null};
const assert = require("node:assert");
"""


def run_script(*names, program):
    """Run scripts of the page and then a program; a failed assertion fails the test."""
    parts = [asset(f"gap_map_{name}.js").replace('"use strict";', "", 1) for name in names]
    data = f"lifecircle.data = {json.dumps(DATA)}; lifecircle.state = lifecircle.state || {{lang: 'zh'}};"
    code = BEGIN + parts[0] + data + "\n".join(parts[1:]) + program
    done = subprocess.run([NODE, "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_script_parses():
    for name in SCRIPTS:
        done = subprocess.run(
            [NODE, "--check", "-"], input=asset(f"gap_map_{name}.js"), text=True, check=False
        )
        assert done.returncode == 0, name


def test_people_are_whole_minutes_whole_or_half_and_one_is_singular():
    run_script(
        "data",
        "words",
        "model",
        program="""
        const app = lifecircle;
        assert.equal(app.figure(46.9, "persons"), "47人");
        assert.equal(app.figure(32.9, "min"), "33 分钟");
        assert.equal(app.figure(12.6, "min"), "12.5 分钟");
        assert.equal(app.figure(0.675, "share"), "67.5%");
        assert.equal(app.figure(null, "persons"), "–");
        app.state.lang = "en";
        assert.equal(app.figure(1, "persons"), "1 person");
        const theme = {deficit: [1, 8790.2], deficit_unit: "persons"};
        assert.equal(app.gapWords(theme, 0), "1 more resident to reach");
        assert.equal(app.gapWords(theme, 1), "8,790 more residents to reach");
        assert.equal(app.cityName(), "演示市");
        """,
    )


def test_shortfalls_of_every_certainty_are_listed_largest_first():
    run_script(
        "data",
        "words",
        "model",
        program="""
        const theme = lifecircle.data.themes[0];
        assert.deepEqual(lifecircle.shortRows(theme), [1, 0]);
        assert.deepEqual(lifecircle.shortRows(theme, 0), [1, 0]);
        assert.deepEqual(lifecircle.shortRows(theme, 5), []);
        assert.equal(lifecircle.counted({counts: {s: 2, t: 3, m: 1}}, "stp"), 5);
        """,
    )


def test_only_parts_that_show_what_changed_are_drawn_and_the_address_follows():
    run_script(
        "data",
        "words",
        "model",
        "store",
        program="""
        const app = lifecircle, drawn = [];
        app.seen = theme => theme;
        app.hasMinutes = () => false;
        app.bringIntoView = () => drawn.push("view");
        app.part("map", ["view"], () => drawn.push("map"));
        app.part("panel", ["community", "lang"], () => drawn.push("panel"));
        app.choose({theme: app.data.themes[0], all: true});
        assert.deepEqual(drawn.splice(0), ["map", "panel"]);
        app.choose({community: 1});
        assert.deepEqual(drawn.splice(0), ["panel"]);
        assert.equal(app.state.township, 0, "its township goes with it");
        assert.match(location.hash, /rule=p%2Fr%2F&community=B/);
        app.choose({community: 1});
        assert.deepEqual(drawn, [], "nothing changed");
        app.choose({measure: "minutes"});
        assert.equal(app.state.measure, "deficit", "no minutes to show");
        const asked = app.readAddress("#rule=p%2Fr%2F&township=T&lang=en&panel=rules&colour=none");
        assert.equal(asked.township, 0);
        assert.equal(asked.lang, "en");
        assert.equal(asked.tab, "rules");
        assert.equal(asked.measure, "deficit");
        assert.equal(app.readAddress("#community=nobody").community, null);
        """,
    )


def test_bins_of_a_histogram_are_round_and_hold_every_figure():
    run_script(
        "data",
        "charts",
        program="""
        const parts = lifecircle.bins([1, 2, 3.5, 14, 29.9, 30, Infinity], 14);
        assert.equal(parts.counts.reduce((a, b) => a + b), 6, "the unreached are told apart");
        assert.equal(parts.width, 5);
        assert.equal(parts.first, 0);
        assert.deepEqual(parts.counts.slice(0, 1), [3]);
        assert.deepEqual(lifecircle.bins([], 14).counts, []);
        """,
    )
