"""The demo's and Porto Alegre's gap maps in Chromium, no network: what readers ask, figures as in the csv."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser_pages import choose_rule, fills, number, panel_figures, panel_gaps, ready, wait_until
from node_tools import axe_script, serious_faults

from lifecircle.messages import text
from lifecircle.outputs import write_deficits_csv, write_gap_map
from lifecircle.plans.clause_places import english_clause

pytestmark = pytest.mark.browser

OWN_LEVELS = ("community", "village")
FIGURES = {"value": "value", "target": "target", "deficit": "deficit", "people": "population_short"}


@dataclass(frozen=True)
class CityMap:
    """A city's gap map as a run wrote it, and its table of findings as a stranger reads it."""

    name: str
    lang: str
    path: Path
    deficits: pd.DataFrame

    @property
    def own(self) -> pd.DataFrame:
        return self.deficits[self.deficits["level"].isin(OWN_LEVELS)]


@pytest.fixture(scope="session")
def demo_map(demo_run):
    return CityMap("demo", "zh", demo_run.results / "gap_map.html", demo_run.deficits())


@pytest.fixture(scope="session")
def porto_alegre_map(porto_alegre_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("porto_alegre_map")
    write_gap_map(porto_alegre_run, folder / "gap_map.html", lang="en")
    write_deficits_csv(porto_alegre_run, folder / "deficits.csv", lang="en")
    table = pd.read_csv(
        folder / "deficits.csv",
        encoding="utf-8-sig",
        dtype={"code": str, "clause": str},
        keep_default_na=False,
    )
    for column in FIGURES.values():
        table[column] = pd.to_numeric(table[column])
    return CityMap("porto_alegre", "en", folder / "gap_map.html", table)


@pytest.fixture(params=["demo_map", "porto_alegre_map"], scope="module")
def city(request):
    return request.getfixturevalue(request.param)


def shown_as(value, unit):
    """How far a figure may be from what a page shows: people are whole, shares have one decimal."""
    if unit in {"persons", "residents"} or abs(value) >= 100:
        return 0.506
    return 0.051 if unit == "%" else 0.0051


def ten_communities(city):
    """Ten communities over the whole table, each with a rule of its own that judges it by a figure."""
    judged = city.own[city.own["status"].isin(["short", "met"]) & city.own["value"].notna()]
    short = judged[judged["status"] == "short"]
    codes = short["code"].drop_duplicates()
    chosen = codes.iloc[np.linspace(0, len(codes) - 1, 10).round().astype(int)]
    rows = []
    for place, code in enumerate(chosen):
        own = (short if place % 2 else judged)[lambda table, code=code: table["code"] == code]
        rows.append(own.iloc[place * 7 % len(own)])
    return pd.DataFrame(rows)


def verdicts_of(findings):
    """The one finding that says how each unit stands under each rule."""
    blank = findings["service"] == ""
    unit = [findings[name] for name in ("plan", "rule", "level", "code")]
    return findings[blank | ~blank.groupby(unit).transform("any")]


def test_the_panel_says_what_the_table_says_of_ten_communities(city, opened):
    page = ready(opened(city.path))
    rows = ten_communities(city)
    assert rows["code"].nunique() == 10
    compared = 0
    for row in rows.to_dict("records"):
        key = f"{row['plan']}/{row['rule']}/{row['service']}"
        page.evaluate(
            """([key, code]) => lifecircle.choose({
            theme: lifecircle.data.themes.find(t => lifecircle.keyOf(t) === key),
            community: lifecircle.data.communities.code.indexOf(code), fly: true})""",
            [key, row["code"]],
        )
        said = panel_figures(page)
        wanted = {name: row[column] for name, column in FIGURES.items() if not np.isnan(row[column])}
        if row["status"] == "met":
            wanted = {name: wanted[name] for name in ("value", "target") if name in wanted}
        assert set(said) == set(wanted), key
        units = {
            "value": row["unit"],
            "target": row["unit"],
            "deficit": row["deficit_unit"],
            "people": "persons",
        }
        for name, value in wanted.items():
            share = units[name] == "share"
            scale, slack = (100, 0.051) if share else (1, shown_as(value, units[name]))
            assert said[name] == pytest.approx(scale * value, abs=slack), (key, row["code"], name)
            compared += 1
        own = verdicts_of(city.own[city.own["code"] == row["code"]])
        listed = panel_gaps(page)
        assert 0 < len(listed) <= (own["status"] == "short").sum()
        heading = page.locator("#place .gaps h3").inner_text()
        assert number(heading) == (own["status"] == "short").sum()
    assert compared >= 20


def test_every_headline_figure_is_counted_from_the_table(city, opened):
    """The sentence and each card, in both languages, against the csv."""
    page = ready(opened(city.path))
    verdicts = verdicts_of(city.deficits)
    own = verdicts[verdicts["level"].isin(OWN_LEVELS)]
    short = own.loc[own["status"] == "short", "code"].nunique()
    cards = page.evaluate("lifecircle.data.headlines.map(one => lifecircle.data.themes[one.theme].rule)")
    assert cards
    for lang in ("zh", "en"):
        page.evaluate(f"lifecircle.choose({{lang: '{lang}'}})")
        assert f"{short:,}" in page.locator("#headline strong").inner_text()
        for place, rule in enumerate(cards):
            figures = page.locator("#headline-cards .card").nth(place).locator("dd").all_inner_texts()
            rows = verdicts[verdicts["rule"] == rule]
            level = page.evaluate(f"lifecircle.data.headlines[{place}].level")
            units = rows[rows["level"].isin(OWN_LEVELS if level == "community" else (level,))]
            judged = units[units["status"].isin(["met", "short"])]
            bad = (judged["status"] == "short").sum()
            if level in ("city", "province") and bad:
                assert len(judged) == 1
                assert figures[2] == text("map.whole-city", lang)
            else:
                assert [number(part) for part in figures[2].replace("of", "/").split("/")] == [
                    bad,
                    len(judged),
                ]
            # stations are judged by a limit of what they serve: one that keeps to it turns nobody away
            counted = judged[judged["status"] == "short"] if level in ("catchment", "facility") else judged
            people = counted["population_short"].sum(min_count=1)
            if np.isnan(people):
                assert number(figures[-1]) is None
            else:
                assert number(figures[-1]) == pytest.approx(people, abs=0.51)


def test_counts_of_every_rule_and_township_are_those_of_the_table(city, opened):
    page = ready(opened(city.path))
    data = page.evaluate(
        """lifecircle.data.themes.filter(t => t.level === 'community').map(t => [lifecircle.keyOf(t),
        lifecircle.shortCount(t), lifecircle.metCount(t), t.people_sum,
        Object.values(t.townships).reduce((sum, one) => sum + lifecircle.shortCount(one), 0)])"""
    )
    tables = dict(list(city.own.groupby(["plan", "rule", "service"])))
    assert data
    for key, short, met, people, in_townships in data:
        rows = tables[tuple(key.split("/"))]
        assert short == (rows["status"] == "short").sum(), key
        assert met == (rows["status"] == "met").sum(), key
        assert in_townships in (short, 0), key
        wanted = rows.loc[rows["status"].isin(["met", "short"]), "population_short"].sum(min_count=1)
        assert (people is None) == np.isnan(wanted), key
        assert people is None or people == pytest.approx(wanted, abs=0.01), key


def spatial_rule(city):
    """The rule about walks under which most communities fall short."""
    rows = verdicts_of(city.own)
    circles = rows[rows["rule"].str.contains("circle") & (rows["status"] == "short")]
    return circles.groupby(["plan", "rule"]).size().idxmax()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1366, 390])
