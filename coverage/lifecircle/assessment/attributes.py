"""Marks that a ledger of areas bears: the share of areas that have an adviser, a committee, a platform."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from lifecircle.assessment.measured import Amount, Test, judge_amount, ledger_of, unit_rows, verdict_place
from lifecircle.assessment.rows import (
    UNKNOWN,
    Case,
    Judgement,
    Row,
    Scale,
    doubts_about,
    finding,
)
from lifecircle.assessment.units import Selection, units_of
from lifecircle.assessment.verdicts import Share, deficit_unit_of, nothing_to_judge, share_judgement
from lifecircle.plans import AttributeShareOfAreas

__all__ = ["judge_attribute_share"]


def judge_attribute_share(case: Case[AttributeShareOfAreas]) -> Iterator[Row]:
    """Findings of a share of areas that bear a mark: every area, then the share by the interval rule.

    Where a clause names several layers, each has a share of its own, under ``of-<layer>``.
    """
    rule = case.rule
    target = rule.target if isinstance(rule.target, float) else None
    share = Share(target, rule.comparator, UNKNOWN if rule.baseline is None else rule.baseline)
    for layer, units in rule.layers.items():
        service = "" if len(rule.layers) == 1 else f"of-{layer}"
        selection = units_of(case.ctx, rule, layer, units)
        if not selection.units:
            yield nothing_to_judge(case, selection, service=service)
            continue
        found = _judged(case, selection, layer)
        yield from unit_rows(case, selection, found, Scale("units", ">=", 1.0, "units"), service=service)
        verdict = share_judgement(list(found.values()), share)
        word = deficit_unit_of(unit.level for unit in selection.units)
        place = verdict_place(case, selection.units, alone=selection.units)
        if place is not None:
            yield finding(case, verdict, place, share.scale(word), service)


def _judged(case: Case[AttributeShareOfAreas], selection: Selection, layer: str) -> Mapping[str, Judgement]:
    """Whether each area bears the mark: 1 if so, else 0."""
    ctx, rule = case.ctx, case.rule
    figures = ledger_of(ctx, selection, layer, (rule.column,))[rule.column]
    doubts = doubts_about(ctx, rule, ())
    found = {}
    for unit in selection.units:
        figure = float(figures[unit.code])
        known = not math.isnan(figure)
        amount = Amount(float(figure >= rule.at_least) if known else UNKNOWN, 1.0)
        if not known:
            amount = Amount(UNKNOWN, 1.0, (f"{layer}.{rule.column}",))
        found[unit.code] = judge_amount(unit, amount, Test(1.0, whole=True), doubts)
    return found
