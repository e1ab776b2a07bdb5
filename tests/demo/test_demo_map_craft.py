"""The demo's map as a drawing: labels, legend, symbols, greys, and what a finger does on a phone."""

import re

import pytest
from browser_pages import fills, number, offline_pages
from demo_page import as_opened, choose, opened_demo, own

from lifecircle.messages import text

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone(chromium, demo_run):
    with offline_pages(chromium) as open_page:
        yield opened_demo(open_page, demo_run, width=390, height=844, touch=True)


def test_labels_name_the_coloured_communities_by_the_size_of_the_gap_and_never_overlap(page):
    for zoom in (None, 13.5):
        if zoom:
            page.evaluate(f"lifecircle.map.setZoom({zoom}, {{animate: false}})")
        named = page.evaluate("lifecircle.labelled.map(row => [row, lifecircle.state.view.status[row]])")
        assert len(named) > 6
        assert {mark for _, mark in named} <= set("stp"), "nobody's name but of those that fall short"
        gaps = page.evaluate("lifecircle.labelled.map(row => lifecircle.state.view.deficit[row])")
        assert gaps == sorted(gaps, reverse=True)
        boxes = page.evaluate("lifecircle.labelBoxes.slice(-lifecircle.labelled.length)")
        pins = page.evaluate("lifecircle.labelBoxes.slice(0, -lifecircle.labelled.length)")
        for at, (left, top, right, bottom) in enumerate(boxes):
            for a, b, c, d in [*pins, *boxes[:at]]:
                assert right <= a or c <= left or bottom <= b or d <= top
    largest = page.evaluate("lifecircle.shortRows(lifecircle.state.view)[0]")
    assert as_opened(page).evaluate("lifecircle.labelled[0]") == largest


SERVED = ["hainan-2022", "hainan-health-station-per-10-20k"]

DRAWN = """() => {
    const panes = ['areas', 'outline', 'chosen'], seen = new Set();
    panes.forEach(name => document.querySelectorAll(`.leaflet-${name}-pane path`).forEach(path => {
        const paint = [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray') || ''];
        if (paint[0] !== '#ffffff' && paint[0] !== 'none') { seen.add(paint.join('/')); } }));
    return [...seen]; }"""
LEGEND = """() => [...document.querySelectorAll('.legend path')].map(path =>
    [path.getAttribute('stroke'), path.getAttribute('stroke-dasharray') || ''].join('/'))"""


def test_the_legend_holds_every_line_drawn(page, demo_run):
    """Colour and dashes of whatever is laid over the communities, in one state after another."""
    code = (
        own(demo_run.deficits())
        .query("status == 'short' and rule == 'zhuhai-fitness-circle-10min'")["code"]
        .iloc[3]
    )
    most = set()
    for change in ({}, {"code": code, "tab": "place"}, {"township": 2, "community": None}):
        choose(page, **change)
        drawn = set(page.evaluate(DRAWN))
        assert drawn <= set(page.evaluate(LEGEND)), change
        most |= drawn
    page.evaluate("document.querySelector('.layers').open = true")
    choose(page, rule=SERVED)
    for name in ("isochrones", "catchments"):
        page.check(f"#layer-{name}")
        assert set(page.evaluate(DRAWN)) <= set(page.evaluate(LEGEND)), name
        most |= set(page.evaluate(DRAWN))
        page.uncheck(f"#layer-{name}")
    assert len(most) >= 6
    said = page.locator("#point-legend").inner_text()
    for layer in ("streets", "water"):
        assert text(f"map.layer.{layer}", "zh") in said


def test_what_is_not_open_to_the_public_is_hollow_and_the_legend_says_so(page):
    """One facility of the service shown is closed to the public by hand: the demo's own may all be open."""
    page.evaluate(
        """() => { const [service] = lifecircle.servicesOf(lifecircle.state.theme);
            lifecircle.data.facilities[service].closed.push(0);
            lifecircle.choose({all: true}); }"""
    )
    said = text("map.legend.not-public", "zh")
    line = page.locator("#point-legend li").filter(has_text=said)
    assert line.locator("[fill='#ffffff']").count() == 1
    page.evaluate(
        """() => { const [service] = lifecircle.servicesOf(lifecircle.state.theme);
            lifecircle.data.facilities[service].closed.pop();
            lifecircle.choose({all: true}); }"""
    )
    assert said not in page.locator("#point-legend").inner_text()


