"""Lifecircle's own jobs, through the public API."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import job
import numpy as np
import pandas as pd
import shapely
import split
from shapes import packed

import lifecircle as lc
from lifecircle.network import Network, Snaps, accumulate, load_network, pairs, reach, save_network

LIMIT_MM = round(job.LIMIT_M * 1000)


def build_network(city: SimpleNamespace) -> Network:
    """The network that the city was exported from."""
    return load_network(city.folder / "city.network")


def points(city: SimpleNamespace, name: str) -> gpd.GeoDataFrame:
    """Some of the city's points, in degrees."""
    places = gpd.points_from_xy(getattr(city, f"{name}_lon"), getattr(city, f"{name}_lat"), crs=4326)
    result = gpd.GeoDataFrame(geometry=places)
    if name == "facility":
        result["service"] = [f"service-{code:02d}" for code in city.service]
    return result


def at_nodes(network: Network, node: np.ndarray) -> Snaps:
    """Nodes as snapped points, on islands too: the same question as for engines that only know nodes."""
    edge = np.empty(network.n_nodes, np.int32)
    edge[network.v], edge[network.u] = (np.arange(len(network), dtype=np.int32),) * 2
    mine = edge[node]
    offset = np.where(network.u[mine] == node, 0, network.length_mm[mine]).astype(np.int32)
    return Snaps(
        ids=pd.RangeIndex(len(node)),
        edge=mine,
        offset_mm=offset,
        access_mm=np.zeros(len(node), np.int32),
        x=network.node_x[node],
        y=network.node_y[node],
        component=network.component[node],
        status=np.zeros(len(node), np.int8),
        from_x=network.node_x[node],
        from_y=network.node_y[node],
        network=network.digest,
        max_snap_m=0.0,
        labels=pd.DataFrame(index=pd.RangeIndex(len(node))),
    )


def _nearest(city: SimpleNamespace, repeats: int, *, raw: bool) -> job.Outcome:
    network, watch = build_network(city), job.Stopwatch()
    origins, facilities = points(city, "origin"), points(city, "facility")
    if not raw:
        origins, facilities = lc.snap(network, origins), lc.snap(network, facilities)
    ask = partial(lc.nearest_times, network, origins, facilities, max_minutes=15, speed_kmh=4)
    watch("contract the network, first answer", ask)
    seconds, table = job.timed(ask, repeats)
    arrays = {"minutes": table.to_numpy(), "side_by_side": split.side_by_side(city)}
    return job.Outcome(seconds, arrays, watch.seconds)


def nearest(city: SimpleNamespace) -> job.Outcome:
    """Minutes to the nearest facility of every service, points snapped before."""
    return _nearest(city, 3 if city.quick else 9, raw=False)


def nearest_raw(city: SimpleNamespace) -> job.Outcome:
    """The same from points in degrees: transformed and snapped every time."""
    return _nearest(city, 2 if city.quick else 5, raw=True)


def nearest_long(city: SimpleNamespace) -> job.Outcome:
    """The long table: which facility, how far, how many minutes; snapped before."""
    network = build_network(city)
    origins, facilities = lc.snap(network, points(city, "origin")), lc.snap(network, points(city, "facility"))
    ask = partial(lc.nearest_facilities, network, origins, facilities, max_minutes=15, speed_kmh=4)
    seconds, table = job.timed(ask, 2 if city.quick else 3)
    return job.Outcome(seconds, {"minutes": table["minutes"].to_numpy()})


def node_pairs(city: SimpleNamespace) -> job.Outcome:
    """Every node within the limit of some nodes."""
    network = build_network(city)
    here, there = at_nodes(network, city.pair_node), at_nodes(network, np.arange(network.n_nodes))
    seconds, (origin, node, cost) = job.timed(
        partial(pairs, network, here, there, max_cost=LIMIT_MM), 3 if city.quick else 5
    )
    return job.Outcome(seconds, {"source": city.pair_node[origin], "node": node, "metres": cost / 1000})


def counts(city: SimpleNamespace) -> job.Outcome:
    """Facilities of every service within the limit of every node."""
    network = build_network(city)
    here = at_nodes(network, np.arange(network.n_nodes))
    there = at_nodes(network, nodes_of_facilities(city))
    ask = partial(
        accumulate, network, here, there, service=city.service, owner=np.arange(len(city.service)),
        n_services=city.facts["services"], cutoffs=[LIMIT_MM], weights=[1.0],
    )  # fmt: skip
    seconds, result = job.timed(ask, 2 if city.quick else 5)
    return job.Outcome(seconds, {"count": result})