def test_a_planner_finds_who_falls_short_why_and_by_which_clause(city, opened, width, lang, artefacts):
    """Two clicks from the open page: which communities, how many people, why this one, which clause.

    On a phone's screen it is a finger that taps.
    """
    phone = width < 760
    page = ready(
        opened(city.path, width=width, height=844 if phone else 768, touch=phone, address=f"#lang={lang}")
    )
    page.screenshot(path=artefacts / f"{city.name}_{width}_{lang}_first.png")
    rule = page.evaluate("lifecircle.state.theme.rule")
    plan = page.evaluate("lifecircle.state.theme.plan")
    rows = city.own[(city.own["rule"] == rule) & (city.own["plan"] == plan)]
    verdicts = verdicts_of(rows)
    short = verdicts[verdicts["status"] == "short"].sort_values("deficit", ascending=False)
    if phone:
        page.locator("#tabs button").nth(2).tap()
    line = page.locator("#place .verdict-line").inner_text()
    assert f"{len(short):,}" in line
    first = page.locator("#place .worst button").first
    assert first.inner_text() in set(short[short["deficit"] == short["deficit"].max()]["name"])
    people = verdicts.loc[verdicts["status"].isin(["met", "short"]), "population_short"].sum(min_count=1)
    assert number(page.locator("#place .people").inner_text()) == pytest.approx(people, abs=0.51)
    sites = page.locator("#place .sites li")
    gains = [number(words) for words in page.locator("#place .sites .gain").all_inner_texts()]
    assert sites.count() > 0, "where to build next is on the page that opens"
    assert page.locator(".leaflet-sites-pane .pin").count() == sites.count()
    assert gains == sorted(gains, reverse=True)
    assert 0 < sum(gains) <= people + 1, "nobody is brought into reach twice"
    name = first.inner_text()
    if phone:
        first.tap()
    else:
        first.click()
    why = page.locator("#place .why")
    assert why.is_visible()
    assert page.locator("#place h2").inner_text() == name
    clause = short["clause"].iloc[0]
    assert (english_clause(clause) if lang == "en" else clause) in why.inner_text()
    page.screenshot(path=artefacts / f"{city.name}_{width}_{lang}_why.png")
    if phone:
        page.locator("#tabs button").nth(3).tap()
        box = page.locator("#table tbody tr").nth(1).bounding_box()
        assert box["height"] >= 44, "rows are large enough to touch"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


