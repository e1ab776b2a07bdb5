"""A study of two communities: what examples in documentation, and first trials, are run on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

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
    (place / "study.toml").write_text(_STUDY, encoding="utf-8")
    return place / "study.toml"
