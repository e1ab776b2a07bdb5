"""Lines that cross without a shared vertex: counted, and made to meet where the user asks for it."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.sources.streets.cut import running_number
from lifecircle.sources.streets.drawn import Drawn, metres_per_degree, places_in_degrees
from lifecircle.tables import WGS84, StreetTable

_STEP: Final = 1e-7
"""Degrees: nodes are told apart to this, and lines nearer than this meet."""

_AT_ONCE: Final = 1_000
"""Segments whose neighbours are sought at once: all of a hatching's would not fit into memory."""
_SLACK: Final = 1e-6
"""By this share more than far enough: what rounding may hide is left to GEOS."""

__all__ = ["crossings_without_node", "cut_at_nodes", "split_at_crossings"]


def crossings_without_node(
    streets: StreetTable, drawn: Drawn | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of segments that cross or touch and share no node; bridges and tunnels may cross freely.

    Parameters
    ----------
    streets
        Streets of a line layer.
    drawn
        Where its nodes were drawn, in the system in which lines are straight; degrees if None.

    Returns
    -------
    tuple of ndarray
        Numbers of the two segments of each pair, the smaller first, in ascending order.
    """
    # Pairs on the ground that meet, each once.
    level = np.flatnonzero(~streets.bridge)
    drawn = drawn or Drawn.of(streets, CRS.from_user_input(WGS84))
    segments = _segments(streets, drawn)[level]
    start = streets.u[level]
    step_m = _STEP * metres_per_degree(streets.lat[start])[:, 1]
    within = step_m / drawn.metres(start)[:, 1]
    one, other = _near_pairs(segments, within)
    one, other = level[one], level[other]
    # Those that share a node meet there already.
    ends = np.stack([streets.u, streets.v])
    apart = (ends[:, None, one] != ends[None, :, other]).all(axis=(0, 1))
    one, other = one[apart], other[apart]
    order = np.lexsort((other, one))
    return one[order], other[order]


def _near_pairs(
    segments: NDArray[np.object_], within: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of straight lines that come as near as `within` of the first, the smaller number first.

    Of lines drawn beside each other slantwise the boxes of very many overlap. GEOS is only asked about those
    that no straight line along either of the two parts.
    """
    tree, xy = shapely.STRtree(segments), shapely.get_coordinates(segments).reshape(-1, 2, 2)
    low, high = xy.min(axis=1) - within[:, None], xy.max(axis=1) + within[:, None]
    boxes = shapely.box(*low.T, *high.T)
    shapely.prepare(segments)
    ones, others = [np.empty(0, dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for start in range(0, len(segments), _AT_ONCE):
        one, other = tree.query(boxes[start : start + _AT_ONCE])
        one = one + start
        once = one < other
        one, other = one[once], other[once]
        parted = _parted(xy[one], xy[other], within[one]) | _parted(xy[other], xy[one], within[one])
        one, other = one[~parted], other[~parted]
        near = shapely.dwithin(segments[one], segments[other], within[one])
        ones.append(one[near])
        others.append(other[near])
    return np.concatenate(ones), np.concatenate(others)


def _parted(
    line: NDArray[np.float64], other: NDArray[np.float64], within: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether both ends of each other line lie farther than `within` on one side of the line (n × 2 × 2)."""
    along, to_end = line[:, 1] - line[:, 0], other - line[:, :1]
    # The cross product is the distance from the line, times its length.
    off = along[:, None, 0] * to_end[..., 1] - along[:, None, 1] * to_end[..., 0]
    far = (1 + _SLACK) * within * np.hypot(*along.T)
    return np.asarray((off.min(axis=1) > far) | (off.max(axis=1) < -far))


def split_at_crossings(streets: StreetTable, drawn: Drawn | None = None) -> StreetTable:
    """Give lines that cross or touch without a shared vertex a node there.

    Nodes are told apart to 1e-7 degree; pieces of a way are numbered along it. The number of pairs
    joined is counted under ``street-crossings-split``. `drawn` is that of `crossings_without_node`.
    """
    drawn = drawn or Drawn.of(streets, CRS.from_user_input(WGS84))
    one, other = crossings_without_node(streets, drawn)
    segments = _segments(streets, drawn)
    # Where they cross; of lines that only come near, the place on the first.
    meet = shapely.intersection(segments[one], segments[other])
    near = shapely.shortest_line(segments[one], segments[other])
    meet = np.where(shapely.is_empty(meet), shapely.get_point(near, 0), meet)
    xy, pair = shapely.get_coordinates(meet, return_index=True)
    lon, lat, at, new = _with_nodes(streets, places_in_degrees(xy, drawn.crs))
    split = dataclasses.replace(
        streets,
        lon=lon,
        lat=lat,
        node_id=np.append(
            streets.node_id, np.arange(len(lon) - len(streets.lon)) + streets.node_id.max(initial=-1) + 1
        ),
    )
    drawn = dataclasses.replace(drawn, xy=np.concatenate([drawn.xy, xy[new]]))
    cut = cut_at_nodes(split, drawn, np.concatenate([one[pair], other[pair]]), np.concatenate([at, at]))
    told = dataclasses.replace(cut, counts={**streets.counts, "street-crossings-split": len(one)})
    return told.keep(np.ones(len(told), bool))


def _segments(streets: StreetTable, drawn: Drawn) -> NDArray[np.object_]:
    """The segments as lines, as they were drawn."""
    return shapely.linestrings(drawn.xy[np.stack([streets.u, streets.v], axis=1)])


def _with_nodes(
    streets: StreetTable, xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.intp]]:
    """Coordinates of all nodes with those at `xy` appended where new, the node of each `xy`, the new ones."""
    # A place is new where its key first occurs among the crossings.
    old = _key(np.column_stack([streets.lon, streets.lat]))
    _, first, at = np.unique(np.concatenate([old, _key(xy)]), return_index=True, return_inverse=True)
    is_new = first >= len(old)
    number = np.where(is_new, 0, first)
    number[is_new] = len(old) + np.arange(is_new.sum())
    new = first[is_new] - len(old)
    added = np.rint(xy[new] / _STEP) * _STEP
    lon = np.append(streets.lon, added[:, 0])
    lat = np.append(streets.lat, added[:, 1])
    return lon, lat, number[at[len(old) :]].astype(np.int32), new


def _key(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """One integer per place, equal where coordinates round to the same 1e-7 degree."""
    steps = np.rint(xy / _STEP).astype(np.int64)
    return (steps[:, 0] << 32) + steps[:, 1]


def cut_at_nodes(
    streets: StreetTable, drawn: Drawn, segment: NDArray[np.intp], node: NDArray[np.int32]
) -> StreetTable:
    """Cut segments at nodes that lie on them, as `drawn` has both."""
    # The nodes of every segment: its begin, the places to cut it at, its end.
    number = np.arange(len(streets), dtype=np.intp)
    of = np.concatenate([number, segment, number])
    at = np.concatenate([streets.u, node, streets.v])
    # Where along the segment each lies: projection on it, 0 at its begin, 1 at its end.
    start, end = streets.u[of], streets.v[of]
    run = drawn.xy[end] - drawn.xy[start]
    gone = drawn.xy[at] - drawn.xy[start]
    along = (run * gone).sum(axis=1) / (run**2).sum(axis=1)
    along[: len(number)], along[len(of) - len(number) :] = 0.0, 1.0
    # In order along each way; neighbours on one segment bound a piece.
    order = np.lexsort((along, streets.segment[of], streets.way[of]))
    of, at = of[order], at[order]
    piece = np.flatnonzero((of[:-1] == of[1:]) & (at[:-1] != at[1:]))
    columns = {
        **{name: column[of[piece]] for name, column in streets.per_segment.items()},
        "u": at[piece],
        "v": at[piece + 1],
        "segment": running_number(streets.way[of[piece]]),
    }
    return dataclasses.replace(streets, **columns)
