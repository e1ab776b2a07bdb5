"""New streets joined to those that are there: each end to the nearest place, which is split."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.errors import Fault, Faults
from lifecircle.tables import WGS84, Scenario, StreetTable
from lifecircle.tables.crs import to_degrees, transformer
from lifecircle.tables.shapes import LINES, of_kind
from lifecircle.tables.streets import JOIN_ANYWHERE

__all__ = ["JOINED_WITHIN_M", "new_lines", "street_fault", "with_streets_opened"]

JOINED_WITHIN_M: Final = 25.0
"""An end of a new street this near to a street joins it, over a straight link."""

_SAME_NODE_DEGREE: Final = 1e-7
"""Vertices that round to the same 1e-7 degree are one node, as in every source of streets."""

_AT_NODE_M: Final = 0.05


def new_lines(scenario: Scenario, crs: CRS, faults: Faults) -> gpd.GeoSeries:
    """New streets as single lines in the study's system, indexed by the user's rows."""
    wish = scenario.open_streets
    if wish is None or not len(wish):
        return gpd.GeoSeries([], crs=crs)
    if wish.crs is None:
        faults.add(street_fault("scenario-no-crs", scenario, "open_streets"))
        return gpd.GeoSeries([], crs=crs)
    shapes = wish.geometry
    usable = of_kind(shapes.to_numpy(), LINES) & ~shapely.is_empty(shapes.to_numpy())
    for row in np.flatnonzero(~usable):
        kind = "-" if shapes.iloc[row] is None else shapes.iloc[row].geom_type
        faults.add(
            street_fault("scenario-not-lines", scenario, "open_streets", row=str(wish.index[row]), found=kind)
        )
    lines = shapes[usable].to_crs(crs).explode()
    bounds = shapely.bounds(lines.to_numpy())
    for row in np.flatnonzero(~np.isfinite(bounds).all(axis=1)):
        faults.add(street_fault("scenario-no-place", scenario, "open_streets", row=str(lines.index[row])))
    return lines


class _Join(NamedTuple):
    """Where ends of new streets meet streets that are there."""

    node: NDArray[np.int64]
    """Node joined; -1 where a segment is split instead, or nothing is near."""
    segment: NDArray[np.int64]
    """Segment split; -1 for none."""
    share: NDArray[np.float64]
    """How far along that segment."""
    away_m: NDArray[np.float64]
    """Distance to the nearest street."""


def _joins(streets: StreetTable, ends: NDArray[np.float64], crs: CRS) -> _Join:
    """The nearest place of a street to each end (x, y in metres), within `JOINED_WITHIN_M`."""
    to_metres = transformer(WGS84, crs)
    usable = np.flatnonzero((streets.forward | streets.backward) & (streets.u != streets.v))
    if not len(usable):
        nothing = np.full(len(ends), -1)
        return _Join(nothing, nothing, np.zeros(len(ends)), np.full(len(ends), np.inf))
    # stage 1: the nearest usable street; all of them are drawn only where an end has none that it joins
    x, y = to_metres.transform(streets.lon, streets.lat)
    points = shapely.points(ends)
    close = np.intersect1d(usable, streets.rows_near(x, y, np.tile(ends, 2), JOINED_WITHIN_M))
    segment, line = _nearest_of(streets, close if len(close) else usable, x, y, points)
    if len(segment) < len(ends) or (shapely.distance(points, line) > JOINED_WITHIN_M).any():
        segment, line = _nearest_of(streets, usable, x, y, points)
    # stage 2: how far away it is, and how far along it lies
    away = shapely.distance(points, line)
    length = shapely.length(line)
    along = shapely.line_locate_point(line, points)
    # stage 3: near one of its ends the node is joined, else the segment is split
    node = np.where(along <= _AT_NODE_M, streets.u[segment], -1)
    node = np.where(length - along <= _AT_NODE_M, streets.v[segment], node)
    beyond = away > JOINED_WITHIN_M
    node[beyond] = -1
    split = (node < 0) & ~beyond
    return _Join(node.astype(np.int64), np.where(split, segment, -1), along / np.maximum(length, 1e-9), away)


def _nearest_of(
    streets: StreetTable,
    rows: NDArray[np.intp],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    points: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """The nearest of some segments to each point, drawn in metres; of equally near ones the smaller id."""
    u, v = streets.u[rows], streets.v[rows]
    drawn = shapely.linestrings(
        np.stack([np.column_stack([x[u], y[u]]), np.column_stack([x[v], y[v]])], axis=1)
    )
    end, near = shapely.STRtree(drawn).query_nearest(points, all_matches=True)
    rank = np.lexsort((streets.segment[rows[near]], streets.way[rows[near]], end))
    end, first = np.unique(end[rank], return_index=True)
    near = near[rank][first]
    return rows[near], drawn[near]


class _Draft:
    """A street table that grows by nodes and segments."""

    def __init__(self, streets: StreetTable) -> None:
        self.streets = streets
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.rows: list[tuple[int, int, int, int, int]] = []
        """u, v, way, segment, and the segment it is like (-1: a new street)."""
        self.names: list[int] = []
        self._known: dict[int, int] = {}
        # nodes that are there, by their place; of several at one place the last
        places = _rounded(streets.lon, streets.lat)
        self._order = np.argsort(places, kind="stable")
        self._places = places[self._order]

    def node(self, lon: float, lat: float) -> int:
        """The node at a place, made where there is none."""
        place = int(_rounded(np.array([lon]), np.array([lat]))[0])
        at = int(np.searchsorted(self._places, place, side="right")) - 1
        if at >= 0 and self._places[at] == place:
            return int(self._order[at])
        if place not in self._known:
            self._known[place] = len(self.streets.lon) + len(self.lon)
            self.lon.append(lon)
            self.lat.append(lat)
        return self._known[place]

    def table(self, gone: NDArray[np.bool_], names: tuple[str, ...]) -> StreetTable:
        """The table with its new rows, without those that were split."""
        old = self.streets
        u, v, way, segment, like = np.array(self.rows, np.int64).reshape(-1, 5).T
        # a part of a split segment is like the segment; a new street is a path open both ways
        fresh = like < 0
        held = {name: column[np.maximum(like, 0)] for name, column in old.per_segment.items()}
        walkway = {"forward": True, "backward": True, "highway": -1, "speed_kmh": np.nan,
                   "speed_back_kmh": np.nan, "steps": False, "bridge": True, "joinable": JOIN_ANYWHERE,
                   "destination": False, "no_wheels": False}  # fmt: skip
        columns = {name: np.where(fresh, value, held[name]) for name, value in walkway.items()}
        columns["name"] = np.where(fresh, np.array(self.names), held["name"])
        columns |= {"u": u, "v": v, "way": way, "segment": segment}
        top = int(old.node_id.max(initial=0))
        grown: dict[str, Any] = {
            name: np.concatenate([column[~gone], columns.get(name, held[name]).astype(column.dtype)])
            for name, column in old.per_segment.items()
        }
        return dataclasses.replace(
            old,
            lon=np.append(old.lon, self.lon),
            lat=np.append(old.lat, self.lat),
            node_id=np.append(old.node_id, top + 1 + np.arange(len(self.lon), dtype=np.int64)),
            **grown,
            names=names,
        )


def with_streets_opened(
    streets: StreetTable,
    lines: gpd.GeoSeries,
    scenario: Scenario,
    *,
    crs: CRS,
    last_way: int,
    faults: Faults,
) -> StreetTable:
    """The streets with new ones, joined at their ends."""
    # stage 1: where the ends of the new streets meet those that are there
    back = to_degrees(crs)
    draft = _Draft(streets)
    ends = np.array([[line.coords[0][:2], line.coords[-1][:2]] for line in lines]).reshape(-1, 2)
    join = _joins(streets, ends, crs)
    # stage 2: their vertices as nodes; ends that several new streets share join each other
    degrees = [np.column_stack(back.transform(*np.array(line.coords)[:, :2].T)) for line in lines]
    vertices = [[draft.node(*place) for place in line.tolist()] for line in degrees]
    shared = np.bincount([node for line in vertices for node in {line[0], line[-1]}])
    old_nodes = len(streets.lon)
    there = np.array([node for line in vertices for node in (line[0], line[-1])])
    # an end joins a street that is near, a node that is there, or another new street
    joined = (join.away_m <= JOINED_WITHIN_M) | (there < old_nodes) | (shared[there] > 1)
    names, codes = _names(streets, scenario, lines)
    # stage 3: each new street as a chain of segments, longer by the step to the street it joins
    splits: dict[int, list[tuple[float, int]]] = {}
    way = last_way
    for number, line in enumerate(vertices):
        at = (2 * number, 2 * number + 1)
        if not joined[list(at)].any():
            nearest = f"{join.away_m[list(at)].min():.0f}"
            values = {"found": nearest, "join_m": f"{JOINED_WITHIN_M:.0f}"}
            row = str(lines.index[number])
            faults.add(street_fault("scenario-street-apart", scenario, "open_streets", row=row, **values))
            continue
        first, last = (_met(draft, streets, join, k, there[k], splits) for k in at)
        chain = [*([first] if first != line[0] else []), *line, *([last] if last != line[-1] else [])]
        steps = [(a, b) for a, b in itertools.pairwise(chain) if a != b]
        way += 1
        for k, (a, b) in enumerate(steps):
            draft.rows.append((a, b, way, k, -1))
            draft.names.append(codes[number])
    # stage 4: streets that were met between their ends are parted there
    gone = np.zeros(len(streets), bool)
    _split(draft, splits, gone)
    return draft.table(gone, names)


def _met(  # noqa: PLR0917
    draft: _Draft,
    streets: StreetTable,
    join: _Join,
    end: int,
    own: int,
    splits: dict[int, list[tuple[float, int]]],
) -> int:
    """The node at which an end meets the streets; the end's own node where none is near."""
    if own < len(streets.lon):
        return own
    if join.node[end] >= 0:
        return int(join.node[end])
    segment = int(join.segment[end])
    if segment < 0:
        return own
    share = float(join.share[end])
    u, v = streets.u[segment], streets.v[segment]
    lon = streets.lon[u] + share * (streets.lon[v] - streets.lon[u])
    lat = streets.lat[u] + share * (streets.lat[v] - streets.lat[u])
    node = draft.node(float(lon), float(lat))
    splits.setdefault(segment, []).append((share, node))
    return node


