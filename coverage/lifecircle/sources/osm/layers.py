"""Background layers of an OpenStreetMap file: buildings, water, administrative boundaries, gates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.sources.osm.scan import OsmScan, TagTest, name_of, scan_osm

RESIDENTIAL: Final = frozenset(
    {
        "apartments", "bungalow", "detached", "dormitory", "farm", "house", "residential",
        "semidetached_house", "terrace",
    }
)  # fmt: skip
"""Values of ``building`` that people live in."""

GATES: Final = ("entrance", "full-height_turnstile", "gate", "kissing_gate", "lift_gate", "sliding_gate",
                "stile", "swing_gate", "turnstile", "wicket_gate")  # fmt: skip
"""Values of ``barrier`` that walkers pass through."""

CODE_KEYS: Final = ("ref", "ref:INSEE", "de:amtlicher_gemeindeschluessel", "swisstopo:BFS_NUMMER")
"""Keys that hold a boundary's official code; the first one present counts."""

LAYER_TESTS: Final[Mapping[str, Sequence[TagTest]]] = {
    "buildings": ({"building": "*"},),
    "water": ({"natural": ("water",)}, {"waterway": ("riverbank", "dock")}, {"landuse": ("reservoir",)}),
    "boundaries": ({"boundary": ("administrative",)},),
    "gates": ({"barrier": GATES}, {"entrance": "*"}),
}

__all__ = ["CODE_KEYS", "GATES", "LAYER_TESTS", "RESIDENTIAL", "OsmLayers", "layers_of", "read_osm_layers"]


@dataclass(frozen=True)
class OsmLayers:
    """Layers in WGS 84, each with ``osm_id`` and ``geometry``.

    Attributes
    ----------
    buildings : polygons; ``building``, ``levels`` (NaN: unknown), ``residential``
        Residential by its value (`RESIDENTIAL`), or ``building=yes`` with levels mapped.
    water : polygons; ``name``
    boundaries : polygons of relations; ``admin_level`` (NaN: unknown), ``name``, ``code`` and ``tags``
    gates : points; ``barrier``, ``entrance``, ``access`` (on foot: ``foot``, else ``access``)
    lost : ids per layer of what has no geometry to use
    """

    buildings: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    boundaries: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    lost: Mapping[str, tuple[str, ...]]


def read_osm_layers(path: str | Path, *, bounds: shapely.Geometry | None = None) -> OsmLayers:
    """Read the background layers of an OpenStreetMap file in one pass.

    Parameters
    ----------
    path, bounds
        As in `scan_osm`, which says what is refused.
    """
    return layers_of(scan_osm(path, LAYER_TESTS, bounds=bounds))


def layers_of(scan: OsmScan, *, prefix: str = "") -> OsmLayers:
    """The layers a scan holds, under subjects named ``prefix + layer``."""
    return OsmLayers(
        buildings=_buildings(scan.of(f"{prefix}buildings")),
        water=_water(scan.of(f"{prefix}water")),
        boundaries=_boundaries(scan.of(f"{prefix}boundaries")),
        gates=_gates(scan.of(f"{prefix}gates")),
        lost={name: _lost(scan.lost.get(f"{prefix}{name}", ()), name) for name in LAYER_TESTS},
    )


def _lost(ids: tuple[str, ...], layer: str) -> tuple[str, ...]:
    """Ids that should have been in the layer: ways of a boundary are pieces of its relation."""
    return tuple(osm_id for osm_id in ids if layer != "boundaries" or osm_id.startswith("r"))


def _buildings(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Footprints; buildings that are only a point, or tagged as none, are left out."""
    kept = rows[_polygonal(rows) & (_tag(rows, "building") != "no")].reset_index(drop=True)
    kind, levels = _tag(kept, "building"), _figure(kept, "building:levels")
    lived_in = kind.isin(RESIDENTIAL) | ((kind == "yes") & levels.notna())
    return _layer(kept, building=kind, levels=levels, residential=lived_in.astype(bool))


def _water(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Water bodies as areas."""
    kept = rows[_polygonal(rows)].reset_index(drop=True)
    return _layer(kept, name=_names(kept))


def _boundaries(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Administrative areas; a closed way is a piece of one, not one itself."""
    kept = rows[_polygonal(rows) & rows["osm_id"].str.startswith("r")].reset_index(drop=True)
    codes = [next((tags[key] for key in CODE_KEYS if key in tags), "") for tags in kept["tags"]]
    return _layer(
        kept,
        admin_level=_figure(kept, "admin_level"),
        name=_names(kept),
        code=pd.Series(codes, dtype="str"),
        tags=kept["tags"],
    )


def _gates(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gates and entrances that are points."""
    kept = rows[~_polygonal(rows)].reset_index(drop=True)
    foot, anyone = _tag(kept, "foot"), _tag(kept, "access")
    shut = (_tag(kept, "locked") == "yes") & (foot == "")
    access = foot.where(foot != "", anyone).mask(shut, "no")
    return _layer(kept, barrier=_tag(kept, "barrier"), entrance=_tag(kept, "entrance"), access=access)


def _layer(rows: gpd.GeoDataFrame, **columns: pd.Series) -> gpd.GeoDataFrame:
    """Rows with their id, geometry and the columns given."""
    return gpd.GeoDataFrame({"osm_id": rows["osm_id"], **columns}, geometry=rows.geometry, crs=rows.crs)


def _polygonal(rows: gpd.GeoDataFrame) -> pd.Series:
    """Marks the rows that are areas."""
    return rows.geom_type.isin(["Polygon", "MultiPolygon"]).astype(bool)


def _names(rows: gpd.GeoDataFrame) -> pd.Series:
    """What people call each row."""
    return pd.Series([name_of(tags) for tags in rows["tags"]], dtype="str")


def _tag(rows: gpd.GeoDataFrame, key: str) -> pd.Series:
    """One tag of every row, blank where it has none."""
    return pd.Series([tags.get(key, "") for tags in rows["tags"]], index=rows.index, dtype="str")


def _figure(rows: gpd.GeoDataFrame, key: str) -> pd.Series:
    """One tag of every row as a number; NaN where it is none."""
    words = [tags.get(key, "").strip() for tags in rows["tags"]]
    figures = [float(word) if re.fullmatch(r"\d+(\.\d+)?", word) else np.nan for word in words]
    return pd.Series(figures, index=rows.index, dtype="float64")
