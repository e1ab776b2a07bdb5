"""Where facilities are entered: mapped gates, else ways across or up to the outline, else the nearest street.

What a facility's entries are depends on it, on the gates and on the streets alone: no other facility, and no
order of rows, changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, InputError
from lifecircle.sources.assumed_entries import assumed_entries
from lifecircle.sources.entry_crossings import SAME_CROSSING_WITHIN_M, EntryGround, Points, at_crossings
from lifecircle.sources.streets.rule_table import street_rules
from lifecircle.tables import ENTRIES, StreetTable
from lifecircle.tables.shapes import AREAS, of_kind

GATE_WITHIN_M: Final = 3.0
"""A gate this near to an outline is one of its gates."""
NOT_ENTERED: Final = frozenset(
    {"emergency", "exit", "fire_exit", "emergency_exit", "service", "garage", "delivery", "staff", "no"}
)
"""Values of ``entrance`` that mark doors by which visitors do not come in; every other value is an entry."""

_S_PER_MIN: Final = 60.0

__all__ = [
    "GATE_WITHIN_M",
    "NOT_ENTERED",
    "SAME_CROSSING_WITHIN_M",
    "assumed_walks",
    "facility_entries",
]


def facility_entries(
    facilities: gpd.GeoDataFrame, streets: StreetTable, gates: gpd.GeoDataFrame, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Entries of every facility.

    A point facility has one entry, itself. An area is entered at the mapped gates within 3 m of its
    outline, doors that are only left by or serve staff and goods aside (`NOT_ENTERED`); if there is none,
    where a street crosses the outline or a path ends on it (places within 5 m are one); if there is none,
    at the place on the outline nearest to a street outside it, marked ``assumed_entry``: the straight walk
    from that street counts as any walk to the network does. Bridges and tunnels lead over and under.

    Parameters
    ----------
    facilities
        ``facility`` and ``geometry`` in `crs`; a facility may have several rows (one per service), of
        which the first counts. Perhaps ``entry_delay_min``.
    streets
        Streets that walkers may use, WGS 84.
    gates
        Points in any CRS, with ``access`` and, where known, ``entrance``: private and closed gates, and
        doors by which nobody comes in, are left out. May be empty.
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
    # One shape for each facility, however many services it offers.
    single = facilities.drop_duplicates("facility")
    shapes = single.geometry.to_numpy()
    blank = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if blank.any():
        raise InputError(Fault("facility-no-geometry", row=str(row)) for row in single["facility"][blank])
    # Areas in the order of evidence: mapped gates, streets that lead in, the nearest street outside.
    area = of_kind(shapes, AREAS)
    entries: dict[str, Points] = {"point": _points(shapes, np.flatnonzero(~area))}
    left = np.flatnonzero(area)
    if len(left):
        ways_in, shut = _doors(gates, crs)
        entries["gate"] = _at_gates(shapes, left, ways_in)
        left = np.setdiff1d(left, entries["gate"][0])
        ground = EntryGround.of(streets, crs, around=shapes[left])
        entries["crossing"] = at_crossings(shapes, left, ground, shut)
        left = np.setdiff1d(left, entries["crossing"][0])
        rows, walks = assumed_entries(shapes, left, ground, streets, crs)
        entries["assumed_entry"] = rows, shapely.get_point(walks, 0)
    delay = single["entry_delay_min"] if "entry_delay_min" in single else pd.Series(0.0, single.index)
    return _table(single["facility"], entries, delay.fillna(0.0).to_numpy(float) * _S_PER_MIN, crs)


def assumed_walks(
    facilities: gpd.GeoDataFrame, entries: gpd.GeoDataFrame, streets: StreetTable, crs: pyproj.CRS
) -> pd.Series:
    """How far the street is for which an entry was assumed.

    Parameters
    ----------
    facilities, streets, crs
        As `facility_entries` took them.
    entries
        What it gave.

    Returns
    -------
    Series
        float64, metres, by facility; only of those with an assumed entry.
    """
    assumed = entries.loc[entries["how"] == "assumed_entry", "facility"]
    single = facilities.drop_duplicates("facility")
    single = single[single["facility"].isin(assumed)]
    shapes = single.geometry.to_numpy()
    ground = EntryGround.of(streets, crs, around=shapes)
    rows, walks = assumed_entries(shapes, np.arange(len(shapes)), ground, streets, crs)
    return pd.Series(shapely.length(walks), index=single["facility"].to_numpy()[rows])


def _points(shapes: NDArray[np.object_], rows: NDArray[np.intp]) -> Points:
    """A point is its own entry; lines and other shapes are entered at a place on them."""
    chosen = shapes[rows]
    point = shapely.get_type_id(chosen) == shapely.GeometryType.POINT
    return rows, np.where(point, shapely.force_2d(chosen), shapely.point_on_surface(chosen))


def _doors(gates: gpd.GeoDataFrame, crs: pyproj.CRS) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Places of gates and doors by which one comes in, and of those by which nobody does."""
    if gates.empty:
        return np.zeros(0, object), np.zeros(0, object)
    places = shapely.force_2d(gates.geometry.to_crs(crs).to_numpy())
    lets_in = np.array([not _is_closed(value) for value in gates["access"]], bool)
    if "entrance" in gates:
        lets_in &= np.array([_lets_in(value) for value in gates["entrance"]], bool)
    return places[lets_in], places[~lets_in]


def _at_gates(shapes: NDArray[np.object_], rows: NDArray[np.intp], ways_in: NDArray[np.object_]) -> Points:
    """Open gates at the outlines."""
    outlines = shapely.boundary(shapes[rows])
    row, gate = shapely.STRtree(ways_in).query(outlines, predicate="dwithin", distance=GATE_WITHIN_M)
    return rows[row], ways_in[gate]


def _is_closed(access: str) -> bool:
    """Whether an access word closes a gate to walkers, as it would a gate on a street."""
    return street_rules("walk").gate_closed({"access": str(access)})


def _lets_in(entrance: str) -> bool:
    """Whether a door lets visitors in: one of its kinds does (``main;exit``), or it says none."""
    kinds = {kind.strip() for kind in str(entrance).split(";")}
    return not kinds <= NOT_ENTERED


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
