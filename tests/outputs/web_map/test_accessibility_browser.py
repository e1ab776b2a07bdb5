"""axe-core, as npm has it at test time, finds no serious fault of accessibility in the map and the report."""

import pytest
from browser_pages import ready
from node_tools import axe_script, serious_faults

from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.gap_map import write_gap_map

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def axe():
    return axe_script()


@pytest.fixture(scope="module")
def map_file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("axe") / "gap_map.html"
    write_gap_map(results, path, lang="zh")
    return path


def faults(page, axe):
    """Serious faults, each with the elements it is about."""
    page.evaluate(axe)
    return serious_faults(page)


STATES = {
    "first": "1",
    "community": "lifecircle.choose({community: 30, tab: 'place'})",
    "township": "lifecircle.choose({township: 0, tab: 'place'})",
    "facility": "lifecircle.choose({facility: {service: 'market', row: 1}, tab: 'place'})",
    "table": "lifecircle.choose({open: true, tab: 'table', show: 'all'})",
    "rules": "lifecircle.choose({tab: 'rules'})",
}


@pytest.mark.parametrize("width", [1366, 390])
def test_the_map_has_no_serious_fault_of_accessibility(opened, map_file, axe, width):
    page = ready(opened(map_file, width=width, height=800))
    for lang in ("zh", "en"):
        page.evaluate(f"lifecircle.choose({{lang: '{lang}'}})")
        for name, action in STATES.items():
            page.evaluate(action)
            assert faults(page, axe) == [], (name, lang, width)
            page.evaluate("lifecircle.choose({community: null, facility: null, township: null, open: false})")


def test_a_fault_would_be_told(opened, map_file, axe):
    page = ready(opened(map_file))
    page.evaluate("document.getElementById('png-button').textContent = ''")
    assert any(fault.startswith("button-name") for fault in faults(page, axe))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_has_no_serious_fault_of_accessibility(opened, results, axe, tmp_path, lang):
    write_report_html(results, tmp_path / "report.html", lang=lang)
    assert faults(opened(tmp_path / "report.html"), axe) == []


def test_what_is_touched_is_large_enough(chromium, map_file):
    """On a touch screen every control in sight is at least 44 pixels high."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, offline=True
    )
    page = context.new_page()
    page.goto(map_file.as_uri())
    ready(page)
    for action in STATES.values():
        page.evaluate(action)
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, select, input, summary, a[href]')].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width && box.height && e.checkVisibility() && !e.closest('.skip-link, label')
                && e.className !== 'skip-link' && Math.round(box.height) < 44; })
            .map(e => e.outerHTML.slice(0, 120) + ' ' + Math.round(e.getBoundingClientRect().height))"""
        )
        assert small == []
    context.close()
