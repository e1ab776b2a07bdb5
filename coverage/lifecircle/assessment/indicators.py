"""Figures that an office reports: judged as they are, and never made up where there are none."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.jurisdictions import counted_here
from lifecircle.assessment.rows import Case, Row, doubts_about, finding, study_place
from lifecircle.assessment.units import Place
from lifecircle.measures import at_most, exceeds, missing, reaches
from lifecircle.plans import Indicator
from lifecircle.tables import Note

__all__ = ["judge_indicator"]


def judge_indicator(case: Case[Indicator]) -> Iterator[Row]:
    """Findings of a reported figure: one row per place that reports it, the latest year that counts.

    A value without a code, or with that of the place judged or of the plan's own jurisdiction, is that of
    the study. Years after the day of judgement do not count yet. Without a value there is no data; a
    baseline is a fact of the plan all the same.
    """
    ctx, rule = case.ctx, case.rule
    baseline = UNKNOWN if rule.baseline is None else rule.baseline
    target = rule.target if isinstance(rule.target, float) else UNKNOWN
    scale = Scale(rule.unit, rule.comparator, target, rule.unit, baseline)
    reported = _reported(case)
    if "" not in reported.index:
        note = Note("no-indicator", {"rule": rule.id})
        status = "report-only" if rule.role == "baseline" else "no-data"
        yield finding(case, Judgement(status, notes=(note,)), study_place(case), scale, "", whole=True)
    for code, year, value in reported.itertuples():
        place = study_place(case) if code == "" else _place(ctx, str(code))
        judgement = _judge(case, float(value))
        if not math.isnan(year):
            judgement = judgement.noted(Note("indicator-year", {"year": int(year)}))
        yield finding(case, judgement, place, scale, "", whole=code == "")


def _reported(case: Case[Indicator]) -> pd.DataFrame:
    """Year and value by code, the latest per code; the study's own under ``""``."""
    ctx, plan, rule = case.ctx, case.plan, case.rule
    table = ctx.inputs.indicators
    if table.empty:
        return pd.DataFrame({"year": [], "value": []}, index=pd.Index([], dtype="object"))
    own = table[table["rule"] == rule.id]
    if ctx.as_of is not None:
        own = own[own["year"].isna() | (own["year"] <= ctx.as_of.year)]
    # a row without a code, or with the code of the place judged, is about the study as a whole
    own_names = {ctx.jurisdiction, study_place(case).code, plan.jurisdiction.code}
    ours = own_names if ctx.jurisdiction or ctx.covers_whole else set()
    codes = ["" if code in ours else str(code) for code in own["code"]]
    own = own.assign(code=codes).sort_values(["code", "year"], na_position="first", kind="stable")
    # the latest year of each place, one without a year only where there is no other
    return own.drop_duplicates("code", keep="last").set_index("code")[["year", "value"]]


def _place(ctx: Context, code: str) -> Place:
    """The unit of a code; one the study does not know keeps its code for a name."""
    units = ctx.inputs.units
    known = units[units["code"] == code]
    if len(known):
        row = known.iloc[0]
        return Place(str(row["level"]), code, str(row["name"]) or code)
    if code in ctx.communities.index:
        row = ctx.communities.loc[code]
        return Place("village" if row["kind"] == "village" else "community", code, str(row["name"]) or code)
    return Place("region", code, code)


def _judge(case: Case[Indicator], value: float) -> Judgement:
    """One reported value against the clause."""
    ctx, rule = case.ctx, case.rule
    if not isinstance(rule.target, float):
        return Judgement("report-only", value)
    # a figure set for a wider place says nothing of a part of it
    elsewhere = None if rule.of_level is None or rule.role == "baseline" else case.total_is_of_more
    if elsewhere is not None:
        told = counted_here(elsewhere, value, rule.target)
        return Judgement("not-applicable", value, notes=(told,))
    doubts = doubts_about(ctx, rule, ())
    strict = rule.comparator in {">", "<"}
    # under "at most" smaller values are better
    if rule.comparator in {"<=", "<"}:
        within = value < rule.target if strict else bool(at_most(value, rule.target))
        if within:
            return Judgement("met", value, 0.0)
        return Judgement("short", value, value - rule.target, provisional=bool(doubts), notes=doubts)
    if reaches(value, rule.target, strict=strict):
        over = rule.target_max is not None and exceeds(value, rule.target_max)
        notes = (Note("above-range", {"most": rule.target_max}),) if over else ()
        return Judgement("met", value, 0.0, notes=notes)
    deficit = missing(value, rule.target, strict=strict)
    return Judgement("short", value, deficit, provisional=bool(doubts), notes=doubts)
