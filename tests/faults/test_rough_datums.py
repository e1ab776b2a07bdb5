"""A system whose place on Earth is known roughly or not at all, in every reader: warned of, or refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from rasterio.warp import transform_bounds
from shapely import Point, box
from spoiled_town import edit, more, raster

import lifecircle as lc
from lifecircle.errors import InputError

UNKNOWN = "+proj=tmerc +lat_0=0 +lon_0=114 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m +no_defs"
ROUGH = {
    "Xian 1980": "EPSG:2383",
    "Xian 1980 in degrees": "EPSG:4610",
    "Beijing 1954": "EPSG:2435",
    "an ellipsoid without a datum": UNKNOWN,
}
NOWHERE = (
    'LOCAL_CS["城市独立坐标系",LOCAL_DATUM["Local Datum",0],UNIT["Meter",1.0],'
    'AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
)


def _labelled(town, layer, name, crs):
    """A layer as a shapefile that says it is in a system, its figures being those of CGCS2000 there."""
    file = f"{name}_rough.shp"
    if crs == NOWHERE:
        layer.to_crs("EPSG:4547").to_file(town / file, encoding="UTF-8")
        (town / file).with_suffix(".prj").write_text(NOWHERE, encoding="utf-8")
        return file
    plane = layer.to_crs("EPSG:4490" if crs == "EPSG:4610" else "EPSG:4547")
    plane.set_crs(crs, allow_override=True).to_file(town / file, encoding="UTF-8")
    return file


def _layer(name):
    """One of the town's own layers in the system."""

    def spoil(town, crs):
        edit(town, f'"{name}.gpkg"', f'"{_labelled(town, gpd.read_file(town / f"{name}.gpkg"), name, crs)}"')

    return spoil


def _facilities(town, crs):
    places = gpd.GeoDataFrame({"id": ["A", "B"]}, geometry=[Point(114.503, 38.003), Point(114.512, 38.004)])
    edit(town, '"ledger.csv"', f'"{_labelled(town, places.set_crs(4326), "places", crs)}"')


def _graph(town, crs):
    """Streets as GraphML, which carries its system as a text."""
    layer = gpd.read_file(town / "streets.gpkg")
    layer = layer.to_crs("EPSG:4490" if crs == "EPSG:4610" else "EPSG:4547")
    graph = nx.MultiDiGraph(crs=crs)
    numbers: dict[tuple[float, float], int] = {}
    for line in layer.geometry:
        ends = [numbers.setdefault(place, len(numbers)) for place in (line.coords[0], line.coords[-1])]
        graph.add_edge(*ends, osmid=len(numbers), highway="residential", length=line.length)
    for (x, y), number in numbers.items():
        graph.add_node(number, x=x, y=y)
    nx.write_graphml(graph, town / "streets.graphml")
    edit(town, '"streets.gpkg"', '"streets.graphml"')


def _raster(town, crs):
    if crs == "EPSG:4610":
        raster(town, np.float64(5.0), crs=crs)
        return
    west, _, _, north = transform_bounds("EPSG:4326", "EPSG:4547", 114.49, 37.98, 114.53, 38.02)
    raster(town, np.float64(5.0), crs=crs, cell=100.0, west=west, north=north)


def _population(town, crs):
    people = gpd.GeoDataFrame(
        {"people": [900, 700]}, geometry=[Point(114.503, 38.003), Point(114.512, 38.004)]
    )
    file = _labelled(town, people.set_crs(4326), "people", crs)
    more(town, f'\n[population]\npoints = "{file}"\ncolumn = "people"\n')


def _polygons(name, words):
    """A further layer of polygons, asked for by the study."""

    def spoil(town, crs):
        shapes = [box(114.501, 38.001, 114.504, 38.004)]
        layer = gpd.GeoDataFrame({"code": ["130102001"], "name": ["某"]}, geometry=shapes, crs=4326)
        file = _labelled(town, layer, name, crs)
        if name == "barriers":
            edit(town, 'source = "streets.gpkg"', f'source = "streets.gpkg"\n{words.format(file)}')
        else:
            more(town, words.format(file))

    return spoil


READERS = {
    "communities": _layer("communities"),
    "boundary": _layer("boundary"),
    "streets": _layer("streets"),
    "a street graph": _graph,
    "facilities": _facilities,
    "raster": _raster,
    "population": _population,
    "townships": _polygons("townships", '\n[[areas]]\nkind = "township"\nsource = "{}"\n'),
    "buildings": _polygons("buildings", '\n[buildings]\nsource = "{}"\n'),
    "barriers": _polygons("barriers", 'barriers = "{}"'),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("system", ROUGH)
def test_a_rough_datum_is_warned_of_in_every_reader(town, reader, system):
    READERS[reader](town, ROUGH[system])
    told = lc.check(lc.Study.from_file(town / "study.toml")).quality
    rough = told[told["remark"].isin(["datum-unknown", "datum-rough", "street-datum-rough"])]
    assert len(rough) == 1, told[["remark", "item", "value"]].to_string()
    assert rough["severity"].tolist() == ["warning"]


@pytest.mark.parametrize("reader", READERS)
def test_a_system_that_lies_nowhere_is_refused_in_every_reader(town, reader):
    before = {path.name for path in town.iterdir()}
    READERS[reader](town, NOWHERE)
    with pytest.raises(InputError) as refused:
        lc.check(lc.Study.from_file(town / "study.toml"))
    fault = refused.value.faults[0]
    assert fault.key in {"crs-nowhere", "crs-unknown"}
    assert Path(fault.file).name in {path.name for path in town.iterdir()} - before
