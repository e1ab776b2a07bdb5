"""Areas into which no gate and no street leads: entered where their outline is nearest to a street."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from lifecircle.sources.entry_crossings import DRAWN_M, EntryGround, Points
from lifecircle.tables import StreetTable

__all__ = ["assumed_entries"]

# How far around an outline a street outside it is first looked for.
_FIRST_LOOK_M: Final = 100.0


def assumed_entries(
    shapes: NDArray[np.object_],
    rows: NDArray[np.intp],
    ground: EntryGround,
    streets: StreetTable,
    crs: pyproj.CRS,
) -> Points:
    """The straight walk of each outline to the nearest street that is not shut up inside it.

    Of places equally near the westernmost, then the southernmost counts.

    Parameters
    ----------
    ground
        Streets within `DRAWN_M` of the shapes, if not all of `streets`.
    """
    entered, walks, sure = _straight_walks(shapes, rows, ground)
    far = np.setdiff1d(rows, entered[sure])
    if len(far):
        # what is farther than the streets drawn may be nearer to others: all of them
        others, longer, _ = _straight_walks(shapes, far, EntryGround.of(streets, crs))
        entered, walks = np.append(entered[sure], others), np.append(walks[sure], longer)
    return entered, walks


def _straight_walks(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], ground: EntryGround
) -> tuple[NDArray[np.intp], NDArray[np.object_], NDArray[np.bool_]]:
    """Rows, their straight walks to the streets drawn, and whether no other street can be nearer."""
    if not len(rows) or not len(ground.segments):
        return np.zeros(0, np.intp), np.zeros(0, object), np.zeros(0, bool)
    # The nearest segments of each outline; where they lie inside it, the search widens.
    outlines = shapely.boundary(shapes[rows])
    row, segment = ground.tree.query_nearest(outlines, all_matches=True)
    inside = shapely.contains(shapes[rows][row], ground.segments[segment])
    shut_up = np.unique(row[inside])
    keep = ~np.isin(row, shut_up)
    pairs = [(row[keep], segment[keep])]
    pairs += [_nearest_outside(int(one), shapes[rows[one]], outlines[one], ground) for one in shut_up]
    row, segment = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    # The place on the outline where the straight walk ends; ties go west, then south.
    walks = shapely.shortest_line(outlines[row], ground.segments[segment])
    places = shapely.get_point(walks, 0)
    order = np.lexsort((shapely.get_y(places), shapely.get_x(places), row))
    first = order[np.unique(row[order], return_index=True)[1]]
    row, segment, walks = row[first], segment[first], walks[first]
    outside = ~shapely.contains(shapes[rows][row], ground.segments[segment])
    return rows[row], walks, outside & (shapely.length(walks) <= DRAWN_M)


def _nearest_outside(
    row: int, shape: shapely.Geometry, outline: shapely.Geometry, ground: EntryGround
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The nearest segments to one outline that do not lie within its shape; of all, where all do."""
    # No segment is farther than across the box of all of them; past that, streets inside are all there are.
    within_m, whole = _FIRST_LOOK_M, shapely.box(*shapely.total_bounds(ground.segments))
    farthest = 2 * shapely.distance(outline, whole) + shapely.length(shapely.boundary(whole))
    shapely.prepare(shape)
    while True:
        near = ground.tree.query(outline, predicate="dwithin", distance=within_m)
        outside = near[~shapely.contains(shape, ground.segments[near])]
        if len(outside) or within_m > farthest:
            near = outside if len(outside) else near
            away = shapely.distance(outline, ground.segments[near])
            chosen = near[away <= away.min()]
            return np.full(len(chosen), row, np.intp), chosen
        within_m *= 2
