"""Areas: what lies in which, how many facilities each has, and which share of them passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import ContractError
from lifecircle.measures.rounding import whole_needed
from lifecircle.tables.subdivision import pairs_meeting

__all__ = [
    "AreaShare",
    "area_in_exactly_one",
    "area_of",
    "areas_needed",
    "facilities_per_area",
    "share_of_areas",
]


def area_of(places: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, code: str = "code") -> pd.Series:
    """The area each place lies in.

    A polygon (a park, a campus) lies where a point inside it lies. A place on a shared border, or where
    areas overlap, belongs to the area with the smaller code, so that it is never counted twice.

    Parameters
    ----------
    places
        Points or polygons, any index.
    areas
        Polygons with their codes, in the CRS of `places`.
    code
        Column of `areas` that holds the codes.

    Returns
    -------
    Series
        Code of the area, ``""`` outside every one. Indexed like `places`.

    Raises
    ------
    ContractError
        If the two are in different systems.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> towns = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)])
    >>> shops = gpd.GeoDataFrame(geometry=[Point(0.5, 0.5), Point(1, 0.5), Point(9, 9)])
    >>> area_of(shops, towns).tolist()
    ['a', 'a', '']
    """
    if places.crs != areas.crs:
        raise ContractError(f"places in {places.crs}, areas in {areas.crs}")
    # stage 1: a point inside each place stands for it; which areas hold that point
    inside = shapely.point_on_surface(places.geometry.to_numpy())
    area, place = pairs_meeting(areas.geometry.to_numpy(), inside)
    # stage 2: of several areas the smaller code wins
    codes = areas[code].to_numpy(dtype="object")[area]
    inside_of = np.full(len(places), "", dtype="object")
    order = np.argsort(codes, kind="stable")[::-1]  # the smaller code is written last
    inside_of[place[order]] = codes[order]
    return pd.Series(inside_of, index=places.index, name=code, dtype="str")


def facilities_per_area(facility: pd.Series, area: pd.Series, areas: pd.Index) -> pd.Series:
    """Number of different facilities in each area.

    Parameters
    ----------
    facility
        Ids; a facility listed under several services counts once.
    area
        Code of the area each lies in, ``""`` for none. Indexed like `facility`.
    areas
        Codes to answer for.

    Returns
    -------
    Series
        Count, int64, indexed by `areas`; 0 where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> facility, area = pd.Series(["x", "x", "y"]), pd.Series(["a", "a", ""])
    >>> facilities_per_area(facility, area, pd.Index(["a", "b"])).to_dict()
    {'a': 1, 'b': 0}
    """
    # pairs of area and facility, each once
    at = areas.get_indexer(pd.Index(area.array))
    pairs = np.stack([at, pd.factorize(facility)[0]], axis=1)[at >= 0]
    # each pair once, so that a facility of several services counts once
    counts = np.bincount(np.unique(pairs, axis=0)[:, 0], minlength=len(areas))
    return pd.Series(counts, index=areas, dtype="int64")


def areas_needed(areas: int, share: float, *, strict: bool = False) -> int:
    """How many of a number of areas make a share: half of 4,037 villages are 2,019.

    Parameters
    ----------
    areas
        How many there are.
    share
        0 to 1.
    strict
        More than the share, not merely the share. More than all is all: nothing could pass it.

    Examples
    --------
    >>> areas_needed(4037, 0.5), areas_needed(4, 0.5, strict=True)
    (2019, 3)
    """
    # more than all of them is all of them
    return min(areas, whole_needed(share * areas, strict=strict))


@dataclass(frozen=True)
class AreaShare:
    """A share of areas where part of them could not be judged.

    Attributes
    ----------
    passing, failing, unknown : number of areas
    needed : how many must pass

    Examples
    --------
    >>> share = AreaShare(passing=6, failing=1, unknown=3, needed=9)
    >>> share.areas, share.low, share.high
    (10, 0.6, 0.9)
    """

    passing: int
    failing: int
    unknown: int
    needed: int

    @property
    def areas(self) -> int:
        """All areas that count."""
        return self.passing + self.failing + self.unknown

    @property
    def low(self) -> float:
        """Share that passes if every unknown area fails, 0 to 1; NaN without areas."""
        return self.passing / self.areas if self.areas else float("nan")

    @property
    def high(self) -> float:
        """Share that passes if every unknown area passes, 0 to 1; NaN without areas."""
        return (self.passing + self.unknown) / self.areas if self.areas else float("nan")

    @property
    def status(self) -> str:
        """The interval rule.

        ``met`` only if it passes with every unknown area failing, ``short`` only if it fails with every
        one passing, else ``no-data``; ``not-applicable`` without areas.
        """
        # the verdict must hold at both ends of the interval
        if not self.areas:
            return "not-applicable"
        if self.passing >= self.needed:
            return "met"
        return "short" if self.passing + self.unknown < self.needed else "no-data"

    @property
    def missing(self) -> int:
        """Areas that must still pass, the unknown ones counted as passing: at least so many."""
        return max(0, self.needed - self.passing - self.unknown)


def share_of_areas(statuses: Sequence[str], share: float, *, strict: bool = False) -> AreaShare:
    """Judge a share of areas from the status of each.

    Parameters
    ----------
    statuses
        ``met``, ``short`` or ``no-data`` of each area; ``not-applicable`` ones do not count.
    share
        Share that must pass, 0 to 1.
    strict
        More than the share, not merely the share.

    Examples
    --------
    >>> judged = share_of_areas(["met", "met", "short", "no-data"], 0.5)
    >>> judged.status, judged.low, judged.high
    ('met', 0.5, 0.75)
    >>> share_of_areas(["met", "short", "no-data"], 0.5).status
    'no-data'
    """
    # areas that are not applicable count on neither side of the share
    count = Counter(statuses)
    passing, failing, unknown = count["met"], count["short"], count["no-data"]
    needed = areas_needed(passing + failing + unknown, share, strict=strict)
    return AreaShare(passing, failing, unknown, needed)


def area_in_exactly_one(areas: gpd.GeoDataFrame, parts: gpd.GeoDataFrame) -> pd.Series:
    """Of each area, how much lies in exactly one part.

    Parameters
    ----------
    areas, parts
        Polygons in one projected CRS, metres.

    Returns
    -------
    Series
        m2, float64, indexed like `areas`: gaps between parts and places under several are left out.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> ground = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10)])
    >>> parts = gpd.GeoDataFrame(geometry=[box(0, 0, 6, 10), box(5, 0, 9, 10)])
    >>> area_in_exactly_one(ground, parts).tolist()
    [80.0]
    """
    shapes = parts.geometry.to_numpy()
    # inclusion and exclusion: the union of all parts, less the union of every two parts' overlap
    tree = shapely.STRtree(shapes)
    once = np.zeros(len(areas))
    for row, area in enumerate(areas.geometry.to_numpy()):
        # parts cut to the area: an overlap outside it is none of its own
        pieces = shapely.intersection(shapes[tree.query(area, predicate="intersects")], area)
        first, second = pairs_meeting(pieces, pieces)
        first, second = first[first < second], second[first < second]
        shared = shapely.union_all(shapely.intersection(pieces[first], pieces[second]))
        # What lies in some part, less what lies in two or more.
        once[row] = shapely.union_all(pieces).area - shared.area
    return pd.Series(once, index=areas.index)