def test_twelve_services_of_one_rule_have_twelve_outlines_and_letters(page):
    looks = page.evaluate(
        """Array.from({length: 12}, (ignored, place) => { const look = lifecircle.serviceLook(place);
            return [look.shape, look.letter, JSON.stringify(lifecircle.corners(look.shape, 0, 0, 5)
                .map(corner => corner.map(x => Math.round(x * 10)).join()).sort())]; })"""
    )
    for part in range(3):
        assert len({look[part] for look in looks}) == 12
    choose(
        page,
        rule=[
            "hainan-2022",
            page.evaluate("lifecircle.data.themes.find(t => lifecircle.servicesOf(t).length >= 10).rule"),
        ],
    )
    page.evaluate(
        "lifecircle.map.setView(lifecircle.shapes[40].getBounds().getCenter(), 14.5, {animate: false})"
    )
    marks = page.locator("#point-legend li:has(text)").evaluate_all(
        "all => all.map(one => one.querySelector('text').textContent + one.querySelector('span').textContent)"
    )
    assert len(marks) == len(set(marks)) >= 10
    assert {mark[0] for mark in marks} == set("ABCDEFGHIJKL"[: len(marks)])


def test_villages_are_grey_under_a_rule_about_towns(page, demo_run):
    rule = ("hainan-2022", page.evaluate("lifecircle.data.themes[lifecircle.data.headlines[1].theme].rule"))
    judged = set(own(demo_run.deficits()).query("plan == @rule[0] and rule == @rule[1]")["code"])
    choose(page, rule=rule)
    codes = page.evaluate("lifecircle.data.communities.code")
    looks = {code: fill for code, fill in zip(codes, fills(page), strict=True) if code not in judged}
    assert len(looks) > 20
    (grey,) = set(looks.values())
    red, green, blue = (int(grey[at : at + 2], 16) for at in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) <= 6
    assert red < 235, "grey and not white"
    assert grey not in {fill for code, fill in zip(codes, fills(page), strict=True) if code in judged}
    line = page.locator("#legend li").filter(has_text=text("map.legend.scope.urban", "zh"))
    assert number(line.locator(".tally").inner_text()) == len(looks)


def test_scale_north_and_review_number_are_on_the_map_and_on_paper(page):
    scale = page.locator(".leaflet-control-scale-line").inner_text()
    assert re.fullmatch(r"[\d.]+ k?m", scale)
    metres = number(scale) * (1000 if "km" in scale else 1)
    wide = page.locator(".leaflet-control-scale-line").bounding_box()["width"]
    across = page.evaluate(
        """(() => { const y = lifecircle.map.getSize().y / 2;
            return lifecircle.map.distance(lifecircle.map.containerPointToLatLng([0, y]),
                lifecircle.map.containerPointToLatLng([100, y])) / 100; })()"""
    )
    assert wide * across == pytest.approx(metres, rel=0.04)
    assert page.locator(".north svg").get_attribute("aria-label") == text("map.north-up", "zh")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#review-number").is_visible()
    assert "审图号" in page.locator("#review-number").inner_text()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


PAPER = """() => { const frame = document.getElementById('part-place');
    const seen = one => one.getClientRects().length > 0;
    const items = [...document.querySelectorAll('#place > .worst li:not(.paper-note)')].filter(seen)
        .filter(one => !one.querySelector('.more'));
    return { over: frame.scrollHeight - frame.clientHeight, listed: items.length,
        wide: document.getElementById('page').getBoundingClientRect().width,
        notes: [...document.querySelectorAll('.paper-note')].filter(seen).map(one => one.textContent) }; }"""


