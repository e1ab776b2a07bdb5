"""People from rasters, points and columns: every one of them kept."""

from __future__ import annotations

import dataclasses
import zipfile
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import Affine
from shapely import LineString, Point, box
from shared_data import DATA

from lifecircle.errors import InputError
from lifecircle.sources import street_pieces as street_pieces_module
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.containment import disjoint, owner_of
from lifecircle.sources.files import split_people as split_people_module
from lifecircle.sources.files.raster import check_raster, people_raster
from lifecircle.sources.files.split_people import split_people
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.people_counts import PeopleSource, read_population
from lifecircle.sources.population import Homes, demand_points
from lifecircle.sources.street_pieces import street_pieces
from lifecircle.sources.streets.lines import line_streets
from lifecircle.study.sections import Population
from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)
NINE = np.arange(1.0, 10.0).reshape(3, 3)


def from_origin(west, north, width, height):
    """North-up cells; rasterio's own uses an operator that affine deprecates."""
    return Affine(width, 0.0, west, 0.0, -height, north)


def raster(path, values, *, size_m=100.0, west=0.0, north=300.0, crs=CRS, transform=None, **profile):
    """A GeoTIFF of the study's ground, 3 x 3 cells of 100 m by default."""
    rows, columns = values.shape
    profile = {"dtype": "float64", **profile}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        crs=None if crs is None else crs.to_wkt(),
        transform=transform or from_origin(west, north, size_m, size_m),
        **profile,
    ) as file:
        file.write(values.astype(profile["dtype"]), 1)
    return path


def towns(*shapes, codes=None, reported=None):
    """Placed communities."""
    count = len(shapes)
    return gpd.GeoDataFrame(
        {
            "code": codes or [f"c{number}" for number in range(count)],
            "inside": [True] * count,
            "reported": reported or [np.nan] * count,
        },
        geometry=list(shapes),
        crs=CRS,
    )


def ground(communities, *, reach_m=50.0):
    """The area judged: the communities' union."""
    outline = shapely.union_all(communities.geometry.to_numpy())
    return StudyArea(gpd.GeoDataFrame({"name": [""]}, geometry=[outline], crs=CRS), CRS, reach_m)


def streets(*lines):
    """Streets of the study's ground."""
    layer = gpd.GeoDataFrame(geometry=list(lines), crs=CRS).to_crs(4326)
    return line_streets(layer, mode="walk")


ONE_STREET = LineString([(0, 150), (300, 150)])


def demand(
    source,
    communities,
    *,
    homes=None,
    lines=(ONE_STREET,),
    origin="population",
    log=None,
    reach_m=50.0,
    **further,
):
    """Demand of a small study."""
    area = ground(communities, reach_m=reach_m)
    log = log or ReadingLog()
    table = streets(*lines) if isinstance(lines, tuple) else line_streets(lines.to_crs(4326), mode="walk")
    return demand_points(source, communities, homes, table, area=area, log=log, origin=origin, **further)


def from_raster(path, communities, **options):
    """Demand of a raster."""
    log = options.pop("log", None) or ReadingLog()
    source = read_population(Population(raster=path), log)
    return demand(source, communities, log=log, **options)


# --- rasters by hand


def test_a_community_on_half_the_cells_has_half_the_people(tmp_path):
    """Left 150 m of 3 columns: all of column 1 (1+4+7) and half of column 2 (2+5+8)."""
    path = raster(tmp_path / "p.tif", NINE)
    result = from_raster(path, towns(box(0, 0, 150, 300), box(150, 0, 300, 300)))
    assert result.population.tolist() == pytest.approx([12 + 7.5, 18 + 7.5], abs=1e-5)
    assert result.points["residents"].sum() == pytest.approx(45, abs=1e-5)


