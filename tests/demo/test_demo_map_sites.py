"""Proposed sites on the demo's map: pins that never hide each other, and a panel for each site."""

import geopandas as gpd
import pytest
from browser_pages import number, offline_pages, ready
from demo_page import as_opened, choose, opened_demo

from lifecircle.messages import text

pytestmark = pytest.mark.browser

FITNESS = ("zhuhai-2021", "zhuhai-fitness-circle-10min")


@pytest.fixture(scope="module")
def proposals(demo_run):
    return gpd.read_file(demo_run.results / "study.gpkg", layer="proposals")


@pytest.fixture(scope="module")
def phone(chromium, demo_run):
    with offline_pages(chromium) as open_page:
        yield opened_demo(open_page, demo_run, width=390, height=844, touch=True)


def boxes(page):
    """What each numbered pin covers of the screen, by its number."""
    return page.locator(".pin").evaluate_all(
        """all => all.map(pin => { const b = pin.getBoundingClientRect();
            return [pin.textContent, b.left, b.top, b.right, b.bottom]; })"""
    )


def assert_apart(page, at_least):
    """No pin covers any part of another, and each is as large as a finger or a pointer needs."""
    covered = boxes(page)
    assert len(covered) >= at_least
    for place, (name, left, top, right, bottom) in enumerate(covered):
        for other, a, b, c, d in covered[:place]:
            assert right <= a + 1 or c <= left + 1 or bottom <= b + 1 or d <= top + 1, (name, other)


@pytest.mark.parametrize("screen", ["page", "phone"])
def test_no_pin_covers_another_at_any_zoom(screen, request):
    shown = as_opened(request.getfixturevalue(screen))
    rules = shown.evaluate(
        """lifecircle.data.headlines.map(one => lifecircle.data.themes[one.theme])
            .filter(one => lifecircle.sitesOf(one).length > 1).map(one => one.index)"""
    )
    assert len(rules) > 1
    for rule in rules:
        shown.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{rule}]}})")
        for zoom in (9, 10.5, 12):
            shown.evaluate(f"lifecircle.map.setZoom({zoom}, {{animate: false}})")
            assert_apart(shown, at_least=2)
            if screen == "phone":
                assert all(
                    right - left >= 44 and low - top >= 44 for _, left, top, right, low in boxes(shown)
                )


def test_a_pin_that_stands_aside_is_led_to_its_place(page, proposals):
    """Zoomed out all pins but the first stand aside; a line leads from each site's own place to its pin."""
    page.evaluate("lifecircle.map.setZoom(9, {animate: false})")
    moved = page.evaluate(
        """lifecircle.pinPlaces(lifecircle.map).filter(pin => pin.off[0] || pin.off[1])
            .map(pin => [pin.site.rank, pin.place])"""
    )
    assert len(moved) >= 2
    assert 1 not in [rank for rank, _ in moved], "the first keeps its place"
    lines = page.evaluate(
        """lifecircle.layers.proposals.getLayers().filter(one => one.getLatLngs)
            .map(one => one.getLatLngs().map(p => [p.lat, p.lng]))"""
    )
    of = proposals.query("plan == @FITNESS[0] and rule == @FITNESS[1]").set_index("rank").geometry
    for rank, place in moved:
        assert place == pytest.approx([of[rank].y, of[rank].x], abs=1e-5)
        assert sum(line[0] == place for line in lines) == 2, "a line and its white edge"


