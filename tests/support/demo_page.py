"""The demo city's map in one page for a whole file of tests, and its findings beside it."""

from __future__ import annotations

from browser_pages import ready

AS_OPENED = """() => {
    document.getElementById('rule-search').value = '';
    document.getElementById('rule-search').dispatchEvent(new Event('input'));
    lifecircle.choose({
        theme: lifecircle.data.themes[lifecircle.data.headlines[0].theme], community: null, facility: null,
        township: null, spot: null, site: null, scenario: null, after: false, against: null, compare: false,
        measure: 'deficit', show: 'short', sure: 'any', least: 0, only: null, sort: 'deficit', down: true,
        open: false, tab: 'answer', lang: 'zh', all: true});
    lifecircle.map.fitBounds(lifecircle.layers.communities.getBounds(), {animate: false}); }"""


def as_opened(page):
    """The page as a reader finds it: the first headline target of the whole city, in Chinese."""
    page.evaluate(AS_OPENED)
    return page


def opened_demo(open_page, demo_run, **how):
    """The demo's map in a page of its own."""
    return ready(open_page(demo_run.results / "gap_map.html", **how))


def choose(page, **change):
    """Change the page's state; `rule` is a pair of plan and rule, `code` a community's."""
    page.evaluate(
        """change => {
            if (change.rule) {
                change.theme = lifecircle.verdictOf(lifecircle.data.themes.find(
                    one => one.plan === change.rule[0] && one.rule === change.rule[1]));
            }
            if (change.code) { change.community = lifecircle.data.communities.code.indexOf(change.code); }
            lifecircle.choose(change); }""",
        change,
    )


def verdicts(deficits):
    """The one finding that says how a unit stands under a rule."""
    blank = deficits["service"] == ""
    unit = [deficits[name] for name in ("plan", "rule", "level", "code")]
    return deficits[blank | ~blank.groupby(unit).transform("any")]


def own(deficits):
    """Verdicts on communities and villages."""
    told = verdicts(deficits)
    return told[told["level"].isin(["community", "village"])]


def wide(deficits):
    """Verdicts on the study as a whole."""
    told = verdicts(deficits)
    return told[told["level"].isin(["city", "province"])]


def judged_units(deficits, plan, rule):
    """Verdicts of a rule on the units it counts: those below the city where there are any."""
    told = verdicts(deficits)
    told = told[(told["plan"] == plan) & (told["rule"] == rule) & told["status"].isin(["met", "short"])]
    below = told[~told["level"].isin(["city", "province"])]
    return below if len(below) else told
