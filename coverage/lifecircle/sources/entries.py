"""Where facilities are entered: mapped gates, else ways across or up to the outline, else the nearest street.

What a facility's entries are depends on it, on the gates and on the streets alone: no other facility, and no
order of rows, changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from lifecircle.sources.streets.rule_table import street_rules
from lifecircle.tables import ENTRIES, WGS84, StreetTable
from lifecircle.tables.shapes import AREAS, of_kind
from lifecircle.tables.streets import JOIN_ANYWHERE

GATE_WITHIN_M: Final = 3.0
"""A gate this near to an outline is one of its gates."""
SAME_CROSSING_WITHIN_M: Final = 5.0
"""Crossings of one outline nearer to each other than this are one entry."""
NOT_ENTERED: Final = frozenset(
    {"emergency", "exit", "fire_exit", "emergency_exit", "service", "garage", "delivery", "staff", "no"}
)
"""Values of ``entrance`` that mark doors by which visitors do not come in; every other value is an entry."""

# A way along the outline is not a way in: it must come this far inside.
_INSIDE_M: Final = 0.1
_MANY: Final = 20_000
"""Vertices of a shape that is not drawn smaller to see what comes inside."""
# A path that ends on the outline may miss it by the rounding of coordinates.
_AT_M: Final = 0.1
# A way that meets the outline this near to a door leads to that door.
_DOOR_M: Final = 1.0
# How far around an outline a street outside it is first looked for.
_FIRST_LOOK_M: Final = 100.0
# How far around the outlines streets are drawn; the few that have none so near look at all of them.
_DRAWN_M: Final = 1000.0
_S_PER_MIN: Final = 60.0

Points = tuple[NDArray[np.intp], NDArray[np.object_]]

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
        ground = _Ground.of(streets, crs, around=shapes[left])
        entries["crossing"] = _at_crossings(shapes, left, ground, shut)
        left = np.setdiff1d(left, entries["crossing"][0])
        rows, walks = _assumed(shapes, left, ground, streets, crs)
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
    ground = _Ground.of(streets, crs, around=shapes)
    rows, walks = _assumed(shapes, np.arange(len(shapes)), ground, streets, crs)
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


@dataclass(frozen=True)
class _Ground:
    """Street segments on the ground, in the study's CRS.

    Attributes
    ----------
    segments : lines of two points
    u, v, way : node at either end of each segment, and the way it belongs to
    x, y : of the nodes, m
    """

    segments: NDArray[np.object_]
    tree: shapely.STRtree
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    way: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    @classmethod
    def of(
        cls, streets: StreetTable, crs: pyproj.CRS, *, around: NDArray[np.object_] | None = None
    ) -> _Ground:
        """The segments of a street table that are neither bridges nor tunnels: all, or those near shapes."""
        transform = pyproj.Transformer.from_crs(WGS84, crs, always_xy=True).transform
        x, y = (np.asarray(axis) for axis in transform(streets.lon, streets.lat))
        level = streets.joinable == JOIN_ANYWHERE
        rows = np.flatnonzero(level)
        if around is not None:
            near = streets.rows_near(x, y, shapely.bounds(around), _DRAWN_M)
            rows = near[level[near]]
        u, v, way = streets.u[rows], streets.v[rows], streets.way[rows]
        segments = shapely.linestrings(
            np.stack([np.column_stack([x[u], y[u]]), np.column_stack([x[v], y[v]])], 1)
        )
        return cls(segments, shapely.STRtree(segments), u, v, way, x, y)


def _at_crossings(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], ground: _Ground, shut: NDArray[np.object_]
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
    ground: _Ground,
) -> Points:
    """Where segments that come some way inside meet the outlines they are near."""
    # Only what passes the outline by more than rounding comes in.
    comes_in = _comes_in(shapes, outlines, row, ground.segments[segment])
    row, segment = row[comes_in], segment[comes_in]
    # Where they meet the outline; a path that stops just short of it at the place nearest to its end.
    meets = shapely.intersection(outlines[row], ground.segments[segment])
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
        inside, of = shapely.get_parts(shapely.intersection(shapes[row[at]], segments[at]), return_index=True)
        lines = shapely.get_dimensions(inside) == 1
        inside, of = inside[lines], of[lines]
        middle = shapely.line_interpolate_point(inside, 0.5, normalized=True)
        shapely.prepare(outlines)
        comes_in[at[of[~shapely.dwithin(outlines[row[at[of]]], middle, _INSIDE_M)]]] = True
    return comes_in


def _ended_on(
    outlines: NDArray[np.object_], row: NDArray[np.intp], segment: NDArray[np.intp], ground: _Ground
) -> Points:
    """Nodes on the outlines at which every way that touches them ends, coming from outside.

    A way that runs along an outline, or only touches it on its way past, does not lead in there.
    """
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


def _assumed(
    shapes: NDArray[np.object_],
    rows: NDArray[np.intp],
    ground: _Ground,
    streets: StreetTable,
    crs: pyproj.CRS,
) -> Points:
    """The straight walk of each outline to the nearest street that is not shut up inside it.

    Of places equally near the westernmost, then the southernmost counts.

    Parameters
    ----------
    ground
        Streets within `_DRAWN_M` of the shapes, if not all of `streets`.
    """
    entered, walks, sure = _straight_walks(shapes, rows, ground)
    far = np.setdiff1d(rows, entered[sure])
    if len(far):
        # what is farther than the streets drawn may be nearer to others: all of them
        others, longer, _ = _straight_walks(shapes, far, _Ground.of(streets, crs))
        entered, walks = np.append(entered[sure], others), np.append(walks[sure], longer)
    return entered, walks


def _straight_walks(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], ground: _Ground
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
    return rows[row], walks, outside & (shapely.length(walks) <= _DRAWN_M)


def _nearest_outside(
    row: int, shape: shapely.Geometry, outline: shapely.Geometry, ground: _Ground
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
