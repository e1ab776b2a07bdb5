"""The demo's map under rules that judge no communities: stations, townships, counties, estates, the whole."""

import csv
import io
import re

import pytest
from browser_pages import number
from demo_page import choose, verdicts

from lifecircle.messages import text

pytestmark = pytest.mark.browser

STATIONS = ("hainan-2022", "hainan-health-station-per-10-20k")
TOWNSHIPS = ("hainan-2022", "hainan-social-work-station-per-township")
COUNTIES = ("hainan-2022", "hainan-regional-elderly-centre-per-county")
ESTATES = ("hainan-2022", "hainan-new-build-area-per-100-households")


@pytest.fixture(scope="module")
def told(demo_run):
    return verdicts(demo_run.deficits())


def of(told, rule, level):
    """Verdicts of a rule on the units of a level."""
    return told[(told["plan"] == rule[0]) & (told["rule"] == rule[1]) & (told["level"] == level)]


def table(page):
    """Rows of the table in sight, cell by cell."""
    return page.locator("#table tbody tr:not(.gap)").evaluate_all(
        "all => all.map(line => [...line.cells].map(cell => cell.textContent))"
    )


def test_a_rule_judged_by_station_colours_no_community_as_unjudged_and_lists_its_stations(page, told):
    judged = of(told, STATIONS, "catchment")
    short = judged[judged["status"] == "short"]
    for lang, wrong in (("zh", text("map.no-finding", "zh")), ("en", text("map.no-finding", "en"))):
        choose(page, rule=STATIONS, lang=lang, open=True, show="all")
        legend = page.locator("#legend").inner_text()
        assert wrong not in legend
        assert text("map.judged-by.catchment", lang) in legend
        assert text("map.legend.scope.urban", lang) not in legend
        assert number(
            page.locator("#table-toggle").inner_text().split("：" if lang == "zh" else ":")[1]
        ) == len(judged)
    choose(page, lang="zh")
    # people and committees decide side by side: each figure with its own unit, in words
    lines = list(csv.reader(io.StringIO(page.evaluate("lifecircle.tableCsv()").lstrip("\ufeff"))))
    assert not re.search(r"[a-z]{3}", "".join(lines[0]))
    said = {
        re.sub(r"^[\d,.]+", "", line[lines[0].index(text("map.column.value", "zh"))]) for line in lines[1:]
    }
    assert said == {text(f"status.unit.{unit}", "zh") for unit in judged["unit"].unique()}
    rows = table(page)
    assert {row[0] for row in rows} <= set(judged["name"])
    assert len(rows) > 8
    choose(page, show="short", sort="people")
    rows = table(page)
    assert {row[0] for row in rows} == set(short["name"])
    people = short.set_index("name")["population_short"]
    assert [number(row[4]) for row in rows] == [round(people[row[0]]) for row in rows]
    assert number(page.locator("#place .verdict-line").inner_text().split("：")[1]) == len(judged)


def test_a_station_of_the_table_is_shown_on_the_map_and_in_the_panel(page):
    choose(page, rule=STATIONS, open=True)
    page.evaluate("lifecircle.map.setView(lifecircle.map.getCenter(), 15, {animate: false})")
    link = page.locator("#table tbody th button").first
    name = link.inner_text()
    link.click()
    assert page.locator("#place h2").inner_text() == name
    assert page.locator("#table tr.chosen th").all_inner_texts() == [name]
    at = page.evaluate(
        """(() => { const {service, row} = lifecircle.state.facility;
            const all = lifecircle.data.facilities[service];
            const place = lifecircle.place(all.x[row], all.y[row], lifecircle.data.origin);
            return lifecircle.map.getBounds().contains(place); })()"""
    )
    assert at, "brought into view"
    page.locator("#table tbody tr").nth(1).hover()
    framed = page.locator(".leaflet-chosen-pane path[stroke='#e0a100']").count()
    assert framed == 1


def test_a_community_under_a_rule_judged_by_station_is_told_so_and_of_its_station(page, told):
    name = of(told, STATIONS, "catchment").query("status == 'short'")["name"].iloc[0]
    choose(page, rule=STATIONS)
    row = page.evaluate(
        "name => lifecircle.judgedUnits(lifecircle.state.view).find(unit => unit.name === name).community",
        name,
    )
    choose(page, community=row, tab="place")
    said = page.locator("#place .now").first.inner_text()
    assert text("map.judged-by.catchment", "zh") in said
    assert name in said
    assert text("map.no-finding", "zh") not in page.locator("#place").inner_text()


@pytest.mark.parametrize(("rule", "level"), [(TOWNSHIPS, "township"), (COUNTIES, "county")])
def test_areas_above_communities_are_counted_once_each_and_shown_by_a_click(page, told, rule, level):
    judged = of(told, rule, level)
    choose(page, rule=rule, open=True, show="all")
    counts = page.locator("#legend .tally").evaluate_all("all => all.map(one => Number(one.textContent))")
    outside = page.evaluate("lifecircle.state.view.status.split('-').length - 1")
    assert sum(counts) - outside == len(judged), "not the communities in them"
    rows = table(page)
    assert len(rows) == len(judged)
    assert {row[0] for row in rows} == set(judged["name"])
    assert page.locator("#filter-status option").all_inner_texts()[0] == text("map.show.all-units", "zh")
    assert page.locator("#place figure.chart").count() == 0, "no chart counts communities by an area's figure"
    short = judged[judged["status"] == "short"]["name"].iloc[0]
    page.locator("#table tbody th button").filter(has_text=short).click()
    framed = page.locator(".leaflet-chosen-pane path").count()
    assert framed > 2, "its communities are framed"