def test_a_piece_of_a_cell_is_put_in_its_own_middle(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    points = from_raster(path, towns(box(0, 0, 150, 300))).points
    inside = points[points["community"] == "c0"]
    places = {
        (round(place.x), round(place.y)): people
        for place, people in zip(inside.geometry, inside["residents"], strict=True)
    }
    assert places[50, 250] == pytest.approx(1)
    assert places[125, 250] == pytest.approx(1.0, abs=1e-6)
    assert len(places) == 6


def test_the_people_of_a_ring_stand_on_the_ring_and_not_in_its_hole(tmp_path):
    ring = box(0, 0, 300, 300).difference(box(20, 20, 280, 280))
    path = raster(tmp_path / "p.tif", np.array([[9.0]]), size_m=300)
    points = from_raster(path, towns(ring)).points
    (place,) = points.loc[points["community"] == "c0", "geometry"]
    assert ring.covers(place)


def test_people_within_reach_of_the_boundary_compete_and_are_not_judged(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    result = from_raster(path, towns(box(0, 0, 100, 300)), reach_m=100)
    outside = result.points[result.points["community"] == ""]
    assert not outside["inside"].any()
    assert outside["residents"].sum() == pytest.approx(15, abs=0.2)
    assert result.population.tolist() == pytest.approx([12])


def test_people_of_an_overlap_count_once_for_the_smaller_code(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    result = from_raster(path, towns(box(0, 0, 200, 300), box(100, 0, 300, 300)))
    assert result.population.tolist() == pytest.approx([27, 18], abs=1e-5)


@pytest.mark.parametrize(
    ("bad", "profile"),
    [
        (-99999.0, {}),
        (-99999.0, {"nodata": -99999.0}),
        (np.nan, {}),
        (np.nan, {"nodata": np.nan}),
        (0.0, {"nodata": 0.0}),
        (-200.0, {"nodata": -200.0, "dtype": "float32"}),
    ],
)
def test_cells_without_data_hold_nobody_however_they_are_marked(tmp_path, bad, profile):
    values = NINE.copy()
    values[0, 0] = bad
    log = ReadingLog()
    path = raster(tmp_path / "p.tif", values, **profile)
    result = from_raster(path, towns(box(0, 0, 300, 300)), log=log)
    assert result.population.tolist() == pytest.approx([44])
    guessed = log.quality()["remark"].eq("raster-nodata-guessed").sum()
    assert guessed == (1 if bad == -99999.0 and not profile else 0)


def test_a_scaled_band_is_multiplied_out(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    with rasterio.open(path, "r+") as file:
        file.scales = (10.0,)
    assert from_raster(path, towns(box(0, 0, 300, 300))).population.tolist() == pytest.approx([450])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": np.where(NINE < 3, -NINE, NINE)}, "2 cells are negative (for example -2)"),
        ({"values": np.where(NINE < 3, np.inf, NINE)}, "2 cells are infinite"),
        ({"values": NINE * 0}, "nobody lives in the communities judged"),
        ({"crs": None}, "the raster has no coordinate system"),
        ({"transform": Affine(100, 5, 0, 5, -100, 300)}, "the raster is rotated"),
        ({"west": 1e5}, "does not cover the study area"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_cannot_be_a_population_grid_is_refused(tmp_path, change, words):
    values = change.pop("values", NINE)
    path = raster(tmp_path / "p.tif", values, **change)
    with pytest.raises(InputError) as caught:
        from_raster(path, towns(box(0, 0, 300, 300)))
    assert f"{path}" in str(caught.value)
    assert words in str(caught.value)


def test_a_truncated_raster_is_refused(tmp_path):
    path = raster(tmp_path / "p.tif", np.random.default_rng(0).random((300, 300)), size_m=1.0)
    path.write_bytes(path.read_bytes()[:300_000])
    with pytest.raises(InputError, match=r"p\.tif: cannot be read as a GeoTIFF"):
        from_raster(path, towns(box(0, 0, 300, 300)))


def test_a_virtual_raster_called_tif_is_refused(tmp_path):
    (tmp_path / "p.tif").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>")
    with pytest.raises(InputError, match=r"p\.tif: does not begin like a \.tif file"):
        check_raster(tmp_path / "p.tif", ReadingLog())


def test_a_huge_raster_is_read_only_where_the_study_lies(tmp_path):
    """40,000 x 40,000 sparse cells are 12.8 GB; the study needs 12 of them."""
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=40_000, height=40_000, count=1, dtype="float64", crs=CRS.to_wkt(),
        transform=from_origin(-2e6, 2e6, 100, 100), tiled=True, sparse_ok=True,
    ) as file:  # fmt: skip
        file.write(NINE, 1, window=rasterio.windows.Window(20_000, 19_997, 3, 3))
    assert from_raster(path, towns(box(0, 0, 300, 300))).population.tolist() == pytest.approx([45])


def test_a_raster_too_fine_for_memory_is_refused(tmp_path):
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=20_000, height=20_000, count=1, dtype="uint8", crs=CRS.to_wkt(),
        transform=from_origin(0, 300, 0.015, 0.015), tiled=True, sparse_ok=True,
    ):  # fmt: skip
        pass
    with pytest.raises(InputError, match="cells over the study area, more than 60,000,000"):
        from_raster(path, towns(box(0, 0, 300, 300)))


def test_a_raster_of_densities_is_suspected(tmp_path):
    log = ReadingLog()
    from_raster(raster(tmp_path / "p.tif", NINE * 10_000), towns(box(0, 0, 300, 300)), log=log)
    assert "raster-dense" in set(log.quality()["remark"])


def test_a_cohort_raster_of_the_same_cells_counts_with_the_same_shares(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    old = raster(tmp_path / "old.tif", NINE / 10)
    source = read_population(Population(raster=path, cohorts={"over60": str(old)}), ReadingLog())
    result = demand(source, towns(box(0, 0, 150, 300), box(150, 0, 300, 300)))
    over60 = result.points.groupby("community")["over60"].sum()
    assert over60[["c0", "c1"]].tolist() == pytest.approx([1.95, 2.55], abs=1e-6)


def test_a_cohort_raster_of_other_cells_is_refused(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    old = raster(tmp_path / "old.tif", NINE, west=30)
    source = read_population(Population(raster=path, cohorts={"over60": str(old)}), ReadingLog())
    with pytest.raises(InputError, match="its cells are not those of"):
        demand(source, towns(box(0, 0, 300, 300)))


# --- rasters against a naive second implementation


def naive_people(values, transform, shapes):
    """Sum over cells of people times the share of the cell's area, one cell at a time."""
    sums = np.zeros(len(shapes))
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            west, north = transform.c + column * transform.a, transform.f + row * transform.e
            east, south = west + transform.a, north + transform.e
            cell = box(west, south, east, north)
            for number, shape in enumerate(shapes):
                sums[number] += values[row, column] * cell.intersection(shape).area / cell.area
    return sums


def test_odd_polygons_get_what_a_loop_over_cells_gives_them(tmp_path):
    rng = np.random.default_rng(7)
    values = rng.integers(0, 500, (12, 15)).astype(float)
    path = raster(tmp_path / "p.tif", values, size_m=30, north=360)
    shapes = disjoint(shapely.buffer(shapely.points(rng.uniform(60, 330, (6, 2))), rng.uniform(20, 90, 6)))
    zones = gpd.GeoDataFrame(geometry=shapes, crs=CRS)
    grid = people_raster(path, box(0, 0, 450, 360), CRS, ReadingLog())
    pieces = split_people(grid, zones)
    result = pieces.groupby("zone")["people"].sum().reindex(range(6), fill_value=0.0)
    expected = naive_people(values, from_origin(0, 360, 30, 30), shapes)
    assert result.to_numpy() == pytest.approx(expected, rel=1e-5, abs=1e-3)


@pytest.mark.skipif(not (DATA / "accessmod_demo").is_dir(), reason="no shared data beside the repository")
def test_accessmods_103310_people_are_kept_in_an_old_datum(tmp_path):
    """Spearfish in NAD27 / UTM 13N: the polygons go to the raster, never the raster to them."""
    inner = "demo/base/population__demo/population__demo.GeoTIFF"
    with zipfile.ZipFile(DATA / "accessmod_demo" / "accessmod_demo.zip") as archive:
        (tmp_path / "population.geotiff").write_bytes(archive.read(inner))
    path = tmp_path / "population.geotiff"
    with rasterio.open(path) as file:
        outline = gpd.GeoSeries([box(*file.bounds)], crs=file.crs).to_crs(4326)
    crs = local_crs(*outline.iloc[0].centroid.coords[0])
    west, south, east, north = outline.to_crs(crs).total_bounds
    lines_x, lines_y = np.linspace(west - 99, east + 99, 6), np.linspace(south - 99, north + 99, 5)
    cells = [box(x0, y0, x1, y1) for x0, x1 in pairwise(lines_x) for y0, y1 in pairwise(lines_y)]
    zones = gpd.GeoDataFrame(geometry=cells, crs=crs)
    log = ReadingLog()
    check_raster(path, log)
    grid = people_raster(path, shapely.union_all(cells), crs, log)
    assert grid.people.sum() == pytest.approx(103_310, abs=1)
    assert split_people(grid, zones)["people"].sum() == pytest.approx(grid.people.sum(), abs=0.5)


# --- points


def test_points_go_to_their_community_and_those_outside_are_counted(tmp_path):
    (tmp_path / "p.gpkg").unlink(missing_ok=True)
    layer = gpd.GeoDataFrame(
        {"population": ["１２", "1,000", "7", None, "5"]},
        geometry=[Point(50, 50), Point(250, 50), Point(330, 50), Point(10, 10), Point(9000, 0)],
        crs=CRS,
    )
    layer.to_crs(4326).to_file(tmp_path / "p.gpkg")
    log = ReadingLog()
    source = read_population(Population(points=tmp_path / "p.gpkg"), log)
    result = demand(source, towns(box(0, 0, 150, 300), box(150, 0, 300, 300)), log=log)
    assert result.population.tolist() == [12, 1000]
    assert result.points["residents"].tolist() == [7, 12, 1000]
    quality = log.quality().set_index("remark")
    assert quality.loc["residents-unknown", "count"] == 1
    assert quality.loc["points-beyond-reach", "value"] == "5"
    assert quality.loc["people-outside", "value"] == "7"


def test_negative_people_are_refused_with_their_row(tmp_path):
    (tmp_path / "p.csv").write_text("lon,lat,pop\n114.5,38,3\n114.5,38,-4\n", encoding="utf-8")
    log = ReadingLog()
    read_population(Population(points=tmp_path / "p.csv", column="pop"), log)
    with pytest.raises(InputError, match=r"p\.csv, row 3, pop: is negative: -4\.0"):
        log.raise_if_any()


def test_zero_population_names_the_file(tmp_path):
    (tmp_path / "p.csv").write_text("lon,lat,population\n114.5,38,0\n", encoding="utf-8")
    source = read_population(Population(points=tmp_path / "p.csv"), ReadingLog())
    with pytest.raises(InputError, match=r"p\.csv, population: nobody lives in the communities judged"):
        demand(source, towns(box(-50, -50, 300, 300)))


def test_a_point_on_the_border_of_two_communities_goes_to_the_smaller_code():
    areas = towns(box(0, 0, 100, 100), box(100, 0, 200, 100))
    assert owner_of(shapely.points([[100, 50], [150, 50], [500, 50]]), areas).tolist() == [0, 1, -1]


@pytest.mark.skipif(not (DATA / "helsinki").is_dir(), reason="no shared data beside the repository")
def test_helsinkis_grid_of_polygons_keeps_every_resident():
    path = DATA / "helsinki" / "helsinki_pop_grid.gpkg"
    layer = gpd.read_file(path)
    log = ReadingLog()
    source = read_population(Population(points=path), log)
    assert source.points["residents"].sum() == layer["population"].sum()
    assert log.quality()["remark"].tolist() == ["areas-as-points"]


# --- the communities' own column


def homes(*shapes, floor_area_m2, dwellings=None, declared=True):
    """Residential buildings."""
    count = len(shapes)
    buildings = gpd.GeoDataFrame(
        {
            "floor_area_m2": np.array(floor_area_m2, float),
            "dwellings": np.array(dwellings or [1] * count, float),
        },
        geometry=list(shapes),
        crs=CRS,
    )
    return Homes(buildings, declared)


def test_people_are_spread_over_buildings_by_floor_area():
    buildings = homes(box(0, 0, 10, 10), box(50, 50, 60, 60), floor_area_m2=[100, 300], dwellings=[2, 6])
    result = demand(PeopleSource(), towns(box(0, 0, 150, 300), reported=[1000.0]), homes=buildings)
    assert result.points["residents"].tolist() == [250, 750]
    assert result.points["dwellings"].tolist() == [2, 6]
    assert set(result.points["origin"]) == {"building"}


def test_a_community_without_dwellings_is_spread_over_its_streets_by_length():
    """The street runs 100 m in the first community and 200 m in the second."""
    areas = towns(box(0, 0, 100, 300), box(100, 0, 300, 300), reported=[10.0, 50.0])
    log = ReadingLog()
    result = demand(PeopleSource(), areas, homes=homes(box(0, 0, 10, 10), floor_area_m2=[100]), log=log)
    by_town = result.points.groupby("community")
    assert by_town["residents"].sum().tolist() == pytest.approx([10, 50], abs=1e-9)
    assert by_town["origin"].first().tolist() == ["building", "street"]
    on_street = result.points[result.points["origin"] == "street"]
    assert on_street.distance(ONE_STREET).max() < 0.01
    assert on_street["residents"].tolist() == pytest.approx([25, 25], rel=1e-2)


def test_a_community_without_streets_is_put_in_its_middle():
    result = demand(PeopleSource(), towns(box(0, 200, 100, 300), reported=[10.0]))
    assert result.points["origin"].tolist() == ["centroid"]
    assert result.points.geometry.iloc[0].equals(Point(50, 250))


@pytest.mark.parametrize("origin", ["buildings", "streets", "centroid"])
def test_a_study_may_ask_for_another_origin_and_keeps_the_rasters_total(tmp_path, origin):
    path = raster(tmp_path / "p.tif", NINE)
    buildings = homes(box(10, 10, 20, 20), floor_area_m2=[100])
    result = from_raster(path, towns(box(0, 0, 300, 300)), homes=buildings, origin=origin)
    peopled = result.points[result.points["residents"] > 0]
    assert set(peopled["origin"]) == {origin.removesuffix("s")}
    assert peopled["residents"].sum() == pytest.approx(45)


def test_an_unknown_population_stays_unknown_and_is_never_zero():
    areas = towns(box(0, 0, 150, 300), box(150, 0, 300, 300), reported=[10.0, np.nan])
    log = ReadingLog()
    result = demand(PeopleSource(), areas, log=log)
    assert result.population.tolist()[0] == 10
    assert np.isnan(result.population.tolist()[1])
    assert log.quality().set_index("remark").loc["population-unknown", "count"] == 1


def test_without_any_population_metres_of_street_stand_in_and_nobody_is_counted():
    log = ReadingLog()
    result = demand(PeopleSource(), towns(box(0, 0, 100, 300), box(100, 0, 300, 300)), log=log)
    assert not result.people_known
    assert result.population.isna().all()
    assert result.points["residents"].isna().all()
    assert result.points.groupby("community")["weight"].sum().tolist() == pytest.approx([100, 200], rel=1e-2)
    assert result.placement.tolist() == ["street", "street"]
    remarks = log.quality().set_index("remark")
    assert remarks.index.tolist() == ["no-population", "weighed-by-street"]
    assert remarks.loc["weighed-by-street", "count"] == 2


def test_floor_area_stands_in_for_people_whom_nobody_counted():
    buildings = homes(box(0, 0, 10, 10), box(50, 50, 60, 60), floor_area_m2=[100, 300], dwellings=[2, 6])
    result = demand(PeopleSource(), towns(box(0, 0, 150, 300)), homes=buildings)
    assert result.points["residents"].isna().all()
    assert result.points["weight"].tolist() == [100, 300]
    assert result.placement.tolist() == ["building"]


def test_where_one_community_is_unknown_it_has_weights_and_the_other_its_people():
    areas = towns(box(0, 0, 100, 300), box(100, 0, 300, 300), reported=[10.0, np.nan])
    log = ReadingLog()
    points = demand(PeopleSource(), areas, log=log).points.groupby("community")
    assert points["residents"].sum(min_count=1).tolist() == pytest.approx([10, np.nan], nan_ok=True)
    assert points["weight"].sum(min_count=1).tolist() == pytest.approx([np.nan, 200], rel=1e-2, nan_ok=True)
    assert {"spread-over-street", "weighed-by-street", "population-unknown"} <= set(log.quality()["remark"])


def test_ground_without_homes_and_streets_has_nobody_unless_somebody_is_counted_there():
    areas = towns(
        box(0, 0, 300, 300), box(0, 400, 300, 700), box(0, 800, 300, 900), reported=[9.0, np.nan, 4.0]
    )
    log = ReadingLog()
    result = demand(PeopleSource(), areas, log=log)
    assert result.placement.tolist() == ["street", "", "centroid"]
    assert set(result.points["community"]) == {"c0", "c2"}
    assert log.quality().set_index("remark").loc["ground-empty", "count"] == 1


# --- streets by class


def classed(**classes):
    """Streets with the class of each."""
    return gpd.GeoDataFrame({"highway": list(classes)}, geometry=list(classes.values()), crs=CRS)


def test_people_live_along_residential_streets_and_not_along_tracks_paths_and_trunks():
    lines = classed(
        residential=LineString([(0, 50), (100, 50)]),
        service=LineString([(0, 150), (100, 150)]),
        footway=LineString([(0, 250), (100, 250)]),
        track=LineString([(0, 350), (100, 350)]),
    )
    result = demand(PeopleSource(), towns(box(0, 0, 100, 400), reported=[100.0]), lines=lines).points
    by_row = result.groupby(result.geometry.y.round())["residents"].sum()
    assert by_row.to_dict() == {50.0: pytest.approx(80, rel=1e-3), 150.0: pytest.approx(20, rel=1e-3)}


def test_a_study_changes_the_weight_of_a_class():
    lines = classed(residential=LineString([(0, 50), (100, 50)]), service=LineString([(0, 150), (100, 150)]))
    town = towns(box(0, 0, 100, 400), reported=[100.0])
    result = demand(PeopleSource(), town, lines=lines, street_weights={"service": 3.0}).points
    by_row = result.groupby(result.geometry.y.round())["residents"].sum()
    assert by_row[150.0] == pytest.approx(75, rel=1e-3)


def test_nobody_lives_on_a_bridge():
    lines = gpd.GeoDataFrame(
        {"highway": ["residential", "residential"], "bridge": ["no", "yes"]},
        geometry=[LineString([(0, 50), (100, 50)]), LineString([(0, 150), (100, 150)])],
        crs=CRS,
    )
    result = demand(PeopleSource(), towns(box(0, 0, 100, 400), reported=[100.0]), lines=lines).points
    assert set(result.geometry.y.round()) == {50.0}
    assert result["residents"].sum() == pytest.approx(100)


def test_a_village_of_tracks_alone_keeps_its_people_on_them():
    lines = classed(track=LineString([(0, 50), (100, 50)]))
    result = demand(PeopleSource(), towns(box(0, 0, 100, 400), reported=[100.0]), lines=lines)
    assert result.points["residents"].sum() == pytest.approx(100)
    assert result.placement.tolist() == ["street"]


# --- buildings that merely happen to be mapped


@pytest.mark.parametrize(
    ("houses", "placement"), [(6, "building"), (3, "building"), (2, "street"), (0, "street")]
)
def test_mapped_buildings_place_people_where_half_of_the_residential_streets_have_them(houses, placement):
    """A street of six squares, with a house each in the first so many of them."""
    lines = classed(residential=LineString([(0, 50), (600, 50)]))
    shapes = [box(x, 20, x + 10, 30) for x in range(40, 40 + 100 * houses, 100)]
    buildings = homes(*shapes, floor_area_m2=[100] * len(shapes), declared=False)
    log = ReadingLog()
    result = demand(
        PeopleSource(), towns(box(0, 0, 600, 100), reported=[60.0]), homes=buildings, lines=lines, log=log
    )
    assert result.placement.tolist() == [placement]
    assert result.points["residents"].sum() == pytest.approx(60)
    assert "dwellings" not in result.points
    assert ("buildings-sparse" in set(log.quality()["remark"])) == (placement == "street" and houses > 0)


def test_streets_on_which_few_people_live_ask_for_no_buildings():
    """One square of a residential street with a house; five of a service road without."""
    lines = classed(residential=LineString([(0, 50), (100, 50)]), service=LineString([(100, 50), (600, 50)]))
    house = homes(box(40, 20, 50, 30), floor_area_m2=[100], declared=False)
    result = demand(PeopleSource(), towns(box(0, 0, 600, 100), reported=[60.0]), homes=house, lines=lines)
    assert result.placement.tolist() == ["building"]


def test_the_column_is_set_beside_the_raster_and_not_used(tmp_path):
    log = ReadingLog()
    path = raster(tmp_path / "p.tif", NINE)
    result = from_raster(path, towns(box(0, 0, 300, 300), reported=[50.0]), log=log)
    assert result.population.tolist() == pytest.approx([45])
    row = log.quality().set_index("remark").loc["column-differs"]
    assert (row["item"], row["value"], row["severity"]) == ("50", "-10.0%", "warning")


def test_dwellings_stand_beside_people_who_were_counted_elsewhere(tmp_path):
    path = raster(tmp_path / "p.tif", NINE)
    buildings = homes(box(10, 10, 20, 20), floor_area_m2=[100], dwellings=[30])
    points = from_raster(path, towns(box(0, 0, 300, 300)), homes=buildings).points
    assert points["residents"].sum() == pytest.approx(45)
    assert points["dwellings"].sum() == 30
    assert points.loc[points["dwellings"] > 0, "residents"].tolist() == [0]


def test_demand_does_not_depend_on_the_order_of_points(tmp_path):
    layer = gpd.GeoDataFrame(
        {"population": [1, 2, 3]}, geometry=[Point(50, 50), Point(250, 50), Point(60, 60)], crs=CRS
    ).to_crs(4326)
    tables = []
    for name, rows in (("a", [0, 1, 2]), ("b", [2, 0, 1])):
        layer.iloc[rows].to_file(tmp_path / f"{name}.gpkg")
        source = read_population(Population(points=tmp_path / f"{name}.gpkg"), ReadingLog())
        tables.append(demand(source, towns(box(0, 0, 300, 300))).points)
    pd.testing.assert_frame_equal(*[table.drop(columns="geometry") for table in tables])


@pytest.mark.parametrize("seed", range(5))
def test_pieces_of_long_streets_belong_where_each_of_their_middles_lies(seed):
    """Streets of 0 to 900 m over ragged areas with gaps and overlaps, each piece asked for by itself."""
    rng = np.random.default_rng(seed)
    seeds = rng.uniform(0, 1000, (12, 2))
    areas = gpd.GeoDataFrame(geometry=[Point(at).buffer(rng.uniform(60, 220), 3) for at in seeds], crs=CRS)
    ends = rng.uniform(0, 1000, (60, 2, 2))
    lines = gpd.GeoDataFrame(geometry=[LineString(one) for one in ends], crs=CRS).to_crs(4326)
    pieces = street_pieces(line_streets(lines, mode="walk"), areas, CRS)
    middles = shapely.points(pieces[["x", "y"]].to_numpy())
    assert pieces["owner"].tolist() == owner_of(middles, areas).tolist()
    assert (pieces["weight"] <= 1).sum() > 1000, "streets that leave an area are cut fine"


@pytest.mark.parametrize("at_once", [1, 500, 7_000])
def test_pieces_of_streets_are_the_same_however_many_are_looked_at_together(at_once, monkeypatch):
    rng = np.random.default_rng(5)
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 300, 900), box(300, 0, 700, 900)], crs=CRS)
    lines = gpd.GeoDataFrame(
        geometry=[LineString(one) for one in rng.uniform(0, 900, (40, 2, 2))], crs=CRS
    ).to_crs(4326)
    streets = line_streets(lines, mode="walk")
    expected = street_pieces(streets, areas, CRS)
    assert len(expected) > 7_000
    monkeypatch.setattr(street_pieces_module, "_PIECES_AT_ONCE", at_once)
    pd.testing.assert_frame_equal(street_pieces(streets, areas, CRS), expected)


def test_streets_that_would_be_cut_into_too_many_pieces_are_refused(monkeypatch):
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=CRS)
    lines = gpd.GeoDataFrame(geometry=[LineString([(0, 50), (200, 50)])], crs=CRS).to_crs(4326)
    streets = dataclasses.replace(line_streets(lines, mode="walk"), source="streets.gpkg")
    monkeypatch.setattr(street_pieces_module, "_MOST_PIECES", 199)
    with pytest.raises(InputError) as refused:
        street_pieces(streets, areas, CRS)
    (fault,) = refused.value.faults
    assert (fault.key, fault.file) == ("streets-in-pieces", "streets.gpkg")
    # as many as there are may be
    monkeypatch.setattr(street_pieces_module, "_MOST_PIECES", 201)
    assert street_pieces(streets, areas, CRS)["weight"].sum() == pytest.approx(200, abs=0.1)


def test_borders_that_lead_through_too_many_cells_are_refused_with_the_rasters_name(tmp_path, monkeypatch):
    path = raster(tmp_path / "p.tif", np.ones((10, 10)), size_m=30, north=300)
    # a comb of 50 teeth, each through all ten rows and back: about 1,000 cells
    teeth = [(5 + 6 * at, y) for at in range(49) for y in ((10, 290) if at % 2 else (290, 10))]
    comb = shapely.Polygon([*teeth, (295, 1), (5, 1)]).buffer(0)
    zones = gpd.GeoDataFrame(geometry=[comb], crs=CRS)
    grid = people_raster(path, box(0, 0, 300, 300), CRS, ReadingLog())
    expected = naive_people(np.ones((10, 10)), from_origin(0, 300, 30, 30), [comb])[0]
    assert split_people(grid, zones)["people"].sum() == pytest.approx(expected, rel=1e-4)
    monkeypatch.setattr(split_people_module, "_MOST_BORDER_CELLS", 300)
    with pytest.raises(InputError) as refused:
        split_people(grid, zones, file="people.tif")
    (fault,) = refused.value.faults
    assert (fault.key, fault.file) == ("cells-at-borders", "people.tif")
