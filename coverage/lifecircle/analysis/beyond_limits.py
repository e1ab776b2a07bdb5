"""How much of a unit lies beyond the limit of a circle, and where its farthest home is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.assessment import Context, cutoff_of
from lifecircle.measures import at_most
from lifecircle.messages import text
from lifecircle.plans import Rule, TravelDistanceCircle, TravelTimeCircle
from lifecircle.tables import WGS84

__all__ = ["BeyondLimit", "beyond_limit"]


class BeyondLimit(NamedTuple):
    """What of a unit lies beyond the limit of a circle: everybody the rule counts, and the farthest home."""

    unit: str
    """Of the limit and of what is held against it: ``min`` or ``m``."""
    limit: float
    start: float
    """From the demand point the way starts at; NaN where it starts elsewhere, inf where none is reached."""
    people: float
    people_in_all: float
    """NaN, as `people`, where nobody says how many live there."""
    points: int
    points_in_all: int
    lon: float
    lat: float
    farthest: float
    """From the farthest demand point, at `lon` and `lat` (WGS 84); inf where none is reached from it."""

    def lines(self, lang: str) -> Iterator[str]:
        """Whether the way's start is within the limit, who is beyond it, and where the farthest home lies."""
        if not np.isnan(self.start):
            key = "start-within" if self.start <= self.limit else "start-beyond"
            yield text(f"explain.{key}", lang, figure=_walk(self.start, self.unit, lang))
        said = {"points": f"{self.points:,}", "of_points": f"{self.points_in_all:,}"}
        said |= {"lon": f"{self.lon:.6f}", "lat": f"{self.lat:.6f}"}
        said |= {"figure": _walk(self.farthest, self.unit, lang)}
        if np.isnan(self.people):
            yield text("explain.beyond-points", lang, **said)
        else:
            said |= {"people": f"{self.people:,.0f}", "of_people": f"{self.people_in_all:,.0f}"}
            yield text("explain.beyond", lang, **said)


def beyond_limit(
    ctx: Context, rule: Rule, unit: str, service: str, *, start: int | None
) -> BeyondLimit | None:
    """What of a unit lies beyond the limit of a time or distance circle, as the verdict counts it.

    Parameters
    ----------
    ctx
        The study as it was judged.
    unit
        Code of a community.
    service
        Of the finding: blank where any of the rule's services counts.
    start
        Id of the demand point from which the way is told; None where it starts anywhere else.

    Returns
    -------
    BeyondLimit or None
        None for other rules, and where nothing of the unit lies beyond.
    """
    if not isinstance(rule, TravelTimeCircle | TravelDistanceCircle):
        return None
    cutoff = cutoff_of(ctx, rule)
    services = tuple(service.split("|")) if service else tuple(dict.fromkeys(rule.services))
    cost = ctx.cost(services, cutoff)
    homes = ctx.demand[(ctx.demand["community"] == unit).to_numpy()]
    walks = cost.loc[homes.index].to_numpy(dtype=float)
    people = homes["counted" if cutoff.weight == "residents" else cutoff.weight].to_numpy(dtype=float)
    # homes that hold nobody who counts do not make a unit short
    counts = np.nan_to_num(people) > 0
    beyond = counts & ~np.atleast_1d(at_most(pd.Series(walks), cutoff.limit))
    if not beyond.any():
        return None
    farthest = int(np.argmax(np.where(beyond, walks, -np.inf)))
    place = gpd.GeoSeries([homes.geometry.iloc[farthest]], crs=ctx.inputs.crs).to_crs(WGS84).iloc[0]
    known = unit not in ctx.people_unknown_in
    return BeyondLimit(
        unit=cutoff.limit_unit,
        limit=float(cutoff.limit),
        start=float(cost.loc[start]) if start is not None else np.nan,
        people=float(people[beyond].sum()) if known else np.nan,
        people_in_all=float(people[counts].sum()) if known else np.nan,
        points=int(beyond.sum()),
        points_in_all=int(counts.sum()),
        lon=float(place.x),
        lat=float(place.y),
        farthest=float(walks[farthest]),
    )


def _walk(figure: float, unit: str, lang: str) -> str:
    """Minutes or metres; words where none is reached."""
    if np.isinf(figure):
        return text("explain.reaches-none", lang)
    return text(f"explain.figure-{unit}", lang, n=f"{figure:,.1f}" if unit == "min" else f"{figure:,.0f}")
