"""``rasters/minutes_<service>.tif``: walking minutes as Cloud-Optimised GeoTIFFs, each with its colours.

A colour table exists in GeoTIFF for whole numbers of one byte only. QGIS draws a raster by the ``.qml``
file of the same name beside it, so minutes stay exact and still open in classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import Affine

from lifecircle.messages import text
from lifecircle.outputs.gis.qml import minutes_raster
from lifecircle.outputs.palette import MINUTES
from lifecircle.outputs.words import service_name
from lifecircle.tables import Raster, Results

__all__ = ["NODATA", "minutes_style", "write_raster", "write_rasters"]

NODATA: Final = -1.0
_LIMITS_MIN: Final = (5, 10, 15, 20, 30, 45)


def write_rasters(results: Results, folder: Path, *, lang: str = "en") -> None:
    """One grid and one style per service; the cells that nothing reaches are nodata."""
    folder.mkdir()
    style = minutes_style(lang)
    for service, raster in results.rasters.items():
        path = folder / f"minutes_{service}.tif"
        write_raster(raster, path, title=service_name(results, service, lang), service=service, lang=lang)
        path.with_suffix(".qml").write_text(style, encoding="utf-8")


def minutes_style(lang: str) -> str:
    """How QGIS draws minutes: in classes, with their words."""
    words = [text("layers.minutes", lang, minutes=limit) for limit in _LIMITS_MIN]
    words.append(text("layers.minutes-beyond", lang, minutes=_LIMITS_MIN[-1]))
    return minutes_raster(_LIMITS_MIN, words, MINUTES)


def write_raster(raster: Raster, path: Path, *, title: str, service: str, lang: str = "en") -> None:
    """Write one grid of minutes as a valid COG: tiled, overviews, nodata, unit, description.

    Parameters
    ----------
    raster
        Minutes; NaN and infinity become nodata (-1).
    path
        The file, made anew.
    title
        The service in words, for the band's description.
    service
        Its id, for the tags.
    lang
        Language of the band's description.
    """
    values = np.where(np.isfinite(raster.values), raster.values, np.float32(NODATA)).astype("float32")
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": raster.crs,
        "transform": Affine(raster.cell_m, 0.0, raster.west, 0.0, -raster.cell_m, raster.north),
        "nodata": NODATA,
    }
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), MemoryFile() as memory:
        with memory.open(**profile) as plain:
            plain.write(values, 1)
            plain.set_band_description(1, text("layers.band-minutes", lang, service=title))
            plain.units = ("min",)
            plain.update_tags(service=service, source="lifecircle", AREA_OR_POINT="Area")
        with memory.open() as plain:
            copy(
                plain, path, driver="COG", compress="DEFLATE", predictor="YES", overview_resampling="NEAREST"
            )
