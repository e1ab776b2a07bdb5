"""The walking network inside the page: streets from junction to junction with their lengths."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lifecircle.outputs.web_map.geometry import Origin, pack_shapes
from lifecircle.tables import WGS84, Results
from lifecircle.tables.shapes import MANY_VERTICES
from lifecircle.tables.streets import JOIN_NEVER
from lifecircle.tables.subdivision import chains

_TOLERANCE_DEGREES: Final = 1e-5
_MOST_CHARACTERS: Final = 3_000_000
"""Networks that take more are left out: the page then shows the circle of the community instead."""

_MOST_SEGMENTS: Final = 1_500_000

__all__ = ["walk_network"]


def walk_network(results: Results, origin: Origin) -> dict[str, object]:
    """The streets walked, as the page routes on them; nothing where nobody walks or they are too many.

    Parameters
    ----------
    results
        The finished study.
    origin
        From ``map_origin``.

    Returns
    -------
    dict
        ``lines`` (packed, one per stretch between junctions), ``length_m`` (of each, whole metres along its
        full course), ``closed`` (numbers of those that no point may join) and ``speed_kmh``.
    """
    streets = results.inputs.streets
    if streets.mode != "walk" or not 0 < len(streets) <= _MOST_SEGMENTS:
        return {}
    walked = np.flatnonzero(streets.forward | streets.backward)
    if not len(walked):
        return {}
    # Segments between two junctions become one line: a walk cannot leave them in between.
    chain = _chains(streets.u[walked], streets.v[walked], streets.joinable[walked] == JOIN_NEVER)
    order = np.argsort(chain, kind="stable")
    ends = np.stack([streets.u[walked], streets.v[walked]], axis=1)[order].ravel()
    points = np.stack([streets.lon[ends], streets.lat[ends]], axis=1)
    pieces = shapely.linestrings(points, indices=np.repeat(np.arange(len(order)), 2))
    course, owner = shapely.get_parts(
        shapely.line_merge(shapely.multilinestrings(pieces, indices=chain[order])), return_index=True
    )
    shut = np.zeros(chain.max() + 1, dtype=bool)
    shut[chain] = streets.joinable[walked] == JOIN_NEVER
    # Lengths are of the full course, measured before it is simplified.
    length_m = shapely.length(gpd.GeoSeries(course, crs=WGS84).to_crs(results.inputs.crs).to_numpy())
    packed = pack_shapes(gpd.GeoSeries(_simplified(course), crs=WGS84), origin)
    if sum(map(len, packed)) > _MOST_CHARACTERS:
        return {}
    return {
        "lines": ",".join(packed),
        "length_m": np.maximum(1, np.round(length_m)).astype(int).tolist(),
        "closed": np.flatnonzero(shut[owner]).tolist(),
        "speed_kmh": float(results.assumptions.get("walk_speed_kmh", results.travel.speed_kmh)),  # type: ignore[arg-type]
    }


def _simplified(course: NDArray[np.object_]) -> NDArray[np.object_]:
    """Each line simplified; very long ones in pieces: the time grows with the square of the vertices."""
    long = shapely.get_num_coordinates(course) > MANY_VERTICES
    shown = course.copy()
    shown[~long] = shapely.simplify(course[~long], _TOLERANCE_DEGREES)
    for row in np.flatnonzero(long):
        pieces = shapely.simplify(chains(course[row : row + 1], most=MANY_VERTICES), _TOLERANCE_DEGREES)
        shown[row] = shapely.LineString(shapely.get_coordinates(pieces))
    return shown


def _chains(u: NDArray[np.int32], v: NDArray[np.int32], shut: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of the stretch between junctions that each segment belongs to.

    A node joins two segments of one stretch if nothing else meets there and both may be joined, or neither.
    """
    count = len(u)
    # Ends of segments, node by node; a node with exactly two ends may join them.
    nodes, segments = np.concatenate([u, v]), np.tile(np.arange(count), 2)
    order = np.argsort(nodes, kind="stable")
    nodes, segments = nodes[order], segments[order]
    first = np.flatnonzero(np.r_[True, nodes[1:] != nodes[:-1]])
    pairs = first[np.diff(np.r_[first, len(nodes)]) == 2]
    one, other = segments[pairs], segments[pairs + 1]
    same = (shut[one] == shut[other]) & (one != other)
    # Stretches are the connected pieces of the segments joined so.
    links = coo_array((np.ones(same.sum(), np.int8), (one[same], other[same])), shape=(count, count))
    return connected_components(links, directed=False)[1].astype(np.int64)
