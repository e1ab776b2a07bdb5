"""The gap map in a real browser, no network: every control works, figures agree, hostile names do nothing."""

import dataclasses
import json
import re
from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from browser_pages import CLEAR_PIXEL, choose_rule, fills, number, panel_gaps, ready, wait_until
from map_by_hand import renamed, with_judged_facilities, with_nearest, with_routes, with_sites
from pyproj import Transformer
from results_by_hand import CRS, results_by_hand, with_findings, with_scenarios

from lifecircle.messages import text
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.basemap import basemap
from lifecircle.outputs.web_map.gap_map import write_gap_map
from lifecircle.tables import COVERAGE_CURVE, StreetTable, verdict_rows

pytestmark = pytest.mark.browser

HOSTILE = [
    "<img src=x onerror=hacked()>",
    "${hacked()}",
    "`${hacked()}`",
    "</script><script>hacked()</script>",
    "<svg/onload=hacked()>",
    "\u202e\u2066hacked()\u2069",
    "{{hacked()}}",
    "长" * 10_000,
]


@pytest.fixture(scope="module")
def map_file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "gap_map.html"
    write_gap_map(results, path, lang="zh")
    return path


@pytest.fixture
def page(opened, map_file):
    """The map at the rule over two services."""
    return ready(opened(map_file, address="#rule=hand-2025%2Frule-1%2F"))


def test_it_opens_with_every_community_drawn_and_named(page, results):
    assert len(fills(page)) == len(results.communities)
    assert page.locator("h1").inner_text() == "手绘市生活圈缺口图"
    assert "审图号：琼S（2025）001号" in page.locator("#review-number").inner_text()
    assert page.locator(".leaflet-control-scale").is_visible()
    assert page.locator(".north svg").get_attribute("aria-label") == "上北下南"


def test_another_rule_recolours_the_one_layer_and_its_counts(page, results):
    before = fills(page)
    choose_rule(page, "15分钟健身圈")
    assert fills(page) != before
    own = results.findings.query("rule == 'rule-0' and level == 'community'")
    short, judged = (own["status"] == "short").sum(), own["status"].isin(["met", "short"]).sum()
    assert page.locator("#place h2").inner_text() == "15分钟健身圈"
    line = f"未达标：{judged}个社区中{short}个未达标"
    assert page.locator("#place .verdict-line").inner_text() == line


def test_short_provisional_met_and_unknown_differ_without_colour(page):
    data = json.loads(page.locator("#lifecircle-data").text_content())
    status = page.evaluate("lifecircle.state.theme.status")
    drawn = page.eval_on_selector_all(
        ".leaflet-communities-pane path",
        "all => all.map(p => [p.getAttribute('fill').startsWith('url'), p.getAttribute('stroke-dasharray')])",
    )
    looks = {
        mark: {tuple(look) for look, own in zip(drawn, status, strict=True) if own == mark}
        for mark in "spmda"
    }
    assert len(data["communities"]["code"]) == len(drawn)
    assert looks["s"] == looks["m"] == {(False, None)}
    assert looks["p"] == {(True, "4 3")}
    assert looks["d"] == {(True, "1 3")}
    assert looks["a"] == {(False, "1 3")}


def test_what_is_missing_and_what_is_met_differ_in_lightness(page):
    """A grey print still orders the classes: each class darker than the one before."""
    colours = page.evaluate("lifecircle.colours(lifecircle.state.theme, 'deficit')")
    light = [sum(w * int(c[i : i + 2], 16) for i, w in ((1, 0.299), (3, 0.587), (5, 0.114))) for c in colours]
    assert light == sorted(light, reverse=True)
    assert min(a - b for a, b in pairwise(light)) > 15


