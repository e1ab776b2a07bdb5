"""Chinese datums: published pairs, a second implementation with the math module, and exact inverses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lifecircle.tables import datum

# lon, lat in WGS 84 and in GCJ-02, as eviltransform's tests publish them (its ellipsoid is 8 mm off ours).
PUBLISHED = [
    (121.5272106, 31.1774276, 121.531541859215, 31.17530398364597),
    (113.912316, 22.543847, 113.9171764808363, 22.540796131694766),
    (116.377817, 39.911954, 116.38404722455657, 39.91334545536069),
]
METRES_PER_DEGREE = 111_320.0


def everywhere_in_china(n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Points drawn over the rectangle that GCJ-02 displaces."""
    rng = np.random.default_rng(11)
    return rng.uniform(72.02, 137.82, n), rng.uniform(0.85, 55.81, n)


def naive_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The formulas once more, one point at a time, as they circulate."""
    a, ee, pi = 6378245.0, 0.00669342162296594323, math.pi
    x, y = lon - 105.0, lat - 35.0
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    d_lat += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    d_lat += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    d_lat += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y * pi / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    d_lon += (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    d_lon += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    d_lon += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    magic = 1 - ee * math.sin(lat / 180 * pi) ** 2
    d_lat = d_lat * 180 / ((a * (1 - ee)) / (magic * math.sqrt(magic)) * pi)
    d_lon = d_lon * 180 / (a / math.sqrt(magic) * math.cos(lat / 180 * pi) * pi)
    return lon + d_lon, lat + d_lat


@pytest.mark.parametrize(("lon", "lat", "gcj_lon", "gcj_lat"), PUBLISHED)
def test_published_pairs_agree_within_two_centimetres(lon, lat, gcj_lon, gcj_lat):
    x, y = datum.wgs84_to_gcj02(lon, lat)
    assert abs(x - gcj_lon) * METRES_PER_DEGREE < 0.02
    assert abs(y - gcj_lat) * METRES_PER_DEGREE < 0.02


def test_gcj02_equals_a_second_implementation_point_by_point():
    lon, lat = everywhere_in_china(500)
    expected = np.array([naive_gcj02(x, y) for x, y in zip(lon, lat, strict=True)])
    got = np.column_stack(datum.wgs84_to_gcj02(lon, lat))
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


def test_bd09_by_hand_where_its_waves_stand_still():
    """On the equator at 3 degrees east sin(0) is 0 and cos(50 pi) is 1: a turn of 3e-6 rad and two shifts."""
    x, y = datum.gcj02_to_bd09(3.0, 0.0)
    assert x == pytest.approx(3.0 * math.cos(3e-6) + 0.0065, abs=1e-13)
    assert y == pytest.approx(3.0 * math.sin(3e-6) + 0.006, abs=1e-13)


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
        (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
        (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
    ],
)
def test_there_and_back_again_is_exact_to_a_hundredth_of_a_micrometre(there, back):
    # 1e-8 m is 9e-14 degrees, six times the spacing of float64 at 116 degrees: the tightest claim.
    lon, lat = everywhere_in_china()
    china = (lon > 73.5) & (lon < 135.5) & (lat > 3) & (lat < 54)
    lon, lat = lon[china], lat[china]
    x, y = back(*there(lon, lat))
    assert np.abs(x - lon).max() * METRES_PER_DEGREE < 1e-8
    assert np.abs(y - lat).max() * METRES_PER_DEGREE < 1e-8


def test_chinese_cities_move_by_the_hundreds_of_metres_that_surveyors_report():
    lon = np.array([116.39, 121.47, 113.26, 104.07, 87.62, 126.64])
    lat = np.array([39.91, 31.23, 23.13, 30.67, 43.82, 45.75])
    x, y = datum.wgs84_to_gcj02(lon, lat)
    moved_m = np.hypot((x - lon) * np.cos(np.radians(lat)), y - lat) * METRES_PER_DEGREE
    assert ((moved_m > 26) & (moved_m < 678)).all()


def test_places_abroad_stay_where_they_are_in_both_directions():
    abroad = ([-51.2, 24.94, 7.42], [-30.0, 60.17, 43.73])
    for convert in (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84):
        for got, given in zip(convert(*abroad), abroad, strict=True):
            np.testing.assert_array_equal(got, given)


def test_one_point_converts_alike_alone_and_in_company():
    lon, lat = everywhere_in_china(50)
    combined = datum.bd09_to_wgs84(lon, lat)
    alone = datum.bd09_to_wgs84(lon[7], lat[7])
    assert (combined[0][7], combined[1][7]) == (float(alone[0]), float(alone[1]))


def test_unknown_coordinates_stay_unknown():
    x, y = datum.gcj02_to_wgs84([116.0, np.nan], [40.0, 40.0])
    assert np.isfinite(x[0])
    assert np.isnan(x[1])
    assert np.isfinite(y[0])
