"""Water and barriers cut out of areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.errors import Fault, InputError
from lifecircle.network.threads import each
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import subdivided

__all__ = ["Minus", "Solid", "areas_only", "cut_out", "solid_of"]

Minus: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries
"""Water and barriers, polygons in any CRS."""


@dataclass(frozen=True, eq=False)
class Solid:
    """What is cut out of areas.

    Attributes
    ----------
    whole : polygons
    shapes : they, large ones in pieces
    owner : the row of `whole` that each piece is of
    tree : the pieces, found by place
    """

    whole: NDArray[np.object_]
    shapes: NDArray[np.object_]
    owner: NDArray[np.intp]
    tree: shapely.STRtree

    def away(self, meeting: NDArray[np.intp]) -> shapely.Geometry:
        """The union of what some pieces are of: of a polygon most of whose pieces are meant the whole."""
        of = self.owner[meeting]
        whole = np.unique(of[2 * np.bincount(of)[of] > np.bincount(self.owner)[of]])
        parts = [*self.whole[whole], *self.shapes[meeting[~np.isin(of, whole)]]]
        return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def solid_of(minus: Minus | None, crs: CRS) -> Solid | None:
    """Water and barriers ready to be cut out of areas in a CRS; None where there are none.

    Raises
    ------
    InputError
        If `minus` has no CRS.
    """
    if minus is None or not len(minus):
        return None
    if minus.crs is None:
        raise InputError(Fault("area-minus-no-crs", field="minus"))
    solid = reprojected(gpd.GeoSeries(minus.geometry).dropna(), crs)[0].to_numpy()
    shapes, owner = subdivided(solid)
    return Solid(solid, shapes, owner, shapely.STRtree(shapes))


def cut_out(
    shapes: NDArray[np.object_], solid: Solid | None, *, threads: int | None = None
) -> NDArray[np.object_]:
    """Polygons less whatever is solid and meets them; only areas are kept.

    Several polygons are cut at once on as many `threads`, the machine's if None.
    """
    if solid is None:
        return shapes
    # each polygon less the union of what meets it, of a large lake the pieces near it
    shape_row, solid_row = solid.tree.query(shapes, predicate="intersects")
    if not len(shape_row):
        return shapes
    order = np.argsort(shape_row, kind="stable")
    met, first = np.unique(shape_row[order], return_index=True)
    result = shapes.copy()

    def cut(row: int, meeting: NDArray[np.intp]) -> None:
        """One polygon less what meets it."""
        result[row] = areas_only(shapely.difference(shapes[row], solid.away(meeting)))

    pairs = zip(met.tolist(), np.split(solid_row[order], first[1:]), strict=True)
    each(lambda pair, _: cut(*pair), pairs, tool=lambda: None, threads=threads)
    return result


def areas_only(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a geometry; points and lines that an overlay leaves behind fall away."""
    if shape.geom_type in {"Polygon", "MultiPolygon"}:
        return shape
    # an overlay may leave points and lines where shapes only touch
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.area(parts) > 0]) if len(parts) else shapely.Polygon()
