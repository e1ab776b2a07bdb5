"""Inputs that can be used in part: the study runs, and what was left out, guessed or doubted is said."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box
from small_study import CRS, lattice, write_layer
from spoiled_town import edit, raster, rewrite
from spoiled_town import ledger as write_ledger

import lifecircle as lc
from lifecircle.sources.areas import read_communities
from lifecircle.sources.files.layers import read_layer
from lifecircle.sources.log import ReadingLog
from lifecircle.study.area import Area

STATIONS = [
    ("A1", "东站", 500, 500),
    ("A2", "西站", 1500, 500),
    ("A3", "南站", 500, 100),
    ("A4", "北站", 900, 900),
]


def degrees(x, y):
    """A place of the town in degrees."""
    place = gpd.GeoSeries([Point(x, y)], crs=CRS).to_crs(4326).iloc[0]
    return place.x, place.y


def ledger(town, rows, heading="id,name,lon,lat"):
    """A ledger of rows of text."""
    write_ledger(town, heading, *(",".join(map(str, row)) for row in rows))


def stations():
    """Four stations with their coordinates."""
    return [[name, said, *(f"{at:.6f}" for at in degrees(x, y))] for name, said, x, y in STATIONS]


def read(town):
    """The town's inputs, read in this process."""
    return lc.check(lc.Study.from_file(town / "study.toml"))


def warnings_of(inputs):
    """Warnings by key."""
    table = inputs.quality
    return table[table["severity"] == "warning"].set_index("remark")


# --- what is declared complete and loses rows is complete no longer


def _blank(row):
    row[2:] = ["", ""]


def _zero(row):
    row[2:] = ["0", "0"]


def _exchanged(row):
    row[2:] = row[3], row[2]


def _typing_error(row):
    row[2] = str(float(row[2]) - 9)


def _not_degrees(row):
    row[2] = str(float(row[2]) * 10)


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (_blank, "null-geometry"),
        (_zero, "zero-coordinates"),
        (_exchanged, "swapped-rows"),
        (_typing_error, "rows-astray"),
        (_not_degrees, "not-degrees"),
    ],
)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_complete_ledger_that_loses_rows_is_complete_no_longer(town, spoil, remark, lost):
    rows = stations()
    for row in rows[1 : 1 + lost]:
        spoil(row)
    ledger(town, rows)
    inputs = read(town)
    told = warnings_of(inputs)
    assert told.loc[remark, "count"] == lost
    assert "3 (A2" in told.loc[remark, "value"], "the row's number and id"
    assert told.loc["not-complete", "value"] == "health-station"
    assert inputs.complete_for == frozenset()
    assert len(inputs.facilities) == 4 - lost


def test_only_the_services_of_the_lost_rows_lose_their_completeness(town):
    kinds = ["library", "library", "pharmacy", "pharmacy"]
    rows = [[*row, kind] for row, kind in zip(stations(), kinds, strict=True)]
    rows[0][2:4] = ["", ""]
    ledger(town, rows, "id,name,lon,lat,kind")
    edit(town, 'service = "health-station"', 'service_column = "kind"')
    edit(town, '["health-station"]', '["library", "pharmacy"]')
    assert read(town).complete_for == {"pharmacy"}


def test_a_ledger_of_the_whole_province_stays_complete(town):
    """Rows every 30 km lead from the town to one 300 km away: that is a larger ledger, no mistake."""
    far = [
        [f"F{number}", f"站{number}", f"{114.503 + 0.35 * number:.4f}", "38.003"] for number in range(1, 10)
    ]
    ledger(town, [*stations(), *far])
    inputs = read(town)
    assert inputs.complete_for == {"health-station"}
    assert "rows-astray" not in inputs.quality["remark"].to_numpy()


