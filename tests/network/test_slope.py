"""Slope: Tobler's shape, stretches of 50 m, level bridges, and real heights."""

import numpy as np
import pytest
import rasterio
from pyproj import Geod
from rasterio import Affine
from shared_data import DATA
from streets_by_hand import street_table

import lifecircle as lc
from lifecircle.network import build_network
from lifecircle.network.slope import slopes, tobler_factor
from lifecircle.sources import elevation, node_heights, read_streets
from lifecircle.sources.streets.gates import parted_at

DATA = DATA / "porto_alegre"
GEOD = Geod(ellps="WGS84")


def eastward(*metres):
    """Nodes at distances along a parallel near the equator, where 1 degree is 111.319 km."""
    return [(m / 111_319.490793, 0.0) for m in metres]


def chain(metres, **fields):
    """One way through nodes at distances."""
    count = len(metres) - 1
    edges = [(i, i + 1) for i in range(count)]
    return street_table(
        eastward(*metres),
        edges,
        way=np.ones(count, np.int64),
        segment=np.arange(count, dtype=np.int32),
        **fields,
    )


def test_tobler_by_hand():
    # 6 exp(-3.5 |s + 0.05|): level 5.037 km/h, 6 at -5 %, 3.549 at +10 %
    speeds = 6 * np.exp(-0.175) / tobler_factor(np.array([0.0, -0.05, 0.1]))
    assert speeds == pytest.approx([5.0367, 6.0, 3.5493], abs=1e-3)


def test_a_slope_of_a_long_street_is_rise_over_run():
    result = slopes(chain([0, 100, 300]), np.array([10.0, 20.0, 10.0]))
    assert result.slope == pytest.approx([0.1, -0.05], abs=1e-6)
    assert result.forward == pytest.approx(np.exp([0.35, -0.175]), abs=1e-5)
    assert result.backward == pytest.approx(np.exp([0.0, 0.175]), abs=1e-5)


def test_short_pieces_share_the_slope_of_fifty_metres():
    # ten pieces of 10 m, all of the 5 m rise in the fifth: its window is 20..70 m, the first's 0..50 m
    height = np.array([0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 5.0])
    result = slopes(chain(np.arange(0, 101, 10)), height)
    assert result.slope[4] == pytest.approx(0.1, abs=1e-4)
    assert result.slope[0] == pytest.approx(0.1, abs=1e-4)
    assert result.slope[9] == pytest.approx(0.0, abs=1e-4)


def test_a_way_shorter_than_fifty_metres_counts_as_level_beyond_its_ends():
    assert slopes(chain([0, 10]), np.array([0.0, 1.0])).slope == pytest.approx([0.02], abs=1e-6)


def test_a_closed_gate_parts_a_way_and_not_its_slope():
    # 30 m to the gate, 70 m behind it; all of the 5 m rise lies before it, in a window of 50 m
    whole = chain([0, 30, 100])
    height = np.array([0.0, 5.0, 5.0])
    parted, closed = parted_at(whole, whole.node_id[1:2])
    result = slopes(parted, np.append(height, 5.0))
    assert closed == 1
    assert len(parted.lon) == 4
    assert result.slope == pytest.approx([0.1, 0.0], abs=1e-4)
    assert result.slope.tolist() == slopes(whole, height).slope.tolist()


def test_a_bridge_is_level_between_its_ends_whatever_the_valley_does():
    bridge = np.array([False, True, True, False])
    result = slopes(chain([0, 100, 200, 300, 400], bridge=bridge), np.array([10.0, 10, -40, 12, 12]))
    assert result.slope == pytest.approx([0, 0.01, 0.01, 0], abs=1e-6)


def test_an_unknown_height_leaves_the_flat_speed_and_is_counted():
    result = slopes(chain([0, 100, 200]), np.array([np.nan, 5.0, 15.0]))
    assert np.isnan(result.slope[0])
    assert result.forward[0] == result.backward[0] == 1
    assert result.counts == {"slope-unknown": 1}


def test_uphill_takes_longer_than_downhill_and_both_are_milliseconds():
    streets = chain([0, 1000])
    result = slopes(streets, np.array([0.0, 100.0]))
    network = build_network(streets, time_factor=result.time_factor)
    assert (network.cost_unit, network.symmetric) == ("ms", False)
    # 1 km at 4 km/h is 900 s on the flat
    assert network.cost_forward[0] / 1000 == pytest.approx(900 * np.exp(0.35), rel=1e-6)
    assert network.cost_backward[0] / 1000 == pytest.approx(900, rel=1e-6)


def test_heights_are_bilinear_and_unknown_outside_and_at_nodata(tmp_path):
    path = tmp_path / "dem.tif"
    cells = np.array([[0, 10, 20], [10, 20, 30], [20, 30, -99999]], np.float32)
    with rasterio.open(
        path, "w", driver="GTiff", width=3, height=3, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.1, 0, 113.0, 0, -0.1, 22.3),
    ) as raster:  # fmt: skip
        raster.write(cells, 1)
    lon = np.array([113.05, 113.10, 113.10, 113.24, 113.5])
    lat = np.array([22.25, 22.25, 22.20, 22.06, 22.25])
    result = node_heights(path, lon, lat)
    assert result[:3] == pytest.approx([0, 5, 10], abs=1e-4)
    assert np.isnan(result[3:]).all()


