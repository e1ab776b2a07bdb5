"""What points are called in results: a named index, else a column id, else the index."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from shapely import Point

import lifecircle as lc
from lifecircle.network.examples import grid_network
from lifecircle.network.routing import travel
from lifecircle.tables import ids_of

CRS = grid_network().crs


def places(*spots, **columns):
    """Points of the example grid, 100 m apart, with an index of numbers."""
    return gpd.GeoDataFrame(columns, geometry=[Point(*spot) for spot in spots], crs=CRS)


HOMES = places((0, 0), (200, 0), id=["home-a", "home-b"])
CLINICS = places((100, 0), (200, 200), id=["clinic-x", "clinic-y"], service="clinic")


@pytest.mark.parametrize("given", ["points", "snaps"])
def test_a_column_id_names_origins_and_facilities(given):
    streets = grid_network()
    homes, clinics = (HOMES, CLINICS) if given == "points" else (streets.snap(HOMES), streets.snap(CLINICS))
    long = lc.nearest_facilities(streets, homes, clinics)
    assert long[["origin", "facility"]].to_numpy().tolist() == [
        ["home-a", "clinic-x"],
        ["home-b", "clinic-x"],
    ]
    matrix = lc.travel_matrix(streets, homes, clinics)
    assert set(matrix["facility"]) == {"clinic-x", "clinic-y"}
    assert lc.isochrones(streets, homes, minutes=1)["point"].tolist() == ["home-a", "home-b"]
    # one row per origin: it can be set beside the points as they are
    assert lc.nearest_times(streets, homes, clinics).index.tolist() == HOMES.index.tolist()


def test_a_named_index_comes_first_whatever_its_name():
    streets = grid_network()
    homes = HOMES.set_axis(pd.Index([7, 8], name="parcel"))
    clinics = CLINICS.set_axis(pd.Index(["north", "south"]))
    long = lc.nearest_facilities(streets, homes, clinics)
    assert long[["origin", "facility"]].to_numpy().tolist() == [[7, "north"], [8, "north"]]
    osm = CLINICS.drop(columns="id").set_axis(
        pd.MultiIndex.from_tuples([("node", 1), ("way", 1)], names=["element", "id"])
    )
    assert set(lc.nearest_facilities(streets, homes, osm)["facility"]) == {"node/1"}


@pytest.mark.parametrize("ids", [[0, 0], ["a", None]])
def test_a_column_id_that_tells_nothing_apart_is_left_with_a_warning(ids):
    streets, clinics = grid_network(), CLINICS.assign(id=ids)
    with pytest.warns(lc.LifecircleWarning, match="set_index"):
        matrix = lc.travel_matrix(streets, HOMES, clinics)
    assert set(matrix["facility"]) == {0, 1}
    # one place may offer several services under one id
    assert ids_of(CLINICS.assign(id="x", service=["clinic", "pharmacy"])).tolist() == ["x", "x"]


@pytest.mark.parametrize("first", [0, 1])
def test_the_matrix_on_disk_holds_them_too(tmp_path, monkeypatch, first):
    monkeypatch.setattr(travel, "_BLOCK_ORIGINS", 1)
    homes = HOMES.iloc[[first, 1 - first]]
    shops = places((0, 0), id=[12], service=["shop"])
    for keep, expected in ((True, [12, None]), (False, [12])):
        path = lc.travel_matrix(
            grid_network(), homes, shops, 1, keep_unreached=keep, output=tmp_path / "m.parquet"
        )
        named = pq.read_table(path)["facility"].to_pylist()
        assert sorted(named, key=str) == expected


def test_origins_that_reach_nothing_stay_in_the_matrix_if_asked():
    streets = grid_network()
    homes = places((0, 0), (200, 0), id=["home-a", "home-b"])
    shops = places((0, 0), (100, 0), id=["s", "t"], service=["shop", "bank"])
    dropped = lc.travel_matrix(streets, homes, shops, max_minutes=1.6)
    assert dropped[["origin", "facility"]].to_numpy().tolist() == [
        ["home-a", "t"],
        ["home-a", "s"],
        ["home-b", "t"],
    ]
    kept = lc.travel_matrix(streets, homes, shops, max_minutes=1.6, keep_unreached=True)
    assert kept["service"].tolist() == ["bank", "shop", "bank", "shop"]
    last = kept.iloc[3]
    assert (last["origin"], last["facility"], last["minutes"]) == ("home-b", None, np.inf)
    # both say the same to measures, the second without being told who there is
    people = pd.Series([10.0, 20.0], index=["home-a", "home-b"])
    shop = [table[table["service"] == "shop"] for table in (dropped, kept)]
    told = lc.cumulative_opportunities(shop[0], pd.Series({"s": 5.0}), cutoffs=15, demand=people.index)
    own = lc.cumulative_opportunities(shop[1], pd.Series({"s": 5.0}), cutoffs=15)
    assert own.to_numpy().tolist() == told.to_numpy().tolist() == [[5.0], [0.0]]