LOOKS = {
    "first": "1",
    "community": "lifecircle.choose({community: lifecircle.shortRows(lifecircle.state.view)[0], "
    "tab: 'place'})",
    "two rules": "lifecircle.choose({against: lifecircle.data.themes.find(t => t.level && "
    "!lifecircle.sameRule(t, lifecircle.state.theme)), compare: true, tab: 'answer'})",
    "table": "lifecircle.choose({open: true, show: 'all', against: null, compare: false, tab: 'table'})",
    "rules": "lifecircle.choose({open: false, tab: 'rules'})",
}


@pytest.mark.parametrize("width", [1366, 390])
def test_no_serious_fault_of_accessibility_on_what_a_planner_sees(city, opened, width):
    """axe-core on a real city's page in both languages, as far as npm has it at test time."""
    page = ready(opened(city.path, width=width, height=800))
    page.evaluate(axe_script())
    for lang in ("zh", "en"):
        page.evaluate(f"lifecircle.choose({{lang: '{lang}', community: null, township: null}})")
        for name, action in LOOKS.items():
            page.evaluate(action)
            assert serious_faults(page) == [], (name, lang)


def test_every_control_works(city, opened, artefacts):
    page = ready(opened(city.path, width=1400, height=900))
    rules = city.deficits[["plan", "rule"]].drop_duplicates()
    assert page.locator("#rule-list .rule-link").count() == len(rules)
    before = fills(page)
    circle = page.evaluate(
        """lifecircle.data.themes.findIndex(
        t => t.level === 'community' && lifecircle.hasMinutes(t) && /[stp]/.test(t.status))"""
    )
    page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{circle}]}})")
    colours = [fills(page)]
    for measure in ("people", "value", "minutes"):
        page.select_option("#measure-select", measure)
        colours.append(fills(page))
    # who is affected may fall into the same classes as what is missing; the others never do
    assert colours[0] != colours[2] != colours[3] != colours[0]
    page.locator(".layers summary").click()
    boxes = page.locator("#layer-list input:enabled")
    for name in [box.get_attribute("id") for box in boxes.all()]:
        was = page.is_checked(f"#{name}")
        page.set_checked(f"#{name}", not was)
        layer = name.removeprefix("layer-")
        assert page.evaluate(f"lifecircle.map.hasLayer(lifecircle.layers['{layer}'])") is not was
        page.set_checked(f"#{name}", was)
    other = {"zh": "English", "en": "中文"}[city.lang]
    title = page.locator("h1").inner_text()
    page.evaluate("lifecircle.choose({community: 5, fly: true})")
    panel = page.locator("#place").inner_text()
    page.get_by_role("button", name=other, exact=True).click()
    assert page.locator("h1").inner_text() != title
    assert page.locator("#place").inner_text() != panel, "what is open is said in the other language, too"
    page.pdf(path=artefacts / f"{city.name}_map.pdf", prefer_css_page_size=True, print_background=True)
    assert (artefacts / f"{city.name}_map.pdf").read_bytes().count(b"/Type /Page\n") == 1
    address = page.evaluate("location.hash")
    reopened = ready(opened(city.path, address=address))
    for part in ("theme.index", "community", "measure", "lang"):
        assert reopened.evaluate(f"lifecircle.state.{part}") == page.evaluate(f"lifecircle.state.{part}")
    assert fills(reopened) == fills(page) != before


