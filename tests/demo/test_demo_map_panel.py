"""The panel of the demo's map: why, the gaps by topic, minutes, way, what would turn it, figures."""

import math
import re

import geopandas as gpd
import pytest
from browser_pages import number, panel_gaps
from demo_page import choose, own, wide

from lifecircle.messages import text

pytestmark = pytest.mark.browser

EMPTY_GROUND = """() => {
    const box = document.getElementById('gap_map').getBoundingClientRect();
    for (const row of lifecircle.shortRows(lifecircle.state.view)) {
        const p = lifecircle.map.latLngToContainerPoint(lifecircle.shapes[row].getBounds().getCenter());
        const at = [p.x + box.left, p.y + box.top], under = document.elementFromPoint(...at);
        if (under && under.tagName === 'path' && lifecircle.spots.every(s => s.point.distanceTo(p) > 15)) {
            return at;
        }
    } }"""
"""A place on a community of the town that the mouse can reach, with no facility near it."""

FITNESS = ("zhuhai-2021", "zhuhai-fitness-circle-10min")


@pytest.fixture(scope="module")
def communities(demo_run):
    return gpd.read_file(
        demo_run.results / "study.gpkg", layer="communities", ignore_geometry=True
    ).set_index("code")


@pytest.fixture(scope="module")
def routes(demo_run):
    ways = gpd.read_file(demo_run.results / "study.gpkg", layer="routes")
    return ways[["/".join(FITNESS) in rules.split("; ") for rules in ways["rules"]]]


def half(minutes):
    """Minutes as a page shows them: to the half."""
    return math.floor(minutes * 2 + 0.5) / 2


def under(deficits, plan, rule):
    """Verdicts on communities under a rule."""
    told = own(deficits)
    return told[(told["plan"] == plan) & (told["rule"] == rule)]


