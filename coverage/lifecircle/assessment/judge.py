"""From plans to findings: each kind of rule to its function, each rule in the plan's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from lifecircle.assessment.adjacency import judge_adjacency
from lifecircle.assessment.attributes import judge_attribute_share
from lifecircle.assessment.circles import judge_circle
from lifecircle.assessment.context import Context
from lifecircle.assessment.counts import judge_count
from lifecircle.assessment.facility_figures import judge_facility_figure, judge_facility_share
from lifecircle.assessment.grids import judge_grid_coverage, judge_grid_size
from lifecircle.assessment.indicators import judge_indicator
from lifecircle.assessment.levels import at_the_plan_s_levels, counts_by_table
from lifecircle.assessment.pace import with_pace
from lifecircle.assessment.presence import judge_presence
from lifecircle.assessment.ratios import judge_area_share, judge_facility_ratio, judge_ledger_figure
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
        "area-per-100-households": judge_facility_ratio,
        "area-per-person": judge_facility_ratio,
        "area-share": judge_area_share,
        "at-least-n-per-area": judge_presence,
        "attribute-share-of-areas": judge_attribute_share,
        "capacity-per-1000-population": judge_facility_ratio,
        "count-target": judge_count,
        "coverage-share-of-areas": judge_presence,
        "figure-per-area": judge_ledger_figure,
        "figure-per-facility": judge_facility_figure,
        "grid-coverage": judge_grid_coverage,
        "household-grid-partition": judge_grid_size,
        "indicator": judge_indicator,
        "minimum-facility-area": judge_facility_figure,
        "opening-hours": judge_facility_figure,
        "population-per-facility": judge_stations,
        "report": judge_report,
        "share-of-facilities": judge_facility_share,
        "staff-per-10000-population": judge_ledger_figure,
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
        with_pace(case, row)
        for plan in plans
        for case in _cases(ctx, plan)
        for row in KINDS[case.rule.kind](case)
    )


def _cases(ctx: Context, plan: Plan) -> Iterator[Case[Any]]:
    """Each rule before the study, its counties as the plan itself counts them."""
    own = at_the_plan_s_levels(ctx, plan)
    for rule in plan.rules:
        yield Case(own if counts_by_table(rule) else ctx, plan, rule)
