"""Totals of a whole jurisdiction: how many facilities, units or people there are in all of it.

A single city can neither meet nor miss a total set for its province: unless the study covers the
whole jurisdiction the rule is not applicable, and its note says how many were counted here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.jurisdictions import counted_here
from lifecircle.assessment.measured import ledger_of, placed_in
from lifecircle.assessment.presence import Wanted, units_with
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding, study_place
from lifecircle.assessment.units import units_of
from lifecircle.measures import missing, reaches
from lifecircle.plans import CountTarget
from lifecircle.tables import Note

__all__ = ["judge_count"]


@dataclass(frozen=True)
class _Count:
    """A count: at least `low`, at most `high` (``inf`` where nothing bounds it), and why they differ."""

    low: float
    high: float
    notes: tuple[Note, ...] = ()


def judge_count(case: Case[CountTarget]) -> Iterator[Row]:
    """The one finding of a total."""
    ctx, rule = case.ctx, case.rule
    counted = _counted(ctx, rule)
    service = rule.services[0] if len(rule.services) == 1 else ""
    elsewhere = case.total_is_of_more
    baseline = UNKNOWN if rule.baseline is None or elsewhere is not None else rule.baseline
    scale = Scale(rule.unit, rule.comparator, rule.total, rule.unit, baseline)
    verdict = _verdict(ctx, rule, counted, elsewhere)
    yield finding(case, verdict, study_place(case), scale, service, whole=True)


def _verdict(ctx: Context, rule: CountTarget, counted: _Count, elsewhere: Note | None) -> Judgement:
    """Met or short whichever way the unknown falls, else no-data; not applicable to a part of the whole."""
    known = counted.low == counted.high
    value = counted.low if known else UNKNOWN
    notes = counted.notes
    if not known and math.isfinite(counted.high):
        notes = (*notes, Note("count-interval", {"low": int(counted.low), "high": int(counted.high)}))
    # a part can neither meet nor miss a total of the whole jurisdiction
    if elsewhere is not None:
        told = counted_here(elsewhere, int(counted.low), rule.total)
        status = "report-only" if rule.role == "baseline" else "not-applicable"
        return Judgement(status, value, notes=(*notes, told))
    strict = rule.comparator == ">"
    # met where even the least reaches it, short where even the most does not
    if reaches(counted.low, rule.total, strict=strict):
        return Judgement("met", counted.low, 0.0, notes=notes)
    if reaches(counted.high, rule.total, strict=strict):
        return Judgement("no-data", value, notes=notes)
    doubts = doubts_about(ctx, rule, rule.services)
    deficit = missing(counted.high, rule.total, whole=True, strict=strict)
    return Judgement("short", value, deficit, provisional=bool(doubts), notes=(*notes, *doubts))


def _counted(ctx: Context, rule: CountTarget) -> _Count:
    """What the rule counts, in all of the study."""
    if rule.services and not ctx.knows(rule.services):
        return _Count(0.0, math.inf, (Note("no-facilities", {"services": ServiceNames.of(rule.services)}),))
    if rule.counts == "facilities":
        return _facilities(ctx, rule)
    # layers add up; a remark that several make is made once
    parts = [_units(ctx, rule, layer) for layer in rule.layers]
    notes = tuple(dict.fromkeys(note.key for part in parts for note in part.notes))
    kept = {note.key: note for part in parts for note in part.notes}
    low, high = math.fsum(part.low for part in parts), sum(part.high for part in parts)
    return _Count(low, high, tuple(kept[key] for key in notes))


def _facilities(ctx: Context, rule: CountTarget) -> _Count:
    """Facilities inside the boundary, open to the public, each once; those that surely count, and may."""
    table = ctx.each_offering(rule.services)
    if rule.picks_areas:
        places = []
        for layer, units in rule.layers.items():
            selection = units_of(ctx, rule, layer, units)
            if not selection.units:
                return _Count(0.0, math.inf if selection.status == "no-data" else 0.0, selection.notes)
            codes = {unit.code for unit in selection.units if unit.status != "not-applicable"}
            places.append(placed_in(ctx, rule.services, selection, layer).isin(codes))
        table = table[pd.concat(places, axis=1).any(axis=1)[table.index]]
    # an interval: a blank figure may or may not reach the least that counts
    sure, possible = pd.Series(True, index=table.index), pd.Series(True, index=table.index)
    notes: tuple[Note, ...] = ()
    limits = {"floor_area_m2": rule.min_floor_area_m2, "built_year": rule.built_since}
    for column, least in limits.items():
        if least is None:
            continue
        figures = table[column] if column in table.columns else pd.Series(math.nan, index=table.index)
        sure &= figures >= least
        possible &= (figures >= least) | figures.isna()
        if figures.isna().any():
            notes = (*notes, Note("missing-column", {"column": f"facilities.{column}"}))
    return _Count(float(sure.sum()), float(possible.sum()), notes)


def _units(ctx: Context, rule: CountTarget, layer: str) -> _Count:
    """Units of one layer: all of them, those with or without a facility, or the sum of a column."""
    selection = units_of(ctx, rule, layer, rule.layers[layer])
    if not selection.units:
        unknown = selection.status == "no-data"
        return _Count(0.0, math.inf if unknown else 0.0, selection.notes)
    if rule.counts == "column":
        assert rule.column is not None  # noqa: S101 - the plan's own check
        figures = ledger_of(ctx, selection, layer, (rule.column,))[rule.column]
        blank = Note("missing-column", {"column": f"{layer}.{rule.column}"})
        unknown = bool(figures.isna().any())
        total = float(figures.sum())
        return _Count(total, math.inf if unknown else total, (blank,) if unknown else ())
    if rule.counts == "units":
        doubtful = sum(unit.status == "no-data" for unit in selection.units)
        return _Count(float(len(selection.units) - doubtful), float(len(selection.units)))
    wanted = Wanted(rule.services, min_floor_area_m2=rule.min_floor_area_m2)
    statuses = [one.status for one in units_with(ctx, rule, selection, layer, wanted).values()]
    # units without data may stand on either side
    low = statuses.count("met" if rule.counts == "units-with" else "short")
    return _Count(float(low), float(low + statuses.count("no-data")))