def test_a_click_tells_the_figures_of_the_findings(page, results):
    """Ten communities: what is missing, the measured share, residents, and the rules short."""
    findings = results.findings
    for row in range(0, 80, 8):
        code = results.communities["code"].iloc[row]
        page.evaluate(f"lifecircle.choose({{community: {row}, fly: true}})")
        words = page.locator("#place").inner_text()
        verdict = findings[findings["code"] == code].query("rule == 'rule-1' and service == ''").iloc[0]
        assert f"{results.communities['population'].iloc[row]:,.0f}人" in words
        if verdict["status"] == "short":
            assert text("map.to-reach", "zh", n=f"{verdict['deficit']:,.0f}") in words
            assert f"{verdict['population_short']:,.0f}" in words
        if verdict["status"] in {"short", "met"}:
            assert f"{100 * verdict['value']:.1f}".removesuffix(".0") + "%" in words
        own = verdict_rows(findings[(findings["code"] == code) & (findings["level"] == "community")])
        assert len(panel_gaps(page)) == (own["status"] == "short").sum()


def test_a_click_on_the_map_opens_the_community_under_it(page):
    target = page.evaluate(
        """() => { const all = lifecircle.data.communities;
        const place = lifecircle.place(all.x[31], all.y[31], lifecircle.data.origin);
        const p = lifecircle.map.latLngToContainerPoint(place);
        const box = document.getElementById('gap_map').getBoundingClientRect();
        return [box.left + p.x + 8, box.top + p.y + 8, all.name[31]]; }"""
    )
    page.mouse.click(target[0], target[1])
    assert page.locator("#place h2").inner_text() == target[2]
    assert "community=" in page.evaluate("location.hash")
    page.keyboard.press("Escape")
    assert page.evaluate("lifecircle.state.community") is None


def test_a_click_on_a_facility_opens_the_facility(page):
    target = page.evaluate(
        """() => { const spot = lifecircle.spots[3], names = lifecircle.data.facilities[spot.service].name;
        const box = document.getElementById('gap_map').getBoundingClientRect();
        return [box.left + spot.point.x, box.top + spot.point.y, names[spot.row]]; }"""
    )
    page.mouse.click(target[0], target[1])
    assert page.locator("#place h2").inner_text() == target[2]


def test_the_search_box_finds_by_keyboard(page, results):
    name = results.communities["name"].iloc[42]
    page.locator("#search-input").focus()
    page.keyboard.type(name)
    assert page.locator("#search-results [role=option]").first.inner_text().startswith(name)
    page.keyboard.press("Enter")
    assert page.locator("#place h2").inner_text() == name
    page.fill("#search-input", "菜市场1号")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "菜市场" in page.locator("#place").inner_text()
    page.fill("#search-input", "nowhere at all")
    assert page.locator("#search-results").inner_text() == "没有找到"


def test_the_language_switch_changes_every_word_of_ours(page):
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").inner_text() == "手绘市: life circles and gaps"
    shown = (
        page.locator("#key").inner_text()
        + page.locator("#headline-cards .card dl").first.inner_text()
        + page.locator("#tabs").inner_text()
    )
    assert not re.findall(r"[\u4e00-\u9fff]", shown)
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Zoom in"


def test_every_layer_switches_on_and_off(page):
    choose_rule(page, "社区卫生服务站配置")
    page.locator(".layers summary").click()
    boxes = page.locator("#layer-list input")
    assert boxes.count() == 10
    for at in range(boxes.count()):
        if boxes.nth(at).is_enabled():
            name = boxes.nth(at).get_attribute("id").removeprefix("layer-")
            was = boxes.nth(at).is_checked()
            boxes.nth(at).set_checked(not was)
            assert page.evaluate(f"lifecircle.map.hasLayer(lifecircle.layers.{name})") is not was
            boxes.nth(at).set_checked(was)
    page.check("#layer-catchments")
    page.check("#layer-isochrones")
    assert page.locator(".leaflet-areas-pane path").count() > 3


def test_colour_can_show_people_or_the_figure_measured(page):
    looks = [fills(page)]
    for measure in ("people", "value"):
        page.select_option("#measure-select", measure)
        looks.append(fills(page))
    assert looks[0] != looks[1] != looks[2]
    assert "90%" in page.locator("#legend").inner_text()


def test_the_legend_counts_every_community_once(page, results):
    tallies = page.locator("#legend li").evaluate_all(
        "all => all.filter(i => i.querySelector('rect') && !/斜线/.test(i.textContent))"
        ".map(i => Number(i.querySelector('.tally').textContent))"
    )
    assert sum(tallies) == len(results.communities)


