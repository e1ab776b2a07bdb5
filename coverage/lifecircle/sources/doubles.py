"""Facilities listed more than once: within one source by place and name, in two sources by likeness."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.files.cell_values import key
from lifecircle.sources.log import ReadingLog

__all__ = ["alike", "merge_sources", "repeated_rows"]

_SAME_PLACE_M = 1.0
_LIKELY_M = 100.0
_UNNAMED_M = 25.0
_ALIKE = 0.6
_PAIRS_LISTED = 200
_MOST_PAIRS = 10_000_000
"""Pairs of places of one service that lie close together."""


def repeated_rows(rows: pd.DataFrame) -> pd.Series:
    """Rows of one service and name within a metre of an earlier row; a blank name equals every name.

    Two differently named facilities at one address are two facilities.

    Parameters
    ----------
    rows
        ``service``, ``name``, ``x`` and ``y`` in metres. Of two like rows the earlier one stays, and one
        with a name stays before one without.

    Returns
    -------
    Series of bool
        Indexed like `rows`.
    """
    double = np.zeros(len(rows), dtype=bool)
    names = rows["name"].to_numpy(dtype=object)
    first, second = _near_pairs(rows, _SAME_PLACE_M)
    # Names first: a row without one gives way to any that stays.
    for blank_ones in (False, True):
        for one, other in zip(first, second, strict=True):
            if blank_ones and (not names[one]) and names[other]:
                one, other = other, one  # noqa: PLW2901  # the named row stays
            with_blank = not names[one] or not names[other]
            same = with_blank if blank_ones else names[one] == names[other]
            if same and not double[one]:
                double[other] = True
    return pd.Series(double, index=rows.index)


def merge_sources(
    rows: gpd.GeoDataFrame, merge_within_m: Mapping[str, float], log: ReadingLog
) -> gpd.GeoDataFrame:
    """Tell which places two sources are likely to share, and count them once where the study says so.

    Parameters
    ----------
    rows
        ``facility``, ``service``, ``name``, ``source``, ``x`` and ``y`` in metres, the sources in their
        order in the study.
    merge_within_m
        By source: how near a like-named place of the same service in an earlier source is the same one;
        0 merges nothing.
    log
        Takes a remark for each likely pair that stays two, and one for what was merged.

    Returns
    -------
    GeoDataFrame
        `rows` without those merged into an earlier source.
    """
    source = rows["source"].to_numpy(dtype=object)
    if len(set(source)) < 2:
        return rows
    widest = max([_LIKELY_M, *merge_within_m.values()])
    first, second = _near_pairs(rows, widest)
    apart = source[first] != source[second]
    first, second = first[apart], second[apart]
    x, y = rows["x"].to_numpy(), rows["y"].to_numpy()
    away_m = np.hypot(x[first] - x[second], y[first] - y[second])
    names = [key(name) for name in rows["name"]]
    like = np.array(
        [alike(names[one], names[other]) for one, other in zip(first, second, strict=True)], dtype=bool
    )
    unnamed = np.array(
        [not names[one] or not names[other] for one, other in zip(first, second, strict=True)], dtype=bool
    )
    # One place: names alike, or a blank one so near that it is none of its own.
    same = like | (unnamed & (away_m <= _UNNAMED_M))
    # A source merges within the radius it declares; the earlier row stays, and what it stands for goes.
    radius = np.array([merge_within_m.get(name, 0.0) for name in source])
    merged = same & (away_m <= np.maximum(radius[first], radius[second]))
    gone = np.zeros(len(rows), dtype=bool)
    for one, other in zip(first[merged], second[merged], strict=True):
        if not gone[one]:
            gone[other] = True
    if gone.any():
        ids = preview(rows.loc[gone, "facility"], 10)
        log.remark("facilities", "facilities-merged", count=int(gone.sum()), value=ids, severity="warning")
    # What is near and alike but beyond that radius is told, not merged.
    likely = same & ~merged & (away_m <= _LIKELY_M) & ~gone[first] & ~gone[second]
    _tell_likely(rows, first[likely], second[likely], away_m[likely], log)
    return rows[~gone].reset_index(drop=True)


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> bool:
    """Whether two names (as `key` compares them) may be one place's: one in the other, or most signs shared.

    Examples
    --------
    >>> alike("吉大社区卫生服务站", "吉大社区卫生站")
    True
    >>> alike("吉大卫生站", "翠香卫生站")
    False
    """
    if not one or not other:
        return False
    if one in other or other in one:
        return min(len(one), len(other)) > 1
    shared = len(_signs(one) & _signs(other))
    return 2 * shared / (len(_signs(one)) + len(_signs(other))) > _ALIKE


@lru_cache(maxsize=200_000)
def _signs(name: str) -> frozenset[str]:
    """Pairs of neighbouring signs of a name."""
    return frozenset(name[at : at + 2] for at in range(max(1, len(name) - 1)))


def _near_pairs(rows: pd.DataFrame, within_m: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of one service within a distance of each other, the earlier first, in the order of the rows."""
    by_group = [np.empty((0, 2), dtype=np.intp)]
    places = rows[["x", "y"]].to_numpy(dtype=np.float64)
    for at in rows.groupby("service", sort=False).indices.values():
        if len(at) > 1:
            tree = cKDTree(places[at])
            # Thousands of rows on one place make pairs by the thousand million: counted before they are held.
            if (tree.count_neighbors(tree, within_m) - len(at)) / 2 > _MOST_PAIRS:
                values = {"service": rows["service"].iloc[at[0]], "most": f"{_MOST_PAIRS:,}"}
                raise InputError(Fault("facilities-on-one-place", field="facilities", values=values))
            pairs = tree.query_pairs(within_m, output_type="ndarray")
            by_group.append(np.sort(np.asarray(at)[pairs], axis=1))
    pairs = np.concatenate(by_group)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return pairs[:, 0], pairs[:, 1]


def _tell_likely(
    rows: pd.DataFrame,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    away_m: NDArray[np.float64],
    log: ReadingLog,
) -> None:
    """One remark for each likely pair, the nearest first; what exceeds a long list is counted."""
    ids, names = rows["facility"].to_numpy(), rows["name"].to_numpy()
    for at in np.argsort(away_m, kind="stable")[:_PAIRS_LISTED]:
        one, other = first[at], second[at]
        log.remark(
            "facilities",
            "likely-duplicate",
            item=f"{ids[one]} {names[one]} / {ids[other]} {names[other]}",
            count=1,
            value=f"{away_m[at]:.0f}",
            severity="warning",
            xy=(float(rows["x"].iloc[other]), float(rows["y"].iloc[other])),
        )
    if len(first) > _PAIRS_LISTED:
        log.remark(
            "facilities",
            "likely-duplicates-more",
            count=len(first) - _PAIRS_LISTED,
            severity="warning",
        )
