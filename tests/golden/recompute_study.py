"""Every circle, ratio, presence and station rule of a study, computed anew from its raw files.

networkx and pandas on the files as they lie there; nothing of the package is imported. It reads a folder
with ``communities.gpkg`` (code, households), ``streets.gpkg`` (lines), ``people.csv`` (x, y, people),
``ledger.csv`` (id, service, x, y, floor_area_m2) and ``own.toml``, and returns what ``deficits.csv`` says:

    python tests/golden/recompute_study.py FOLDER

Streets are split at the place nearest to every point; the straight walk there counts. Lengths are geodesic.
"""

# ruff: noqa: ARG001, T201 - a script whose judges are all called alike
from __future__ import annotations

import math
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pandas as pd
from pyproj import Geod

KMH = 4.0
SHARE = 0.9
GEOD = Geod(ellps="WGS84")


def length_m(points) -> float:
    """Geodesic length of a line of lon/lat points."""
    lon, lat = zip(*points, strict=True)
    return GEOD.line_length(lon, lat)


def network(streets: gpd.GeoDataFrame, points: pd.DataFrame) -> nx.Graph:
    """Streets as a graph, split at the foot of every point; points are nodes named by their ids."""
    metres = streets.estimate_utm_crs()
    flat = streets.to_crs(metres).geometry.to_numpy()
    places = gpd.GeoSeries(gpd.points_from_xy(points["x"], points["y"]), crs=4326).to_crs(metres)
    feet: dict[int, list[tuple[float, str]]] = {}
    graph = nx.Graph()
    for name, lon, lat, place in zip(points.index, points["x"], points["y"], places, strict=True):
        nearest = min(range(len(flat)), key=lambda row: flat[row].distance(place))
        along = flat[nearest].project(place, normalized=True)
        feet.setdefault(nearest, []).append((along, name))
        foot = streets.geometry.iloc[nearest].interpolate(along, normalized=True)
        graph.add_edge(("foot", name), name, m=length_m([(lon, lat), (foot.x, foot.y)]))
    for row, line in enumerate(streets.geometry):
        ends = [tuple(round(value, 9) for value in line.coords[end]) for end in (0, -1)]
        whole = length_m(line.coords)
        stops = [
            (0.0, ends[0]),
            *sorted((at, ("foot", name)) for at, name in feet.get(row, ())),
            (1.0, ends[1]),
        ]
        for (start, before), (stop, after) in pairwise(stops):
            there = graph.get_edge_data(before, after, {"m": math.inf})["m"]
            graph.add_edge(before, after, m=min((stop - start) * whole, there))
    return graph


