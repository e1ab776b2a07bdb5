"""Circles of several types: the convenience circle, its two tiers, and the number of such circles.

A community has the basic tier when each required group of types is a circle of its own that covers it; a
group may hold alternatives. It has the quality tier when it also has so many of the quality-improving
types. The verdict counts types; the share of residents who reach all required groups stands in its note,
and those who do not are its ``population_short``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from lifecircle.assessment.circle_units import LIFE_CIRCLE, CircleUnits, judges_circles
from lifecircle.assessment.circles import community_rows, cutoff_of, group_name, judge_communities, threshold
from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff, Group
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, not_judged
from lifecircle.assessment.jurisdictions import counted_here
from lifecircle.assessment.rows import Case, Part, Row, ServiceNames, finding, study_place
from lifecircle.assessment.tally import Checklist, ChecklistTally, tally_checklist, tally_groups
from lifecircle.assessment.turns import with_turns
from lifecircle.assessment.units import Selection, Unit, communities_of
from lifecircle.assessment.verdicts import (
    Share,
    deficit_unit_of,
    nothing_to_judge,
    share_judgement,
)
from lifecircle.measures import whole_needed
from lifecircle.plans import TypeCircle
from lifecircle.tables import Note

__all__ = [
    "basic_groups",
    "checklist_of",
    "groups_of",
    "judge_type_circle",
    "parts_of_type_circle",
    "quality_groups",
    "tiers_of",
]

ByCode = Mapping[str, Judgement]
"""Judgements by code of community."""


def judge_type_circle(case: Case[TypeCircle]) -> Iterator[Row]:
    """Findings of a circle of types: each type, each community's verdict, and the study as a whole."""
    for part in parts_of_type_circle(case):
        yield from part.rows()


def parts_of_type_circle(case: Case[TypeCircle]) -> Iterator[Part]:
    """The same findings, group by group, and the verdicts over all of them."""
    if judges_circles(case.rule):
        if not (case.ctx.inputs.units["level"] == LIFE_CIRCLE).any():
            missing = Selection((), "no-data", (Note("missing-layer", {"layer": "areas:life-circle"}),))
            yield Part(frozenset(), lambda: [nothing_to_judge(case, missing)])
            return
        circles = CircleUnits(case.variants)
        case = replace(case, ctx=circles.context(case.ctx), variants=circles)
    ctx, rule = case.ctx, case.rule
    selection = communities_of(ctx, rule)
    if not selection.units:
        yield Part(frozenset(), lambda: [nothing_to_judge(case, selection)])
        return
    asked = checklist_of(ctx, rule)
    if rule.unit != "circles":
        for group in asked.required:
            yield Part(frozenset(group), partial(_group_rows, case, selection, group, asked.cutoff))
        for group in asked.quality:
            rows = partial(_group_rows, case, selection, group, asked.cutoff, only_reported=True)
            yield Part(frozenset(group), rows)
    every = frozenset(name for group in (*asked.required, *asked.quality) for name in group)
    yield Part(every, partial(_verdict_rows, case, selection, asked))


def _group_rows(
    case: Case[TypeCircle], selection: Selection, group: Group, cutoff: Cutoff, *, only_reported: bool = False
) -> Iterator[Row]:
    """Rows of one group, which depend on no other."""
    judgements = judge_communities(case.ctx, case.rule, selection, group, cutoff)
    share = Share(None) if only_reported else Share.of_rule(case.rule)

    def by_itself(ctx: Context) -> Checklist:
        """The group as a circle of its own."""
        return Checklist((group,), (), 0, checklist_of(ctx, case.rule).cutoff)

    service = group_name(group)
    asked = None if only_reported else by_itself
    return community_rows(
        case, selection, judgements, service=service, share=share, asked=asked, alone=not only_reported
    )


