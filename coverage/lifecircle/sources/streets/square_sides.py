"""Nodes that lie on the side of an area and are none of its corners: they become such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.sources.streets.square_outlines import OutlinePart, Rings
from lifecircle.tables import StreetTable

TOUCH_M: Final = 0.02
"""A node this near to an outline lies on it; OpenStreetMap's coordinates are whole centimetres."""

__all__ = ["TOUCH_M", "with_nodes_on_sides"]


def with_nodes_on_sides(
    streets: StreetTable,
    parts: Sequence[OutlinePart],
    rings: Rings,
    *,
    level: NDArray[np.int8],
    xy: NDArray[np.float64],
) -> Rings:
    """The rings with the corners of other areas, and the last nodes of ways, that lie on their sides.

    Parameters
    ----------
    streets, parts, rings
        Streets with the nodes of the outlines; the areas; their rings as numbers of nodes.
    level
        Per segment of `streets`.
    xy
        n × 2, nodes of `streets` in metres.

    Returns
    -------
    list
        As `rings`. An area whose outline would cross itself by it keeps its own.
    """
    # stage 1: what may lie on a side: corners of areas, and nodes at which one segment ends
    sizes = np.array([sum(map(len, area)) for area in rings])
    of_side = np.repeat(np.arange(len(rings)), sizes)
    area_level = np.array([part.outline.use.level for part in parts])
    start = np.concatenate([ring for area in rings for ring in area])
    end = np.concatenate([np.roll(ring, -1) for area in rings for ring in area])
    ends, of_segment = np.concatenate([streets.u, streets.v]), np.tile(np.arange(len(streets)), 2)
    last = np.bincount(ends, minlength=len(streets.lon)) == 1
    loose = last[ends]
    node = np.concatenate([start, ends[loose]])
    node_level = np.concatenate([area_level[of_side], level[of_segment[loose]]])
    # stage 2: pairs of such a node and an area of its level in whose box it lies; its own corners aside
    at, area = _in_boxes(xy[node], xy[start], np.cumsum(sizes) - sizes)
    keep = node_level[at] == area_level[area]
    keep &= ~np.isin(area * len(xy) + node[at], of_side * len(xy) + start)
    at, area = at[keep], area[keep]
    # stage 3: pairs of such a node and a side of such an area that it lies on
    met, near = np.flatnonzero(np.isin(of_side, area)), np.unique(node[at])
    sides = shapely.linestrings(xy[np.stack([start[met], end[met]], axis=1)])
    k, j = shapely.STRtree(sides).query(shapely.points(xy[near]), predicate="dwithin", distance=TOUCH_M)
    meant = np.isin(of_side[met[j]] * len(xy) + near[k], area * len(xy) + node[at])
    node, side = near[k[meant]], met[j[meant]]
    if not len(side):
        return rings
    # stage 4: in between the ends of the side only
    run, gone = xy[end[side]] - xy[start[side]], xy[node] - xy[start[side]]
    length = np.hypot(*run.T)
    along = (run * gone).sum(axis=1) / length
    between = (along > TOUCH_M) & (along < length - TOUCH_M)
    order = np.lexsort((node, along, side))
    order = order[between[order]]
    on_side: dict[int, list[int]] = {}
    for s, n in zip(side[order].tolist(), node[order].tolist(), strict=True):
        if n not in on_side.setdefault(s, []):
            on_side[s].append(n)
    return _inserted(rings, on_side, xy)


def _in_boxes(
    places: NDArray[np.float64], corners: NDArray[np.float64], first: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of places and areas in whose box, `TOUCH_M` larger, they lie; `first` numbers first corners."""
    low = np.minimum.reduceat(corners, first) - TOUCH_M
    high = np.maximum.reduceat(corners, first) + TOUCH_M
    # places from west to east: those between the sides of a box follow one another
    order = np.argsort(places[:, 0])
    x = places[order, 0]
    begin, end = np.searchsorted(x, low[:, 0], "left"), np.searchsorted(x, high[:, 0], "right")
    count = end - begin
    area = np.repeat(np.arange(len(first)), count)
    at = order[np.arange(len(area)) + np.repeat(begin - (np.cumsum(count) - count), count)]
    inside = (places[at, 1] >= low[area, 1]) & (places[at, 1] <= high[area, 1])
    return at[inside], area[inside]


def _inserted(rings: Rings, on_side: dict[int, list[int]], xy: NDArray[np.float64]) -> Rings:
    """The rings with nodes on their sides, which are numbered through all of them."""
    grown: Rings = []
    number = 0
    for area in rings:
        made = []
        for ring in area:
            course = [
                n for k, corner in enumerate(ring.tolist()) for n in (corner, *on_side.get(number + k, ()))
            ]
            number += len(ring)
            made.append(np.array(course, np.int64))
        changed = any(len(new) > len(old) for new, old in zip(made, area, strict=True))
        sound = changed and shapely.Polygon(xy[made[0]], [xy[hole] for hole in made[1:]]).is_valid
        grown.append(made if sound else area)
    return grown
