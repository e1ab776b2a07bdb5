"""``rasters/minutes_<service>.tif``: walking minutes as Cloud-Optimised GeoTIFFs, each with its colours.

A colour table exists in GeoTIFF for whole numbers of one byte only. QGIS draws a raster by the ``.qml``
file of the same name beside it, so minutes stay exact and still open in classes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetWriter
from rasterio.shutil import copy
from rasterio.transform import Affine
from rasterio.windows import Window

from lifecircle.content_store import ContentStore, Reused, content_key
from lifecircle.messages import text
from lifecircle.outputs.dublin_core import dublin_core
from lifecircle.outputs.gis.qml import minutes_raster
from lifecircle.outputs.palette import MINUTES
from lifecircle.outputs.words import service_name
from lifecircle.tables import BlockedRasters, Raster, RasterBlock, Results

__all__ = ["NODATA", "minutes_style", "write_raster", "write_rasters"]

NODATA: Final = -1.0
_TILE: Final = 512
_CACHE_MB: Final = 256
"""Tiles that GDAL holds back; its own bound, a share of the machine's memory, would be gigabytes."""
_LIMITS_MIN: Final = (5, 10, 15, 20, 30, 45)


def write_rasters(
    results: Results,
    folder: Path,
    *,
    lang: str = "en",
    jobs: int | None = None,
    store: ContentStore | None = None,
) -> Reused:
    """One grid and one style per service; the cells that nothing reaches are nodata.

    Rasters that are computed block by block are written so, all services at once: no grid is ever held as a
    whole, and blocks without a cell of the study take no room. Files are laid out on `jobs` threads, all
    cores where None. With a `store`, files that it keeps are taken from there, the others are kept in it.

    Returns
    -------
    Reused
        Which files were kept; blank without a store.
    """
    folder.mkdir()
    reused = Reused()
    rasters = results.rasters
    targets = {}
    for service in rasters:
        title = service_name(results, service, lang)
        about = dublin_core(results, lang, of=text("layers.band-minutes", lang, service=title))
        targets[service] = _Target(folder / f"minutes_{service}.tif", title, about)
    if isinstance(rasters, BlockedRasters):
        if store is not None and rasters.content_keys:
            reused = _written_or_kept(rasters, targets, lang, jobs, store)
        else:
            _write_blocks(rasters, targets, lang, jobs)
    else:
        for service, target in targets.items():
            _write_whole(rasters[service], target, service=service, lang=lang)
    style = minutes_style(lang)
    for target in targets.values():
        target.path.with_suffix(".qml").write_text(style, encoding="utf-8")
    return reused


def _written_or_kept(
    rasters: BlockedRasters,
    targets: Mapping[str, _Target],
    lang: str,
    jobs: int | None,
    store: ContentStore,
) -> Reused:
    """Files that are kept as they are; the others written now, and kept."""
    keys = {
        service: content_key(
            "raster-file",
            values=rasters.content_keys[service],
            frame=(rasters.west, rasters.north, rasters.cell_m, rasters.rows, rasters.columns, rasters.crs),
            service=service,
            title=target.title,
            about=target.about,
            lang=lang,
            gdal=rasterio.__gdal_version__,
        )
        for service, target in targets.items()
    }
    held, reused = store.take(keys)
    for service, arrays in held.items():
        targets[service].path.write_bytes(arrays["file"].data)
    if reused.computed:
        _write_blocks(rasters, {service: targets[service] for service in reused.computed}, lang, jobs)
    for service in reused.computed:
        store.keep(keys[service], {"file": np.fromfile(targets[service].path, np.uint8)})
    return reused


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
    _write_whole(raster, _Target(path, title, {}), service=service, lang=lang)


def _write_whole(raster: Raster, target: _Target, *, service: str, lang: str) -> None:
    """Write a grid that is held as a whole."""
    rows, columns = raster.values.shape
    whole = RasterBlock(0, 0, {service: raster.values})
    frame = (raster.west, raster.north, raster.cell_m, rows, columns, raster.crs)
    blocks = BlockedRasters((service,), *frame, compute=lambda _: iter([whole]))
    _write_blocks(blocks, {service: target}, lang, 1)


class _Target(NamedTuple):
    """Where a service's raster goes, the service in words, and what the raster says of itself."""

    path: Path
    title: str
    about: Mapping[str, str]

    @property
    def plain(self) -> Path:
        """The file it is collected in, before it is laid out for the cloud."""
        return self.path.with_name(f".{self.path.stem}.plain.tif")


def _write_blocks(
    rasters: BlockedRasters, targets: Mapping[str, _Target], lang: str, jobs: int | None
) -> None:
    """Write rasters of one grid, a block of all of them at a time."""
    profile = {
        "driver": "GTiff",
        "height": rasters.rows,
        "width": rasters.columns,
        "count": 1,
        "dtype": "float32",
        "crs": rasters.crs,
        "transform": Affine(rasters.cell_m, 0.0, rasters.west, 0.0, -rasters.cell_m, rasters.north),
        "nodata": NODATA,
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "sparse_ok": True,
        "bigtiff": "if_safer",
    }
    with rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=_CACHE_MB):
        # stage 1: tiles of plain files, as they come; those that nothing is written to take no room
        with ExitStack() as opened:
            files = {
                service: opened.enter_context(rasterio.open(target.plain, "w", **profile))
                for service, target in targets.items()
            }
            for service, file in files.items():
                title = targets[service].title
                file.set_band_description(1, text("layers.band-minutes", lang, service=title))
                file.units = ("min",)
                file.update_tags(
                    service=service, source="lifecircle", AREA_OR_POINT="Area", **targets[service].about
                )
            for block in rasters.compute(tuple(targets)):
                for service, minutes in block.values.items():
                    _write_part(files[service], block, minutes)
        # stage 2: each laid out anew, coarse pixels first
        with ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
            list(pool.map(_lay_out, targets.values()))


def _write_part(file: DatasetWriter, block: RasterBlock, minutes: NDArray[np.float32]) -> None:
    """Write what a block holds: its rows and columns from the first to the last with a value."""
    known = np.isfinite(minutes)
    rows, columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    if not len(rows):
        return
    held = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    values = np.where(known[held], minutes[held], np.float32(NODATA)).astype("float32", copy=False)
    place = Window(block.column + columns[0], block.row + rows[0], values.shape[1], values.shape[0])
    file.write(values, 1, window=place)


def _lay_out(target: _Target) -> None:
    """Make a Cloud-Optimised GeoTIFF of a plain file, which goes."""
    with rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=_CACHE_MB):
        copy(
            target.plain,
            target.path,
            driver="COG",
            compress="DEFLATE",
            predictor="YES",
            overview_resampling="NEAREST",
            sparse_ok="YES",
        )
    target.plain.unlink()