def _verdict_rows(case: Case[TypeCircle], selection: Selection, asked: Checklist) -> Iterator[Row]:
    """Verdicts over all groups: each community's, and the study's."""
    ctx, rule = case.ctx, case.rule
    # Groups counted for all communities at once; the judgements say which they are, and how sure that is.
    tally = tally_checklist(ctx, asked)
    row_of = {code: row for row, code in enumerate(ctx.communities.index)}
    people = ctx.covered(asked.required, asked.cutoff).to_dict("index")
    required, quality = (
        {group_name(group): judge_communities(ctx, rule, selection, group, asked.cutoff) for group in groups}
        for groups in (asked.required, asked.quality)
    )
    verdicts = {
        unit.code: _verdict(
            unit,
            _Standing.of(tally, row_of[unit.code]),
            {name: judgements[unit.code] for name, judgements in required.items()},
            [judgements[unit.code] for judgements in quality.values()],
            people[unit.code],
            wanted=asked.quality_needed,
            uncounted=unit.code in ctx.people_unknown_in,
        )
        for unit in selection.units
    }
    wanted = len(asked.required) + asked.quality_needed
    share = Share(None) if rule.unit == "circles" else Share.of_rule(rule)
    whole = share_judgement(list(verdicts.values()), share)
    verdicts, whole = with_turns(
        case, selection, verdicts, whole, asked=lambda variant: checklist_of(variant, rule), share=share
    )
    if rule.unit == "circles":
        counted = _count_row(case, verdicts)
        # a city's circles count towards the total of its province too
        elsewhere = case.total_is_of_more
        if counted["status"] == "short" or (elsewhere is not None and elsewhere.key == "total-of-province"):
            verdicts = {code: _as_one_more(one) for code, one in verdicts.items()}
        yield from _community_rows(case, selection, verdicts, wanted=wanted)
        yield counted
    else:
        yield from _community_rows(case, selection, verdicts, wanted=wanted)
        word = deficit_unit_of(unit.level for unit in selection.units)
        yield finding(case, whole, study_place(case), share.scale(word), "", whole=True)


def basic_groups(ctx: Context) -> tuple[Group, ...]:
    """The required groups of the basic tier, as the study assumes them."""
    return _groups(ctx.assumptions.basic_types)


def quality_groups(ctx: Context, required: Collection[Group]) -> tuple[Group, ...]:
    """The quality-improving groups, as the study assumes them, beside those that are required anyway."""
    groups = _groups(ctx.assumptions.quality_types)
    return tuple(group for group in dict.fromkeys(groups) if group not in required)


def groups_of(ctx: Context, rule: TypeCircle) -> tuple[Group, ...]:
    """The groups a rule requires: its types, and each further service on its own."""
    own = basic_groups(ctx) if isinstance(rule.types, str) else _groups(rule.types)
    return tuple(dict.fromkeys((*own, *((name,) for name in rule.also))))


def tiers_of(ctx: Context, *, minutes: float) -> pd.Series:
    """Tier of every community's convenience circle under the assumptions of the study.

    Returns
    -------
    Series
        ``quality``, ``basic``, ``below``, or ``""`` where it cannot be told, by code of community.
    """
    cutoff = Cutoff(minutes, "min", ctx.assumptions.walk_speed_kmh)
    required = tuple(dict.fromkeys(basic_groups(ctx)))
    basic = tally_checklist(ctx, Checklist(required, (), 0, cutoff)).status
    better = tally_groups(ctx, quality_groups(ctx, required), cutoff)
    # below where the basic tier is surely missed; quality needs the basic tier first
    tier = np.select([basic == "short", basic == "met"], ["below", "basic"], "").astype(object)
    tier[(basic == "met") & (better.met >= ctx.assumptions.quality_types_needed)] = "quality"
    return pd.Series(tier, index=ctx.communities.index, dtype="object")


def _groups(types: Sequence[str | tuple[str, ...]]) -> tuple[Group, ...]:
    """Single types as groups of one."""
    return tuple((group,) if isinstance(group, str) else tuple(group) for group in types)


def checklist_of(ctx: Context, rule: TypeCircle) -> Checklist:
    """The groups a rule asks for under the assumptions of the study, and how far they may be."""
    required = groups_of(ctx, rule)
    quality = quality_groups(ctx, required) if rule.tier == "quality" else ()
    return Checklist(
        required, quality, ctx.assumptions.quality_types_needed if quality else 0, cutoff_of(ctx, rule)
    )


class _Standing(NamedTuple):
    """How one community stands over all groups: a row of `ChecklistTally`."""

    status: str
    required: int
    quality: int
    missing: int

    @classmethod
    def of(cls, tally: ChecklistTally, row: int) -> _Standing:
        """The row of a community."""
        counts = (tally.required[row], tally.quality[row], tally.missing[row])
        return cls(str(tally.status[row]), *(int(count) for count in counts))