def test_what_a_county_lacks_does_not_stand_on_each_of_its_communities(page):
    lines = """rule => { const theme = lifecircle.data.themes.find(one => one.rule === rule && !one.service)
        || lifecircle.data.themes.find(one => one.rule === rule);
        lifecircle.choose({theme: theme});
        const short = [...theme.status].map((mark, row) => lifecircle.isShort(mark) ? row : -1);
        return short.filter(row => row >= 0).map(row => lifecircle.labelLines(row).length); }"""
    assert set(page.evaluate(lines, "rule-1")) == {2}
    assert set(page.evaluate(lines, "rule-2")) == {1}


def test_cells_of_a_grid_are_labelled_by_their_figure_alone_and_only_when_close(page):
    lines = """() => { const all = lifecircle.data.communities;
        const row = lifecircle.state.view.status.indexOf("s");
        const before = lifecircle.labelLines(row);
        all.kind[row] = "cell";
        return [before, lifecircle.labelLines(row)]; }"""
    before, after = page.evaluate(lines)
    assert len(before) == 2
    assert after == before[1:]
    kept_free = """(lifecircle.map.hasLayer(lifecircle.layers.facilities)
            ? lifecircle.writtenBoxes.length : 0)
        + (lifecircle.map.hasLayer(lifecircle.layers.proposals)
            ? lifecircle.sitesOf(lifecircle.state.theme).length : 0)"""
    assert page.evaluate("lifecircle.map.getZoom()") < 14.5
    assert page.evaluate(f"lifecircle.labelBoxes.length > {kept_free}"), "names of communities are written"
    page.evaluate("lifecircle.data.communities.kind.fill('cell'); lifecircle.map.panBy([5, 0])")
    wait_until(page, f"lifecircle.labelBoxes.length === {kept_free}")


def test_the_worst_list_leads_to_the_community(page, results):
    own = results.findings.query("rule == 'rule-1' and service == ''").sort_values("deficit", ascending=False)
    first = page.locator("#place .worst button").first
    assert first.inner_text() == own["name"].iloc[0]
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#place h2").inner_text() == own["name"].iloc[0]
    page.keyboard.press("Escape")
    page.locator("#place .more").click()
    assert page.locator("#place .worst button").count() == (own["status"] == "short").sum()


def test_rows_in_sight_are_those_of_the_order_however_the_table_is_scrolled(page, results):
    """A row that leaves on one side comes back on the other: its words and its click are another's."""
    page.evaluate("lifecircle.choose({show: 'all', open: true, sort: 'name', down: false})")
    for far in (0, 132, 1500, 1368, 40):
        page.evaluate(f"document.getElementById('table-scroll').scrollTop = {far}")
        page.wait_for_timeout(50)
        shown = page.eval_on_selector_all(
            "#table tbody tr[data-row]",
            "all => all.map(line => [line.getAttribute('aria-rowindex') - 2, Number(line.dataset.row),"
            " line.querySelector('button').textContent])",
        )
        order = page.evaluate("lifecircle.tableRows(lifecircle.state)")
        places = [place for place, _, _ in shown]
        assert places == list(range(places[0], places[0] + len(places)))
        assert places[0] * 44 <= far < (places[-1] + 1) * 44
        names = results.communities["name"]
        assert [(row, name) for _, row, name in shown] == [
            (order[at], names.iloc[order[at]]) for at in places
        ]
    page.locator("#table tbody tr[data-row] button").nth(3).click()
    assert page.locator("#place h2").inner_text() == shown[3][2]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("no-data", "No target could be judged."),
        ("short", "All 80 communities fall short of at least one requirement"),
        ("met", "All 80 communities meet every requirement that could be judged"),
    ],
)
def test_the_headline_says_how_all_stand(opened, results, tmp_path, status, said):
    alike = results.findings.assign(status=status, certainty="firm")
    write_gap_map(with_findings(results, alike), tmp_path / "map.html", lang="en")
    words = ready(opened(tmp_path / "map.html")).locator("#headline").inner_text()
    assert words.startswith(said)
    assert "0 of" not in words


def test_an_address_opens_its_community_and_rule(opened, map_file, results):
    code = results.communities["code"].iloc[17]
    page = opened(map_file, address=f"#rule=hand-2025%2Frule-0%2Ffitness-site&community={code}")
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#place h2").inner_text() == results.communities["name"].iloc[17]
    assert page.evaluate("lifecircle.state.theme.rule") == "rule-0"


