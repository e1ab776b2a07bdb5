"""How the verdicts of circle rules move with what the plans leave open: speed, share, origin, grouping.

Nothing is routed again: time is inversely proportional to speed, the share is a threshold, dwellings and
central points are among the demand points, and of alternatives the nearer walk is already known. The
communities are judged all at once, by the same coverage and the same limits as in ``circles`` and
``type_circles``.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.assessment.circles import reach_of
from lifecircle.assessment.context import Context
from lifecircle.assessment.rows import Judgement
from lifecircle.assessment.type_circles import Checklist, checklist_of, statuses_of
from lifecircle.assessment.units import Selection, communities_of
from lifecircle.assessment.verdicts import Share, share_judgement
from lifecircle.plans import Plan, TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import SENSITIVITY, Inputs, TravelTimes

__all__ = ["COVERED_SHARES", "SPEEDS_KMH", "STAND_INS", "sensitivity"]

SPEEDS_KMH: Final = (3.0, 4.0, 4.8)
"""An older person's pace; 15 minutes a kilometre; the usual pace of an adult (80 m a minute)."""
COVERED_SHARES: Final = (0.5, 0.8, 0.9, 1.0)
STAND_INS: Final = (("convenience-store", "supermarket"), ("food-market", "fresh-food-shop"))
"""Basic types that sell much the same: grouped, one of a pair is enough."""

_COHORTS: Final = ("over60", "under3")

Circle: TypeAlias = TravelTimeCircle | TravelDistanceCircle | TypeCircle
Types: TypeAlias = tuple[str | tuple[str, ...], ...]


@dataclass(frozen=True)
class _Variant:
    """The study with one assumption set to one value."""

    varied: str
    setting: str
    own: bool
    ctx: Context
    counts_residents: bool = True
    silent: frozenset[str] = frozenset()
    """Communities that this variant says nothing about."""


def sensitivity(
    plans: Sequence[Plan],
    inputs: Inputs,
    travel: TravelTimes,
    assumptions: Assumptions,
    *,
    centres: Collection[int] = (),
) -> pd.DataFrame:
    """Judge every circle rule again under other assumptions, one at a time.

    Walking speed is varied on foot only, and for the pace the rule itself uses; the grouping of types
    only where the plan leaves it open. The origin is varied from the demand points as they are to
    dwellings (where the study knows them; communities without one are then no-data) and to each
    community's central demand point, which stands for all its residents.

    Parameters
    ----------
    plans
        Baselines and rules without a test are left out.
    inputs, travel
        The study's tables and walks, as `assess` takes them.
    assumptions
        The study's own, each of which is one of the settings.
    centres
        Ids of the communities' central demand points; without them there is no such setting.

    Returns
    -------
    DataFrame
        `tables.SENSITIVITY`, in the order of the plans.
    """
    study = _Variations(_slim(inputs), travel, assumptions, centres)
    rows = [
        {"plan": plan.id, "rule": rule.id, **outcome}
        for plan in plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle) and not rule.is_report_only
        for outcome in _outcomes(rule, study)
    ]
    return SENSITIVITY.check(pd.DataFrame(rows)) if rows else SENSITIVITY.empty()


class _Variations:
    """The variants of one study, each made once."""

    def __init__(
        self, inputs: Inputs, travel: TravelTimes, assumptions: Assumptions, centres: Collection[int]
    ) -> None:
        self.own = Context(inputs, travel, assumptions)
        self._made: dict[tuple[str, object], Context] = {}
        self._origins = tuple(_origins(self.own, centres))

    def of(self, rule: Circle) -> Iterator[_Variant]:
        """Every variant that concerns a rule."""
        own = self.own.assumptions
        if own.mode == "walk" and not isinstance(rule, TravelDistanceCircle):
            pace = rule.speed if isinstance(rule, TravelTimeCircle) else "walk_speed_kmh"
            for speed in sorted({*SPEEDS_KMH, getattr(own, pace)}):
                yield self._with("walk-speed", f"{speed:g}", pace, speed)
        for share in sorted({*COVERED_SHARES, own.covered_share}):
            yield self._with("covered-share", f"{share:g}", "covered_share", share)
        yield from self._origins
        if isinstance(rule, TypeCircle) and rule.types == "basic_types":
            for setting, types in _groupings(own.basic_types).items():
                yield self._with("type-grouping", setting, "basic_types", types)

    def _with(self, varied: str, setting: str, name: str, value: object) -> _Variant:
        """The study with one assumption changed; the study itself where that is its own.

        Variants share what they know of coverage: it depends on neither the share nor the types, and a
        speed is part of its key.
        """
        assumptions = self.own.assumptions
        if getattr(assumptions, name) == value:
            return _Variant(varied, setting, own=True, ctx=self.own)
        key = (name, value)
        if key not in self._made:
            self._made[key] = self.own.assuming(assumptions.model_copy(update={name: value}))
        return _Variant(varied, setting, own=False, ctx=self._made[key])


