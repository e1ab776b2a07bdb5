"""Walls of an extract, and which way out of them a home has."""

import geopandas as gpd
import osmium
import pytest
from osmium.osm.mutable import Node, Way
from shapely import Point

from lifecircle.network import build_network
from lifecircle.sources.streets.osm import read_osm_streets
from lifecircle.sources.streets.rule_table import barrier_rules

METRE = 1 / 111_195
"""Degrees at the equator."""
RING = [(0, 0), (300, 0), (300, 300), (0, 300)]
OUTSIDE, INSIDE = [(-100, -10), (400, -10)], [(50, 40), (250, 40)]


def join(folder, **tags):
    """Metres from a home one metre inside a closed ring to the street it joins: 11 outside, 39 inside."""
    nodes = [*RING, *OUTSIDE, *INSIDE, (50, -10), (50, 0)]
    with osmium.SimpleWriter(str(folder / "estate.osm.pbf"), overwrite=True) as writer:
        for number, (x, y) in enumerate(nodes, start=1):
            writer.add_node(Node(id=number, location=(x * METRE, y * METRE), version=1))
        writer.add_way(Way(id=20, nodes=[1, 10, 2, 3, 4, 1], tags=tags, version=1))
        writer.add_way(Way(id=21, nodes=[5, 9, 6], tags={"highway": "residential"}, version=1))
        writer.add_way(Way(id=22, nodes=[9, 10, 7, 8], tags={"highway": "service"}, version=1))
    table = read_osm_streets(folder / "estate.osm.pbf")
    home = gpd.GeoDataFrame(geometry=[Point(150 * METRE, 1 * METRE)], crs=4326)
    return build_network(table, min_component_m=0).snap(home).access_mm[0] / 1000


@pytest.mark.parametrize(
    ("tags", "metres"),
    [
        ({"landuse": "residential"}, 11),
        ({"landuse": "residential", "barrier": "wall"}, 39),
        ({"barrier": "wall"}, 39),
        ({"natural": "water"}, 11),
        ({"landuse": "reservoir"}, 11),
    ],
    ids=["no wall", "a walled estate", "a wall", "on water", "on a reservoir"],
)
def test_a_home_leaves_water_and_not_its_own_wall(tmp_path, tags, metres):
    assert join(tmp_path, **tags) == pytest.approx(metres, abs=0.5)


def test_only_what_bars_as_an_area_lets_people_out():
    bars = barrier_rules()
    assert bars.is_ground({"natural": "water"})
    assert bars.is_ground({"waterway": "riverbank"})
    assert not bars.is_ground({"natural": "wood", "barrier": "fence"})
    assert not bars.is_ground({"landuse": "residential", "barrier": "wall"})
