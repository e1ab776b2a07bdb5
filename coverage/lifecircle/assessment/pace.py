"""On track or behind: what a straight line from baseline to target says of a target not yet reached."""

from __future__ import annotations

import datetime as dt

from lifecircle.assessment.rows import Case, Row
from lifecircle.measures import progress_of
from lifecircle.plans import Rule
from lifecircle.tables import Note

__all__ = ["with_pace"]


def with_pace(case: Case[Rule], row: Row) -> Row:
    """A finding with what its pace is, where it is short and a baseline tells.

    A deadline that lies before the plan was issued cannot be missed by a later look: it is judged as of
    the day of issue, and the finding says so.
    """
    rule, as_of = case.rule, case.ctx.as_of
    if row["status"] != "short" or rule.target_year is None:
        return row
    notes: tuple[Note, ...] = ()
    if dt.date(rule.target_year, 12, 31) < case.plan.issued:
        notes = (Note("deadline-before-issue", {"year": rule.target_year}),)
    if as_of is not None:
        found = progress_of(
            row["value"],
            row["baseline"],
            row["target"],
            baseline_year=rule.baseline_year,
            target_year=rule.target_year,
            as_of=as_of,
            issued=case.plan.issued,
        )
        if found.pace in {"on-track", "behind"}:
            notes = (*notes, Note(f"pace-{found.pace}", {"expected": found.expected}))
    return {**row, "note": (*row["note"], *notes)}