def walking_distances(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Communities by code; people with their community and metres to each service; facilities."""
    communities = gpd.read_file(folder / "communities.gpkg").set_index("code")
    streets = gpd.read_file(folder / "streets.gpkg")
    people = pd.read_csv(folder / "people.csv")
    people.index = [f"p{row}" for row in range(len(people))]
    ledger = pd.read_csv(folder / "ledger.csv", dtype={"id": str}).set_index("id")
    graph = network(streets, pd.concat([people[["x", "y"]], ledger[["x", "y"]]]))
    for table in (people, ledger):
        places = gpd.points_from_xy(table["x"], table["y"])
        inside = [communities.index[communities.contains(place)] for place in places]
        table["community"] = [codes[0] if len(codes) else "" for codes in inside]
    for service, group in ledger.groupby("service"):
        reached = nx.multi_source_dijkstra_path_length(graph, set(group.index), weight="m")
        people[service] = [reached.get(name, math.inf) for name in people.index]
    for name in ledger.index:
        reached = nx.single_source_dijkstra_path_length(graph, name, weight="m")
        people[f"to {name}"] = [reached.get(one, math.inf) for one in people.index]
    return communities, people, ledger


def recompute(folder: Path) -> dict[tuple[str, str], tuple[str, float]]:
    """Status and value by rule and code of the unit; the whole under ``study``."""
    communities, people, ledger = walking_distances(folder)
    result: dict[tuple[str, str], tuple[str, float]] = {}
    for rule in tomllib.loads((folder / "own.toml").read_text(encoding="utf-8"))["rule"]:
        result |= {
            (rule["id"], code): row
            for code, row in JUDGE[rule["kind"]](rule, communities, people, ledger).items()
        }
    return result


def circle(rule, communities, people, ledger):
    """A community is covered where nine tenths of its people are within the limit."""
    limit = rule["target"] * (KMH * 1000 / 60 if rule["unit"] == "min" else 1.0)
    near = people[rule["services"]].min(axis=1) <= limit + 1e-6
    return covered(near, communities, people)


def covered(near, communities, people):
    """Verdicts by the share of people who are near."""
    rows = {}
    for code in communities.index:
        own = people["community"] == code
        share = people.loc[own & near, "people"].sum() / people.loc[own, "people"].sum()
        rows[code] = ("met" if share >= SHARE - 1e-9 else "short", 100 * share)
    return rows


def type_circle(rule, communities, people, ledger):
    """As many groups as cover the community; all of them must."""
    groups = [circle({**rule, "services": group}, communities, people, ledger) for group in rule["types"]]
    counts = {code: sum(group[code][0] == "met" for group in groups) for code in communities.index}
    return {
        code: ("met" if count == len(groups) else "short", float(count)) for code, count in counts.items()
    }


def presence(rule, communities, people, ledger):
    """At least so many facilities lie in each community, or in a share of them."""
    own = ledger[ledger["service"].isin(rule["services"])]
    counts = own.groupby("community").size().reindex(communities.index, fill_value=0)
    least = rule["target"] if rule["kind"] == "at-least-n-per-area" else 1
    share = 100 * (counts >= least).mean()
    asked = 100 if rule["kind"] == "at-least-n-per-area" else rule["target"]
    whole = rule["kind"] == "coverage-share-of-areas" and asked < 100
    rows = {
        code: ("context" if whole else "met" if count >= least else "short", float(count))
        for code, count in counts.items()
    }
    return {**rows, "study": ("met" if share >= asked else "short", share)}


def ratio(rule, communities, people, ledger):
    """Floor area for every hundred households, of all communities as one."""
    area = ledger[ledger["service"].isin(rule["services"])].groupby("community")["floor_area_m2"].sum()
    area = area.reindex(communities.index, fill_value=0.0)
    each = 100 * area / communities["households"]
    whole = 100 * area.sum() / communities["households"].sum()
    rows = {code: ("context", value) for code, value in each.items()}
    return {**rows, "study": ("met" if whole >= rule["target"] else "short", whole)}


def stations(rule, communities, people, ledger):
    """People by their nearest station, against the most that one may serve."""
    names = [f"to {name}" for name in ledger.index[ledger["service"].isin(rule["services"])]]
    nearest = people[names].idxmin(axis=1).str.removeprefix("to ")
    loads = people["people"].groupby(nearest).sum()
    rows = {}
    for name in (name.removeprefix("to ") for name in names):
        load = float(loads.get(name, 0.0))
        status = "not-applicable" if load == 0 else "met" if load <= rule["target"] else "short"
        rows[name] = (status, load)
    needed = math.ceil(people["people"].sum() / rule["target"])
    return {**rows, "study": ("met" if len(names) >= needed else "short", float(len(names)))}


JUDGE = {
    "travel-time-circle": circle,
    "travel-distance-circle": circle,
    "type-circle": type_circle,
    "at-least-n-per-area": presence,
    "coverage-share-of-areas": presence,
    "area-per-100-households": ratio,
    "population-per-facility": stations,
}

if __name__ == "__main__":
    for (rule_id, unit), (status, value) in recompute(Path(sys.argv[1])).items():
        print(rule_id, unit, status, f"{value:.6f}")
