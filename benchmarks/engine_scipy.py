"""scipy.sparse.csgraph: one super-source per service, all services in one call."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import job
import numpy as np
import shapely
import split
from pyproj import CRS, Transformer
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra


def street_arcs(city: SimpleNamespace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arcs against the way one walks, for searches start at services.

    Of parallel ones the shortest, because a csr matrix would add them up.
    """
    tail = np.r_[city.v[city.forward], city.u[city.backward]].astype(np.int64)
    head = np.r_[city.u[city.forward], city.v[city.backward]]
    length = np.r_[city.length_mm[city.forward], city.length_mm[city.backward]]
    order = np.lexsort((length, head, tail))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    kept = order[first]
    return tail[kept], head[kept], length[kept] / 1000


def graph_with_services(city: SimpleNamespace, arcs: tuple) -> tuple[csr_matrix, np.ndarray]:
    """The streets and one node per service, joined to both ends of its facilities' edges."""
    nodes = len(city.node_x)
    to_u, to_v = split.legs(city, "facility")
    tail = np.r_[nodes + city.service, nodes + city.service]
    head = np.r_[city.u[city.facility_edge], city.v[city.facility_edge]]
    leg = np.r_[to_u, to_v]
    order = np.lexsort((leg, head, tail))
    tail, head, leg = tail[order], head[order], leg[order]
    first = np.isfinite(leg)
    first[1:] &= (np.diff(tail) != 0) | (np.diff(head) != 0)
    size = nodes + city.facts["services"]
    rows, heads, metres = (np.r_[a, b[first]] for a, b in zip(arcs, (tail, head, leg), strict=True))
    return coo_matrix((metres, (rows, heads)), shape=(size, size)).tocsr(), np.arange(nodes, size)


def _ask(city: SimpleNamespace, arcs: tuple) -> np.ndarray:
    graph, sources = graph_with_services(city, arcs)
    distance = dijkstra(graph, indices=sources, limit=job.LIMIT_M)
    return split.nearest_minutes(city, distance)


def nearest(city: SimpleNamespace) -> job.Outcome:
    """Minutes to the nearest facility of every service, points snapped before."""
    arcs = street_arcs(city)
    seconds, minutes = job.timed(partial(_ask, city, arcs), 2 if city.quick else 5)
    return job.Outcome(seconds, {"minutes": minutes})


def nearest_raw(city: SimpleNamespace) -> job.Outcome:
    """The same behind snapping with shapely's STRtree; the tree is built once."""
    arcs, watch = street_arcs(city), job.Stopwatch()
    ends = np.stack([np.stack([city.node_x[n], city.node_y[n]], 1) for n in (city.u, city.v)], 1)
    edges = shapely.linestrings(ends)
    mainland = np.flatnonzero(~city.on_island)
    tree, other = watch("trees of edges", lambda: (shapely.STRtree(edges), shapely.STRtree(edges[mainland])))
    into = Transformer.from_crs(4326, CRS.from_wkt(city.facts["crs"]), always_xy=True)

    def snapped(places: np.ndarray) -> np.ndarray:
        """Nearest edge within 300 m; who is nearest to an island goes to the mainland, or stays out."""
        joined = np.full(len(places), -1)
        row, edge = tree.query_nearest(places, max_distance=300, all_matches=False)
        joined[row] = edge
        stranded = row[city.on_island[edge]]
        joined[stranded] = -1
        row, edge = other.query_nearest(places[stranded], max_distance=300, all_matches=False)
        joined[stranded[row]] = mainland[edge]
        return joined

    def ask() -> np.ndarray:
        """Transform, snap, route."""
        for name in ("origin", "facility"):
            lon, lat = getattr(city, f"{name}_lon"), getattr(city, f"{name}_lat")
            places = shapely.points(*into.transform(lon, lat))
            joined = snapped(places)
            setattr(city, f"{name}_edge", joined)
            offset = shapely.line_locate_point(edges[joined], places, normalized=True)
            setattr(city, f"{name}_offset_mm", np.rint(offset * city.length_mm[joined]).astype(np.int64))
            walk = shapely.distance(edges[joined], places)
            setattr(city, f"{name}_access_mm", np.rint(walk * 1000).astype(np.int64))
        return _ask(city, arcs)

    seconds, minutes = job.timed(ask, 1 if city.quick else 2)
    return job.Outcome(seconds, {"minutes": minutes}, watch.seconds)


if __name__ == "__main__":
    job.main("scipy", {"nearest": nearest, "nearest-raw": nearest_raw})
