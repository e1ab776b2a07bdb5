"""``study.gpkg``: every layer of a run, in WGS 84."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.messages import text
from lifecircle.tables import WGS84, Results

__all__ = ["write_layers"]


def write_layers(results: Results, path: Path, *, lang: str) -> None:
    """Write the GeoPackage: one layer per table, ids as in the tables, remarks in words."""
    inputs = results.inputs
    entries = inputs.facilities.copy()
    layers = {
        "communities": results.communities,
        "circles": results.circles,
        "facilities": entries.set_geometry(entries.geometry),
        "demand": inputs.demand,
        "gaps": results.gaps,
        "catchments": results.catchments,
        "isochrones": results.isochrones,
        "proposals": results.proposals,
        "data_quality": _quality(results, lang),
    }
    for name, layer in layers.items():
        _write(layer, path, name, inputs.crs)


def _write(layer: gpd.GeoDataFrame, path: Path, name: str, crs: object) -> None:
    """One layer; an empty one is written too, so that a project file finds what it expects."""
    table = layer if layer.crs is not None else layer.set_crs(crs)
    table = table.to_crs(WGS84)
    for column in table.columns:
        if column != table.geometry.name and table[column].dtype == object:
            table[column] = [None if value is None else str(value) for value in table[column]]
    kinds = set(table.geometry.geom_type.dropna())
    multi = {"Polygon", "MultiPolygon"}
    if kinds and kinds <= multi and "MultiPolygon" in kinds:
        table = table.set_geometry(
            [
                shapely.MultiPolygon([shape]) if shape is not None and shape.geom_type == "Polygon" else shape
                for shape in table.geometry
            ],
            crs=WGS84,
        )
    kind = next(iter(kinds)) if len(kinds) == 1 else "MultiPolygon" if kinds and kinds <= multi else "Unknown"
    table.to_file(
        path, layer=name, driver="GPKG", engine="pyogrio", geometry_type=kind, promote_to_multi=False
    )


def _quality(results: Results, lang: str) -> gpd.GeoDataFrame:
    """Data-quality remarks with a place, as points; those without one keep an empty geometry."""
    table = results.inputs.quality
    words = [
        text(
            f"quality.{row.remark}",
            lang,
            count="" if pd.isna(row.count_) else f"{row.count_:g}",
            value=row.value,
            item=row.item,
        )
        for row in table.rename(columns={"count": "count_"}).itertuples()
    ]
    points = [
        None if pd.isna(x) else shapely.Point(x, y) for x, y in zip(table["x"], table["y"], strict=True)
    ]
    return gpd.GeoDataFrame(
        {"subject": table["subject"], "item": table["item"], "severity": table["severity"], "remark": words},
        geometry=points,
        crs=results.inputs.crs,
    )
