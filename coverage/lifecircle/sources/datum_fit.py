"""Whether places fit the streets, buildings and boundary better once a Chinese map datum is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from lifecircle.messages import Words
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.datum import bd09_to_wgs84, gcj02_to_wgs84, in_china, wgs84_to_bd09, wgs84_to_gcj02
from lifecircle.tables.shapes import MANY_VERTICES
from lifecircle.tables.subdivision import chains

__all__ = ["DatumFit", "Suspect", "check_fits", "datum_fit"]

_UNDO: Final = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
_APPLY: Final = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}
_SAMPLE: Final = 800
"""Places that are measured at most: a median needs no more."""
_LEAST_PLACES: Final = 20
"""Places, and places that move, below which nothing is concluded: shorter lists are tried together."""
_BETTER: Final = 0.67
_BETTER_M: Final = 8.0
_GOOD_M: Final = 40.0
"""The median distance must fall to two thirds, by at least 8 m, and below 40 m."""
_BETTER_THAN_OTHERS: Final = 0.8
"""How much nearer the datum's shift must bring places than shifts of its length in other directions."""
_CERTAIN: Final = 4.0
"""Standard deviations of the sign test."""
_EXACT_M: Final = 2.0
"""Median distance below which outlines of few corners fit: their sides are too few to prove more."""
_RING_STEPS: Final = 400
"""Places along all outlines of a layer."""

_OFF_START: Final = 0.37
"""Share of a step by which places along an outline miss its first corner."""

Distance = Callable[[NDArray[np.object_]], NDArray[np.float64]]
"""Metres from each point (study CRS) to what it should lie on."""


@dataclass(frozen=True)
class DatumFit:
    """How far places lie from what they should lie on, as they are and with a datum undone.

    Attributes
    ----------
    datum : str
        ``gcj02`` or ``bd09``: the one that fits best.
    before_m, after_m : float
        Median distance of the places as they are, and with the datum undone.
    """

    datum: str
    before_m: float
    after_m: float


@dataclass(frozen=True)
class Suspect:
    """A layer that may be in a web map's datum.

    Attributes
    ----------
    file, field : str
        The file, and the key of the study that would say its datum.
    shapes : GeoDataFrame
        Points or polygons in any system.
    outlines : bool
        Whether the shapes are areas whose outline follows streets and other outlines.
    beside : GeoDataFrame or None
        Of areas: other areas, the outline of which should run along theirs.
    said : bool
        The study says its datum: it tells of others, and is not doubted itself.
    """

    file: str
    field: str
    shapes: gpd.GeoDataFrame
    outlines: bool = False
    beside: gpd.GeoDataFrame | None = None
    said: bool = False


def datum_fit(
    places: gpd.GeoSeries, distance_m: Distance, area: StudyArea, *, apply: bool = False
) -> DatumFit | None:
    """The shifted datum that fits places clearly better than WGS 84 does, or None.

    Clearly: the median distance falls by a third and by 8 m to less than 40 m; of the places whose distance
    changes, so many come nearer that chance would not do it (four standard deviations of a sign test); and
    no shift of the same length in seven other directions fits nearly as well.

    Parameters
    ----------
    places
        Points in WGS 84 degrees.
    distance_m
        Distance from points of the study's system to the streets, buildings or outlines.
    area
        The study's ground.
    apply
        Whether the ground and not the places may be shifted: the places are then shifted likewise.
    """
    # A sample in China, at even steps through the layer: the shifts exist there alone.
    lon, lat = places.x.to_numpy(), places.y.to_numpy()
    there = np.isfinite(lon) & np.isfinite(lat) & in_china(lon, lat)
    if there.sum() < _LEAST_PLACES:
        return None
    at = np.flatnonzero(there)
    at = at[np.linspace(0, len(at) - 1, min(len(at), _SAMPLE)).astype(np.intp)]
    lon, lat = lon[at], lat[at]
    # Distances as the places are.
    project = Transformer.from_crs(WGS84, area.crs, always_xy=True).transform
    x, y = project(lon, lat)
    before = distance_m(shapely.points(x, y))
    best: DatumFit | None = None
    for datum, move in (_APPLY if apply else _UNDO).items():
        moved_x, moved_y = project(*move(lon, lat))
        after = distance_m(shapely.points(moved_x, moved_y))
        # Sign test: under no preference, nearer less farther has mean 0 and variance `changed`.
        nearer, farther = int((after < before - 1).sum()), int((after > before + 1).sum())
        changed = nearer + farther
        certain = changed >= _LEAST_PLACES and (nearer - farther) / np.sqrt(changed) >= _CERTAIN
        # A datum counts where it is certain, clearly better, and the better of the two.
        fit = DatumFit(datum, float(np.median(before)), float(np.median(after)))
        better = fit.after_m < min(_GOOD_M, _BETTER * fit.before_m, fit.before_m - _BETTER_M)
        if not (certain and better) or (best is not None and best.after_m <= fit.after_m):
            continue
        # Places near one another move together: the shift must also beat those of its length elsewhere.
        # The mean shift as a complex number, turned by multiples of 45 degrees.
        turned = np.exp(1j * np.pi / 4 * np.arange(1, 8)) * np.mean(moved_x - x + 1j * (moved_y - y))
        others = [np.median(distance_m(shapely.points(x + to.real, y + to.imag))) for to in turned]
        if fit.after_m < _BETTER_THAN_OTHERS * min(others):
            best = fit
    return best


