"""The demo's table, charts and files: sorted, filtered, one with the map both ways, saved as seen."""

import csv
import html
import io
import math
import re

import openpyxl
import pytest
from browser_pages import number
from demo_page import choose, own

from lifecircle.messages import text

pytestmark = pytest.mark.browser

FITNESS = ("zhuhai-2021", "zhuhai-fitness-circle-10min")
SHOWN = "lifecircle.tableRows(lifecircle.state).map(row => lifecircle.data.communities.code[row])"


@pytest.fixture(scope="module")
def told(demo_run):
    """Verdicts on communities under the fitness circle."""
    rows = own(demo_run.deficits())
    return rows[(rows["plan"] == FITNESS[0]) & (rows["rule"] == FITNESS[1])].set_index("code")


@pytest.fixture(scope="module")
def town_of(loaded):
    return loaded.evaluate(
        """Object.fromEntries(lifecircle.data.communities.code.map((code, row) =>
            [code, lifecircle.townshipName(lifecircle.data.communities.township[row])]))"""
    )


def test_township_verdict_certainty_and_people_filter_the_table_together(page, told, town_of):
    page.locator("#table-toggle").click()
    towns = told.index.map(town_of)
    assert set(page.evaluate(SHOWN)) == set(told.index[told["status"] == "short"])
    town = told.loc[told["status"] == "short"].groupby(towns[told["status"] == "short"]).size().idxmax()
    page.select_option("#filter-township", label=town)
    in_town = (towns == town) & (told["status"] == "short")
    assert set(page.evaluate(SHOWN)) == set(told.index[in_town])
    page.locator("#filter-people").fill("4000")
    page.locator("#filter-people").press("Enter")
    many = in_town & (told["population_short"] >= 4000)
    assert 0 < many.sum() < in_town.sum()
    assert set(page.evaluate(SHOWN)) == set(told.index[many])
    assert number(page.locator("#table-toggle").inner_text().split("：")[1]) == many.sum()
    page.select_option("#filter-township", "")
    page.locator("#filter-people").fill("")
    page.locator("#filter-people").press("Enter")
    page.select_option("#filter-status", "all")
    for certainty in ("assumed", "provisional", "firm"):
        page.select_option("#filter-certainty", certainty)
        judged = told["status"].isin(["met", "short"]) & (told["certainty"] == certainty)
        assert set(page.evaluate(SHOWN)) == set(told.index[judged]), certainty
    page.select_option("#filter-status", "met")
    page.select_option("#filter-certainty", "any")
    assert set(page.evaluate(SHOWN)) == set(told.index[told["status"] == "met"])


def test_communities_that_a_share_still_waits_for_are_the_rows_of_its_table(page, demo_run):
    """90 % of cultural centres are asked for: no community is short by itself, and 17 do not count yet."""
    choose(page, rule=("zhuhai-2021", "zhuhai-cultural-centre-upgrade-90"), open=True, show="short")
    deficits = demo_run.deficits()
    own_rows = deficits[
        (deficits["rule"] == "zhuhai-cultural-centre-upgrade-90") & (deficits["contribution"] > 0)
    ]
    assert set(page.evaluate(SHOWN)) == set(own_rows["code"])
    assert len(own_rows) == 17
    assert text("map.unit.adds", "zh") in page.locator("#table tbody").inner_text()


def test_every_column_sorts_both_ways(page, told):
    page.evaluate("lifecircle.choose({open: true, show: 'all'})")
    heads = page.locator("#table thead th")
    assert heads.count() == 8
    for at in range(heads.count()):
        orders = []
        for _ in range(2):
            page.locator("#table thead th").nth(at).locator("button").click()
            orders.append(page.evaluate(SHOWN))
        sort = page.evaluate("lifecircle.state.sort")
        assert page.locator("#table thead th").nth(at).get_attribute("aria-sort") in {
            "ascending",
            "descending",
        }
        assert sorted(orders[0]) == sorted(orders[1]) == sorted(told.index)
        if sort in {"deficit", "people"}:
            column = {"deficit": "deficit", "people": "population_short"}[sort]
            falling, rising = (told.loc[order, column].round(6) for order in orders)
            assert falling.is_monotonic_decreasing
            assert rising.is_monotonic_increasing
    page.locator("#table thead th button", has_text="居民").last.click()
    people = told.loc[page.evaluate(SHOWN), "population"].round()
    assert people.is_monotonic_decreasing


