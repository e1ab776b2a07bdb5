"""The demo city, written once and opened with plain libraries; judged once more for its papers in English."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import osmium
import pandas as pd
import paper_words
import pytest
import rasterio
import shapely
from browser_pages import offline_pages
from demo_page import as_opened, opened_demo
from filelock import FileLock

import lifecircle as lc
from lifecircle import outputs
from lifecircle.demo import write_demo

METRES = "EPSG:32648"
ON_FOOT = frozenset(
    {
        "trunk", "primary", "secondary", "tertiary", "residential", "living_street", "unclassified",
        "pedestrian", "service", "footway", "path",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Extract:
    """The extract as lists: node id to place and tags, ways with node ids and tags."""

    places: dict[int, tuple[float, float]]
    node_tags: dict[int, dict[str, str]]
    ways: list[tuple[tuple[int, ...], dict[str, str]]]
    order: list[tuple[str, int]]

    def streets(self) -> nx.Graph:
        """Everything a walker may use."""
        graph = nx.Graph()
        for nodes, tags in self.ways:
            if tags.get("highway") in ON_FOOT:
                nx.add_path(graph, nodes)
        return graph

    def points(self, nodes) -> gpd.GeoSeries:
        """Places of nodes in metres."""
        lon, lat = zip(*(self.places[node] for node in nodes), strict=True)
        return gpd.GeoSeries(gpd.points_from_xy(lon, lat), index=list(nodes), crs=4326).to_crs(METRES)

    def areas(self, key: str, value: str | None = None) -> gpd.GeoDataFrame:
        """Closed ways with a tag, as polygons in metres."""
        chosen = [
            (nodes, tags)
            for nodes, tags in self.ways
            if key in tags and (value is None or tags[key] == value) and nodes[0] == nodes[-1]
        ]
        rings = [shapely.Polygon([self.places[node] for node in nodes]) for nodes, _ in chosen]
        frame = {"tags": [tags for _, tags in chosen], "nodes": [nodes for nodes, _ in chosen]}
        return gpd.GeoDataFrame(frame, geometry=rings, crs=4326).to_crs(METRES)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory) -> Path:
    """A folder with the demo city in it."""
    folder = tmp_path_factory.mktemp("demo")
    assert write_demo(folder) == folder / "study.toml"
    return folder


@pytest.fixture(scope="session")
def raw(demo_folder) -> Path:
    return demo_folder / "raw"


@pytest.fixture(scope="session")
def communities(raw) -> gpd.GeoDataFrame:
    return gpd.read_file(raw / "communities.gpkg", layer="communities")


@pytest.fixture(scope="session")
def extract(raw) -> Extract:
    places, node_tags, ways, order = {}, {}, [], []
    for item in osmium.FileProcessor(str(raw / "streets.osm.pbf")):
        order.append((item.type_str(), item.id))
        if item.is_node():
            places[item.id] = (item.location.lon, item.location.lat)
            if len(item.tags):
                node_tags[item.id] = dict(item.tags)
        else:
            ways.append((tuple(node.ref for node in item.nodes), dict(item.tags)))
    return Extract(places, node_tags, ways, order)


@pytest.fixture(scope="session")
def ledger(raw) -> gpd.GeoDataFrame:
    """The ledger, its last heading row found by hand, its figures as typed."""
    sheet = openpyxl.load_workbook(raw / "facilities.xlsx", read_only=False)["设施台账"]
    rows = list(sheet.iter_rows(values_only=True))
    heading = [lower or upper for upper, lower in zip(rows[1], rows[2], strict=True)]
    table = pd.DataFrame(rows[3:], columns=heading)
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["经度"], table["纬度"]), crs=4326
    ).to_crs(METRES)


@pytest.fixture(scope="session")
def planted(raw) -> dict:
    return tomllib.loads((raw / "planted.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def homes(raw, communities) -> gpd.GeoDataFrame:
    """Middles of inhabited cells with their residents and the code of the unit they lie in."""
    with rasterio.open(raw / "population.tif") as file:
        values = file.read(1, masked=True).filled(0)
        row, column = np.nonzero(values)
        x, y = file.bounds.left + 100 * (column + 0.5), file.bounds.top - 100 * (row + 0.5)
        cells = gpd.GeoDataFrame(
            {"residents": values[row, column]}, geometry=gpd.points_from_xy(x, y), crs=file.crs
        )
    units = communities[["代码", "geometry"]].to_crs(METRES)
    return cells.sjoin(units, predicate="within", how="left").drop(columns="index_right")


@pytest.fixture(scope="session")
def rerun(demo_run) -> lc.Results:
    """The same study, run a second time, in this process."""
    return lc.run(lc.Study.from_file(demo_run.folder / "study.toml"), jobs=1)


@pytest.fixture(scope="session")
def papers(demo_run, request, tmp_path_factory) -> dict[str, Path]:
    """Folders with the demo's papers by language; the English ones are written once for all workers."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    english, done = base / "demo_in_english", base / "demo_in_english.done"
    with FileLock(base / "demo_in_english.lock"):
        if not done.exists():
            english.mkdir()
            results = request.getfixturevalue("rerun")
            outputs.write_deficits_csv(results, english / "deficits.csv", lang="en")
            outputs.write_workbook(results, english / "deficits.xlsx", lang="en")
            outputs.write_report_html(results, english / "report.html", lang="en")
            outputs.write_report_docx(results, english / "report.docx", maps=[], lang="en")
            outputs.write_gap_map(results, english / "gap_map.html", lang="en")
            done.touch()
    return {"zh": demo_run.results, "en": english}


@pytest.fixture(scope="module")
def deficits(demo_run):
    """The demo's findings, as they stand in deficits.csv."""
    return demo_run.deficits()


@pytest.fixture(scope="module")
def data(demo_run):
    """What the demo's map holds."""
    return paper_words.map_data(demo_run.results / "gap_map.html")


@pytest.fixture(scope="module")
def loaded(chromium, demo_run):
    """The demo's map on a wide screen, opened once for all tests of a file; `page` is what they take."""
    with offline_pages(chromium) as open_page:
        yield opened_demo(open_page, demo_run, width=1366, height=768)


@pytest.fixture
def page(loaded):
    """The demo's map as it opens, whatever a test before has clicked."""
    return as_opened(loaded)
