"""Ratios: what the facilities of a unit offer, or its own ledger holds, for so many people or households."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.measured import (
    IMPOSSIBLE_SHARE,
    Amount,
    Test,
    judge_amount,
    judge_each,
    judge_sum,
    ledger_of,
    placed_in,
    unit_rows,
    verdict_place,
    with_shortfalls,
)
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding
from lifecircle.assessment.units import Selection, units_of
from lifecircle.assessment.verdicts import deficit_unit_of, nothing_to_judge
from lifecircle.measures import exceeds, sums_per_area
from lifecircle.plans import (
    AreaPer100Households,
    AreaPerPerson,
    AreaShare,
    CapacityPer1000Population,
    FigurePerArea,
    Rule,
    StaffPer10000Population,
)
from lifecircle.tables import Note

__all__ = ["judge_area_share", "judge_facility_ratio", "judge_ledger_figure"]

FacilityRatio = AreaPer100Households | AreaPerPerson | CapacityPer1000Population
LedgerFigure = FigurePerArea | StaffPer10000Population
Amounts = Mapping[str, Amount]

_DEFICIT_UNIT: Final = {
    "m2/100hh": "m2",
    "m2/person": "m2",
    "places/1000": "places",
    "persons/10k": "persons",
}
_WHOLE: Final = frozenset({"persons", "places", "organisations", "households"})


def judge_facility_ratio(case: Case[FacilityRatio]) -> Iterator[Row]:
    """Findings of a ratio of facilities to people or households: every unit, then the study.

    Only facilities inside the boundary and open to the public count, each once, where they lie.
    """
    rule = case.rule
    floor = (rule.least_area_m2 or 0.0) if isinstance(rule, AreaPer100Households) else 0.0
    word = _DEFICIT_UNIT[rule.unit]
    test = Test.of_rule(rule, per=rule.per_number, floor=floor, whole=word in _WHOLE)
    yield from _judge(case, test, word, lambda selection, layer: _of_facilities(case, selection, layer))


def judge_ledger_figure(case: Case[LedgerFigure]) -> Iterator[Row]:
    """Findings of a figure in the units' own ledger, as it is or for so many of their people."""
    rule = case.rule
    word = _DEFICIT_UNIT.get(rule.unit, rule.unit.split("/")[0])
    test = Test.of_rule(rule, per=rule.per_number if rule.per else 1.0, whole=word in _WHOLE)

    def amounts(selection: Selection, layer: str) -> Amounts:
        # a ledger's own figure: several parts capped one by one, else one column over its base
        per = (rule.per,) if rule.per else ()
        table = ledger_of(case.ctx, selection, layer, (*rule.columns, *per))
        if isinstance(rule, FigurePerArea) and rule.parts is not None:
            return _of_parts(table, layer, rule.parts)
        base = table[rule.per] if rule.per else pd.Series(1.0, index=table.index)
        return _amounts(table[rule.columns[0]], base, layer, rule.columns[0], rule.per)

    yield from _judge(case, test, word, amounts)


def judge_area_share(case: Case[AreaShare]) -> Iterator[Row]:
    """Findings of one area as a share of another. A share over 100 % is no figure, and the unit no-data."""
    ctx, rule = case.ctx, case.rule
    test = Test.of_rule(rule, per=100.0)

    def amounts(selection: Selection, layer: str) -> Amounts:
        if rule.of == "areas":
            table = ledger_of(ctx, selection, layer, (rule.part, rule.whole))
            return _possible(_amounts(table[rule.part], table[rule.whole], layer, rule.part, rule.whole))
        part = _sums(ctx, rule, rule.part, selection, layer)
        whole = _sums(ctx, rule, rule.whole, selection, layer)
        base = whole["sum"].where(whole["unknown"] == 0)
        sums = _amounts(part["sum"], base, "facilities", rule.part, rule.whole)
        return _possible(_with_blanks(sums, part["unknown"], f"facilities.{rule.part}"))

    yield from _judge(case, test, "m2", amounts)


