"""Inputs that look odd and are sound: read right, said where something was undone, nothing touched."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import Affine
from shapely import LineString, Point, box
from small_study import CRS, lattice, write_layer
from spoiled_town import edit, ledger, more, raster, rewrite

import lifecircle as lc

CODES = ["130102001001", "130102001002"]


def check(town):
    """The town's inputs, read in this process."""
    return lc.check(lc.Study.from_file(town / "study.toml"))


def told(inputs, key):
    """The one remark of a key."""
    [row] = inputs.quality[inputs.quality["remark"] == key].to_dict("records")
    return row


def findings(town):
    """Verdicts of a run, as values that compare."""
    table = lc.run(lc.Study.from_file(town / "study.toml")).findings
    return table[["rule", "code", "status", "certainty", "value"]].reset_index(drop=True)


# --- systems and bytes


def test_layers_in_three_systems_of_one_datum_lie_where_they_lie(town):
    before = check(town)
    rewrite(town, "boundary", lambda layer: layer.to_crs("EPSG:4490"))
    rewrite(town, "communities", lambda layer: layer.to_crs("EPSG:4547"))
    rewrite(town, "streets", lambda layer: layer.to_crs("EPSG:4526"))
    after = check(town)
    there = after.communities.geometry.to_crs(CRS)
    assert shapely.hausdorff_distance(there, before.communities.geometry.to_crs(CRS)).max() < 0.01
    assert len(after.streets.u) == len(before.streets.u)


def test_a_shapefile_in_gbk_without_its_cpg_keeps_its_names(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="GBK")
    (town / "c.cpg").unlink()
    table = bytearray((town / "c.dbf").read_bytes())
    table[29] = 0  # the code page that GDAL notes in the head, and bureaus' programs leave blank
    (town / "c.dbf").write_bytes(table)
    edit(town, '"communities.gpkg"', '"c.shp"')
    inputs = check(town)
    assert inputs.communities["name"].tolist() == ["甲社区", "乙社区"]
    assert told(inputs, "encoding-guessed")["value"] == "gb18030"