def test_row_and_place_on_the_map_light_up_one_another(page):
    page.evaluate("lifecircle.choose({open: true})")
    row = page.locator("#table tbody tr[data-row]").nth(2)
    code_row = int(row.get_attribute("data-row"))
    row.hover()
    outline = page.locator(".leaflet-chosen-pane path[stroke='#e0a100']")
    assert outline.count() == 1
    drawn = page.evaluate(
        f"""(() => {{ const mark = document.querySelector(".leaflet-chosen-pane path[stroke='#e0a100']"),
            a = mark.getBoundingClientRect(),
            b = lifecircle.shapes[{code_row}].getElement().getBoundingClientRect();
            return Math.hypot(a.left - b.left, a.top - b.top); }})()"""
    )
    assert drawn < 6, "the community of that row is outlined"
    page.locator("#table thead").hover()
    assert outline.count() == 0
    # the other way: over the map first, the row scrolled into sight later
    last = page.evaluate("lifecircle.tableRows(lifecircle.state).at(-1)")
    page.evaluate(f"lifecircle.shapes[{last}].fire('mouseover')")
    assert page.locator("#table tr.under").count() == 0
    page.evaluate("document.getElementById('table-scroll').scrollTop = 1e6")
    page.wait_for_timeout(60)
    assert page.locator("#table tr.under").get_attribute("data-row") == str(last)
    # a click on the map brings the row of the community into sight
    first = page.evaluate("lifecircle.tableRows(lifecircle.state)[0]")
    page.evaluate(
        f"lifecircle.shapes[{first}].fire('click', {{latlng: lifecircle.shapes[{first}].getCenter()}})"
    )
    page.evaluate(f"lifecircle.choose({{community: {first}}})")
    page.wait_for_timeout(60)
    chosen = page.locator("#table tr.chosen")
    assert chosen.get_attribute("data-row") == str(first)
    box, frame = chosen.bounding_box(), page.locator("#table-scroll").bounding_box()
    assert frame["y"] <= box["y"] < frame["y"] + frame["height"]