@pytest.mark.parametrize(
    ("paper", "mm"), [("A4", 277), ("A4 portrait", 190), ("A3", 400), ("A3 portrait", 277)]
)
def test_what_a_sheet_cannot_hold_is_said_and_nothing_is_cut(page, paper, mm):
    """The list of communities ends with how many there are; the panel fits its place on each sheet."""
    page.select_option("#paper-select", paper)
    short = page.evaluate("lifecircle.shortRows(lifecircle.state.view).length")
    for code in (
        None,
        page.evaluate("lifecircle.data.communities.code[lifecircle.shortRows(lifecircle.state.view)[0]]"),
    ):
        choose(page, **({"code": code, "tab": "place"} if code else {"community": None}))
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        sheet = page.evaluate(PAPER)
        assert sheet["over"] <= 1
        assert sheet["wide"] == pytest.approx(mm * 96 / 25.4, abs=1)
        if code is None:
            assert 2 < sheet["listed"] < short
            told = text("map.listed-of", "zh", n=sheet["listed"], number=short)
            assert told in sheet["notes"]
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator(".paper-note, .off-paper").count() == 0
    page.select_option("#paper-select", "A4")


def swipe(page, selector, *, by):
    """One finger drawn up or down from the middle of an element; how many pixels."""
    box = page.locator(selector).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for at, kind in [(0, "touchStart"), *((step, "touchMove") for step in range(1, 11)), (10, "touchEnd")]:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y + by * at / 10}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_timeout(400)
    session.detach()


def test_a_finger_scrolls_the_sheet_and_moves_the_map_and_the_page_stays(phone):
    as_opened(phone)
    phone.evaluate("lifecircle.choose({tab: 'place'})")
    north = phone.evaluate("lifecircle.map.getCenter().lat")
    swipe(phone, "#part-place", by=-150)
    assert phone.evaluate("document.getElementById('part-place').scrollTop") > 80
    assert phone.evaluate("lifecircle.map.getCenter().lat") == north
    for _ in range(3):
        swipe(phone, "#part-place", by=180)
    assert phone.evaluate("[document.getElementById('part-place').scrollTop, window.scrollY]") == [0, 0]
    swipe(phone, "#gap_map", by=80)
    assert phone.evaluate("lifecircle.map.getCenter().lat") > north, "the map follows the finger"
    assert phone.evaluate("window.scrollY") == 0
    phone.evaluate("lifecircle.choose({tab: 'table', open: true})")
    swipe(phone, "#table-scroll", by=-120)
    assert phone.evaluate("document.getElementById('table-scroll').scrollTop") > 80


SMALL = """() => [...document.querySelectorAll('button, select, summary, a, input:not([type=checkbox])')]
    .filter(one => { const box = one.getBoundingClientRect();
        return one.offsetParent && box.width && box.bottom > 0 && box.top < innerHeight
            && one.className !== 'skip-link' && Math.round(Math.min(box.height, box.width)) < 44; })
    .map(one => [one.id || one.className, one.textContent.slice(0, 20)].join(' '))"""
BEYOND = """() => [...document.querySelectorAll('.heading *, .part *, .tabs *')].filter(one => {
        const box = one.getBoundingClientRect();
        return one.offsetParent && box.width && !one.closest('#table, .crumbs, .unseen, .key')
            && (box.right > innerWidth + 1 || box.left < -1); })
    .map(one => [one.tagName, one.className, one.textContent.slice(0, 30)].join(' '))"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_step_of_a_planner_fits_a_phone_and_a_finger(phone, lang):
    """Nothing runs off the screen, nothing to touch is smaller than 44 pixels, in either language."""
    as_opened(phone)
    row = phone.evaluate("lifecircle.shortRows(lifecircle.state.view)[0]")
    steps = {
        "overview": {"tab": "answer"},
        "rules": {"tab": "rules"},
        "the city under a rule": {"tab": "place"},
        "a community": {"community": row, "tab": "place"},
        "the table": {"tab": "table"},
        "a site": {"site": phone.evaluate("lifecircle.siteOf(lifecircle.siteKey("
                   "lifecircle.sitesOf(lifecircle.state.theme)[0]))"), "tab": "place"},
        "stations": {"rule": SERVED, "tab": "place"},
        "the table of stations": {"tab": "table"},
    }  # fmt: skip
    for step, change in steps.items():
        choose(phone, lang=lang, **change)
        part = phone.locator(f"#part-{change['tab']}")
        for far in (0, 500, 5000):
            part.evaluate("(part, far) => { part.scrollTop = far; }", far)
            assert phone.evaluate(BEYOND) == [], step
            assert phone.evaluate(SMALL) == [], step
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
    as_opened(phone)
