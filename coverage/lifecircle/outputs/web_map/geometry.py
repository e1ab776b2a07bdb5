"""Shapes small enough for a page: simplified at display scale, snapped to 1e-5 degrees, packed as text.

A line is packed as Google's encoded polyline (offsets from the vertex before it in 1e-5 degrees, signed
numbers folded, five bits a character), longitude first, the first vertex relative to an origin. Lines of
one shape are joined by ``,`` and the polygons of one multipolygon by ``;``, which the encoding never uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.tables import WGS84
from lifecircle.tables.degrees import degree_span, parted_degrees
from lifecircle.tables.shapes import MANY_VERTICES

STEPS_PER_DEGREE: Final = 100_000
"""One step is about a metre: less than a pixel at any scale the map is read at."""

Origin: TypeAlias = tuple[int, int]
_CHUNKS: Final = 7
_HALF_GLOBE: Final = 180 * STEPS_PER_DEGREE
_HOPELESS: Final = 8
"""With this many times the vertices allowed, a tolerance of a few metres is never enough."""
_MOST_ROUNDS: Final = 2_000
"""Outlines together so many times as long as one round of all show nothing: 200 thousand cells have 450."""
_SNAP_M: Final = 1
"""No place moves farther than this by a step of 1e-5 degrees."""

_VERTICES_ONCE: Final = 100_000
"""Polygons that tile an area, where they have more: only the least tolerance starts from the exact ones."""
_VERTICES_TWICE: Final = 1_000_000
"""Shapes with more vertices are not simplified a second time."""

_TOLERANCES_M: Final = (2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)

__all__ = [
    "STEPS_PER_DEGREE",
    "Origin",
    "map_origin",
    "pack_points",
    "pack_shapes",
    "rounded",
    "simplified",
    "simplified_within",
]


def map_origin(shapes: gpd.GeoSeries) -> Origin:
    """South-western corner of all shapes in steps of 1e-5 degrees: packed vertices start from here."""
    west, south, _, _ = degree_span(parted_degrees(shapes))
    return int(np.floor(west * STEPS_PER_DEGREE)), int(np.floor(south * STEPS_PER_DEGREE))


def simplified(shapes: gpd.GeoSeries, *, max_vertices: int, shared_borders: bool = False) -> gpd.GeoSeries:
    """Shapes with few enough vertices, by the least tolerance that is enough.

    Of polygons that tile an area, outlines that run to and fro like hatching also count as too many.

    Parameters
    ----------
    shapes
        In a CRS whose unit is the metre. Null and empty shapes stay as they are.
    max_vertices
        All shapes together. The coarsest tolerance (640 m) is used even where it is not enough.
    shared_borders
        The shapes are polygons that tile an area: neighbours keep one common edge (Visvalingam-Whyatt
        on the coverage, `shapely.coverage_simplify`; borders that agree to the centimetre are one), unless
        parts thinner than that make no coverage. Else each is simplified alone (Douglas-Peucker; parts
        smaller than the tolerance vanish).
    """
    if not shared_borders:
        return simplified_within(shapes, max_vertices=max_vertices)[0]
    exact = result = shapes.to_numpy()
    vertices = shapely.get_num_coordinates(exact).sum()
    # What takes seconds is kept: map, sheets and reports draw the same layer.
    simplify = _kept_tiles if vertices > MANY_VERTICES else _simplified_tiles
    # Tolerances ascend until there are few enough vertices. Of very many, each goes on from the last: only
    # the first takes long, and it is the same one for whoever draws the layer.
    very_many = vertices > _VERTICES_ONCE
    for tolerance_m in _TOLERANCES_M if very_many else _worthwhile(vertices / max(max_vertices, 1)):
        result = np.array(simplify(tuple(result if very_many else exact), tolerance_m), dtype=object)
        if shapely.get_num_coordinates(result).sum() <= max_vertices and not _is_hatching(result):
            break
    return gpd.GeoSeries(result, index=shapes.index, crs=shapes.crs)


def _is_hatching(shapes: NDArray[np.object_]) -> bool:
    """Whether outlines run to and fro so often that a page turns grey, and drawing them takes its memory."""
    west, south, east, north = shapely.total_bounds(shapes)
    return bool(shapely.length(shapes).sum() > _MOST_ROUNDS * 2 * (east - west + north - south))


def _simplified_tiles(
    exact: tuple[shapely.Geometry | None, ...], tolerance_m: float
) -> tuple[shapely.Geometry | None, ...]:
    """Polygons that tile an area, simplified; each alone where rounding has closed a ring of one."""
    shapes = np.array(exact, dtype=object)
    # Edges that agree to the centimetre become one.
    tiles = shapely.transform(shapes, lambda xy: np.round(xy, 2))
    try:
        return tuple(shapely.coverage_simplify(tiles, tolerance_m))
    except shapely.errors.GEOSException:
        return tuple(shapely.simplify(shapes, tolerance_m))


_kept_tiles = lru_cache(maxsize=16)(_simplified_tiles)


def simplified_within(shapes: gpd.GeoSeries, *, max_vertices: int) -> tuple[gpd.GeoSeries, int]:
    """Shapes simplified each alone, as `simplified` does it, and how far off they are at most.

    Parameters
    ----------
    shapes, max_vertices
        As of `simplified`.

    Returns
    -------
    tuple
        The shapes; and in whole metres how far a vertex that is gone may lie from the line drawn, the
        snapping of `pack_shapes` counted. Parts smaller than that may be gone altogether.
    """
    exact = result = shapes.to_numpy()
    vertices, tolerance_m, off_m = shapely.get_num_coordinates(exact).sum(), 0.0, 0.0
    for tolerance_m in _worthwhile(vertices / max(max_vertices, 1)):
        # Each step goes on from the last: far fewer vertices to look at, and what they are off adds up
        result = shapely.simplify(result, tolerance_m, preserve_topology=False)
        off_m += tolerance_m
        if shapely.get_num_coordinates(result).sum() <= max_vertices:
            break
    # Where there are not too many vertices, the exact shapes by the tolerance found are nearer to themselves.
    if off_m > tolerance_m and vertices <= _VERTICES_TWICE:
        nearer = shapely.simplify(exact, tolerance_m, preserve_topology=False)
        if shapely.get_num_coordinates(nearer).sum() <= max_vertices:
            result, off_m = nearer, tolerance_m
    return gpd.GeoSeries(result, index=shapes.index, crs=shapes.crs), round(off_m) + _SNAP_M


def _worthwhile(times_too_many: float) -> tuple[float, ...]:
    """Tolerances, without the fine ones that could not be enough for shapes with so many vertices."""
    skipped = 2 if times_too_many > _HOPELESS else 0
    return _TOLERANCES_M[skipped:]


def pack_points(points: gpd.GeoSeries, origin: Origin) -> tuple[list[int], list[int]]:
    """East and north of `origin` in steps of 1e-5 degrees; polygons count by a point inside."""
    inside = gpd.GeoSeries(shapely.point_on_surface(points.to_numpy()), crs=points.crs).to_crs(WGS84)
    steps = _steps(shapely.get_coordinates(inside.to_numpy()), origin)
    return steps[:, 0].tolist(), steps[:, 1].tolist()


def pack_shapes(shapes: gpd.GeoSeries, origin: Origin) -> list[str]:
    """Every polygon or line shape as one text, ``""`` where there is none.

    Parameters
    ----------
    shapes
        Polygons, lines or multi-parts of them, any CRS.
    origin
        From `map_origin`.

    Returns
    -------
    list of str
        In the order of `shapes`.
    """
    # Rings of polygons and plain lines, each with the part that it belongs to.
    parts, owner = shapely.get_parts(shapes.to_crs(WGS84).to_numpy(), return_index=True)
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    plain = np.flatnonzero((shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~polygon)
    lines = np.concatenate([rings, parts[plain]])
    line_part = np.concatenate([ring_part, plain])
    # Back in the order of parts: the outer ring first, then its holes.
    order = np.argsort(line_part, kind="stable")
    texts = _pack_lines(lines[order], origin)
    # Lines of a part are joined by commas, parts of a shape by semicolons.
    packed = [""] * len(shapes)
    by_part = [
        (owner[part], ",".join(word for _, word in group if word))
        for part, group in groupby(zip(line_part[order], texts, strict=True), key=lambda pair: pair[0])
    ]
    for shape, group in groupby(by_part, key=lambda pair: pair[0]):
        packed[int(shape)] = ";".join(word for _, word in group if word)
    return packed


def _pack_lines(lines: NDArray[np.object_], origin: Origin) -> list[str]:
    """Each line as an encoded polyline; repeated vertices are left out."""
    # Vertices in whole steps; one that repeats the last says nothing.
    degrees, line = shapely.get_coordinates(lines, return_index=True)
    steps = _steps(degrees, origin)
    first = np.r_[True, line[1:] != line[:-1]] if len(line) else np.zeros(0, dtype=bool)
    moved = np.r_[True, (steps[1:] != steps[:-1]).any(axis=1)] if len(line) else first
    keep = first | moved
    steps, line, first = steps[keep], line[keep], first[keep]
    # Each vertex as its offset from the last, the first of a line from the origin.
    offsets = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)) if len(steps) else steps
    offsets[first] = steps[first]
    return _characters(offsets, line, len(lines))


def _steps(degrees: NDArray[np.float64], origin: Origin) -> NDArray[np.int64]:
    """East and north of `origin`, the shorter way round the globe."""
    steps = np.round(degrees * STEPS_PER_DEGREE).astype(np.int64) - origin
    steps[steps[:, 0] < -_HALF_GLOBE, 0] += 2 * _HALF_GLOBE
    steps[steps[:, 0] > _HALF_GLOBE, 0] -= 2 * _HALF_GLOBE
    return steps


def _characters(offsets: NDArray[np.int64], line: NDArray[np.intp], lines: int) -> list[str]:
    """Signed offsets as characters, cut where a line ends."""
    # Zigzag: the sign moves to the lowest bit, so that small offsets stay short either way.
    folded = ((offsets << 1) ^ (offsets >> 63)).ravel()
    # Five bits a character, the lowest first; how many of them are in use.
    chunks = (folded[:, None] >> (5 * np.arange(_CHUNKS))) & 0x1F
    used = np.maximum(1, _CHUNKS - np.argmax(chunks[:, ::-1] != 0, axis=1))
    used[folded == 0] = 1
    # The sixth bit says that more follow; 63 brings all to printable signs (Google's encoded polyline).
    place = np.arange(_CHUNKS)
    more = place < (used - 1)[:, None]
    signs = (np.where(more, chunks | 0x20, chunks) + 63).astype(np.uint8)
    text = signs[place < used[:, None]].tobytes().decode("ascii")
    # One text, cut after the last character of each line.
    per_line = np.bincount(np.repeat(line, 2), weights=used, minlength=lines).astype(np.int64)
    ends = np.r_[0, np.cumsum(per_line)]
    return [text[start:end] for start, end in pairwise(ends)]


def rounded(values: Sequence[float] | NDArray[np.float64]) -> list[float | int | None]:
    """Figures as short as they can be shown: unknown as None, whole numbers without a point."""
    array = np.asarray(values, dtype=np.float64)
    digits = np.where(np.abs(array) >= 1000, 2, 4)
    short = [
        None if not np.isfinite(value) else round(float(value), int(places))
        for value, places in zip(array, digits, strict=True)
    ]
    return [int(value) if value is not None and value == int(value) else value for value in short]
