"""Circles of several types: the convenience circle, its two tiers, and the number of such circles.

A community has the basic tier when each required group of types is a circle of its own that covers it; a
group may hold alternatives. It has the quality tier when it also has so many of the quality-improving
types. The verdict counts types; the share of residents who reach all required groups stands in its note,
and those who do not are its ``population_short``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from lifecircle.assessment.circles import circle_of, group_name, judge_communities, threshold
from lifecircle.assessment.context import Context, Group, Reach
from lifecircle.assessment.rows import (
    UNKNOWN,
    Case,
    Judgement,
    Part,
    Row,
    Scale,
    finding,
    not_judged,
    reported,
    study_place,
)
from lifecircle.assessment.units import Selection, Unit, communities_of
from lifecircle.assessment.verdicts import Share, nothing_to_judge, share_judgement, share_row, unit_word
from lifecircle.measures import PEOPLE_TOLERANCE, whole_needed
from lifecircle.plans import TypeCircle
from lifecircle.tables import Note

__all__ = [
    "basic_groups",
    "groups_of",
    "judge_type_circle",
    "parts_of_type_circle",
    "quality_groups",
    "tiers_of",
]

Found = Mapping[str, Judgement]
"""Judgements, by code of community or by name of group."""


@dataclass(frozen=True)
class _Asked:
    """What one circle asks for."""

    required: tuple[Group, ...]
    quality: tuple[Group, ...]
    quality_needed: int
    reach: Reach


@dataclass(frozen=True)
class _Checklist:
    """What every community has of what is asked, by the names of the groups."""

    required: Mapping[str, Found]
    quality: Mapping[str, Found]
    quality_needed: int


def judge_type_circle(case: Case[TypeCircle]) -> Iterator[Row]:
    """Findings of a circle of types: each type, each community's verdict, and the study as a whole."""
    for part in parts_of_type_circle(case):
        yield from part.rows()


def parts_of_type_circle(case: Case[TypeCircle]) -> Iterator[Part]:
    """The same findings, group by group, and the verdicts over all of them."""
    ctx, rule = case.ctx, case.rule
    selection = communities_of(ctx, rule)
    if not selection.units:
        yield Part(frozenset(), lambda: [nothing_to_judge(case, selection)])
        return
    asked = _asked(ctx, rule)
    if rule.unit != "circles":
        for group in asked.required:
            yield Part(frozenset(group), partial(_group_rows, case, selection, group, asked.reach))
        for group in asked.quality:
            rows = partial(_group_rows, case, selection, group, asked.reach, only_reported=True)
            yield Part(frozenset(group), rows)
    every = frozenset(name for group in (*asked.required, *asked.quality) for name in group)
    yield Part(every, partial(_verdict_rows, case, selection, asked))


def _group_rows(
    case: Case[TypeCircle], selection: Selection, group: Group, reach: Reach, *, only_reported: bool = False
) -> Iterator[Row]:
    """Rows of one group, which depend on no other."""
    found = judge_communities(case.ctx, case.rule, selection, group, reach)
    share = Share.of_rule(case.rule)
    if only_reported:
        found, share = {code: reported(one) for code, one in found.items()}, Share(None)
    return circle_of(case, selection, found, service=group_name(group), share=share)


def _verdict_rows(case: Case[TypeCircle], selection: Selection, asked: _Asked) -> Iterator[Row]:
    """Verdicts over all groups: each community's, and the study's."""
    ctx, rule = case.ctx, case.rule
    checklist = _checklist(ctx, rule, selection, asked)
    people = ctx.covered(asked.required, asked.reach).to_dict("index")
    verdicts = {unit.code: _verdict(unit, checklist, people[unit.code]) for unit in selection.units}
    wanted = len(asked.required) + asked.quality_needed
    yield from _community_rows(case, selection, verdicts, wanted=wanted)
    if rule.unit == "circles":
        yield _count_row(case, verdicts)
    else:
        word = unit_word(unit.level for unit in selection.units)
        share = Share.of_rule(rule)
        yield share_row(case, list(verdicts.values()), share, service="", deficit_unit=word)


def basic_groups(ctx: Context) -> tuple[Group, ...]:
    """The required groups of the basic tier, as the study assumes them."""
    return _groups(ctx.assumptions.basic_types)


def quality_groups(ctx: Context, required: Collection[Group]) -> tuple[Group, ...]:
    """The quality-improving groups, as the study assumes them, beside those that are required anyway."""
    found = _groups(ctx.assumptions.quality_types)
    return tuple(group for group in dict.fromkeys(found) if group not in required)


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
    reach = Reach(minutes, "min", ctx.assumptions.walk_speed_kmh)
    needed = ctx.assumptions.quality_types_needed
    basic = tuple(dict.fromkeys(basic_groups(ctx)))
    tally = pd.DataFrame(index=ctx.communities.index)
    for name, groups in (("basic", basic), ("quality", quality_groups(ctx, basic))):
        known = [group for group in groups if ctx.knows(group)]
        tally[f"{name}_met"] = sum(
            (_covered(ctx, group, reach) for group in known), start=pd.Series(0, tally.index)
        )
        tally[f"{name}_unknown"] = len(groups) - len(known)
        tally[f"{name}_short"] = len(known) - tally[f"{name}_met"]
    tier = pd.Series("", index=tally.index, dtype="object")
    tier[tally["basic_short"] > 0] = "below"
    has_basic = (tally["basic_short"] == 0) & (tally["basic_unknown"] == 0)
    tier[has_basic] = "basic"
    tier[has_basic & (tally["quality_met"] >= needed)] = "quality"
    tier[ctx.covered((), reach)["residents"] == 0] = ""
    return tier


