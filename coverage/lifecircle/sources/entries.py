"""Where facilities are entered: mapped gates, else ways across the outline, else the nearest street."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lifecircle.errors import Fault, InputError
from lifecircle.tables import ENTRIES, WGS84, StreetTable
from lifecircle.tables.shapes import AREAS, of_kind

GATE_WITHIN_M: Final = 3.0
"""A gate this near to an outline is one of its gates."""
SAME_CROSSING_WITHIN_M: Final = 5.0
"""Crossings of one outline nearer to each other than this are one entry."""
CLOSED_ACCESS: Final = ("private", "no")
"""Gates tagged so are no entries."""

# A way along the outline is not a way in: it must come this far inside.
_INSIDE_M: Final = 0.1
# A path that ends on the outline may miss it by the rounding of coordinates.
_AT_M: Final = 0.1

_S_PER_MIN: Final = 60.0

Points = tuple[NDArray[np.intp], NDArray[np.object_]]

__all__ = ["CLOSED_ACCESS", "GATE_WITHIN_M", "SAME_CROSSING_WITHIN_M", "facility_entries"]


def facility_entries(
    facilities: gpd.GeoDataFrame, streets: StreetTable, gates: gpd.GeoDataFrame, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Entries of every facility.

    A point facility has one entry, itself. An area is entered at the mapped gates within 3 m of its
    outline; if there is none, where a street crosses the outline (crossings within 5 m are one); if
    there is none, at the place on the outline nearest to a street outside it, marked
    ``assumed_entry``: the straight walk from that street counts as any walk to the network does.

    Parameters
    ----------
    facilities
        ``facility`` and ``geometry`` in `crs`; a facility may have several rows (one per service), of
        which the first counts. Perhaps ``entry_delay_min``.
    streets
        Streets that walkers may use, WGS 84.
    gates
        Points in any CRS, with ``access``: private gates and closed ones are left out. May be empty.
    crs
        CRS of the study, metres.

    Returns
    -------
    GeoDataFrame
        `ENTRIES`, in `crs`, in the order of `facilities`; entries of a facility from west to east.
        ``delay_s`` is the facility's ``entry_delay_min`` (0 where it does not say).

    Raises
    ------
    InputError
        If a facility has no geometry.
    """
    single = facilities.drop_duplicates("facility")
    shapes = single.geometry.to_numpy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if blank.any():
        raise InputError(Fault("facility-no-geometry", row=str(row)) for row in single["facility"][blank])
    area = of_kind(shapes, AREAS)
    entries: dict[str, Points] = {"point": _points(shapes, np.flatnonzero(~area))}
    left = np.flatnonzero(area)
    if len(left):
        entries["gate"] = _at_gates(shapes, left, gates, crs)
        left = np.setdiff1d(left, entries["gate"][0])
        segments = _segments(streets, crs)
        tree = shapely.STRtree(segments)
        entries["crossing"] = _at_crossings(shapes, left, segments, tree)
        left = np.setdiff1d(left, entries["crossing"][0])
        entries["assumed_entry"] = _assumed(shapes, left, segments, tree)
    delay = single["entry_delay_min"] if "entry_delay_min" in single else pd.Series(0.0, single.index)
    return _table(single["facility"], entries, delay.fillna(0.0).to_numpy(float) * _S_PER_MIN, crs)


def _points(shapes: NDArray[np.object_], rows: NDArray[np.intp]) -> Points:
    """A point is its own entry; lines and other shapes are entered at a place on them."""
    chosen = shapes[rows]
    point = shapely.get_type_id(chosen) == shapely.GeometryType.POINT
    return rows, np.where(point, shapely.force_2d(chosen), shapely.point_on_surface(chosen))


def _at_gates(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], gates: gpd.GeoDataFrame, crs: pyproj.CRS
) -> Points:
    """Open gates at the outlines."""
    if gates.empty:
        return np.zeros(0, np.intp), np.zeros(0, object)
    is_open = ~gates["access"].isin(CLOSED_ACCESS).to_numpy()
    places = shapely.force_2d(gates.geometry[is_open].to_crs(crs).to_numpy())
    outlines = shapely.boundary(shapes[rows])
    row, gate = shapely.STRtree(places).query(outlines, predicate="dwithin", distance=GATE_WITHIN_M)
    return rows[row], places[gate]


