"""Streets cut into pieces, each with the community that it lies in."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from lifecircle.errors import Fault, InputError
from lifecircle.sources.containment import owner_of
from lifecircle.tables import WGS84, StreetTable

__all__ = ["street_pieces"]

_PIECE_M, _FINE_PIECE_M = 50.0, 1.0
"""Longest piece of a street, and of one that leaves a community."""
_MOST_PIECES, _PIECES_AT_ONCE = 40_000_000, 2_000_000
"""Pieces of all streets of a study; those that are looked at together."""
_FEW_PIECES = 16
"""Pieces up to which asking for each costs less than cutting the segment at borders."""


def street_pieces(
    streets: StreetTable, communities: gpd.GeoDataFrame, crs: CRS, *, at_border_m: float = _FINE_PIECE_M
) -> pd.DataFrame:
    """Pieces of street and the metres that lie inside each community.

    Segments are cut into pieces of at most 50 m, those that leave a community of `at_border_m`; a piece
    belongs to the community its middle lies in.

    Returns
    -------
    DataFrame
        ``owner`` (row of the community), ``weight`` (metres), ``segment`` (row of `streets`), ``x``, ``y``
        of the middle.

    Raises
    ------
    InputError
        ``streets-in-pieces`` where there would be too many: streets that lie along borders for thousands of
        kilometres, as hatching does.
    """
    # Segments in metres.
    x, y = Transformer.from_crs(WGS84, crs, always_xy=True).transform(streets.lon, streets.lat)
    x, y = np.asarray(x), np.asarray(y)
    length = np.hypot(x[streets.v] - x[streets.u], y[streets.v] - y[streets.u])
    # Two nodes joined twice by the same straight line (a way drawn twice) are one street.
    pairs = np.sort(np.column_stack([streets.u, streets.v]), axis=1)
    _, once = np.unique(pairs, axis=0, return_index=True)
    once = once[length[once] > 0]
    # Segments whose ends lie in different communities are cut finely, the others coarsely.
    owner = owner_of(shapely.points(x, y), communities)
    crossing = owner[streets.u[once]] != owner[streets.v[once]]
    piece_m = np.where(crossing, at_border_m, _PIECE_M)
    count = np.maximum(1, np.ceil(length[once] / piece_m)).astype(np.int64)
    if count.sum() > _MOST_PIECES:
        values = {"pieces": f"{count.sum() / 1e6:,.0f}", "most": f"{_MOST_PIECES / 1e6:,.0f}"}
        raise InputError(Fault("streets-in-pieces", file=streets.source, values=values))
    # So many at a time that what is asked of borders stays small beside the answer.
    parts = np.flatnonzero(np.diff(np.cumsum(count) // _PIECES_AT_ONCE)) + 1
    ends = np.column_stack([x[streets.u], y[streets.u], x[streets.v], y[streets.v]])
    tables = [
        _pieces_of(segments, ends[segments], length[segments], counts, communities)
        for segments, counts in zip(np.split(once, parts), np.split(count, parts), strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def _pieces_of(
    segments: NDArray[np.int64],
    ends: NDArray[np.float64],
    length: NDArray[np.float64],
    count: NDArray[np.int64],
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Pieces of some segments: as many as `count` says of each, of equal length."""
    # `along` is the middle of each as a share of its segment.
    line = np.repeat(np.arange(len(segments)), count)
    position = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    along = (position + 0.5) / count[line]
    middle_x = ends[line, 0] + along * (ends[line, 2] - ends[line, 0])
    middle_y = ends[line, 1] + along * (ends[line, 3] - ends[line, 1])
    # The community in which the middle of each piece lies.
    owner = np.full(len(line), -1, dtype=np.int64)
    # A segment of many pieces asks once for each of its stretches between borders, not for every piece.
    long = count > _FEW_PIECES
    fine = long[line]
    stretches = _stretches(ends[long], communities)
    rank = np.cumsum(long) - 1
    owner[fine] = stretches.owner_at(rank[line[fine]], along[fine])
    owner[~fine] = owner_of(shapely.points(middle_x[~fine], middle_y[~fine]), communities)
    kept = owner >= 0
    return pd.DataFrame(
        {
            "x": middle_x[kept],
            "y": middle_y[kept],
            "weight": (length / count)[line][kept],
            "segment": segments[line[kept]],
            "owner": owner[kept],
        }
    )


class _Stretches(NamedTuple):
    """Straight lines cut where they meet borders of communities.

    Attributes
    ----------
    start : array
        Number of the line plus the share of it (0 to 1) where a stretch begins, ascending.
    owner : array
        Row of the community that the stretch lies in, -1 outside every one.
    """

    start: NDArray[np.float64]
    owner: NDArray[np.int64]

    def owner_at(self, line: NDArray[np.int64], along: NDArray[np.float64]) -> NDArray[np.int64]:
        """Owner of places on lines, each given by its line and the share of it that lies before."""
        return self.owner[np.searchsorted(self.start, line + along, side="right") - 1]


def _stretches(ends: NDArray[np.float64], communities: gpd.GeoDataFrame) -> _Stretches:
    """Lines from (x, y) to (x, y), one per row of `ends`, cut where they meet borders of communities."""
    lines = shapely.linestrings(ends.reshape(-1, 2, 2))
    shapes = communities.geometry.to_numpy()
    # Corners of the pieces of each line inside each area: among them lie all places where borders are met.
    area, line = shapely.STRtree(lines).query(shapes, predicate="intersects")
    met, at = shapely.get_coordinates(shapely.intersection(lines[line], shapes[area]), return_index=True)
    line = line[at]
    # Where along its line each lies: projection on the line, 0 at its begin, 1 at its end.
    from_u, whole = met - ends[line, :2], ends[line, 2:] - ends[line, :2]
    share = np.clip((from_u * whole).sum(axis=1) / (whole * whole).sum(axis=1), 0.0, 1.0)
    # Every line also begins somewhere, and one stretch ends where the next begins.
    start = np.unique(np.concatenate([np.arange(len(lines), dtype=np.float64), line + share]))
    start = start[start < len(lines)]
    # No border crosses a stretch: its middle tells the community of all of it.
    line = np.floor(start).astype(np.int64)
    stop = np.minimum(np.append(start[1:], len(lines)), line + 1.0)
    middle = ((start + stop) / 2 - line)[:, None]
    places = ends[line, :2] + middle * (ends[line, 2:] - ends[line, :2])
    return _Stretches(start, owner_of(shapely.points(places), communities))