def test_a_phone_shows_everything_without_scrolling_sideways(opened, map_file):
    page = opened(map_file, width=390, height=844)
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.documentElement.scrollHeight") <= 844, "the page itself never scrolls"
    page.evaluate("lifecircle.choose({community: 30, fly: true, tab: 'place'})")
    box = page.locator("#place .why").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844


def test_it_prints_on_one_sheet(page, tmp_path):
    pdf = page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == 1
    assert page.locator(".on-paper").count() == 0


def test_the_sheet_holds_the_clause_and_the_communities_that_lack_most(page):
    """What the panel has below its lower edge is not on paper."""
    choose_rule(page, "15分钟健身圈")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    edge = page.evaluate("document.getElementById('part-place').getBoundingClientRect().bottom")
    for part in ("#place .clause", "#place .worst li:nth-child(3)"):
        box = page.locator(part).first.bounding_box()
        assert box, f"{part} is not on the sheet"
        assert 0 < box["y"] + box["height"] <= edge
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


def test_services_that_stand_in_for_one_another_are_named(page):
    told = page.evaluate("['market', 'fitness-site', 'market|fitness-site'].map(lifecircle.serviceName)")
    assert told[2] == f"{told[0]} / {told[1]}"
    assert "market" not in told[2]


def test_every_control_has_a_name(page):
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a[href]')].filter(e =>
        !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || (e.labels && e.labels.length)))
        .map(e => e.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize("counted", [True, False])
def test_the_panel_lists_sites_with_the_curve_of_people_where_somebody_counted_them(
    opened, results, tmp_path, counted
):
    people = [100.0, 160.0] if counted else [np.nan, np.nan]
    curve = pd.DataFrame(
        {
            "plan": "", "rule": "", "service": "fitness-site", "sites": [0, 1], "covered": people,
            "people": 200.0 if counted else np.nan, "share": [0.5, 0.8], "bound": people, "candidates": 9.0,
        }
    )  # fmt: skip
    path = tmp_path / "gap_map.html"
    write_gap_map(dataclasses.replace(results, coverage_curve=COVERAGE_CURVE.check(curve)), path, lang="en")
    page = ready(opened(path, address="#rule=hand-2025%2Frule-0%2Ffitness-site"))
    assert page.locator("#place .sites li").count() == len(results.proposals)
    assert page.locator("#place .next figure.chart").count() == counted


@pytest.fixture(scope="module")
def scenario_results():
    return with_routes(with_nearest(with_judged_facilities(with_sites(with_scenarios(results_by_hand())))))


@pytest.fixture(scope="module")
def scenario_file(scenario_results, tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "gap_map.html"
    write_gap_map(scenario_results, path, lang="en")
    return path


@pytest.fixture
def scenario_page(opened, scenario_file):
    page = ready(opened(scenario_file, address="#rule=hand-2025%2Frule-0%2Ffitness-site"))
    page.select_option("#scenario-select", label="Two new fitness sites")
    return page


def test_a_scenario_recolours_what_turns_met_and_before_brings_it_back(scenario_page, scenario_results):
    """Under rule-0 one community turns met: one fill changes, one count each way, and a frame is drawn."""
    after = fills(scenario_page)
    line = "#place .verdict-line"
    said = scenario_page.locator(line).inner_text()
    scenario_page.get_by_role("button", name="Before", exact=True).click()
    before = fills(scenario_page)
    own = scenario_results.findings.query("rule == 'rule-0' and level == 'community'")
    status = own["status"].value_counts()
    judged = status["short"] + status["met"]
    changed = [at for at, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert [own["code"].iloc[at] for at in changed] == [own[own["status"] == "short"]["code"].iloc[0]]
    assert said == f"Not met: {status['short'] - 1} of {judged} communities"
    assert scenario_page.locator(line).inner_text() == f"Not met: {status['short']} of {judged} communities"
    assert (
        scenario_page.locator("#scenario-outcome .turned button").first.inner_text()
        == (own["name"].iloc[changed[0]])
    )
    assert "scenario=Two+new+fitness+sites&side=before" in scenario_page.evaluate("location.hash")


def test_a_popup_tells_before_and_after(scenario_page, scenario_results):
    own = scenario_results.findings.query("rule == 'rule-0' and status == 'short' and level == 'community'")
    first = own.iloc[0]
    scenario_page.locator("#scenario-outcome .turned button").first.click()
    assert scenario_page.locator("#place h2").inner_text() == first["name"]
    turn = scenario_page.locator("#place .turn").inner_text()
    assert "not met → met" in turn
    assert f"{first['deficit']:,.0f} people → 0 people" in turn
    assert "→ 95%" in turn
    assert scenario_page.locator("#place .now .badge").first.inner_text() == "met"


def test_facilities_and_streets_of_a_scenario_are_drawn(scenario_page):
    marks = scenario_page.locator(".leaflet-sites-pane .site")
    assert marks.count() == 3
    marks.first.hover()
    assert (
        scenario_page.locator(".leaflet-tooltip").last.inner_text()
        == "Added: New hall · Fitness site · Fresh-food market"
    )
    assert scenario_page.locator(".leaflet-chosen-pane path[stroke='#0d559c']").count() == 1
    scenario_page.select_option("#scenario-select", label="As things are")
    assert marks.count() == 0
    assert not scenario_page.locator("#scenario-sides").is_visible()


def test_an_address_opens_its_scenario_side_and_colours(opened, scenario_file):
    address = "#rule=hand-2025%2Frule-0%2Ffitness-site&scenario=Sites+proposed&side=before&colour=minutes"
    page = ready(opened(scenario_file, address=address))
    state = page.evaluate("[lifecircle.state.scenario, lifecircle.state.after, lifecircle.state.measure]")
    assert state == [1, False, "minutes"]


def test_facilities_judged_one_by_one_are_marked_by_status(scenario_page):
    """A station over its people is a dark diamond, one within them a dot, in the legend too."""
    place = scenario_page.evaluate("lifecircle.data.themes.findIndex(theme => theme.facilities.row)")
    scenario_page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{place}]}})")
    legend = scenario_page.locator("#point-legend li")
    words = [item.inner_text().split("\n") for item in legend.all()]
    assert words[0] == ["Health station: not met", "2"]
    assert words[1][0] == "Health station: met"
    assert legend.nth(0).locator("path").count() == legend.nth(1).locator("circle").count() == 1
    scenario_page.evaluate("lifecircle.choose({facility: {service: 'health-station', row: 0}})")
    panel = scenario_page.locator("#place").inner_text()
    assert "23,400" in panel
    assert "20,000" in panel