def _split(draft: _Draft, splits: dict[int, list[tuple[float, int]]], gone: NDArray[np.bool_]) -> None:
    """Part segments where new streets meet them; the first part keeps the id, the others follow the way's."""
    streets = draft.streets
    last: dict[int, int] = {}
    for segment in sorted(splits):
        way = int(streets.way[segment])
        if way not in last:
            last[way] = int(streets.segment[streets.way == way].max())
        # places of the segment in order, from its first node to its last
        chain = [
            int(streets.u[segment]),
            *(node for _, node in sorted(set(splits[segment]))),
            int(streets.v[segment]),
        ]
        number = int(streets.segment[segment])
        for a, b in itertools.pairwise(chain):
            if a != b:
                draft.rows.append((a, b, way, number, segment))
                draft.names.append(-1)
                last[way] += 1
                number = last[way]
        gone[segment] = True


def _names(
    streets: StreetTable, scenario: Scenario, lines: gpd.GeoSeries
) -> tuple[tuple[str, ...], list[int]]:
    """Names of all streets, and the code of each new one's: of its column ``name``, -1 where it has none."""
    wish = scenario.open_streets
    if not isinstance(wish, gpd.GeoDataFrame) or "name" not in wish.columns:
        return streets.names, [-1] * len(lines)
    said = dict(zip(wish.index, wish["name"], strict=True))
    names = list(streets.names)
    codes = []
    for row in lines.index:
        word = said[row]
        text = "" if pd.isna(word) else str(word)
        if text and text not in names:
            names.append(text)
        codes.append(names.index(text) if text else -1)
    return tuple(names), codes


def _rounded(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places as sources of streets tell nodes apart, each as one number."""
    # sources of streets give coordinates to this digit; either axis has fewer than 2**32 of them
    east, north = (np.rint(axis / _SAME_NODE_DEGREE).astype(np.int64) for axis in (lon, lat))
    return np.asarray((east << np.int64(32)) + north)


def street_fault(key: str, scenario: Scenario, part: str, *, row: str = "", **values: object) -> Fault:
    """One fault of the streets of a scenario."""
    return Fault(key, file=scenario.source, row=row, field=f"{scenario.name}.{part}", values=values)
