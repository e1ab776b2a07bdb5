"""Squares and gates of real cities: every walk against the script tests/golden/build_walked_ground.py."""

import os

import geopandas as gpd
import numpy as np
import pytest
from walked_ground import measured_walks

import lifecircle as lc


@pytest.fixture(params=["helsinki", "monaco", "heidelberg"])
def city(request, golden, helsinki_pbf):
    """A city's file and its golden walks; Helsinki is on every machine, the others need ../shared/data."""
    told = golden("walked_ground")[request.param]
    if request.param == "helsinki":
        return helsinki_pbf, told
    return request.getfixturevalue("shared") / "osm" / f"{request.param}.osm.pbf", told


def our_metres(streets, walks):
    """What lifecircle makes of walks given as lon, lat of both ends."""
    ends = [gpd.GeoDataFrame(geometry=gpd.points_from_xy(*walks[:, k : k + 2].T), crs=4326) for k in (0, 2)]
    matrix = lc.travel_matrix(streets, *ends, max_minutes=600).reset_index()
    metres = matrix.set_index(["origin", "facility"])["distance_m"]
    return metres.reindex([(k, k) for k in range(len(walks))]).fillna(np.inf).to_numpy()


def numbers(told):
    """Rows of walks as numbers; no way is infinite."""
    return np.array([[np.inf if value is None else value for value in row] for row in told], float)


def test_every_walk_agrees_to_a_decimetre(city):
    path, told = city
    streets = lc.read_streets(path)
    assert streets.counts["street-areas-crossed"] == told["squares"]
    if os.environ.get("LIFECIRCLE_THOROUGH"):
        told = measured_walks(path, random_walks=300)
    given = {kind: numbers(told[kind]) for kind in ("across", "past_gates", "anywhere")}
    ours = our_metres(streets, np.concatenate(list(given.values())))
    expected = np.concatenate([rows[:, 4] for rows in given.values()])
    assert np.array_equal(np.isfinite(ours), np.isfinite(expected))
    assert np.abs(ours - expected)[np.isfinite(expected)].max() < 0.1
    # Without squares a good part of the walks across them were over 100 m too long.
    across = given["across"]
    assert (across[:, 5] - across[:, 4] > 100).sum() >= 4
    assert (ours[: len(across)] - across[:, 4] <= 0.1).all()