def test_minutes_colour_communities_by_round_limits(scenario_page, scenario_results):
    scenario_page.select_option("#measure-select", "minutes")
    minutes = scenario_results.communities["min50_fitness-site"].to_numpy()
    edges = [-1, 5, 10, 15, 20, 30, 1e9]
    counts = [int(((minutes > low) & (minutes <= high)).sum()) for low, high in pairwise(edges)]
    shown = [int(words) for words in scenario_page.locator("#legend .tally").all_inner_texts()]
    assert shown == [count for count in reversed(counts) if count]
    assert "≤ 5 min" in scenario_page.locator("#legend").inner_text() or not counts[0]


def test_a_popup_names_the_nearest_facility_and_leads_to_it(scenario_page, scenario_results):
    scenario_page.evaluate("lifecircle.choose({community: 40, fly: true})")
    link = scenario_page.locator("#place .nearest button").first
    facilities = scenario_results.inputs.facilities
    own = facilities[facilities["service"] == "fitness-site"]
    assert link.inner_text() == own["name"].iloc[1]
    link.click()
    assert scenario_page.locator("#place h2").inner_text() == own["name"].iloc[1]


def test_the_way_to_the_nearest_facility_is_drawn_for_the_community_chosen(scenario_page, scenario_results):
    drawn = "lifecircle.layers.routes.getLayers().length"
    assert scenario_page.evaluate(drawn) == 0
    scenario_page.evaluate("lifecircle.choose({community: 40})")
    assert scenario_page.evaluate(drawn) == 2  # a pale line under a coloured one
    own = scenario_results.inputs.facilities.query("service == 'fitness-site'").iloc[1]
    legend = scenario_page.locator("#point-legend").inner_text()
    assert f"{own['name']}: 1,500 m, 22.5 min" in legend
    scenario_page.locator(".layers summary").click()
    scenario_page.uncheck("#layer-routes")
    assert scenario_page.evaluate(drawn) == 0
    scenario_page.check("#layer-routes")
    scenario_page.evaluate("lifecircle.choose({community: 39})")
    assert scenario_page.evaluate(drawn) == 0


