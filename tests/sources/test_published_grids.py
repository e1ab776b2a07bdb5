"""Population grids as GHS-POP, WorldPop and a census in Albers publish them, rebuilt in small.

The real ones are too large to be kept here. What matters of each is rebuilt: its projection, its cell, its
data type and what it writes where nobody is counted.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from own_plans import circle, own_plan
from rasterio.transform import Affine
from shapely import box
from small_study import CRS, study_text, write_two_communities

import lifecircle as lc
from lifecircle.errors import InputError

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +ellps=krass +units=m +no_defs"
"""Krasovsky_1940_Albers, in which grids of the Chinese census are handed on: an ellipsoid without a datum."""

GRIDS = {
    "GHS-POP": {"crs": "ESRI:54009", "cell": 100.0, "dtype": "float64", "nodata": -200.0},
    "GHS-POP in degrees": {"crs": "EPSG:4326", "cell": 3 / 3600, "dtype": "float64", "nodata": -200.0},
    "WorldPop": {"crs": "EPSG:4326", "cell": 3 / 3600, "dtype": "float32", "nodata": -99999.0},
    "WorldPop of 1 km": {"crs": "EPSG:4326", "cell": 30 / 3600, "dtype": "float32", "nodata": -99999.0},
    "a census in Albers": {"crs": ALBERS, "cell": 100.0, "dtype": "int32", "nodata": -2147483648},
}


@pytest.fixture
def city(tmp_path):
    """Two communities of a square kilometre that name no population, and a grid for them."""
    write_two_communities(tmp_path)
    (tmp_path / "own.toml").write_text(own_plan(circle("own-circle", "library")), encoding="utf-8")
    raster = '\n[population]\nraster = "people.tif"\n'
    (tmp_path / "study.toml").write_text(study_text("城", raster), encoding="utf-8")
    return tmp_path


def write_grid(folder, *, crs, cell, dtype, nodata, seed=3, nobody=0.3, declared=True, density=False):
    """A grid on its own even cells around the city, part of them without data: its cells and their people."""
    ground = gpd.GeoSeries([box(-1500, -1500, 3500, 2500)], crs=CRS).to_crs(crs)
    west, south, east, north = np.round(ground.total_bounds / cell).astype(int)
    shape = (north - south, east - west)
    rng = np.random.default_rng(seed)
    km2 = (cell / 1000 if cell > 1 else cell * 100) ** 2
    people = rng.gamma(1.2, 2000 * (1.0 if density else km2), shape).astype(dtype)
    people[rng.random(shape) < nobody] = nodata
    with rasterio.open(
        folder / "people.tif", "w", driver="GTiff", height=shape[0], width=shape[1], count=1, dtype=dtype,
        crs=crs, transform=Affine(cell, 0, west * cell, 0, -cell, north * cell), compress="deflate",
        nodata=nodata if declared else None,
    ) as file:  # fmt: skip
        file.write(people, 1)
    rows, columns = np.indices(shape)
    x, y = (west + columns.ravel()) * cell, (north - rows.ravel()) * cell
    cells = gpd.GeoSeries(shapely.box(x, y - cell, x + cell, y), crs=crs)
    return cells, np.where(people == nodata, 0, people).ravel().astype(float)


def by_hand(folder, cells, people):
    """Each community's share of every cell, one after the other, in the grid's own system."""
    shapes = gpd.read_file(folder / "communities.gpkg").to_crs(cells.crs)
    squares = cells.to_numpy()
    shares = (
        shapely.area(shapely.intersection(squares, shape)) / shapely.area(squares)
        for shape in shapes.geometry
    )
    return [float((share * people).sum()) for share in shares]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("name", GRIDS)
def test_every_person_of_a_published_grid_is_kept_where_the_cell_lies(city, name, declared):
    cells, people = write_grid(city, **GRIDS[name], declared=declared)
    inputs = lc.check(lc.Study.from_file(city / "study.toml"))
    expected = by_hand(city, cells, people)
    assert inputs.communities["population"].tolist() == pytest.approx(expected, rel=2e-3)
    assert inputs.demand["residents"].min() >= 0
    told = inputs.quality.set_index("remark")
    assert ("raster-nodata-guessed" in told.index) is (not declared)
    if not declared:
        assert float(told.loc["raster-nodata-guessed", "value"]) == pytest.approx(GRIDS[name]["nodata"])
    assert ("datum-unknown" in told.index) is (GRIDS[name]["crs"] == ALBERS)


@pytest.mark.parametrize("name", ["GHS-POP", "WorldPop"])
def test_a_partition_of_the_whole_grid_holds_its_whole_total(city, name):
    """Two halves that together are the grid: not a person more or fewer."""
    cells, people = write_grid(city, **GRIDS[name])
    west, south, east, north = cells.total_bounds
    middle = west + (east - west) * 0.37
    halves = gpd.GeoDataFrame(
        {"code": ["130102001001", "130102001002"], "name": ["甲", "乙"]},
        geometry=[box(west, south, middle, north), box(middle, south, east, north)],
        crs=cells.crs,
    )
    # Long straight edges bend when a system changes: corners every 100 m keep them where they are.
    fine = shapely.segmentize(halves.geometry.to_numpy(), (east - west) / 60)
    (city / "communities.gpkg").unlink()
    halves.set_geometry(gpd.GeoSeries(fine, crs=cells.crs)).to_file(city / "communities.gpkg")
    inputs = lc.check(lc.Study.from_file(city / "study.toml"))
    assert inputs.communities["population"].sum() == pytest.approx(people.sum(), rel=1e-4)
    assert inputs.demand["residents"].sum() == pytest.approx(people.sum(), rel=1e-4)


@pytest.mark.parametrize("name", ["GHS-POP", "WorldPop"])
def test_a_grid_of_densities_is_refused_beside_the_communities_own_figures(city, name):
    """The same product in people per km2 (WorldPop has both): a hundred times as many, were they counts."""
    cells, people = write_grid(city, **GRIDS[name], density=True)
    shapes = gpd.read_file(city / "communities.gpkg")
    km2 = shapes.to_crs(CRS).area / 1e6
    mean = by_hand(city, cells, people * cells.to_crs(CRS).area.to_numpy() / 1e6)
    (city / "communities.gpkg").unlink()
    shapes.assign(population=np.round(mean)).to_file(city / "communities.gpkg")
    with pytest.raises(InputError) as refused:
        lc.check(lc.Study.from_file(city / "study.toml"))
    [fault] = refused.value.faults
    assert fault.key == "raster-of-densities"
    assert fault.file.endswith("people.tif")
    assert sum(mean) / km2.sum() < 100_000


def test_counts_are_no_densities_and_differ_by_community_alone(city):
    """The grid's counts beside a column that is right in all and wrong in each: told, and not refused."""
    cells, people = write_grid(city, **GRIDS["WorldPop"])
    first, second = by_hand(city, cells, people)
    shapes = gpd.read_file(city / "communities.gpkg")
    (city / "communities.gpkg").unlink()
    shapes.assign(population=[round(first * 1.5), round(second + first - first * 1.5)]).to_file(
        city / "communities.gpkg"
    )
    told = lc.check(lc.Study.from_file(city / "study.toml")).quality
    rows = told[told["remark"] == "community-differs"]
    assert set(rows["item"]) == {"130102001001", "130102001002"}
    assert sorted(rows["count"]) == pytest.approx([-first / 2, first / 2], rel=0.01)
    assert told.set_index("remark").loc["column-agrees", "severity"] == "info"
