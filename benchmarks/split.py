"""Edge-exact answers from engines that know nodes only: seeds on both ends, then points over both ends.

Numpy only, as anyone would write it around scipy or networkx.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.spatial import KDTree

MILLIMETRE = 0.001
MAX_SNAP_M = 300.0
"""How far one walks to a street, and from a place that joined none."""


def legs(city: SimpleNamespace, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Metres from points to both ends of their edges, the walk to the street included; inf if unreached."""
    edge = getattr(city, f"{name}_edge")
    offset, walk = getattr(city, f"{name}_offset_mm"), getattr(city, f"{name}_access_mm")
    # origins leave towards an end, facilities are come to from there
    towards_u, towards_v = (
        (city.backward, city.forward) if name == "origin" else (city.forward, city.backward)
    )
    reached = edge >= 0
    to_u = np.where(reached & towards_u[edge], offset + walk, np.inf) / 1000
    to_v = np.where(reached & towards_v[edge], city.length_mm[edge] - offset + walk, np.inf) / 1000
    return to_u, to_v


def nearest_minutes(city: SimpleNamespace, distance: np.ndarray) -> np.ndarray:
    """Minutes of origins × services, over both ends, from metres at the nodes (services × nodes)."""
    to_u, to_v = legs(city, "origin")
    edge = city.origin_edge
    best = np.minimum(distance[:, city.u[edge]] + to_u, distance[:, city.v[edge]] + to_v).T
    straight_along(city, best)
    best[best > 1000] = np.inf
    return best * (60 / 4000)


def straight_along(city: SimpleNamespace, best: np.ndarray) -> None:
    """Lower the cost of origins that share an edge with a facility."""
    order = np.argsort(city.facility_edge, kind="stable")
    result = city.facility_edge[order]
    first = np.searchsorted(result, city.origin_edge, "left")
    last = np.searchsorted(result, city.origin_edge, "right")
    for i in np.flatnonzero((last > first) & (city.origin_edge >= 0)):
        for f in order[first[i] : last[i]]:
            along = int(city.facility_offset_mm[f]) - int(city.origin_offset_mm[i])
            if not (city.forward if along >= 0 else city.backward)[city.origin_edge[i]]:
                continue
            walk = int(city.origin_access_mm[i]) + int(city.facility_access_mm[f])
            best[i, city.service[f]] = min(best[i, city.service[f]], (abs(along) + walk) / 1000)


def side_by_side(city: SimpleNamespace) -> np.ndarray:
    """Origins × services: some facility is no farther, straight, than the walks of both to their streets.

    There ours may walk straight, unless something bars the way; an engine that knows streets alone cannot.
    """
    beside_any = np.zeros((len(city.origin_edge), city.facts["services"]), bool)
    origin = np.stack([city.origin_x, city.origin_y], 1)
    facility = np.stack([city.facility_x, city.facility_y], 1)
    walk, leg = (
        np.where(edge >= 0, access_mm / 1000, MAX_SNAP_M)
        for edge, access_mm in (
            (city.origin_edge, city.origin_access_mm),
            (city.facility_edge, city.facility_access_mm),
        )
    )
    trees = KDTree(origin), KDTree(facility)
    near = trees[0].sparse_distance_matrix(trees[1], walk.max() + leg.max(), output_type="coo_matrix")
    walks = walk[near.row] + leg[near.col]
    beside = near.data <= walks + MILLIMETRE
    beside_any[near.row[beside], city.service[near.col[beside]]] = True
    return beside_any
