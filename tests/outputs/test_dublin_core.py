"""Every output that can says what it is in Dublin Core terms, and nothing in them is run."""

import dataclasses
import re

import numpy as np
import pytest
import rasterio
from results_by_hand import results_by_hand

from lifecircle.outputs.dublin_core import dublin_core
from lifecircle.outputs.gis.rasters import write_rasters
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.gap_map import write_gap_map
from lifecircle.tables import Raster

HOSTILE = '"><script>x()</script>{% endraw %}{{ 7 * 7 }}'


def named(name):
    results = results_by_hand()
    return dataclasses.replace(results, inputs=dataclasses.replace(results.inputs, name=name))


@pytest.mark.parametrize("write", [write_report_html, write_gap_map])
def test_pages_carry_them_as_plain_words(write, tmp_path):
    write(named(HOSTILE), tmp_path / "page.html", lang="en")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    head = page.partition("<title>")[0]
    told = dict(re.findall(r'<meta name="(DCTERMS\.\w+)" content="([^"]*)">', head))
    assert set(told) == set(dublin_core(named(HOSTILE), "en"))
    assert told["DCTERMS.language"] == "en"
    assert "&lt;script&gt;" in told["DCTERMS.title"]
    assert "{{ 7 * 7 }}" in told["DCTERMS.title"]
    assert "<script" not in head


def test_rasters_carry_them_as_tags(tmp_path):
    values = np.array([[1, 2], [3, 4]], dtype=np.float32)
    grid = Raster(values=values, west=410_050.0, north=2_215_000.0, cell_m=50.0, crs="EPSG:32649")
    write_rasters(
        dataclasses.replace(named("Town"), rasters={"market": grid}), tmp_path / "rasters", lang="en"
    )
    with rasterio.open(tmp_path / "rasters" / "minutes_market.tif") as raster:
        told = {name: words for name, words in raster.tags().items() if name.startswith("DCTERMS")}
    assert told["DCTERMS.title"] == "Town · minutes to the nearest Fresh-food market"
    assert told == dublin_core(named("Town"), "en", of="minutes to the nearest Fresh-food market")
