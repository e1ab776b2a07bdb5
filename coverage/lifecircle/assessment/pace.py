"""On track or behind: what a straight line from baseline to target says of a target not yet reached."""

from __future__ import annotations

import datetime as dt

from lifecircle.measures import progress_of
from lifecircle.plans import Plan, Rule
from lifecircle.tables import Note

__all__ = ["pace_of_shortfall"]


def pace_of_shortfall(
    plan: Plan, rule: Rule, as_of: dt.date | None, *, value: float, baseline: float, target: float
) -> tuple[Note, ...]:
    """What a shortfall's deadline and pace are, where the clause has a deadline.

    One that lies before the plan was issued cannot be missed by a later look: it is judged as of the day
    of issue, and the finding says so.
    """
    year = rule.target_year
    if year is None:
        return ()
    notes: tuple[Note, ...] = ()
    if as_of is not None and as_of.year > year:
        notes = (Note("deadline-passed", {"year": year}),)
    if dt.date(year, 12, 31) < plan.issued:
        notes = (*notes, Note("deadline-before-issue", {"year": year}))
    if as_of is None:
        return notes
    found = progress_of(
        value,
        baseline,
        target,
        baseline_year=rule.baseline_year,
        target_year=year,
        as_of=as_of,
        issued=plan.issued,
    )
    if found.pace in {"on-track", "behind"}:
        notes = (*notes, Note(f"pace-{found.pace}", {"expected": found.expected}))
    return notes
