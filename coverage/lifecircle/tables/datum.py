"""Chinese map datums: WGS 84, GCJ-02 (AMap, Tencent, Google in China) and BD-09 (Baidu), vectorised.

GCJ-02 displaces WGS 84 inside China by 26 to 678 m with a smooth function of the place; BD-09 displaces
GCJ-02 again. Neither is published officially: these are the formulas in common use since 2013
(Krasovsky 1940 ellipsoid). Every function takes and returns degrees, longitude first, NaN staying NaN.

The inverses iterate the forward formula to its fixed point (residual under 1e-8 m); one-step inverses,
which are widespread, miss by up to 4 m.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees: TypeAlias = NDArray[np.float64]
Place: TypeAlias = tuple[Degrees, Degrees]

SEMI_MAJOR_AXIS_M: Final = 6378245.0
"""Krasovsky 1940, which the Beijing 1954 datum and GCJ-02 use."""
ECCENTRICITY_SQUARED: Final = 0.00669342162296594323

_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BAIDU_WAVE: Final = np.pi * 3000.0 / 180.0
_BAIDU_SHIFT_LON, _BAIDU_SHIFT_LAT = 0.0065, 0.006
# Each round of GCJ-02 gains three digits and each of BD-09 nearly two; a fixed number keeps the answer
# for one point independent of the points that are converted with it.
_GCJ02_ROUNDS, _BD09_ROUNDS = 8, 14

__all__ = [
    "ECCENTRICITY_SQUARED",
    "SEMI_MAJOR_AXIS_M",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Place:
    """WGS 84 to GCJ-02.

    Parameters
    ----------
    lon, lat
        Degrees, any shape, broadcast against each other. Points outside 72.004-137.8347 E,
        0.8293-55.8271 N are not displaced.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in GCJ-02, degrees, float64.
    """
    x, y = _pair(lon, lat)
    dx, dy = _gcj02_shift(x, y)
    china = _displaced(x, y)
    return np.where(china, x + dx, x), np.where(china, y + dy, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Place:
    """GCJ-02 to WGS 84: the fixed point of `wgs84_to_gcj02`, residual under 1e-8 m.

    Parameters
    ----------
    lon, lat
        Degrees, any shape. Points outside the displaced rectangle (see `wgs84_to_gcj02`), judged by
        the coordinates given, come back as they are.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in WGS 84, degrees, float64.
    """
    x, y = _pair(lon, lat)
    wgs_x, wgs_y = _undo(_gcj02_shift, x, y, rounds=_GCJ02_ROUNDS)
    china = _displaced(x, y)
    return np.where(china, wgs_x, x), np.where(china, wgs_y, y)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Place:
    """GCJ-02 to BD-09, degrees in and out; the displacement knows no boundary."""
    x, y = _pair(lon, lat)
    dx, dy = _bd09_shift(x, y)
    return x + dx, y + dy


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Place:
    """BD-09 to GCJ-02: the fixed point of `gcj02_to_bd09`, residual under 1e-8 m."""
    x, y = _pair(lon, lat)
    return _undo(_bd09_shift, x, y, rounds=_BD09_ROUNDS)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Place:
    """WGS 84 to BD-09, through GCJ-02."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Place:
    """BD-09 to WGS 84, through GCJ-02."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether places (degrees) lie in the rectangle that GCJ-02 displaces."""
    return _displaced(*_pair(lon, lat))


def _pair(lon: ArrayLike, lat: ArrayLike) -> Place:
    """Both coordinates as float64 arrays of one shape."""
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return x, y


def _displaced(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    """Whether a point lies in the rectangle that GCJ-02 displaces."""
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _gcj02_shift(lon: Degrees, lat: Degrees) -> Place:
    """Displacement of GCJ-02 at a WGS 84 point, degrees."""
    # stage 1: a polynomial and five waves, in metres northward and eastward
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    root = np.sqrt(np.abs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (2.0 / 3.0) * (
        ripple
        + 20.0 * np.sin(np.pi * y)
        + 40.0 * np.sin(np.pi * y / 3.0)
        + 160.0 * np.sin(np.pi * y / 12.0)
        + 320.0 * np.sin(np.pi * y / 30.0)
    )
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (2.0 / 3.0) * (
        ripple
        + 20.0 * np.sin(np.pi * x)
        + 40.0 * np.sin(np.pi * x / 3.0)
        + 150.0 * np.sin(np.pi * x / 12.0)
        + 300.0 * np.sin(np.pi * x / 30.0)
    )
    # stage 2: metres into degrees by the radii of curvature at that latitude
    latitude = np.radians(lat)
    square = 1.0 - ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian_radius_m = SEMI_MAJOR_AXIS_M * (1.0 - ECCENTRICITY_SQUARED) / (square * np.sqrt(square))
    parallel_radius_m = SEMI_MAJOR_AXIS_M / np.sqrt(square) * np.cos(latitude)
    return np.degrees(east_m / parallel_radius_m), np.degrees(north_m / meridian_radius_m)


def _bd09_shift(lon: Degrees, lat: Degrees) -> Place:
    """Displacement of BD-09 at a GCJ-02 point, degrees."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_WAVE)
    return (
        radius * np.cos(angle) + _BAIDU_SHIFT_LON - lon,
        radius * np.sin(angle) + _BAIDU_SHIFT_LAT - lat,
    )


def _undo(shift: Callable[[Degrees, Degrees], Place], lon: Degrees, lat: Degrees, *, rounds: int) -> Place:
    """The place that `shift` moves to (lon, lat), by fixed-point iteration."""
    # x_{n+1} = target - shift(x_n): the shift varies slowly, so that this contracts
    x, y = lon, lat
    for _ in range(rounds):
        dx, dy = shift(x, y)
        x, y = lon - dx, lat - dy
    return x, y
