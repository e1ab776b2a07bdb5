"""The page's scripts under node: they parse, and state, words and charts work without a browser."""

import json
import shutil
import subprocess

import geopandas as gpd
import pytest
import shapely

from lifecircle.outputs.web_map.geometry import pack_shapes
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
            "map.to-reach": "尚需覆盖{n}名居民"
            if lang == "zh"
            else "{n:more resident|more residents} to reach",
            "map.still-lacks": "尚缺{value}" if lang == "zh" else "shortfall: {value}",
            "status.unit.persons": "人" if lang == "zh" else "people",
            "status.unit.persons.one": "人" if lang == "zh" else "person",
            "status.unit.types": "类" if lang == "zh" else "kinds",
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
        assert.equal(app.figure(32.9, "min"), "33分钟");
        assert.equal(app.figure(12.6, "min"), "12.5分钟");
        assert.equal(app.figure(0.675, "share"), "67.5%");
        assert.equal(app.figure(null, "persons"), "–");
        app.state.lang = "en";
        assert.equal(app.figure(1, "persons"), "1 person");
        const kinds = {circle: {circle: true}, staff: {circle: false}};
        app.data.plans = [{id: "own", rules: kinds}];
        const theme = {plan: "own", rule: "circle", deficit: [1, 8790.2], deficit_unit: "persons"};
        assert.equal(app.gapWords(theme, 0), "1 more resident to reach");
        assert.equal(app.gapWords(theme, 1), "8,790 more residents to reach");
        // who is missing may be an officer
        assert.equal(app.gapWords({...theme, rule: "staff"}, 0), "shortfall: 1 person");
        assert.equal(app.cityName(), "演示市");
        """,
    )


def test_a_figure_that_misses_its_target_never_reads_as_the_target():
    """89.988 % of 90 % is no 90 %, 15.2 minutes are not 15, and 199.6 of 200 are not 200."""
    run_script(
        "data",
        "words",
        program="""
        const app = lifecircle;
        assert.equal(app.figure(89.988, "%", 90), "89.98%");
        assert.equal(app.figure(0.89988, "share", 0.9), "89.98%");
        assert.equal(app.figure(99.9996, "%", 100), "99.99%");
        assert.equal(app.figure(30.04, "%", 30), "30.04%", "a ceiling is not reached from above");
        assert.equal(app.figure(90, "%", 90), "90%");
        assert.equal(app.figure(58.125, "%", 100), "58.1%");
        assert.equal(app.figure(15.2, "min", 15), "15.2分钟");
        assert.equal(app.figure(199.6, "types", 200), "199.6类");
        assert.equal(app.figure(89.988, "%", null), "90%", "beside no target");
        assert.equal(app.minutes(15.2, 15), "15.2");
        """,
    )


def test_classes_of_what_is_counted_do_not_overlap():
    """A community that lacks seven kinds is in the class "7", not in "6 – 7" or "7 – 8"."""
    run_script(
        "data",
        "words",
        program="""
        const app = lifecircle, all = [0, 1, 2, 3];
        const words = (breaks, unit) => all.map(place => app.rangeWords(breaks, place, unit));
        assert.deepEqual(words([6, 7, 10], "types"), ["< 6类", "6类", "7 – 9类", "≥ 10类"]);
        assert.deepEqual(words([6, 7, 10], "min"), ["< 6分钟", "6 – 7分钟", "7 – 10分钟", "≥ 10分钟"]);
        assert.equal(app.rangeWords([0.5, 0.75], 1, "share"), "50% – 75%");
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
        const shares = lifecircle.bins([5, 90, 95, 100], 14);
        assert.equal(shares.first + shares.width * shares.counts.length, 100, "no bar goes beyond 100 %");
        assert.equal(shares.counts.at(-1), 3, "what is 90 % or more, the whole among it");
        """,
    )


WALK = """
        lifecircle.data.origin = [0, 0];
        lifecircle.data.network = {lines: LINES, length_m: [500, 500, 500, 2000], closed: [3], speed_kmh: 6};
        const place = (x, y) => [y / 111195, x / 111195];
