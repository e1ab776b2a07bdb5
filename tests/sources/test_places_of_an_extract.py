"""What a study takes from an OpenStreetMap extract beside streets: facilities, each once, or none at all."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pytest
from shapely import box

from lifecircle.analysis.prepare import services_of
from lifecircle.analysis.run import prepare
from lifecircle.errors import InputError
from lifecircle.plans import find_plans
from lifecircle.services import OwnService, catalogue, own_services
from lifecircle.sources import read_inputs
from lifecircle.study.reading import study_from_tables

DEGREE_M = 111_000.0
LON, LAT = 10.0, 0.01


class Town:
    """An OpenStreetMap file drawn in metres near the equator."""

    def __init__(self):
        self.nodes, self.ways = [], []

    def node(self, x, y, **tags):
        """A node, and its id."""
        self.nodes.append((x, y, tags))
        return len(self.nodes)

    def way(self, refs, **tags):
        """A way through nodes."""
        self.ways.append((refs, tags))

    def house(self, x, y, size=20, **tags):
        """A square outline."""
        corners = [self.node(x + a, y + b) for a, b in ((0, 0), (size, 0), (size, size), (0, size))]
        self.way([*corners, corners[0]], **tags)

    def write(self, path):
        """The file."""
        lines = ['<?xml version="1.0"?><osm version="0.6">']
        for at, (x, y, tags) in enumerate(self.nodes, 1):
            place = f'lon="{LON + x / DEGREE_M:.7f}" lat="{LAT + y / DEGREE_M:.7f}"'
            lines.append(f'<node id="{at}" version="1" {place}>{_tags(tags)}</node>')
        for at, (refs, tags) in enumerate(self.ways, 1):
            nodes = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            lines.append(f'<way id="{at}" version="1">{nodes}{_tags(tags)}</way>')
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")


def _tags(tags):
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())


def study(folder, town, *, size=(1000, 1000), **tables):
    """A study of the town, on a grid of squares."""
    town.write(folder / "town.osm")
    east, north = size[0] / DEGREE_M, size[1] / DEGREE_M
    boundary = box(LON - 1e-3, LAT - 1e-3, LON + east, LAT + north)
    gpd.GeoDataFrame(geometry=[boundary], crs=4326).to_file(folder / "boundary.geojson")
    tree = {
        "study": {"name": "Town", "plans": ["mofcom-grades-2025"]},
        "area": {"boundary": "boundary.geojson", "grid": "square:2000m"},
        "streets": {"source": "town.osm"},
        "facilities": [{"source": "streets"}],
        **tables,
    }
    return study_from_tables(tree, root=folder)


@pytest.fixture
def town():
    """A street with a park, a bus stop, a school mapped twice and a tea house beside it."""
    made = Town()
    made.way([made.node(0, 0), made.node(800, 0)], highway="residential")
    made.house(100, 20, size=80, leisure="park", name="Green")
    made.node(300, 10, highway="bus_stop", name="Halt")
    made.house(400, 20, amenity="school", name="翠香小学")
    made.node(410, 30, amenity="school", name="翠香小学")
    made.node(600, 30, amenity="cafe", cuisine="tea", name="Leaf")
    return made


def offered(inputs):
    """Facility and service of every row."""
    return set(zip(inputs.facilities["facility"], inputs.facilities["service"], strict=True))


def test_a_school_mapped_as_a_node_and_an_outline_is_one_with_the_outlines_area(tmp_path, town):
    inputs = read_inputs(study(tmp_path, town), cutoff_m=500)
    schools = inputs.facilities[inputs.facilities["service"] == "school"]
    assert schools["facility"].tolist() == ["osm:w3"]
    assert schools["site_area_m2"].iloc[0] == pytest.approx(400, rel=0.03)
    assert ("osm:w3", "primary-school") in offered(inputs)
    assert ("osm:w3", "junior-middle-school") not in offered(inputs)
    remarks = inputs.quality.set_index("remark")["count"]
    assert remarks["school-levels-guessed"] == 2
    assert remarks["osm-node-and-outline"] == 2


def test_parks_and_stops_are_read_where_the_study_or_a_plan_names_them(tmp_path, town):
    made = study(tmp_path, town)
    read = {name for _, name in offered(read_inputs(made, cutoff_m=500))}
    assert not {"park", "public-transport-stop"} & read
    asked = read_inputs(made, cutoff_m=500, services={"park", "public-transport-stop"})
    assert {("osm:w2", "park"), ("osm:n7", "public-transport-stop")} <= offered(asked)
    named = study(tmp_path, town, facilities=[{"source": "streets", "services": ["park"]}])
    assert offered(read_inputs(named, cutoff_m=500)) == {("osm:w2", "park")}


TEA = {"id": "tea-house", "zh": "茶馆", "en": "Tea house", "osm": ["amenity=cafe & cuisine=tea"]}


def test_a_service_of_ones_own_is_read_and_named(tmp_path, town):
    session = prepare(study(tmp_path, town, services=[TEA]))
    assert ("osm:n13", "tea-house") in offered(session.prepared.inputs)
    assert "tea-house" not in catalogue()


@pytest.mark.parametrize(("least_m2", "large_enough"), [(6_000, True), (7_000, False)])
def test_a_selected_service_is_read_with_what_it_is_selected_from(tmp_path, town, least_m2, large_enough):
    large = {
        "id": "large-park",
        "zh": "大公园",
        "en": "Large park",
        "of": "park",
        "min_site_area_m2": least_m2,
    }
    made = study(tmp_path, town, services=[large])
    with services_of(made):
        inputs = read_inputs(made, cutoff_m=500, services={"large-park"})
    assert ("osm:w2", "park") in offered(inputs)
    assert (("osm:w2", "large-park") in offered(inputs)) == large_enough


def test_a_service_of_ones_own_may_not_take_a_known_id():
    with pytest.raises(InputError) as error, own_services([OwnService("park", "公园", "My park")]):
        pass
    assert [fault.key for fault in error.value.faults] == ["own-service-taken"]


def test_own_services_end_with_the_study_that_has_them():
    with own_services([OwnService("tea-house", "茶馆", "Tea house")]):
        assert find_plans(["mofcom-grades-2025"])
        assert "tea-house" in catalogue()
    assert "tea-house" not in catalogue()


# --- an extract of streets alone


def streets_only(*, shops=0):
    """Two hundred and forty kilometres of street, and so many shops."""
    made = Town()
    for row in range(81):
        made.way([made.node(0, row * 37), made.node(3000, row * 37)], highway="residential")
    for shop in range(shops):
        made.node(10 + 100 * shop, 10, shop="convenience", name=f"S{shop}")
    return made


@pytest.mark.parametrize(("shops", "alone"), [(0, True), (3, True), (4, True), (30, False)])
def test_an_extract_of_streets_alone_is_said_to_be_one(tmp_path, shops, alone):
    """243 km of street in a town: fewer than one place in 50 km is no map of places."""
    inputs = read_inputs(study(tmp_path, streets_only(shops=shops), size=(3100, 3100)), cutoff_m=500)
    said = "osm-streets-alone-km" in set(inputs.quality["remark"])
    assert said == alone
    assert len(inputs.facilities) == (0 if alone else shops)


def test_a_study_may_insist_on_a_sparse_extract(tmp_path):
    insisting = study(
        tmp_path,
        streets_only(shops=3),
        size=(3100, 3100),
        facilities=[{"source": "streets", "accept_sparse": True}],
    )
    assert len(read_inputs(insisting, cutoff_m=500).facilities) == 3