def _covered(ctx: Context, group: Group, reach: Reach) -> pd.Series:
    """1 where a group covers a community, else 0."""
    people = ctx.covered((group,), reach)
    needed = ctx.assumptions.covered_share * people["residents"]
    return (people["covered"] >= needed - PEOPLE_TOLERANCE).astype("int64")


def _groups(types: Sequence[str | tuple[str, ...]]) -> tuple[Group, ...]:
    """Single types as groups of one."""
    return tuple((group,) if isinstance(group, str) else tuple(group) for group in types)


def _asked(ctx: Context, rule: TypeCircle) -> _Asked:
    """The groups of a rule, and how far they may be."""
    reach = Reach(threshold(ctx, rule.minutes), "min", ctx.assumptions.walk_speed_kmh)
    required = groups_of(ctx, rule)
    quality = quality_groups(ctx, required) if rule.tier == "quality" else ()
    return _Asked(required, quality, ctx.assumptions.quality_types_needed if quality else 0, reach)


def _checklist(ctx: Context, rule: TypeCircle, selection: Selection, asked: _Asked) -> _Checklist:
    """Judge every group of a rule."""

    def judged(groups: tuple[Group, ...]) -> dict[str, Found]:
        return {
            group_name(group): judge_communities(ctx, rule, selection, group, asked.reach) for group in groups
        }

    return _Checklist(judged(asked.required), judged(asked.quality), asked.quality_needed)


def _verdict(unit: Unit, checklist: _Checklist, people: Mapping[str, float]) -> Judgement:
    """One community over all groups: short if one is, met only if all are, else no-data."""
    if unit.status:
        return not_judged(unit)
    code, wanted = unit.code, checklist.quality_needed
    required = {name: found[code] for name, found in checklist.required.items()}
    quality = [found[code] for found in checklist.quality.values()]
    had = [one.status for one in required.values()]
    if "not-applicable" in had:
        return Judgement("not-applicable", population=0.0, notes=next(iter(required.values())).notes)
    extra = [one.status for one in quality]
    met, more = had.count("met"), extra.count("met")
    surely_missing = had.count("short") + max(0, wanted - more - extra.count("no-data"))
    complete = met == len(had) and more >= wanted
    status = "met" if complete else "short" if surely_missing else "no-data"
    remarks = _remarks(required, people["share"])
    if wanted:
        remarks.append(Note("quality-types", {"covered": more, "needed": wanted}))
    return Judgement(
        status,
        value=float(met + min(wanted, more)),
        deficit=float(surely_missing) if status == "short" else UNKNOWN,
        population=unit.population,
        population_short=UNKNOWN if "no-data" in had else people["beyond"],
        provisional=_may_be_undone(required.values(), quality, wanted),
        notes=(*unit.notes, *remarks),
    )


def _may_be_undone(required: Iterable[Judgement], quality: Sequence[Judgement], wanted: int) -> bool:
    """Whether a failure rests on provisional failures only."""
    firm = [one for one in required if one.status == "short" and not one.provisional]
    hopeful = [one for one in quality if one.status in {"met", "no-data"} or one.provisional]
    return not firm and len(hopeful) >= wanted


def _remarks(required: Found, share: float) -> list[Note]:
    """What stands beside the verdict: who reaches all, which types are missing, which are unknown."""
    missing = [name for name, one in required.items() if one.status == "short"]
    unknown = [name for name, one in required.items() if one.status == "no-data"]
    notes = [] if unknown else [Note("reach-all", {"share": share})]
    if missing:
        notes.append(Note("types-missing", {"types": ", ".join(missing)}))
    if unknown:
        notes.append(Note("no-facilities", {"services": ", ".join(unknown)}))
    return notes


def _community_rows(
    case: Case[TypeCircle], selection: Selection, verdicts: Found, *, wanted: int
) -> Iterator[Row]:
    """The verdict row of every community; only reported where the plan asks for a number of circles."""
    scale, only_reported = Scale("types", ">=", float(wanted), "types"), case.rule.unit == "circles"
    for unit in selection.units:
        judgement = verdicts[unit.code]
        yield finding(case, reported(judgement) if only_reported else judgement, unit.place, scale, "")


def _count_row(case: Case[TypeCircle], verdicts: Found) -> Row:
    """How many circles there are, against the number the plan asks of its whole jurisdiction."""
    ctx, rule = case.ctx, case.rule
    counted = Counter(one.status for one in verdicts.values())
    target = threshold(ctx, rule.target)
    needed = whole_needed(target, strict=rule.comparator == ">")
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
    if counted["no-data"]:
        judgement = judgement.noted(Note("count-interval", {"low": sure, "high": possible}))
    baseline = UNKNOWN if rule.baseline is None or not ctx.covers_whole else rule.baseline
    if not ctx.covers_whole:
        note = Note("another-jurisdiction", {"count": sure})
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
    )
