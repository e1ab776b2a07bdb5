"""Rasters of minutes: a 3 × 3 grid by hand, a large one with overviews, and the style QGIS draws them by."""

import dataclasses
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import rasterio
from results_by_hand import results_by_hand

from lifecircle.outputs.gis.rasters import NODATA, write_raster, write_rasters
from lifecircle.tables import Raster

HAND = Raster(
    values=np.array([[1, 2, 3], [4, np.nan, 6], [7, 8, np.inf]], dtype=np.float32),
    west=410_050.0,
    north=2_215_000.0,
    cell_m=50.0,
    crs="EPSG:32649",
)


@pytest.fixture
def written(tmp_path):
    write_raster(HAND, tmp_path / "minutes.tif", title="Health station", service="health-station")
    with rasterio.open(tmp_path / "minutes.tif") as raster:
        yield raster


def test_nine_cells_lie_where_they_belong(written):
    assert written.crs.to_epsg() == 32649
    assert tuple(written.bounds) == (410_050.0, 2_214_850.0, 410_200.0, 2_215_000.0)
    assert written.xy(0, 0) == (410_075.0, 2_214_975.0)
    assert next(written.sample([(410_175.0, 2_214_925.0)]))[0] == 6.0


def test_what_nothing_reaches_is_nodata(written):
    assert written.nodata == NODATA
    np.testing.assert_array_equal(
        written.read(1, masked=True).mask, [[False] * 3, [False, True, False], [False, False, True]]
    )


def test_the_band_says_what_it_holds(written):
    assert written.units == ("min",)
    assert written.descriptions == ("minutes to the nearest Health station",)
    assert written.tags()["service"] == "health-station"


def test_a_large_grid_is_tiled_with_overviews_and_laid_out_as_a_cog(tmp_path):
    rows, columns = np.mgrid[0:1300, 0:900]
    values = (rows / 50 + columns / 90).astype(np.float32)
    grid = dataclasses.replace(HAND, values=values)
    write_raster(grid, tmp_path / "large.tif", title="Market", service="market")
    with rasterio.open(tmp_path / "large.tif") as raster:
        assert raster.profile["tiled"]
        assert raster.block_shapes == [(512, 512)]
        assert raster.overviews(1) == [2, 4]
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        np.testing.assert_array_equal(raster.read(1), values)


def test_the_file_is_laid_out_as_cloud_optimised_readers_need(tmp_path):
    """As GDAL's validate_cloud_optimized_geotiff.py asks: heads first, coarse pixels before fine ones."""
    rng = np.random.default_rng(7)
    grid = dataclasses.replace(HAND, values=rng.uniform(1, 60, (1300, 900)).astype(np.float32))
    write_raster(grid, tmp_path / "large.tif", title="Market", service="market")
    assert {path.name for path in tmp_path.iterdir()} == {"large.tif"}, "overviews and statistics are inside"
    with rasterio.open(tmp_path / "large.tif") as raster:
        factors = raster.overviews(1)
        assert factors == [2, 4]
        assert max(raster.width, raster.height) / factors[-1] <= 512

        def offset(name, level):
            place = {} if level < 0 else {"ovr": level}
            return int(raster.get_tag_item(name, "TIFF", bidx=1, **place))

        levels = range(-1, len(factors))
        heads = [offset("IFD_OFFSET", level) for level in levels]
        pixels = [offset("BLOCK_OFFSET_0_0", level) for level in levels]
    assert heads[0] < 300, "only the description of the layout stands before the first head"
    assert heads == sorted(heads)
    assert pixels == sorted(pixels, reverse=True)
    assert max(heads) < min(pixels)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_band_speaks_the_readers_language(tmp_path, lang):
    results = dataclasses.replace(results_by_hand(), rasters={"market": HAND})
    write_rasters(results, tmp_path / "rasters", lang=lang)
    with rasterio.open(tmp_path / "rasters" / "minutes_market.tif") as raster:
        words = {"zh": "到最近的菜市场的分钟数", "en": "minutes to the nearest Fresh-food market"}
        assert raster.descriptions == (words[lang],)


def test_every_raster_has_its_style_beside_it(tmp_path):
    results = dataclasses.replace(results_by_hand(), rasters={"market": HAND})
    write_rasters(results, tmp_path / "rasters", lang="zh")
    assert {path.name for path in (tmp_path / "rasters").iterdir()} == {
        "minutes_market.tif",
        "minutes_market.qml",
    }
    style = (tmp_path / "rasters" / "minutes_market.qml").read_text(encoding="utf-8")
    root = ET.fromstring(style.split("\n", 1)[1])  # noqa: S314
    items = root.findall(".//colorrampshader/item")
    limits = [float(item.get("value")) for item in items]
    assert limits == sorted(limits)
    assert limits[-1] == float("inf")
    assert 15.0 in limits
    assert "15分钟以内" in {item.get("label") for item in items}
