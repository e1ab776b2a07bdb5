"""Basemaps: none unless asked for; the policy allows the tiles' hosts and nothing else."""

import dataclasses
import re

import pytest
from results_by_hand import results_by_hand

from lifecircle.outputs.safe_text import security_policy
from lifecircle.outputs.web_map.basemap import basemap
from lifecircle.outputs.web_map.gap_map import write_gap_map


@pytest.fixture(scope="module")
def results():
    return results_by_hand(rows=2, columns=2)


def image_sources(page):
    return re.search(r"img-src ([^;]+);", page)[1].split()


def test_none_is_none(tmp_path):
    assert basemap("none", page=tmp_path / "gap_map.html") is None


@pytest.mark.parametrize(
    ("kind", "settings", "sources"),
    [
        ("osm", {}, ["https://tile.openstreetmap.org"]),
        ("tianditu", {"tianditu_key": "0aB1"}, [f"https://t{n}.tianditu.gov.cn" for n in range(8)]),
        ("tiles", {"tiles": "http://10.0.0.1:8080/t/{z}/{x}/{y}.png"}, ["http://10.0.0.1:8080"]),
        (
            "tiles",
            {"tiles": "https://{s}.maps.gov.cn/{z}/{x}/{y}"},
            [f"https://{server}.maps.gov.cn" for server in "abc"],
        ),
    ],
)
def test_the_page_may_fetch_pictures_from_the_hosts_asked_for_and_no_others(
    results, tmp_path, kind, settings, sources
):
    path = tmp_path / "gap_map.html"
    write_gap_map(results, path, lang="zh", basemap=basemap(kind, page=path, **settings))
    page = path.read_text(encoding="utf-8")
    assert image_sources(page) == ["data:", *sources]
    assert "default-src 'none'" in page


def test_without_a_basemap_the_page_may_fetch_nothing(results, tmp_path):
    write_gap_map(results, tmp_path / "gap_map.html", lang="zh")
    page = (tmp_path / "gap_map.html").read_text(encoding="utf-8")
    assert image_sources(page) == ["data:"]
    assert "tianditu.gov.cn" not in page
    assert "openstreetmap.org" not in page


def test_tianditu_is_asked_as_its_wmts_wants_in_web_mercator(tmp_path):
    below = basemap("tianditu", page=tmp_path / "gap_map.html", tianditu_key="k3y")
    assert below.subdomains == "01234567"
    assert below.urls[0] == (
        "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec"
        "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=k3y"
    )
    assert below.urls[1].replace("cva", "vec") == below.urls[0]


def test_a_key_cannot_add_to_the_address(tmp_path):
    below = basemap("tianditu", page=tmp_path / "gap_map.html", tianditu_key="a&b=c d/{s}")
    assert below.urls[0].endswith("&tk=a%26b%3Dc%20d%2F%7Bs%7D")


@pytest.mark.parametrize("source", ["https://a.b; script-src *", "x,y", 'https://a"b', "https://a.b <c"])
def test_a_source_that_could_end_the_policy_is_refused(source):
    with pytest.raises(ValueError, match="image source"):
        security_policy("<script>1</script>", image_sources=[source])


def test_a_hostile_credit_is_data(results, tmp_path):
    path = tmp_path / "gap_map.html"
    below = basemap("osm", page=path)
    write_gap_map(
        results, path, lang="en", basemap=dataclasses.replace(below, credit="</script><img src=x onerror=1>")
    )
    assert "<img" not in path.read_text(encoding="utf-8")