"""


def packed(lines):
    """Lines in metres near the equator, as the page keeps them."""
    shapes = gpd.GeoSeries([shapely.LineString(line) for line in lines]).affine_transform(
        [1 / 111_195, 0, 0, 1 / 111_195, 0, 0]
    )
    return ",".join(pack_shapes(shapes.set_crs(4326), (0, 0)))


def test_a_walk_from_a_place_follows_the_streets_and_stops_within_them():
    """Three streets of 500 m meet; a tunnel of 2,000 m that none may join goes on; 100 m a minute."""
    lines = packed([[(-500, 0), (0, 0)], [(0, 0), (500, 0)], [(0, 0), (0, 500)], [(500, 0), (2500, 0)]])
    run_script(
        "data",
        "walk",
        program=WALK.replace("LINES", json.dumps(lines))
        + """
        const near = (a, b, slack) => assert.ok(Math.abs(a - b) <= slack, a + " is not " + b);
        const start = lifecircle.joined([-250, 40]);
        assert.equal(start.number, 0);
        near(start.away, 40, 1.5);
        near(start.share, 0.5, 0.01);
        const [far, middle, close] = lifecircle.walkFrom(place(-250, 40));
        assert.deepEqual([far.minutes, middle.minutes, close.minutes], [15, 10, 5]);
        // 5 min: 460 m along the street each way: 250 m west, 250 + 210 m east and 210 m north
        near(close.km, 0.25 + 0.25 + 0.21 + 0.21, 0.01);
        near(middle.km, 1.5 + 0.21, 0.01);
        // the tunnel is walked from its end, though no place may join it: 1,500 - 40 - 250 - 500 = 710 m
        near(far.km, 1.5 + 0.71, 0.01);
        assert.equal(lifecircle.joined([1500, 5]), null, "a place beside the tunnel joins nothing");
        assert.equal(lifecircle.walkFrom(place(-450, 400)), null, "farther than 300 m from any street");
        const parts = lifecircle.reachedParts(start, lifecircle.walked(start, 200), 200);
        assert.equal(parts.length, 1);
        near(parts[0][1], 0.5 - 160 / 500, 0.01);
        near(parts[0][2], 0.5 + 160 / 500, 0.01);
        """,
    )


def test_parts_reached_from_both_ends_are_counted_once():
    """A ring of 1,000 m walked both ways round from one corner: never more than there is."""
    ring = packed([[(0, 0), (500, 0)], [(500, 0), (250, 433)], [(250, 433), (0, 0)], [(0, 0), (-9, 0)]])
    run_script(
        "data",
        "walk",
        program=WALK.replace("LINES", json.dumps(ring)).replace("2000", "9").replace("[3]", "[]")
        + """
        const all = lifecircle.walkFrom(place(0, 0))[0];
        assert.ok(Math.abs(all.km - 1.509) < 0.01, all.km);
        """,
    )


def test_a_place_in_an_address_is_two_numbers_or_nothing():
    run_script(
        "data",
        "store",
        program="""
        lifecircle.data.words = {zh: {}};
        assert.deepEqual(lifecircle.spotOf("40.123,103.5"), [40.123, 103.5]);
        for (const bad of ["", "40", "x,y", "91,0", "0,181", "1,2,3", "Infinity,1", null]) {
            assert.equal(lifecircle.spotOf(bad), null, String(bad));
        }
        """,
    )


def test_a_headline_target_judged_community_by_community_counts_as_missed():
    run_script(
        "data",
        "words",
        "model",
        program="""
        const app = lifecircle;
        app.data.headlines = [
            {rule: "whole short", status: "short", short: 3},
            {rule: "units short, whole met", status: "met", short: 3},
            {rule: "units short, whole only reported", status: "report-only", short: 67},
            {rule: "units short, no verdict on the whole", status: "", short: 1},
            {rule: "nobody short", status: "report-only", short: 0},
        ];
        assert.deepEqual(app.missedTargets().map(one => one.rule),
            ["whole short", "units short, whole only reported", "units short, no verdict on the whole"]);
        """,
    )


def test_kinds_that_stand_in_for_one_another_are_drawn_and_miss_together():
    """A market or a shop: both are drawn, neither alone is missing, and minutes are of the others."""
    run_script(
        "data",
        "words",
        "model",
        "store",
        program="""
        const app = lifecircle, of = service => ({plan: "p", rule: "r", service, status: "s"});
        app.data.services = {market: {}, shop: {}, laundry: {}};
        app.data.themes = [of(""), of("market|shop"), of("laundry")];
        app.data.facilities = {market: {x: []}, shop: {x: [1]}, laundry: {x: []}};
        app.data.minutes = {market: {p50: [40]}, shop: {p50: [5]}, laundry: {p50: [12]}};
        assert.deepEqual(app.servicesOf(app.data.themes[0]), ["market", "shop", "laundry"]);
        assert.deepEqual(app.servicesOf(app.data.themes[1]), ["market", "shop"]);
        assert.deepEqual(app.emptyServices(app.data.themes[0]), ["laundry"]);
        assert.equal(app.minutesOf(app.data.themes[0], 0), 12);
        assert.equal(app.hasMinutes(app.data.themes[1]), false);
        """,
    )


def test_minutes_before_a_scenario_stay_those_before_it():
    """Ten minutes by bicycle, thirty on foot: the left side of a divided map is on foot."""
    run_script(
        "data",
        "words",
        "model",
        "store",
        "style",
        program="""
        const app = lifecircle, theme = Object.assign(app.data.themes[0], {service: "gym", comparator: "<="});
        app.data.minutes = {gym: {p50: [30, 30, 30]}};
        app.scenario = () => ({minutes: {gym: {p50: [10, 30, 30]}}});
        app.state.after = true;
        assert.deepEqual([app.minutesOf(theme, 0), app.minutesOf(theme, 0, true)], [10, 30]);
        assert.notEqual(app.lookAt(theme, "minutes", 0), app.lookAt(theme, "minutes", 0, true));
        assert.equal(app.lookAt(theme, "minutes", 1), app.lookAt(theme, "minutes", 1, true));
        """,
    )


def test_verdicts_told_by_column_are_read_as_rows():
    run_script(
        "data",
        program="""
        const block = {themes: [
            {verdicts: {rows: 2, level: "city", name: ["甲", "乙"], deficit: [1, null]}},
            {verdicts: {rows: 0}},
        ]};
        document.getElementById = () => ({textContent: JSON.stringify(block)});
        assert.deepEqual(lifecircle.read().themes.map(theme => theme.verdicts), [
            [{level: "city", name: "甲", deficit: 1}, {level: "city", name: "乙", deficit: null}],
            [],
        ]);
        """,
    )


def test_cells_of_a_grid_are_called_cells_and_named_without_their_codes():
    """By number, and by street where one is known; a study that has communities speaks of them."""
    run_script(
        "data",
        "words",
        "model",
        program="""
        const app = lifecircle, all = app.data.communities;
        Object.assign(app.data.words.zh, {"map.cell": "网格{number}", "status.cell-near": "{street}附近",
            "status.cell-near-of-several": "{street}附近（{n}）",
            "map.table-of": "{n}个社区", "map.table-of.cells": "{n}个网格单元"});
        Object.assign(all, {code: ["883969a401fffff", "883969a403fffff", "883969a405fffff", "A"],
            kind: ["cell", "cell", "cell", "community"], street: ["", "海滨路", "海滨路", ""],
            name: ["883969a401fffff", "near 海滨路", "near 海滨路 (2)", "甲"]});
        const told = ["网格1", "海滨路附近", "海滨路附近（2）", "甲"];
        assert.deepEqual([0, 1, 2, 3].map(app.communityName), told);
        assert.equal(app.word("map.table-of", {n: "3"}), "3个社区");
        const kind = ["cell", "cell", "cell", "cell"];
        app.data = Object.assign({}, app.data, {communities: Object.assign({}, all, {kind})});
        assert.equal(app.word("map.table-of", {n: "3"}), "3个网格单元");
        assert.equal(app.word("map.comma"), "、", "what says nothing of communities is said as ever");
        """,
    )


def test_limits_between_whole_numbers_are_told_as_whole_ones():
    run_script(
        "data",
        "words",
        program="""
        const words = [0, 1, 2].map(place => lifecircle.rangeWords([2, 2.4], place, "types"));
        assert.deepEqual(words, ["< 2类", "2类", "≥ 3类"]);
        """,
    )


def test_figures_of_files_are_rounded_as_the_table_tells_them():
    run_script(
        "data",
        "words",
        program="""
        const rounded = lifecircle.roundedFigure;
        assert.equal(rounded(9766.48, "persons"), 9766);
        assert.equal(rounded(33.19, "min"), 33);
        assert.equal(rounded(33.58, "min"), 33.5);
        assert.equal(rounded(0.91234, "share"), 91.2);
        assert.equal(rounded(58.125, "%"), 58.1);
        assert.equal(rounded(18.903710, "m2/100hh"), 18.9);
        assert.equal(rounded(1390.43, "m2"), 1390);
        """,
    )


def test_sites_are_shown_under_the_circle_they_are_for_and_circles_of_its_limit():
    run_script(
        "data",
        "words",
        "model",
        program="""
        const app = lifecircle;
        const circle = (cutoff) => ({kind: "travel-time-circle", circle: true, cutoff, services: ["gym"]});
        app.data.plans = [
            {id: "one", rules: {ten: circle(10), fifteen: circle(15), area: {kind: "ratio"}}},
            {id: "two", rules: {fifteen: circle(15), five: circle(5)}},
        ];
        const site = (plan, rule, rank) => ({plan, rule, service: "gym", rank});
        const first = site("one", "ten", 1);
        app.data.proposals = {sites: [first, site("one", "fifteen", 1), site("one", "fifteen", 2)]};
        const theme = (plan, rule) => ({plan, rule, service: "gym"});
        const ranks = (plan, rule) => app.sitesOf(theme(plan, rule)).map(one => one.rule + one.rank);
        assert.deepEqual(ranks("one", "ten"), ["ten1"]);
        assert.deepEqual(ranks("two", "fifteen"), ["fifteen1", "fifteen2"]);
        assert.deepEqual(ranks("two", "five"), []);
        assert.deepEqual(ranks("one", "area"), [], "square metres a head are not what these sites are for");
        // those of nobody's rule are of their service
        app.data.proposals.sites = [site("", "", 1)];
        assert.deepEqual(ranks("one", "area"), ["1"]);
        """,
    )
