"""Streets as a backdrop: merged into long lines, the important ones first, within a budget of vertices."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.outputs.web_map.geometry import Origin, pack_shapes
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.shapes import MANY_VERTICES
from lifecircle.tables.subdivision import chains

MAJOR: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MINOR: Final = ("unclassified", "residential", "living_street", "pedestrian", "road", "")
_TOLERANCE_DEGREES: Final = 4e-5

__all__ = ["MAJOR", "merged_lines", "segment_ranks", "street_lines"]


def street_lines(streets: StreetTable, origin: Origin, *, max_vertices: int) -> dict[str, object]:
    """Streets for display: ``major`` and ``minor`` packed lines, and how much was left out.

    Classes are drawn from motorways down to footpaths until `max_vertices` is spent; of the class that
    does not fit, the longest lines are. ``left_out_share`` is the share of segments of which nothing is
    drawn because of that, 0 to 1.
    """
    rank = segment_ranks(streets)
    drawn: dict[str, list[str]] = {"major": [], "minor": []}
    room, left_out = max_vertices, 0
    for place in np.unique(rank):
        lines = merged_lines(streets, np.flatnonzero(rank == place))
        cost = np.cumsum(shapely.get_num_coordinates(lines))
        fits = cost <= room
        left_out += round(int((rank == place).sum()) * (1 - fits.mean())) if len(lines) else 0
        room -= int(cost[fits][-1]) if fits.any() else 0
        key = "major" if place < len(MAJOR) else "minor"
        drawn[key] += [text for text in pack_shapes(gpd.GeoSeries(lines[fits], crs=WGS84), origin) if text]
    share = left_out / len(streets) if len(streets) else 0.0
    return {**{key: ",".join(lines) for key, lines in drawn.items()}, "left_out_share": round(share, 3)}


def segment_ranks(streets: StreetTable) -> NDArray[np.int64]:
    """Importance of each segment, 0 the greatest; link roads rank as the road they lead to."""
    order = {name: place for place, name in enumerate((*MAJOR, *_MINOR))}
    ranks = [order.get(name.removesuffix("_link"), len(order)) for name in streets.highways]
    return np.array([*ranks, order[""]], dtype=np.int64)[streets.highway]


def merged_lines(streets: StreetTable, segments: NDArray[np.int64]) -> NDArray[np.object_]:
    """Segments joined end to end and simplified, longest first."""
    ends = np.stack([streets.u[segments], streets.v[segments]], axis=1).ravel()
    coordinates = np.stack([streets.lon[ends], streets.lat[ends]], axis=1)
    pieces = shapely.linestrings(coordinates, indices=np.repeat(np.arange(len(segments)), 2))
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(pieces)))
    # What a line takes to simplify grows with the square of its vertices: very long ones are drawn in pieces.
    lines = shapely.simplify(chains(lines, most=MANY_VERTICES), _TOLERANCE_DEGREES)
    return lines[np.argsort(-shapely.length(lines), kind="stable")]
