"""Where streets lead into areas: the places at which they pass through an outline or end on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.streets import JOIN_ANYWHERE

__all__ = ["DRAWN_M", "SAME_CROSSING_WITHIN_M", "EntryGround", "Points", "at_crossings"]

SAME_CROSSING_WITHIN_M: Final = 5.0
"""Crossings of one outline nearer to each other than this are one entry."""
# How far around the outlines streets are drawn; the few that have none so near look at all of them.
DRAWN_M: Final = 1000.0
# A way along the outline is not a way in: it must come this far inside.
_INSIDE_M: Final = 0.1
_MANY: Final = 20_000
"""Vertices of a shape that is not drawn smaller to see what comes inside."""
# A path that ends on the outline may miss it by the rounding of coordinates.
_AT_M: Final = 0.1
# A way that meets the outline this near to a door leads to that door.
_DOOR_M: Final = 1.0

Points = tuple[NDArray[np.intp], NDArray[np.object_]]
"""Rows of facilities, and a place of each."""


@dataclass(frozen=True)
class EntryGround:
    """Street segments on the ground, in the study's CRS.

    Attributes
    ----------
    segments : lines of two points
    u, v, way : node at either end of each segment, and the way it belongs to
    on_area : whether it is a side of a square or leads across one
    x, y : of the nodes, m
    """

    segments: NDArray[np.object_]
    tree: shapely.STRtree
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    way: NDArray[np.int64]
    on_area: NDArray[np.bool_]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def of(
        cls, streets: StreetTable, crs: pyproj.CRS, *, around: NDArray[np.object_] | None = None
    ) -> EntryGround:
        """The segments of a street table that are neither bridges nor tunnels: all, or those near shapes."""
        transform = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform
        x, y = (np.asarray(axis) for axis in transform(streets.lon, streets.lat))
        level = streets.joinable == JOIN_ANYWHERE
        rows = np.flatnonzero(level)
        if around is not None:
            near = streets.rows_near(x, y, shapely.bounds(around), DRAWN_M)
            rows = near[level[near]]
        u, v, way = streets.u[rows], streets.v[rows], streets.way[rows]
        segments = shapely.linestrings(
            np.stack([np.column_stack([x[u], y[u]]), np.column_stack([x[v], y[v]])], 1)
        )
        return cls(segments, shapely.STRtree(segments), u, v, way, streets.on_areas[rows], x, y)


def at_crossings(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], ground: EntryGround, shut: NDArray[np.object_]
) -> Points:
    """Where streets pass through the outlines or end on them, each place once; not at a door that is shut."""
    # Segments at each outline: those that come inside, and those that end on it.
    outlines = shapely.boundary(shapes[rows])
    row, segment = ground.tree.query(outlines, predicate="dwithin", distance=_AT_M)
    through, places = _passed_through(shapes[rows], outlines, row, segment, ground)
    ended, ends = _ended_on(outlines, row, segment, ground)
    # From west to east, so that the first of a cluster does not depend on the order of streets.
    row, places = np.concatenate([through, ended]), np.concatenate([places, ends])
    order = np.lexsort((shapely.get_y(places), shapely.get_x(places), row))
    row, places = row[order], places[order]
    # A way that leads to a door by which nobody comes in is no way in.
    at_shut = np.zeros(len(places), bool)
    at_shut[shapely.STRtree(shut).query(places, predicate="dwithin", distance=_DOOR_M)[0]] = True
    row, places = row[~at_shut], places[~at_shut]
    first = _first_of_each_cluster(row, places)
    return rows[row[first]], places[first]


def _passed_through(
    shapes: NDArray[np.object_],
    outlines: NDArray[np.object_],
    row: NDArray[np.intp],
    segment: NDArray[np.intp],
    ground: EntryGround,
) -> Points:
    """Where segments that come some way inside meet the outlines they are near."""
    # Only what passes the outline by more than rounding comes in.
    comes_in = _comes_in(shapes, outlines, row, ground.segments[segment])
    row, segment = row[comes_in], segment[comes_in]
    # Where they meet the outline; a path that stops just short of it at the place nearest to its end.
    meets = _meetings(shapes, outlines, row, ground.segments[segment])
    ends_at = shapely.get_point(shapely.shortest_line(outlines[row], ground.segments[segment]), 0)
    meets = np.where(shapely.is_empty(meets), ends_at, meets)
    xy, of = shapely.get_coordinates(meets, return_index=True)
    return row[of], shapely.points(xy)


def _comes_in(
    shapes: NDArray[np.object_],
    outlines: NDArray[np.object_],
    row: NDArray[np.intp],
    segments: NDArray[np.object_],
) -> NDArray[np.bool_]:
    """Which segments pass the outline they are near by more than rounding.

    Shapes of very many vertices are not drawn smaller, which takes GEOS minutes: there the middle of what a
    segment has inside tells.
    """
    wild = shapely.get_num_coordinates(shapes) > _MANY
    tame = shapes.copy()
    tame[wild] = None
    within = shapely.buffer(tame, -_INSIDE_M)
    shapely.prepare(within)
    comes_in = np.asarray(shapely.intersects(within[row], segments), dtype=bool)
    at = np.flatnonzero(wild[row])
    if len(at):
        # The middle of every stretch of a segment between two places where it meets the outline.
        met = _meetings(shapes, outlines, row[at], segments[at])
        place, of = shapely.get_coordinates(met, return_index=True)
        share = shapely.line_locate_point(segments[at[of]], shapely.points(place), normalized=True)
        share = np.concatenate([np.zeros(len(at)), share, np.ones(len(at))])
        of = np.concatenate([np.arange(len(at)), of, np.arange(len(at))])
        order = np.lexsort((share, of))
        share, of = share[order], of[order]
        same = of[1:] == of[:-1]
        middles, of = ((share[1:] + share[:-1]) / 2)[same], at[of[1:][same]]
        middle = shapely.line_interpolate_point(segments[of], middles, normalized=True)
        shapely.prepare(outlines)
        shapely.prepare(shapes[wild])
        deep = shapely.contains(shapes[row[of]], middle)
        deep[deep] = ~shapely.dwithin(outlines[row[of[deep]]], middle[deep], _INSIDE_M)
        comes_in[of[deep]] = True
    return comes_in


def _meetings(
    shapes: NDArray[np.object_],
    outlines: NDArray[np.object_],
    row: NDArray[np.intp],
    segments: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Where segments meet the outlines they are near; of very many vertices, the sides near each alone."""
    wild = shapely.get_num_coordinates(shapes) > _MANY
    meets = np.full(len(row), None, dtype=object)
    tame = ~wild[row]
    meets[tame] = shapely.intersection(outlines[row[tame]], segments[tame])
    for shape in np.unique(row[~tame]):
        at = np.flatnonzero(row == shape)
        xy, ring = shapely.get_coordinates(shapely.get_parts(outlines[shape]), return_index=True)
        sides = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[ring[1:] == ring[:-1]])
        pair, side = shapely.STRtree(sides).query(segments[at], predicate="intersects")
        places, of = shapely.get_coordinates(
            shapely.intersection(sides[side], segments[at[pair]]), return_index=True
        )
        order = np.argsort(pair[of], kind="stable")
        meets[at] = shapely.MultiPoint()
        if len(order):
            shapely.multipoints(shapely.points(places[order]), indices=at[pair[of[order]]], out=meets)
    return meets


