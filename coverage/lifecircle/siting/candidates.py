"""Where a facility could go: places on the streets, or a list of the user's own."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.network import Network
from lifecircle.tables import Inputs

__all__ = ["street_candidates"]


def street_candidates(network: Network, inputs: Inputs, *, spacing_m: float) -> gpd.GeoSeries:
    """One crossing or bend of a street per cell of a grid, the one nearest to the cell's middle.

    Parameters
    ----------
    network, inputs
        Streets, and the boundary candidates must lie in.
    spacing_m
        Side of a cell, metres.

    Returns
    -------
    GeoSeries
        Points in the study's CRS, indexed ``site-1`` …, from the south-west row by row. Places on islands
        of the network are left out.
    """
    on_land = np.flatnonzero(~network.small_component[network.component])
    x, y = network.node_x[on_land], network.node_y[on_land]
    inside = shapely.contains_xy(inputs.boundary.geometry.union_all(), x, y)
    x, y = x[inside], y[inside]
    column, row = np.floor(x / spacing_m), np.floor(y / spacing_m)
    away = np.hypot(x / spacing_m - column - 0.5, y / spacing_m - row - 0.5)
    order = np.lexsort((y, x, away, column, row))
    cells = pd.DataFrame({"row": row[order], "column": column[order]})
    chosen = order[~cells.duplicated().to_numpy()]
    names = pd.Index(
        [f"site-{number}" for number in range(1, len(chosen) + 1)], name="candidate", dtype=object
    )
    return gpd.GeoSeries(gpd.points_from_xy(x[chosen], y[chosen]), index=names, crs=inputs.crs)
