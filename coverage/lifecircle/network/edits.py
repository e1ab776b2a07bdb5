"""Streets that a scenario opens or closes: a bridge, a path through a wall, a gate that is shut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod

from lifecircle.errors import Faults
from lifecircle.network.street_opening import (
    JOINED_WITHIN_M,
    new_lines,
    street_fault,
    with_streets_opened,
)
from lifecircle.tables import WGS84, Scenario, StreetTable
from lifecircle.tables.crs import transformer
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import pairs_meeting

__all__ = ["JOINED_WITHIN_M", "StreetChange", "with_streets_changed"]

_POINT_M: Final = 1.0


class StreetChange(NamedTuple):
    """Streets after a scenario, and what of them is new or gone (WGS 84).

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network, grid_streets
    >>> change = with_streets_changed(
    ...     grid_streets(), lc.Scenario(close_streets=["1-0"]), crs=grid_network().crs
    ... )
    >>> len(change.closed), len(change.opened), change.opened_m
    (1, 0, 0.0)
    """

    streets: StreetTable
    opened: gpd.GeoSeries
    closed: gpd.GeoSeries
    opened_m: float
    closed_m: float


def with_streets_changed(streets: StreetTable, scenario: Scenario, *, crs: CRS) -> StreetChange:
    """Close, then open the streets of a scenario.

    What a line, polygon or point touches is closed as a whole segment, both ways, bridges too. New streets
    can be walked both ways. Each end joins the nearest place of a street within `JOINED_WITHIN_M`, which is
    split there; vertices that coincide with a node join it; elsewhere a new street passes over or under.

    Parameters
    ----------
    streets
        As they are.
    scenario
        Its facilities are not looked at.
    crs
        The study's system, metres.

    Raises
    ------
    InputError
        With everything wrong with the streets of the scenario: no lines, no coordinate system, lines that
        join no street, shapes that touch none, edges that are not there, nothing left open.

    Examples
    --------
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network, grid_streets
    >>> change = with_streets_changed(
    ...     grid_streets(), lc.Scenario(close_streets=["1-0"]), crs=grid_network().crs
    ... )
    >>> len(change.streets), round(change.closed_m)
    (11, 100)
    """
    # stage 1: closures, on the streets as they are
    faults = Faults()
    gone = _closed(streets, scenario, crs, faults)
    left = streets.keep(~gone, orphans=True, counted_as="scenario-closed") if gone.any() else streets
    lines = new_lines(scenario, crs, faults)
    faults.raise_if_any()
    # stage 2: openings, on what is left
    closed = _segments(streets, np.flatnonzero(gone))
    # ids of new streets lie beyond all there were, also those that are closed
    last_way = int(streets.way.max(initial=0))
    grown = (
        with_streets_opened(left, lines, scenario, crs=crs, last_way=last_way, faults=faults)
        if len(lines)
        else left
    )
    if gone.any() and not (grown.forward | grown.backward).any():
        faults.add(street_fault("scenario-no-street-left", scenario, "close_streets"))
    faults.raise_if_any()
    # stage 3: what is new, by its ids
    new = np.flatnonzero(grown.way > last_way)
    opened = _segments(grown, new)
    return StreetChange(grown, opened, closed, _length_m(opened), _length_m(closed))


def _segments(streets: StreetTable, rows: NDArray[np.intp]) -> gpd.GeoSeries:
    """Segments as lines in WGS 84."""
    return gpd.GeoSeries(streets.segments(rows), crs=WGS84)


def _length_m(lines: gpd.GeoSeries) -> float:
    """Geodesic length of all lines, summed."""
    # on the ellipsoid, as the lengths of edges are
    geod = Geod(ellps="WGS84")
    return float(sum(geod.geometry_length(line) for line in lines))


def _closed(streets: StreetTable, scenario: Scenario, crs: CRS, faults: Faults) -> NDArray[np.bool_]:
    """Segments that the scenario closes."""
    gone = np.zeros(len(streets), bool)
    wish = scenario.close_streets
    if wish is None or not len(wish):
        return gone
    if not isinstance(wish, gpd.GeoDataFrame | gpd.GeoSeries):
        return _named(streets, wish, scenario, faults)
    if wish.crs is None:
        faults.add(street_fault("scenario-no-crs", scenario, "close_streets"))
        return gone
    shapes, _ = reprojected(wish.geometry, crs)
    # a point closes what passes within a metre of it
    points = shapes.geom_type.isin(["Point", "MultiPoint"])
    shapes[points] = shapes[points].buffer(_POINT_M)
    shapes = shapes.to_numpy()
    # what a shape meets is closed as a whole segment; only those near one are drawn
    x, y = transformer(WGS84, crs).transform(streets.lon, streets.lat)
    near = streets.rows_near(x, y, shapely.bounds(shapes), 0.0)
    shape, segment = pairs_meeting(shapes, _segments(streets, near).to_crs(crs).to_numpy())
    idle = np.setdiff1d(np.arange(len(shapes)), shape)
    for row in idle:
        faults.add(
            street_fault("scenario-closes-nothing", scenario, "close_streets", row=str(wish.index[row]))
        )
    gone[near[segment]] = True
    return gone


def _named(
    streets: StreetTable, names: Sequence[str], scenario: Scenario, faults: Faults
) -> NDArray[np.bool_]:
    """Segments by the ids of their edges."""
    ids = np.char.add(np.char.add(streets.way.astype(str), "-"), streets.segment.astype(str))
    wanted = np.array([str(name) for name in names])
    for name in wanted[~np.isin(wanted, ids)]:
        faults.add(street_fault("scenario-unknown-edge", scenario, "close_streets", row=str(name)))
    return np.asarray(np.isin(ids, wanted))