def test_a_verdict_on_lost_rows_is_provisional(town):
    rows = [*stations()[1:2], ["A1", "东站", "", ""], ["A3", "南站", "", ""]]
    ledger(town, rows)
    write_layer(
        town / "communities.gpkg", [box(0, 0, 400, 1000), box(400, 0, 2000, 1000)],
        code=["130102001001", "130102001002"], name=["甲社区", "乙社区"], population=[1200, 800],
    )  # fmt: skip
    findings = lc.run(lc.Study.from_file(town / "study.toml")).findings
    short = findings[findings["status"] == "short"]
    assert len(short)
    assert set(short["certainty"]) == {"provisional"}
    for notes in short["note"]:
        said = [note.render("zh") for note in notes]
        assert any("台账缺行" in words and "卫生" in words for words in said), "the sentence says why"
        assert not any("没有来源声明" in words for words in said), "a source did declare itself complete"


# --- datums, duplicates and places


def test_a_datum_without_a_known_way_to_wgs84_is_warned_of(town):
    rewrite(town, "communities", lambda layer: layer.to_crs(4547).set_crs(2383, allow_override=True))
    rewrite(town, "streets", lambda layer: layer.to_crs(4547).set_crs(2383, allow_override=True))
    told = warnings_of(read(town))
    assert told.loc["datum-unknown", "value"] == "Xian 1980"
    assert told.loc["street-datum-rough", "count"] > 0


def test_doubles_are_told_by_distance_and_not_by_a_grid(town):
    """0.1 m and 0.9 m apart are one place; 1.5 m apart and of other names are two."""
    pairs = [
        (100.45, "甲"),
        (100.55, "甲"),
        (300.0, "乙"),
        (300.9, "乙"),
        (500.0, "丙"),
        (501.5, "丙"),
        (700.0, "丁"),
    ]
    shapes = gpd.GeoSeries([Point(x, 300) for x, _ in pairs] + [Point(700.2, 300)], crs=CRS).to_crs(4326)
    gpd.GeoDataFrame({"name": [*(name for _, name in pairs), "戊"]}, geometry=shapes).to_file(town / "l.gpkg")
    edit(town, '"ledger.csv"', '"l.gpkg"')
    assert sorted(read(town).facilities["name"]) == ["丁", "丙", "丙", "乙", "戊", "甲"]


def test_one_id_a_few_metres_apart_is_one_place_and_said(town):
    rows = stations()
    second = [*rows[0][:2], f"{float(rows[0][2]) + 0.00003:.6f}", rows[0][3]]
    ledger(town, [*rows, second])
    inputs = read(town)
    assert len(inputs.facilities) == 4
    assert warnings_of(inputs).loc["ids-doubled", "value"] == "6 (A1)"


