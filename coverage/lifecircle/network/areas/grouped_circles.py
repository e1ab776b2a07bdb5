"""Life circles of about so many people: adjacent communities grouped round one of them, within a walk."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.network.areas.life_circles import central_points
from lifecircle.network.graph import Network
from lifecircle.network.routing.od import ODPoints
from lifecircle.network.routing.origins import bands_of
from lifecircle.network.routing.within import pairs
from lifecircle.tables import Inputs

__all__ = ["group_communities", "grouped_circles"]

_TOUCHING_M: Final = 1.0
"""Outlines that an office draws side by side may leave a gap of this width."""
_SMALL: Final = 0.5
"""A circle of less than this share of the people wanted joins a neighbour where one is near enough."""


def grouped_circles(
    network: Network,
    inputs: Inputs,
    od: ODPoints,
    *,
    people: float,
    minutes: float,
    threads: int | None = None,
) -> gpd.GeoDataFrame:
    """Life circles built from the communities of a study, as rows of `tables.UNITS`.

    Urban communities inside the boundary are grouped (`group_communities`); those of unknown scope count
    as urban. Walks lead between the communities' central demand points (`central_points`).

    Parameters
    ----------
    network, inputs, od
        The streets, the study's inputs, and their places on the streets.
    people
        Residents that a circle should have, > 0.
    minutes
        Greatest walk from the middle community of a circle to any other of it, > 0.
    threads
        Threads of the search; the machine's if None.

    Returns
    -------
    GeoDataFrame
        Level and kind ``life-circle``, code ``circle-<code of the middle community>``, in the order of the
        codes; study CRS.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> prepared = session.prepared
    >>> circles = grouped_circles(
    ...     prepared.network, prepared.inputs, prepared.od, people=20_000, minutes=15
    ... )
    >>> circles["code"].tolist()
    ['circle-110101001001', 'circle-110101001002']
    """
    table = inputs.communities
    urban = table[table["inside"] & table["scope"].isin({"urban", ""}) & (table["population"] > 0)]
    # in the order of their codes, so that the order of rows decides nothing
    urban = urban.sort_values("code").set_index("code")
    near = _walks(network, inputs, od, urban.index, minutes=minutes, threads=threads)
    circles = group_communities(urban["population"], _neighbours(urban), near, people=people)
    rows = []
    for middle, members in circles.items():
        own = urban.loc[list(members)]
        rows.append(
            {
                "level": "life-circle",
                "code": f"circle-{middle}",
                "name": str(urban.loc[middle, "name"]) or middle,
                "kind": "life-circle",
                "scope": "urban",
                "population": float(own["population"].sum()),
                "households": float(own["households"].sum(skipna=False)),
                "whole": True,
                "geometry": shapely.union_all(own.geometry.to_numpy()),
            }
        )
    columns = ["level", "code", "name", "kind", "scope", "population", "households", "whole", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=inputs.crs)


def group_communities(
    residents: pd.Series,
    neighbours: Mapping[str, frozenset[str]],
    near: Mapping[tuple[str, str], float],
    *,
    people: float,
) -> dict[str, tuple[str, ...]]:
    """Group adjacent communities into circles of about so many people.

    The community with the fewest neighbours that are still free starts a circle, so that none is left alone
    at the edge; ties go to the smaller code. It takes in free communities that touch the circle, the nearest
    first, as long as that brings its people nearer to the number wanted. A circle that stays below half of
    it joins the smallest circle that touches it and whose middle is near enough to all its communities.

    Parameters
    ----------
    residents
        By code of community, > 0.
    neighbours
        Codes of the communities that each touches.
    near
        Minutes from one community to another, for those pairs that are near enough.
    people
        Residents that a circle should have, > 0.

    Returns
    -------
    dict
        Members by the code of the community in the middle, both sorted; every community is in one.

    Examples
    --------
    >>> row = {"A": frozenset("B"), "B": frozenset("AC"), "C": frozenset("B")}
    >>> walk = {(one, other): 10.0 for one in "ABC" for other in "ABC"}
    >>> group_communities(pd.Series({"A": 9_000, "B": 8_000, "C": 20_000}), row, walk, people=20_000)
    {'A': ('A', 'B'), 'C': ('C',)}
    """
    people_of = {str(code): float(count) for code, count in residents.items()}
    free = set(people_of)
    left = {code: len(neighbours[code] & free) for code in free}
    # Communities by how many of their neighbours are free; entries that are out of date are passed over.
    queue = [(count, code) for code, count in left.items()]
    heapq.heapify(queue)

    def take(code: str) -> None:
        """Take a community out of the free ones: its neighbours have one free neighbour less."""
        free.discard(code)
        for other in neighbours[code] & free:
            left[other] -= 1
            heapq.heappush(queue, (left[other], other))

    # greedy: each round makes one circle; every community ends up in exactly one
    circles: dict[str, set[str]] = {}
    while free:
        count, middle = heapq.heappop(queue)
        if middle not in free or count != left[middle]:
            continue
        circle = {middle}
        take(middle)
        total = people_of[middle]
        while True:
            # the nearest neighbour within the walk, as long as the sum comes nearer to the people wanted
            touching = {code for member in circle for code in neighbours[member]} & free
            within = [(near[middle, code], code) for code in touching if (middle, code) in near]
            if not within:
                break
            _, chosen = min(within)
            grown = total + people_of[chosen]
            if abs(grown - people) >= abs(total - people):
                break
            circle.add(chosen)
            take(chosen)
            total = grown
        circles[middle] = circle
    _join_small(circles, people_of, neighbours, near, least=_SMALL * people)
    return {middle: tuple(sorted(circles[middle])) for middle in sorted(circles)}


def _join_small(
    circles: dict[str, set[str]],
    people_of: Mapping[str, float],
    neighbours: Mapping[str, frozenset[str]],
    near: Mapping[tuple[str, str], float],
    *,
    least: float,
) -> None:
    """Join circles that stayed small to a neighbour, the smallest first."""
    people = {middle: sum(people_of[code] for code in sorted(circle)) for middle, circle in circles.items()}
    circle_of = {code: middle for middle, circle in circles.items() for code in circle}
    for middle in sorted(circles, key=lambda code: (people[code], code)):
        if people[middle] >= least:
            continue
        # hosts: touching circles whose middle is near enough to every member
        touching = {code for member in circles[middle] for code in neighbours[member]}
        hosts = [
            other
            for other in {circle_of[code] for code in touching if code in circle_of} - {middle}
            if all((other, member) in near for member in circles[middle])
        ]
        if hosts:
            # the smallest host, so that sizes even out
            host = min(hosts, key=lambda code: (people[code], code))
            circle_of |= dict.fromkeys(circles[middle], host)
            circles[host] |= circles.pop(middle)
            people[host] += people.pop(middle)


def _neighbours(areas: gpd.GeoDataFrame) -> dict[str, frozenset[str]]:
    """Codes of the areas that touch each area."""
    shapes = areas.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    # pairs both ways, each area with itself left out
    one, other = tree.query(shapes, predicate="dwithin", distance=_TOUCHING_M)
    codes = areas.index.to_numpy(dtype=object)
    touching_of: dict[str, set[str]] = {str(code): set() for code in codes}
    for first, second in zip(codes[one], codes[other], strict=True):
        if first != second:
            touching_of[str(first)].add(str(second))
    return {code: frozenset(touching) for code, touching in touching_of.items()}


def _walks(
    network: Network, inputs: Inputs, od: ODPoints, codes: pd.Index, *, minutes: float, threads: int | None
) -> dict[tuple[str, str], float]:
    """Minutes between the middles of communities that are near enough to each other."""
    rows = central_points(inputs, od.demand.reached)
    owner = inputs.demand["community"].to_numpy(dtype=object)[rows]
    kept = pd.Series(owner).isin(codes).to_numpy()
    rows, owner = rows[kept], owner[kept]
    middles = od.demand.take(rows)
    limit = bands_of(network, [minutes], None).limits[0]
    start, end, cost = pairs(network, middles, middles, max_cost=int(limit), threads=threads)
    # costs are linear in minutes: the limit is so many
    share = minutes / float(limit) if limit else math.nan
    return {
        (str(one), str(other)): float(spent) * share
        for one, other, spent in zip(owner[start], owner[end], cost, strict=True)
    }