def test_units_of_other_kinds_are_listed_with_the_level_they_are_judged_at(page, told):
    judged = of(told, ESTATES, "new-residential")
    short = judged[judged["status"] == "short"]
    choose(page, rule=ESTATES, open=True, show="all")
    assert len(table(page)) == len(judged)
    line = page.locator("#place .verdict-line").inner_text()
    assert text("status.new-residential", "zh") in line
    assert [number(part) for part in line.split("：")[1].split("个中")] == [len(judged), len(short)]
    lines = list(csv.reader(io.StringIO(page.evaluate("lifecircle.tableCsv()").lstrip("﻿"))))
    assert len(lines) == len(judged) + 1
    assert {line[0] for line in lines[1:]} == set(judged["code"])


def test_the_panel_of_a_facility_tells_its_capacity_with_a_unit_and_no_id(page):
    told = page.evaluate(
        """Object.entries(lifecircle.data.facilities).filter(([, layer]) => layer.capacity).map(
            ([service, layer]) => { const row = layer.capacity.findIndex(one => one !== null);
                return [service, row, layer.capacity[row], layer.capacity_unit, layer.id[row]]; })"""
    )
    assert len(told) > 1
    for service, row, capacity, unit, code in told:
        choose(page, facility={"service": service, "row": row}, tab="place")
        figures = page.locator("#place > dl.figures").first.inner_text()
        line = figures[figures.index(text("map.capacity", "zh")) :].split("\n")[1]
        assert line.endswith(text(f"status.unit.{unit}", "zh")), service
        assert number(line) == pytest.approx(capacity)
        assert code not in page.locator("#place").inner_text()


CIRCLES = ("hainan-2022", "hainan-premium-convenience-circles")
GRIDS = ("hainan-2022", "hainan-grid-staff-1-3")
PAINTED = """code => { const app = lifecircle, canvas = document.querySelector('.leaflet-areas-pane canvas');
    const level = app.state.view.areas[0].level, place = app.areaOf({level, code}).place;
    const at = app.map.latLngToContainerPoint(place), ratio = canvas.width / app.map.getSize().x;
    return [...canvas.getContext('2d').getImageData(at.x * ratio, at.y * ratio, 1, 1).data]; }"""


def test_life_circles_are_drawn_by_whether_they_count_already(page, told):
    judged = of(told, CIRCLES, "life-circle")
    choose(page, rule=CIRCLES)
    lines = page.locator("#point-legend li").evaluate_all(
        "all => all.map(line => [...line.querySelectorAll('span')].map(part => part.textContent))"
    )
    level = text("status.life-circle", "zh")
    counts = {line[0].split("：")[1]: int(line[1]) for line in lines if line[0].startswith(level)}
    adds = judged["contribution"].astype(float)
    expected = {
        text("map.unit.adds", "zh"): (adds > 0).sum(),
        text("map.unit.counted", "zh"): (adds == 0).sum(),
        text("status.no-data", "zh"): (judged["status"] == "no-data").sum(),
    }
    assert counts == expected
    missing, there = (judged["code"][adds > 0].iloc[0], judged["code"][adds == 0].iloc[0])
    red, _, blue, _ = page.evaluate(PAINTED, missing)
    assert red > blue + 60, "orange: not in the count yet"
    red, _, blue, _ = page.evaluate(PAINTED, there)
    assert blue > red


def test_every_grid_cell_is_drawn_counted_and_in_the_table(page, told):
    """The list of verdicts is cut; counts and table are not."""
    judged = of(told, GRIDS, "grid")
    short = judged[judged["status"] == "short"]
    choose(page, rule=GRIDS, open=True, show="all")
    line = page.locator("#place .verdict-line").inner_text()
    assert [number(part) for part in line.split("：")[1].split("个中")] == [len(judged), len(short)]
    rows = page.evaluate("lifecircle.tableRows(lifecircle.state).map(unit => [unit.code, unit.status])")
    assert len(rows) == len(judged)
    assert {code for code, mark in rows if mark in "stp"} == set(short["code"])


def test_a_service_without_any_facility_is_told_in_panel_and_legend(page):
    said, short = text("map.no-facility", "zh"), text("map.no-facility-of", "zh", name="|").split("|")[0]
    rules = page.evaluate(
        """lifecircle.data.themes.filter(one => lifecircle.emptyServices(one).length)
            .map(one => [one.plan, one.rule])"""
    )
    assert len(rules) > 1
    for rule in rules[:3]:
        choose(page, rule=rule)
        assert short in page.locator("#place .warning").first.inner_text()
        assert said in page.locator("#point-legend").inner_text()
    choose(page, rule=STATIONS)
    assert said not in page.locator("#point-legend").inner_text()
    assert page.locator("#place .warning").count() == 0
