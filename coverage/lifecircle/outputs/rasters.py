"""``rasters/minutes_<service>.tif``: walking minutes as Cloud-Optimised GeoTIFFs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import from_origin

from lifecircle.tables import Raster, Results

__all__ = ["NODATA", "write_raster", "write_rasters"]

NODATA: Final = -1.0


def write_rasters(results: Results, folder: Path) -> None:
    """One file per service; the cells that nothing reaches are nodata."""
    folder.mkdir()
    for service, raster in results.rasters.items():
        name = results.services.get(service, {})
        write_raster(
            raster, folder / f"minutes_{service}.tif", title=name.get("en", service), service=service
        )


def write_raster(raster: Raster, path: Path, *, title: str, service: str) -> None:
    """Write one grid of minutes as a valid COG with overviews, unit and description."""
    values = np.where(np.isnan(raster.values), np.float32(NODATA), raster.values).astype("float32")
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": raster.crs,
        "transform": from_origin(raster.west, raster.north, raster.cell_m, raster.cell_m),
        "nodata": NODATA,
    }
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(values, 1)
            plain.set_band_description(1, f"walking minutes to the nearest {title}")
            plain.units = ("min",)
            plain.update_tags(service=service, source="lifecircle")
        with memory.open() as plain:
            copy(
                plain, path, driver="COG", compress="DEFLATE", predictor="YES", overview_resampling="NEAREST"
            )
