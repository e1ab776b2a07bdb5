"""GeoParquet: a layer as one file, or of a study of several counties as a folder with a file for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lifecircle.tables import Results

_COMMUNITY_COLUMN: Final = {
    "communities": "code",
    "circles": "code",
    "demand": "community",
    "gaps": "community",
    "routes": "code",
    "proposals": "code",
    "facilities": "community",
    "facility_areas": "community",
}
"""Layers whose rows belong to communities, and the column that names them. Other layers are of the whole."""

_OF_NO_COUNTY: Final = "elsewhere"
"""File of what lies in none of the study's counties."""

_COUNTY: Final = "county"

__all__ = ["county_of_rows", "rows_by_file", "write_geoparquet"]


def county_of_rows(layer: pd.DataFrame, name: str, results: Results) -> NDArray[np.object_] | None:
    """The county of each row of a layer, blank where it lies in none; None of layers that have no counties.

    Parameters
    ----------
    layer
        One layer of the study.
    name
        Its name.
    results
        The study.
    """
    communities = results.inputs.communities
    county_of = dict(zip(communities["code"], communities["county"], strict=True))
    if name == "catchments":
        # a station stands in one county, whoever walks to it
        places = results.inputs.facilities
        codes = layer["facility"].map(dict(zip(places["facility"], places["community"], strict=True)))
    elif name in _COMMUNITY_COLUMN:
        codes = layer[_COMMUNITY_COLUMN[name]]
    else:
        return None
    return codes.map(county_of).fillna("").to_numpy(dtype=object)


def rows_by_file(
    layer: pd.DataFrame, name: str, results: Results, counties: Mapping[str, str]
) -> dict[str, tuple[NDArray[np.intp], str | None]]:
    """The files of a layer: which of its rows each holds, and the county they lie in.

    Parameters
    ----------
    layer
        One layer of the study.
    name
        Its name.
    results
        The study.
    counties
        Codes of counties to names of files without their ending; none where nothing is parted.

    Returns
    -------
    dict
        Paths in the folder of GeoParquet. The county is None where the layer is not parted, and blank where
        its rows lie in no county.
    """
    own = county_of_rows(layer, name, results) if counties else None
    if own is None:
        return {f"{name}.parquet": (np.arange(len(layer)), None)}
    files: dict[str, tuple[NDArray[np.intp], str | None]] = {}
    for code, stem in counties.items():
        files[f"{name}/{stem}.parquet"] = (np.flatnonzero(own == code), code)
    outside = np.flatnonzero(~np.isin(own.astype(str), np.array(list(counties), dtype=str)))
    if len(outside):
        files[f"{name}/{_OF_NO_COUNTY}.parquet"] = (outside, "")
    return files


def write_geoparquet(
    layer: gpd.GeoDataFrame, path: Path, about: Mapping[str, str], county: str | None
) -> None:
    """One file; geopandas writes no words of ours beside its own, so they are added after.

    Parameters
    ----------
    layer
        What it holds, as files hold it.
    path
        The file; its folder is made where it is missing.
    about
        What it says of itself, in Dublin Core terms.
    county
        Of all its rows, where it is one file of several: a column says so, and columns have the same type in
        all of them, so that they are read as one table.
    """
    path.parent.mkdir(exist_ok=True)
    if county is not None:
        words = {
            column: layer[column].astype("string") for column in layer if layer[column].dtype == np.object_
        }
        layer = layer.assign(**{**words, _COUNTY: pd.array([county] * len(layer), dtype="string")})
    layer.to_parquet(path, index=False)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **about}), path)
