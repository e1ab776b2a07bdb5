"""Shapes that are hard on geometry: very many vertices, zigzags, spirals, parts and holes by the thousand."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

WIDTH_M, HEIGHT_M = 2000.0, 1000.0
"""Every shape fits into the ground from 0, 0 to here."""


def _ring(count, radius_m):
    """Vertices round the middle of the ground, stretched to its width, at one radius or one for each."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = WIDTH_M / 2 + 2 * radius_m * np.cos(angle), HEIGHT_M / 2 + radius_m * np.sin(angle)
    return np.column_stack([x, y])


def smooth(vertices=400_000):
    """One round polygon."""
    return [Polygon(_ring(vertices, 490.0))]


def coast(vertices=400_000):
    """One round polygon whose outline goes in and out by a few metres."""
    return [Polygon(_ring(vertices, 480.0 + 10.0 * np.random.default_rng(1).random(vertices)))]


def zigzag(vertices=50_000):
    """A comb of narrow teeth, right across the ground."""
    teeth = np.arange(vertices)
    x, y = teeth * WIDTH_M / (vertices - 1), np.where(teeth % 2, 900.0, 10.0)
    return [Polygon([*zip(x, y, strict=True), (WIDTH_M, HEIGHT_M), (0, HEIGHT_M)])]


def combs(vertices=50_000):
    """Two combs whose teeth interlock: each fills what the other leaves."""
    upper = zigzag(vertices)[0]
    teeth = shapely.get_coordinates(upper)[:vertices]
    return [upper, Polygon([*teeth, (WIDTH_M, 0), (0, 0)])]


def overlapping_combs(vertices=50_000):
    """Two combs, the teeth of one lying across those of the other."""
    teeth = np.arange(vertices)
    x, y = np.where(teeth % 2, 1990.0, 10.0), teeth * HEIGHT_M / (vertices - 1)
    return [*zigzag(vertices), Polygon([*zip(x, y, strict=True), (WIDTH_M, HEIGHT_M), (WIDTH_M, 0)])]


def spiral(vertices=50_000):
    """A band wound 200 times."""
    angle = np.linspace(0, 400 * np.pi, vertices // 2)
    out = np.linspace(10.0, 480.0, vertices // 2)
    xy = np.column_stack([out * np.cos(angle), out * np.sin(angle)])
    back = (np.column_stack([(out + 1) * np.cos(angle), (out + 1) * np.sin(angle)]))[::-1]
    return [Polygon(np.concatenate([xy, back]) * [2, 1] + [WIDTH_M / 2, HEIGHT_M / 2])]


def star(points=100_000):
    """A star of very many points."""
    return [Polygon(_ring(2 * points, np.where(np.arange(2 * points) % 2, 490.0, 250.0)))]


def bow_tie():
    """Outlines that cross themselves, one of them ten thousand times."""
    return [Polygon([(0, 0), (990, 990), (990, 0), (0, 990)]), tangle(300)]


def tangle(vertices):
    """An outline from anywhere to anywhere, in the eastern half."""
    return Polygon(np.random.default_rng(2).uniform(0, 990, (vertices, 2)) + np.array([1005, 0]))


def nearly_touching():
    """Parts whose borders are a billionth of a metre apart, and two that touch in one point."""
    return [
        shapely.box(0, 0, 1000 - 1e-9, 1000),
        shapely.box(1000, 0, 1500, 1000),
        MultiPolygon([shapely.box(1500 + 1e-9, 0, 1750, 500), shapely.box(1750, 500, 2000, 1000)]),
    ]


def _squares(side, size_m):
    """`side` × `side` squares over the ground."""
    x, y = np.meshgrid((np.arange(side) + 0.2) * WIDTH_M / side, (np.arange(side) + 0.2) * HEIGHT_M / side)
    return shapely.box(x.ravel(), y.ravel(), x.ravel() + size_m, y.ravel() + size_m)


def parts(side=100):
    """One polygon of ten thousand parts, unless another number is asked for."""
    return [MultiPolygon(list(_squares(side, 6.0)))]


def holes(side=100):
    """One polygon with ten thousand holes, unless another number is asked for."""
    rings = [shapely.get_coordinates(square) for square in _squares(side, 6.0)]
    return [Polygon(shapely.get_coordinates(shapely.box(0, 0, WIDTH_M, HEIGHT_M)), rings)]


def duplicates():
    """The same polygon again and again."""
    return [shapely.box(0, 0, 1000, 1000)] * 60 + [shapely.box(1000, 0, 2000, 1000)] * 2


def slivers():
    """Polygons a billionth of a metre wide beside sound ones."""
    x = np.linspace(100, 1900, 200)
    return [*shapely.box(x, 0, x + 1e-9, 1000), *shapely.box([0, 1000], 0, [1000, 2000], 1000)]


def collapsing():
    """Vertices that fall on each other, and necks that close, once their coordinates are rounded."""
    tick = np.repeat(np.linspace(0, 1000, 500), 2) + np.tile([0, 1e-10], 500)
    lower = np.column_stack([tick, np.tile([0.0, 1e-10], 500)])
    neck = [(1000, 0), (1500, 500 - 1e-9), (2000, 0), (2000, 1000), (1500, 500 + 1e-9), (1000, 1000)]
    return [Polygon([*lower, (1000, 1000), (0, 1000)]), Polygon(neck)]


SHAPES = {
    make.__name__: make
    for make in (
        smooth, coast, zigzag, combs, overlapping_combs, spiral, star, bow_tie, nearly_touching, parts, holes,
        duplicates, slivers, collapsing,
    )
}  # fmt: skip
