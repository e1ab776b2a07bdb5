"""Neighbouring facilities: whether each facility of one service has one of another within a short walk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from lifecircle.assessment.circles import threshold
from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding
from lifecircle.assessment.units import Place, Selection
from lifecircle.assessment.verdicts import Share, nothing_to_judge, share_row
from lifecircle.measures import at_most
from lifecircle.plans import Adjacency
from lifecircle.tables import Note

__all__ = ["judge_adjacency", "neighbour_statuses"]


def judge_adjacency(case: Case[Adjacency]) -> Iterator[Row]:
    """Findings of an adjacency rule: every facility inside the boundary, then the share that has a neighbour.

    The distance is the walk along streets from `Context.neighbours`, 0 for a facility that offers both
    services; without those walks the rule is no-data. Partners beyond the boundary count.
    """
    ctx, rule = case.ctx, case.rule
    status, notes = _unfit(ctx, rule)
    if status:
        yield nothing_to_judge(case, Selection((), status, notes))
        return
    own = ctx.each_offering(rule.services)
    metres = _distances(ctx, rule, own["facility"])
    limit = threshold(ctx, rule.metres)
    doubts = doubts_about(ctx, rule, rule.partners)
    judgements = [_judge(distance, limit, doubts) for distance in metres]
    scale, names = Scale("m", "<=", limit, "m"), own[["facility", "name"]].itertuples(index=False)
    if isinstance(rule.target, str):  # "adjacent" without a number: the limit is ours
        scale = Scale("m", "none", UNKNOWN, "m", criterion=f"<= {limit:g} m")
    for (code, name), judgement in zip(names, judgements, strict=True):
        yield finding(case, judgement, Place("facility", code, name), scale, "")
    yield share_row(case, judgements, Share.of_rule(rule), service="", deficit_unit="facilities")


def neighbour_statuses(ctx: Context, rule: Adjacency) -> list[str]:
    """How each facility would stand if the metres of the rule were a test: none where it cannot be judged."""
    if _unfit(ctx, rule)[0]:
        return []
    limit = threshold(ctx, rule.metres)
    metres = _distances(ctx, rule, ctx.each_offering(rule.services)["facility"])
    return [_judge(distance, limit, ()).status for distance in metres]


def _unfit(ctx: Context, rule: Adjacency) -> tuple[str, tuple[Note, ...]]:
    """Why the rule cannot be judged, if it cannot."""
    unknown = [group for group in (rule.services, rule.partners) if not ctx.knows(group)]
    if unknown:
        names = ServiceNames.of(name for group in unknown for name in group)
        return "no-data", (Note("no-facilities", {"services": names}),)
    if ctx.offering(rule.services).empty:
        return "not-applicable", (Note("no-such-unit", {"units": ServiceNames.of(rule.services)}),)
    if ctx.neighbours is None:
        return "no-data", (Note("no-neighbour-distances"),)
    return "", ()


def _distances(ctx: Context, rule: Adjacency, facilities: pd.Series) -> pd.Series:
    """Metres from each facility to its nearest open partner; ``inf`` where none is reached."""
    table = ctx.inputs.facilities
    partners = set(table.loc[table["service"].isin(rule.partners) & table["public"], "facility"])
    walks = ctx.neighbours
    assert walks is not None  # noqa: S101 - `_unfit` answered for it
    # the nearest partner by street; a facility that is a partner itself stands at 0 m
    near = walks[walks["service"].isin(rule.partners) & walks["facility"].isin(partners)]
    metres = near.groupby("origin")["distance_m"].min().reindex(facilities).fillna(np.inf)
    return metres.where(~metres.index.isin(partners), 0.0)


def _judge(distance_m: float, limit_m: float, doubts: tuple[Note, ...]) -> Judgement:
    """One facility with the distance to its nearest partner."""
    if bool(at_most(distance_m, limit_m)):
        return Judgement("met", distance_m, 0.0)
    # out of reach: short by an unknown number of metres
    reached = bool(np.isfinite(distance_m))
    return Judgement(
        "short",
        distance_m if reached else UNKNOWN,
        distance_m - limit_m if reached else UNKNOWN,
        provisional=bool(doubts),
        notes=doubts if reached else (*doubts, Note("no-neighbour-reached")),
    )