def test_a_site_of_the_list_opens_with_what_it_brings_and_is_marked_on_the_map(page, proposals):
    choose(page, tab="place")
    rows = proposals.query("plan == @FITNESS[0] and rule == @FITNESS[1]").sort_values("rank")
    names = page.evaluate(
        """Object.fromEntries(lifecircle.data.communities.code.map(
            (code, row) => [code, lifecircle.communityName(row)]))"""
    )
    for place, row in enumerate(rows.to_dict("records")):
        choose(page, community=None)
        page.locator("#place .sites .link").nth(place).click()
        panel = page.locator("#place")
        assert panel.locator("h2").inner_text() == f"选址{row['rank']}：{row['name']} · {row['street']}"
        assert number(panel.locator(".people").inner_text()) == round(row["gain"])
        said = panel.inner_text()
        assert f"{row['geometry'].y:.5f}, {row['geometry'].x:.5f}" in said
        gains = [one.rpartition(" ") for one in row["gainers"].split("; ")[:3]]
        listed = panel.locator(".shortfalls").last.locator("li").all_inner_texts()
        assert [number(line.split("\n")[-1]) for line in listed] == [int(people) for _, _, people in gains]
        assert [line.split("\n")[0] for line in listed] == [names[code] for code, _, _ in gains]
        # whom it brings into reach under the other circle of the service: once, whichever plans ask
        joint = {int(one.rpartition(" ")[2]) for one in row["joint_gains"].split("; ")}
        assert len(joint) == 1
        assert f"按该条款新增覆盖{joint.pop():,}人" in panel.locator(".joint").inner_text()
        closes = [one.split(" ")[1] for one in row["closes"].split("; ") if one]
        for code in closes:
            assert names[code] in panel.locator(".shortfalls").first.inner_text()
        pressed = page.locator(".pin[aria-pressed=true]")
        assert pressed.evaluate_all("all => all.map(one => one.textContent)") == [str(row["rank"])]
        assert page.locator("#point-legend").inner_text().count("从选址步行") == 3
        kilometres = [number(words) for words in panel.locator(".walk dd").all_inner_texts()]
        assert 0 < kilometres[0] < kilometres[1] < kilometres[2]
        outlined = page.evaluate("lifecircle.layers.chosen.getLayers().length")
        assert outlined >= len(gains)
    page.keyboard.press("Escape")
    assert page.locator(".pin[aria-pressed=true]").count() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_headline_names_where_to_build_first_or_says_why_it_names_none(page, data, proposals, lang):
    choose(page, lang=lang)
    first = proposals[proposals["rank"] == 1].set_index(["plan", "rule"])
    reasons = []
    for at, told in enumerate(data["headlines"]):
        theme = data["themes"][told["theme"]]
        where = page.locator("#headline-cards .card .where").nth(at).inner_text()
        if (theme["plan"], theme["rule"]) in first.index:
            site = first.loc[(theme["plan"], theme["rule"])]
            values = {"name": f"{site['name']} · {site['street']}", "n": f"{site['gain']:,.0f}"}
            assert where == text("map.first-place-gain", lang, **values)
            assert told["no_sites"] == ""
        elif told["no_sites"] == "stations":
            # every catchment that needs stations, with how many of them
            for unit in theme["units"]["short"]:
                adds = text("report.station-adds", lang, name=unit["name"], n=f"{unit['deficit']:.0f}")
                assert adds in where
            reasons.append("stations")
        else:
            assert where == text(f"map.no-sites.{told['no_sites']}", lang)
            reasons.append(told["no_sites"])
    assert reasons.count("stations") == 1
    assert "types" in reasons


def test_a_target_of_two_plans_is_one_card_with_both_clauses(page, data, deficits):
    alike = [one for one in data["headlines"] if one["also"]]
    assert alike
    own = deficits[deficits["level"].isin(["community", "village"]) & (deficits["service"] == "")]
    for told in alike:
        base, *others = (data["themes"][at] for at in (told["theme"], *told["also"]))
        for other in others:
            stands = [
                own[(own["plan"] == one["plan"]) & (own["rule"] == one["rule"])].set_index("code")["status"]
                for one in (base, other)
            ]
            assert stands[0].equals(stands[1])
            choose(page, rule=(other["plan"], other["rule"]), tab="place")
            clauses = page.locator("#place .clause summary").all_inner_texts()
            assert len(clauses) == 1 + len(others)
            card = page.locator(f'#headline-cards .card[data-rule="{base["rule"]}"] .card-plan')
            plans = {one["id"]: one["short"]["zh"] for one in data["plans"]}
            assert card.inner_text() == "、".join(plans[one["plan"]] for one in (base, *others))