def check_fits(
    suspects: Iterable[Suspect],
    area: StudyArea,
    log: ReadingLog,
    *,
    streets: StreetTable,
    homes: gpd.GeoDataFrame | None = None,
    street_file: str = "",
) -> None:
    """Refuse layers of undeclared datum that fit better with one undone: a fault of the log for each.

    Parameters
    ----------
    suspects
        The study's layers.
    area
        The study's ground.
    streets, homes
        What places should lie on: streets in WGS 84, and residential buildings in the study's system.
    street_file
        The line layer of streets whose own datum the study does not say; blank where it does.
    """
    layers = [suspect for suspect in suspects if len(suspect.shapes)]
    wanted = [suspect for suspect in layers if not suspect.said]
    middle = gpd.GeoSeries([area.outline.centroid], crs=area.crs).to_crs(WGS84)
    if not (wanted or street_file) or not in_china(middle.x.to_numpy(), middle.y.to_numpy()).all():
        return
    lines = gpd.GeoSeries(streets.segments(), crs=WGS84).to_crs(area.crs).to_numpy()
    grounds: list[tuple[str, Distance]] = [("streets", _nearest(lines))]
    if street_file and (shifted := _shift_of_streets(layers, grounds[0][1], area)):
        log.fault("datum-fits-better", place=(street_file, "", "", "streets.datum"), **shifted)
        return
    if homes is not None and len(homes):
        grounds.append(("buildings", _nearest(homes.geometry.to_numpy())))
    short = [one for one in wanted if not one.outlines and len(one.shapes) < _LEAST_PLACES]
    tried = [(_outline_fit(one, grounds, area), [one]) for one in wanted if one.outlines]
    tried += [
        (_first_fit(_points(one.shapes), grounds, area), [one])
        for one in wanted
        if not (one.outlines or len(one.shapes) < _LEAST_PLACES)
    ]
    if short:
        places = gpd.GeoSeries(np.concatenate([_points(one.shapes).to_numpy() for one in short]), crs=WGS84)
        what, fit = _first_fit(places, grounds, area)
        if fit is not None:
            # of several lists those are meant that come nearer themselves
            distance_m = dict(grounds)[what]
            short = [one for one in short if _comes_nearer(_points(one.shapes), fit, distance_m, area)]
        tried.append(((what, fit), short))
    for (what, fit), meant in tried:
        for suspect in meant:
            if fit is None:
                continue
            place = (suspect.file, "", "", suspect.field)
            log.fault("datum-fits-better", place=place, **_values(what, fit))


def _values(what: str, fit: DatumFit) -> dict[str, object]:
    """What the fault of a fit says."""
    return {
        "what": Words(f"faults.datum-fits.{what}"),
        "before": f"{fit.before_m:.0f}",
        "after": f"{fit.after_m:.0f}",
        "datum": fit.datum,
    }


def _shift_of_streets(layers: Iterable[Suspect], distance_m: Distance, area: StudyArea) -> dict[str, object]:
    """What the fault says of streets that fit the layers beside them better once a datum is undone.

    All layers that tell of a datum must tell of the same one. Nothing where none does.
    """
    places = [_ring_places(one.shapes) if one.outlines else _points(one.shapes) for one in layers]
    fits = [datum_fit(one, distance_m, area, apply=True) for one in places if len(one) >= _LEAST_PLACES]
    told = [fit for fit in fits if fit is not None]
    if not told or len({fit.datum for fit in told}) > 1:
        return {}
    return _values("places", max(told, key=lambda fit: fit.before_m))


