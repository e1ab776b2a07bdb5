"""The demo city judged: every planted deficit found, and a circle's figures recomputed from the raw files."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path

import docx
import geopandas as gpd
import numpy as np
import openpyxl
import osmium
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
import shown_figures
import shown_scores
from pyproj import Transformer
from split_streets import FIFTEEN_MINUTES_M, City
from table_columns import missing, unlisted

from lifecircle.cli.run_summary import run_summary
from lifecircle.messages import has, text
from lifecircle.outputs import write_deficits_csv, write_report_docx, write_report_html, write_workbook
from lifecircle.outputs.print_maps.sheet_data import overview, rule_sheets
from lifecircle.outputs.web_map.topics import TOPICS
from lifecircle.tables import CSV_FILES, LAYERS, SHEETS, STATUS, verdict_rows
from lifecircle.tables.datum import gcj02_to_wgs84

pytestmark = pytest.mark.slow

METRES = "EPSG:32648"
FITNESS = "hainan-fitness-circle-15min"
ALTERNATIVES = {"food-market", "fresh-food-shop"}
"""A convenience circle needs one of them."""
ENCOURAGED = {"hainan-sports-park-per-county"}
"""The clause supports such a facility: what stands there is reported, and nobody is short of it."""
STATIONS = "hainan-health-station-per-10-20k"
NOT_SPORTS = ("080109", "080113", "080115", "080116")


@pytest.fixture(scope="module")
def planted(demo_run):
    return tomllib.loads((demo_run.folder / "raw" / "planted.toml").read_text(encoding="utf-8"))


def _row_of(deficits, planted_row):
    """The finding about a planted row's unit and service, or about the unit as a whole."""
    rows = deficits[(deficits["rule"] == planted_row["rule"]) & (deficits["code"] == planted_row["code"])]
    rows = rows[rows["level"] == planted_row["level"]]
    own = rows[rows["service"] == planted_row["service"]]
    [row] = (own if len(own) else rows[rows["service"] == ""]).to_dict("records")
    return row


# --- what was planted is found


def test_every_unit_without_the_facility_it_is_owed_is_short_of_it(deficits, planted):
    assert len(planted["missing"]) > 20
    for expected in planted["missing"]:
        result = _row_of(deficits, expected)
        assert result["name"] == expected["name"]
        if expected["rule"] in ENCOURAGED:
            assert (result["status"], result["value"]) == ("report-only", 0), expected
            continue
        assert (result["status"], result["deficit"]) == ("short", expected["missing"]), expected
        assert result["population_short"] == pytest.approx(result["population"])


def test_every_community_out_of_reach_is_short_by_at_least_its_people_beyond(deficits, planted):
    assert len(planted["out_of_reach"]) > 100
    for expected in planted["out_of_reach"]:
        if expected["service"] in ALTERNATIVES:
            continue  # the other of the two may stand near
        result = _row_of(deficits, expected)
        assert result["status"] == "short", expected
        # those beyond in a straight line are beyond on foot; cells on the border take some to a neighbour
        assert result["population_short"] > 0.5 * expected["beyond"], expected
        allowed = math.ceil(0.9 * result["population"] - 1e-6)
        covered = result["population"] - result["population_short"]
        assert result["deficit"] == pytest.approx(allowed - covered, abs=1e-2), expected


def test_health_stations_needed_follow_from_the_urban_residents(demo_run, deficits, planted):
    [expected] = planted["too_few"]
    rows = deficits[(deficits["rule"] == STATIONS) & (deficits["service"] == "by-people")]
    [result] = rows[rows["level"] == "province"].to_dict("records")
    needed, built = math.ceil(expected["residents"] / 20_000), expected["built"]
    assert (result["target"], result["value"], result["deficit"]) == (needed, built, needed - built)
    assert result["status"] == "short"
    assert result["population"] == pytest.approx(expected["residents"], rel=1e-3)
    loads = rows[rows["level"] == "catchment"]
    assert len(loads) == expected["built"]
    assert (loads["value"] > 20_000).sum() == (loads["status"] == "short").sum()
    demand = gpd.read_file(demo_run.results / "study.gpkg", layer="demand", ignore_geometry=True)
    competing = demand.loc[~demand["inside"], "residents"].sum()
    assert competing > 1000
    # nobody knows whether those beyond the border are townspeople: they are left out, as they are within it
    assert loads["value"].sum() == pytest.approx(result["population"], abs=1)


