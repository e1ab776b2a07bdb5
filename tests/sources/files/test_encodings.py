"""Which encoding a text is in, and shapefiles that do not say."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import Point

from lifecircle.sources.files.encodings import contradicted, decode_field, guess_encoding, mojibake
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
