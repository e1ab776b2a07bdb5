"""Cells of a grid are called by the streets near them."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
from results_by_hand import CRS, results_by_hand

from lifecircle.analysis.street_names import streets_near, with_cells_named
from lifecircle.network import build_network


@pytest.fixture(scope="module")
def study():
    return results_by_hand(rows=3, columns=3)


@pytest.fixture(scope="module")
def network(study):
    """The streets of the study, those of the southern half with a name."""
    built = build_network(study.inputs.streets, crs=CRS, speed_kmh=4.0)
    middle = (built.node_y[built.u] + built.node_y[built.v]) / 2
    south = middle < np.median(middle)
    return dataclasses.replace(built, name=south.astype("int32") - 1, names=("South Street",))


def cells(study):
    table = study.inputs.communities
    return dataclasses.replace(study.inputs, communities=table.assign(kind="cell", name=table["code"]))


def test_a_place_is_near_the_street_whose_bend_is_nearest_and_near_none_beyond_the_limit(network):
    x, y = network.node_x[network.u], network.node_y[network.u]
    at = int((network.name == 0).argmax())
    places = gpd.GeoSeries(gpd.points_from_xy([x[at] + 5.0, x[at]], [y[at], y[at] - 5_000.0]), crs=CRS)
    assert list(streets_near(places, network, within_m=50.0)) == ["South Street", ""]


@pytest.mark.parametrize(("lang", "said"), [("en", "near South Street"), ("zh", "South Street附近")])
def test_cells_are_called_by_their_street_and_numbered_where_it_passes_several(study, network, lang, said):
    named = with_cells_named(cells(study), network, lang).communities
    near = named[named["street"] != ""]
    assert len(near) > 1
    assert all(name.startswith(said) for name in near["name"])
    assert near["name"].is_unique
    far = named[named["street"] == ""]
    assert (far["name"] == far["code"]).all()
    assert list(named["code"]) == list(study.inputs.communities["code"])


def test_communities_keep_their_own_names(study, network):
    assert with_cells_named(study.inputs, network, "en") is study.inputs
