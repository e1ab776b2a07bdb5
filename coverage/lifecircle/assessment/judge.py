"""From plans to findings: each kind of rule to its function, each rule in the plan's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from lifecircle.assessment.adjacency import judge_adjacency
from lifecircle.assessment.circles import judge_circle
from lifecircle.assessment.context import Context
from lifecircle.assessment.presence import judge_presence
from lifecircle.assessment.reports import judge_report
from lifecircle.assessment.rows import Case, Row
from lifecircle.assessment.stations import judge_stations
from lifecircle.assessment.tiers import judge_tiers
from lifecircle.assessment.type_circles import judge_type_circle
from lifecircle.assessment.units import Selection
from lifecircle.assessment.verdicts import nothing_to_judge
from lifecircle.plans import Plan
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import Inputs, Note, TravelTimes, findings_frame

__all__ = ["KINDS", "assess"]

KINDS: Final[Mapping[str, Callable[[Case[Any]], Iterator[Row]]]] = MappingProxyType(
    {
        "adjacency": judge_adjacency,
        "at-least-n-per-area": judge_presence,
        "coverage-share-of-areas": judge_presence,
        "population-per-facility": judge_stations,
        "report": judge_report,
        "tiers": judge_tiers,
        "travel-distance-circle": judge_circle,
        "travel-time-circle": judge_circle,
        "type-circle": judge_type_circle,
    }
)
"""A new kind of rule is one class in ``plans`` and one entry here; a kind without one is no-data."""


def judge_uncomputed(case: Case[Any]) -> Iterator[Row]:
    """A rule of a kind that is carried as data and not computed: it is named, and nothing is claimed."""
    note = Note("kind-not-computed", {"kind": case.rule.kind})
    yield nothing_to_judge(case, Selection((), "no-data", (note,)))


def assess(
    plans: Sequence[Plan],
    inputs: Inputs,
    travel: TravelTimes,
    assumptions: Assumptions,
    *,
    covers_whole: bool = False,
    jurisdiction: str = "",
    as_of: dt.date | None = None,
    neighbours: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge a study by its plans.

    Parameters
    ----------
    plans
        In the order they are to be reported.
    inputs
        The study's tables, in its local CRS (metres).
    travel
        Walks from every demand point to the nearest open facility of each service that `needed_travel`
        names; facilities not open to the public must not have been routed to.
    assumptions
        What the plans leave open.
    covers_whole
        The study covers the plan's whole jurisdiction: only then are its totals judged.
    jurisdiction
        Code or name of the place judged.
    as_of
        The day of judgement: a shortfall past its deadline says so.
    neighbours
        Walks from facility to facility (`tables.TRAVEL`) as `needed_travel` asks for; without them rules
        about neighbouring facilities are no-data.

    Returns
    -------
    DataFrame
        `tables.FINDINGS`, a rule's rows together: its units, then the study as a whole.

    Raises
    ------
    MismatchedIndexError
        If `travel` is not about the demand points of `inputs`.
    ContractError
        If a service with facilities was not routed.
    """
    ctx = Context(inputs, travel, assumptions, covers_whole, jurisdiction, as_of, neighbours)
    return findings_frame(
        row
        for plan in plans
        for rule in plan.rules
        for row in KINDS.get(rule.kind, judge_uncomputed)(Case(ctx, plan, rule))
    )