@pytest.mark.parametrize(("merge", "left"), [("", 6), ("merge_within_m = 60", 4), ("merge_within_m = 20", 5)])
def test_the_same_place_in_two_ledgers_is_listed_and_merged_only_if_asked(town, merge, left):
    """Beside 东站 stands 东站卫生站, 10 m off, and beside 西站 西站点, 40 m off."""
    others = [("B1", "东站卫生站", 510, 500), ("B2", "西站点", 1500, 540)]
    lines = ["id,name,lon,lat", *(",".join([i, n, *map(str, degrees(x, y))]) for i, n, x, y in others)]
    (town / "second.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ledger(town, stations())
    path = town / "study.toml"
    more = f'\n[[facilities]]\nsource = "second.csv"\nservice = "health-station"\n{merge}\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    inputs = read(town)
    assert len(inputs.facilities) == left
    likely = inputs.quality[inputs.quality["remark"] == "likely-duplicate"]
    assert len(likely) == left - 4, "what is merged is no longer doubtful"
    if not merge:
        assert likely["item"].tolist()[0] == "ledger:A1 东站 / second:B1 东站卫生站"
        assert likely["value"].tolist() == ["10", "40"]
        assert likely["x"].notna().all()


@pytest.mark.parametrize(("rows", "told"), [(200, True), (400, True), (900, True), (899, False)])
def test_lists_as_long_as_a_search_allows_are_doubted(town, rows, told):
    rng = np.random.default_rng(2)
    places = gpd.GeoSeries(gpd.points_from_xy(*rng.uniform(50, 950, (2, rows))), crs=CRS).to_crs(4326)
    ledger(town, [[f"P{n}", f"点{n}", p.x, p.y] for n, p in enumerate(places)])
    assert ("capped" in warnings_of(read(town)).index) is told


# --- communities beside one another


def test_overlaps_gaps_and_slivers_are_measured_and_placed(town):
    """100 m of overlap, a gap of 200 m by 1 km, and a sliver of 1 m by 300 m that two claim."""
    shapes = [
        box(0, 0, 1000, 1000),
        box(900, 0, 1500, 1000),
        box(1700, 0, 2000, 500),
        box(1700, 499, 2000, 1000),
    ]
    codes = [f"13010200100{number}" for number in range(1, 5)]
    write_layer(
        town / "communities.gpkg", shapes, code=codes, name=["甲", "乙", "丙", "丁"], population=[9] * 4
    )
    quality = read(town).quality.set_index("remark")
    assert quality.loc["overlap", "item"] == "130102001001+130102001002"
    assert quality.loc["overlap", "value"] == "100,000"
    assert (
        shapely.distance(
            Point(quality.loc["overlap", "x"], quality.loc["overlap", "y"]), box(900, 0, 1000, 1000)
        )
        < 50_000
    )
    assert quality.loc["gap-piece", "value"] == "200,000"
    assert quality.loc["overlap-slivers", ["count", "value"]].tolist() == [1, "300"]


def test_two_equal_communities_are_told_and_not_a_crash(town):
    shapes = [box(0, 0, 2000, 1000)] * 2
    write_layer(
        town / "communities.gpkg", shapes, code=["130102001001", "130102001002"], name=["甲", "乙"],
        population=[1200, 800],
    )  # fmt: skip
    assert read(town).quality.set_index("remark").loc["overlap", "value"] == "2,000,000"


def test_a_shape_that_crosses_itself_is_repaired_and_named(town):
    bow = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    write_layer(
        town / "communities.gpkg", [bow, box(1000, 0, 2000, 1000)], code=["130102001001", "130102001002"],
        name=["甲", "乙"], population=[1200, 800],
    )  # fmt: skip
    assert warnings_of(read(town)).loc["repaired-geometry", "value"] == "1 (130102001001)"


def test_arcs_are_counted_and_areas_without_any_are_not(town):
    """One community of two becomes a disc drawn as an arc; its corners are then many."""
    path = town / "communities.gpkg"
    rewrite(town, "communities", lambda layer: layer)
    west, south, east, north = gpd.read_file(path).total_bounds
    middle, radius = (west + (east - west) / 4, (south + north) / 2), 0.004
    turns = np.arange(5) * np.pi / 2
    ring = np.column_stack([middle[0] + radius * np.cos(turns), middle[1] + radius * np.sin(turns)])
    arc = struct.pack("<BIIBII", 1, 10, 1, 1, 8, 5) + struct.pack("<10d", *ring.ravel())
    with closing(sqlite3.connect(path)) as book:
        for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            book.execute(f'DROP TRIGGER "{name}"')
        first, head = book.execute("SELECT fid, geom FROM communities ORDER BY fid").fetchone()
        book.execute("UPDATE communities SET geom = ? WHERE fid = ?", (head[:40] + arc, first))
        book.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
        book.commit()
    layer = read_layer(path)
    assert layer.curves == 1
    assert len(shapely.get_coordinates(layer.frame.geometry.iloc[0])) > 20
    log = ReadingLog()
    read_communities(Area(communities=path), log)
    assert log.quality().set_index("remark").loc["curves-straightened", "count"] == 1


# --- rasters


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        (65535, "uint16"), (255, "uint8"), (9999, "int32"), (-99999, "float32"), (-9999, "float64"),
        (3.4028235e38, "float32"), (-3.4028235e38, "float32"), (32767, "int16"), (1e20, "float64"),
    ],
)  # fmt: skip
def test_a_value_for_nothing_that_is_not_declared_is_nobody_and_said(town, mark, kind):
    values = np.full((40, 40), 5, dtype=kind)
    values[:, 30:] = np.array(mark, dtype=kind)
    raster(town, values)
    inputs = read(town)
    assert inputs.demand["residents"].max() <= 5
    told = warnings_of(inputs)
    assert float(told.loc["raster-nodata-guessed", "value"]) == pytest.approx(mark, rel=1e-5)