def _judge(
    case: Case[FacilityRatio | LedgerFigure | AreaShare],
    test: Test,
    word: str,
    amounts_of: Callable[[Selection, str], Amounts],
) -> Iterator[Row]:
    """Rows of every layer, then the verdict: the units of the first one together, or the share that pass."""
    ctx, rule = case.ctx, case.rule
    service = rule.all_services[0] if len(rule.all_services) == 1 else ""
    # without any source of its facilities a ratio is unknown, not 0
    if rule.all_services and not ctx.knows(rule.all_services):
        note = Note("no-facilities", {"services": ServiceNames.of(rule.all_services)})
        yield nothing_to_judge(case, Selection((), "no-data", (note,)), service=service)
        return
    # Every layer on its own; the first that has units is summed up for the verdict.
    doubts = doubts_about(ctx, rule, rule.all_services)
    scale = Scale(rule.unit, rule.comparator, test.target, word)
    judged: list[tuple[Selection, Mapping[str, Judgement]]] = []
    empty: list[Selection] = []
    whole: Judgement | None = None
    for layer, units in rule.layers.items():
        selection = units_of(ctx, rule, layer, units)
        if not selection.units:
            empty.append(selection)
            continue
        if isinstance(rule, AreaPer100Households) and rule.only_where_present:
            selection = _where_present(ctx, rule, selection, layer)
        each, total = _judged(rule, selection, amounts_of(selection, layer), test, doubts)
        judged.append((selection, each))
        whole = whole or total
    if not judged:
        yield nothing_to_judge(case, empty[0], service=service)
        return
    # Rows of the units; where the only one is the place judged, its row is the verdict.
    all_units = [unit for selection, _ in judged for unit in selection.units]
    place = verdict_place(case, all_units, alone=all_units if whole is None else judged[0][0].units)
    for selection, each in judged:
        only = place is None and selection is judged[0][0]
        yield from unit_rows(case, selection, each, scale, service=service, whole=only)
    if place is None:
        return
    # The verdict: of all units as one, or the share of them that pass.
    verdict_scale = replace(scale, baseline=UNKNOWN if rule.baseline is None else rule.baseline)
    if whole is None:
        whole, share = judge_each(case, judged)
        word = deficit_unit_of(unit.level for unit in all_units)
        verdict_scale = share.scale(word)
    yield finding(case, whole, place, verdict_scale, service, whole=True)


def _judged(
    rule: FacilityRatio | LedgerFigure | AreaShare,
    selection: Selection,
    amounts: Amounts,
    test: Test,
    doubts: tuple[Note, ...],
) -> tuple[Mapping[str, Judgement], Judgement | None]:
    """Every unit, and all of them together where the plan sets its figure for the whole."""
    each: Mapping[str, Judgement]
    each = {unit.code: judge_amount(unit, amounts[unit.code], test, doubts) for unit in selection.units}
    total = None
    if rule.judged_as == "whole":
        total = judge_sum(selection.units, amounts, test, doubts)
        each = with_shortfalls(each, amounts, test, total)
    if isinstance(rule, StaffPer10000Population):
        # The people concerned are those whom the clause divides by: residents of towns where it is urban.
        each = {code: replace(one, population=amounts[code].base) for code, one in each.items()}
        base = math.fsum(amount.base for amount in amounts.values())
        total = None if total is None else replace(total, population=base)
    return each, total


def _where_present(ctx: Context, rule: Rule, selection: Selection, layer: str) -> Selection:
    """The units of which those without any of the rule's facilities are not applicable."""
    # a unit that has none of the rule's facilities has none to measure
    table = ctx.each_offering(rule.all_services)
    there = set(placed_in(ctx, rule.all_services, selection, layer)[table.index])
    none = Note("no-facility-to-measure", {"services": ServiceNames.of(rule.all_services)})
    return replace(
        selection,
        units=tuple(
            unit
            if unit.status or unit.code in there
            else replace(unit, status="not-applicable", notes=(*unit.notes, none))
            for unit in selection.units
        ),
    )