def test_a_pin_is_chosen_by_the_keyboard_and_by_a_finger(page, phone):
    page.locator(".pin").filter(has_text="2").focus()
    page.keyboard.press("Enter")
    assert page.locator("#place h2").inner_text().startswith("选址2：")
    assert page.evaluate("document.activeElement.textContent") == "2", "the keyboard stays on the pin"
    as_opened(phone).locator(".pin").filter(has_text="3").tap()
    assert phone.evaluate("[lifecircle.state.tab, lifecircle.state.site !== null]") == ["place", True]
    assert phone.locator("#place h2").inner_text().startswith("选址3：")
    phone.locator(".home button").tap()
    assert phone.evaluate("lifecircle.map.getBounds().contains(lifecircle.layers.communities.getBounds())")


def test_an_address_holds_the_site_chosen(page, demo_run):
    choose(page, tab="place")
    page.locator("#place .sites .link").nth(1).click()
    title, address = page.locator("#place h2").inner_text(), page.evaluate("location.hash")
    page.goto("about:blank")
    page.goto((demo_run.results / "gap_map.html").as_uri() + address)
    assert ready(page).locator("#place h2").inner_text() == title
    other = page.evaluate("lifecircle.data.themes[lifecircle.data.headlines[1].theme].index")
    page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{other}]}})")
    assert page.evaluate("lifecircle.state.site") is None, "a site of another rule is chosen no more"


def test_the_headline_leads_to_the_first_places_of_each_target(page, data):
    links = page.locator("#headline .first .link")
    stations = [one for one in data["proposals"]["first"]["lines"] if "station" in one]
    assert len(stations) == 3
    assert 4 <= links.count() <= 6
    for place in range(links.count()):
        name, words = links.nth(place).inner_text(), page.locator("#headline .first").nth(place).inner_text()
        links.nth(place).click()
        if place < len(stations):
            assert page.locator("#place h2").inner_text() == name == stations[place]["name"]["zh"]
            assert page.evaluate("lifecircle.told().judged") == "catchment"
        else:
            assert page.evaluate("lifecircle.ruleTitle(lifecircle.state.theme)") in words
            assert page.locator("#place h2").inner_text().startswith("选址1：")
            assert page.evaluate("lifecircle.data.proposals.sites[lifecircle.state.site].rank") == 1
        as_opened(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_stations_to_add_are_pinned_with_how_many_and_their_catchments_shaded(page, deficits, lang):
    at = "lifecircle.data.headlines.find(one => one.level === 'catchment').theme"
    page.evaluate(f"lifecircle.choose({{lang: '{lang}', theme: lifecircle.data.themes[{at}]}})")
    rule = page.evaluate("lifecircle.state.theme.rule")
    own = deficits[(deficits["rule"] == rule) & (deficits["level"] == "catchment")]
    short = own[(own["service"] == "") & (own["status"] == "short")]
    assert len(short) == 3
    pins = page.locator(".pin")
    assert sorted(pins.all_inner_texts()) == sorted(f"+{missing:.0f}" for missing in short["deficit"])
    shaded = page.evaluate(
        "lifecircle.layers.proposals.getLayers().filter(one => one instanceof L.Polygon).length"
    )
    assert shaded == len(short)
    added = f"{short['deficit'].sum():.0f}"
    legend = page.locator("#point-legend").inner_text()
    assert text("map.legend.stations", lang) in legend
    assert added in legend
    pins.first.click()
    assert page.evaluate("lifecircle.state.facility.service") == "health-station"
    assert page.locator("#place h2").inner_text() in set(short["name"])


def test_a_card_that_is_chosen_stays_in_sight_and_under_the_keyboard(page, phone):
    for shown in (as_opened(page), as_opened(phone)):
        card = shown.locator("#headline-cards .card").nth(4)
        card.scroll_into_view_if_needed()
        before = card.bounding_box()["y"]
        card.focus()
        shown.keyboard.press("Enter")
        assert card.get_attribute("aria-pressed") == "true"
        assert card.bounding_box()["y"] == pytest.approx(before, abs=2)
        assert shown.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
