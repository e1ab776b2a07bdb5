"""Circles: whether enough of each community is within a time or a distance of a service.

A community is covered when at least ``covered_share`` of its residents (or of the cohort the rule names)
are at or under the limit. The deficit is in persons: max(0, ceil(covered_share × residents) - covered).
Everybody beyond the limit is in ``population_short``, also where the rule is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff, Group
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, not_judged, reported, without_people
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding, study_place
from lifecircle.assessment.tally import Checklist
from lifecircle.assessment.turns import with_turns
from lifecircle.assessment.units import Selection, Unit, communities_of
from lifecircle.assessment.variants import Circle
from lifecircle.assessment.verdicts import (
    Share,
    deficit_unit_of,
    nothing_to_judge,
    share_judgement,
    with_contributions,
)
from lifecircle.measures import PEOPLE_TOLERANCE, covered_dwellings, whole_needed
from lifecircle.plans import Report, Rule, TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.tables import Note

__all__ = [
    "community_rows",
    "cutoff_of",
    "group_name",
    "judge_circle",
    "judge_communities",
    "judge_report",
    "threshold",
]


def judge_circle(case: Case[TravelTimeCircle | TravelDistanceCircle]) -> Iterator[Row]:
    """Findings of a time or distance circle: its communities and the study as a whole.

    Several services stand in for one another: each has rows of its own that only report, and the row
    with a blank service is the verdict.
    """
    ctx, rule = case.ctx, case.rule
    selection = communities_of(ctx, rule)
    services = tuple(dict.fromkeys(rule.services))
    if not selection.units:
        yield nothing_to_judge(case, selection, service=services[0] if len(services) == 1 else "")
        return
    cutoff = cutoff_of(ctx, rule)
    options: dict[str, Group] = {}
    if len(services) > 1:
        options = {name: (name,) for name in services}
    for name, group in options.items():
        single = judge_communities(ctx, rule, selection, group, cutoff)
        yield from community_rows(case, selection, single, service=name, share=Share(None), alone=False)
    judgements = judge_communities(ctx, rule, selection, services, cutoff)
    verdict = "" if options else services[0]
    share = Share.of_rule(rule)

    def asked(variant: Context) -> Checklist:
        """The circle under other assumptions."""
        return Checklist((services,), (), 0, cutoff_of(variant, rule))

    yield from community_rows(case, selection, judgements, service=verdict, share=share, asked=asked)


def judge_report(case: Case[Report]) -> Iterator[Row]:
    """Findings of a clause without a test: residents within reach, per community and in all."""
    ctx, rule = case.ctx, case.rule
    selection = communities_of(ctx, rule)
    group = tuple(dict.fromkeys(rule.services))
    service = group[0] if len(group) == 1 else ""
    if not selection.units:
        yield nothing_to_judge(case, selection, service=service)
        return
    judgements = {unit.code: not_judged(unit) for unit in selection.units if unit.status}
    open_units = [unit for unit in selection.units if not unit.status]
    if ctx.knows(group):
        profile, speed = ctx.walker_of(rule.walker, ctx.assumptions.walk_speed_kmh)
        cutoff = Cutoff(threshold(ctx, rule.limit), rule.unit, speed, profile=profile)
        people = ctx.covered((group,), cutoff).to_dict("index")
        for unit in open_units:
            covered = people[unit.code]
            judgements[unit.code] = (
                Judgement("no-data", notes=(*unit.notes, Note("people-unknown")))
                if unit.code in ctx.people_unknown_in
                else Judgement(
                    "report-only", covered["covered"], population=covered["residents"], notes=unit.notes
                )
            )
    else:
        note = Note("no-facilities", {"services": ServiceNames.of(group)})
        judgements |= {
            unit.code: Judgement("no-data", population=unit.population, notes=(*unit.notes, note))
            for unit in open_units
        }
    # the total is of communities whose people are known
    known = [one for one in judgements.values() if one.status == "report-only"]
    total = Judgement(
        "report-only" if known else "no-data" if open_units else "not-applicable",
        sum(one.value for one in known) if known else UNKNOWN,
        population=sum(one.population for one in known) if known else UNKNOWN,
        notes=() if known or not open_units else judgements[open_units[0].code].notes,
    )
    scale = Scale("persons", "none", UNKNOWN, "")
    for unit in selection.units:
        yield finding(case, judgements[unit.code], unit.place, scale, service)
    yield finding(case, total, study_place(case), scale, service, whole=True)


def judge_communities(
    ctx: Context, rule: Rule, selection: Selection, group: Group, cutoff: Cutoff
) -> Mapping[str, Judgement]:
    """Judge every community of a selection against one group of services that stand in for one another.

    Returns
    -------
    Mapping
        Judgement by code, in the order of the selection; values in percent, deficits in persons.
    """
    doubts = doubts_about(ctx, rule, group)
    stands_in = (*_cohort_missing(ctx, rule), *_walked_as(cutoff))
    of_rule = (rule.scope, tuple(rule.units), rule.condition, rule.certainty, getattr(rule, "cohort", None))
    return ctx.remember(
        ("communities-judged", of_rule, group, cutoff),
        group,
        lambda: _judged(ctx, selection, group, cutoff, doubts=doubts, stands_in=stands_in),
    )


def _judged(
    ctx: Context,
    selection: Selection,
    group: Group,
    cutoff: Cutoff,
    *,
    doubts: tuple[Note, ...],
    stands_in: tuple[Note, ...],
) -> Mapping[str, Judgement]:
    """`judge_communities`, judged."""
    if not ctx.knows(group):
        missing = Note("no-facilities", {"services": ServiceNames.of(group)})
        return {
            unit.code: not_judged(unit)
            if unit.status
            else Judgement("no-data", population=unit.population, notes=(*unit.notes, missing))
            for unit in selection.units
        }
    # covered people once for all communities, then each against the share
    people = ctx.covered((group,), cutoff)
    dwellings = _dwelling_shares(ctx, group, cutoff)
    judgements = {}
    for unit, covered in zip(selection.units, people.loc[selection.codes].to_dict("records"), strict=True):
        judgement = _judge(ctx, unit, covered, doubts)
        if judgement.status in {"met", "short"}:
            judgement = judgement.noted(*stands_in)
            if unit.code in dwellings:
                judgement = judgement.noted(Note("dwellings-covered", {"share": dwellings[unit.code]}))
        judgements[unit.code] = judgement
    return judgements


def community_rows(
    case: Case[Circle],
    selection: Selection,
    judgements: Mapping[str, Judgement],
    *,
    service: str,
    share: Share,
    asked: Callable[[Context], Checklist] | None = None,
    alone: bool = True,
) -> Iterator[Row]:
    """Rows of one service: every community, then the share of them that is covered.

    `asked` says what the circle asks for under other assumptions; without it nothing is told of those. A
    service that is not asked for `alone`, as others may stand in for it, is only reported.
    """
    enough = f">= {100.0 * case.ctx.assumptions.covered_share:g} % of "
    whole_basis, weighed = case.ctx.inputs.share_basis, case.ctx.people_unknown_in
    scale = Scale("%", "none", UNKNOWN, "persons", criterion=enough + whole_basis.replace("-", " "))
    whole = share_judgement(list(judgements.values()), share)
    if asked is not None:
        judgements, whole = with_turns(case, selection, judgements, whole, asked=asked, share=share)
    shown = with_contributions(judgements, whole) if case.rule.judged_as == "whole" else judgements
    if not alone:
        shown = {code: reported(one) for code, one in shown.items()}
    for unit in selection.units:
        own = scale
        if unit.code in weighed:
            own = replace(scale, criterion=enough + weighed[unit.code].replace("-", " "))
        yield finding(case, shown[unit.code], unit.place, own, service)
    word = deficit_unit_of(unit.level for unit in selection.units)
    yield finding(case, whole, study_place(case), share.scale(word), service, whole=True)


def cutoff_of(ctx: Context, rule: TravelTimeCircle | TravelDistanceCircle | TypeCircle) -> Cutoff:
    """How far a circle reaches, at which speed, and whose it is."""
    if isinstance(rule, TravelDistanceCircle):
        profile, speed = ctx.walker_of(rule.walker, ctx.assumptions.walk_speed_kmh)
        if profile and ctx.travel.profiles[profile].distance_m is ctx.travel.distance_m:
            profile = ""  # as far as everybody: only the speed differs
        return Cutoff(threshold(ctx, rule.metres), "m", speed, profile=profile)
    if isinstance(rule, TypeCircle):
        profile, speed = ctx.walker_of(rule.walker, ctx.assumptions.walk_speed_kmh)
        return Cutoff(threshold(ctx, rule.minutes), "min", speed, profile=profile)
    # a cohort without numbers is stood in for by all residents, and the finding says so
    cohort = rule.cohort if rule.cohort in ctx.demand.columns else None
    profile, speed = ctx.walker_of(rule.walker, getattr(ctx.assumptions, rule.speed))
    return Cutoff(threshold(ctx, rule.minutes), "min", speed, cohort or "residents", profile=profile)


def threshold(ctx: Context, limit: float | str | None) -> float:
    """A number of the clause, or the value of the assumption that stands in for it."""
    return float(getattr(ctx.assumptions, limit)) if isinstance(limit, str) else float(limit)  # type: ignore[arg-type]


def group_name(group: Group) -> str:
    """How a finding names services that stand in for one another."""
    return "|".join(group)


def _judge(ctx: Context, unit: Unit, covered: Mapping[str, float], doubts: tuple[Note, ...]) -> Judgement:
    """One community with its covered residents."""
    if unit.status:
        return not_judged(unit)
    people, inside = covered["residents"], covered["covered"]
    if people == 0:
        return Judgement("not-applicable", population=0.0, notes=(*unit.notes, Note("nobody-lives-here")))
    # The share decides, not whole persons: nine tenths of a raster's 0.4 residents is not one person.
    enough = inside >= ctx.assumptions.covered_share * people - PEOPLE_TOLERANCE
    judgement = Judgement(
        "met" if enough else "short",
        value=100.0 * covered["share"],
        deficit=0.0 if enough else max(0.0, whole_needed(ctx.assumptions.covered_share * people) - inside),
        population=people,
        population_short=covered["beyond"],
        provisional=not enough and (bool(doubts) or unit.at_data_edge or unit.scope_unknown),
        notes=unit.notes,
    )
    if unit.code in ctx.people_unknown_in:
        judgement = without_people(judgement, Scale("%", ">=", UNKNOWN, "persons"))
    if enough:
        return judgement
    # a circle that leaves the data may hold what was not read
    at_data_edge = (Note("edge"),) if unit.at_data_edge else ()
    return judgement.noted(*doubts, *at_data_edge)


def _cohort_missing(ctx: Context, rule: Rule) -> tuple[Note, ...]:
    """Whose circle it should have been, where the study does not know the cohort."""
    cohort = getattr(rule, "cohort", None)
    if cohort is None or cohort in ctx.demand.columns:
        return ()
    return (Note("cohort-missing", {"cohort": cohort}),)


def _walked_as(cutoff: Cutoff) -> tuple[Note, ...]:
    """Whose walks were judged, where not everybody's."""
    if not cutoff.profile:
        return ()
    return (Note("walked-as", {"profile": cutoff.profile, "speed": cutoff.speed_kmh}),)


def _dwelling_shares(ctx: Context, group: Group, cutoff: Cutoff) -> Mapping[str, float]:
    """Share of dwellings covered, where dwellings are known and there are any."""
    if "dwellings" not in ctx.demand.columns:
        return {}
    asked = ("dwellings-covered-by", group, cutoff)
    return ctx.remember(asked, group, lambda: _dwellings_covered(ctx, group, cutoff))


def _dwellings_covered(ctx: Context, group: Group, cutoff: Cutoff) -> Mapping[str, float]:
    """`_dwelling_shares`, measured."""
    counted = covered_dwellings(ctx.demand, ctx.cost(group, cutoff), cutoff=cutoff.limit)
    shares: pd.Series = counted["share"].dropna()
    return dict(zip(shares.index, shares.tolist(), strict=True))
