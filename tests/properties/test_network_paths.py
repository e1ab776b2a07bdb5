"""Paths and tables on random streets: what a path is said to be is what its line measures."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from streets_by_hand import naive_costs, naive_shortest, street_table

from lifecircle.network import build_network, nearest_facilities, nearest_times, travel_matrix
from lifecircle.network.routing.destinations import snap_destinations
from lifecircle.network.routing.explain import explain, explain_each

GEOD = Geod(ellps="WGS84")
SPEEDS = np.array([np.nan, 20.0, 50.0], np.float32)


def city_of(seed, mode, one_ways):
    """Random streets and points, and facilities with two entrances each."""
    rng = np.random.default_rng(seed)
    places = np.column_stack([113.5 + rng.random(12) / 200, 22.2 + rng.random(12) / 200])
    kinds = ["both", "forward"] if one_ways else ["both"]
    edges = [(*rng.choice(12, 2, replace=False), rng.choice(kinds)) for _ in range(20)]
    network = build_network(street_table(places, edges, mode=mode, speed_kmh=rng.choice(SPEEDS, 20)))
    origins, entrances = (
        gpd.GeoSeries.from_xy(113.5 + rng.random(n) / 200, 22.2 + rng.random(n) / 200, crs=4326)
        for n in (6, 8)
    )
    facilities = gpd.GeoDataFrame(
        {
            "service": np.repeat(["a", "b"], 4),
            "facility": np.repeat([3, 1, 4, 2], 2),
            "delay_s": rng.choice([0.0, 7.0], 8),
        },
        geometry=entrances,
        crs=4326,
    )
    return network, origins, facilities


cases = given(seed=st.integers(0, 2**20), mode=st.sampled_from(["walk", "drive"]), one_ways=st.booleans())


@cases
def test_a_path_measures_what_the_table_says(seed, mode, one_ways):
    network, origins, facilities = city_of(seed, mode, one_ways)
    table = nearest_facilities(network, origins, facilities, max_minutes=None)
    for row in table[np.isfinite(table["minutes"])].itertuples():
        told = explain(network, origins.loc[[row.origin]], facilities, service=row.service)
        assert told.facility == row.facility
        assert told.minutes == row.minutes
        assert told.distance_m == pytest.approx(row.distance_m, abs=1e-6)
        along = GEOD.geometry_length(told.geometry)
        assert along + told.access_m + told.egress_m == pytest.approx(told.distance_m, abs=0.1)
        assert told.streets["length_m"].sum() == pytest.approx(along, abs=0.1)


@cases
def test_the_shortest_path_has_the_minutes_along_it(seed, mode, one_ways):
    network, origins, facilities = city_of(seed, mode, one_ways)
    here, there = network.snap(origins), snap_destinations(network, facilities)
    for service in ("a", "b"):
        rows = np.flatnonzero(facilities["service"] == service)
        for at, told in enumerate(explain_each(network, here, there, service=service, in_metres=True)):
            ways = [naive_shortest(network, here.take([at]), there.snaps.take([row])) for row in rows]
            metres = np.array([way[0] for way in ways])
            if told is None:
                assert np.isinf(metres).all()
                continue
            assert told.distance_m == pytest.approx(metres.min(), abs=0.01)
            row = rows[metres.argmin()]
            assert told.facility == facilities["facility"].iloc[row]
            minutes = (
                ways[metres.argmin()][1] * network.minutes_per_cost + facilities["delay_s"].iloc[row] / 60
            )
            assert told.minutes == pytest.approx(minutes, abs=0.002)


@cases
def test_tables_agree_with_each_other_and_with_networkx(seed, mode, one_ways):
    network, origins, facilities = city_of(seed, mode, one_ways)
    wide = nearest_times(network, origins, facilities, max_minutes=30)
    long = nearest_facilities(network, origins, facilities, max_minutes=30)
    matrix = travel_matrix(network, origins, facilities, max_minutes=30)
    np.testing.assert_array_equal(long["minutes"].to_numpy().reshape(wide.shape), wide.to_numpy())
    here, there = network.snap(origins), network.snap(facilities)
    naive = naive_costs(network, here, there) * network.minutes_per_cost
    naive += facilities["delay_s"].to_numpy() / 60
    for k, service in enumerate(wide.columns):
        least = naive[:, facilities["service"] == service].min(axis=1)
        least[least > 30] = np.inf
        np.testing.assert_allclose(wide[service], least, atol=0.002)
        mine = matrix[matrix["service"] == service]
        nearest_of_all = mine.groupby("origin")["minutes"].min().reindex(wide.index).fillna(np.inf)
        np.testing.assert_array_equal(nearest_of_all, wide[service])
        chosen = long.iloc[k::2].merge(mine, on=["origin", "facility"], suffixes=("", "_of_pair"))
        np.testing.assert_array_equal(chosen["minutes"], chosen["minutes_of_pair"])
        assert len(chosen) == np.isfinite(wide[service]).sum()
    assert not matrix.duplicated(["origin", "facility", "service"]).any()
