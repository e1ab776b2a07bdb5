"""A corpus of bad files: each refused in the user's words, or read and remarked upon."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from lifecircle.errors import InputError, MissingInputError
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog

SQUARE = box(114.5, 38.0, 114.51, 38.01)
BOWTIE = Polygon([(114.5, 38.0), (114.51, 38.01), (114.51, 38.0), (114.5, 38.01)])


def layer(*shapes, crs=4326, **columns):
    """A small layer."""
    columns = columns or {"code": [str(number) for number in range(len(shapes))]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def read(path, *, shape="polygon", wanted=None, required=("code",), log=None, **options):
    """Read a layer with a column `code`."""
    log = log or ReadingLog()
    table = read_vector(
        path,
        log,
        subject="communities",
        shape=shape,
        wanted=wanted or {"code": ("code",)},
        required=required,
        **options,
    )
    return table, log.quality().set_index("remark")


def refusal(path, **options):
    """The words of a refusal, without the folder."""
    with pytest.raises(InputError) as caught:
        read(path, **options)
    return str(caught.value).replace(f"{path.parent}/", "")


# --- every format


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "json", "shp", "fgb", "parquet"])
def test_every_format_reads_alike(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    made = layer(SQUARE, shapely.transform(SQUARE, lambda xy: xy + 0.02))
    if suffix == "parquet":
        made.to_parquet(path)
    else:
        made.to_file(path, **({"driver": "GeoJSON"} if suffix == "json" else {}))
    result, _ = read(path)
    assert sorted(result["code"]) == ["0", "1"]
    assert result.index.tolist() == ["1", "2"]
    assert result.crs.is_geographic


def test_a_shapefile_is_read_inside_its_zip(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("a.???"):
            if part.suffix != ".zip":
                archive.write(part, f"folder/{part.name}")
    result, _ = read(tmp_path / "a.zip")
    assert result["code"].tolist() == ["0"]
    assert not (tmp_path / "folder").exists()


def test_a_member_that_climbs_out_of_its_zip_is_never_written(tmp_path):
    inner = tmp_path / "deep"
    inner.mkdir()
    layer(SQUARE).to_file(tmp_path / "a.shp")
    with zipfile.ZipFile(inner / "a.zip", "w") as archive:
        archive.writestr("../slipped.txt", "x")
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(tmp_path / f"a{suffix}", f"a{suffix}")
    read(inner / "a.zip")
    assert not (tmp_path / "slipped.txt").exists()


def test_a_csv_gives_points_by_longitude_and_latitude(tmp_path):
    (tmp_path / "a.csv").write_text("code,经度,纬度\n7,114.5,３８．０\n", encoding="utf-8")
    result, _ = read(tmp_path / "a.csv", shape="point")
    assert result.geometry.iloc[0].equals(Point(114.5, 38.0))
    assert result.index.tolist() == ["2"]


def test_a_plain_parquet_table_gives_points_too(tmp_path):
    pd.DataFrame({"code": ["a"], "lon": [114.5], "lat": [38.0]}).to_parquet(tmp_path / "a.parquet")
    result, _ = read(tmp_path / "a.parquet", shape="point")
    assert result.geometry.iloc[0].equals(Point(114.5, 38.0))


def test_geoparquet_that_lost_its_head_is_a_table_without_places(tmp_path):
    pd.DataFrame({"code": ["a"], "geometry": [b"\x01\x01"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match='no column "x"'):
        read(tmp_path / "a.parquet", shape="any")


# --- files that are not what they seem


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MissingInputError, match=r"a\.gpkg: there is no such file"):
        read(tmp_path / "a.gpkg")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.gpkg", b"", "a.gpkg: is empty (0 bytes)"),
        (
            "a.bin",
            b"x",
            "a.bin: is no file of a kind that can be read here\n  fix: use one of: .gpkg .geojson",
        ),
        ("a.shp", b"<OGRVRTDataSource/>", "a.shp: does not begin like a .shp file"),
        ("a.gpkg", b"<OGRVRTDataSource/>", "a.gpkg: does not begin like a .gpkg file"),
        ("a.geojson", b"<OGRVRTDataSource/>", "a.geojson: does not begin like a .geojson file"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 50, "a.gpkg: cannot be read: "),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "a.geojson: cannot be read: "),
        ("a.parquet", b"PAR1" + b"\x00" * 20, "a.parquet: cannot be read: "),
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 20, "a.xlsx: cannot be read: "),
        ("a.zip", b"PK\x03\x04" + b"\x00" * 20, "a.zip: cannot be read: "),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).startswith(words)


@pytest.mark.parametrize("address", ["http://example.org/a.gpkg", "/vsicurl/http://example.org/a.gpkg"])
def test_a_remote_path_is_refused_without_being_opened(tmp_path, address):
    path = type(tmp_path)(address)
    assert "leads to another place" in refusal(path)


def test_a_virtual_dataset_inside_a_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.vrt", "<OGRVRTDataSource/>")
    assert "virtual dataset" in refusal(tmp_path / "a.zip")


def test_a_zip_bomb_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"a{number}.shp", b"\x00" * 60_000_000)
    assert refusal(tmp_path / "a.zip").startswith("a.zip: would unpack to 0.2 GB") or refusal(
        tmp_path / "a.zip", layer="a0"
    ).startswith("a.zip: would unpack to 0.2 GB")


def test_a_shapefile_without_its_parts_names_every_one(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.shp")
    (tmp_path / "a.shx").unlink()
    (tmp_path / "a.dbf").unlink()
    words = refusal(tmp_path / "a.shp")
    assert "a.shp: the shapefile lacks its part a.shx" in words
    assert "a.shp: the shapefile lacks its part a.dbf" in words


def test_an_empty_layer_is_refused(tmp_path):
    layer(SQUARE).iloc[:0].to_file(tmp_path / "a.fgb")
    assert refusal(tmp_path / "a.fgb") == (
        'a.fgb, layer "a": holds no rows\n'
        "  fix: an export that broke off reads as empty: export it again, or leave the key out"
    )


def test_a_file_of_several_layers_asks_which(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.gpkg", layer="one")
    layer(SQUARE).to_file(tmp_path / "a.gpkg", layer="two")
    assert "holds several layers: one, two" in refusal(tmp_path / "a.gpkg")
    assert "there is no such layer (found: one, two)" in refusal(tmp_path / "a.gpkg", layer="three")
    assert len(read(tmp_path / "a.gpkg", layer="two")[0]) == 1


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path):
    layer(SQUARE, kode=["1"], name=["x"]).to_file(tmp_path / "a.gpkg")
    assert refusal(tmp_path / "a.gpkg") == (
        'a.gpkg, layer "a": no column "code" (found: kode, name)\n'
        '  fix: say in the study file what this file calls it: columns.code = "kode"; '
        'or rename the column to "code"'
    )
    # a column that another field goes by is no misspelling
    layer(SQUARE, scope=["urban"], name=["x"]).to_file(tmp_path / "b.gpkg")
    wanted = {"code": ("code",), "scope": ("scope",)}
    assert 'columns.code = "…"; or rename' in refusal(tmp_path / "b.gpkg", wanted=wanted)


# --- coordinate systems


def test_a_layer_without_a_coordinate_system_is_refused(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.shp")
    (tmp_path / "a.prj").unlink()
    words = refusal(tmp_path / "a.shp")
    assert words.startswith('a.shp, layer "a": has no coordinate system (coordinates around 114.505, 38.005)')


def test_latitude_first_is_refused(tmp_path):
    layer(shapely.transform(SQUARE, lambda xy: xy[:, ::-1])).to_file(tmp_path / "a.gpkg")
    assert "longitude and latitude are swapped (coordinates around 38.005, 114.505)" in refusal(
        tmp_path / "a.gpkg"
    )


def test_metres_called_degrees_are_refused(tmp_path):
    layer(box(500000, 4000000, 500100, 4000100)).to_file(tmp_path / "a.gpkg")
    assert "is said to hold degrees, and holds metres (coordinates around 500050, 4.00005e+06)" in refusal(
        tmp_path / "a.gpkg"
    )


def test_degrees_called_metres_are_refused(tmp_path):
    layer(SQUARE, crs=32650).to_file(tmp_path / "a.gpkg")
    assert "is said to be in WGS 84 / UTM zone 50N, and holds degrees" in refusal(tmp_path / "a.gpkg")


@pytest.mark.parametrize("epsg", [4490, 4526, 4547, 4508])
def test_cgcs2000_is_read_with_zone_and_without(tmp_path, epsg):
    """4490 degrees, 4526 with zone number 38, 4547 by central meridian, 4508 six-degree zones."""
    layer(SQUARE).to_crs(epsg).to_file(tmp_path / "a.gpkg")
    result, _ = read(tmp_path / "a.gpkg")
    middle = result.to_crs(4326).geometry.iloc[0].centroid
    assert (middle.x, middle.y) == pytest.approx((114.505, 38.005), abs=1e-6)


def test_eastings_with_a_zone_number_in_a_system_without_are_refused(tmp_path):
    prefixed = layer(SQUARE).to_crs(4526)
    prefixed.set_crs(4547, allow_override=True).to_file(tmp_path / "a.gpkg")
    words = refusal(tmp_path / "a.gpkg")
    assert "lie outside the area that CGCS2000 / 3-degree Gauss-Kruger CM 114E is made for" in words
    assert "EPSG:4513-4533" in words


def test_gcj02_is_undone(tmp_path):
    (tmp_path / "a.csv").write_text("code,lon,lat\n1,116.404,39.915\n", encoding="utf-8")
    plain, _ = read(tmp_path / "a.csv", shape="point")
    undone, _ = read(tmp_path / "a.csv", shape="point", datum="gcj02")
    moved_m = plain.to_crs(32650).distance(undone.to_crs(32650)).iloc[0]
    assert 400 < moved_m < 700
    assert undone.geometry.iloc[0].x == pytest.approx(116.39775, abs=1e-4)


# --- geometry


def test_shapes_are_repaired_or_left_out_and_counted(tmp_path):
    holed = MultiPolygon([SQUARE])
    flat = shapely.force_3d(shapely.transform(SQUARE, lambda xy: xy + 0.05), 7.0)
    made = layer(BOWTIE, holed, None, Polygon(), flat, LineString([(114.5, 38), (114.6, 38)]))
    made.to_file(tmp_path / "a.gpkg")
    result, quality = read(tmp_path / "a.gpkg")
    assert result["code"].tolist() == ["0", "1", "4"]
    assert result.is_valid.all()
    assert not result.has_z.any()
    assert result.geometry.iloc[0].area == pytest.approx(0.5e-4)
    counts = quality["count"].to_dict()
    assert counts == {"null-geometry": 2, "z-dropped": 1, "repaired-geometry": 1, "wrong-geometry": 1}
    assert quality.loc["null-geometry", "value"] == "3 (2), 4 (3)"


@pytest.mark.filterwarnings("ignore:invalid value encountered in (linestrings|to_wkb):RuntimeWarning")
def test_coordinates_that_are_not_numbers_are_left_out(tmp_path):
    made = layer(SQUARE, LineString([(114.5, 38), (np.nan, 38), (114.6, 38.1)]))
    made.to_parquet(tmp_path / "a.parquet")
    result, quality = read(tmp_path / "a.parquet", shape="any")
    assert result["code"].tolist() == ["0"]
    assert quality.loc["nan-coordinates", "count"] == 1


def test_lines_where_polygons_are_needed_are_refused(tmp_path):
    layer(LineString([(114.5, 38), (114.6, 38)])).to_file(tmp_path / "a.gpkg")
    assert 'a.gpkg, layer "a": needs polygons, found: LineString' in refusal(tmp_path / "a.gpkg")


# --- tables


def test_a_csv_in_gbk_is_recognised_and_said_to_be(tmp_path):
    (tmp_path / "a.csv").write_bytes("code,名称,经度,纬度\n1,光华路社区,114.5,38\n".encode("gbk"))
    result, quality = read(tmp_path / "a.csv", shape="point", wanted={"code": ("code",), "name": ("名称",)})
    assert result["name"].tolist() == ["光华路社区"]
    assert quality.loc["encoding-guessed", "value"] == "gb18030"


def test_a_declared_encoding_that_cannot_be_is_refused_with_a_guess(tmp_path):
    (tmp_path / "a.csv").write_bytes("code,名称,x,y\n1,光华路社区,114.5,38\n".encode("gbk"))
    assert refusal(tmp_path / "a.csv", shape="point", encoding="utf-8") == (
        'a.csv: is not utf-8 (byte 5)\n  fix: it looks like gb18030: set encoding = "gb18030"'
    )
    assert "there is no encoding" in refusal(tmp_path / "a.csv", shape="point", encoding="utf8000")


def test_utf_8_declared_as_gbk_is_refused_whether_or_not_its_bytes_could_be_gbk(tmp_path):
    for name in ("光华路", "光华路社区"):
        (tmp_path / "a.csv").write_bytes(f"code,名称,x,y\n1,{name},114.5,38\n".encode())
        said = refusal(tmp_path / "a.csv", shape="point", encoding="gb18030")
        assert "a.csv: is declared gb18030, and its bytes are utf-8" in said


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y\n1,114.5,38\n", encoding="utf-8-sig")
    assert read(tmp_path / "a.csv", shape="point")[0]["code"].tolist() == ["1"]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_found(tmp_path, separator):
    text = "code,x,y\n1,114.5,38\n".replace(",", separator)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert len(read(tmp_path / "a.csv", shape="point")[0]) == 1


def test_swapped_columns_of_a_table_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("code,lon,lat\n1,38,114.5\n", encoding="utf-8")
    assert "a.csv: longitude and latitude are swapped (coordinates around 38, 114.5)" in refusal(
        tmp_path / "a.csv", shape="point"
    )


def test_metres_in_the_longitude_of_a_table_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y\n1,500000,4000000\n", encoding="utf-8")
    assert "coordinates are metres" in refusal(tmp_path / "a.csv", shape="point")


def test_a_coordinate_that_is_no_number_names_its_row(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y\n1,114.5,38\n2,east,38\n", encoding="utf-8")
    log = ReadingLog()
    read(tmp_path / "a.csv", shape="point", log=log)
    (fault,) = log.faults
    assert (fault.key, fault.row, fault.field, dict(fault.values)) == (
        "not-a-number",
        "3",
        "x",
        {"found": "east"},
    )


def test_a_row_with_a_stray_comma_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y\n1,114.5,38,extra\n", encoding="utf-8")
    assert "a.csv, row 2: has more cells than the heading has columns (3)" in refusal(
        tmp_path / "a.csv", shape="point"
    )


# --- which layer, which member, which column


def stored(archive, folder, *names):
    """Files of a folder in an archive."""
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            packed.write(folder / name, name)
    return archive


def test_a_table_without_geometry_is_no_layer_to_choose_from(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(SQUARE).to_file(path, layer="communities")
    pyogrio.write_dataframe(pd.DataFrame({"styleName": ["a"]}), path, layer="layer_styles", append=True)
    assert len(read(path)[0]) == 1


def test_several_layers_are_named_and_the_one_asked_for_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(SQUARE).to_file(path, layer="边界")
    layer(SQUARE, SQUARE).to_file(path, layer="社区")
    assert "a.gpkg: holds several layers: 边界, 社区" in refusal(path)
    assert len(read(path, layer="社区")[0]) == 2
    assert "there is no such layer (found: 边界, 社区)" in refusal(path, layer="县")


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "parquet"])
def test_an_archive_may_hold_any_layer(tmp_path, suffix):
    inner = tmp_path / f"社区.{suffix}"
    made = layer(SQUARE)
    made.to_parquet(inner) if suffix == "parquet" else made.to_file(inner)
    (tmp_path / "readme.csv").write_text("a,b\n1,2\n")
    result, quality = read(stored(tmp_path / "a.zip", tmp_path, inner.name, "readme.csv"))
    assert result["code"].tolist() == ["0"]
    assert quality.loc["archive-member-read", "value"] == f"{inner.name} (readme.csv)"


def test_an_archive_of_a_table_alone_is_read(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y\n7,114.5,38\n")
    assert read(stored(tmp_path / "a.zip", tmp_path, "a.csv"), shape="point")[0]["code"].tolist() == ["7"]


def test_an_archive_without_a_layer_says_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    said = refusal(stored(tmp_path / "a.zip", tmp_path, "notes.txt"))
    assert "a.zip: the archive holds no layer or table that can be read (it holds: notes.txt)" in said
    assert ".shp" in said


def test_several_members_are_named_and_chosen_by_layer(tmp_path):
    layer(SQUARE).to_file(tmp_path / "边界.gpkg")
    layer(SQUARE, SQUARE).to_file(tmp_path / "社区.gpkg")
    path = stored(tmp_path / "a.zip", tmp_path, "边界.gpkg", "社区.gpkg")
    assert "a.zip: the archive holds several layers: 边界.gpkg, 社区.gpkg" in refusal(path)
    assert len(read(path, layer="社区")[0]) == 2


def test_members_named_in_gbk_are_found_by_their_names(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.gpkg")
    layer(SQUARE, SQUARE).to_file(tmp_path / "b.gpkg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "a.gpkg", "XXXX.gpkg")
        packed.write(tmp_path / "b.gpkg", "b.gpkg")
    written = (tmp_path / "a.zip").read_bytes().replace(b"XXXX", "边界".encode("gbk"))
    (tmp_path / "a.zip").write_bytes(written)
    assert "holds several layers: 边界.gpkg, b.gpkg" in refusal(tmp_path / "a.zip")
    assert len(read(tmp_path / "a.zip", layer="边界")[0]) == 1


def test_a_fault_inside_an_archive_names_the_archive_and_the_member(tmp_path):
    layer(SQUARE).to_file(tmp_path / "places.shp")
    said = refusal(stored(tmp_path / "a.zip", tmp_path, "places.shp", "places.shx"))
    assert "a.zip/places.shp: the shapefile lacks its part places.dbf" in said


def test_columns_that_answer_to_one_code_and_differ_are_refused(tmp_path):
    made = layer(SQUARE, SQUARE, code=["1", "2"], 代码=["8", "9"])
    made.to_file(tmp_path / "a.gpkg")
    wanted = {"code": ("code", "代码")}
    said = refusal(tmp_path / "a.gpkg", wanted=wanted)
    assert "2 columns may be code, and their cells differ: code, 代码" in said
    layer(SQUARE, SQUARE, code=["1", "2"], 代码=["1", "2"]).to_file(tmp_path / "b.gpkg")
    assert read(tmp_path / "b.gpkg", wanted=wanted)[0]["code"].tolist() == ["1", "2"]


def test_of_columns_that_answer_to_one_name_the_first_is_read_and_said(tmp_path):
    layer(SQUARE, code=["1"], name=["a"], 名称=["甲"]).to_file(tmp_path / "a.gpkg")
    result, quality = read(tmp_path / "a.gpkg", wanted={"code": ("code",), "name": ("name", "名称")})
    assert result["name"].tolist() == ["a"]
    assert quality.loc["column-chosen", "value"] == "name (名称)"


def test_metres_beside_degrees_are_not_taken_for_them(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y,经度,纬度\n1,500000,4200000,114.5,38\n", encoding="utf-8")
    assert read(tmp_path / "a.csv", shape="point")[0].geometry.iloc[0].equals(Point(114.5, 38))


def test_degrees_in_two_systems_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("code,x,y,lon,lat\n1,114.5,38,114.506,38.001\n", encoding="utf-8")
    assert "2 columns may be x, and their cells differ: x, lon" in refusal(tmp_path / "a.csv", shape="point")


# --- files that would lead elsewhere


PIPELINE = b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read other.geojson"}'
VIRTUAL = (
    b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>other.geojson</SrcDataSource></OGRVRTLayer>"
)


def test_a_pipeline_named_like_geojson_is_not_run(tmp_path):
    layer(SQUARE).to_file(tmp_path / "other.geojson")
    (tmp_path / "a.geojson").write_bytes(PIPELINE.replace(b"other", str(tmp_path / "other").encode()))
    assert "a.geojson: cannot be read" in refusal(tmp_path / "a.geojson")


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb", "a.shp", "a.parquet"])
def test_a_virtual_dataset_is_refused_under_every_name_and_in_an_archive(tmp_path, name):
    (tmp_path / name).write_bytes(VIRTUAL)
    for part in ("a.shx", "a.dbf"):
        (tmp_path / part).write_bytes(VIRTUAL)
    assert "does not begin like" in refusal(tmp_path / name)
    parts = (name, "a.shx", "a.dbf") if name == "a.shp" else (name,)
    assert "does not begin like" in refusal(stored(tmp_path / "a.zip", tmp_path, *parts))


@pytest.mark.parametrize("kind", ["link", "url", "l\\u0069nk"])
def test_a_geojson_that_names_an_address_for_its_system_is_refused(tmp_path, kind):
    tree = (
        layer(SQUARE)
        .to_json()
        .replace('"type": "FeatureCollection"', '"type": "FeatureCollection", "crs": XX', 1)
    )
    link = f'{{"type": "{kind}", "properties": {{"href": "http://127.0.0.1:9/crs", "type": "proj4"}}}}'
    (tmp_path / "a.geojson").write_text(tree.replace("XX", link), encoding="utf-8")
    assert "a.geojson: leads to another place" in refusal(tmp_path / "a.geojson")


def test_a_view_is_no_layer(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(SQUARE).to_file(path, layer="real")
    endless = (
        "CREATE VIEW v AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) SELECT * FROM n"
    )
    with closing(sqlite3.connect(path)) as book:
        book.execute(endless)
        book.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('v', 'features', 4326)"
        )
        book.execute("INSERT INTO gpkg_geometry_columns VALUES('v', 'geom', 'POLYGON', 4326, 0, 0)")
        book.commit()
    assert len(read(path)[0]) == 1
    assert 'layer "v": is a view' in refusal(path, layer="v")


def test_a_geopackage_whose_own_tables_are_views_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    layer(SQUARE).to_file(path)
    with closing(sqlite3.connect(path)) as book:
        book.execute("ALTER TABLE gpkg_extensions RENAME TO kept")
        book.execute("CREATE VIEW gpkg_extensions AS SELECT * FROM kept")
        book.commit()
    assert "a.gpkg: cannot be read" in refusal(path)


def test_a_shapefile_cut_short_is_refused_and_not_read_in_part(tmp_path):
    layer(SQUARE, SQUARE).to_file(tmp_path / "a.shp")
    whole = (tmp_path / "a.shp").read_bytes()
    (tmp_path / "a.shp").write_bytes(whole[:-40])
    assert f"a.shp has {len(whole) - 40} bytes where it says {len(whole)}: rows are missing" in refusal(
        tmp_path / "a.shp"
    )


def test_an_archive_that_names_a_member_twice_is_refused(tmp_path):
    layer(SQUARE).to_file(tmp_path / "a.geojson")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(tmp_path / "a.geojson", "a.geojson")
        packed.write(tmp_path / "a.geojson", "A.geojson")
    assert "two members of one name" in refusal(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["a\x00b.gpkg", "a" * 5000 + ".gpkg"])
def test_a_path_that_can_be_none_is_refused(tmp_path, name):
    with pytest.raises(InputError):
        read(tmp_path / name)


def test_a_link_that_leads_in_circles_is_refused(tmp_path):
    (tmp_path / "a.gpkg").symlink_to(tmp_path / "b.gpkg")
    (tmp_path / "b.gpkg").symlink_to(tmp_path / "a.gpkg")
    with pytest.raises(InputError):
        read(tmp_path / "a.gpkg")


MAGIC = {
    "gpkg": b"SQLite format 3\x00",
    "shp": b"\x00\x00'\n",
    "fgb": b"fgb",
    "parquet": b"PAR1",
    "geojson": b"{",
    "zip": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
}


@settings(max_examples=40)
@given(st.sampled_from(sorted(MAGIC)), st.binary(max_size=200))
def test_any_bytes_named_like_a_layer_are_read_or_refused(tmp_path_factory, suffix, data):
    folder = tmp_path_factory.mktemp("layers")
    path = folder / f"a.{suffix}"
    path.write_bytes(MAGIC[suffix] + data)
    for part in ("a.shx", "a.dbf"):
        (folder / part).write_bytes(data)
    with pytest.raises(InputError):
        read(path)


def test_words_of_a_parquet_table_that_are_no_utf_8_are_a_fault_of_the_file(tmp_path):
    file = tmp_path / "areas.parquet"
    words = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"a\x94"))
    pq.write_table(pa.table({"code": words}), file)
    with pytest.raises(InputError) as error:
        read(file)
    assert [fault.file for fault in error.value.faults] == [str(file)]
    assert "UTF8" in error.value.render("en")