def test_service_areas_say_how_much_street_inside_is_out_of_reach(scenario_page):
    scenario_page.locator(".layers summary").click()
    scenario_page.check("#layer-isochrones")
    legend = scenario_page.locator("#point-legend").inner_text()
    assert "15 min\n12.5% of its street out of reach" in legend


def test_tianditu_is_asked_for_both_layers_with_the_key_and_nothing_else_is(
    opened, scenario_results, tmp_path
):
    path = tmp_path / "gap_map.html"
    write_gap_map(
        scenario_results, path, lang="zh", basemap=basemap("tianditu", page=path, tianditu_key="abc123")
    )
    page = ready(opened(path, expected=("tianditu.gov.cn",)))
    wait_until(page, "document.querySelectorAll('.leaflet-tile-loaded').length > 7")
    hosts = {address.split("/")[2] for address in page.asked}
    assert hosts <= {f"t{server}.tianditu.gov.cn" for server in range(8)}
    assert {re.search(r"LAYER=(\w+)", address)[1] for address in page.asked} == {"vec", "cva"}
    assert all("TILEMATRIXSET=w" in address and "tk=abc123" in address for address in page.asked)
    assert "天地图" in page.locator("#credit").inner_text()
    page.locator(".layers summary").click()
    page.uncheck("#layer-basemap")
    assert page.locator(".leaflet-tile").count() == 0


def test_a_folder_of_tiles_beside_the_map_is_drawn_from_disk(opened, scenario_results, tmp_path):
    """The address is relative: map and tiles can be copied to another place together."""
    tiles = tmp_path / "study" / "瓦片 1"
    (tmp_path / "study" / "results").mkdir(parents=True)
    path = tmp_path / "study" / "results" / "gap_map.html"
    below = basemap(
        "tiles", page=path, tiles=str(tiles / "{z}" / "{x}" / "{y}.png"), credit="市测绘院", max_zoom=3
    )
    assert below.urls == ("../%E7%93%A6%E7%89%87%201/{z}/{x}/{y}.png",)
    for x in range(8):
        (tiles / "3" / str(x)).mkdir(parents=True)
        for y in range(8):
            (tiles / "3" / str(x) / f"{y}.png").write_bytes(CLEAR_PIXEL)
    write_gap_map(scenario_results, path, lang="zh", basemap=below)
    page = ready(opened(path))
    page.wait_for_selector(".leaflet-tile-loaded", state="attached")
    assert page.locator("#credit").inner_text() == "底图：市测绘院"


