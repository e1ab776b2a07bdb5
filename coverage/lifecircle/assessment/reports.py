"""Catchments to know: how many residents live within reach of a service, with nothing to pass."""

from __future__ import annotations

from collections.abc import Iterator

from lifecircle.assessment.circles import threshold
from lifecircle.assessment.context import Reach
from lifecircle.assessment.rows import UNKNOWN, Case, Judgement, Row, Scale, finding, not_judged, study_place
from lifecircle.assessment.units import communities_of
from lifecircle.assessment.verdicts import nothing_to_judge
from lifecircle.plans import Report
from lifecircle.tables import Note

__all__ = ["judge_report"]


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
        reach = Reach(threshold(ctx, rule.reach), rule.unit, ctx.assumptions.walk_speed_kmh)
        people = ctx.covered((group,), reach).to_dict("index")
        for unit in open_units:
            found = people[unit.code]
            judgements[unit.code] = Judgement(
                "report-only", found["covered"], population=found["residents"], notes=unit.notes
            )
    else:
        note = Note("no-facilities", {"services": ", ".join(group)})
        judgements |= {
            unit.code: Judgement("no-data", population=unit.population, notes=(*unit.notes, note))
            for unit in open_units
        }
    known = [one for one in judgements.values() if one.status == "report-only"]
    total = Judgement(
        "report-only" if known else "no-data" if open_units else "not-applicable",
        sum(one.value for one in known) if known else UNKNOWN,
        population=sum(one.population for one in known) if known else UNKNOWN,
        notes=() if known or not open_units else judgements[open_units[0].code].notes,
    )
    rows = [(unit.place, judgements[unit.code]) for unit in selection.units]
    scale = Scale("persons", "none", UNKNOWN, "")
    for place, judgement in [*rows, (study_place(case), total)]:
        yield finding(case, judgement, place, scale, service)