def test_heights_of_much_ground_are_read_in_squares_and_are_the_same(tmp_path, monkeypatch):
    path, chance = tmp_path / "dem.tif", np.random.default_rng(5)
    cells = chance.uniform(0, 100, (40, 30)).astype(np.float32)
    cells[chance.random(cells.shape) < 0.05] = -99999
    with rasterio.open(
        path, "w", driver="GTiff", width=30, height=40, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.1, 0, 113.0, 0, -0.1, 24.0),
    ) as raster:  # fmt: skip
        raster.write(cells, 1)
    lon, lat = chance.uniform(112.8, 116.2, 3000), chance.uniform(19.8, 24.2, 3000)
    whole = node_heights(path, lon, lat)
    assert np.isfinite(whole).sum() > 1000
    read, sizes = elevation._between_centres, []

    def watched(raster, row, column):
        sizes.append((np.ptp(row), np.ptp(column)))
        return read(raster, row, column)

    monkeypatch.setattr(elevation, "_between_centres", watched)
    monkeypatch.setattr(elevation, "_SIDE", 7)
    assert node_heights(path, lon, lat) == pytest.approx(whole, abs=1e-6, nan_ok=True)
    assert len(sizes) > 20
    assert np.max(sizes) <= 7


@pytest.mark.skipif(not (DATA / "poa_elev.tif").exists(), reason="the Porto Alegre height model is not here")
def test_heights_of_porto_alegre_equal_the_cells_read_one_by_one():
    with rasterio.open(DATA / "poa_elev.tif") as raster:
        rng = np.random.default_rng(3)
        row, column = rng.integers(0, raster.height, 200), rng.integers(0, raster.width, 200)
        lon, lat = raster.xy(row, column)
        cells = raster.read(1)[row, column]
    result = node_heights(DATA / "poa_elev.tif", np.asarray(lon), np.asarray(lat))
    assert result == pytest.approx(cells.astype(float), abs=1e-3)
    # a street from the river to the hill of Santa Tereza climbs, and takes longer up than down
    ends = [(-51.2390, -30.0640), (-51.2290, -30.0725)]
    streets = street_table(ends, [(0, 1)])
    height = node_heights(DATA / "poa_elev.tif", streets.lon, streets.lat)
    length = GEOD.inv(*ends[0], *ends[1])[2]
    climb = slopes(streets, height)
    assert climb.slope[0] == pytest.approx((height[1] - height[0]) / length)
    assert climb.slope[0] > 0.02
    assert climb.forward[0] > climb.backward[0]


@pytest.mark.parametrize(("mode", "kmh"), [("walk", 4.0), ("bike", 12.0)])
@pytest.mark.skipif(not (DATA / "poa_elev.tif").exists(), reason="the Porto Alegre height model is not here")
def test_streets_of_porto_alegre_take_as_long_as_heights_at_their_ends_say(mode, kmh):
    """By rasterio's own cells and Tobler's formula, for streets of 50 m and more, level beyond them."""
    network = lc.read_streets(DATA / "poa.osm.pbf", mode=mode, speed_kmh=kmh, elevation=DATA / "poa_elev.tif")
    with rasterio.open(DATA / "poa_elev.tif") as raster:
        column, row = ~raster.transform * (network.node_lon, network.node_lat)
        cells = raster.read(1).astype(float)
    # between the middles of the four cells around a node
    x, y = (
        np.clip(column - 0.5, 0, cells.shape[1] - 1 - 1e-9),
        np.clip(row - 0.5, 0, cells.shape[0] - 1 - 1e-9),
    )
    i, j, a, b = y.astype(int), x.astype(int), y % 1, x % 1
    height = (cells[i, j] * (1 - b) + cells[i, j + 1] * b) * (1 - a)
    height += (cells[i + 1, j] * (1 - b) + cells[i + 1, j + 1] * b) * a
    metres = network.length_mm / 1000
    rise = (height[network.v] - height[network.u]) / np.maximum(metres, 0.001)
    beyond = (np.abs(x - column + 0.5) > 1) | (np.abs(y - row + 0.5) > 1)
    unknown = beyond[network.u] | beyond[network.v]
    # bridges rise evenly from end to end, whatever lies below
    streets = read_streets(DATA / "poa.osm.pbf", mode=mode)
    on_bridges = np.concatenate([end[streets.bridge] for end in (streets.u, streets.v)])
    bridged = np.isin(network.node_id, streets.node_id[on_bridges])
    asked = (metres >= 50) & ~bridged[network.u] & ~bridged[network.v]
    assert (asked & ~unknown).sum() > 1000
    for cost, slope in ((network.cost_forward, rise), (network.cost_backward, -rise)):
        slower = np.exp(-3.5 * 0.05) / np.exp(-3.5 * np.abs(slope + 0.05))
        ms = metres / (kmh / 3.6) * np.where(unknown, 1, slower) * 1000
        # lengths are whole millimetres: a steep street of 100 m is known to two milliseconds
        assert np.abs(cost - ms)[asked & (cost >= 0)].max() < 3
