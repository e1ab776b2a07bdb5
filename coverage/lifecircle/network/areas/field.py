"""Distance fields and their outlines: how far each vertex of a grid is from the streets that were reached.

The grid is absolute: its vertices are the multiples of the cell in the network's CRS, so what one origin
gets never depends on which others were asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, InputError
from lifecircle.network.kernels.contour_squares import SquaredField, trace_rings
from lifecircle.network.kernels.field_distance import NearestTwo, lower_field, lower_labelled_field
from lifecircle.network.kernels.vertex_blocks import VertexBlocks, bounds_of, mark_blocks, number_blocks

__all__ = [
    "NO_RINGS",
    "DistanceField",
    "LabelledField",
    "Rings",
    "empty_field",
    "labelled_field",
    "polygons",
    "require_resolution",
    "rings",
]

MAX_VERTICES: Final = 100_000_000
"""A field that keeps more vertices than this is refused (400 MB)."""

_BLOCK_BITS: Final = 4
"""Blocks of 16 vertices a side: wider ones keep more ground that no street is near."""

_MOST_BLOCKS: Final = 4_000_000
"""Over a wider extent blocks are larger, so that the list of blocks stays small."""

_MIN_BUFFER_CELLS: Final = 1.0


@dataclass(frozen=True)
class DistanceField:
    """Squared distance to the nearest reached segment, at the vertices of a grid.

    Attributes
    ----------
    blocks : the vertices that are kept: those near a segment
    squared_m2 : float32, by place in `blocks`; at most (buffer + cell)²
    west, south : column and row of the first vertex: it lies at ``west * cell_m, south * cell_m``
    cell_m : metres between vertices
    buffer_m : distance the outline will be drawn at
    """

    blocks: VertexBlocks
    squared_m2: NDArray[np.float32]
    west: int
    south: int
    cell_m: float
    buffer_m: float

    @property
    def outlined(self) -> SquaredField:
        """The field and the distance of its outline, as compiled code takes them."""
        return SquaredField(self.squared_m2, self.blocks, self.west, self.south, self.cell_m, self.buffer_m)

    def draw(self, segments: NDArray[np.float64], fresh: NDArray[np.bool_] | None = None) -> None:
        """Lower the field, in place, to the distance from more segments (n × 4: ax, ay, bx, by in m).

        Segments that are not `fresh` are in the field already and are passed over.
        """
        drawn = np.ones(len(segments), np.bool_) if fresh is None else fresh
        radius = self.buffer_m + self.cell_m
        place = (self.west, self.south, self.cell_m)
        lower_field(segments, drawn, *place, radius, self.blocks, self.squared_m2)


@dataclass(frozen=True)
class LabelledField:
    """Whose segment is nearest, at the vertices of a grid; fields as `DistanceField`.

    Attributes
    ----------
    nearest : DistanceField
    label : int32, owner of the nearest segment, -1 beyond buffer + cell
    second_m2, second_label : squared distance to the nearest segment of any other owner, and that owner
    """

    nearest: DistanceField
    label: NDArray[np.int32]
    second_m2: NDArray[np.float32]
    second_label: NDArray[np.int32]

    @property
    def nearest_two(self) -> NearestTwo:
        """The field as compiled code takes it."""
        return NearestTwo(self.nearest.squared_m2, self.label, self.second_m2, self.second_label)


MOST_LENGTH_M: Final = 10_000.0
"""Far beyond any walk to a street: a grid of longer cells, or a wider buffer, is a slip of the pen."""


def require_resolution(buffer_m: float, grid_m: float) -> None:
    """Refuse a buffer or grid that no outline can be drawn with.

    Raises
    ------
    InputError
        If either is not a positive number, or the grid is coarser than the buffer: streets between two
        vertices could then vanish from the outline.
    """
    require("number", buffer_m=buffer_m, grid_m=grid_m)
    faults = Faults()
    for name, value in (("buffer_m", buffer_m), ("grid_m", grid_m)):
        if not 0 < value <= MOST_LENGTH_M:
            faults.add(
                Fault("area-not-positive", field=name, values={"found": value, "most": f"{MOST_LENGTH_M:g}"})
            )
    if not faults and grid_m * _MIN_BUFFER_CELLS > buffer_m:
        faults.add(Fault("area-grid-coarse", field="grid_m", values={"grid": grid_m, "buffer": buffer_m}))
    faults.raise_if_any()


def empty_field(
    segments: NDArray[np.float64], *, buffer_m: float, grid_m: float, block_bits: int | None = None
) -> DistanceField:
    """A field wide enough for the outline of some segments, nothing drawn yet.

    Only blocks of vertices that a segment is near take memory, so that streets may lie any distance apart.

    Parameters
    ----------
    segments
        n × 4 (ax, ay, bx, by) in metres, n > 0.
    buffer_m, grid_m
        Distance of the outline, and spacing of the vertices, in metres.
    block_bits
        Blocks are ``2**block_bits`` vertices wide; outlines do not depend on it. Suited to the extent if
        None.

    Raises
    ------
    InputError
        If it would keep more than `MAX_VERTICES`.
    """
    # bounds of the segments and the buffer around them, in cells
    margin = buffer_m / grid_m
    least_x, least_y, most_x, most_y = bounds_of(segments)
    # one vertex beyond everything, so that every border vertex lies outside
    west, south = (math.floor(low / grid_m - margin) - 1 for low in (least_x, least_y))
    columns = math.ceil(most_x / grid_m + margin) + 2 - west
    rows = math.ceil(most_y / grid_m + margin) + 2 - south
    bits = _BLOCK_BITS if block_bits is None else block_bits
    while block_bits is None and (rows >> bits) * (columns >> bits) > _MOST_BLOCKS:
        bits += 1
    # a vertex inside has all its eight neighbours kept
    slot = np.zeros((-(-rows >> bits), -(-columns >> bits)), np.int32)
    mark_blocks(segments, west, south, float(grid_m), float(buffer_m + 1.5 * grid_m), slot, bits)
    blocks = VertexBlocks(slot, number_blocks(slot, bits), bits)
    kept = len(blocks.corner) << (2 * bits)
    if kept > MAX_VERTICES:
        raise InputError(
            Fault(
                "area-too-large",
                field="grid_m",
                values={"vertices": kept, "limit": MAX_VERTICES, "grid": grid_m},
            )
        )
    # no neighbour of a vertex inside is farther, and interpolation needs a finite value there
    values = np.full(kept, (buffer_m + grid_m) ** 2, np.float32)
    return DistanceField(blocks, values, west, south, float(grid_m), float(buffer_m))


def labelled_field(
    segments: NDArray[np.float64],
    label: NDArray[np.int32],
    *,
    buffer_m: float,
    grid_m: float,
    block_bits: int | None = None,
) -> LabelledField:
    """The field of segments that belong to several owners (`label`, >= 0); ties go to the smaller one."""
    nearest = empty_field(segments, buffer_m=buffer_m, grid_m=grid_m, block_bits=block_bits)
    # one field for whose is nearest, one for the nearest of anybody else
    nobody = np.full(nearest.squared_m2.shape, -1, np.int32)
    field = LabelledField(nearest, nobody, nearest.squared_m2.copy(), nobody.copy())
    place = (nearest.west, nearest.south, nearest.cell_m)
    lower_labelled_field(segments, label, *place, buffer_m + grid_m, nearest.blocks, field.nearest_two)
    return field


class Rings(NamedTuple):
    """Closed rings of one outline, the inside on their left.

    Attributes
    ----------
    points : float64, n × 2, metres, ring after ring, the first point of each repeated at its end
    first : int32, rings + 1, where each ring starts in `points`
    shell : int32, rings, the ring each lies in: its own number for a shell, a smaller one for a hole
    """

    points: NDArray[np.float64]
    first: NDArray[np.int32]
    shell: NDArray[np.int32]


NO_RINGS: Final = Rings(np.empty((0, 2)), np.zeros(1, np.int32), np.empty(0, np.int32))
"""The outline of nothing."""


def rings(field: DistanceField) -> Rings:
    """The outline of everything within ``field.buffer_m``.

    Distances are interpolated linearly along the grid's lines (marching squares; Lorensen and Cline,
    1987). Of two fields on one grid of which one is nowhere higher, its outline holds the other's.
    """
    return Rings(*trace_rings(field.outlined))


def polygons(outlines: Sequence[Rings]) -> NDArray[np.object_]:
    """Outlines into one valid geometry each: a polygon, a multipolygon, or an empty polygon.

    Parameters
    ----------
    outlines
        As `rings` gives them.

    Returns
    -------
    object array of shapely geometries, one per outline
    """
    shapes = np.full(len(outlines), shapely.Polygon(), dtype=object)
    # stage 1: the rings of all outlines in one array, shells numbered through
    counts = np.array([len(outline.shell) for outline in outlines], np.int64)
    if not counts.sum():
        return shapes
    start = np.concatenate([[0], np.cumsum(counts)])
    sizes = np.concatenate([np.diff(outline.first) for outline in outlines])
    shell = np.concatenate([outline.shell + at for outline, at in zip(outlines, start[:-1], strict=True)])
    points = np.concatenate([outline.points for outline in outlines])
    # stage 2: rings into parts, a shell followed by its holes
    made = shapely.linearrings(points, indices=np.repeat(np.arange(len(sizes)), sizes))
    order = np.argsort(shell, kind="stable")
    shells, part = np.unique(shell[order], return_inverse=True)
    parts = shapely.polygons(made[order], indices=part)
    # stage 3: parts into one geometry per outline
    outline_of_part = np.searchsorted(start, shells, side="right") - 1
    parts_of = np.bincount(outline_of_part, minlength=len(outlines))
    single = parts_of[outline_of_part] == 1
    shapes[outline_of_part[single]] = parts[single]
    several, rank = np.unique(outline_of_part[~single], return_inverse=True)
    if len(several):
        shapes[several] = shapely.multipolygons(parts[~single], indices=rank)
    return shapes
