"""Layers that lie across each other in so many places that no overlay of the two ends in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, Faults, preview
from lifecircle.sources.extract import Extract
from lifecircle.sources.files.shapes import labelled
from lifecircle.sources.files.tangles import CROSSINGS_LIMIT, NEAR_PAIRS_LIMIT, pairs_between, sides_of
from lifecircle.sources.study_files import StudyFiles
from lifecircle.study import Study
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.shapes import MANY_VERTICES

__all__ = ["LargeShapes", "large_shapes", "refuse_crossed_layers", "refuse_crossed_streets"]


class LargeShapes(NamedTuple):
    """The shapes of a layer that have very many vertices.

    Attributes
    ----------
    file : the layer's file
    rows : what they are called there
    sides : n × 2 × 2, both ends of their sides, degrees
    """

    file: str
    rows: list[str]
    sides: NDArray[np.float64]


def large_shapes(study: Study, files: StudyFiles) -> list[LargeShapes]:
    """What every layer of a study has of shapes with very many vertices; layers without are left out."""
    areas = [] if files.boundary is None else _large([(str(study.area.boundary or ""), files.boundary)])
    # a boundary is the union of its rows
    return [*(one._replace(rows=[]) for one in areas), *_large(_layers(study, files))]


def refuse_crossed_layers(layers: list[LargeShapes]) -> None:
    """Refuse two layers whose large shapes cross in too many places.

    Each may be sound alone, as two combs are that lie across each other: the overlay of the two has every
    crossing for a vertex.

    Raises
    ------
    InputError
        ``layers-tangled`` for every such two, with the rows of the first and the file of the second.
    """
    faults = Faults()
    for one, other in combinations(layers, 2):
        if one.file != other.file and _too_many(one.sides, other.sides):
            faults.add(_fault(one, other.file))
    faults.raise_if_any()


def refuse_crossed_streets(
    layers: list[LargeShapes], streets: StreetTable, extract: Extract, *, file: str
) -> None:
    """Refuse layers whose large shapes cross the streets, or areas of their extract, in too many places.

    Raises
    ------
    InputError
        ``layers-tangled`` for every such layer.
    """
    if not layers:
        return
    places = np.column_stack([streets.lon, streets.lat])
    segments = LargeShapes(file, [], places[np.stack([streets.u, streets.v], axis=1)])
    areas = [(file, layer) for layer in (extract.tagged, extract.water) if layer is not None]
    beside = [segments, *_large(areas)]
    faults = Faults()
    for layer in layers:
        if any(_too_many(layer.sides, other.sides) for other in beside):
            faults.add(_fault(layer, file))
    faults.raise_if_any()


def _large(layers: Iterable[tuple[str, gpd.GeoDataFrame]]) -> list[LargeShapes]:
    """The shapes of very many vertices of layers that have such."""
    kept = []
    for file, layer in layers:
        large = shapely.get_num_coordinates(layer.geometry.to_numpy()) > MANY_VERTICES
        if large.any():
            sides = sides_of(layer.geometry[large].to_crs(WGS84).to_numpy())
            kept.append(LargeShapes(file, labelled(layer, large), sides))
    return kept


def _layers(study: Study, files: StudyFiles) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Every layer of the study's files that has shapes, the boundary aside, and its file."""
    layers = [
        (str(study.area.communities or ""), files.communities),
        *((units.file, units.units) for units in files.units),
        (files.people.file, files.people.points),
        (str(study.buildings.source) if study.buildings else "", files.buildings),
        (str(study.streets.barriers or ""), files.barriers),
        *((ledger.file, ledger.rows) for ledger in files.ledgers),
    ]
    for file, layer in layers:
        if isinstance(layer, gpd.GeoDataFrame) and len(layer) and layer.crs is not None:
            yield file, layer


def _too_many(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether sides overlap in their boxes, or cross, more often than an overlay gets through."""
    near, crossings = pairs_between(one, other)
    return near > NEAR_PAIRS_LIMIT or crossings > CROSSINGS_LIMIT


def _fault(layer: LargeShapes, other: str) -> Fault:
    """The fault of a layer that lies across another."""
    values = {
        "other": other,
        "pairs": f"{NEAR_PAIRS_LIMIT / 1e6:,.0f}",
        "crossings": f"{CROSSINGS_LIMIT / 1e6:,.0f}",
    }
    return Fault("layers-tangled", file=layer.file, row=preview(layer.rows), values=values)
