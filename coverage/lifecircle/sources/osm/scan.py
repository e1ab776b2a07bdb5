"""One pass over an OpenStreetMap file for everything that some tag test asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import osmium
import osmium.filter
import osmium.geom
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.sources.osm.file import opened_osm
from lifecircle.sources.osm.sorting import mapped_id
from lifecircle.tables import WGS84

TagTest = Mapping[str, Sequence[str] | frozenset[str] | Literal["*"]]
"""Keys that must all be present, each with one of its values, or with any (``"*"``)."""

_AREA_RELATIONS: Final = ("multipolygon", "boundary")

__all__ = ["OsmScan", "TagTest", "name_of", "scan_osm"]


@dataclass(frozen=True)
class OsmScan:
    """What a file holds of the subjects asked for.

    Attributes
    ----------
    found : GeoDataFrame
        One row per object and subject, WGS 84: ``osm_id`` (``n1``, ``w2``, ``r3``), ``subject``,
        ``tags`` (dict), ``geometry`` (point of a node, polygon of a closed way or multipolygon).
    lost : dict
        Ids per subject of what met a test and has no geometry to use: open ways, relations whose
        members the file lacks.
    """

    objects: gpd.GeoDataFrame
    lost: dict[str, tuple[str, ...]]

    def of(self, subject: str) -> gpd.GeoDataFrame:
        """Rows of one subject."""
        return self.objects[self.objects["subject"] == subject].reset_index(drop=True)


def scan_osm(
    path: str | Path, tests: Mapping[str, Sequence[TagTest]], *, bounds: shapely.Geometry | None = None
) -> OsmScan:
    """Collect nodes, closed ways and multipolygon relations that meet a test.

    Parameters
    ----------
    path
        An .osm.pbf, .osm, .osm.gz or .osm.bz2 file.
    tests
        Subject to alternatives; an object belongs to every subject of which one alternative holds.
    bounds
        Polygon in WGS 84: only what touches it is kept. None keeps all.

    Raises
    ------
    MissingInputError
        If there is no such file.
    InputError
        If osmium cannot read it.
    """
    index = _by_key(tests)
    keys = sorted({key for alternatives in tests.values() for test in alternatives for key in test})
    objects = _Collected()
    with opened_osm(path) as plain:
        if keys:
            processor = osmium.FileProcessor(str(plain)).with_areas(osmium.filter.KeyFilter(*keys))
            for thing in processor.with_filter(osmium.filter.KeyFilter(*keys)):
                tags = dict(thing.tags)
                if subjects := _subjects(tags, index):
                    objects.add(thing, tags, subjects)
    table = objects.table()
    if bounds is not None:
        shapely.prepare(bounds)
        table = table[shapely.intersects(bounds, table.geometry.to_numpy())].reset_index(drop=True)
    return OsmScan(table, objects.lost())


def name_of(tags: Mapping[str, str]) -> str:
    """What people call it: ``name``, else ``name:zh``, else nothing."""
    return tags.get("name") or tags.get("name:zh") or ""


@dataclass
class _Collected:
    """Objects that met a test; geometries stay as numbers and bytes until all are known."""

    ids: list[str] = field(default_factory=list)
    subjects: list[tuple[str, ...]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    shapes: list[tuple[float, float] | str] = field(default_factory=list)
    hoped_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    factory: osmium.geom.WKBFactory = field(default_factory=osmium.geom.WKBFactory)

    def add(self, thing: osmium.osm.OSMObject, tags: dict[str, str], subjects: tuple[str, ...]) -> None:
        """Take one object in."""
        if thing.is_node():
            if thing.location.valid():
                self._keep(
                    f"n{mapped_id(thing.id)}", tags, subjects, (thing.location.lon, thing.location.lat)
                )
        elif thing.is_area():
            # An area that cannot be assembled comes without rings; it stays among the hoped for.
            if not thing.num_rings()[0]:
                return
            osm_id = f"{'w' if thing.from_way() else 'r'}{mapped_id(thing.orig_id())}"
            self._keep(osm_id, tags, subjects, self.factory.create_multipolygon(thing))
        elif thing.is_way():
            self.hoped_for[f"w{mapped_id(thing.id)}"] = subjects
        elif tags.get("type") in _AREA_RELATIONS:
            self.hoped_for[f"r{mapped_id(thing.id)}"] = subjects

    def _keep(
        self, osm_id: str, tags: dict[str, str], subjects: tuple[str, ...], shape: tuple[float, float] | str
    ) -> None:
        """Note an object down."""
        self.ids.append(osm_id)
        self.subjects.append(subjects)
        self.tags.append(tags)
        self.shapes.append(shape)

    def table(self) -> gpd.GeoDataFrame:
        """One row per object and subject."""
        row = np.repeat(np.arange(len(self.ids)), [len(subjects) for subjects in self.subjects])
        geometry = self._geometries()
        return gpd.GeoDataFrame(
            {
                "osm_id": pd.Series([self.ids[at] for at in row], dtype="str"),
                "subject": pd.Series([name for names in self.subjects for name in names], dtype="str"),
                "tags": pd.Series([self.tags[at] for at in row], dtype="object"),
            },
            geometry=geometry[row.astype(np.intp)],
            crs=WGS84,
        )

    def _geometries(self) -> NDArray[np.object_]:
        """Points and polygons; a multipolygon of one part is a polygon."""
        shapes = np.empty(len(self.shapes), object)
        node = np.array([isinstance(shape, tuple) for shape in self.shapes], bool)
        places = [shape for shape in self.shapes if isinstance(shape, tuple)]
        shapes[node] = shapely.points(np.array(places, float).reshape(-1, 2))
        areas = shapely.from_wkb(np.array([shape for shape in self.shapes if isinstance(shape, str)], object))
        single = shapely.get_num_geometries(areas) == 1
        areas[single] = shapely.get_geometry(areas[single], 0)
        shapes[~node] = areas
        return shapes

    def lost(self) -> dict[str, tuple[str, ...]]:
        """Ids per subject of what never became an area."""
        known = set(self.ids)
        lacking: dict[str, list[str]] = {}
        for osm_id, subjects in self.hoped_for.items():
            for subject in subjects if osm_id not in known else ():
                lacking.setdefault(subject, []).append(osm_id)
        return {subject: tuple(lacking[subject]) for subject in sorted(lacking)}


def _by_key(tests: Mapping[str, Sequence[TagTest]]) -> dict[str, list[tuple[str, TagTest]]]:
    """The tests under their first key: an object looks up only the keys that it carries."""
    index: dict[str, list[tuple[str, TagTest]]] = {}
    for subject, alternatives in tests.items():
        for test in alternatives:
            index.setdefault(next(iter(test)), []).append((subject, test))
    return index


def _subjects(tags: Mapping[str, str], index: Mapping[str, Sequence[tuple[str, TagTest]]]) -> tuple[str, ...]:
    """Subjects of which some test holds, each once, in order."""
    met = [subject for key in tags if key in index for subject, test in index[key] if _holds(test, tags)]
    return tuple(sorted(set(met)))


def _holds(test: TagTest, tags: Mapping[str, str]) -> bool:
    """Whether every key of a test is tagged with one of its values."""
    return all(key in tags and (values == "*" or tags[key] in values) for key, values in test.items())
