"""Whatever is passed from Python, a public function answers, or names the argument: never another error."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import lifecircle as lc
from lifecircle.network.examples import grid_network, grid_places

NETWORK = grid_network()
HOMES = grid_places({"a": (50, 10), "b": (150, 150)})
CLINICS = grid_places({"X": (200, 200), "Y": (0, 0)}, service="clinic")
WALKS = lc.travel_matrix(NETWORK, HOMES, CLINICS, max_minutes=30)
PEOPLE = pd.Series([1.0, 2.0], index=["a", "b"])
DOCTORS = pd.Series([1.0, 2.0], index=["X", "Y"])
GRAPH = lc.to_networkx(NETWORK)
STUDY = {"area": HOMES.union_all().envelope, "streets": NETWORK, "plan": "mofcom-circle-2021"}

ODD = [
    None, 3, -1, float("nan"), float("inf"), "x", b"x", True, 1j, pd.NA, object(), shapely.Point(0, 0),
    [], {}, (), ["a"], [None], [float("nan")], [-1], np.array([]), np.array(["x"]), np.array([[1, 2]]),
    pd.Series([1.0, 2.0]), pd.Series(dtype=float), pd.DataFrame(), gpd.GeoDataFrame(), HOMES,
    HOMES.to_crs(3857), HOMES.set_crs(None, allow_override=True), HOMES.iloc[:0], pd.concat([HOMES, HOMES]),
    gpd.GeoSeries([None, shapely.Point(110, 0)], crs=4326),
    gpd.GeoSeries([shapely.Point(110, 0, 5)], crs=4326),
    gpd.GeoSeries([shapely.MultiPoint([(110, 0)])], crs=4326),
    HOMES.set_index(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])), lambda value: value,
]  # fmt: skip

CALLS = {
    "isochrones": {"network": NETWORK, "points": HOMES, "minutes": [5]}
    | dict.fromkeys(["speed_kmh", "minus", "threads"])
    | {"buffer_m": 30.0, "grid_m": 10.0, "max_snap_m": 300.0},
    "nearest_times": {"streets": NETWORK, "origins": HOMES, "facilities": CLINICS, "max_minutes": 9,
                      "speed_kmh": None, "threads": None},
    "nearest_facilities": {"streets": NETWORK, "origins": HOMES, "facilities": CLINICS, "max_minutes": 9},
    "travel_matrix": {"streets": NETWORK, "origins": HOMES, "facilities": CLINICS, "max_minutes": 9,
                      "max_rows": 99},
    "snap": {"network": NETWORK, "points": HOMES, "max_snap_m": 300.0},
    "explain": {"streets": NETWORK, "origin": HOMES, "facilities": CLINICS, "service": "clinic",
                "speed_kmh": None},
    "competing_catchments": {"network": NETWORK, "targets": NETWORK.snap(CLINICS), "owner": [0, 1],
                             "max_minutes": 9, "direction": "in", "places": None, "delay_s": None,
                             "buffer_m": 30.0, "minus": None},
    "from_networkx": {"graph": GRAPH, "mode": "walk", "speed_kmh": None, "min_component_m": 0.0},
    "to_networkx": {"network": NETWORK},
    "edges_frame": {"network": NETWORK},
    "cumulative_opportunities": {"costs": WALKS, "opportunities": None, "cutoffs": 5, "demand": None},
    "gravity": {"costs": WALKS, "opportunities": None, "decay": lc.gaussian(5), "demand": None},
    "floating_catchment": {"costs": WALKS, "demand": PEOPLE, "supply": DOCTORS, "method": "2sfca",
                           "cutoffs": 15, "weights": None},
    "gaussian": {"sigma": 5},
    "negative_exponential": {"rate": 5},
    "steps": {"cutoffs": 5, "weights": None},
    "gini": {"values": [1, 2], "people": None, "unreached_as": None},
    "palma": {"values": list(range(1, 20)), "people": None, "unreached_as": None},
    "locate": {"costs": WALKS, "demand": None, "model": "p-median", "new": 1, "capacity": None,
               "cutoff": None, "fixed": (), "forbidden": (), "unserved": "error", "time_limit_s": 2},
    "capacity_catchments": {"costs": WALKS, "demand": None, "capacity": 5, "floor": 1, "cutoff": None,
                            "community": None, "whole": False},
    "catchment_loads": {"demand": pd.DataFrame({"residents": PEOPLE, "community": "c"}),
                        "facility": pd.Series(["X", "Y"], index=["a", "b"]), "minutes": PEOPLE,
                        "beyond_min": 15},
    "overload": {"load": 5, "most_people": 2},
    "plan": {"name": "hainan-2022"},
    "load_plan": {"path": "none.toml"},
    "load_network": {"path": "none.network"},
    "save_network": {"network": NETWORK, "path": "saved.network"},
    "read_streets": {"source": "none.pbf", "mode": "walk", "speed_kmh": None, "boundary": None,
                     "elevation": None, "tolerance_m": 0.01, "join": None},
    "street_candidates": {"network": NETWORK, "inputs": None, "spacing_m": 100},
    "quick_study": {"boundary": "a.geojson", "streets": "b.pbf", "plans": "hainan-2022", "facilities": None,
                    "place": "", "output": "out", "grid": "h3:8", "language": "en", "mode": "walk"},
    "Study": STUDY | dict.fromkeys(
        ["communities", "facilities", "complete_for", "population", "mode", "assumptions", "scenarios",
         "areas", "services", "map", "barriers", "elevation", "buildings", "as_of", "language", "name"]),
    "run": {"study": None},
    "check": {"study": None},
    "Scenario": {"name": "s", "add": (), "close": (), "move": (), "open_streets": None, "close_streets": None,
                 "capacity": ()},
    "propose_sites": {"result": None, "service": "x"},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_argument_is_named(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    escaped = []
    for argument in CALLS[name]:
        for odd in ODD:
            try:
                getattr(lc, name)(**{**CALLS[name], argument: odd})
            except lc.LifecircleError:
                continue
            except Exception as error:  # noqa: BLE001  # the very thing that must not happen
                escaped.append(f"{argument}={odd!r:.40}: {type(error).__name__}: {error!s:.80}")
    assert not escaped, "\n".join(escaped)