def nodes_of_facilities(city: SimpleNamespace) -> np.ndarray:
    """The nearer end of every facility's edge."""
    return np.where(
        2 * city.facility_offset_mm <= city.length_mm[city.facility_edge],
        city.u[city.facility_edge],
        city.v[city.facility_edge],
    )


def floating_catchments(city: SimpleNamespace) -> job.Outcome:
    """Beds per resident within reach of every node: both steps from the same searches, as networkx has it."""
    network = build_network(city)
    homes, clinics = at_nodes(network, np.arange(network.n_nodes)), at_nodes(network, city.clinic_node)
    steps = [round(s * 1000) for s in job.STEPS_M]
    weight_of_step = np.array(job.WEIGHTS)

    def ask() -> np.ndarray:
        """Pairs once, then Luo and Qi's two sums."""
        clinic, home, cost = pairs(network, clinics, homes, max_cost=steps[-1], towards="origins")
        weight = weight_of_step[np.searchsorted(steps, cost)]
        demand = np.bincount(clinic, weight * city.residents[home], len(clinics))
        ratio = np.divide(city.beds, demand, out=np.zeros(len(demand)), where=demand > 0)
        return np.bincount(home, weight * ratio[clinic], len(homes))

    seconds, result = job.timed(ask, 2 if city.quick else 5)
    return job.Outcome(seconds, {"access": result})


def isochrones(city: SimpleNamespace) -> job.Outcome:
    """The area within 15 minutes of every centre, from points in degrees, on the default 10 m grid."""
    network, centres = build_network(city), points(city, "centre")
    ask = partial(lc.isochrones, network, centres, [15], speed_kmh=4)
    seconds, areas = job.timed(ask, 2 if city.quick else 5)
    shapes = areas.geometry.to_crs(network.crs).to_numpy()
    return job.Outcome(seconds, packed(shapes), units=len(centres))


def buffer_union(city: SimpleNamespace) -> job.Outcome:
    """The exact area: the union of 30 m buffers of the very lines reached; only the polygons are timed."""
    network, centres = build_network(city), points(city, "centre").iloc[: 20 if city.quick else 100]
    place = centres.to_crs(network.crs).geometry
    result = reach(
        network, lc.snap(network, centres), [15], speed_kmh=4, places=np.stack([place.x, place.y], axis=1)
    )
    lines = result.lines(network)
    mine = [lines.geometry[lines["point"] == point].to_numpy() for point in centres.index]

    def draw() -> np.ndarray:
        """One polygon per centre."""
        return np.array([shapely.union_all(shapely.buffer(preview, 30, quad_segs=8)) for preview in mine])

    seconds, shapes = job.timed(draw, 1)
    return job.Outcome(seconds, packed(shapes), units=len(centres))


def build(city: SimpleNamespace) -> job.Outcome:
    """From the extract to a network ready to route on."""
    ask = partial(lc.read_streets, city.facts["extract"])
    seconds, network = job.timed(ask, 2 if city.quick else 3)
    return job.Outcome(seconds, {"metres": np.array([network.length_mm.sum() / 1000])})


def reload(city: SimpleNamespace) -> job.Outcome:
    """A network kept on disk, mapped again and asked for one distance's worth of pages."""
    path = Path(city.folder / "again.network")
    save_network(build_network(city), path)
    seconds, network = job.timed(partial(load_network, path), 3 if city.quick else 9)
    path.unlink()
    return job.Outcome(seconds, {"metres": np.array([network.length_mm.sum() / 1000])})


def walking_distances(city: SimpleNamespace) -> job.Outcome:
    """Distances for `engine_valhalla.walking_distances` to be held against: exact, no limit."""
    network = build_network(city)
    preview = points(city, "origin").iloc[:400]
    goals = points(city, "facility").iloc[:1].assign(service="goal")
    seconds, table = job.timed(
        partial(lc.nearest_facilities, network, preview, goals, max_minutes=None, speed_kmh=4), 1
    )
    return job.Outcome(seconds, {"metres": table["distance_m"].to_numpy()})


if __name__ == "__main__":
    job.main(
        "lifecircle",
        {
            "nearest": nearest,
            "nearest-raw": nearest_raw,
            "nearest-long": nearest_long,
            "pairs": node_pairs,
            "counts": counts,
            "e2sfca": floating_catchments,
            "isochrones": isochrones,
            "buffer-union": buffer_union,
            "build": build,
            "reload": reload,
            "walking-distances": walking_distances,
        },
    )
