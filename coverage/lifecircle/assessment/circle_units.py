"""Life circles in the place of communities: the study as it looks where circles are what is judged.

A life circle (of about 20 thousand people) is supplied as a layer of areas or built from adjacent
communities; its people are those of the demand points that lie in it. Everything that judges communities
then judges circles.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import ContextCache
from lifecircle.assessment.variants import Variant, VariantSource
from lifecircle.errors import ContractError
from lifecircle.plans import AnyRule, Rule
from lifecircle.tables import share_weights

__all__ = ["LIFE_CIRCLE", "CircleUnits", "judges_circles"]

LIFE_CIRCLE = "life-circle"
"""The level, and the kind, of a life circle."""


def judges_circles(rule: Rule) -> bool:
    """Whether a rule is about life circles and not about communities."""
    return tuple(rule.units) == (LIFE_CIRCLE,)


@dataclass(frozen=True)
class CircleUnits:
    """A study, and its variants, with life circles in the place of communities.

    Attributes
    ----------
    variants
        Those of the communities; None where nobody asks what turns a verdict.
    """

    variants: VariantSource | None = None
    _made: dict[tuple[int, int], Context] = field(default_factory=dict, repr=False)

    def context(self, ctx: Context) -> Context:
        """A context with its life circles as its communities."""
        key = id(ctx.inputs.demand), id(ctx.travel)
        if key not in self._made:
            self._made[key] = _of_circles(ctx)
        return self._made[key].assuming(ctx.assumptions)

    @property
    def own(self) -> Context:
        """The study as it is, of life circles."""
        if self.variants is None:
            raise ContractError("life circles without variants have no study of their own")
        return self.context(self.variants.own)

    def of(self, rule: AnyRule) -> Iterator[Variant]:
        """The variants that concern a rule, of life circles."""
        if self.variants is None:
            return
        _ = self.own  # what is looked up of it outlives this state of the study
        for variant in self.variants.of(rule):
            ctx = self.context(variant.ctx)
            yield dataclasses.replace(
                variant, ctx=ctx, silent=_silent(ctx) if variant.silent else frozenset()
            )


def _of_circles(ctx: Context) -> Context:
    """A context whose communities are the life circles of its units, and whose people live in those."""
    asked: Hashable = ("life-circle-tables",)
    communities, demand, tables = ctx.remember(asked, (), lambda: _circle_tables(ctx))
    inputs = dataclasses.replace(ctx.inputs, communities=communities, demand=demand)
    known = ctx.cache
    shared = ContextCache(tables, known.covered, known.coverage, known.minutes, known.of_circles)
    return dataclasses.replace(ctx, inputs=inputs, places=LIFE_CIRCLE, cache=shared)


def _circle_tables(ctx: Context) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict[str, Any]]:
    """The circles as communities, the demand points in them, and room for what follows from both."""
    units, demand = ctx.inputs.units, ctx.inputs.demand
    circles = units[units["level"] == LIFE_CIRCLE]
    # stage 1: the circle of each demand point; of overlapping ones the smaller code
    inside = demand.loc[demand["inside"].astype(bool), ["demand", "community", "geometry"]]
    joined = gpd.sjoin(inside, circles[["code", "geometry"]], predicate="intersects")
    joined = joined.sort_values(["demand", "code"]).drop_duplicates("demand")
    owner = joined.set_index("demand")["code"]
    placed = demand.assign(community=demand["demand"].map(owner).fillna("").astype("object"))
    # stage 2: people of each circle, and circles that reach communities at the data edge
    people = placed["residents"].groupby(placed["community"]).sum(min_count=1)
    at_data_edge = ctx.inputs.communities.loc[ctx.inputs.communities["edge"].astype(bool), "code"]
    circles_at_edge = set(joined.loc[joined["community"].isin(at_data_edge), "code"])
    table = gpd.GeoDataFrame(
        {
            "code": circles["code"].to_numpy(),
            "name": circles["name"].to_numpy(),
            "kind": LIFE_CIRCLE,
            "scope": np.where(circles["scope"] == "", "urban", circles["scope"]),
            "population": circles["code"].map(people).fillna(0.0).to_numpy(),
            "households": circles["households"].to_numpy(),
            "inside": True,
            "edge": circles["code"].isin(circles_at_edge).to_numpy(),
        },
        geometry=circles.geometry.to_numpy(),
        crs=units.crs,
    )
    return table, placed, {}


def _silent(ctx: Context) -> frozenset[str]:
    """Circles that a variant leaves without anybody."""
    weight: pd.Series = share_weights(ctx.inputs.demand).groupby(ctx.inputs.demand["community"]).sum()
    there = set(weight.index[weight > 0])
    return frozenset(str(code) for code in ctx.communities.index if code not in there)
