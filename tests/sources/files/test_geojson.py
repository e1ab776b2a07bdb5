"""GeoJSON is looked through before it is opened: its size, its encoding, its coordinate system."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from lifecircle.errors import InputError
from lifecircle.sources.files import geojson
from lifecircle.sources.files.layers import read_layer
from lifecircle.sources.files.shapes import labelled


def write(path, *, name="东社区", crs=None, encoding="utf-8"):
    made = json.loads(gpd.GeoDataFrame({"name": [name]}, geometry=[box(114, 38, 115, 39)]).to_json())
    text = json.dumps({**made, "crs": crs} if crs else made, ensure_ascii=False)
    path.write_text(text, encoding=encoding)
    return path


def refusal(path, encoding=""):
    with pytest.raises(InputError) as refused:
        read_layer(path, encoding=encoding)
    return str(refused.value)


def test_one_byte_more_than_the_bound_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.geojson")
    size = path.stat().st_size
    monkeypatch.setattr(geojson, "BYTES_LIMIT", size)
    assert list(read_layer(path).frame["name"]) == ["东社区"]
    monkeypatch.setattr(geojson, "BYTES_LIMIT", size - 1)
    assert f"more bytes than {size - 1:,}" in refusal(path)


def test_a_file_in_another_encoding_has_a_bound_of_its_own(tmp_path, monkeypatch):
    path = write(tmp_path / "a.geojson", encoding="gb18030")
    monkeypatch.setattr(geojson, "CONVERTED_LIMIT", path.stat().st_size)
    assert list(read_layer(path, encoding="gb18030").frame["name"]) == ["东社区"]
    monkeypatch.setattr(geojson, "CONVERTED_LIMIT", path.stat().st_size - 1)
    assert "in another encoding than UTF-8" in refusal(path, "gb18030")


@pytest.mark.parametrize("at", range(-3, 4))
def test_a_character_across_two_pieces_of_the_file_is_utf8(tmp_path, monkeypatch, at):
    path = write(tmp_path / "a.geojson")
    monkeypatch.setattr(geojson, "_CHUNK", path.read_bytes().index("东".encode()) + at)
    assert list(read_layer(path).frame["name"]) == ["东社区"]
    path.write_bytes(path.read_bytes().replace("区".encode(), "区".encode()[:2]))
    assert "UTF-8" in refusal(path)


@pytest.mark.parametrize("kind", ["link", "LINK", "url", r"\u006cink", r"\u006C\u0069\u006E\u006b"])
@pytest.mark.parametrize("key", ["crs", r"\u0063rs", r"c\u0072\u0053"])
def test_an_address_for_a_coordinate_system_is_refused_however_it_is_spelled(tmp_path, key, kind):
    path = write(tmp_path / "a.geojson", crs={"type": "XX", "properties": {"href": "http://127.0.0.1:9/"}})
    text = path.read_text(encoding="utf-8").replace('"XX"', f'"{kind}"').replace('"crs"', f'"{key}"')
    path.write_text(text, encoding="utf-8")
    assert "leads to another place" in refusal(path)


def test_a_coordinate_system_that_nobody_knows_is_refused_however_it_is_spelled(tmp_path):
    path = write(tmp_path / "a.geojson", crs={"type": "name", "properties": {"name": "EPSG:999999"}})
    assert "EPSG:999999" in refusal(path)
    text = path.read_text(encoding="utf-8").replace('"name": "EPSG', r'"n\u0061me": "\u0045PSG')
    path.write_text(text, encoding="utf-8")
    assert "EPSG:999999" in refusal(path)


@pytest.mark.parametrize(
    "said",
    [
        '"crs": {"properties": {"href": "http://127.0.0.1:9/"}, "type": "link"}',
        '"crs": {"x": {}, "type": "url", "properties": {"url": "http://127.0.0.1:9/"}}',
        '"crs" /* so */ : {"Type": "Link", "properties": {"href": "http://127.0.0.1:9/"}}',
        '\'crs\': {"type": "link", "properties": {"href": "http://127.0.0.1:9/"}}',
    ],
    ids=["after its properties", "after something else", "after a remark", "in other quotes"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_address_is_refused_wherever_it_stands(tmp_path, said, encoding):
    path = write(tmp_path / "a.geojson")
    path.write_text("{" + said + "," + path.read_text(encoding="utf-8")[1:], encoding=encoding)
    assert "leads to another place" in refusal(path)


@pytest.mark.parametrize(
    "system",
    [
        {"type": "name", "properties": {"note": "", "name": "EPSG:999999"}},
        {"type": "name", "properties": {"name": "EPSG:4326", "NAME": "EPSG:999999"}},
        {"type": "OGC", "properties": {"urn": "urn:ogc:def:crs:EPSG::999999"}},
        {"type": "EPSG", "properties": {"code": 999999}},
        {"type": "other", "properties": {"name": "EPSG:999999"}},
        {"name": "EPSG:999999"},
    ],
)
def test_a_system_that_gdal_would_take_for_another_is_refused(tmp_path, system):
    assert "999999" in refusal(write(tmp_path / "a.geojson", crs=system))


@pytest.mark.parametrize(
    "system",
    [
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "EPSG", "properties": {"code": 4326}},
        None,
    ],
)
def test_a_known_system_is_read(tmp_path, system):
    assert len(read_layer(write(tmp_path / "a.geojson", crs=system)).frame) == 1


def test_rows_are_named_where_an_id_is_a_list():
    frame = pd.DataFrame({"code": [["a", "b"], None, " x "]})
    assert labelled(frame, np.array([True, True, True])) == ["0 (['a', 'b'])", "1", "2 (x)"]
