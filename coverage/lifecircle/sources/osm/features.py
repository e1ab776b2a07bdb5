"""Facilities of an OpenStreetMap file, by the tag tests of the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lifecircle.sources.files.naming import naming_its_file
from lifecircle.sources.osm.layers import LAYER_TESTS, OsmLayers, layers_of
from lifecircle.sources.osm.scan import OsmScan, TagTest, name_of, scan_osm

__all__ = ["OsmPlaces", "read_osm_features", "read_osm_places"]


@dataclass(frozen=True)
class OsmPlaces:
    """Facilities and background layers of one file, from one pass over it.

    Attributes
    ----------
    features : GeoDataFrame
        As `read_osm_features` returns it.
    layers : OsmLayers
        As `lifecircle.sources.osm.layers.read_osm_layers` returns it.
    lost : dict
        Ids per service of what met a test and has no geometry to use.
    """

    features: gpd.GeoDataFrame
    layers: OsmLayers
    lost: dict[str, tuple[str, ...]]


def read_osm_features(
    path: str | Path, tests: Mapping[str, Sequence[TagTest]], *, bounds: shapely.Geometry | None = None
) -> gpd.GeoDataFrame:
    """Facilities of an OpenStreetMap file.

    Parameters
    ----------
    path, bounds
        As in `scan_osm`, which says what is refused.
    tests
        Service to alternatives. An alternative holds where every one of its keys is tagged with one of
        its values, or with any where the value is ``"*"``.

    Returns
    -------
    GeoDataFrame
        WGS 84, one row per object and service: ``osm_id`` (``n1``, ``w2``, ``r3``), ``service``,
        ``name`` (``name``, else ``name:zh``, else blank), ``access`` (blank where not tagged), ``tags``
        (dict) and ``geometry``: point of a node, polygon of a closed way or multipolygon relation.
        ``attrs["lost"]`` holds, per service, the ids of what met a test and has no such geometry.
    """
    scan = scan_osm(path, tests, bounds=bounds)
    return _features(scan, frozenset(tests))


@naming_its_file
def read_osm_places(
    path: str | Path, tests: Mapping[str, Sequence[TagTest]], *, bounds: shapely.Geometry | None = None
) -> OsmPlaces:
    """Facilities and background layers in one pass; see `read_osm_features` and `read_osm_layers`."""
    # A colon cannot occur in a service's id, so the two kinds of subject never meet.
    layer_tests = {f"layer:{name}": alternatives for name, alternatives in LAYER_TESTS.items()}
    scan = scan_osm(path, {**tests, **layer_tests}, bounds=bounds)
    features = _features(scan, frozenset(tests))
    return OsmPlaces(features, layers_of(scan, prefix="layer:"), features.attrs["lost"])


def _features(scan: OsmScan, services: frozenset[str]) -> gpd.GeoDataFrame:
    """Rows of services, with the columns that people read."""
    rows = scan.objects[scan.objects["subject"].isin(services)].reset_index(drop=True)
    features = gpd.GeoDataFrame(
        {
            "osm_id": rows["osm_id"],
            "service": rows["subject"],
            "name": pd.Series([name_of(tags) for tags in rows["tags"]], dtype="str"),
            "access": pd.Series([tags.get("access", "") for tags in rows["tags"]], dtype="str"),
            "tags": rows["tags"],
        },
        geometry=rows.geometry,
        crs=rows.crs,
    )
    features.attrs["lost"] = {name: ids for name, ids in scan.lost.items() if name in services}
    return features