@pytest.mark.parametrize("nodata", [-3.4e38, -3.4028234663852886e38])
def test_a_nodata_of_fewer_digits_is_the_same_nodata(town, nodata):
    values = np.full((40, 40), 5, dtype="float32")
    values[:, 30:] = np.finfo("float32").min
    raster(town, values, nodata=nodata)
    assert read(town).demand["residents"].max() <= 5


def test_a_great_number_among_great_numbers_is_a_number(town):
    values = np.arange(1600, dtype="uint8").reshape(40, 40)
    raster(town, values)
    assert "raster-nodata-guessed" not in read(town).quality["remark"].to_numpy()


def test_communities_that_differ_from_the_raster_are_listed_with_both_figures(town):
    raster(town, np.full((40, 40), 5, dtype="float32"))
    rows = read(town).quality.query("remark == 'community-differs'")
    assert rows["item"].tolist() == ["130102001001", "130102001002"]
    assert all(re.fullmatch(r"[\d,]+ → [\d,]+", value) for value in rows["value"])


# --- streets


def test_streets_that_join_nothing_else_are_told_with_the_place(town):
    """A gap of 6 m along the line x = 1000 parts the town in two."""
    ticks, west, east = (
        np.arange(-2000, 4001, 250.0),
        np.arange(-2000, 998, 250.0),
        np.arange(1250, 4001, 250.0),
    )
    parts = [*lattice([*west, 997.0], ticks), *lattice([1003.0, *east], ticks)]
    write_layer(town / "streets.gpkg", parts)
    told = warnings_of(read(town)).loc["network-parted"]
    assert float(told["value"]) == pytest.approx(6.0, abs=0.1)
    assert told["item"] == "50%"
    assert np.isfinite(told["x"])


def test_streets_of_which_none_joins_another_are_told_with_the_place(town):
    """Every block's street ends 10 m before the crossing: no part is large, and nobody reaches anything."""
    ticks = np.arange(-2000, 4001, 250.0)
    lines = [LineString([(x + 10, y), (x + 240, y)]) for x in ticks for y in ticks]
    lines += [LineString([(x, y + 10), (x, y + 240)]) for x in ticks for y in ticks]
    write_layer(town / "streets.gpkg", lines)
    told = warnings_of(read(town)).loc["network-shattered"]
    assert told["item"] == "100%"
    assert float(told["value"]) == pytest.approx(10 * np.sqrt(2), abs=0.1)
    assert np.isfinite(told["x"])


def test_rows_marked_as_deleted_are_counted(town):
    gpd.read_file(town / "communities.gpkg").to_file(town / "c.shp", encoding="UTF-8")
    table = bytearray((town / "c.dbf").read_bytes())
    table[int.from_bytes(table[8:10], "little")] = ord("*")
    (town / "c.dbf").write_bytes(table)
    edit(town, '"communities.gpkg"', '"c.shp"')
    assert read(town).quality.set_index("remark").loc["rows-deleted", "count"] == 1


def test_vertices_that_are_no_place_move_no_other_street(town):
    """Unusable vertices in neighbouring rows: told, and the rest is read as it would be without them."""

    def spoil(layer):
        shapes = layer.geometry.to_numpy().copy()
        shapes[3] = LineString([(114.5, 38.0), (114.51, np.nan), (114.52, 38.0)])
        shapes[4] = LineString([(114.5, np.inf), (114.51, 38.0)])
        return layer.set_geometry(gpd.GeoSeries(shapes, crs=layer.crs))

    without = len(read(town).streets)
    with np.errstate(invalid="ignore"):
        rewrite(town, "streets", spoil)
    inputs = read(town)
    assert inputs.quality.set_index("remark").loc["street-vertices-unusable", "count"] == 2
    assert without - 2 <= len(inputs.streets) <= without


