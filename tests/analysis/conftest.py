"""A town on two banks of a river, small enough to be rebuilt for every question."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from own_plans import circle, own_plan, people_per_facility
from shapely import LineString, box
from small_study import CRS, lattice, study_text, write_layer

import lifecircle as lc

SIDE_M, STEP_M, RIVER_M = 1000.0, 200.0, 200.0
TICKS_M = np.arange(0, SIDE_M + 1, STEP_M)

STUDY = study_text(
    "Two banks",
    """
[population]
points = "people.csv"
column = "people"
cohorts = { over60 = "old" }

[[facilities]]
source = "ledger.csv"
service_column = "service"
complete_for = ["health-station", "school"]
""",
)

EAST_M = SIDE_M + RIVER_M


def write_town(folder, *, ledger, streets=()):
    """The town's files: people on every crossing, and facilities as ``id,service,x,y`` in metres."""
    homes = [box(0, 0, SIDE_M, SIDE_M), box(EAST_M, 0, EAST_M + SIDE_M, SIDE_M)]
    codes = ["130102001001", "130102001002"]
    write_layer(folder / "communities.gpkg", homes, code=codes, name=["West", "East"])
    banks = [*lattice(TICKS_M, TICKS_M), *lattice(EAST_M + TICKS_M, TICKS_M)]
    write_layer(folder / "streets.gpkg", [*banks, *streets])
    x, y = (axis.ravel() for axis in np.meshgrid(np.concatenate([TICKS_M, TICKS_M + EAST_M]), TICKS_M))
    # a metre inside, so that nobody lives on a border
    x = np.where(x % EAST_M == 0, x + 1, np.where(x % EAST_M == SIDE_M, x - 1, x))
    y = np.where(y == 0, 1, np.where(y == SIDE_M, SIDE_M - 1, y))
    places = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=CRS).to_crs(4326)
    rows = [f"{point.x:.9f},{point.y:.9f},{10 + number},{number % 4}" for number, point in enumerate(places)]
    (folder / "people.csv").write_text("\n".join(["lon,lat,people,old", *rows]), encoding="utf-8")
    lines = ["id,service,lon,lat"]
    for name, service, east, north in ledger:
        point = degrees(east, north)
        lines.append(f"{name},{service},{point.x:.12f},{point.y:.12f}")
    (folder / "ledger.csv").write_text("\n".join(lines), encoding="utf-8")
    rules = (
        circle("own-station-circle", "health-station", everywhere=True),
        circle("own-school-circle", "school", everywhere=True),
        circle(
            "own-elderly-circle",
            "health-station",
            everywhere=True,
            speed="elderly_speed_kmh",
            cohort="over60",
        ),
        people_per_facility("own-station-people", "health-station", scope="both"),
    )
    (folder / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def degrees(x, y):
    """A place of the town in degrees."""
    return gpd.GeoSeries([shapely.Point(x, y)], crs=CRS).to_crs(4326).iloc[0]


LEDGER = (
    ("A", "health-station", 200.0, 200.0),
    ("B", "health-station", 800.0, 800.0),
    ("C", "school", 400.0, 600.0),
    ("D", "school", EAST_M + 600.0, 400.0),
)


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """The town's study file."""
    return write_town(tmp_path_factory.mktemp("town"), ledger=LEDGER)


@pytest.fixture(scope="session")
def session(town):
    return lc.prepare(lc.Study.from_file(town))


@pytest.fixture
def read_town(tmp_path):
    """The town read from files with other facilities and streets."""

    def read(*, ledger=LEDGER, streets=()):
        return lc.prepare(lc.Study.from_file(write_town(tmp_path, ledger=ledger, streets=streets)))

    return read


@pytest.fixture
def town_lines():
    """Lines of the town, given in metres."""
    return lambda *lines: gpd.GeoSeries([LineString(line) for line in lines], crs=CRS)


@pytest.fixture
def town_place():
    return degrees
