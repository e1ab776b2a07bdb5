"""The demo's map as a planner asks it: cards, list of rules, breadcrumb, address, search, language."""

import re

import pandas as pd
import pytest
from browser_pages import fills, number, offline_pages, ready
from demo_page import as_opened, choose, judged_units, opened_demo, own, verdicts, wide

from lifecircle.messages import text

pytestmark = pytest.mark.browser


def test_a_card_says_now_target_gap_people_trend_and_certainty_and_colours_the_map(page, deficits):
    looks, trends = [], 0
    told = page.evaluate(
        "lifecircle.data.headlines.map(one => { const t = lifecircle.data.themes[one.theme];"
        " return [t.plan, t.rule, one.baseline]; })"
    )
    assert len(told) == page.locator("#headline-cards .card").count() > 3
    for place, (plan, rule, baseline) in enumerate(told):
        card = page.locator("#headline-cards .card").nth(place)
        now, target, gap, missing, people = card.locator("dd").all_inner_texts()
        rows = wide(deficits).query("plan == @plan and rule == @rule").iloc[-1]
        units = judged_units(deficits, plan, rule)
        short = units[units["status"] == "short"]
        if (units["level"] == "catchment").any():
            # how many stations there are in all is another condition than how each of them stands
            assert number(now) == pytest.approx(100 * (1 - len(short) / len(units)), abs=0.051)
            assert number(target) is None
            assert number(people) == round(short["population_short"].sum())
        else:
            assert number(now) == pytest.approx(rows["value"], abs=0.051)
            assert number(target) == (rows["target"] if rows["target"] > 0 else None)
            beyond = units["population_short"].sum(min_count=1)
            assert (
                people == text("status.unknown", "zh") if pd.isna(beyond) else number(people) == round(beyond)
            )
        assert number(missing) > 0
        # a share of the units that are counted, and nothing else; of the city alone that it is the city
        told_of = [len(short), len(units)] if units["level"].iloc[0] != "province" else []
        assert [int(one) for one in re.findall(r"\d+", gap)] == told_of
        certainty = set(deficits.query("plan == @plan and rule == @rule")["certainty"])
        said = card.locator(".certainty").inner_text()
        assert said in {text(f"status.{one}", "zh") for one in certainty}
        if baseline is not None:
            assert float(rows["baseline"]) == baseline
            from_, to = re.findall(r"[\d.]+", card.locator(".trend").inner_text())
            assert (float(from_), float(to)) == pytest.approx((baseline, rows["value"]), abs=0.051)
            trends += 1
        card.click()
        assert page.evaluate("[lifecircle.state.theme.plan, lifecircle.state.theme.rule]") == [plan, rule]
        pressed = page.locator("#headline-cards .card[aria-pressed=true]")
        assert pressed.locator(".card-title").all_inner_texts() == [
            page.evaluate("lifecircle.ruleTitle(lifecircle.state.theme)")
        ]
        assert page.locator("#place h2").inner_text() == pressed.locator(".card-title").inner_text()
        looks.append(tuple(fills(page)))
    assert trends >= 1, "a headline target of the plan has a baseline"
    assert len(set(looks)) >= len(looks) - 1, "a click recolours the map"


def test_baselines_and_what_is_not_judged_are_folded_away(page, deficits):
    """Every rule is listed once; those without any verdict stand in a fold of their topic that is closed."""
    judged = deficits.groupby(["plan", "rule"])["status"].agg(lambda all_: all_.isin(["met", "short"]).any())
    baselines = deficits.loc[deficits["role"] == "baseline", ["plan", "rule"]].drop_duplicates()
    assert len(baselines) > 10
    assert not judged[list(map(tuple, baselines.to_numpy()))].any()
    folded = page.locator("#rule-list details.quiet .rule-link").count()
    listed = page.locator("#rule-list .rule-link").count()
    assert (folded, listed) == ((~judged).sum(), len(judged))
    assert page.locator("#rule-list details.quiet[open]").count() == 0
    hidden = page.locator("#rule-list .quiet > summary").evaluate_all(
        "all => all.map(one => Number(one.textContent.match(/(\\d+)/)[1]))"
    )
    assert sum(hidden) == folded
    assert not page.locator("#rule-list .quiet .rule-link").first.is_visible()


def test_the_breadcrumb_leads_from_the_community_back_to_the_city(page, deficits):
    code = own(deficits).query("status == 'short' and rule == 'zhuhai-fitness-circle-10min'")["code"].iloc[0]
    choose(page, code=code, tab="place")
    name, town = page.evaluate(
        "[lifecircle.communityName(lifecircle.state.community),"
        " lifecircle.townshipName(lifecircle.state.township)]"
    )
    title = page.evaluate("lifecircle.ruleTitle(lifecircle.state.theme)")
    steps = page.locator("#crumbs .link, #crumbs .here").all_inner_texts()
    assert steps == ["演示市", text("map.topic.fitness", "zh"), title, town, name]
    page.locator("#crumbs .link").nth(3).click()
    assert page.locator("#place h2").inner_text() == town
    page.locator("#crumbs .link").nth(1).click()
    assert page.evaluate("[lifecircle.state.tab, lifecircle.state.township]") == ["rules", None]
    assert page.locator("#rule-list details.topic[open] > summary").first.inner_text().startswith(steps[1])
    choose(page, code=code)
    page.locator("#crumbs .link").first.click()
    assert page.locator("#place h2").inner_text() == title
    assert page.evaluate("lifecircle.state.community") is None