def test_the_table_sorts_filters_and_is_saved_as_it_is_seen(city, opened):
    page = ready(opened(city.path))
    page.locator("#table-toggle").click()
    page.select_option("#filter-status", "all")
    csv = page.evaluate("lifecircle.tableCsv()")
    assert csv.startswith("\ufeff")
    assert len(csv.strip().split("\r\n")) == 1 + page.evaluate("lifecircle.data.communities.code.length")
    page.select_option("#filter-status", "short")
    rows = page.evaluate("lifecircle.tableRows(lifecircle.state)")
    deficits = page.evaluate(
        "lifecircle.tableRows(lifecircle.state).map(r => lifecircle.state.view.deficit[r])"
    )
    assert deficits == sorted(deficits, reverse=True)
    assert len(rows) == page.evaluate("lifecircle.shortCount(lifecircle.state.view)")
    page.locator("#table tbody tr[data-row] button").first.click()
    assert page.evaluate("lifecircle.state.community") == rows[0]
    png = page.evaluate("lifecircle.mapPicture().then(canvas => canvas.toDataURL('image/png').length)")
    assert png > 20_000


def test_search_finds_communities_and_facilities(city, opened):
    page = ready(opened(city.path))
    data = page.evaluate(
        """(() => { const all = lifecircle.data, [service, first] = Object.entries(all.facilities)[0];
        return {code: all.communities.code[7], name: lifecircle.communityName(7),
                id: first.id[2], facility: lifecircle.facilityName({service: service, row: 2})}; })()"""
    )
    for asked, name in ((data["code"], data["name"]), (data["id"], data["facility"])):
        page.fill("#search-input", asked)
        page.locator("#search-results [role=option]").filter(has_text=name).first.click()
        assert page.locator("#place h2").inner_text() == name


def test_it_is_usable_with_the_keyboard_alone(city, opened):
    """Skip link, list of rules, search, panel, back with Escape: no pointer touches the page."""
    page = ready(opened(city.path))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "rule-search"
    plan, rule = spatial_rule(city)
    title = page.evaluate(
        "([p, r]) => lifecircle.ruleTitle(lifecircle.data.themes.find(t => t.plan === p && t.rule === r))",
        [plan, rule],
    )
    choose_rule(page, title)
    page.locator("#search-input").focus()
    page.keyboard.type(city.own["code"].iloc[0])
    page.keyboard.press("Enter")
    assert page.evaluate("lifecircle.state.community") is not None
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.evaluate("lifecircle.state.community") is None
    page.locator("#gap_map").focus()
    west = page.evaluate("lifecircle.map.getCenter().lng")
    page.keyboard.press("ArrowRight")
    wait_until(page, f"lifecircle.map.getCenter().lng > {west}")