@pytest.mark.filterwarnings("ignore:Could not decode error message:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_field_names_cut_within_a_character_leave_the_other_fields_readable(town):
    layer = gpd.read_file(town / "communities.gpkg").rename(columns={"name": "名称"})
    layer.assign(备注说明文字=["甲", "乙"]).to_file(town / "c.shp", encoding="UTF-8")
    edit(town, '"communities.gpkg"', '"c.shp"')
    assert check(town).communities["name"].tolist() == ["甲社区", "乙社区"]


def test_a_byte_order_mark_is_no_part_of_a_heading(town):
    rows = (town / "ledger.csv").read_text(encoding="utf-8")
    (town / "ledger.csv").write_text(rows, encoding="utf-8-sig")
    assert check(town).facilities["facility"].tolist() == ["ledger:A1", "ledger:A2", "ledger:A3"]


def test_a_member_that_climbs_out_of_its_archive_is_written_nowhere(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.geojson")
    with zipfile.ZipFile(town / "c.zip", "w") as archive:
        archive.write(town / "c.geojson", "../../climbed.geojson")
    (town / "c.geojson").unlink()
    edit(town, '"communities.gpkg"', '"c.zip"')
    before = set(town.parent.rglob("*"))
    assert check(town).communities["code"].tolist() == CODES
    assert not [path for path in set(town.parent.rglob("*")) - before if "climbed" in path.name]


# --- shapes


def test_lines_and_points_among_communities_are_left_out_and_named(town):
    layer = gpd.read_file(town / "communities.gpkg")
    odd = [LineString([(114.5, 38), (114.51, 38)]), Point(114.505, 38.002)]
    others = gpd.GeoDataFrame(
        {"code": ["130102001003", "130102001004"], "name": ["丙", "丁"], "population": [1, 1]},
        geometry=odd,
        crs=layer.crs,
    )
    (town / "communities.gpkg").unlink()
    pd.concat([layer, others]).to_file(town / "communities.geojson")
    edit(town, '"communities.gpkg"', '"communities.geojson"')
    inputs = check(town)
    assert inputs.communities["code"].tolist() == CODES
    row = told(inputs, "wrong-geometry")
    assert (row["count"], row["severity"]) == (2, "warning")
    assert "130102001003" in row["value"]


def test_heights_and_places_that_are_no_numbers_are_told_by_row(town):
    shapes = [Point(114.503, 38.003, 55), Point(114.512, np.nan), Point(114.506, 38.006, 60)]
    layer = gpd.GeoDataFrame({"id": ["A1", "A2", "A3"]}, geometry=shapes, crs=4326)
    layer.to_file(town / "places.gpkg")
    edit(town, '"ledger.csv"', '"places.gpkg"')
    inputs = check(town)
    assert inputs.facilities["facility"].tolist() == ["places:A1", "places:A3"]
    assert told(inputs, "z-dropped")["count"] == 2
    lost = inputs.quality[inputs.quality["remark"].isin(["nan-coordinates", "null-geometry"])]
    assert lost["value"].tolist() == ["2 (A2)"]
    assert inputs.complete_for == frozenset()


# --- values


@pytest.mark.parametrize(
    ("cells", "people"),
    [
        (["１２００", "800"], [1200, 800]),
        (["1,200", "8００"], [1200, 800]),
        (["1.2万", "0.08万"], [12000, 800]),
        (["1200人", " 800 "], [1200, 800]),
        (["NaN", "800"], [np.nan, 800]),
    ],
)
def test_people_are_counted_however_they_were_typed(town, cells, people):
    rewrite(town, "communities", lambda layer: layer.assign(population=cells))
    inputs = check(town)
    assert inputs.communities["population"].tolist() == pytest.approx(people, nan_ok=True)
    if np.isnan(people[0]):
        assert told(inputs, "words-for-nothing")["severity"] == "warning"


def test_codes_that_became_floats_or_lost_a_nought_are_restored_or_told(town):
    rewrite(town, "communities", lambda layer: layer.assign(code=[float(code) for code in CODES]))
    assert check(town).communities["code"].tolist() == CODES
    short = [f"0{CODES[0][1:]}", CODES[1][1:], f"0{CODES[1][1:]}9"[:12]]
    rewrite(
        town,
        "communities",
        lambda layer: layer.iloc[[0, 1, 1]].assign(
            code=short, geometry=[box(114.5, 38, 114.505, 38.009), *layer.geometry]
        ),
    )
    row = told(check(town), "codes-short")
    assert (row["count"], row["severity"]) == (1, "warning")
    assert short[1] in row["value"]


# --- streets


def test_a_one_way_street_is_walked_both_ways(town):
    plain = findings(town)
    rewrite(town, "streets", lambda layer: layer.assign(oneway="yes"))
    pd.testing.assert_frame_equal(findings(town), plain)


def test_loops_doubles_and_pieces_without_length_change_no_way(town):
    plain = findings(town)

    def spoil(layer):
        start = layer.geometry.iloc[0].coords[0]
        ring = LineString([start, (start[0] + 1e-3, start[1]), (start[0], start[1] + 1e-3), start])
        odd = [ring, layer.geometry.iloc[1], LineString([start, start]), None]
        return pd.concat([layer, gpd.GeoDataFrame(geometry=odd, crs=layer.crs)])

    rewrite(town, "streets", spoil)
    pd.testing.assert_frame_equal(findings(town), plain)
    said = check(town).quality
    assert said["remark"].str.startswith("street").any()


def test_streets_that_end_at_the_boundary_flag_every_community_at_the_edge(town):
    ticks = np.arange(0, 2001, 250.0)
    write_layer(town / "streets.gpkg", lattice(ticks, ticks[ticks <= 1000]))
    inputs = check(town)
    assert inputs.communities["edge"].all()
    assert told(inputs, "edge")["severity"] == "warning"


def test_facilities_on_one_spot_are_as_many_as_their_names(town):
    ledger(town, "id,name,lon,lat", *(f"A{n},{n}号,114.503,38.003" for n in range(30)))
    assert len(check(town).facilities) == 30
    assert set(findings(town)["status"]) <= {"met", "short", "unknown"}


# --- rasters


def test_a_raster_of_half_the_earth_in_a_tiny_file_is_read_where_the_town_lies(town):
    cell = 0.001
    west, north = 114.49 - 60_000 * cell, 38.02 + 20_000 * cell
    with rasterio.open(
        town / "people.tif", "w", driver="GTiff", height=40_000, width=120_000, count=1, dtype="uint8",
        crs="EPSG:4326", transform=Affine(cell, 0, west, 0, -cell, north), sparse_ok=True, tiled=True,
        compress="deflate",
    ) as file:  # fmt: skip
        file.write(np.full((40, 40), 3, np.uint8), 1, window=((20_000, 20_040), (60_000, 60_040)))
    assert (town / "people.tif").stat().st_size < 2_000_000
    more(town, '\n[population]\nraster = "people.tif"\n')
    people = check(town).communities["population"].to_numpy()
    assert people.sum() == pytest.approx(3 * 2e6 / _cell_m2(), rel=0.01)


def _cell_m2():
    """Ground of a cell of 0.001 degrees at 38 degrees north."""
    here = gpd.GeoSeries([box(114.51, 38.004, 114.511, 38.005)], crs=4326).to_crs(CRS)
    return float(here.area.iloc[0])


@pytest.mark.parametrize("nodata", [None, 0, -99999])
def test_nobody_is_nobody_however_a_raster_says_it(town, nodata):
    values = np.full((40, 40), 5, dtype="float32")
    values[:, 22:] = 0 if nodata is None else nodata
    raster(town, values, **({} if nodata is None else {"nodata": nodata}))
    people = check(town).communities["population"].tolist()
    assert people[0] == pytest.approx(5 * 1e6 / _cell_m2(), rel=0.01)
    assert 0 < people[1] < 50, "half a column of cells lies in both"


def test_counts_cut_into_four_without_being_divided_are_told_with_both_figures(town):
    """A raster resampled to half its cell holds everybody four times."""
    counts = np.full((40, 40), 1000 / (1e6 / _cell_m2()))
    rewrite(town, "communities", lambda layer: layer.assign(population=[1000, 1000]))
    raster(town, np.kron(counts, np.ones((2, 2))), cell=0.0005)
    row = told(check(town), "column-differs")
    assert (row["item"], row["severity"]) == ("2,000", "warning")
    assert row["value"] == "+300.0%"


# --- where it runs and what it writes


def test_names_that_are_formulas_or_markup_stay_names_in_every_result(command, town):
    names = ['=HYPERLINK("http://x","甲")', "<script>alert(1)</script>"]
    rewrite(town, "communities", lambda layer: layer.assign(name=names))
    said = command("run", town / "study.toml", "--json")
    assert said.code in {0, 1}, said.err
    pages = list((town / "results").rglob("*.html"))
    assert pages
    for page in pages:
        assert "<script>alert(1)" not in page.read_text(encoding="utf-8")
    for table in (town / "results").rglob("*.csv"):
        for cell in pd.read_csv(table, dtype=str, keep_default_na=False).to_numpy().ravel():
            assert not cell.startswith("=HYPER"), table.name
    for book in (town / "results").rglob("*.xlsx"):
        with zipfile.ZipFile(book) as parts:
            sheets = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>HYPERLINK" in sheet for sheet in sheets), book.name


def test_household_grids_know_the_services_of_the_study_and_its_plans(command, town):
    rewrite(town, "communities", lambda layer: layer.assign(households=[400, 300]))
    with (town / "own.toml").open("a", encoding="utf-8") as plan:
        plan.write('\n[[services]]\nid = "tea-house"\nzh = "茶馆"\nen = "tea house"\n')
    edit(town, 'service = "health-station"', 'service = "tea-house"')
    edit(town, 'complete_for = ["health-station"]', "")
    said = command("grids", town / "study.toml", "-o", town / "grids.gpkg")
    assert said.code == 0, said.err
    assert len(gpd.read_file(town / "grids.gpkg", layer="grids")) >= 2


STEERS = "\x1b[31m红\x9b2J\u202e"
"""Colours a terminal, clears it, turns a line about."""


def test_outside_words_do_not_steer_the_terminal_and_programs_get_them_whole(command, town):
    edit(town, 'name = "镇"', 'name = "\\u001b[31m红\\u009b2J\\u202e"')
    plan = (town / "own.toml").read_text(encoding="utf-8")
    (town / "own.toml").write_text(plan.replace("An own plan", "\\u001b[31mplan"), encoding="utf-8")
    (town / "bad\x1b[31m.toml").write_text("[study]\n", encoding="utf-8")
    for words in (
        ("check", town / "study.toml"),
        ("run", town / "study.toml"),
        ("plans", "--check", town / "own.toml"),
        ("plans", town / "own.toml", "--needs"),
        ("check", town / "bad\x1b[31m.toml"),
    ):
        said = command(*words, "--lang", "en")
        assert not {"\x1b", "\x9b", "\u202e"} & set(said.out + said.err), words
    said = command("check", town / "study.toml", "--json")
    assert not {"\x1b", "\x9b", "\u202e"} & set(said.out)
    assert [event["name"] for event in said.events if event["event"] == "checked"] == [STEERS]


def _checked_in(town, **env):
    """The command line in a process of its own, in the locale C, with further settings."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "PYTHONUTF8"))}
    words = [sys.executable, "-m", "lifecircle", "check", str(town / "study.toml"), "--lang", "zh"]
    return subprocess.run(words, env={**plain, "LC_ALL": "C", **env}, capture_output=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX closes the output")
@pytest.mark.parametrize("closing", [">&- 2>&-", "2>&1 | head -c 1 >&2"])
def test_an_output_that_nobody_reads_ends_no_work(town, closing):
    command = f'"{sys.executable}" -m lifecircle check "{town / "study.toml"}" --json'
    words = f"{command} {closing}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("signs", ["ascii", "cp936"])
def test_a_terminal_of_few_signs_is_told_as_much_as_it_can_show(town, signs):
    done = _checked_in(town, PYTHONIOENCODING=signs)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"Traceback" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name != "posix", reason="elsewhere paths are text, whatever the locale")
def test_a_path_that_the_locale_has_no_signs_for_is_refused_with_the_way_out(town):
    done = _checked_in(town, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 2, done.stderr
    assert b"Traceback" not in done.stdout + done.stderr
    assert b"PYTHONUTF8" in done.stderr
