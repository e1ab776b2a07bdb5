"""Streets from any source, ready to route on."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from lifecircle.network import Network, build_network
from lifecircle.sources import read_streets as read_street_table
from lifecircle.tables import WGS84

__all__ = ["read_streets"]


def read_streets(
    source: str | Path,
    *,
    mode: str = "walk",
    speed_kmh: float = 4.0,
    boundary: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    min_component_m: float = 5000.0,
) -> Network:
    """Read streets and build the network of one mode.

    Parameters
    ----------
    source
        .osm.pbf, .osm(.gz), .graphml or a line layer (.gpkg, .shp, .geojson, .parquet).
    mode
        walk, bike or drive.
    speed_kmh
        Speed along streets (for driving: of the walk to the street).
    boundary
        Only streets inside this area, in any CRS; all where None.
    min_component_m
        Street length under which a component is an island.

    Raises
    ------
    MissingInputError, InputError, NetworkError
        A source that is not there, cannot be read, or holds no street.
    """
    bounds = None if boundary is None else boundary.to_crs(WGS84).union_all()
    table = read_street_table(source, mode=mode, bounds=bounds)
    return build_network(table, speed_kmh=speed_kmh, min_component_m=min_component_m)
