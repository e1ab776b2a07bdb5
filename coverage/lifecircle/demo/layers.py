"""Communities, boundary and population as a planning office would hand them over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.transform import Affine

from lifecircle.demo import ground as g
from lifecircle.demo.people import CELL_M, PeopleGrid
from lifecircle.demo.units import CITY

OFFICE_CRS: Final = "EPSG:4544"
"""CGCS2000 / 3-degree Gauss-Kruger CM 105E: what Chinese offices at this longitude use."""
COLUMNS: Final = {
    "code": "代码",
    "name": "名称",
    "kind": "类型",
    "township": "乡镇代码",
    "township_name": "乡镇街道",
    "county": "区县代码",
    "county_name": "区县",
    "city": "市代码",
    "city_name": "城市",
    "population": "常住人口",
    "households": "户数",
}
NODATA: Final = -99999.0
# GeoPackages carry the time they were made; a fixed one keeps two writes equal.
_MADE: Final = "2026-01-01T00:00:00.000Z"

__all__ = [
    "COLUMNS",
    "NODATA",
    "OFFICE_CRS",
    "fixed_date",
    "in_degrees",
    "write_boundary",
    "write_communities",
    "write_population",
]


def in_degrees(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """City metres to WGS 84, vertex by vertex, so that shared borders stay shared."""
    moved = shapely.transform(units.geometry.to_numpy(), _degrees)
    return units.set_geometry(gpd.GeoSeries(moved, index=units.index, crs=4326))


def write_communities(path: Path, units: gpd.GeoDataFrame) -> None:
    """Write the layer ``communities`` with Chinese headings, in the office's projection."""
    table = units.assign(city=CITY[0][:4], city_name=CITY[1]).rename(columns=COLUMNS)
    table = in_degrees(table[[*COLUMNS.values(), "geometry"]]).sort_values(COLUMNS["code"]).to_crs(OFFICE_CRS)
    path.unlink(missing_ok=True)
    with fixed_date():
        pyogrio.write_dataframe(table, path, layer="communities", driver="GPKG")


@contextmanager
def fixed_date() -> Iterator[None]:
    """Within this, GeoPackages say that they were made at one and the same time."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _MADE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_boundary(path: Path, units: gpd.GeoDataFrame) -> None:
    """Write the city's outline as GeoJSON: the outside of its communities."""
    outline = shapely.coverage_union_all(in_degrees(units).geometry.to_numpy())
    table = gpd.GeoDataFrame({"code": [CITY[0][:6]], "name": [CITY[1]]}, geometry=[outline], crs=4326)
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(table, path, driver="GeoJSON", layer_options={"COORDINATE_PRECISION": "9"})


def write_population(path: Path, grid: PeopleGrid, boundary: shapely.Polygon) -> None:
    """Write residents per 100 m cell as a GeoTIFF of counts; empty cells beyond the boundary hold no data."""
    rows, columns = grid.residents.shape
    east, north = g.utm_origin()
    x = grid.west - east + CELL_M * (np.arange(columns) + 0.5)
    y = grid.north - north - CELL_M * (np.arange(rows) + 0.5)
    inside = shapely.contains_xy(boundary, *np.meshgrid(x, y))
    values = np.where(inside | (grid.residents > 0), grid.residents, np.float32(NODATA))
    profile = {
        "driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32", "nodata": NODATA,
        "crs": g.UTM.to_string(), "transform": Affine(CELL_M, 0.0, grid.west, 0.0, -CELL_M, grid.north),
        "compress": "deflate", "tiled": True, "blockxsize": 128, "blockysize": 128,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(values.astype(np.float32), 1)


def _degrees(coordinates: np.ndarray) -> np.ndarray:
    """City metres to degrees for shapely.transform."""
    return np.column_stack(g.to_lon_lat(coordinates[:, 0], coordinates[:, 1]))
