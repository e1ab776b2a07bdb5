"""The gap map in a real browser, no network: every control works, figures agree, hostile names do nothing."""

import json
import re
import shutil
from itertools import pairwise

import pytest
from results_by_hand import results_by_hand

from lifecircle.outputs.gap_map import write_gap_map
from lifecircle.outputs.report_html import write_report_html

pytestmark = pytest.mark.browser

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
FLAGS = (
    "--no-sandbox --headless --disable-gpu --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
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
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if BROWSER is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on the path")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Opens a page with the network cut off; anything the console says at all fails the test."""
    contexts, said = [], []

    def open_page(path, *, address="", width=1280, height=800):
        context = chromium.new_context(offline=True, viewport={"width": width, "height": height})
        contexts.append(context)
        context.route(
            re.compile(r"^(?!file:|data:)"), lambda route: (said.append(route.request.url), route.abort())
        )
        page = context.new_page()
        page.add_init_script("window.hacks = 0; window.hacked = () => { window.hacks += 1; };")
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture(scope="module")
def results():
    return results_by_hand()


@pytest.fixture(scope="module")
def map_file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "gap_map.html"
    write_gap_map(results, path, lang="zh")
    return path


@pytest.fixture
def page(opened, map_file):
    page = opened(map_file)
    page.wait_for_selector("body[data-ready]")
    return page


def fills(page):
    return page.eval_on_selector_all(
        ".leaflet-communities-pane path", "paths => paths.map(path => path.getAttribute('fill'))"
    )


def test_it_opens_with_every_community_drawn_and_named(page, results):
    assert len(fills(page)) == len(results.communities)
    assert page.locator("h1").inner_text() == "手绘市生活圈缺口图"
    assert "审图号：琼S（2025）001号" in page.locator("#review-number").inner_text()
    assert page.locator(".leaflet-control-scale").is_visible()
    assert page.locator(".north svg").get_attribute("aria-label") == "上北下南"


def test_another_rule_recolours_the_one_layer_and_its_counts(page, results):
    before = fills(page)
    page.select_option("#theme-select", label="15分钟健身圈")
    assert fills(page) != before
    own = results.findings.query("rule == 'rule-0' and status == 'short' and certainty == 'firm'")
    assert page.locator(".count-s strong").inner_text() == str(len(own))
    assert page.locator("#theme-title").inner_text().startswith("15分钟健身圈")


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
        popup = page.locator(".leaflet-popup-content")
        words = popup.inner_text()
        verdict = findings[findings["code"] == code].query("rule == 'rule-1' and service == ''").iloc[0]
        assert f"{results.communities['population'].iloc[row]:,.0f} 人" in words
        if verdict["status"] == "short":
            assert f"{verdict['deficit']:,.0f} 人" in words
            assert f"{verdict['population_short']:,.0f}" in words
        if verdict["status"] in {"short", "met"}:
            assert f"{100 * verdict['value']:.1f}".removesuffix(".0") + "%" in words
        short = findings[findings["code"] == code].query("status == 'short'")
        assert popup.locator(".shortfalls li").count() == len(short) + 1


def test_a_click_on_the_map_opens_the_community_under_it(page):
    target = page.evaluate(
        """() => { const all = lifecircle.data.communities;
        const place = lifecircle.place(all.x[31], all.y[31], lifecircle.data.origin);
        const p = lifecircle.map.latLngToContainerPoint(place);
        const box = document.getElementById('gap_map').getBoundingClientRect();
        return [box.left + p.x + 14, box.top + p.y + 14, all.name[31]]; }"""
    )
    page.mouse.click(target[0], target[1])
    assert page.locator(".leaflet-popup-content h3").inner_text() == target[2]
    assert "community=" in page.evaluate("location.hash")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")


def test_a_click_on_a_facility_opens_the_facility(page):
    target = page.evaluate(
        """() => { const spot = lifecircle.spots[3], names = lifecircle.data.facilities[spot.service].name;
        const box = document.getElementById('gap_map').getBoundingClientRect();
        return [box.left + spot.point.x, box.top + spot.point.y, names[spot.row]]; }"""
    )
    page.mouse.click(target[0], target[1])
    assert page.locator(".leaflet-popup-content h3").inner_text() == target[2]


def test_the_search_box_finds_by_keyboard(page, results):
    name = results.communities["name"].iloc[42]
    page.locator("#search-input").focus()
    page.keyboard.type(name)
    assert page.locator("#search-results [role=option]").first.inner_text().startswith(name)
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content h3").inner_text() == name
    page.fill("#search-input", "菜市场1号")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "菜市场" in page.locator(".leaflet-popup-content").inner_text()
    page.fill("#search-input", "nowhere at all")
    assert page.locator("#search-results").inner_text() == "没有找到"


def test_the_language_switch_changes_every_word_of_ours(page):
    page.get_by_role("button", name="English").click()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("h1").inner_text() == "手绘市: life circles and gaps"
    shown = (
        page.locator(".choosers").inner_text()
        + page.locator(".layers").inner_text()
        + page.locator("#legend").inner_text()
    )
    assert not re.findall(r"[\u4e00-\u9fff]", shown)
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "Zoom in"


def test_every_layer_switches_on_and_off(page):
    page.select_option("#theme-select", label="社区卫生服务站配置")
    boxes = page.locator("#layer-list input")
    assert boxes.count() == 9
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


def test_the_worst_list_leads_to_the_community(page, results):
    own = results.findings.query("rule == 'rule-1' and service == ''").sort_values("deficit", ascending=False)
    first = page.locator("#worst-list button").first
    assert first.inner_text() == own["name"].iloc[0]
    first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content h3").inner_text() == own["name"].iloc[0]
    page.locator("#worst-more").click()
    assert page.locator("#worst-list button").count() == (own["status"] == "short").sum()


def test_an_address_opens_its_community_and_rule(opened, map_file, results):
    code = results.communities["code"].iloc[17]
    page = opened(map_file, address=f"#rule=hand-2025%2Frule-0%2Ffitness-site&community={code}")
    page.wait_for_selector("body[data-ready]")
    assert page.locator(".leaflet-popup-content h3").inner_text() == results.communities["name"].iloc[17]
    assert page.evaluate("lifecircle.state.theme.rule") == "rule-0"


def test_a_phone_shows_everything_without_scrolling_sideways(opened, map_file):
    page = opened(map_file, width=390, height=844)
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("lifecircle.choose({community: 30, fly: true})")
    box = page.locator(".leaflet-popup").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_it_prints_on_one_sheet(page, tmp_path):
    pdf = page.pdf(path=tmp_path / "map.pdf", prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == 1
    assert page.locator(".on-paper").count() == 0


def test_every_control_has_a_name(page):
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a[href]')].filter(e =>
        !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || (e.labels && e.labels.length)))
        .map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_hostile_names_run_nothing_and_show_as_they_are(opened, tmp_path):
    path = tmp_path / "gap_map.html"
    write_gap_map(results_by_hand(names=HOSTILE, facility_names=HOSTILE), path, lang="en")
    page = opened(path)
    page.wait_for_selector("body[data-ready]")
    for row, name in enumerate(HOSTILE[:5]):
        page.evaluate(f"lifecircle.choose({{community: {row}, fly: true}})")
        assert page.locator(".leaflet-popup-content h3").inner_text() == name
        page.evaluate(f"lifecircle.hinted({row}, lifecircle.shapes[{row}])")
        page.fill("#search-input", name[:6])
        assert page.locator("#search-results").inner_text().startswith(name[:6])
        page.keyboard.press("Escape")
        page.evaluate(f"lifecircle.showFacility('fitness-site', {row % 3})")
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
def test_three_thousand_communities_open_and_switch_in_time(opened, tmp_path):
    path = tmp_path / "gap_map.html"
    write_gap_map(results_by_hand(rows=50, columns=64, rules=30), path, lang="zh")
    assert path.stat().st_size <= 10_000_000
    page = opened(path)
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("lifecircle.state.ready_ms") <= 3_000
    taken = [
        page.evaluate(
            f"lifecircle.choose({{theme: lifecircle.data.themes[{at}]}}), lifecircle.state.switched_ms"
        )
        for at in range(1, 6)
    ]
    assert sorted(taken)[2] <= 200
