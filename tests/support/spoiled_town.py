"""What tests of faults share: words of the study, rows of the ledger and layers of the town replaced."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import Affine


def edit(town, old, new):
    """Words of the study file replaced."""
    path = town / "study.toml"
    said = path.read_text(encoding="utf-8")
    assert old in said
    path.write_text(said.replace(old, new), encoding="utf-8")


def more(town, words):
    """Words added to the end of the study file."""
    path = town / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + words, encoding="utf-8")


def ledger(town, *lines):
    """Another ledger."""
    (town / "ledger.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def rewrite(town, name, make):
    """A layer replaced by what is made of it."""
    path = town / f"{name}.gpkg"
    layer = make(gpd.read_file(path))
    path.unlink()
    layer.to_file(path)


def raster(town, values, *, crs="EPSG:4326", cell=0.001, west=114.49, north=38.02, **profile):
    """A population raster of 40 x 40 cells of about 100 m, asked for by the study."""
    values = np.asarray(values)
    if values.ndim < 2:
        values = np.full((40, 40), values)
    with rasterio.open(
        town / "people.tif", "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, crs=crs, transform=Affine(cell, 0, west, 0, -cell, north), **profile,
    ) as file:  # fmt: skip
        file.write(values, 1)
    more(town, '\n[population]\nraster = "people.tif"\n')