def test_hostile_names_run_nothing_and_show_as_they_are(opened, tmp_path):
    path = tmp_path / "gap_map.html"
    hostile = with_scenarios(results_by_hand(names=HOSTILE, facility_names=HOSTILE))
    write_gap_map(renamed(hostile, HOSTILE), path, lang="en")
    page = ready(opened(path))
    for row, name in enumerate(HOSTILE[:5]):
        page.evaluate(f"lifecircle.choose({{community: {row}, fly: true}})")
        assert page.locator("#place h2").inner_text() == name
        page.evaluate(f"lifecircle.hinted({row}, lifecircle.shapes[{row}])")
        page.fill("#search-input", name[:6])
        assert page.locator("#search-results").inner_text().startswith(name[:6])
        page.keyboard.press("Escape")
        page.evaluate(f"lifecircle.choose({{facility: {{service: 'fitness-site', row: {row % 3}}}}})")
    for place, name in enumerate(HOSTILE):
        page.evaluate(f"lifecircle.choose({{scenario: {place}, after: true}})")
        chosen = page.locator("#scenario-select option:checked").inner_text()
        assert chosen == name or len(name) > 120 or "\u202e" in name
        for mark in page.locator(".leaflet-sites-pane .site").all():
            mark.dispatch_event("mouseover")
        reopened = page.evaluate("location.hash")
        page.evaluate(f"location.hash = {json.dumps(reopened)}")
    assert page.locator("#headline-cards .card").first.is_visible()
    assert page.locator("#source-list").inner_text().endswith(f"{HOSTILE[0]} (2025-01-01)") or HOSTILE[0] in (
        page.locator("#source-list").inner_text()
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacks") == 0
    assert page.locator("img[src=x]").count() == 0


def test_a_hostile_report_runs_nothing(opened, tmp_path):
    path = tmp_path / "report.html"
    write_report_html(results_by_hand(names=HOSTILE), path, lang="zh")
    page = opened(path)
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacks") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.slow
def test_three_thousand_communities_open_and_switch(opened, tmp_path):
    """How long that takes is measured in benchmarks: a test has no clock."""
    path = tmp_path / "gap_map.html"
    write_gap_map(results_by_hand(rows=50, columns=64, rules=30), path, lang="zh")
    assert path.stat().st_size <= 12_000_000
    page = ready(opened(path))
    assert len(fills(page)) == 3_200
    looks = [fills(page)]
    for rule in ("rule-0", "rule-2"):
        page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes.find(t => t.rule === '{rule}')}})")
        looks.append(fills(page))
    assert looks[0] != looks[1] != looks[2]
    page.evaluate("lifecircle.choose({show: 'all', open: true, tab: 'table'})")
    assert 0 < page.locator("#table tbody tr[data-row]").count() < 60, "rows out of sight are not there"


def test_a_click_walks_from_the_place_and_an_address_keeps_it(opened, results, tmp_path):
    """On a grid of streets the kilometres within 5 minutes are those walked by hand on the same streets."""
    streets = dataclasses.replace(results.inputs, streets=grid_over(results))
    path = tmp_path / "gap_map.html"
    write_gap_map(dataclasses.replace(results, inputs=streets), path, lang="en")
    page = ready(opened(path))
    place = page.evaluate("""() => { const b = lifecircle.shapes[33].getBounds().getCenter();
        lifecircle.clicked(L.latLng(b.lat + 0.0026, b.lng + 0.0021), 33); return lifecircle.state.spot; }""")
    assert page.locator("#place h2").inner_text() == results.communities["name"].iloc[33]
    said = page.locator("#place .walk dd").all_inner_texts()
    assert len(said) == 3
    kilometres = [number(words) for words in said]
    for minutes, shown in zip((5, 10, 15), kilometres, strict=True):
        assert shown == pytest.approx(walked_by_hand(streets.streets, place, minutes), abs=0.08)
    assert page.locator("#point-legend li").filter(has_text="minutes of the place clicked").count() == 3
    reopened = ready(opened(path, address=page.evaluate("location.hash")))
    assert reopened.locator("#place .walk dd").all_inner_texts() == said
    reopened.keyboard.press("Escape")
    assert reopened.locator("#place .walk").count() == 0


def grid_over(results, rows=25, columns=25):
    """Streets in a grid of about 220 m over the study."""
    west, south, east, north = results.communities.to_crs(4326).total_bounds
    lon, lat = np.meshgrid(np.linspace(west, east, columns), np.linspace(south, north, rows))
    node = np.arange(rows * columns).reshape(rows, columns)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()]).astype(np.int32)
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()]).astype(np.int32)
    count, flag = len(u), np.zeros(len(u), bool)
    code = np.full(count, -1, np.int32)
    return StreetTable(
        lon=lon.ravel(), lat=lat.ravel(), node_id=np.arange(lon.size), u=u, v=v, way=np.arange(count),
        segment=np.zeros(count, np.int32), forward=~flag, backward=~flag, name=code, highway=code,
        speed_kmh=np.full(count, np.nan, np.float32), steps=flag, bridge=flag,
    )  # fmt: skip