def test_villages_of_at_most_800_are_owed_no_clinic(deficits, planted):
    assert {row["population"] for row in planted["exempt"]} >= {800}
    for expected in planted["exempt"]:
        assert _row_of(deficits, expected)["status"] == "not-applicable"


def test_the_new_district_fares_worse_than_the_old_quarters(demo_run, deficits):
    """演新区 was given too few services; the old town, 演中区, has fine lanes and many."""
    units = gpd.read_file(demo_run.folder / "raw" / "communities.gpkg").set_index("代码")
    circles = deficits[(deficits["rule"] == FITNESS) & (deficits["level"] == "community")].copy()
    circles["district"] = circles["code"].map(units["区县"])
    people = circles.groupby("district")[["population", "population_short"]].sum()
    beyond = people["population_short"] / people["population"]
    new = beyond.pop("演新区")
    assert new > 0.3
    assert (beyond < 0.5 * new).all()
    types = deficits[
        (deficits["rule"] == "hainan-basic-convenience-circle-15min") & (deficits["service"] == "")
    ]
    types = types[types["level"] == "community"].assign(district=types["code"].map(units["区县"]))
    short = (types["status"] == "short").groupby(types["district"]).mean()
    assert short.idxmax() == "演新区"


# --- what a status may say


def test_a_status_agrees_with_its_figures(deficits):
    assert set(deficits["status"]) == set(STATUS)
    met, short = deficits["status"] == "met", deficits["status"] == "short"
    assert (deficits.loc[met, "deficit"] == 0).all()
    assert (deficits.loc[short, "deficit"].dropna() > 0).all()
    assert deficits.loc[deficits["status"].isin(["no-data", "report-only"]), "deficit"].isna().all()
    # only a reported share of units is less than firm without a verdict of its own: it sums theirs up
    unsure = deficits[~(met | short) & (deficits["certainty"] != "firm")]
    assert set(unsure["status"]) == {"report-only"}
    assert set(unsure["level"]) <= {"city", "province"}
    assert set(deficits.loc[met | short, "certainty"]) == {"firm", "assumed", "provisional"}
    assert not deficits.duplicated(["plan", "rule", "level", "code", "service"]).any()
    tests = deficits[(deficits["comparator"] == ">=") & (met | short) & deficits["value"].notna()]
    reached = tests["value"] >= tests["target"] - 1e-6
    judged_by_value = tests["unit"].isin(["%", "facilities"])
    assert (reached == met[tests.index])[judged_by_value].mean() > 0.99


def test_no_data_always_says_what_is_missing(deficits):
    silent = deficits[(deficits["status"] == "no-data") & (deficits["note"] == "")]
    assert silent.empty


def test_failures_of_listed_services_are_firm_and_a_provisional_one_says_why(deficits, rerun):
    short = deficits[deficits["status"] == "short"]
    fitness = short[(short["rule"] == FITNESS) & (short["level"] == "community")]
    assert "sports-ground" in rerun.inputs.complete_for
    assert len(fitness)
    assert (fitness["certainty"] == "assumed").all(), "the plan states no walking speed and no share"
    assert (fitness["turns_at"] != "").any()
    doubtful = short[short["certainty"] == "provisional"]
    assert len(doubtful)
    assert (doubtful["note"] != "").all()


# --- the fitness circle, recomputed from the raw files


@pytest.fixture(scope="module")
def city(demo_run):
    return City(demo_run.folder / "raw" / "streets.osm.pbf")


