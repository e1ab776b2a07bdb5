"""Studies of real cities, read from ../shared/data; skipped with the reason where that folder is absent."""

import json
import textwrap
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from line_streets_alone import lines_alone
from own_plans import circle, own_plan, people_per_facility

import lifecircle as lc
from lifecircle.network import edges_frame

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def golden():
    """Figures that tests/golden/build_golden.py made by other means."""
    return lambda name: json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def pharmacy_walks(golden):
    """Walks to the nearest pharmacy of a city with golden figures: ours as a table, theirs in metres."""

    def od(city, streets):
        expected = golden(city)
        x, y = np.array(expected["points"]).T
        origins = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=4326)
        ids, lon, lat = np.array(expected["pharmacies"]).T
        places = gpd.points_from_xy(lon, lat)
        shops = gpd.GeoDataFrame(
            {"service": "pharmacy"}, index=ids.astype(np.int64), geometry=places, crs=4326
        )
        theirs = np.array([np.inf if value is None else value for value in expected["metres"]])
        ours = lc.nearest_facilities(streets, origins, shops, max_minutes=None)
        wide = lc.nearest_times(streets, origins, shops, max_minutes=None)["pharmacy"]
        return ours.assign(wide_minutes=wide.to_numpy()), theirs

    return od


@pytest.fixture(scope="session")
def circle_plan():
    """An own plan with one rule: a 15-minute circle of a service."""

    def written(service):
        return own_plan(circle("own-circle", service))

    return written


@pytest.fixture(scope="session")
def porto_alegre_study(shared, tmp_path_factory):
    """A study file for Porto Alegre: H3 resolution-7 communities, hexes as people, schools and clinics."""
    folder = tmp_path_factory.mktemp("porto_alegre")
    hexes = pd.read_csv(shared / "porto_alegre" / "poa_hexgrid.csv").fillna(0)
    hexes["code"] = [
        h3.latlng_to_cell(lat, lon, 7) for lat, lon in zip(hexes["lat"], hexes["lon"], strict=True)
    ]
    cells = sorted(set(hexes["code"]))
    outlines = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells]
    communities = gpd.GeoDataFrame(
        {"code": cells, "name": cells, "scope": "urban"}, geometry=outlines, crs=4326
    )
    communities.to_file(folder / "communities.gpkg")
    hexes[["id", "lon", "lat", "population"]].to_csv(folder / "people.csv", index=False)
    for service, column in (("school", "schools"), ("health-station", "healthcare")):
        hexes.loc[hexes[column] > 0, ["id", "lon", "lat"]].to_csv(folder / f"{service}.csv", index=False)
    (folder / "own-plan.toml").write_text(
        own_plan(
            circle("poa-school-circle", "school"),
            circle("poa-clinic-circle", "health-station"),
            people_per_facility("poa-clinic-per-20k", "health-station"),
        ),
        encoding="utf-8",
    )
    # the golden script knows lines alone: squares, gates and rules of joining have proofs of their own
    edges = edges_frame(lines_alone(shared / "porto_alegre" / "poa.osm.pbf"))
    edges[["name", "geometry"]].to_file(folder / "lines.gpkg", layer="lines")
    study = """
        [study]
        name = "Porto Alegre"
        plans = ["own-plan.toml"]
        language = "en"
        [area]
        communities = "communities.gpkg"
        [streets]
        source = "lines.gpkg"
        [population]
        points = "people.csv"
        column = "population"
        [[facilities]]
        source = "school.csv"
        service = "school"
        complete_for = ["school"]
        [[facilities]]
        source = "health-station.csv"
        service = "health-station"
        complete_for = ["health-station"]
    """
    path = folder / "study.toml"
    path.write_text(textwrap.dedent(study), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def porto_alegre_run(porto_alegre_study):
    """Porto Alegre, run once."""
    return lc.run(lc.Study.from_file(porto_alegre_study, allow_outside=True))
