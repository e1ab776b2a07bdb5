"""A study whose boundary crosses the meridian of 180 degrees: the same figures as anywhere else."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon

import lifecircle as lc

STEP = 0.002
LAT = -16.8


def wrap(lon):
    """A longitude as files hold it."""
    return lon - 360 if lon > 180 else lon


def town(folder, middle):
    """A lattice of 10 x 10 blocks about a meridian, its boundary, and two stations 1 km from the middle."""
    lines = []
    for row in range(-5, 6):
        for column in range(-5, 6):
            here = (middle + column * STEP, LAT + row * STEP)
            east, north = (here[0] + STEP, here[1]), (here[0], here[1] + STEP)
            lines += [(here, end) for end, inside in ((east, column < 5), (north, row < 5)) if inside]
    # what touches 180 degrees is written on the side where it lies
    drawn = [
        LineString([(x - 360, y) for x, y in line] if min(x for x, _ in line) >= 180 else line)
        for line in lines
    ]
    gpd.GeoDataFrame({"highway": ["residential"] * len(drawn)}, geometry=drawn, crs=4326).to_file(
        folder / "streets.gpkg"
    )
    halves = [shapely.box(middle - 0.01, LAT - 0.01, middle, LAT + 0.01)]
    halves.append(shapely.box(wrap(middle + 1e-9), LAT - 0.01, wrap(middle + 0.01), LAT + 0.01))
    if middle == 180:
        halves[1] = shapely.box(-180, LAT - 0.01, -179.99, LAT + 0.01)
    boundary = gpd.GeoDataFrame({"name": ["town"]}, geometry=[MultiPolygon(halves)], crs=4326)
    boundary.to_file(folder / "boundary.gpkg")
    stations = gpd.points_from_xy([middle - 0.009, wrap(middle + 0.009)], [LAT, LAT])
    gpd.GeoDataFrame(
        {"id": ["a", "b"], "service": ["health-station"] * 2}, geometry=stations, crs=4326
    ).to_file(folder / "stations.gpkg")
    (folder / "study.toml").write_text(
        f"""
        [study]
        name = "town"
        plans = ["wuhu-2021"]
        output = "results"
        [area]
        boundary = "boundary.gpkg"
        grid = "square:500m"
        [streets]
        source = "streets.gpkg"
        tolerance_m = {0.5 if middle == 180 else 0.01}
        [[facilities]]
        source = "stations.gpkg"
        service_column = "service"
        """,
        encoding="utf-8",
    )
    return lc.run(lc.Study.from_file(folder / "study.toml"))


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """The same town on 180 degrees and on 177 degrees, the middle of a zone as 180 is not."""
    folders = {middle: tmp_path_factory.mktemp(f"town{middle}") for middle in (180, 177)}
    return [(town(folder, middle), folder) for middle, folder in folders.items()]


def test_all_its_streets_and_people_are_read(towns):
    (across, _), (elsewhere, _) = towns
    assert len(across.inputs.streets) == len(elsewhere.inputs.streets) == 220
    middle = Transformer.from_crs(4326, across.inputs.crs, always_xy=True).transform(180.0, LAT)
    assert middle == pytest.approx((0, 0), abs=0.01)
    assert across.communities.area.sum() == pytest.approx(elsewhere.communities.area.sum(), rel=1e-4)
    reached = []
    for run, folder in towns:
        stations = gpd.read_file(folder / "stations.gpkg").set_index("id")
        people = run.inputs.demand.set_index("demand")
        minutes = lc.nearest_times(run.network, people, stations, max_minutes=None)["health-station"]
        assert np.isfinite(minutes).all()
        reached.append(minutes)
    assert reached[0].max() == pytest.approx(reached[1].max(), rel=0.05)
    assert abs(reached[0].median() / reached[1].median() - 1) < 0.05


def test_its_layers_are_parted_on_the_meridian(towns, tmp_path):
    towns[0][0].write(tmp_path / "results")
    for layer in ("communities", "circles"):
        table = gpd.read_file(tmp_path / "results" / "study.gpkg", layer=layer)
        parts = shapely.get_parts(table.geometry.to_numpy())
        bounds = shapely.bounds(parts[~shapely.is_empty(parts)])
        assert (bounds[:, 2] - bounds[:, 0]).max() < 0.1, layer