def _of_facilities(case: Case[FacilityRatio], selection: Selection, layer: str) -> Amounts:
    """What the facilities of each unit add up to, and the people or households it is for."""
    ctx, rule = case.ctx, case.rule
    sums = _sums(ctx, rule, rule.figure, selection, layer)
    base = ledger_of(ctx, selection, layer, (rule.per,))[rule.per]
    amounts = _amounts(sums["sum"], base, layer, rule.figure, rule.per)
    amounts = _with_blanks(amounts, sums["unknown"], f"facilities.{rule.figure}")
    upper = rule.upper_figure if isinstance(rule, AreaPerPerson) else None
    return amounts if upper is None else _bounded(case, selection, layer, amounts, upper)


def _bounded(
    case: Case[FacilityRatio], selection: Selection, layer: str, amounts: Amounts, upper: str
) -> Amounts:
    """The same, with the most that facilities of unknown figure can have: their figure under `upper`."""
    ctx, rule = case.ctx, case.rule
    table = ctx.each_offering(rule.all_services)
    blank = pd.Series(math.nan, index=table.index)
    own = table[rule.figure] if rule.figure in table.columns else blank
    # upper bound: what is blank is at most the facility's figure under `upper`
    most = own.where(own.notna(), table[upper] if upper in table.columns else blank)
    area = placed_in(ctx, rule.all_services, selection, layer)[table.index]
    bounds = sums_per_area(most, area, selection.codes)
    return {
        code: replace(amount, most=float(bounds.loc[code, "sum"]))
        if amount.blank and bounds.loc[code, "unknown"] == 0
        else amount
        for code, amount in amounts.items()
    }


def _sums(ctx: Context, rule: Rule, figure: str, selection: Selection, layer: str) -> pd.DataFrame:
    """A figure of the rule's facilities, added up per unit."""
    table = ctx.each_offering(rule.all_services)
    values = table[figure] if figure in table.columns else pd.Series(math.nan, index=table.index)
    area = placed_in(ctx, rule.all_services, selection, layer)[table.index]
    return sums_per_area(values, area, selection.codes)


def _amounts(has: pd.Series, base: pd.Series, layer: str, column: str, per: str | None) -> dict[str, Amount]:
    """Both sides of every unit's ratio, and the columns that are blank there."""
    by_code = {}
    for code, amount, whole in zip(has.index, has.tolist(), base.reindex(has.index).tolist(), strict=True):
        sides = ((amount, column), (whole, per))
        blank = tuple(f"{layer}.{name}" for value, name in sides if math.isnan(value) and name)
        by_code[str(code)] = Amount(float(amount), float(whole), blank)
    return by_code


def _of_parts(table: pd.DataFrame, layer: str, parts: Mapping[str, float]) -> dict[str, Amount]:
    """What counts of several columns, each up to the least that is asked of it."""
    amounts = {}
    for code, row in table.iterrows():
        blank = tuple(f"{layer}.{name}" for name in parts if math.isnan(row[name]))
        # each part counts up to the least asked of it, so that plenty of one makes up for none of another
        counted = math.fsum(
            min(row[name], least) for name, least in parts.items() if not math.isnan(row[name])
        )
        amounts[str(code)] = Amount(counted, 1.0, blank)
    return amounts


def _with_blanks(amounts: Amounts, unknown: pd.Series, column: str) -> dict[str, Amount]:
    """The same, an amount being known from below only where some facility does not say its figure."""
    doubtful = set(unknown.index[unknown > 0])
    return {
        code: Amount(amount.has, amount.base, (*amount.blank, column)) if code in doubtful else amount
        for code, amount in amounts.items()
    }


def _possible(amounts: Amounts) -> dict[str, Amount]:
    """The same, a part larger than its whole being no figure."""
    return {
        code: replace(amount, has=UNKNOWN, blank=(*amount.blank, IMPOSSIBLE_SHARE))
        if amount.base > 0 and exceeds(amount.has, amount.base)
        else amount
        for code, amount in amounts.items()
    }
