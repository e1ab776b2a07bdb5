"""How well communities fit beside one another: overlaps, gaps and slivers, measured and placed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.errors import preview
from lifecircle.sources.files.raster import DENSEST_PER_KM2
from lifecircle.sources.log import ReadingLog
from lifecircle.tables.remaining_ground import ground_outside
from lifecircle.tables.subdivision import pairs_meeting, shared_ground

__all__ = ["remark_fabric", "remark_overlaps", "require_habitable"]

_LEAST_M2: Final = 1.0
_SLIVER_M: Final = 2.0
"""Ground no wider than this is a sliver: two drawings of one border."""
_LISTED: Final = 200
_GAP_SHARE: Final = 0.001
_CROWDED_PER_KM2: Final = 300_000.0
"""More than the densest quarters of the world hold: a figure of another column, or another outline."""
_NO_COUNT: Final = 1e10
_LISTED_CODES: Final = 10


def remark_fabric(placed: gpd.GeoDataFrame, outline: shapely.Geometry | None, log: ReadingLog) -> None:
    """Remark upon every overlap of two communities and every gap between them, with its area and place.

    Parameters
    ----------
    placed
        Communities in the study's system: ``code`` and valid polygons.
    outline
        The boundary, in the same system: ground in it that belongs to no community is a gap. None where
        it is the communities' own union.
    log
        Takes one remark for each overlap and gap wider than 2 m (the largest 200 of either), and one with
        the count and area of all slivers.
    """
    shapes = placed.geometry.to_numpy()
    remark_overlaps(placed, "overlap", log)
    if outline is not None:
        _tell_gaps(shapes, outline, log)


def require_habitable(
    people: NDArray[np.float64], placed: gpd.GeoDataFrame, log: ReadingLog, *, file: str, field: str = ""
) -> None:
    """Fault communities with more people than their ground can hold; remark upon those that are crowded.

    Parameters
    ----------
    people
        Residents of each community, NaN where unknown.
    placed
        The communities in the study's system: ``code`` and polygons.
    log
        Takes the fault and the remark, which name the communities.
    file, field
        Where the figures come from.
    """
    km2 = np.maximum(placed.area.to_numpy() / 1e6, 1e-12)
    codes = placed["code"].to_numpy()
    # what no area can hold, or is no number, is told of where the column is read
    people = np.where(people <= _NO_COUNT, people, np.nan)
    impossible = people > DENSEST_PER_KM2 * km2
    if impossible.any():
        most = int(np.argmax(np.where(impossible, people / km2, 0.0)))
        log.fault(
            "population-crowded",
            place=(file, "", preview(codes[impossible], _LISTED_CODES), field),
            count=int(impossible.sum()),
            found=f"{people[most]:,.0f}",
            km2=f"{km2[most]:,.4g}",
        )
    if field:  # of a column: cells of a raster hold fractions of people
        _remark_fractions(people, codes, log, file)
    crowded = ~impossible & (people > _CROWDED_PER_KM2 * km2)
    if crowded.any():
        named = [
            f"{code}: {each:,.0f}" for code, each in zip(codes[crowded], (people / km2)[crowded], strict=True)
        ]
        log.remark(
            "population",
            "community-crowded",
            item=file,
            count=int(crowded.sum()),
            value=preview(named, _LISTED_CODES),
            severity="warning",
        )


def _remark_fractions(
    people: NDArray[np.float64], codes: NDArray[np.object_], log: ReadingLog, file: str
) -> None:
    """Say where most communities have less than one resident: the figures are in another unit, or shares."""
    there = people > 0
    fractions = there & (people < 1)
    if fractions.any() and 2 * fractions.sum() >= there.sum():
        named = [f"{code}: {each:g}" for code, each in zip(codes[fractions], people[fractions], strict=True)]
        value, count = preview(named, _LISTED_CODES), int(fractions.sum())
        log.remark(
            "population", "community-fraction", item=file, count=count, value=value, severity="warning"
        )


def remark_overlaps(placed: gpd.GeoDataFrame, kind: str, log: ReadingLog) -> None:
    """Remark upon every pair of communities, or of units above them, that share ground.

    Parameters
    ----------
    placed
        ``code`` and valid polygons in metres.
    kind
        The remark; ``<kind>-more`` and ``<kind>-slivers`` tell of further ones and of thin ones.
    log
        Takes the remarks.
    """
    codes, shapes = placed["code"].to_numpy(), placed.geometry.to_numpy()
    # Pairs that meet, each once, without those that only touch.
    first, second = pairs_meeting(shapes, shapes)
    first, second = first[first < second], second[first < second]
    shared = shared_ground(shapes, shapes, (first, second))
    apart = shapely.area(shared) == 0
    first, second, shared = first[~apart], second[~apart], shared[~apart]
    names = [f"{codes[one]}+{codes[other]}" for one, other in zip(first, second, strict=True)]
    _tell(kind, names, shared, log)


def _tell_gaps(shapes: NDArray[np.object_], outline: shapely.Geometry, log: ReadingLog) -> None:
    """Ground within the boundary that belongs to no community: its share, and piece by piece."""
    # Ground of the boundary that no community covers.
    gap = ground_outside(outline, shapes)
    share = gap.area / outline.area
    if share > _GAP_SHARE:
        centre = gap.representative_point()
        log.remark("communities", "gap", value=f"{share:.1%}", severity="warning", xy=(centre.x, centre.y))
    pieces = shapely.get_parts(gap)
    _tell("gap-piece", [""] * len(pieces), pieces, log)


def _tell(kind: str, names: Sequence[str], pieces: NDArray[np.object_], log: ReadingLog) -> None:
    """One remark for each piece of ground that is no sliver, the largest first; slivers in one remark."""
    size = shapely.area(pieces)
    # The width of a long thin piece is twice its area over its perimeter.
    width = 2 * size / np.maximum(shapely.length(pieces), 1e-9)
    counted = size > _LEAST_M2
    thin = counted & (width < _SLIVER_M)
    broad = np.flatnonzero(counted & ~thin)
    order = broad[np.argsort(-size[broad], kind="stable")]
    for at in order[:_LISTED]:
        centre = shapely.point_on_surface(pieces[at])
        log.remark(
            "communities",
            kind,
            item=names[at],
            count=1,
            value=f"{size[at]:,.0f}",
            severity="warning",
            xy=(float(centre.x), float(centre.y)),
        )
    if len(order) > _LISTED:
        rest = order[_LISTED:]
        log.remark(
            "communities",
            f"{kind}-more",
            count=len(rest),
            value=f"{size[rest].sum():,.0f}",
            severity="warning",
        )
    if thin.any():
        log.remark("communities", f"{kind}-slivers", count=int(thin.sum()), value=f"{size[thin].sum():,.0f}")