def _verdict(
    unit: Unit,
    standing: _Standing,
    required: ByCode,
    quality: Sequence[Judgement],
    people: Mapping[str, float],
    *,
    wanted: int,
    uncounted: bool,
) -> Judgement:
    """One community over all groups, whose judgements are given by name.

    Where nobody knows how many people live there (`uncounted`), those beyond reach have no number.
    """
    if unit.status:
        return not_judged(unit)
    if standing.status == "not-applicable":
        return Judgement("not-applicable", population=0.0, notes=next(iter(required.values())).notes)
    remarks = _remarks(required, people["share"])
    if wanted:
        remarks.append(Note("quality-types", {"covered": standing.quality, "needed": wanted}))
    # Who is short is known only where every required group is.
    unknown = uncounted or any(one.status == "no-data" for one in required.values())
    return Judgement(
        standing.status,
        value=float(standing.required + min(wanted, standing.quality)),
        deficit=float(standing.missing) if standing.status == "short" else UNKNOWN,
        population=unit.population,
        population_short=UNKNOWN if unknown else people["beyond"],
        provisional=_may_be_undone(required.values(), quality, wanted),
        notes=(*unit.notes, *remarks),
    )


def _may_be_undone(required: Iterable[Judgement], quality: Sequence[Judgement], wanted: int) -> bool:
    """Whether a failure rests on provisional failures only."""
    # undone where no firm failure is left and enough groups could still be there
    firm = [one for one in required if one.status == "short" and not one.provisional]
    hopeful = [one for one in quality if one.status in {"met", "no-data"} or one.provisional]
    return not firm and len(hopeful) >= wanted


def _remarks(required: ByCode, share: float) -> list[Note]:
    """What stands beside the verdict: who reaches all, which types are missing, which are unknown."""
    missing = [name for name, one in required.items() if one.status == "short"]
    unknown = [name for name, one in required.items() if one.status == "no-data"]
    notes = [] if unknown else [Note("reach-all", {"share": share})]
    if missing:
        notes.append(Note("types-missing", {"types": ServiceNames.of(missing)}))
    if unknown:
        notes.append(Note("no-facilities", {"services": ServiceNames.of(unknown)}))
    return notes


def _community_rows(
    case: Case[TypeCircle], selection: Selection, verdicts: ByCode, *, wanted: int
) -> Iterator[Row]:
    """The verdict row of every community."""
    scale = Scale("types", ">=", float(wanted), "types")
    if case.rule.types == "basic_types" or case.rule.tier == "quality":  # the clause gives no checklist
        scale = Scale("types", "none", UNKNOWN, "types", criterion=f">= {wanted} types")
    for unit in selection.units:
        yield finding(case, verdicts[unit.code], unit.place, scale, "")


def _as_one_more(judgement: Judgement) -> Judgement:
    """A circle that is not there yet with what it would add to their number: itself."""
    if judgement.status not in {"met", "short"}:
        return judgement
    return replace(judgement, contribution=float(judgement.status == "short"))


def _count_row(case: Case[TypeCircle], verdicts: ByCode) -> Row:
    """How many circles there are, against the number the plan asks of its whole jurisdiction."""
    ctx, rule = case.ctx, case.rule
    counted = Counter(one.status for one in verdicts.values())
    target = threshold(ctx, rule.target)
    needed = whole_needed(target, strict=rule.comparator == ">")
    # circles without data may stand on either side of the target
    sure, possible = counted["met"], counted["met"] + counted["no-data"]
    status = "met" if sure >= needed else "short" if possible < needed else "no-data"
    open_failures = sum(one.provisional for one in verdicts.values() if one.status == "short")
    whole = share_judgement(list(verdicts.values()), Share(None))
    judgement = Judgement(
        status,
        value=float(sure) if status != "no-data" else UNKNOWN,
        deficit=float(needed - possible) if status == "short" else UNKNOWN,
        population=whole.population,
        population_short=UNKNOWN,
        provisional=possible + open_failures >= needed,
    )
    elsewhere = case.total_is_of_more
    if counted["no-data"] and elsewhere is None:
        judgement = judgement.noted(Note("count-interval", {"low": sure, "high": possible}))
    baseline = UNKNOWN if rule.baseline is None or elsewhere is not None else rule.baseline
    # the number is asked of the whole jurisdiction
    if elsewhere is not None:
        note = counted_here(elsewhere, sure, target)
        judgement = Judgement(
            "not-applicable",
            value=judgement.value,
            population=judgement.population,
            notes=(*judgement.notes, note),
        )
    return finding(
        case,
        judgement,
        study_place(case),
        Scale("circles", rule.comparator, target, "circles", baseline),
        "",
        whole=True,
    )
