"""Service areas with half the vertices, no line moved by more than 25 cm, bands still nested."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

TOLERANCE_M: Final = 0.25
"""A fortieth of the grid that the areas were drawn on: more would tell in narrow ones (IoU below 0.999)."""

__all__ = ["TOLERANCE_M", "thinned_bands"]


def thinned_bands(areas: gpd.GeoDataFrame, *, by: str, tolerance_m: float = TOLERANCE_M) -> gpd.GeoSeries:
    """Shapes of nested bands simplified (Douglas-Peucker), the narrower ones kept inside the wider.

    Parameters
    ----------
    areas
        Polygons in a CRS whose unit is the metre, with ``minutes``.
    by
        Column of what the bands are of: those of one value nest.
    tolerance_m
        How far a line may move.

    Returns
    -------
    GeoSeries
        Indexed as `areas`. Where simplification lets a narrow band peep out of a wide one, by less than the
        tolerance, the wide one is given the piece.
    """
    values = areas.geometry.to_numpy()
    minutes = areas["minutes"].to_numpy()
    groups = [rows[np.argsort(minutes[rows])] for rows in areas.groupby(by).indices.values()]

    def nested(rows: NDArray[np.intp]) -> None:
        # GEOS mends what this simplification makes invalid; a union per band costs as little as to ask for it
        thin = shapely.simplify(values[rows], tolerance_m, preserve_topology=False)
        for wide in range(1, len(thin)):
            thin[wide] = shapely.union(thin[wide], thin[wide - 1])
        made[rows] = thin

    made = np.empty(len(values), dtype=object)
    with ThreadPoolExecutor() as pool:
        list(pool.map(nested, groups))
    return gpd.GeoSeries(made, index=areas.index, crs=areas.crs)
