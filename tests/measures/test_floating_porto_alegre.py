"""Floating catchments of a real city against pysal's access, which tests/golden/build_floating.py asked."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from line_streets_alone import lines_alone
from shared_data import DATA

import lifecircle as lc
from lifecircle.measures import gaussian

HERE = Path(__file__).parents[1]
HEXES = DATA / "porto_alegre"


@pytest.fixture(scope="module")
def golden():
    with np.load(HERE / "golden" / "porto_alegre_floating.npz") as held:
        return {name: held[name] for name in held.files}


@pytest.mark.parametrize(
    ("name", "method", "cutoffs", "weights"),
    [
        ("two_step", "2sfca", [1000], None),
        ("steps", "e2sfca", [500, 1000, 1500], [1.0, 0.68, 0.22]),
        ("gaussian", "e2sfca", [2000], gaussian(700)),
        ("three_step", "3sfca", [500, 1000, 1500], [1.0, 0.68, 0.22]),
    ],
)
def test_every_hex_of_porto_alegre_has_what_access_gives_it(golden, name, method, cutoffs, weights):
    costs = pd.DataFrame(
        {"demand": golden["origin"], "site": golden["facility"], "cost": golden["millimetres"] / 1000}
    )
    people = pd.Series(golden["people"])
    supply = pd.Series(golden["supply"], index=golden["clinic"])
    result = lc.floating_catchment(costs, people, supply, method, cutoffs, weights)
    assert (golden[name] > 0).sum() > 300
    np.testing.assert_allclose(result, golden[name], rtol=1e-9, atol=0)


@pytest.mark.skipif(not HEXES.exists(), reason="Porto Alegre is not at ../shared/data")
def test_a_matrix_of_walks_goes_into_a_floating_catchment_as_it_is(golden):
    """Streets and points in, access out, and the metres are those that the access package was given."""
    hexes = pd.read_csv(HEXES / "poa_hexgrid.csv").fillna(0).drop(columns="id")  # they go by their index
    points = gpd.GeoDataFrame(hexes, geometry=gpd.points_from_xy(hexes["lon"], hexes["lat"]), crs=4326)
    clinics = points[points["healthcare"] > 0].assign(service="clinic")
    walks = lc.travel_matrix(lines_alone(HEXES / "poa.osm.pbf"), points, clinics, max_minutes=30)
    ours = walks.set_index(["origin", "facility"])["distance_m"]
    pairs = pd.MultiIndex.from_arrays([golden["origin"], golden["facility"]])
    metres = ours.reindex(pairs).to_numpy()
    # the package was given walks over streets alone: who stands beside a clinic walks straight to it
    beside = metres < golden["millimetres"] / 1000 - 0.0005
    assert beside.mean() < 0.1
    # the walks given were measured in a plane of another centre: of two streets equally near a hexagon's
    # middle the other one may be joined (one pair, 45 cm), else places round to the next millimetre or two
    off = np.abs(np.rint(metres[~beside] * 1000) - golden["millimetres"][~beside])
    assert off.max() < 500
    assert (off > 2).mean() < 0.001
    result = lc.floating_catchment(walks, points["population"], clinics["healthcare"], cutoffs=[15])
    np.testing.assert_allclose(result, golden["two_step"], rtol=1e-9, atol=0)
