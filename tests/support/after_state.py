"""What a map says of a scenario, read from the page in English and held against the findings after it."""

from __future__ import annotations

import numpy as np
import pytest
from browser_pages import number
from demo_page import own, verdicts, wide

MARKS = {
    **dict.fromkeys("stp", "short"), **dict.fromkeys("mnq", "met"), "d": "no-data", "a": "not-applicable",
    "r": "report-only", "c": "context", "-": "",
}  # fmt: skip

CHANGED = """lifecircle.data.scenarios[0].themes.map(one => lifecircle.data.themes[one.theme])
    .filter(theme => theme.level === 'community' && lifecircle.verdictOf(theme) === theme)
    .map(theme => [theme.plan, theme.rule])"""
HEADLINES = """lifecircle.data.headlines.map(one => { const theme = lifecircle.data.themes[one.theme];
    return [theme.plan, theme.rule, one.level]; })"""


def assert_the_map_tells_the_after_state(tab, findings):
    """Headline, cards, panel, legend and list of rules: every count and every person is of the state after.

    The page shows its first scenario, on the side after; `findings` are those of a run of it.
    """
    told = own(findings)
    assert tab.evaluate("lifecircle.state.after")
    short = told.loc[told["status"] == "short", "code"].nunique()
    assert number(tab.locator("#headline strong").inner_text()) == short
    _assert_cards(tab, findings)
    _assert_facilities(tab, findings)
    compared = 0
    for plan, rule in tab.evaluate(CHANGED):
        rows = told[(told["plan"] == plan) & (told["rule"] == rule)]
        _assert_rule(tab, plan, rule, rows)
        compared += 1
    return compared


def _assert_rule(tab, plan, rule, rows):
    """The panel of the city, the legend and the list of rules under one rule."""
    tab.evaluate(
        """([plan, rule]) => { const own = lifecircle.data.themes.find(
                one => one.plan === plan && one.rule === rule);
            lifecircle.choose({theme: lifecircle.verdictOf(own), community: null, facility: null}); }""",
        [plan, rule],
    )
    judged = rows[rows["status"].isin(["met", "short"])]
    short, met = (judged["status"] == "short").sum(), (judged["status"] == "met").sum()
    if len(judged):
        figures = number_pair(tab.locator("#place .verdict-line").inner_text().split(":")[1])
        assert figures == ([short, len(judged)] if short else [len(judged)]), (plan, rule)
    people = judged["population_short"].sum(min_count=1)
    if short and not np.isnan(people):
        assert number(tab.locator("#place .people").inner_text()) == pytest.approx(people, abs=0.51)
    lines = tab.locator("#legend li:has(.tally)").evaluate_all(
        "all => all.map(one => ['span', '.tally'].map(part => one.querySelector(part).textContent))"
    )
    assert sum(number(count) for _, count in lines) == tab.evaluate("lifecircle.shapes.length")
    assert sum(number(count) for words, count in lines if words.startswith("met")) == met, (plan, rule)
    entry = tab.locator("#rule-list li:has([aria-current=true]) .tally").first.text_content()
    assert number(entry) == (short or None), (plan, rule)


def _assert_cards(tab, findings):
    """Each headline target: the figure now, how many fall short and how many people."""
    whole = wide(findings)
    for place, (plan, rule, level) in enumerate(tab.evaluate(HEADLINES)):
        figures = tab.locator("#headline-cards .card").nth(place).locator("dd").all_inner_texts()
        rows = whole[(whole["plan"] == plan) & (whole["rule"] == rule)]
        every = verdicts(findings)
        units = own(findings) if level == "community" else every[every["level"] == level]
        units = units[(units["plan"] == plan) & (units["rule"] == rule)]
        judged = units[units["status"].isin(["met", "short"])]
        if (
            level == "catchment"
        ):  # stations are judged one by one: the figure is the share that meets the rule
            assert number(figures[0]) == pytest.approx(100 * (judged["status"] == "met").mean(), abs=0.051), (
                rule
            )
        elif len(rows) and not np.isnan(rows["value"].iloc[-1]):
            assert number(figures[0]) == pytest.approx(rows["value"].iloc[-1], abs=0.051), rule
        alone = level in {
            "city",
            "province",
        }  # the study itself is judged: the card says so, and counts nothing
        if (judged["status"] == "short").any() and not alone:
            assert number_pair(figures[2]) == [(judged["status"] == "short").sum(), len(judged)], rule


FACILITIES = """lifecircle.data.themes.map(lifecircle.seen).flatMap(theme => {
    const about = theme.facilities;
    const layer = at => lifecircle.data.facilities[about.services[about.service[at]]];
    return (about.row || []).map((row, at) =>
        [theme.plan, theme.rule, theme.service, layer(at).id[row], about.status.charAt(at)]); })"""


def _assert_facilities(tab, findings):
    """Every facility judged by itself is marked as the scenario leaves it."""
    alone = findings[findings["level"].isin(["facility", "catchment"])]
    status = alone.drop_duplicates(["plan", "rule", "service", "code"]).set_index(
        ["plan", "rule", "service", "code"]
    )["status"]
    told = tab.evaluate(FACILITIES)
    assert told
    for *key, mark in told:
        assert MARKS[mark] == status.get(tuple(key), ""), key


def number_pair(words):
    """All whole numbers of a phrase."""
    return [int(part) for part in words.replace(",", "").replace("/", " ").split() if part.isdigit()]
