"""Marks that a ledger of areas bears: the share of areas that have an adviser, a committee, a platform."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.measured import Amount, Test, judge_amount, ledger_of, unit_rows, verdict_place
from lifecircle.assessment.rows import Case, Row, doubts_about, finding
from lifecircle.assessment.units import Selection, units_of
from lifecircle.assessment.verdicts import (
    Share,
    deficit_unit_of,
    nothing_to_judge,
    share_judgement,
    with_contributions,
)
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
        each = _judged(case, selection, layer)
        verdict = share_judgement(list(each.values()), share)
        place = verdict_place(case, selection.units, alone=selection.units)
        scale = Scale("units", ">=", 1.0, "units")
        shown = with_contributions(each, verdict) if rule.judged_as == "whole" else each
        yield from unit_rows(case, selection, shown, scale, service=service, whole=place is None)
        if place is not None:
            word = deficit_unit_of(unit.level for unit in selection.units)
            yield finding(case, verdict, place, share.scale(word), service, whole=True)


def _judged(case: Case[AttributeShareOfAreas], selection: Selection, layer: str) -> Mapping[str, Judgement]:
    """Whether each area bears the mark: 1 if so, else 0."""
    ctx, rule = case.ctx, case.rule
    figures = ledger_of(ctx, selection, layer, (rule.column,))[rule.column]
    doubts = doubts_about(ctx, rule, ())
    judgements = {}
    for unit in selection.units:
        # a mark is one thing or none: a unit lacks it whole, or a blank leaves it open
        figure = float(figures[unit.code])
        known = not math.isnan(figure)
        amount = Amount(float(figure >= rule.at_least) if known else UNKNOWN, 1.0)
        if not known:
            amount = Amount(UNKNOWN, 1.0, (f"{layer}.{rule.column}",))
        judgements[unit.code] = judge_amount(unit, amount, Test(1.0, whole=True), doubts)
    return judgements