@pytest.fixture(scope="module")
def homes(demo_run):
    """Cells of the raster cut by the communities: residents, community, lon and lat of each piece."""
    raw = demo_run.folder / "raw"
    with rasterio.open(raw / "population.tif") as file:
        people = file.read(1, masked=True).filled(0)
        row, column = np.nonzero(people)
        turn, crs = file.transform, file.crs
    west, north = turn.c + turn.a * column, turn.f + turn.e * row
    boxes = shapely.box(west, north + turn.e, west + turn.a, north)
    units = gpd.read_file(raw / "communities.gpkg").to_crs(crs)
    cell, unit = shapely.STRtree(units.geometry.to_numpy()).query(boxes, predicate="intersects")
    pieces = shapely.intersection(boxes[cell], units.geometry.to_numpy()[unit])
    share = shapely.area(pieces) / shapely.area(boxes[cell])
    middle = shapely.centroid(pieces)
    inside = shapely.intersects(pieces, middle)
    middle = np.where(inside, middle, shapely.point_on_surface(pieces))
    to_lonlat = Transformer.from_crs(crs, 4326, always_xy=True).transform
    lon, lat = to_lonlat(shapely.get_x(middle), shapely.get_y(middle))
    table = pd.DataFrame(
        {
            "code": units["代码"].to_numpy()[unit],
            "residents": people[row, column][cell] * share,
            "lon": lon,
            "lat": lat,
        }
    )
    return table[table["residents"] > 0].reset_index(drop=True)


@pytest.fixture(scope="module")
def grounds(demo_run, city):
    """Longitude and latitude of every way into a sports ground: ledger, points of interest, pitches."""
    raw = demo_run.folder / "raw"
    rows = list(openpyxl.load_workbook(raw / "facilities.xlsx")["设施台账"].iter_rows(values_only=True))
    heading = [lower or upper for upper, lower in zip(rows[1], rows[2], strict=True)]
    ledger = pd.DataFrame(rows[3:], columns=heading)
    ledger = ledger[ledger["类别"] == "体育健身场地"]
    shops = pd.read_csv(raw / "pois_gcj02_gbk.csv", encoding="gbk", dtype={"typecode": str})
    sport = shops["typecode"].str.startswith("0801") & ~shops["typecode"].isin(NOT_SPORTS)
    lon, lat = gcj02_to_wgs84(shops.loc[sport, "lon"], shops.loc[sport, "lat"])
    ways = _pitch_entries(raw / "streets.osm.pbf", city)
    assert len(ledger) > 100
    assert sport.sum() > 50
    assert len(ways) > 5
    return np.column_stack(
        [
            np.concatenate([ledger["经度"].astype(float), lon, ways[:, 0]]),
            np.concatenate([ledger["纬度"].astype(float), lat, ways[:, 1]]),
        ]
    )


def _pitch_entries(pbf, city):
    """Where a street crosses a pitch's outline, else the place on the outline nearest to a street."""
    rings = [
        [(node.lon, node.lat) for node in item.nodes]
        for item in osmium.FileProcessor(str(pbf), osmium.osm.NODE | osmium.osm.WAY).with_locations()
        if item.is_way() and item.tags.get("leisure") == "pitch"
    ]
    streets = shapely.STRtree(city.lines)
    listed = []
    for ring in rings:
        outline = shapely.LinearRing([city.project(*place) for place in ring])
        crossing = [outline.intersection(city.lines[k]) for k in streets.query(outline, "intersects")]
        near = city.lines[streets.nearest(outline)]
        places = crossing or [shapely.shortest_line(outline, near).boundary.geoms[0]]
        listed += [shapely.get_coordinates(place)[0] for place in places]
    return np.column_stack(city.unproject(*np.array(listed).T))