def _ended_on(
    outlines: NDArray[np.object_], row: NDArray[np.intp], segment: NDArray[np.intp], ground: EntryGround
) -> Points:
    """Nodes on the outlines at which every way that touches them ends, coming from outside.

    A way that runs along an outline, or only touches it on its way past, does not lead in there. The sides of
    a square beside it are no ways, and do not take an entry from the path that ends between the two.
    """
    row, segment = row[~ground.on_area[segment]], segment[~ground.on_area[segment]]
    # Both ends of every segment near an outline; `on` picks the nodes on it.
    node = np.concatenate([ground.u[segment], ground.v[segment]])
    other = np.concatenate([ground.v[segment], ground.u[segment]])
    row, way = np.tile(row, 2), np.tile(ground.way[segment], 2)
    x, y = ground.x[node], ground.y[node]
    on = shapely.dwithin(shapely.points(x, y), outlines[row], _AT_M)
    # A street that is on the outline a metre before its end runs along it.
    east, north = ground.x[other] - x, ground.y[other] - y
    length = np.maximum(np.hypot(east, north), _AT_M)
    back = np.minimum(1.0, length / 2) / length
    along = shapely.dwithin(shapely.points(x + back * east, y + back * north), outlines[row], _AT_M)
    table = pd.DataFrame({"row": row, "node": node, "way": way, "along": along})[on]
    # A way with two segments at the node passes by; one way that passes or runs along spoils the node.
    passes = table.groupby(["row", "node", "way"])["along"].transform("size") > 1
    leads = ~(passes | table["along"]).groupby([table["row"], table["node"]]).transform("any")
    ended = table[leads].drop_duplicates(["row", "node"])
    last = ended["node"].to_numpy(np.intp)
    return ended["row"].to_numpy(np.intp), shapely.points(ground.x[last], ground.y[last])


def _first_of_each_cluster(row: NDArray[np.intp], places: NDArray[np.object_]) -> NDArray[np.intp]:
    """The first of the places of one row that stand together, link by link within 5 m."""
    # Single linkage: places of one row within 5 m of each other are linked, linked places are one entry.
    one, other = shapely.STRtree(places).query(places, predicate="dwithin", distance=SAME_CROSSING_WITHIN_M)
    same = row[one] == row[other]
    links = coo_array((np.ones(same.sum(), bool), (one[same], other[same])), shape=(len(row), len(row)))
    cluster = connected_components(links, directed=False)[1] if len(row) else np.zeros(0, np.intp)
    return np.sort(np.unique(cluster, return_index=True)[1])