_Fit: TypeAlias = tuple[str, DatumFit | None]


def _first_fit(
    places: gpd.GeoSeries,
    grounds: Iterable[tuple[str, Distance]],
    area: StudyArea,
    *,
    within_m: float = np.inf,
) -> _Fit:
    """The first ground that places fit better with a datum undone, and the fit; None where none does."""
    for what, distance_m in grounds:
        fit = datum_fit(places, distance_m, area)
        if fit is not None and fit.after_m <= within_m:
            return what, fit
    return "", None


def _comes_nearer(places: gpd.GeoSeries, fit: DatumFit, distance_m: Distance, area: StudyArea) -> bool:
    """Whether most of a few places come nearer once the datum of a fit is undone."""
    moved = gpd.GeoSeries.from_xy(*_UNDO[fit.datum](places.x, places.y), crs=WGS84)
    before, after = (distance_m(at.to_crs(area.crs).to_numpy()) for at in (places, moved))
    return bool((after < before).mean() > 0.5)


def _outline_fit(suspect: Suspect, grounds: Iterable[tuple[str, Distance]], area: StudyArea) -> _Fit:
    """The same of areas: along their outlines, then along those beside them."""
    few = _corners(suspect.shapes) < _LEAST_PLACES
    within_m = _EXACT_M if few else np.inf
    what, fit = _first_fit(_ring_places(suspect.shapes), grounds, area, within_m=within_m)
    if fit is not None:
        return what, fit
    if suspect.beside is not None and len(suspect.beside):
        outlines = chains(shapely.boundary(suspect.shapes.to_crs(area.crs).geometry.to_numpy()))
        fit = datum_fit(_ring_places(suspect.beside), _nearest(outlines), area, apply=True)
        return "outlines", fit
    return "", None


def _corners(shapes: gpd.GeoDataFrame) -> int:
    """Distinct corners of areas: places along one straight side all say the same."""
    return len(np.unique(shapely.get_coordinates(shapes.geometry.to_numpy()), axis=0))


def _nearest(shapes: NDArray[np.object_]) -> Distance:
    """Distance to the nearest of some shapes."""
    tree = shapely.STRtree(shapes)

    def distance_m(points: NDArray[np.object_]) -> NDArray[np.float64]:
        """Metres to the nearest shape, one per point."""
        distance = np.full(len(points), np.inf)
        (at, _), away = tree.query_nearest(points, return_distance=True, all_matches=False)
        distance[at] = away
        return distance

    return distance_m


def _points(shapes: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """A point inside each shape, WGS 84."""
    inner = shapely.point_on_surface(shapes.geometry.to_numpy())
    return gpd.GeoSeries(inner, crs=shapes.crs).to_crs(WGS84)


def _ring_places(shapes: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Places at even steps along the outlines of areas, WGS 84."""
    # The outlines that there are, with about _RING_STEPS places in all.
    outlines = shapely.boundary(shapes.to_crs(WGS84).geometry.to_numpy())
    outlines = outlines[~shapely.is_missing(outlines) & ~shapely.is_empty(outlines)]
    steps = max(4, _RING_STEPS // max(1, len(outlines)))
    # Off the start of the ring, which is often a shared corner.
    along = (np.arange(steps) + _OFF_START) / steps
    places = np.concatenate([_along(outline, along) for outline in outlines] or [outlines])
    return gpd.GeoSeries(places[~shapely.is_empty(places)], crs=WGS84)


def _along(outline: shapely.Geometry, shares: NDArray[np.float64]) -> NDArray[np.object_]:
    """Points at shares of the length of an outline, `shapely.line_interpolate_point`'s to the bit.

    That one goes along the line from its start for each of them.
    """
    xy = shapely.get_coordinates(outline)
    if len(xy) <= MANY_VERTICES or shapely.get_type_id(outline) != shapely.GeometryType.LINESTRING:
        return shapely.line_interpolate_point(outline, shares, normalized=True)
    step = np.diff(xy, axis=0)
    sides = np.sqrt(step[:, 0] ** 2 + step[:, 1] ** 2)
    ends = np.cumsum(sides)
    at = shares * ends[-1]
    side = np.minimum(np.searchsorted(ends, at, side="right"), len(sides) - 1)
    begins = np.append(0.0, ends)[side]
    return shapely.points(xy[side] + step[side] * ((at - begins) / sides[side])[:, np.newaxis])
