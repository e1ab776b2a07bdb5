"""What facilities are, one by one: their area, hours and staff, and the share of them that bear a mark."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, reported
from lifecircle.assessment.measured import Amount, Test, judge_amount, judge_sum, with_shortfalls
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding, study_place
from lifecircle.assessment.units import Place, Selection, Unit
from lifecircle.assessment.verdicts import Share, nothing_to_judge, share_judgement, with_contributions
from lifecircle.plans import FigurePerFacility, MinimumFacilityArea, OpeningHours, ShareOfFacilities
from lifecircle.tables import Note

__all__ = ["judge_facility_figure", "judge_facility_share"]

Measured = FigurePerFacility | MinimumFacilityArea | OpeningHours

_DEFICIT_UNIT: Final = {
    "m2": "m2",
    "h/day": "h/day",
    "days/week": "days/week",
    "persons/facility": "persons",
    "places/facility": "places",
    "functions/facility": "functions",
}


def judge_facility_figure(case: Case[Measured]) -> Iterator[Row]:
    """Findings of a figure that every facility must reach, or that all of them reach on average.

    Facilities beyond the boundary or closed to the public are not judged. A failure is firm: the figure
    stands in the facility's own ledger.
    """
    ctx, rule = case.ctx, case.rule
    table = _judged_facilities(ctx, rule)
    if table.empty:
        yield nothing_to_judge(case, _nothing(ctx, rule), service=_service(rule))
        return
    word = _DEFICIT_UNIT[rule.unit]
    test = Test.of_rule(rule, whole=word in {"persons", "places", "functions", "days/week"})
    scale = Scale(rule.unit, rule.comparator, test.target, word)
    doubts = doubts_about(ctx, rule, ())
    units = _facilities(rule, table)
    amounts = {
        unit.code: Amount(figure, 1.0, (f"facilities.{rule.figure}",) if math.isnan(figure) else ())
        for unit, figure in zip(units, _figures(table, rule.figure), strict=True)
    }
    judgements = [_judge(rule, unit, amounts[unit.code], test, doubts) for unit in units]
    by_code = {unit.code: one for unit, one in zip(units, judgements, strict=True)}
    # the whole: the mean over all facilities, or the share of them that pass
    whole, whole_scale = None, scale
    if rule.judged_as == "whole":
        whole = judge_sum(units, amounts, test, doubts)
        by_code = with_shortfalls(by_code, amounts, test, whole)
    elif rule.comparator != "none":
        share = Share.of_rule(rule, default=100.0)
        whole, whole_scale = share_judgement(judgements, share), share.scale("facilities")
    for unit in units:
        yield finding(case, by_code[unit.code], unit.place, scale, _service(rule))
    if whole is not None:
        yield finding(case, whole, study_place(case), whole_scale, _service(rule), whole=True)


def judge_facility_share(case: Case[ShareOfFacilities]) -> Iterator[Row]:
    """Findings of a share of facilities that bear a mark: every facility, then the share.

    A facility that is also listed under one of the services of `listed_as` needs no mark; where the list
    of those is declared complete, a facility that is neither marked nor listed has none.
    """
    ctx, rule = case.ctx, case.rule
    table = _judged_facilities(ctx, rule)
    service = rule.services[0] if len(rule.services) == 1 else ""
    if table.empty:
        yield nothing_to_judge(case, _nothing(ctx, rule), service=service)
        return
    doubts = doubts_about(ctx, rule, ())
    marks = _marks(ctx, rule, table)
    units = _facilities(rule, table)
    blank = (f"facilities.{rule.column}",)
    judgements = [
        judge_amount(
            unit, Amount(mark, 1.0, blank if math.isnan(mark) else ()), Test(1.0, whole=True), doubts
        )
        for unit, mark in zip(units, marks, strict=True)
    ]
    target = rule.target if isinstance(rule.target, float) else None
    share = Share(target, rule.comparator, UNKNOWN if rule.baseline is None else rule.baseline)
    verdict = share_judgement(judgements, share)
    by_code = {unit.code: one for unit, one in zip(units, judgements, strict=True)}
    if rule.judged_as == "whole":
        by_code = with_contributions(by_code, verdict)
    scale = Scale("facilities", ">=", 1.0, "facilities")
    for unit in units:
        yield finding(case, by_code[unit.code], unit.place, scale, service)
    yield finding(case, verdict, study_place(case), share.scale("facilities"), service, whole=True)


def _service(rule: Measured) -> str:
    """The service of the rows: blank over several."""
    return rule.services[0] if len(rule.services) == 1 else ""


def _judged_facilities(ctx: Context, rule: Measured | ShareOfFacilities) -> pd.DataFrame:
    """Facilities of the rule, each once, by id; of one scope where the rule picks by it."""
    table = ctx.each_offering(rule.services)
    if not rule.picks_by_scope:
        return table
    return table[table["community"].map(ctx.communities["scope"]) == rule.scope]


def _nothing(ctx: Context, rule: Measured | ShareOfFacilities) -> Selection:
    """Why there is no facility to judge: none is known, or there are none."""
    names = ServiceNames.of(rule.services)
    if ctx.knows(rule.services):
        return Selection((), "not-applicable", (Note("no-such-unit", {"units": names}),))
    return Selection((), "no-data", (Note("no-facilities", {"services": names}),))


def _facilities(rule: Measured | ShareOfFacilities, table: pd.DataFrame) -> list[Unit]:
    """Facilities as units."""
    names = zip(table["facility"].tolist(), table["name"].tolist(), strict=True)
    places = [Place("facility", code, str(name) or code) for code, name in names]
    years = _figures(table, "built_year")
    return [_facility(rule, place, year) for place, year in zip(places, years, strict=True)]


def _facility(rule: Measured | ShareOfFacilities, place: Place, year: float) -> Unit:
    """One facility as a unit, and whether it was built late enough to be judged."""
    # a clause for new buildings leaves older ones out, and unknown years open
    if rule.built_since is None:
        return Unit(place, UNKNOWN)
    if math.isnan(year):
        note = Note("missing-column", {"column": "facilities.built_year"})
        return Unit(place, UNKNOWN, "no-data", (note,))
    if year < rule.built_since:
        note = Note("built-before", {"year": rule.built_since})
        return Unit(place, UNKNOWN, "not-applicable", (note,))
    return Unit(place, UNKNOWN)


def _figures(table: pd.DataFrame, column: str) -> list[float]:
    """A figure of every facility, NaN where no ledger says it."""
    if column not in table.columns:
        return [UNKNOWN] * len(table)
    return [UNKNOWN if value is None or pd.isna(value) else float(value) for value in table[column].tolist()]


def _judge(rule: Measured, unit: Unit, amount: Amount, test: Test, doubts: tuple[Note, ...]) -> Judgement:
    """One facility; where the clause has no test, what was measured."""
    if rule.comparator != "none":
        return judge_amount(unit, amount, test, doubts)
    return reported(judge_amount(unit, amount, Test(0.0), doubts))


def _marks(ctx: Context, rule: ShareOfFacilities, table: pd.DataFrame) -> list[float]:
    """1 for a facility that bears the mark or is listed as well, 0 for one that does not, NaN if unknown."""
    # listed elsewhere counts as marked; an absence counts only from a complete list
    partners = rule.listed_as or ()
    listed = set(ctx.offering(partners)["facility"])
    absent = 0.0 if partners and ctx.complete(partners) else UNKNOWN
    marks = _figures(table, rule.column)
    return [
        1.0 if name in listed else absent if math.isnan(mark) else mark
        for name, mark in zip(table["facility"].tolist(), marks, strict=True)
    ]
