"""Which encoding a text is in, and shapefiles that do not say."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
from shapely import Point

from lifecircle.errors import InputError
from lifecircle.sources.files.encodings import (
    contradicted,
    decode_field,
    guess_encoding,
    known_encoding,
    mojibake,
)
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog

NAMES = ["棉一东社区居民委员会", "光华路社区居民委员会", "镇卫生院"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig", "utf-16"])
def test_chinese_is_recognised(encoding):
    data = "\n".join(["编号,名称", *NAMES]).encode(encoding)
    assert data.decode(guess_encoding(data)).splitlines()[1] == NAMES[0]


def test_a_single_short_gbk_word_is_chinese():
    assert guess_encoding("社区".encode("gbk")) == "gb18030"


def test_portuguese_in_latin_1_is_not_taken_for_chinese():
    data = "São João, Praça da Alfândega, Vila São José, Petrópolis, Educação".encode("latin-1")
    assert data.decode(guess_encoding(data)) == data.decode("latin-1")


def test_ascii_is_utf_8():
    assert guess_encoding(b"id,name\n1,a\n") == "utf-8"


def test_utf_8_with_a_character_cut_at_the_field_width_is_still_utf_8():
    assert guess_encoding("社区居民".encode()[:-1] + b"\n" + "名称".encode()) == "utf-8"
    assert decode_field("社区居民".encode()[:-1], "utf-8") == "社区居"


def test_utf_8_declared_as_gbk_is_contradicted_and_gbk_is_not():
    assert contradicted("社区服务".encode(), "gbk")
    assert not contradicted("社区服务".encode("gbk"), "gbk")


def test_mojibake_says_what_was_meant():
    assert mojibake("光华路社区".encode("gbk").decode("latin-1")) == "光华路社区"
    assert mojibake("São João") == ""
    assert mojibake("光华路社区") == ""


def shapefile(folder, encoding, *, columns=("code", "名称"), cpg=True):
    """A point shapefile of Chinese names."""
    layer = gpd.GeoDataFrame(
        {columns[0]: ["a", "b", "c"], columns[1]: NAMES},
        geometry=[Point(114.5, 38), Point(114.6, 38), Point(114.7, 38)],
        crs=4326,
    )
    path = folder / "places.shp"
    layer.to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
        # GDAL notes the code page in the dBase header as well; bureaus' software leaves it blank.
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = 0
        path.with_suffix(".dbf").write_bytes(table)
    return path


def read(path, **options):
    """The layer and what was remarked."""
    log = ReadingLog()
    wanted = {"code": ("code",), "name": ("名称", "社区名")}
    layer = read_vector(path, log, subject="facilities", shape="point", wanted=wanted, **options)
    return layer, log.quality()


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_shapefile_is_read_in_its_encoding_with_or_without_a_cpg(tmp_path, encoding, cpg):
    layer, quality = read(shapefile(tmp_path, encoding, cpg=cpg))
    assert layer["name"].tolist() == NAMES
    guessed = quality[quality["remark"] == "encoding-guessed"]
    assert guessed["value"].tolist() == (["gb18030"] if encoding == "GBK" and not cpg else [])


def test_a_cpg_that_its_bytes_contradict_is_not_believed(tmp_path):
    path = shapefile(tmp_path, "UTF-8")
    path.with_suffix(".cpg").write_text("GBK")
    assert read(path)[0]["name"].tolist() == NAMES


def test_the_declared_encoding_wins_over_the_cpg(tmp_path):
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    assert read(path, encoding="gbk")[0]["name"].tolist() == NAMES


@pytest.mark.filterwarnings("ignore:Could not decode error message:RuntimeWarning")
def test_a_field_name_cut_in_the_middle_of_a_character_is_survived(tmp_path):
    layer, _ = read(shapefile(tmp_path, "UTF-8", columns=("code", "社区名称全称")))
    assert layer["name"].tolist() == NAMES


def test_a_shapefile_under_a_chinese_path_is_read(tmp_path):
    folder = tmp_path / "数据 一"
    folder.mkdir()
    assert len(read(shapefile(folder, "GBK", cpg=False))[0]) == 3


def test_chinese_with_middle_dots_and_dashes_is_chinese_and_not_korean():
    names = ["华发·一区", "中海—三区", "翠·前", "“金域”蓝湾……"]
    data = "\n".join(names).encode("gbk")
    assert data.decode(guess_encoding(data)).split("\n") == names


def test_rare_characters_of_gb_18030_are_chinese_too():
    assert guess_encoding("镕华社区\n喆园社区\n堃庭".encode("gb18030")) == "gb18030"


@pytest.mark.parametrize(
    "names", ["Educação, Conceição, Fundação", "Überlingen, Straße, Düsseldorf", "Señor, Peñón, Núñez"]
)
def test_accented_words_of_the_west_are_never_chinese(names):
    data = names.encode("latin-1")
    assert data.decode(guess_encoding(data)) == names
    assert not contradicted(data, "latin-1")


def test_chinese_declared_western_is_contradicted_and_cyrillic_is_not():
    assert contradicted("海霞社区\n吉莲社区".encode("gbk"), "ISO-8859-1")
    assert not contradicted("Київ, Харків".encode("cp1251"), "cp1251")


@pytest.mark.parametrize(
    "name", ["hex", "zip", "base64", "undefined", "idna", "utf-7", "no such", "a\x00b", ""]
)
def test_what_is_no_encoding_of_text_is_unknown(name):
    assert not known_encoding(name)


@pytest.mark.parametrize(
    ("made", "read_as"), [("gbk", "latin-1"), ("gbk", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "cp1252")]
)
def test_mojibake_of_every_sort_is_undone(made, read_as):
    meant = "竹苑社区"
    try:
        garbled = meant.encode(made).decode(read_as)
    except UnicodeDecodeError:
        pytest.skip("these bytes are not in that encoding, so nobody reads them so")
    assert mojibake(garbled) == meant


@pytest.mark.parametrize(
    "name", ["Straße Überlingen", "東京都", "华发·一区", "서울특별시", "Київ", "São João"]
)
def test_sound_names_are_no_mojibake(name):
    assert mojibake(name) == ""


def test_a_cpg_that_says_latin_1_over_chinese_is_refused_with_what_the_text_is(tmp_path):
    path = shapefile(tmp_path, "GBK")
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    with pytest.raises(InputError) as refused:
        read(path)
    (fault,) = refused.value.faults
    assert (fault.key, fault.values["guess"]) == ("cpg-contradicted", "gb18030")
    assert read(path, encoding="gb18030")[0]["name"].tolist() == NAMES


def test_texts_that_are_not_in_the_declared_encoding_are_all_counted(tmp_path):
    layer = gpd.GeoDataFrame(
        {"code": list("abcd"), "名称": ["镕华", "喆园", "竹苑", "堃庭"]},
        geometry=[Point(114, 38)] * 4,
        crs=4326,
    )
    path = tmp_path / "places.shp"
    layer.to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    with pytest.raises(InputError) as refused:
        read(path, encoding="gb2312")
    (fault,) = refused.value.faults
    assert (fault.key, fault.field, fault.values["count"]) == ("wrong-encoding-texts", "名称", 3)
    assert fault.row == "1, 2, 4"
    assert fault.values["guess"] == "gb18030"


def test_utf_8_declared_as_gbk_is_refused_in_a_shapefile_too(tmp_path):
    with pytest.raises(InputError, match="is declared gbk, and its bytes are utf-8"):
        read(shapefile(tmp_path, "UTF-8"), encoding="gbk")


def test_texts_that_an_earlier_program_garbled_are_all_counted(tmp_path):
    garbled = [name.encode("gbk").decode("latin-1") for name in NAMES]
    layer = gpd.GeoDataFrame({"code": list("abc"), "名称": garbled}, geometry=[Point(114, 38)] * 3, crs=4326)
    layer.to_file(tmp_path / "a.gpkg")
    _, quality = read(tmp_path / "a.gpkg")
    [told] = quality[quality["remark"] == "mojibake"].to_dict("records")
    assert told["count"] == 3
    assert NAMES[0] in told["value"]


def geojson(path, encoding):
    """A GeoJSON file of Chinese names in any encoding."""
    layer = gpd.GeoDataFrame({"code": list("abc"), "名称": NAMES}, geometry=[Point(114, 38)] * 3, crs=4326)
    tree = json.loads(layer.to_json())
    tree.pop("crs", None)
    path.write_bytes(json.dumps(tree, ensure_ascii=False).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16"])
def test_a_geojson_in_another_encoding_is_read_where_that_is_declared(tmp_path, encoding):
    assert read(geojson(tmp_path / "a.geojson", encoding), encoding=encoding)[0]["name"].tolist() == NAMES


def test_a_geojson_that_is_not_utf_8_is_refused_with_its_encoding(tmp_path):
    with pytest.raises(InputError) as refused:
        read(geojson(tmp_path / "a.geojson", "gbk"))
    (fault,) = refused.value.faults
    assert (fault.key, fault.values["guess"]) == ("geojson-not-utf8", "gb18030")
    assert read(geojson(tmp_path / "b.geojson", "utf-16"))[0]["name"].tolist() == NAMES
    with pytest.raises(InputError, match="is declared gbk"):
        read(geojson(tmp_path / "c.geojson", "utf-8"), encoding="gbk")


def test_an_encoding_declared_for_a_format_that_is_always_utf_8_is_said_to_mean_nothing(tmp_path):
    gpd.GeoDataFrame({"code": ["a"]}, geometry=[Point(114, 38)], crs=4326).to_file(tmp_path / "a.gpkg")
    _, quality = read(tmp_path / "a.gpkg", encoding="gbk")
    assert "encoding-ignored" in set(quality["remark"])
