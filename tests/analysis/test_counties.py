"""A study of several counties: each has a map, report and workbook of its own, cut from the same results."""

import dataclasses
import json
import re

import docx
import geopandas as gpd
import lxml.html
import numpy as np
import pandas as pd
import pytest
import shapely
from browser_pages import ready

import lifecircle as lc
from lifecircle.analysis.counties import (
    county_results,
    overview_results,
    separate_counties,
    write_counties,
)
from lifecircle.network import grid_blocks, nearest_edges
from lifecircle.network.areas import field, isochrones
from lifecircle.network.areas.thinning import thinned_bands
from lifecircle.outputs import CountyPage, county_folder, write_gap_map, write_report_html
from lifecircle.outputs.gis import layers
from lifecircle.outputs.gis.layers import write_layers
from lifecircle.tables import STUDY_AREA

FILES = {"gap_map.html", "report.html", "deficits.xlsx", "study.gpkg"}
DRAWN = ("findings", "communities", "circles", "isochrones", "gaps", "routes")
LAYERS = ("communities", "demand", "isochrones", "gaps")


def two_counties(folder, *, east="110102002001", setting="counties = true\ngeoparquet = true\n"):
    """The example study with the eastern community in another county."""
    study = lc.example_study(folder)
    layer = gpd.read_file(folder / "communities.geojson")
    layer["code"] = ["110101001001", east]
    layer.to_file(folder / "communities.geojson")
    words = study.read_text(encoding="utf-8").replace("[study]\n", f"[study]\n{setting}", 1)
    study.write_text(words, encoding="utf-8")
    return study