def test_more_people_than_the_densest_quarters_hold_are_doubted(town):
    rewrite(town, "communities", lambda layer: layer.assign(population=[400_000, 800]))
    assert warnings_of(read(town)).loc["community-crowded", "value"] == "130102001001: 400,000"


def test_the_page_of_oddities_shows_them_with_their_places_and_escapes_outside_words(command, town):
    name = "<script>alert(1)</script>"
    write_layer(
        town / "communities.gpkg", [box(0, 0, 1100, 1000), box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001002"], name=[name, "乙社区"], population=[1200, 800],
    )  # fmt: skip
    page = town / "data_quality.html"
    said = command("check", town / "study.toml", "--html", page, "--lang", "en")
    assert said.code == 0
    text = page.read_text(encoding="utf-8")
    assert name not in text
    assert "&lt;script&gt;" in text
    assert 'class="sign-overlaps"' in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert str(town) not in text, "the sender's folders are nobody's concern"


def test_the_page_is_written_for_a_study_that_cannot_be_run(command, town):
    rewrite(town, "communities", lambda layer: layer.assign(population=[1200, -800]))
    page = town / "data_quality.html"
    said = command("check", town / "study.toml", "--html", page, "--json", "--lang", "zh")
    assert said.code == 2
    [fault] = said.faults
    assert {"file", "layer", "row", "field", "found", "expected", "fix", "message"} <= set(fault)
    text = page.read_text(encoding="utf-8")
    assert "必须修改的问题" in text
    assert "communities.gpkg" in text
    assert "<svg" in text, "what could be placed is drawn"


def test_where_the_file_of_people_is_refused_nothing_is_said_of_people_spread_in_its_place(command, town):
    raster(town, np.float64(5.0))
    (town / "people.tif").write_bytes(b"no raster")
    said = command("check", town / "study.toml", "--json", "--lang", "en")
    assert said.code == 2
    assert {Path(fault["file"]).name for fault in said.faults} == {"people.tif"}
    assert not [one for one in said.remarks if one["remark"].startswith(("spread-over-", "weighed-by-"))]


def test_remarks_of_one_kind_are_printed_ten_at_a_time(command, town):
    """Thirty likely pairs between two ledgers."""
    rows = [(f"P{n}", f"药店第{n}号", 30 + 60 * n, 500) for n in range(30)]
    for name, shift in (("ledger.csv", 0), ("second.csv", 5)):
        lines = [
            ",".join([f"{i}{shift}", n, *(f"{at:.7f}" for at in degrees(x + shift, y))])
            for i, n, x, y in rows
        ]
        (town / name).write_text("\n".join(["id,name,lon,lat", *lines]) + "\n", encoding="utf-8")
    path = town / "study.toml"
    more = '\n[[facilities]]\nsource = "second.csv"\nservice = "health-station"\n'
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    said = command("check", town / "study.toml", "--lang", "en")
    assert said.out.count("likely one place") == 10
    assert "and 20 more of this kind" in said.out
    assert (
        len([one for one in command("check", path, "--json").remarks if one["remark"] == "likely-duplicate"])
        == 30
    )


def test_ground_of_no_community_is_marked_inside_the_map_and_the_table_speaks_chinese(command, town):
    """The second community ends 100 m before the boundary does: the sign stands between the two."""
    write_layer(
        town / "communities.gpkg", [box(0, 0, 1000, 1000), box(1000, 0, 1900, 1000)],
        code=["130102001001", "130102001002"], name=["甲社区", "乙社区"], population=[1200, 800],
    )  # fmt: skip
    said = command("check", town / "study.toml", "--html", town / "page.html", "--lang", "zh")
    assert said.code == 0
    page = (town / "page.html").read_text(encoding="utf-8")
    width = float(re.search(r'viewBox="-6 -6 ([\d.]+) [\d.]+" role', page)[1]) - 12
    signs = re.findall(r'class="sign-gaps" cx="([\d.]+)"', page)
    assert len([x for x in signs if width * 0.95 < float(x) < width]) == 1
    assert "警告" in said.out
    assert "warning" not in said.out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_names_services_levels_and_places_as_its_reader_does(command, town, lang):
    """An overlap and a row without coordinates: no id of ours, and the sign's number beside its remark."""
    write_layer(
        town / "communities.gpkg", [box(0, 0, 1100, 1000), box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001002"], name=["甲社区", "乙社区"], population=[1200, 800],
    )  # fmt: skip
    rows = stations()
    rows[1][2:] = ["", ""]
    ledger(town, rows)
    said = command("check", town / "study.toml", "--html", town / "page.html", "--lang", lang)
    page = (town / "page.html").read_text(encoding="utf-8")
    for words in (said.out, page):
        assert "health-station" not in words
        assert ("township" in words) is (lang == "en")
        assert {"zh": "社区卫生服务站", "en": "ommunity health station"}[lang] in "".join(words.split("\n"))
    assert re.search(r'class="number" x="[\d.]+" y="[\d.]+">1<', page)
    assert page.count("[1] ") == 2, "in the list, and for the pointer on the sign"
    assert ">甲社区</text>" in page


def test_cells_of_geojson_that_are_trees_are_text(town):
    tree = json.loads(gpd.read_file(town / "communities.gpkg").to_json())
    tree["features"][0]["properties"]["code"] = [1, 2]
    tree["features"][1]["properties"]["name"] = {"a": [1]}
    (town / "communities.geojson").write_text(json.dumps(tree), encoding="utf-8")
    edit(town, "communities.gpkg", "communities.geojson")
    with contextlib.suppress(lc.InputError):
        read(town)


# --- figures that look like figures


def test_communities_of_less_than_one_resident_are_named(town):
    rewrite(town, "communities", lambda layer: layer.assign(population=[0.12, 0.08]))
    told = warnings_of(read(town))
    assert told.loc["community-fraction", ["count", "value"]].tolist() == [
        2,
        "130102001001: 0.12, 130102001002: 0.08",
    ]


def test_codes_of_eleven_digits_are_named(town):
    codes = ["13010200101", "13010200102"]
    rewrite(town, "communities", lambda layer: layer.assign(code=codes))
    assert warnings_of(read(town)).loc["codes-eleven", "value"] == ", ".join(codes)


@pytest.mark.parametrize(("mark", "cells", "told"), [(254, 40, True), (254, 9, False), (5, 40, False)])
def test_a_value_that_recurs_above_all_others_is_told(town, mark, cells, told):
    people = np.full(1600, 3, np.float32)
    people[:cells] = mark
    raster(town, people.reshape(40, 40))
    quality = warnings_of(read(town))
    assert ("raster-plateau" in quality.index) == told
    if told:
        assert quality.loc["raster-plateau", ["count", "value"]].tolist() == [cells, str(mark)]


@pytest.mark.parametrize("entries", [(1, 1), (1, 0)], ids=["one shape twice", "another order"])
def test_an_index_that_gives_rows_each_others_shapes_is_refused(town, entries):
    layer = gpd.read_file(town / "communities.gpkg")
    layer.to_file(town / "communities.shp", encoding="UTF-8")
    edit(town, '"communities.gpkg"', '"communities.shp"')
    assert len(read(town).communities) == 2
    index = (town / "communities.shx").read_bytes()
    each = [index[100 + 8 * at : 108 + 8 * at] for at in entries]
    (town / "communities.shx").write_bytes(index[:100] + b"".join(each))
    with pytest.raises(lc.InputError, match=r"rows 1, 2: its \.shx lists"):
        read(town)


def test_a_shapefile_whose_writer_numbers_no_shape_is_read(town):
    layer = gpd.read_file(town / "communities.gpkg")
    layer.to_file(town / "communities.shp", encoding="UTF-8")
    edit(town, '"communities.gpkg"', '"communities.shp"')
    path = town / "communities.shp"
    data = bytearray(path.read_bytes())
    index = (town / "communities.shx").read_bytes()
    for at in range(100, len(index), 8):
        begin = 2 * int.from_bytes(index[at : at + 4], "big")
        data[begin : begin + 4] = bytes(4)
    path.write_bytes(data)
    assert len(read(town).communities) == 2
