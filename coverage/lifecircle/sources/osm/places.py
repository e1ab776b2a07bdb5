"""OpenStreetMap's objects as places: a node and the outline it stands in are one, schools have levels."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.tables import concat_nonempty
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["SCHOOL", "SCHOOL_LEVELS", "merged_outlines", "school_levels", "with_school_levels"]

SCHOOL: Final = "school"
SCHOOL_LEVELS: Final[Mapping[int, str]] = {
    1: "primary-school",
    2: "junior-middle-school",
    3: "senior-middle-school",
}
"""Level of the International Standard Classification of Education to the service of the catalogue."""

_RANGE: Final = re.compile(r"(\d+)\s*[-–]\s*(\d+)")
_OF_COUNTRY: Final = re.compile(r"school:[A-Z]{2}")
_KINDERGARTEN: Final = re.compile(r"\b[pt]?k\b", re.IGNORECASE)

_GRADES: Final[Mapping[int, frozenset[int]]] = {
    1: frozenset(range(1, 7)),
    2: frozenset(range(7, 10)),
    3: frozenset(range(10, 13)),
}
"""School years of each level where primary school takes six years, as in China (6 + 3 + 3)."""

_AGE_BEFORE_GRADE_1: Final = 5
"""Pupils of a school year are this much older, or a year more: they begin at six (义务教育法, article 11)."""


def school_levels(tags: Mapping[str, str], name: str) -> tuple[frozenset[int], bool]:
    """Levels of a school (1 primary, 2 lower, 3 upper secondary), and whether they are guessed.

    Parameters
    ----------
    tags
        ``isced:level`` decides, else ``school``, ``school:type``, ``school:level``, ``school:*=yes`` and a
        country's own key (``school:FR``); else they are guessed: from ``grades``, else from ``min_age`` and
        ``max_age``, else from the name.
    name
        What people call it.

    Returns
    -------
    frozenset of int, bool
        No level at all where nothing tells.

    Examples
    --------
    >>> school_levels({"isced:level": "1-2"}, "")
    (frozenset({1, 2}), False)
    >>> school_levels({"grades": "7-12"}, "")
    (frozenset({2, 3}), True)
    >>> school_levels({}, "翠香小学")
    (frozenset({1}), True)
    """
    if told := _isced(tags.get("isced:level", "")):
        return told, False
    kinds = [tags.get(key, "") for key in ("school", "school:type", "school:level")]
    for key, value in tags.items():
        if key.startswith("school:") and (value == "yes" or _OF_COUNTRY.fullmatch(key)):
            kinds.append(key.partition(":")[2] if value == "yes" else value)
    words = (word.strip().lower() for kind in kinds for word in kind.split(";"))
    if told := frozenset(level for word in words for level in _said()["values"].get(word, ())):
        return told, False
    grades = _numbers(_KINDERGARTEN.sub("0", tags.get("grades", "")))
    if told := _of_grades(grades) or _of_grades(_grades_of_ages(tags)):
        return told, True
    left, levels = name.casefold(), set[int]()
    for one in _said()["names"]:
        if re.search(one["pattern"], left):
            levels.update(one["levels"])
            left = re.sub(one["pattern"], " ", left)
    return frozenset(levels), True


@cache
def _said() -> dict[str, Any]:
    """``school_names.toml``: what values of tags and patterns of names say of a school's levels."""
    return tomllib.loads((files(__package__) / "school_names.toml").read_text(encoding="utf-8"))


def _isced(value: str) -> frozenset[int]:
    """Levels that ``isced:level`` names: single ones and ranges, parted by semicolons or commas."""
    return _numbers(value) & frozenset(SCHOOL_LEVELS)


def _numbers(value: str) -> frozenset[int]:
    """Small numbers that a tag names: single ones and ranges, parted by semicolons or commas."""
    numbers: set[int] = set()
    for part in re.split(r"[;,]", value):
        if span := _RANGE.search(part):
            numbers.update(range(int(span[1][:2]), int(span[2][:2]) + 1))
        elif single := re.search(r"\d+", part):
            numbers.add(int(single[0][:2]))
    return frozenset(numbers)


def _grades_of_ages(tags: Mapping[str, str]) -> frozenset[int]:
    """School years between ``min_age`` and ``max_age``; none where one of them does not say."""
    ages = [re.match(r"\s*(\d{1,2})\b", tags.get(key, "")) for key in ("min_age", "max_age")]
    youngest, oldest = (int(age[1]) if age else -1 for age in ages)
    if min(youngest, oldest) < 0:
        return frozenset()
    return frozenset(range(youngest - _AGE_BEFORE_GRADE_1, oldest - _AGE_BEFORE_GRADE_1))


