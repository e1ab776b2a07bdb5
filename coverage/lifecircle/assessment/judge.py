"""From plans to findings: each kind of rule to its function, each rule in the plan's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

import numpy as np
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
from lifecircle.assessment.needs import services_judged
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

__all__ = ["KINDS", "Judgements", "assess"]

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


@dataclass(frozen=True, eq=False)
class Judgements:
    """A study judged by its plans; what facilities or walks of some services change is judged again.

    Attributes
    ----------
    plans : in the order they are reported
    findings : `tables.FINDINGS`, a rule's rows together: its units, then the study as a whole
    """

    plans: tuple[Plan, ...]
    findings: pd.DataFrame
    _contexts: tuple[tuple[Context, Context], ...]
    """Per plan: the study, and the study with counties as the plan counts them."""
    _ends: tuple[int, ...]
    """Where the rows of each rule end, plan by plan."""

    @property
    def context(self) -> Context:
        """The study as it was judged."""
        return self._contexts[0][0]

    @classmethod
    def of(cls, plans: Sequence[Plan], ctx: Context) -> Judgements:
        """Judge a study by every rule."""
        contexts = tuple((ctx, at_the_plan_s_levels(ctx, plan)) for plan in plans)
        rows = [_rows(case) for case in _cases(plans, contexts)]
        ends = tuple(np.cumsum([len(some) for some in rows]).tolist())
        return cls(tuple(plans), findings_frame(chain.from_iterable(rows)), contexts, ends)

    def again(
        self,
        inputs: Inputs,
        travel: TravelTimes,
        neighbours: pd.DataFrame | None,
        services: Collection[str],
    ) -> Judgements:
        """Judge anew what some services can change; equal to judging everything.

        Parameters
        ----------
        inputs, travel, neighbours
            As `assess` takes them. People, communities and units are the same as before, and so are the
            facilities and walks of every service but `services`.
        services
            Services whose facilities or walks are others.
        """
        known = {id(ctx): ctx for pair in self._contexts for ctx in pair}
        others = {name: ctx.changed(inputs, travel, neighbours, services) for name, ctx in known.items()}
        contexts = tuple((others[id(ctx)], others[id(own)]) for ctx, own in self._contexts)
        fresh: list[Row] = []
        parts: list[tuple[bool, int, int]] = []
        lengths: list[int] = []
        for case, start, end in zip(_cases(self.plans, contexts), (0, *self._ends), self._ends, strict=False):
            part = (False, start, end)
            if not services_judged(case.rule, case.ctx.assumptions).isdisjoint(services):
                rows = _rows(case)
                part = (True, len(fresh), len(fresh) + len(rows))
                fresh += rows
            parts.append(part)
            lengths.append(part[2] - part[1])
        together = _merged(self.findings, findings_frame(fresh), parts)
        return Judgements(self.plans, together, contexts, tuple(np.cumsum(lengths).tolist()))


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
    return Judgements.of(plans, ctx).findings


def _cases(plans: Sequence[Plan], contexts: Sequence[tuple[Context, Context]]) -> Iterator[Case[Any]]:
    """Each rule before the study, its counties as the plan itself counts them."""
    for plan, (ctx, own) in zip(plans, contexts, strict=True):
        for rule in plan.rules:
            yield Case(own if counts_by_table(rule) else ctx, plan, rule)


def _rows(case: Case[Any]) -> list[Row]:
    """All rows of one rule."""
    return [with_pace(case, row) for row in KINDS[case.rule.kind](case)]


def _merged(kept: pd.DataFrame, fresh: pd.DataFrame, parts: Sequence[tuple[bool, int, int]]) -> pd.DataFrame:
    """Rows of every rule in their order, each rule's taken whole from what is kept or from what is fresh."""
    if not len(fresh):
        return kept
    # fresh rows stand below those kept: one table, and where to take each row from
    both = pd.concat([kept, fresh], ignore_index=True) if len(kept) else fresh
    rows = [np.arange(start, end) + len(kept) * again for again, start, end in parts]
    return both.take(np.concatenate(rows)).reset_index(drop=True)
