"""What small studies written for tests share: a place, streets cut at every crossing, their file's text."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString

from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)
"""Metres east and north of a point in the plain."""

_STUDY = """
[study]
name = "{name}"
plans = ["own.toml"]
language = "en"
as_of = 2025-06-30

[area]
communities = "communities.gpkg"

[streets]
source = "streets.gpkg"
"""


def study_text(name, *tables):
    """A study of communities.gpkg and streets.gpkg under own.toml, and its further tables."""
    return _STUDY.format(name=name) + "".join(tables)


def lattice(x, y):
    """Straight streets at these metres east and north, from the first to the last, cut at every crossing."""
    lines = [LineString([(tick, y[0]), (tick, y[-1])]) for tick in x]
    lines += [LineString([(x[0], tick), (x[-1], tick)]) for tick in y]
    return list(shapely.get_parts(shapely.node(shapely.multilinestrings(lines))))


def write_layer(file, shapes, **columns):
    """Shapes in metres, written in degrees."""
    gpd.GeoDataFrame(columns, geometry=np.asarray(shapes, dtype=object), crs=CRS).to_crs(4326).to_file(file)


def write_two_communities(folder):
    """Two communities of 1 km side by side (1200 and 800 people), and streets every 250 m around them."""
    write_layer(
        folder / "communities.gpkg",
        [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001002"],
        name=["甲社区", "乙社区"],
        population=[1200, 800],
    )
    ticks = np.arange(-2000, 4001, 250.0)
    write_layer(folder / "streets.gpkg", lattice(ticks, ticks))