def page_data(path):
    """The data block of a map."""
    (block,) = re.findall(r'id="lifecircle-data">(.*?)</script>', path.read_text(encoding="utf-8"))
    return json.loads(block)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The study of two counties, run and written; the run and its folder."""
    folder = tmp_path_factory.mktemp("counties")
    run = lc.run(lc.Study.from_file(two_counties(folder)))
    return run, run.write(folder / "results", lang="en")


def test_each_county_has_its_files_and_the_whole_study_those_of_before(written):
    _, folder = written
    assert {path.name for path in (folder / "counties").iterdir()} == {"110101", "110102"}
    assert all({path.name for path in one.iterdir()} == FILES for one in (folder / "counties").iterdir())
    assert (folder / "gap_map.html").is_file()
    assert (folder / "study.gpkg").is_file()
    own = set(json.loads((folder / "run.json").read_text(encoding="utf-8"))["files"])
    assert {f"counties/110102/{name}" for name in FILES} <= own


def test_geoparquet_is_parted_by_county_and_holds_what_the_geopackage_holds(written):
    _, folder = written
    files = {
        path.relative_to(folder / "geoparquet").as_posix() for path in (folder / "geoparquet").rglob("*.*")
    }
    own = set(json.loads((folder / "run.json").read_text(encoding="utf-8"))["files"])
    assert {f"geoparquet/{name}" for name in files} <= own
    # what lies across counties is one file
    assert {"isochrones.parquet", "data_quality.parquet", "demand/110102.parquet"} <= files
    for layer in ("communities", "demand", "gaps", "circles", "facilities", "routes", "catchments"):
        package = gpd.read_file(folder / "study.gpkg", layer=layer)
        parted = gpd.read_parquet(folder / "geoparquet" / layer)
        assert len(parted) == len(package)
        one, other = (
            sorted(table.geometry[table.geometry.notna()].to_wkb(hex=True)) for table in (package, parted)
        )
        assert one == other
        assert set(package.columns) <= set(parted.columns)
        for path in (folder / "geoparquet" / layer).iterdir():
            assert set(gpd.read_parquet(path)["county"]) <= {path.stem if path.stem != "elsewhere" else ""}
    east = gpd.read_parquet(folder / "geoparquet" / "communities" / "110102.parquet")
    assert east["name"].tolist() == ["East"]


def test_what_is_found_in_a_county_is_what_the_study_found(written):
    run, _ = written
    parts = {code: county_results(run, code) for code in ("110101", "110102")}
    key = ["plan", "rule", "level", "code", "service"]
    whole = run.findings.set_index(key)
    for part in parts.values():
        same = whole.loc[part.findings.set_index(key).index]
        pd.testing.assert_frame_equal(same, part.findings.set_index(key))
    # every finding about a community, a township or a county is in exactly one of them
    below = run.findings[run.findings["level"].isin(["community", "village", "township", "county"])]
    told = pd.concat([part.findings for part in parts.values()])
    told = told[told["level"].isin(["community", "village", "township", "county"])]
    assert sorted(map(tuple, told[key].to_numpy())) == sorted(map(tuple, below[key].to_numpy()))
    assert len(told) > 0


def test_the_list_of_counties_adds_up_to_the_headline(written):
    run, folder = written
    counties = page_data(folder / "gap_map.html")["pages"]["counties"]
    assert [one["page"] for one in counties] == [
        "counties/110101/gap_map.html",
        "counties/110102/gap_map.html",
    ]
    assert [one["communities"] for one in counties] == [1, 1]
    table = run.summary
    (row,) = table[(table["area"] == STUDY_AREA) & (table["rule"] == "")].to_dict("records")
    short = row["short_firm"] + row["short_assumed"] + row["short_provisional"]
    assert sum(one["short"] for one in counties) == short > 0
    assert sum(one["people"] for one in counties) == pytest.approx(row["people"])


def report_table(path):
    """Headings, rows and addresses of the table of counties in a report."""
    page = lxml.html.parse(path).getroot()
    (table,) = page.xpath("//section[@id='counties']//table")
    headings = [cell.text_content() for cell in table.xpath("./thead/tr/th")]
    rows = [[cell.text_content() for cell in row.xpath("./th|./td")] for row in table.xpath("./tbody/tr")]
    return headings, rows, table.xpath(".//a/@href")


def test_the_reports_list_the_counties_with_ways_to_their_pages(written):
    run, folder = written
    headings, rows, addresses = report_table(folder / "report.html")
    listed = page_data(folder / "gap_map.html")["pages"]["counties"]
    assert [row[0] for row in rows] == [one["name"] for one in listed]
    assert [row[headings.index("With a shortfall")] for row in rows] == [str(one["short"]) for one in listed]
    # the columns of headline targets add up to the headlines
    targets = run.headlines[(run.headlines["level"] == "community") & (run.headlines["short"] > 0)]
    first = headings.index("With a shortfall") + 1
    told = [[int(row[first + place]) for row in rows] for place in range(min(3, len(targets)))]
    assert [sum(counts) for counts in told] == targets["short"].head(3).tolist()
    assert told
    # the largest gap of each county is that of its own report
    for row, one in zip(rows, listed, strict=True):
        own = lxml.html.parse(folder / one["page"].replace("gap_map", "report")).getroot()
        assert row[headings.index("What most residents lack")] in own.text_content()
        assert own.xpath("//header//a/@href") == ["gap_map.html#lang=en", "../../report.html"]
    assert len(addresses) == 4
    assert all((folder / address.partition("#")[0]).is_file() for address in addresses)
    # and the Word report leads to the same reports
    document = docx.Document(str(folder / "report.docx"))
    ways = [one.target_ref for one in document.part.rels.values() if one.is_external]
    assert ways == [address for address in addresses if address.endswith("report.html")]
    told = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert [row[:-1] for row in rows] == [row for row in told if row[0] in {row[0] for row in rows}][:2]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_names_of_counties_are_words_and_no_markup(written, tmp_path, lang):
    run, _ = written
    name, code = "<img src=x onerror=alert(1)>&", '11"><b>'
    odd = CountyPage(
        code=code,
        name=name,
        communities=1,
        short=1,
        people=float("nan"),
        folder=county_folder(code, 1),
        outline=run.inputs.boundary.geometry,
    )
    write_report_html(run, tmp_path / "report.html", lang=lang, counties=[odd])
    words = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<img" not in words
    headings, ((said, *_),), addresses = report_table(tmp_path / "report.html")
    assert said == name
    assert addresses[0] == "counties/county-1/report.html"
    assert {"en": "County or district", "zh": "县（市、区）"}[lang] in headings[0]


def everything_drawn(run, folder):
    """What a run finds and draws: its tables, its layers as a file has them, its rasters."""
    folder.mkdir()
    write_layers(run, folder / "study.gpkg", lang="en")
    tables = {name: getattr(run, name) for name in DRAWN}
    tables |= {f"{name} of the file": gpd.read_file(folder / "study.gpkg", layer=name) for name in LAYERS}
    rasters = {service: raster.values for service, raster in run.rasters.items()}  # noqa: PD011
    return {name: with_bytes(table) for name, table in tables.items()}, rasters


def with_bytes(table):
    """A table whose shapes, where it has any, are bytes."""
    plain = pd.DataFrame(table)
    return plain.assign(geometry=table.geometry.to_wkb()) if "geometry" in table else plain


@pytest.mark.parametrize("whole", [False, True], ids=["small blocks", "one block"])
def test_blocks_of_any_size_find_and_draw_the_same(written, tmp_path, monkeypatch, whole):
    run, _ = written
    one, other = everything_drawn(run, tmp_path / "as it is"), None
    with monkeypatch.context() as sizes:
        sizes.setattr(field, "_BLOCK_BITS", 9 if whole else 1)
        sizes.setattr(isochrones, "_MOST_POINTS", 10**9 if whole else 100)
        sizes.setattr(nearest_edges, "_BLOCK_POINTS", 10**6 if whole else 3)
        sizes.setattr(layers, "_MOST_VERTICES", 10**9 if whole else 7)
        sizes.setitem(thinned_bands.__kwdefaults__, "most_vertices", 10**9 if whole else 50)
        sizes.setitem(grid_blocks.__kwdefaults__, "side", 8192 if whole else 16)
        other = everything_drawn(lc.run(run.study, jobs=2 if whole else 1), tmp_path / "otherwise")
    for name, table in one[0].items():
        assert len(table) > 0, name
        pd.testing.assert_frame_equal(table, other[0][name], check_exact=True, obj=name)
    assert list(one[1]) == list(other[1]) != []
    for service, values in one[1].items():
        np.testing.assert_array_equal(values, other[1][service])


def test_a_cut_into_counties_draws_the_shapes_of_the_whole(written):
    run, _ = written
    parts = [county_results(run, code) for code in ("110101", "110102")]
    for name in ("communities", "circles", "gaps", "routes"):
        whole = with_bytes(getattr(run, name))
        cut = pd.concat([with_bytes(getattr(part, name)) for part in parts])
        order = list(whole.columns[:2])
        whole, cut = (table.sort_values(order, ignore_index=True) for table in (whole, cut))
        pd.testing.assert_frame_equal(whole, cut, check_exact=True, obj=name)
    # of service areas what lies near a county: the same ground
    for part in parts:
        seen = shapely.box(*part.inputs.boundary.total_bounds).buffer(1_999, join_style="mitre")
        own = part.isochrones.set_index(["service", "minutes"]).geometry.intersection(seen)
        whole = run.isochrones.set_index(["service", "minutes"]).geometry.intersection(seen)
        assert own.area.sum() > 0
        assert (own.symmetric_difference(whole.loc[own.index]).area < 1e-3).all()


def test_people_walk_to_the_next_county_on_their_own_countys_page(written):
    run, _ = written
    # the pharmacies A and C, and the shops B and D, stand in the west: the east walks to them
    east = county_results(run, "110102")
    assert east.inputs.communities["name"].tolist() == ["East"]
    assert set(east.inputs.facilities["service"]) == {"pharmacy", "convenience-store", "supermarket"}
    assert not east.inputs.facilities["inside"].any()
    minutes = run.travel.minutes.loc[east.inputs.demand["demand"]]
    pd.testing.assert_frame_equal(east.travel.minutes, minutes)


def test_the_map_above_the_counties_leaves_their_detail_to_them(written):
    run, folder = written
    above = page_data(folder / "gap_map.html")
    west = page_data(folder / "counties/110101/gap_map.html")
    assert not above["isochrones"]
    assert not above["network"]
    assert west["isochrones"]
    assert west["network"]
    assert west["pages"] == {"counties": [], "whole": "../../gap_map.html"}
    # verdicts are all there
    assert above["communities"]["code"] == ["110101001001", "110102002001"]
    assert [one["rule"] for one in above["themes"]] == [
        one["rule"] for one in page_data_of_one_page(run, folder)["themes"]
    ]
    assert len(overview_results(run).findings) == len(run.findings)


def page_data_of_one_page(run, folder):
    """The map of the same results without pages of counties."""
    write_gap_map(run, folder.parent / "one.html", lang="en")
    return page_data(folder.parent / "one.html")


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("counties = false\n", []), ("", []), ("counties = true\n", ["110101", "110102"])],
)
def test_a_small_study_has_one_page_unless_it_asks_for_more(tmp_path, setting, expected):
    study = lc.Study.from_file(two_counties(tmp_path, setting=setting))
    assert list(separate_counties(lc.check(study), wanted=study.study.counties)) == expected


def test_a_large_study_has_pages_of_its_counties_unless_it_says_no(written):
    run, _ = written
    inputs = run.inputs
    many = gpd.GeoDataFrame(pd.concat([inputs.communities] * 201, ignore_index=True), crs=inputs.crs)
    large = dataclasses.replace(inputs, communities=many)
    assert list(separate_counties(large, wanted=None)) == ["110101", "110102"]
    assert not separate_counties(large, wanted=False)


@pytest.fixture(scope="module")
def islands(tmp_path_factory):
    """The study of two counties and an island 250 km off without a street, beside a poor county layer."""
    folder = tmp_path_factory.mktemp("islands")
    study = two_counties(folder)
    layer = gpd.read_file(folder / "communities.geojson")
    metres = layer.to_crs(layer.estimate_utm_crs())
    west, east = metres.geometry
    island = {"code": "110103003001", "name": "Island", "scope": "urban", "population": 300}
    moved = shapely.affinity.translate(west, 200_000, 150_000)
    far = gpd.GeoDataFrame([island], geometry=[moved], crs=metres.crs)
    pd.concat([metres, far], ignore_index=True).to_crs(4326).to_file(folder / "communities.geojson")
    # the counties overlap, one has no community, and the island's is not there
    outlines = [west.buffer(300), east.buffer(300), west.buffer(-10)]
    counties = {"code": ["110101", "110102", "990000"], "name": ["West", "East", "None"]}
    gpd.GeoDataFrame(counties, geometry=outlines, crs=metres.crs).to_crs(4326).to_file(
        folder / "counties.geojson"
    )
    with study.open("a", encoding="utf-8") as file:
        file.write('\n[[areas]]\nkind = "county"\nsource = "counties.geojson"\n')
    return lc.run(lc.Study.from_file(study))


def test_an_island_far_away_without_a_street_is_judged_and_told_of(islands):
    run = islands
    verdicts = run.verdicts.set_index(["rule", "code"])
    own = verdicts.loc[("mofcom-circle-pharmacy-8min", "110103003001")]
    assert own[["status", "population_short"]].tolist() == ["short", 300.0]
    told = run.quality.set_index("remark")
    assert told.loc["snap-far", "severity"] == "warning"
    assert told.loc["snap-far", "count"] == 300.0
    # the others are judged as without it
    assert verdicts.loc[("mofcom-circle-supermarket-15min", "110101001001"), "status"] == "met"
    assert county_results(run, "110103").communities["name"].tolist() == ["Island"]


def test_counties_that_overlap_and_codes_of_no_county_are_told_of(islands):
    told = islands.quality[islands.quality["remark"].str.startswith("parent-")]
    overlaps = told[told["remark"] == "parent-overlap"].set_index("item")
    assert set(overlaps.index) == {"110101+110102", "110101+990000", "110102+990000"}
    # a strip of 600 m between two kilometres and their margins, less its round corners
    assert float(overlaps.loc["110101+110102", "value"].replace(",", "")) == pytest.approx(881_000, rel=0.02)
    others = told.set_index("remark")
    assert others.loc["parent-unknown", ["count", "value"]].tolist() == [1, "110103"]
    assert others.loc["parent-empty", ["count", "value"]].tolist() == [1, "990000"]
    assert (told["severity"] == "warning").all()


def test_one_county_alone_has_no_pages_of_counties(tmp_path):
    study = lc.Study.from_file(two_counties(tmp_path, east="110101001002"))
    run = lc.run(study)
    folder = run.write(tmp_path / "results", lang="zh")
    assert not (folder / "counties").exists()
    assert page_data(folder / "gap_map.html")["network"]


def test_files_of_the_users_own_among_the_counties_are_kept(written):
    run, folder = written
    notes = folder / "counties" / "110101" / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    run.write(folder, lang="en")
    assert notes.read_text(encoding="utf-8") == "mine"
    assert (folder / "counties" / "110101" / "gap_map.html").is_file()


@pytest.mark.browser
def test_pages_lead_to_each_other_with_the_rule_and_the_language(written, opened):
    _, folder = written
    page = ready(opened(folder / "gap_map.html", address="#lang=zh"))
    rule = page.evaluate("lifecircle.keyOf(lifecircle.state.theme)")
    assert page.locator(".counties li").count() == 2
    with page.expect_navigation():
        page.locator(".counties a").nth(1).click()
    page = ready(page)
    assert page.evaluate("[lifecircle.state.lang, lifecircle.keyOf(lifecircle.state.theme)]") == ["zh", rule]
    assert "110102" in page.url
    with page.expect_navigation():
        page.locator("#whole-page a").click()
    page = ready(page)
    assert page.evaluate("lifecircle.data.communities.code.length") == 2
    # from a community to the page of its county, which opens on it
    page.evaluate("lifecircle.choose({ community: 0, tab: 'place' })")
    with page.expect_navigation():
        page.locator("#place a.page-link").click()
    page = ready(page)
    assert page.evaluate("lifecircle.data.communities.code[lifecircle.state.community]") == "110101001001"


@pytest.mark.browser
def test_communities_of_no_county_are_told_of(written, opened, tmp_path):
    run, _ = written
    nowhere = run.communities["county"].where(run.communities["name"] != "East", "")
    odd = dataclasses.replace(run, communities=run.communities.assign(county=nowhere))
    west = {"110101": "West county"}
    counties = write_counties(
        run, west, tmp_path, page=tmp_path / "odd.html", lang="en", basemap=lambda _: None
    )
    write_gap_map(odd, tmp_path / "odd.html", lang="en", counties=counties)
    page = ready(opened(tmp_path / "odd.html"))
    said = page.locator("#counties-section").inner_text()
    assert "1 community belongs to no county and is on this map alone" in said
    assert page.locator(".counties li").count() == 1
