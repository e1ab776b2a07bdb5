"""Porto Alegre, whole: 812,935 people, schools and clinics, against figures made without lifecircle."""

import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shown_figures
from printed_pages import printed_pages

import lifecircle as lc
from lifecircle.messages import text
from lifecircle.outputs import write_deficits_csv, write_report_docx
from lifecircle.tables import verdict_rows


@pytest.fixture(scope="module")
def run(porto_alegre_run):
    return porto_alegre_run


@pytest.fixture(scope="module")
def expected(golden):
    return golden("porto_alegre")


SERVICES = {"school": "school", "clinic": "health-station"}


def test_everybody_is_counted(run, expected):
    assert run.inputs.demand["residents"].sum() == pytest.approx(812_935, abs=1e-6)
    assert expected["people"] == 812_935


def test_every_distance_agrees_to_a_decimetre(run, expected, shared):
    hexes = pd.read_csv(shared / "porto_alegre" / "poa_hexgrid.csv").fillna(0)
    where = gpd.GeoSeries(gpd.points_from_xy(hexes["lon"], hexes["lat"]), crs=4326).to_crs(run.inputs.crs)
    populated = hexes["population"].to_numpy() > 0
    demand = run.inputs.demand
    near, result = demand.sindex.nearest(where[populated])
    assert demand.geometry.iloc[result].distance(where[populated].iloc[near], align=False).max() < 0.01
    for name, service in SERVICES.items():
        theirs = np.array([math.inf if value is None else value for value in expected[name]["metres"]])[
            populated
        ]
        ours = run.travel.distance_m[service].to_numpy()[result]
        assert np.array_equal(np.isinf(ours), np.isinf(theirs))
        reached = np.isfinite(ours)
        assert np.abs(ours[reached] - theirs[reached]).max() < 0.1


@pytest.mark.parametrize(("name", "rule"), [("school", "poa-school-circle"), ("clinic", "poa-clinic-circle")])
def test_every_community_has_the_share_that_networkx_found(run, expected, name, rule):
    rows = verdict_rows(run.findings)
    rows = rows[rows["rule"] == rule]
    own = rows[rows["level"] == "community"].set_index("code")
    theirs = expected[name]["communities"]
    judged = own[own["population"] > 0]
    assert set(judged.index) == set(theirs)
    for code, figures in theirs.items():
        share = figures["covered"] / figures["residents"]
        beyond = figures["residents"] - figures["covered"]
        assert own.loc[code, "value"] / 100 == pytest.approx(share, abs=0.001)
        assert own.loc[code, "population_short"] == pytest.approx(beyond, abs=0.5)
        missing = max(0, math.ceil(0.9 * figures["residents"] - 1e-6) - figures["covered"])
        assert own.loc[code, "deficit"] == pytest.approx(missing)
        assert own.loc[code, "status"] == ("met" if missing == 0 else "short")


def test_median_minutes_are_those_of_a_sorted_list(run, expected):
    table = run.communities.set_index("code")
    proven = run.demand.groupby("community")["proven_min"].min()
    published = 0
    for name, service in SERVICES.items():
        for code, figures in expected[name]["communities"].items():
            ours = table.loc[code, f"min50_{service}"]
            if figures["median_min"] is None:
                assert math.isnan(ours)
            elif math.isnan(ours):
                assert figures["median_min"] > proven[code], "blank only beyond what the data read can prove"
            else:
                published += 1
                assert ours == pytest.approx(figures["median_min"], abs=0.01)
    assert published > 50


def test_clinics_needed_follow_from_the_people(run):
    headline = run.findings.query("rule == 'poa-clinic-per-20k' and level == 'city' and service == ''").iloc[
        0
    ]
    reached = run.travel.facility["health-station"] != ""
    assert headline["population"] == pytest.approx(812_935, abs=1)
    loads = run.catchments.set_index("facility")["residents"]
    people = run.inputs.demand.set_index("demand")["residents"]
    assert loads.sum() == pytest.approx(people[reached].sum())
    overloaded = run.findings.query(
        "rule == 'poa-clinic-per-20k' and level == 'catchment' and status == 'short'"
    )
    assert set(overloaded["code"]) == set(loads[loads > 20_000].index)


def test_the_streets_that_end_short_of_the_hexes_are_said_to(run):
    assert run.inputs.communities["edge"].any()
    flagged = set(run.inputs.communities.loc[run.inputs.communities["edge"], "code"])
    short = verdict_rows(run.findings).query("level == 'community' and status == 'short'")
    assert set(short.loc[short["certainty"] == "provisional", "code"]) <= flagged
    assert (short.loc[short["code"].isin(flagged), "certainty"] == "provisional").all()


def test_it_does_not_depend_on_the_number_of_threads(run, porto_alegre_study):
    alone = lc.run(lc.Study.from_file(porto_alegre_study, allow_outside=True), jobs=1)
    pd.testing.assert_frame_equal(alone.findings, run.findings)
    pd.testing.assert_frame_equal(alone.travel.distance_m, run.travel.distance_m)
    assert alone.circles.geometry.equals(run.circles.geometry)


def test_every_output_is_written_and_can_be_read(run, tmp_path):
    run.write(tmp_path / "out", lang="en")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {
        "deficits.csv",
        "deficits.xlsx",
        "monitoring.xlsx",
        "study.gpkg",
        "study.qgz",
        "gap_map.html",
        "report.html",
        "rasters",
        "run.json",
    } <= names
    table = pd.read_csv(tmp_path / "out" / "deficits.csv", encoding="utf-8-sig", dtype={"code": str})
    assert len(table) == len(run.findings)
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "out" / "study.gpkg")}
    assert {
        "communities",
        "circles",
        "facilities",
        "demand",
        "gaps",
        "catchments",
        "isochrones",
        "proposals",
        "data_quality",
    } <= layers
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["residents"] == pytest.approx(812_935)
    assert all(len(file["sha256"]) == 64 for file in record["inputs"])


@pytest.mark.slow
def test_the_first_two_pages_of_the_report_hold_the_headline_figures(run, tmp_path):
    """As a printer has them: each headline target's units short, residents affected and figure now."""
    write_deficits_csv(run, tmp_path / "deficits.csv", lang="en")
    write_report_docx(run, tmp_path / "report.docx", maps=[], lang="en")
    deficits = pd.read_csv(
        tmp_path / "deficits.csv", encoding="utf-8-sig", dtype={"code": str, "service": str}
    ).fillna({"service": ""})
    brief = "\n".join(printed_pages(tmp_path, tmp_path / "report.docx")["report.docx"][:2])
    lines = shown_figures.headline_lines(run, deficits, "en")
    assert len(lines) == len(run.headlines) >= 3
    for short, people, now, *_ in lines:
        assert short in brief
        assert people in brief
        assert any(f"{figure:,.1f}".removesuffix(".0") in brief for figure in now)
    for key in ("report.build-first", "sheet.overview"):
        assert text(key, "en") in brief