def _of_grades(grades: frozenset[int]) -> frozenset[int]:
    """Levels of which a school holds at least half of the years; else that of which it holds most."""
    share = {level: len(years & grades) / len(years) for level, years in _GRADES.items()}
    most = max(share.values())
    return frozenset(level for level, held in share.items() if held > 0 and held >= min(most, 0.5))


def with_school_levels(
    features: gpd.GeoDataFrame, wanted: Iterable[str]
) -> tuple[gpd.GeoDataFrame, int, int]:
    """Schools as places of each of their levels too.

    Parameters
    ----------
    features
        From `read_osm_features`: ``osm_id, service, name, access, tags``, one row per object and service.
    wanted
        Services to keep.

    Returns
    -------
    features, guessed, unknown
        Rows of the services wanted; of how many schools the levels are guessed, and of how many unknown.
    """
    services = frozenset(wanted)
    schools = features[features["service"] == SCHOOL]
    told = [school_levels(tags, name) for tags, name in zip(schools["tags"], schools["name"], strict=True)]
    guessed = sum(bool(levels) and is_guess for levels, is_guess in told)
    unknown = sum(not levels for levels, _ in told)
    tables = [features[features["service"].isin(services)]]
    for level, service in SCHOOL_LEVELS.items():
        if service in services:
            of_level = schools[[level in levels for levels, _ in told]]
            tables.append(of_level.assign(service=service))
    rows = concat_nonempty(tables).drop_duplicates(["osm_id", "service"], ignore_index=True)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=features.crs), guessed, unknown


def merged_outlines(features: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Places mapped both as a node and as an outline, once: the outline stays, with its area and entries.

    A node of a service belongs to the smallest outline of that service it stands in or on, where both have
    one name or either has none. Where several differently named nodes stand in an outline without a name,
    it is a house of several places, and all stay. So does an outline within another of the same name go.

    Returns
    -------
    GeoDataFrame, int
        `features` without the nodes and inner outlines merged; how many were. An outline without a name
        takes its node's, and its access.
    """
    outlined = of_kind(features.geometry.to_numpy(), AREAS)
    gone = np.zeros(len(features), bool)
    names = features["name"].to_numpy(dtype=object).copy()
    access = features["access"].to_numpy(dtype=object).copy()
    for rows in features.groupby("service", sort=False).indices.values():
        areas = rows[outlined[rows]]
        if len(areas):
            _merge(features.geometry.to_numpy(), rows, areas, gone=gone, names=names, access=access)
    kept = features.assign(name=pd.Series(names, index=features.index, dtype="str"), access=access)
    return kept[~gone].reset_index(drop=True), int(gone.sum())


def _merge(
    shapes: np.ndarray,
    rows: np.ndarray,
    areas: np.ndarray,
    *,
    gone: np.ndarray,
    names: np.ndarray,
    access: np.ndarray,
) -> None:
    """Mark the rows of one service that an outline stands for, and name it after them."""
    inner = shapely.point_on_surface(shapes[rows])
    # Outlines that hold the inner point of each thing.
    one, other = shapely.STRtree(shapes[areas]).query(inner, predicate="intersects")
    one, other = rows[one], areas[other]
    size = shapely.area(shapes)
    # A larger one may stand for it; of two alike, the first.
    larger = (size[other] > size[one]) | ((size[other] == size[one]) & (other < one))
    one, other = one[larger], other[larger]
    order = np.lexsort((other, size[other], one))
    one, other = one[order], other[order]
    pairs = pd.DataFrame({"one": one, "other": other, "point": size[one] == 0})
    pairs["name"] = names[one]
    # How many different names lie inside: an outline with several names is none of them.
    inside = pairs[pairs["point"]].groupby("other")["name"].agg(lambda own: len(set(own) - {""})).to_dict()
    for row in pairs.itertuples():
        if gone[row.one] or gone[row.other]:
            continue
        own, outer = names[row.one], names[row.other]
        open_name = (not own or not outer) and inside.get(row.other, 0) <= 1
        if (own == outer and own) or (row.point and open_name):
            gone[row.one] = True
            names[row.other] = outer or own
            access[row.other] = access[row.other] or access[row.one]