def _segments(streets: StreetTable, crs: pyproj.CRS) -> NDArray[np.object_]:
    """Street segments as lines in the study's CRS."""
    transform = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform
    xy = np.column_stack(transform(streets.lon, streets.lat))
    return shapely.linestrings(xy[np.stack([streets.u, streets.v], axis=1)])


def _at_crossings(
    shapes: NDArray[np.object_],
    rows: NDArray[np.intp],
    segments: NDArray[np.object_],
    tree: shapely.STRtree,
) -> Points:
    """Where streets pass through the outlines, each place once."""
    outlines = shapely.boundary(shapes[rows])
    row, segment = tree.query(outlines, predicate="dwithin", distance=_AT_M)
    within = shapely.buffer(shapes[rows], -_INSIDE_M)
    shapely.prepare(within)
    comes_in = shapely.intersects(within[row], segments[segment])
    row, segment = row[comes_in], segment[comes_in]
    meets = shapely.intersection(outlines[row], segments[segment])
    ends_at = shapely.get_point(shapely.shortest_line(outlines[row], segments[segment]), 0)
    meets = np.where(shapely.is_empty(meets), ends_at, meets)
    xy, of = shapely.get_coordinates(meets, return_index=True)
    row = row[of]
    order = np.lexsort((xy[:, 1], xy[:, 0], row))
    row, places = row[order], shapely.points(xy[order])
    first = _first_of_each_cluster(row, places)
    return rows[row[first]], places[first]


def _first_of_each_cluster(row: NDArray[np.intp], places: NDArray[np.object_]) -> NDArray[np.intp]:
    """The first of the places of one row that stand together, link by link within 5 m."""
    one, other = shapely.STRtree(places).query(places, predicate="dwithin", distance=SAME_CROSSING_WITHIN_M)
    same = row[one] == row[other]
    links = coo_array((np.ones(same.sum(), bool), (one[same], other[same])), shape=(len(row), len(row)))
    cluster = connected_components(links, directed=False)[1] if len(row) else np.zeros(0, np.intp)
    return np.sort(np.unique(cluster, return_index=True)[1])


def _assumed(
    shapes: NDArray[np.object_],
    rows: NDArray[np.intp],
    segments: NDArray[np.object_],
    tree: shapely.STRtree,
) -> Points:
    """The place on each outline nearest to a street that is not shut up inside one of these areas."""
    if not len(rows) or not len(segments):
        return np.zeros(0, np.intp), np.zeros(0, object)
    enclosed = np.unique(tree.query(shapes[rows], predicate="contains")[1])
    outside = np.delete(segments, enclosed) if len(enclosed) < len(segments) else segments
    outlines = shapely.boundary(shapes[rows])
    row, segment = shapely.STRtree(outside).query_nearest(outlines, all_matches=False)
    walks = shapely.shortest_line(outlines[row], outside[segment])
    return rows[row], shapely.get_point(walks, 0)


def _table(
    facility: pd.Series, entries: Mapping[str, Points], delay_s: NDArray[np.float64], crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """The entries of all kinds in one table, numbered within their facility."""
    row = np.concatenate([rows for rows, _ in entries.values()])
    places = np.concatenate([points for _, points in entries.values()])
    how = np.repeat(list(entries), [len(rows) for rows, _ in entries.values()])
    order = np.lexsort((shapely.get_y(places), shapely.get_x(places), row))
    row = row[order]
    columns: dict[str, Any] = {
        "facility": facility.to_numpy()[row],
        "entry": np.arange(len(row)) - np.searchsorted(row, row),
        "how": pd.Series(how[order], dtype="str"),
        "delay_s": delay_s[row],
    }
    return ENTRIES.check(gpd.GeoDataFrame(columns, geometry=places[order], crs=crs))
