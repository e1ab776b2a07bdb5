"""A study of two communities: what examples in documentation, and first trials, are run on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

from lifecircle.arguments import require
from lifecircle.network import edges_frame
from lifecircle.network.examples import grid_network, grid_places

__all__ = ["example_study"]

_STUDY = """\
[study]
name = "Example"
plans = ["mofcom-circle-2021"]
language = "en"

[area]
communities = "communities.geojson"

[streets]
source = "streets.geojson"

[[facilities]]
source = "facilities.csv"
service_column = "service"
complete_for = ["pharmacy", "convenience-store"]
"""


def example_study(folder: str | Path) -> Path:
    """Write a tiny study: two communities of one square kilometre, streets every 250 m, four facilities.

    Beside it lie what other jobs are tried on: ``homes.geojson`` (points with ``population``, ``over60``,
    ``under3`` and the ``code`` of their community), ``clinics.geojson`` (points with ``doctors``) and
    ``heights.tif`` (the east rises by 8 in 100).

    Parameters
    ----------
    folder
        Where its files go; made if it is not there.

    Returns
    -------
    Path
        The study file.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> folder = tempfile.mkdtemp()
    >>> lc.Study.from_file(lc.example_study(folder)).study.name
    'Example'
    """
    require("path", folder=folder)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    corners = grid_places(
        {"west": (0, 0), "middle": (1000, 1000), "east": (2000, 1000), "low": (1000, 0)}
    ).geometry
    squares = [
        gpd.GeoSeries([corners[start], corners[end]], crs=corners.crs).union_all().envelope
        for start, end in (("west", "middle"), ("low", "east"))
    ]
    communities = {
        "code": ["110101001001", "110101001002"],
        "name": ["West", "East"],
        "scope": ["urban", "urban"],
        "population": [1200, 800],
    }
    gpd.GeoDataFrame(communities, geometry=squares, crs=corners.crs).to_file(place / "communities.geojson")
    streets = edges_frame(grid_network(5, 9, block_m=250.0))[["name", "highway", "geometry"]]
    streets.to_file(place / "streets.geojson")
    shops = grid_places({"A": (100, 100), "B": (900, 900), "C": (300, 500), "D": (700, 500)}).geometry
    pd.DataFrame(
        {
            "id": shops.index,
            "service": ["pharmacy", "convenience-store", "pharmacy", "supermarket"],
            "lon": shops.x.to_numpy(),
            "lat": shops.y.to_numpy(),
        }
    ).to_csv(place / "facilities.csv", index=False)
    _write_people(place)
    _write_heights(place / "heights.tif")
    (place / "study.toml").write_text(_STUDY, encoding="utf-8")
    return place / "study.toml"


def _write_people(place: Path) -> None:
    """A home in the middle of every block, and two clinics."""
    middles = [(east, north) for north in range(125, 1000, 250) for east in range(125, 2000, 250)]
    homes = grid_places({f"home-{row}": spot for row, spot in enumerate(middles, 1)}).reset_index()
    west = np.array(middles)[:, 0] < 1000
    people = homes.assign(
        code=np.where(west, "110101001001", "110101001002"),
        population=np.where(west, 75, 50),
        over60=np.where(west, 15, 20),
        under3=np.where(west, 3, 1),
    )
    people.to_file(place / "homes.geojson")
    clinics = grid_places({"north": (250, 750), "south": (500, 250)}, service="health-centre")
    clinics.assign(doctors=[2, 3]).reset_index().to_file(place / "clinics.geojson")


def _write_heights(path: Path) -> None:
    """Metres above the sea: level in the west, rising eastward over the eastern community."""
    ends = grid_places({"low": (-300, -300), "middle": (1000, 0), "high": (2300, 1300)}).geometry
    cell = (ends["high"].x - ends["low"].x) / 260
    rows = round((ends["high"].y - ends["low"].y) / cell)
    east_m = (ends["low"].x + cell * (np.arange(260) + 0.5) - ends["middle"].x) / cell * 10
    heights = np.tile(np.maximum(east_m, 0.0) * 0.08, (rows, 1)).astype(np.float32)
    corner = rasterio.transform.from_origin(ends["low"].x, ends["low"].y + rows * cell, cell, cell)
    profile = {"driver": "GTiff", "height": rows, "width": 260, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile, crs=ends.crs, transform=corner, compress="deflate") as file:
        file.write(heights, 1)