def walked_by_hand(streets, place, minutes):
    """Kilometres of street within some minutes at 4 km/h, by networkx on streets cut into small pieces."""
    to_metres = Transformer.from_crs(4326, CRS, always_xy=True).transform
    x, y = to_metres(streets.lon, streets.lat)
    graph, pieces = nx.Graph(), 40
    for u, v in zip(streets.u.tolist(), streets.v.tolist(), strict=True):
        share = np.linspace(0, 1, pieces + 1)
        names = [u, *((u, v, at) for at in range(1, pieces)), v]
        for at, (one, other) in enumerate(pairwise(names)):
            ends = [(x[u] + s * (x[v] - x[u]), y[u] + s * (y[v] - y[u])) for s in share[at : at + 2]]
            graph.add_edge(one, other, long=float(np.hypot(*np.subtract(*ends))))
            graph.nodes[one]["at"], graph.nodes[other]["at"] = ends
    here = np.array(to_metres(place[1], place[0]))
    names = list(graph)
    away = np.hypot(*(np.array([graph.nodes[name]["at"] for name in names]) - here).T)
    start = names[int(away.argmin())]
    reached = nx.single_source_dijkstra_path_length(graph, start, weight="long")
    limit = minutes * 4000 / 60 - away.min()
    inside = [
        min(long, max(0.0, limit - min(reached[one], reached[other])))
        for one, other, long in graph.edges(data="long")
    ]
    return sum(inside) / 1000


def test_two_rules_stand_side_by_side_and_the_address_keeps_both(opened, map_file):
    page = ready(opened(map_file, address="#rule=hand-2025%2Frule-1%2F"))
    other = page.evaluate("lifecircle.data.themes.findIndex(t => t.rule === 'rule-0')")
    page.select_option("#against-select", str(other))
    sides = page.locator(".side").all_inner_texts()
    assert sides == ["一刻钟便民生活圈", "15分钟健身圈"]
    colours = page.eval_on_selector_all(
        ".leaflet-compare-pane path", "all => all.map(path => path.getAttribute('fill'))"
    )
    began = int(page.locator("#divider").get_attribute("aria-valuenow"))
    assert began == 50
    legend, drawn = (page.locator(part).bounding_box() for part in ("#key", "#gap_map"))
    assert legend["y"] >= drawn["y"] + drawn["height"] - 1, "the legend covers none of either side"
    first, second = (page.locator(f"#side-{side}").bounding_box() for side in ("left", "right"))
    cut = drawn["x"] + drawn["width"] / 2
    assert first["x"] + first["width"] < cut < second["x"], "each name stands over its own half"
    assert max(one["y"] for one in (first, second)) < drawn["y"] + 30
    page.locator("#divider").focus()
    page.keyboard.press("ArrowLeft")
    assert int(page.locator("#divider").get_attribute("aria-valuenow")) == began - 5
    # the right side looks as under that rule alone; gaps of one unit are in the left one's classes
    alone = ready(opened(map_file, address="#rule=hand-2025%2Frule-0%2Ffitness-site"))
    sized = alone.evaluate(
        """lifecircle.data.communities.code.map((code, row) => lifecircle.classAt(
            lifecircle.state.theme, 'deficit', row) < 0 ? null : lifecircle.state.theme.deficit[row])"""
    )
    limits, ramp = page.evaluate(
        "[lifecircle.state.theme.breaks.deficit, lifecircle.colours(lifecircle.state.theme, 'deficit')]"
    )
    for shown, by_itself, gap in zip(colours, fills(alone), sized, strict=True):
        own = by_itself if gap is None else ramp[sum(gap >= limit for limit in limits)]
        assert shown == own or (gap is not None and shown.startswith("url") and own[1:] in shown)
    assert any(gap is not None for gap in sized)
    reopened = ready(opened(map_file, address=page.evaluate("location.hash")))
    assert reopened.locator(".side").all_inner_texts() == sides
    reopened.select_option("#against-select", "")
    assert not reopened.locator("#divider").is_visible()


def test_it_prints_on_a_sheet_of_a3_with_list_and_clause(page, tmp_path):
    page.select_option("#paper-select", "A3")
    pdf = page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == 1
    [box] = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf))
    assert [float(part) for part in box.split()] == pytest.approx([0, 0, 1191, 842], abs=1.5)
    page.select_option("#paper-select", "A4")
    pdf = page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
    [box] = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", pdf))
    assert [float(part) for part in box.split()] == pytest.approx([0, 0, 842, 595], abs=1.5)
