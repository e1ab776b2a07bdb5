"""The report's picture of the study: how many rules each community falls short of, as drawn shapes."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.outputs.web_map.classes import class_breaks
from lifecircle.outputs.web_map.geometry import simplified
from lifecircle.tables import Results

_WIDTH: Final = 720
_VERTICES: Final = 30_000

__all__ = ["LegendLine", "Picture", "Shape", "draw"]


@dataclass(frozen=True)
class Shape:
    """One community: path data, its class of colour, and what a reader hears."""

    path: str
    shade: int
    """-1 where no rule has a verdict, 0 where it falls short of nothing, else 1 upward."""
    name: str
    count: int
    """Rules missed; -1 where no rule has a verdict."""


@dataclass(frozen=True)
class LegendLine:
    """One class: its shade, the fewest and most rules in it, and how many communities."""

    shade: int
    fewest: int
    most: int
    communities: int


@dataclass(frozen=True)
class Picture:
    """Shapes in a box of `width` by `height` drawing units."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    legend: tuple[LegendLine, ...]
    pins: tuple[tuple[float, float], ...] = ()
    """Places of proposed sites."""
    numbers: tuple[tuple[float, float], ...] = ()
    """Places inside the communities that are numbered, the first of them number 1."""


def draw(
    results: Results,
    counts: pd.Series,
    *,
    within: Container[str] | None = None,
    sites: gpd.GeoDataFrame | None = None,
    numbered: Sequence[str] = (),
) -> Picture:
    """The communities in the study CRS, shaded by a count.

    Parameters
    ----------
    results
        The finished study.
    counts
        A whole number per code of a community with a verdict, 0 or more; classes are those of all of them.
    within
        Codes of the communities drawn; all of the study where None.
    sites
        Points to mark, in the study CRS.
    numbered
        Codes of the communities to number, in that order.
    """
    judged = results.communities[results.communities["inside"]]
    # Classes are those of all communities, also where only some are drawn; class 0 is nobody.
    limits = np.ceil(class_breaks(counts[counts > 0].to_numpy(dtype=np.int64)))
    if within is not None:
        judged = judged[[code in within for code in judged["code"]]]
    shapes = simplified(judged.geometry, max_vertices=_VERTICES, shared_borders=True)
    west, south, east, north = shapes.total_bounds
    scale = _WIDTH / max(east - west, 1.0)
    numbers = counts.reindex(judged["code"], fill_value=-1).to_numpy(dtype=np.int64)
    shades = np.where(numbers > 0, 1 + np.searchsorted(limits, numbers, side="right"), numbers)

    def on_page(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres as drawing units, south downward."""
        return np.column_stack([(xy[:, 0] - west) * scale, (north - xy[:, 1]) * scale])

    placed = shapely.transform(shapes.to_numpy(), on_page)
    spots = shapely.get_coordinates(sites.geometry.to_numpy()) if sites is not None else np.empty((0, 2))
    inside = judged.set_index("code").geometry.reindex(list(numbered)).representative_point()
    drawn = zip(placed, shades, judged["name"], numbers, strict=True)
    return Picture(
        width=_WIDTH,
        height=int(np.ceil((north - south) * scale)),
        shapes=tuple(
            Shape(_path(shape), int(shade), name, int(number)) for shape, shade, name, number in drawn
        ),
        legend=tuple(
            LegendLine(int(shade), int(own.min()), int(own.max()), len(own))
            for shade in np.unique(shades)
            for own in [numbers[shades == shade]]
        ),
        pins=_tenths(on_page(spots)),
        numbers=_tenths(on_page(shapely.get_coordinates(inside.to_numpy()))),
    )


def _tenths(xy: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Places to a tenth of a drawing unit."""
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in xy)


def _path(shape: shapely.Geometry) -> str:
    """SVG path data of a polygon or multipolygon, to a tenth of a drawing unit."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    parts = [" ".join(f"{x:.1f},{y:.1f}" for x, y in shapely.get_coordinates(ring)) for ring in rings]
    return "".join(f"M{part}Z" for part in parts)
