"""Dwellings: residential buildings, their floor area and how many homes they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lifecircle.sources.figures import figure
from lifecircle.sources.files.cell_values import flags, key, texts
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.osm.layers import RESIDENTIAL as OSM_RESIDENTIAL
from lifecircle.study.sections import Buildings

__all__ = ["RESIDENTIAL", "dwelling_table", "read_buildings"]

RESIDENTIAL: Final = OSM_RESIDENTIAL | {
    *("住宅", "住宅楼", "居住", "居民楼", "公寓", "宿舍", "民居", "民房", "商住", "别墅"),
}
"""Values that mark dwellings: OSM's residential values of ``building``, and Chinese ledgers' words."""

_LEVELS: Final = ("building:levels", "building_levels", "levels", "floors", "层数", "楼层", "楼层数")


def read_buildings(source: Buildings, log: ReadingLog) -> gpd.GeoDataFrame:
    """Buildings of a file, in its own coordinate system.

    Returns
    -------
    GeoDataFrame
        ``residential`` (flag), ``levels`` and ``dwellings`` (NaN where unknown), polygons or points.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    wanted = {"levels": _LEVELS, "building": ("building", "用途", "建筑用途")}
    required = set()
    for ours, theirs in (("residential", source.residential), ("dwellings", source.dwellings)):
        if theirs:
            wanted[ours] = (theirs,)
            required.add(ours)
    path = Path(source.source)
    raw = read_vector(
        path,
        log,
        subject="population",
        shape="point",
        wanted=wanted,
        required=required,
        layer=source.layer,
        datum=source.datum,
    )
    buildings = gpd.GeoDataFrame(geometry=raw.geometry, crs=raw.crs)
    if "residential" in raw:
        buildings["residential"] = _marked(raw["residential"])
    elif "building" in raw:
        buildings["residential"] = texts(raw["building"]).map(key).isin(RESIDENTIAL)
    else:
        buildings["residential"] = True
        log.remark("population", "all-buildings-residential", item=str(path), count=len(buildings))
    for name in ("levels", "dwellings"):
        field = source.dwellings if name == "dwellings" else name
        buildings[name] = figure(raw, name, log, file=str(path), field=field, subject="population")
    return buildings


def _marked(values: pd.Series) -> pd.Series:
    """Which buildings a column marks as dwellings: yes, 1, or a residential value."""
    answers, _ = flags(values)
    return answers.eq(True) | texts(values).map(key).isin(RESIDENTIAL)


def dwelling_table(
    buildings: gpd.GeoDataFrame, crs: CRS, log: ReadingLog, *, dwelling_floor_m2: float = 90.0
) -> gpd.GeoDataFrame:
    """Residential buildings in the study's system with ``floor_area_m2`` and ``dwellings``.

    Floor area is footprint times levels; levels that are not known are taken as the median of those
    that are, or 1. Dwellings that no column tells follow from the floor area: one for every
    `dwelling_floor_m2`, or for the median floor area per dwelling of the buildings that do tell, and at
    least one in each. Points have no footprint: their dwellings (or 1) stand in for it, scaled alike.
    """
    homes = buildings[buildings["residential"].to_numpy(dtype=bool)].to_crs(crs)
    levels = homes["levels"].where(homes["levels"] > 0)
    if unknown := int(levels.isna().sum()):
        usual = float(levels.median()) if levels.notna().any() else 1.0
        log.remark("population", "levels-assumed", count=unknown, value=f"{usual:g}")
        levels = levels.fillna(usual)
    dwellings = homes["dwellings"]
    floor_m2 = shapely.area(homes.geometry.to_numpy()) * levels.to_numpy()
    flat = floor_m2 <= 0
    told = ~flat & (dwellings.to_numpy(dtype="float64") > 0)
    per_home = float(np.median(floor_m2[told] / dwellings[told])) if told.any() else dwelling_floor_m2
    untold = dwellings.isna().to_numpy()
    if by_floor := int((untold & ~flat).sum()):
        log.remark("population", "dwellings-by-floor-area", count=by_floor, value=f"{per_home:.0f}")
    if alone := int((untold & flat).sum()):
        log.remark("population", "dwellings-are-buildings", count=alone)
    # round half up: Python's own rounding would take half a dwelling to the even number
    dwellings = dwellings.where(~untold, np.maximum(1.0, np.floor(floor_m2 / per_home + 0.5)))
    floor_m2 = np.where(flat, dwellings.to_numpy() * per_home, floor_m2)
    return gpd.GeoDataFrame(
        {"floor_area_m2": floor_m2, "dwellings": dwellings.to_numpy()},
        geometry=homes.geometry.to_numpy(),
        crs=crs,
    )