def test_the_panel_begins_with_one_plain_sentence_why(page, deficits, communities):
    short = under(deficits, *FITNESS).query("status == 'short'").sort_values("deficit", ascending=False)
    for row in short.iloc[:: len(short) // 8].to_dict("records"):
        choose(page, code=row["code"], tab="place")
        order = page.locator("#place").evaluate(
            "all => [...all.children].slice(0, 3).map(e => e.className || e.tagName)"
        )
        assert order[:2] == ["H2", "note"]
        assert order[2].startswith("why")
        said = page.locator("#place .why").inner_text()
        assert said.count("。") == 1
        assert said.endswith("。")
        figures = [float(one.replace(",", "")) for one in re.findall(r"[\d,]+(?:\.\d+)?", said)]
        minutes = communities.loc[row["code"], "min50_sports-ground"]
        residents = round(row["population"])
        inside = round(row["population"] - row["population_short"])
        assert figures[0] == half(minutes)
        assert figures[1] == 10
        assert figures[2] == residents
        assert figures[3] == pytest.approx(inside, abs=1)
        assert row["clause"] in said


def test_the_five_largest_gaps_stand_by_topic_and_all_others_are_folded(page, deficits):
    told = own(deficits)
    short = told[told["status"] == "short"]
    for code in short.groupby("code").size().nlargest(3).index:
        choose(page, code=code, tab="place")
        blocks = page.locator("#place .gaps").evaluate(
            """all => [...all.children].map(e => [e.tagName, e.tagName === 'DETAILS' && e.open,
                [...e.querySelectorAll('li button')].map(b => b.textContent)])"""
        )
        assert blocks[0][0] == "H3"
        topics = {text(f"map.topic.{name}", "zh") for name in page.evaluate("lifecircle.data.topics")}
        assert set(page.locator("#place .gaps > h4").all_inner_texts()) <= topics
        above = [title for tag, _, titles in blocks if tag == "UL" for title in titles]
        below = [
            title for tag, opened, titles in blocks if tag == "DETAILS" and not opened for title in titles
        ]
        assert len(above) == 5
        assert len(below) > 0
        assert number(page.locator("#place .gaps h3").inner_text()) >= len(above) + len(below)
        people = short[short["code"] == code].set_index("rule")["population_short"].fillna(0)
        titled = page.evaluate(
            """code => { const row = lifecircle.data.communities.code.indexOf(code);
                return Object.fromEntries(lifecircle.gapsOf(row).map(
                    one => [one.rule, [lifecircle.themeTitle(one), lifecircle.bareTitle(one)]])); }""",
            code,
        )
        # what several plans ask alike has no plan's name
        of = {title: value for rule, value in people.items() for title in titled[rule]}
        assert min(of[title] for title in above) >= max(of[title] for title in below) - 0.01


def test_a_community_counts_what_deficits_csv_counts_of_it(page, deficits):
    """Not met and met, every plan's requirement for itself, those judged service by service too."""
    told = own(deficits)
    counted = told.groupby("code")["status"].value_counts().unstack(fill_value=0)
    worst = counted["short"].nlargest(4).index
    merged = 0
    for code in {*worst, *counted.index[::16]}:
        choose(page, code=code, tab="place")
        gaps = page.locator("#place .gaps")
        assert (number(gaps.locator("h3").inner_text()) or 0) == counted.loc[code, "short"], code
        assert number(gaps.locator("> .note").inner_text()) == counted.loc[code, "met"], code
        lines = panel_gaps(page)
        plans = [re.search(r"(\d+)部规划", about) for _, _, about in lines]
        assert sum(int(number_of[1]) if number_of else 1 for number_of in plans) == counted.loc[code, "short"]
        folded = gaps.locator("details > summary").all_inner_texts()
        assert not folded or number(folded[0]) < counted.loc[code, "short"]
        merged += sum(one is not None for one in plans)
    assert merged > 2, "what several plans ask in the same words is one line and counts for each"


def test_the_nearest_facility_of_every_service_stands_with_its_minutes(page, communities):
    for code in communities.index[[4, 70, 150]]:
        choose(page, code=code, tab="place")
        rows = page.locator("#place .nearest tr:has(td)").evaluate_all(
            "all => all.map(e => [...e.cells].map(cell => cell.textContent))"
        )
        services = page.evaluate(
            "Object.fromEntries(Object.keys(lifecircle.data.minutes)"
            ".map(one => [lifecircle.serviceName(one), one]))"
        )
        assert {row[0] for row in rows} == set(services)
        named = 0
        for name, nearest, minutes, _ in rows:
            exact = communities.loc[code, f"min50_{services[name]}"]
            if math.isnan(exact):
                assert number(minutes) is None
            else:
                assert number(minutes) == half(exact)
                named += nearest != "—"
        assert named > 10


def test_the_way_to_the_nearest_facility_is_drawn_and_told(page, deficits, routes):
    short = under(deficits, *FITNESS).query("status == 'short'")
    codes = [
        code for code in short["code"] if code in set(routes.query("service == 'sports-ground'")["code"])
    ]
    assert len(codes) > 10
    for code in codes[:3]:
        choose(page, code=code, tab="place", fly=True)
        way = routes.query("service == 'sports-ground' and code == @code").iloc[0]
        line = page.locator("#point-legend li").filter(has_text="→").inner_text()
        metres, minutes = (number(part) for part in re.split(r"[：，]", line)[1:])
        assert metres == round(way["distance_m"])
        assert minutes == pytest.approx(way["minutes"], abs=0.06)
        drawn = page.evaluate(
            "lifecircle.layers.routes.getLayers()[1].getLatLngs().flat().map(p => [p.lng, p.lat])"
        )
        exact = gpd.GeoSeries([way.geometry], crs=routes.crs).to_crs(4326).iloc[0]
        assert drawn[0] == pytest.approx(exact.coords[0][:2], abs=2e-5)
        assert drawn[-1] == pytest.approx(exact.coords[-1][:2], abs=2e-5)


def test_what_would_turn_a_verdict_is_told_in_words(page, deficits):
    told = own(deficits)
    leaning = told[(told["certainty"] == "assumed") & told["status"].isin(["met", "short"])]
    turning, holding = leaning[leaning["turns_at"] != ""], leaning[leaning["turns_at"] == ""]
    assert len(turning) > 5
    for rows, beginning in (
        (turning, "在以下设定下该社区（村）的结论会改变："),
        (holding, "在所有试算设定下该社区（村）的结论均不变。"),
    ):
        for row in rows.iloc[:: max(1, len(rows) // 4)].head(4).to_dict("records"):
            choose(page, rule=[row["plan"], row["rule"]], code=row["code"], tab="place")
            said = page.locator("#place .turns").inner_text()
            assert said.startswith(beginning)
            assert not re.search(r"[a-z_]+=", said), "no raw names of settings"
            if row["turns_at"]:
                assert len(said.split("：")[1].split("、")) >= len(row["turns_at"].split("; "))


def test_the_figures_of_township_and_city_stand_beside_the_communitys(page, deficits):
    told = under(deficits, *FITNESS).query("status in ['met', 'short']").set_index("code")
    at = page.evaluate(
        """Object.fromEntries(lifecircle.data.communities.code.map((code, row) =>
            [code, lifecircle.townshipName(lifecircle.data.communities.township[row])]))"""
    )
    town = told.index.map(at)
    for code in told.query("status == 'short'").index[[0, 20, 50]]:
        choose(page, code=code, tab="place")
        head, now, people = page.locator("#place .beside tr").evaluate_all(
            "all => all.map(line => [...line.cells].map(cell => cell.textContent))"
        )
        assert head[2:] == [at[code], "演示市"]
        own_town = told[town == at[code]]
        assert number(now[1]) == pytest.approx(told.loc[code, "value"], abs=0.051)
        assert now[2] == f"{len(own_town)}个中{(own_town['status'] == 'met').sum()}个达标"
        share, met = now[3].split("；")
        assert number(share) == pytest.approx(
            wide(deficits).query("rule == @FITNESS[1]")["value"].iloc[0], abs=0.051
        )
        assert met == f"{len(told)}个中{(told['status'] == 'met').sum()}个达标"
        affected = [
            told.loc[code, "population_short"],
            own_town["population_short"].sum(),
            told["population_short"].sum(),
        ]
        assert [number(words) for words in people[1:]] == pytest.approx(affected, abs=0.51)


def test_a_click_anywhere_walks_five_ten_and_fifteen_minutes_within_the_pages_budget(page):
    size = page.evaluate("JSON.stringify(lifecircle.data.network).length")
    assert 50_000 < size <= 3_000_000, "the network is in the page, within 3 MB"
    x, y = page.evaluate(EMPTY_GROUND)
    page.mouse.click(x, y)
    kilometres = [number(words) for words in page.locator("#place .walk dd").all_inner_texts()]
    assert len(kilometres) == 3
    assert 0 < kilometres[0] < kilometres[1] < kilometres[2]
    assert "spot=" in page.evaluate("location.hash")
    assert page.locator("#point-legend li").filter(has_text="从点击处步行").count() == 3


def test_how_far_a_drawn_life_circle_is_from_the_exact_one_is_stated_and_true(page, demo_run):
    """The most that any vertex of the exact outline lies off the one drawn, corners rounded and all."""
    circles = gpd.read_file(demo_run.results / "study.gpkg", layer="circles").set_index("code")
    metres = circles.estimate_utm_crs()
    for code in circles.index[[10, 80, 140]]:
        choose(page, code=code, tab="place")
        words = page.locator("#place details .note", has_text="相差").text_content()
        stated = number(words.split("相差")[1])
        drawn = page.evaluate(
            "lifecircle.layers.circles.getLayers()[0].getLatLngs().flat(2).map(p => [p.lng, p.lat])"
        )
        shown = gpd.GeoSeries(gpd.points_from_xy(*zip(*drawn, strict=True)), crs=4326).to_crs(metres)
        exact = circles.geometry.to_crs(metres).loc[code].boundary
        assert 3 < shown.distance(exact).max() <= stated <= 80