def test_the_fitness_circle_of_every_community_is_what_networkx_finds(deficits, city, homes, grounds):
    metres = city.metres_to_nearest(city.join(homes["lon"], homes["lat"]), city.join(*grounds.T))
    homes = homes.assign(covered=np.where(np.array(metres) <= FIFTEEN_MINUTES_M, homes["residents"], 0.0))
    expected = homes.groupby("code")[["residents", "covered"]].sum()
    rows = deficits[(deficits["rule"] == FITNESS) & (deficits["level"] == "community")].set_index("code")
    assert len(rows) == 120
    expected = expected.loc[rows.index]
    assert np.allclose(rows["population"], expected["residents"], atol=0.01)
    share = expected["covered"] / expected["residents"]
    assert (rows["value"] / 100 - share).abs().max() < 0.001
    short = expected["residents"] - expected["covered"]
    assert (rows["population_short"] - short).abs().max() < 1
    assert ((rows["status"] == "met") == (share >= 0.9)).all()


# --- what was written


def test_every_output_is_there_and_the_manifest_came_last(demo_run):
    names = {path.name for path in demo_run.results.iterdir()}
    assert {"deficits.csv", "deficits.xlsx", "study.gpkg", "gap_map.html", "report.html", "rasters"} <= names
    record = json.loads((demo_run.results / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["communities"] == 160
    written = [path.stat().st_mtime for path in demo_run.results.rglob("*") if path.is_file()]
    assert (demo_run.results / "run.json").stat().st_mtime == max(written)
    layers = {name for name, _ in pyogrio.list_layers(demo_run.results / "study.gpkg")}
    assert {"communities", "circles", "facilities", "demand", "gaps", "catchments", "isochrones"} <= layers
    assert not list(demo_run.folder.glob(".*"))


def test_every_layer_and_every_csv_file_has_the_columns_of_its_tables(demo_run):
    package = demo_run.results / "study.gpkg"
    written = [name for name, kind in pyogrio.list_layers(package) if kind is not None]
    assert sorted(written) == sorted(LAYERS)
    for name in written:
        columns = [*pyogrio.read_info(package, layer=name)["fields"], "geometry"]
        assert not unlisted(columns, *LAYERS[name]), name
        assert not missing(columns, *LAYERS[name]), name
    files = {path.name for path in demo_run.results.glob("*.csv")}
    assert files <= set(CSV_FILES)
    for name in files:
        columns = list(pd.read_csv(demo_run.results / name, nrows=0, encoding="utf-8-sig"))
        assert columns == list(CSV_FILES[name].columns), name


def test_every_sheet_shows_a_table_that_is_listed(demo_run):
    said = {
        name
        for book in ("deficits.xlsx", "monitoring.xlsx")
        for name in openpyxl.load_workbook(demo_run.results / book, read_only=True).sheetnames
    }
    named = {text(f"workbook.sheet.{key}", "zh") for key in SHEETS if has(f"workbook.sheet.{key}")}
    named |= {text(f"monitoring.sheet-{key}", "zh") for key in SHEETS if has(f"monitoring.sheet-{key}")}
    named |= {text(f"map.topic.{topic}", "zh") for topic in TOPICS}
    assert said <= named | {text("workbook.sheet.cover", "zh")}


def test_the_command_told_of_every_stage_and_of_how_it_came_out(demo_run, deficits):
    *stages, done = demo_run.events
    assert [event["number"] for event in stages] == list(range(1, stages[0]["of"] + 1))
    assert {event["event"] for event in stages} == {"stage"}
    verdicts = verdict_rows(deficits)
    assert done["event"] == "done"
    assert Path(done["folder"]) == demo_run.results
    assert done["communities"] == 160
    for status, key in (("met", "met"), ("no-data", "nodata")):
        assert done[key] == (verdicts["status"] == status).sum()
    short = verdicts[verdicts["status"] == "short"]["certainty"].value_counts()
    assert (done["firm"], done["provisional"]) == (short["firm"], short["provisional"])


def test_a_second_run_writes_the_same_bytes_whatever_the_threads(demo_run, rerun, tmp_path):
    write_deficits_csv(rerun, tmp_path / "deficits.csv", lang="zh")
    assert (tmp_path / "deficits.csv").read_bytes() == (demo_run.results / "deficits.csv").read_bytes()


def test_english_results_say_the_same_in_other_words(demo_run, deficits, rerun, tmp_path):
    write_deficits_csv(rerun, tmp_path / "deficits.csv", lang="en")
    english = pd.read_csv(
        tmp_path / "deficits.csv", encoding="utf-8-sig", dtype={"code": str}, keep_default_na=False
    )
    assert english["status"].tolist() == deficits["status"].tolist()
    noted = deficits["note"] != ""
    assert (english["note"] != "").tolist() == noted.tolist()
    assert (english.loc[noted, "note"] != deficits.loc[noted, "note"]).all()
    write_report_html(rerun, tmp_path / "report.html", lang="en")
    for path, lang in ((tmp_path / "report.html", "en"), (demo_run.results / "report.html", "zh")):
        assert f'lang="{lang}' in path.read_text(encoding="utf-8")
    assert 'lang="zh' in (demo_run.results / "gap_map.html").read_text(encoding="utf-8")


# --- one truth: every output shows the figures of the table of findings


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_workbook_reports_sheets_and_terminal_show_the_figures_of_the_findings(
    rerun, deficits, tmp_path, capsys, lang
):
    write_workbook(rerun, tmp_path / "deficits.xlsx", lang=lang)
    shown_figures.assert_workbook(tmp_path / "deficits.xlsx", rerun, deficits, lang)
    shown_scores.assert_scores(tmp_path / "deficits.xlsx", rerun, deficits, lang)
    write_report_html(rerun, tmp_path / "report.html", lang=lang)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    in_html = shown_figures.html_tables(page)
    shown_figures.assert_report(in_html, page, rerun, deficits, lang)
    write_report_docx(rerun, tmp_path / "report.docx", maps=[], lang=lang)
    words = "\n".join(one.text for one in docx.Document(tmp_path / "report.docx").paragraphs)
    in_docx = shown_figures.docx_tables(tmp_path / "report.docx")
    shown_figures.assert_report(in_docx, words, rerun, deficits, lang)
    for tables in (in_html, in_docx):
        shown_scores.assert_worst(tables, deficits, lang)
        shown_scores.assert_townships(tables, rerun, deficits, lang)
    shown_figures.assert_sheets([overview(rerun, lang), *rule_sheets(rerun, lang)], deficits)
    capsys.readouterr()
    run_summary(rerun, tmp_path, under_scenario=False, as_json=False, lang=lang)
    shown_figures.assert_terminal(capsys.readouterr().out, deficits, lang)
    run_summary(rerun, tmp_path, under_scenario=False, as_json=True, lang=lang)
    shown_scores.assert_json(capsys.readouterr().out, deficits)


def test_the_manifest_shows_the_figures_of_the_findings(demo_run, deficits):
    counted = json.loads((demo_run.results / "run.json").read_text(encoding="utf-8"))["summary"]
    own = shown_figures.verdicts_of(deficits)
    own = own[own["level"].isin(shown_figures.OWN_LEVELS)]
    bad = own[own["status"] == "short"].drop_duplicates("code")
    baseline = counted["communities"]["baseline"]
    assert sum(baseline[f"short_{name}"] for name in shown_figures.CERTAINTIES) == len(bad)
    assert baseline["people"] == pytest.approx(bad["population"].sum())
    for row in counted["headlines"]:
        judged = shown_figures.judged_rows(
            shown_figures.verdicts_of(deficits), row["plan"], row["rule"], row["level"]
        )
        assert row["short"] == (judged["status"] == "short").sum()
        assert row["met"] == (judged["status"] == "met").sum()
        people = judged["population_short"].sum(min_count=1)
        assert (row["people"] is None) == np.isnan(people)
        assert row["people"] is None or row["people"] == pytest.approx(people, abs=0.01)
