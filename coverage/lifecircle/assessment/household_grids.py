"""Household grids: whether each community has as many as its households ask for, and lies in them whole."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.measured import Amount, Test, judge_amount
from lifecircle.assessment.rows import Case, Row, doubts_about, finding, study_place
from lifecircle.assessment.units import Selection, Unit, communities_of
from lifecircle.assessment.verdicts import Share, deficit_unit_of, nothing_to_judge, share_judgement
from lifecircle.measures import area_in_exactly_one, area_of, facilities_per_area, household_grids_needed
from lifecircle.plans import GridCoverage, HouseholdGridPartition
from lifecircle.tables import Note

__all__ = ["judge_household_grid_coverage", "judge_household_grid_size"]

_SLIVER_SHARE: Final = 0.001
"""Of a community's area: borders drawn twice never fall together to the millimetre."""


def judge_household_grid_size(case: Case[HouseholdGridPartition]) -> Iterator[Row]:
    """Findings of a nominal size of grids: every community, then the share of communities.

    A community is met with as many grids as ``max(1, round(households / nominal))`` or more; its value is
    the mean number of households per grid. Where the clause has no size that is all that is reported.
    """
    ctx, rule = case.ctx, case.rule
    selection = _communities(ctx, rule)
    if not selection.units:
        yield nothing_to_judge(case, selection)
        return
    codes = pd.Index([unit.code for unit in selection.units])
    grids = ctx.inputs.units[ctx.inputs.units["level"] == "grid"]
    homes = ctx.communities.loc[codes]
    home = area_of(grids, homes.rename_axis("code").reset_index())
    counts = facilities_per_area(grids["code"], home, codes)
    households = homes["households"]
    nominal = rule.target if isinstance(rule.target, float) else math.inf
    needed = household_grids_needed(households, nominal=nominal)
    target = nominal if math.isfinite(nominal) else UNKNOWN
    scale = Scale(rule.unit, rule.comparator, target, "grids")
    judgements = []
    for unit in selection.units:
        code = unit.code
        judgement = _sized(unit, float(households[code]), int(counts[code]), float(needed[code]))
        judgements.append(judgement)
        yield finding(case, judgement, unit.place, scale, "")
    if not rule.is_report_only:
        yield _verdict(case, selection, judgements)


def judge_household_grid_coverage(case: Case[GridCoverage]) -> Iterator[Row]:
    """Findings of full coverage: the share of every community that lies in exactly one grid.

    Slivers of up to a thousandth of a community are borders drawn twice, and pass.
    """
    ctx, rule = case.ctx, case.rule
    selection = _communities(ctx, rule)
    if not selection.units:
        yield nothing_to_judge(case, selection)
        return
    homes = ctx.communities.loc[[unit.code for unit in selection.units]]
    inside = area_in_exactly_one(homes, ctx.inputs.units[ctx.inputs.units["level"] == "grid"])
    area = homes.geometry.area
    test = Test.of_rule(rule, per=100.0)
    scale = Scale("%", rule.comparator, test.target, "m2")
    doubts = doubts_about(ctx, rule, ())
    judgements = []
    for unit in selection.units:
        whole = float(area[unit.code])
        has = float(inside[unit.code])
        # borders drawn twice leave slivers: nearly the whole is the whole
        complete = has >= (1.0 - _SLIVER_SHARE) * whole
        judgement = judge_amount(unit, Amount(whole if complete else has, whole), test, doubts)
        judgements.append(judgement)
        yield finding(case, judgement, unit.place, scale, "")
    yield _verdict(case, selection, judgements)


def _communities(ctx: Context, rule: HouseholdGridPartition | GridCoverage) -> Selection:
    """Communities of the rule, or why none of them can be compared with grids."""
    if not (ctx.inputs.units["level"] == "grid").any():
        return Selection((), "no-data", (Note("missing-layer", {"layer": "areas:grid"}),))
    if ctx.is_regular:
        return Selection((), "not-applicable", (Note("cells-are-no-units"),))
    return communities_of(ctx, rule)


def _sized(unit: Unit, households: float, grids: int, needed: float) -> Judgement:
    """One community: its grids against those its households ask for, and how large they are."""
    # more grids than asked for are no fault: only too few are short
    blank = ("communities.households",) if math.isnan(households) else ()
    has = UNKNOWN if blank else float(grids)
    judgement = judge_amount(unit, Amount(has, 1.0, blank), Test(needed, whole=True))
    if judgement.status not in {"met", "short"}:
        return judgement
    mean = households / grids if grids else UNKNOWN
    note = Note("grids-counted", {"grids": grids, "needed": int(needed)})
    return Judgement(
        judgement.status,
        mean,
        judgement.deficit,
        judgement.population,
        judgement.population_short,
        judgement.provisional,
        (*judgement.notes, note),
    )


def _verdict(
    case: Case[HouseholdGridPartition | GridCoverage], selection: Selection, judgements: list[Judgement]
) -> Row:
    """The share of communities that pass: all of them must, where the clause names no share."""
    share = Share.of_rule(case.rule, default=100.0)
    word = deficit_unit_of(unit.level for unit in selection.units)
    return finding(
        case, share_judgement(judgements, share), study_place(case), share.scale(word), "", whole=True
    )