def test_the_selection_is_saved_as_csv_and_the_view_as_a_picture(page, told, town_of, tmp_path):
    page.evaluate("lifecircle.choose({open: true, show: 'short', least: 3000})")
    with page.expect_download() as kept:
        page.click("#csv-button")
    assert kept.value.suggested_filename == "演示市_社区10分钟健身圈全覆盖_zh.csv"
    kept.value.save_as(tmp_path / "selection.csv")
    words = (tmp_path / "selection.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(words)))
    wanted = told[(told["status"] == "short") & (told["population_short"] >= 3000)]
    assert 0 < len(rows) == len(wanted)
    code, people = (next(name for name in rows[0] if begin in name) for begin in ("代码", "涉及居民"))
    town, minutes = (next(name for name in rows[0] if begin in name) for begin in ("乡镇", "分钟"))
    for row in rows:
        assert row[people] == str(math.floor(told.loc[row[code], "population_short"] + 0.5)), "people whole"
        assert row[town] == town_of[row[code]]
        assert float(row[minutes]) * 2 == round(float(row[minutes]) * 2), (
            "minutes to the half, as in the table"
        )
    page.evaluate("lifecircle.choose({lang: 'en'})")
    names = page.evaluate("['csv', 'png'].map(lifecircle.fileName)")
    page.evaluate("lifecircle.choose({lang: 'zh'})")
    assert names == [f"演示市_10-minute-fitness-circle-all-communities_en.{kind}" for kind in ("csv", "png")]
    with page.expect_download() as kept:
        page.click("#png-button")
    kept.value.save_as(tmp_path / "view.png")
    picture = (tmp_path / "view.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    colours = page.evaluate(
        """lifecircle.mapPicture().then(canvas => { const brush = canvas.getContext('2d'), seen = new Set(),
            all = brush.getImageData(0, 0, canvas.width, canvas.height).data;
            for (let at = 0; at < all.length; at += 12) { seen.add([...all.slice(at, at + 3)].join()); }
            return [...seen]; })"""
    )
    classes = page.evaluate("lifecircle.colours(lifecircle.state.view, 'deficit')")
    drawn = [",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) for colour in classes]
    assert set(drawn) <= set(colours), "the classes of the map, and its legend, are in the picture"


def test_the_histogram_and_the_bars_of_townships_count_every_community(page, told, town_of):
    choose(page, community=None)
    figures = page.locator("#place figure.chart svg")
    titles = figures.last.locator("g title").evaluate_all("all => all.map(one => one.textContent)")
    counts = [number(words.split("：")[1]) for words in titles]
    judged = told[told["status"].isin(["met", "short"])]
    assert sum(counts) == len(judged), "everybody reaches some ground in the demo"
    bars = page.locator("#place .bars li").evaluate_all(
        "all => all.map(one => ['bdi', '.amount'].map(part => one.querySelector(part).textContent))"
    )
    towns = judged.index.map(town_of)
    short = (judged["status"] == "short").groupby(towns).sum()
    every = judged.groupby(towns).size()
    assert dict(bars) == {name: f"{short[name]}/{every[name]}" for name in every.index}
    assert [number(words) for _, words in bars] == sorted(short, reverse=True)
    page.locator("#place .bars button").first.click()
    assert page.locator("#place h2").inner_text() == bars[0][0]


def test_two_rules_are_swiped_by_dragging_the_divider(page):
    groups = page.locator("#against-select optgroup")
    heads = groups.evaluate_all("all => all.map(group => [group.label, group.children.length])")
    assert heads[0] == [
        text("map.headline-group", "zh"),
        len(
            set(page.evaluate("lifecircle.data.headlines.map(one => lifecircle.data.themes[one.theme].rule)"))
        ),
    ]
    assert [label for label, _ in heads[1:]] == page.evaluate(
        """lifecircle.data.topics.filter(topic => lifecircle.data.themes.some(
            theme => lifecircle.isJudged(theme) && lifecircle.topicOf(theme) === topic))
            .map(topic => lifecircle.word('map.topic.' + topic))"""
    )
    assert groups.first.locator("option[disabled]").count() == 1, "the rule of the left side is no choice"
    # two rules that lack residents are drawn in one set of classes: equal gaps have equal colours
    looks = page.evaluate(
        """() => {
            const own = lifecircle.state.theme, persons = lifecircle.data.headlines
                .map(one => lifecircle.data.themes[one.theme])
                .find(one => one !== own && one.deficit_unit === own.deficit_unit);
            const alone = JSON.stringify(persons.breaks.deficit);
            lifecircle.choose({against: persons, compare: true});
            const of = theme => [lifecircle.breaksOf(theme, 'deficit'), lifecircle.colours(theme, 'deficit')];
            return [of(own), of(persons), JSON.parse(alone)]; }"""
    )
    assert looks[0] == looks[1]
    assert looks[1][0] != looks[2], "its own classes would be others"
    page.select_option("#against-select", groups.first.locator("option").nth(2).get_attribute("value"))
    clip = "lifecircle.map.getPane('compare').style.clip"
    before = page.evaluate(clip)
    box = page.locator("#divider").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, box["y"] + 300, steps=4)
    page.mouse.up()
    assert page.evaluate(clip) != before
    assert page.evaluate("lifecircle.divided") < 45
    assert len(page.locator(".side").all_inner_texts()) == 2
    _each_side_is_drawn_and_told_by_its_own_rule(page)


SIDES = """() => { const app = lifecircle, size = app.map.getSize(), halves = app.halves(size);
    const at = row => app.map.latLngToContainerPoint(app.placeOfRow(row)).x;
    return {
        names: app.labelled.map(row => halves.some(half => at(row) >= half.from && at(row) <= half.to
            && app.isShort(half.theme.status[row]))),
        pins: app.pinPlaces(app.map).map(pin => { const half = app.halfAt(pin.place);
            return app.sitesOf(half.rule).indexOf(pin.site) >= 0; }),
        spots: app.spots.map(spot => { const half = halves.find(one => spot.point.x <= one.to);
            return app.shownServices(half.rule).indexOf(spot.service) >= 0; }) }; }"""


def _each_side_is_drawn_and_told_by_its_own_rule(page):
    """Names, pins and marks belong to the rule of their half; a click says whose figures the panel has."""
    page.wait_for_timeout(100)
    drawn = page.evaluate(SIDES)
    assert len(drawn["names"]) > 3
    for part in ("names", "pins", "spots"):
        assert drawn[part], part
        assert all(drawn[part]), part
    left, right = page.locator(".side").all_inner_texts()
    frame = page.locator("#gap_map").bounding_box()
    place = page.evaluate(
        """(() => { const app = lifecircle, size = app.map.getSize(), row = app.data.communities.code
            .map((code, row) => row).find(row => {
                const at = app.map.latLngToContainerPoint(app.placeOfRow(row));
                return at.x > app.divided / 100 * size.x + 60 && at.x < size.x - 80 && at.y > 60
                    && at.y < size.y - 40 && !app.spotAt(app.placeOfRow(row)); });
            const at = app.map.latLngToContainerPoint(app.placeOfRow(row)); return [at.x, at.y]; })()"""
    )
    page.mouse.click(frame["x"] + place[0], frame["y"] + place[1])
    chosen = page.locator(".side-told [aria-pressed='true']")
    assert chosen.inner_text().endswith(right)
    assert right in page.locator("#place .under-rule").inner_text()
    assert right in page.locator("#table-toggle").inner_text()
    assert "figures=right" in page.evaluate("location.hash")
    page.locator(".side-told button").first.click()
    assert left in page.locator("#place .under-rule").inner_text()


def test_proposed_sites_are_the_same_on_the_map_in_the_workbook_and_in_the_report(page, demo_run):
    """Community, street, rank and people gained, site by site; pins and list under the rule shown."""
    sheet = openpyxl.load_workbook(demo_run.results / "deficits.xlsx")["建议选址"]
    rows = [
        dict(zip([cell.value for cell in sheet[1]], line, strict=True))
        for line in sheet.iter_rows(min_row=2, values_only=True)
    ]
    report = (demo_run.results / "report.html").read_text(encoding="utf-8")
    report = report[report.index('id="proposals"') :]
    told = html.unescape(re.sub(r"<[^>]+>", "|", report))
    assert len(rows) > 10
    for rule in dict.fromkeys(row["条款编号"] for row in rows):
        own_rows = [row for row in rows if row["条款编号"] == rule]
        plan = page.evaluate("one => lifecircle.data.themes.find(t => t.rule === one).plan", rule)
        choose(page, rule=[plan, rule])
        listed = page.locator("#place .sites li").evaluate_all(
            "all => all.map(o => ['.rank', 'bdi', '.gain'].map(part => o.querySelector(part).textContent))"
        )
        assert page.locator(".leaflet-sites-pane .pin").count() == len(listed) == len(own_rows)
        for row, (rank, place, gain) in zip(own_rows, listed, strict=True):
            assert int(rank) == row["次序"]
            assert place == " · ".join(filter(None, [row["名称"], row["道路"]]))
            assert number(gain.removeprefix("新增覆盖居民")) == round(row["新增覆盖居民（人）"])
            line = f"|{row['乡镇（街道）']} {row['名称']}|"
            assert line in re.sub(r"\|+", "|", told)
            assert f"|{row['新增覆盖居民（人）']:,.0f}|" in re.sub(r"\|+", "|", told)