def _outcomes(rule: Circle, study: _Variations) -> Iterator[dict[str, object]]:
    """How the communities of a rule, and the study as a whole, stand under each variant."""
    selection = communities_of(study.own, rule)
    counts_circles = isinstance(rule, TypeCircle) and rule.unit == "circles"
    share = Share(None) if counts_circles else Share.of_rule(rule)
    for variant in study.of(rule):
        status, beyond = _judged(rule, variant, selection)
        count = Counter(status.tolist())
        judged = count["met"] + count["short"]
        whole = share_judgement([Judgement(one) for one in status], share)
        yield {
            "varied": variant.varied,
            "setting": variant.setting,
            "own": variant.own,
            "met": count["met"],
            "short": count["short"],
            "no_data": count["no-data"],
            "not_applicable": count["not-applicable"],
            "met_share": 100.0 * count["met"] / judged if judged else math.nan,
            "verdict": "" if share.target is None else whole.status,
            "people_short": beyond if variant.counts_residents else math.nan,
        }


def _judged(rule: Circle, variant: _Variant, selection: Selection) -> tuple[NDArray[np.object_], float]:
    """Status of every community, and the residents who do not reach all the rule requires.

    Communities that the variant leaves without anybody are no-data under it.
    """
    ctx, asked = variant.ctx, _asked(variant.ctx, rule)
    codes = [unit.code for unit in selection.units]
    rows = ctx.communities.index.get_indexer(codes)
    status = statuses_of(ctx, asked)[rows]
    status[[code in variant.silent for code in codes]] = "no-data"
    for place, unit in enumerate(selection.units):
        status[place] = unit.status or status[place]
    counted = np.array([not unit.status for unit in selection.units], dtype=bool)
    if not all(ctx.knows(group) for group in asked.required):
        return status, math.nan
    beyond = ctx.covered(asked.required, asked.reach)["beyond"].to_numpy()[rows]
    return status, float(beyond[counted].sum())


def _asked(ctx: Context, rule: Circle) -> Checklist:
    """What a rule asks for; a circle of one service asks for one group."""
    if isinstance(rule, TypeCircle):
        return checklist_of(ctx, rule)
    return Checklist((tuple(dict.fromkeys(rule.services)),), (), 0, reach_of(ctx, rule))


def _groupings(own: Sequence[str | tuple[str, ...]]) -> Mapping[str, Types]:
    """Ways to group the basic types: each on its own, with stand-ins, and as the study says."""
    each: list[str] = []
    for group in own:
        each.extend((group,) if isinstance(group, str) else group)
    pair_of = {name: pair for pair in STAND_INS for name in pair if set(pair) <= set(each)}
    ways: dict[str, Types] = {
        "single": tuple(dict.fromkeys(each)),
        "stand-ins": tuple(dict.fromkeys(pair_of.get(name, name) for name in each)),
    }
    return ways if tuple(own) in ways.values() else {"as-set": tuple(own), **ways}


def _origins(own: Context, centres: Collection[int]) -> Iterator[_Variant]:
    """The study by its demand points, by dwellings and by the central point of each community."""
    demand = own.inputs.demand
    weight = demand.groupby("origin")["residents"].sum()
    usual = str(weight.idxmax()) if len(weight) else "population"
    yield _Variant("origin", usual, own=True, ctx=own)
    plain = demand.drop(columns=[name for name in _COHORTS if name in demand])
    if "dwellings" in plain and (plain["dwellings"] > 0).any():
        yield _by_other_people(own, "dwellings", plain.assign(residents=plain["dwellings"].fillna(0.0)))
    if len(centres) and usual != "centroid":
        total = plain.groupby("community")["residents"].sum()
        centre = plain[plain["demand"].isin(list(centres))]
        stand_for_all = centre["community"].map(total).astype("float64")
        yield _by_other_people(own, "centroid", centre.assign(residents=stand_for_all))


def _by_other_people(own: Context, setting: str, demand: gpd.GeoDataFrame) -> _Variant:
    """The study with other demand points; communities that they leave without anybody stay silent."""
    before, after = (table.groupby("community")["residents"].sum() for table in (own.inputs.demand, demand))
    silent = before.index[before > 0].difference(after.index[after > 0])
    return _Variant(
        "origin",
        setting,
        own=False,
        ctx=own.with_demand(demand),
        counts_residents=setting != "dwellings",
        silent=frozenset(silent),
    )


def _slim(inputs: Inputs) -> Inputs:
    """Inputs with only the demand points of communities that are judged."""
    judged = inputs.communities.loc[inputs.communities["inside"], "code"]
    kept = inputs.demand["community"].isin(judged).to_numpy()
    return dataclasses.replace(inputs, demand=inputs.demand[kept])
