"""A small town of square blocks: what examples in documentation, and first trials, are run on."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.network.build import build_network
from lifecircle.network.graph import Network
from lifecircle.tables import WGS84, StreetTable

__all__ = ["grid_network", "grid_places", "grid_streets"]

_CORNER: Final = (110.0, 0.0)
_METRES_PER_DEGREE: Final = (111_319.4908, 110_574.2757)
"""Of longitude along the equator, and of latitude beside it, on WGS 84."""


def grid_streets(rows: int = 3, columns: int = 3, *, block_m: float = 100.0) -> StreetTable:
    """Streets along the sides of square blocks, on the equator at 110 degrees east.

    Node ``row * columns + column`` lies `row` blocks north and `column` blocks east of the first. Ways
    1, 2, … run eastward from the south, then the others northward from the west.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_streets
    >>> len(grid_streets(rows=3, columns=3))
    12
    """
    node = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    row, column = np.divmod(node.ravel(), columns)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].T.ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].T.ravel()])
    way = np.concatenate(
        [np.repeat(np.arange(rows), columns - 1), rows + np.repeat(np.arange(columns), rows - 1)]
    )
    segment = np.concatenate([np.tile(np.arange(columns - 1), rows), np.tile(np.arange(rows - 1), columns)])
    count = len(u)
    return StreetTable(
        lon=_CORNER[0] + column * block_m / _METRES_PER_DEGREE[0],
        lat=_CORNER[1] + row * block_m / _METRES_PER_DEGREE[1],
        node_id=np.arange(len(row), dtype=np.int64),
        u=u,
        v=v,
        way=way.astype(np.int64) + 1,
        segment=segment.astype(np.int32),
        forward=np.ones(count, bool),
        backward=np.ones(count, bool),
        name=way.astype(np.int32),
        highway=np.zeros(count, np.int32),
        speed_kmh=np.full(count, np.nan, np.float32),
        steps=np.zeros(count, bool),
        bridge=np.zeros(count, bool),
        names=tuple(f"Street {k + 1}" for k in range(rows + columns)),
        highways=("residential",),
    )


def grid_network(
    rows: int = 3, columns: int = 3, *, block_m: float = 100.0, speed_kmh: float = 4.0
) -> Network:
    """The network of `grid_streets`.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> network = grid_network()
    >>> network.n_nodes, len(network)
    (9, 12)
    """
    return build_network(grid_streets(rows, columns, block_m=block_m), speed_kmh=speed_kmh)


def grid_places(places: dict[str, tuple[float, float]], *, service: str | None = None) -> gpd.GeoDataFrame:
    """Points by their metres east and north of the grid's first node, in WGS 84.

    Parameters
    ----------
    places
        Metres by id.
    service
        Makes them facilities of this service.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> home = grid_places({"home": (50.0, 10.0)})
    >>> grid_network().snap(home).frame()["snap_distance_m"].tolist()
    [10.0]
    """
    east, north = np.array(list(places.values()), float).reshape(-1, 2).T
    shapes = gpd.points_from_xy(
        _CORNER[0] + east / _METRES_PER_DEGREE[0], _CORNER[1] + north / _METRES_PER_DEGREE[1]
    )
    index = pd.Index(list(places), name="id")
    columns = {} if service is None else {"service": service}
    return gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=WGS84)