ADDRESSED = (
    "lang", "measure", "community", "township", "facility", "spot", "tab", "compare", "sort", "down", "show",
    "sure", "least", "only", "open",
)  # fmt: skip


def test_an_address_holds_everything_that_was_chosen(page, chromium, demo_run):
    """Opened elsewhere it shows the same, whatever language the other reader remembers."""
    states = [
        "{community: 5, tab: 'place', lang: 'en', measure: 'minutes'}",
        "{facility: {service: Object.keys(lifecircle.data.facilities)[2], row: 1}, tab: 'place'}",
        """{township: 3, tab: 'table', open: true, show: 'all', sure: 'provisional', least: 400, only: 2,
        sort: 'name', down: false}""",
        "{community: 7, spot: lifecircle.spotOf('19.98765,110.12345'), tab: 'rules'}",
        "{against: lifecircle.data.themes[lifecircle.data.headlines[1].theme], compare: true}",
    ]
    keys = ", ".join(f"lifecircle.state.{key}" for key in ADDRESSED)
    rules = "[lifecircle.state.theme, lifecircle.state.against].map(one => one && one.index)"
    read = f"JSON.stringify([{keys}, {rules}])"
    with offline_pages(chromium) as open_page:
        other = opened_demo(open_page, demo_run)
        other.evaluate("lifecircle.choose({lang: 'en'})")  # what this reader remembers
        for state in states:
            as_opened(page).evaluate(f"lifecircle.choose({state})")
            address = page.evaluate("location.hash")
            other.goto("about:blank")
            other.goto((demo_run.results / "gap_map.html").as_uri() + address)
            assert ready(other).evaluate(read) == page.evaluate(read), address
            as_opened(other)
            other.evaluate(f"location.hash = {address!r}")
            other.wait_for_timeout(50)
            assert other.evaluate(read) == page.evaluate(read), "and typed into an open page"
        assert other.evaluate("lifecircle.state.compare")


@pytest.mark.parametrize(
    ("typed", "name"), [("xzsq", "祥洲社区居委会"), ("QMSQJWH", "秋门社区居委会"), ("xjjd", "新锦街道")]
)
def test_the_initials_of_a_name_typed_in_the_search_find_it(page, typed, name):
    page.locator("#search-input").fill("")
    page.locator("#search-input").type(typed)
    page.locator("#search-results [role=option]").filter(has_text=name).first.click()
    assert page.locator("#place h2").inner_text() == name


def test_initials_find_a_rule_in_the_list(page):
    page.locator("#rule-search").type("jsq")  # 健身圈
    titles = page.locator("#rule-list .rule-link bdi").all_inner_texts()
    assert titles
    assert any("健身圈" in title for title in titles)
    assert len(titles) < 20


def test_a_switch_of_language_says_anew_what_is_open_and_is_remembered(page, demo_run, deficits):
    code = own(deficits).query("status == 'short' and rule == 'zhuhai-fitness-circle-10min'")["code"].iloc[0]
    choose(page, code=code, tab="place")
    before = page.locator("#place").inner_text()
    page.get_by_role("button", name="English").click()
    place = page.locator("#place").inner_text()
    assert place != before
    assert "Why it is not met" in place
    title = page.evaluate("lifecircle.themeTitle(lifecircle.state.theme)")
    assert page.locator("#place h3").first.inner_text() == title
    for lang, button in (("en", "中文"), ("zh", "English")):
        page.goto("about:blank")
        page.goto((demo_run.results / "gap_map.html").as_uri())
        ready(page)
        assert page.evaluate("lifecircle.state.lang") == lang, "the file alone, no address that says so"
        page.get_by_role("button", name=button).click()


def test_what_is_judged_of_the_city_stands_under_the_city_and_not_under_a_community(page, deficits):
    told = verdicts(deficits)
    below = told[told["level"].isin(["community", "village"])]
    judged_below = set(below[["plan", "rule"]].itertuples(index=False, name=None))
    short = wide(deficits).query("status == 'short'")
    keys = short[["plan", "rule"]].drop_duplicates().itertuples(index=False, name=None)
    chosen = [key for key in keys if key not in judged_below]
    assert len(chosen) > 3
    titles = []
    for key in chosen[:6]:
        choose(page, rule=key)
        titles.append(page.locator("#place h2").inner_text())
        assert page.locator("#place .verdicts .verdict strong").first.inner_text() == text(
            "map.whole-city", "zh"
        )
        assert page.locator("#place .verdicts .badge").first.inner_text().startswith("未达标")
        assert page.locator("#place .worst").count() == 0
    worst = own(deficits).query("status == 'short'").groupby("code").size().idxmax()
    choose(page, code=worst)
    listed = page.locator("#place .gaps .shortfalls li button").all_text_contents()
    assert listed
    assert not set(listed) & set(titles)


def test_the_page_its_title_and_its_paper_say_that_the_data_are_synthetic(page):
    for lang in ("zh", "en"):
        choose(page, lang=lang)
        note = page.locator("#study-note").inner_text()
        assert note in {"合成数据", "synthetic data"}
        assert note in page.title()
        assert note in page.locator("#print-caption").text_content()
        assert page.evaluate("lifecircle.studyTitle()").startswith("演示市")
