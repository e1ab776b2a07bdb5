"""From plans to findings: each kind of rule to its function, each rule in the plan's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import chain, pairwise
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.assessment.adjacency import judge_adjacency
from lifecircle.assessment.attributes import judge_attribute_share
from lifecircle.assessment.circles import judge_circle, judge_report
from lifecircle.assessment.context import Context
from lifecircle.assessment.counts import judge_count
from lifecircle.assessment.facility_figures import judge_facility_figure, judge_facility_share
from lifecircle.assessment.household_grids import judge_household_grid_coverage, judge_household_grid_size
from lifecircle.assessment.indicators import judge_indicator
from lifecircle.assessment.levels import at_the_plan_s_levels, counts_by_table
from lifecircle.assessment.needs import services_judged
from lifecircle.assessment.presence import judge_presence
from lifecircle.assessment.ratios import judge_area_share, judge_facility_ratio, judge_ledger_figure
from lifecircle.assessment.rows import Case, Part, Row
from lifecircle.assessment.stations import judge_stations
from lifecircle.assessment.tiers import judge_tiers
from lifecircle.assessment.type_circles import judge_type_circle, parts_of_type_circle
from lifecircle.assessment.variants import Variants
from lifecircle.plans import Plan
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import Inputs, TravelTimes, findings_frame

Positions: TypeAlias = NDArray[np.intp]

__all__ = ["IN_PARTS", "KINDS", "Judgements", "assess", "parts_of"]

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
        "grid-coverage": judge_household_grid_coverage,
        "household-grid-partition": judge_household_grid_size,
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
"""A new kind of rule is one class in ``plans`` and one entry here."""

IN_PARTS: Final[Mapping[str, Callable[[Case[Any]], Iterator[Part]]]] = MappingProxyType(
    {"type-circle": parts_of_type_circle}
)
"""Kinds with many services, whose rows mostly depend on one each."""


def parts_of(case: Case[Any]) -> Iterator[Part]:
    """The rows of a rule in parts, each with what can change it; how many there are, no facility changes."""
    # a kind without parts depends on all its services at once
    kind = case.rule.kind
    if kind in IN_PARTS:
        yield from IN_PARTS[kind](case)
    else:
        services = services_judged(case.rule, case.ctx.assumptions)
        yield Part(services, partial(KINDS[kind], case))


@dataclass(frozen=True, eq=False)
class Judgements:
    """A study judged by its plans; what facilities or walks of some services change is judged again.

    Attributes
    ----------
    plans : in the order they are reported
    rejudged : `tables.FINDINGS` of the rules that were judged again, before and after; empty if none were.
        Statuses and figures are all there; which settings turn a verdict only `findings` says
    """

    plans: tuple[Plan, ...]
    rejudged: tuple[pd.DataFrame, pd.DataFrame]
    _rows: Callable[[], pd.DataFrame]
    """Gathers the findings, which takes longer than to judge a rule or two."""
    _bare_rows: Callable[[], pd.DataFrame]
    _contexts: tuple[tuple[Context, Context], ...]
    """Per plan: the study, and the study with counties as the plan counts them."""
    _ends: tuple[int, ...]
    """Where the rows of each part of each rule end, plan by plan."""
    _variants: Callable[[], Variants]

    @cached_property
    def findings(self) -> pd.DataFrame:
        """`tables.FINDINGS`, a rule's rows together: its units, then the study as a whole."""
        return self._rows()

    @cached_property
    def bare_findings(self) -> pd.DataFrame:
        """`findings` without the settings that turn verdicts, which take a while to be tried."""
        return self._bare_rows()

    @cached_property
    def variants(self) -> Variants:
        """The study under other settings, by which verdicts are told to turn."""
        return self._variants()

    @property
    def context(self) -> Context:
        """The study as it was judged."""
        return self._contexts[0][0]

    @classmethod
    def of(cls, plans: Sequence[Plan], ctx: Context, *, centres: Collection[int] = ()) -> Judgements:
        """Judge a study by every rule.

        Parameters
        ----------
        plans
            In the order they are to be reported.
        ctx
            The study.
        centres
            Ids of the communities' central demand points, from which walks are tried to start as well.
        """
        contexts = tuple((ctx, at_the_plan_s_levels(ctx, plan)) for plan in plans)
        variants = Variants.of_study(ctx, centres=centres)
        rules = _rules(plans, contexts, variants)
        rows = [list(part.rows()) for rule in rules for part in parts_of(rule)]
        ends = tuple(np.cumsum([len(part) for part in rows]).tolist())
        findings = findings_frame(chain.from_iterable(rows))
        none = findings.head(0)
        return cls(
            tuple(plans), (none, none), lambda: findings, lambda: findings, contexts, ends, lambda: variants
        )

    def reassess(
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
        # stage 1: contexts that share what does not depend on the services
        known = {id(ctx): ctx for pair in self._contexts for ctx in pair}
        others = {
            name: ctx.with_services_changed(inputs, travel, neighbours, services)
            for name, ctx in known.items()
        }
        contexts = tuple((others[id(ctx)], others[id(own)]) for ctx, own in self._contexts)
        # stage 2: statuses and figures, for which the settings that turn a verdict need not be tried
        quick = self._judged_again(contexts, None, services)
        before, after = zip(*quick.touched, strict=True) if quick.touched else ((), ())
        rejudged = (_taken(self.findings, quick.fresh, before), _taken(self.findings, quick.fresh, after))
        # stage 3: the whole table on demand, with the names of services as they are now
        here = copy_context()
        vary = lru_cache(maxsize=1)(
            lambda: here.copy().run(self.variants.with_services_changed, inputs, travel, services)
        )

        def gather() -> pd.DataFrame:
            """The findings, each verdict with the settings that turn it."""
            whole = here.copy().run(self._judged_again, contexts, vary(), services)
            return _taken(self.findings, whole.fresh, whole.where)

        ends = tuple(np.cumsum([len(rows) for rows in quick.where]).tolist())
        bare = partial(_taken, self.findings, quick.fresh, quick.where)
        return Judgements(self.plans, rejudged, gather, bare, contexts, ends, vary)

    def _judged_again(
        self,
        contexts: Sequence[tuple[Context, Context]],
        variants: Variants | None,
        services: Collection[str],
    ) -> _JudgedAgain:
        """Judge the parts that some services touch; the others keep their rows."""
        fresh: list[Row] = []
        where: list[Positions] = []
        touched: list[tuple[Positions, Positions]] = []
        spans = pairwise((0, *self._ends))
        for rule in _rules(self.plans, contexts, variants):
            old, new = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
            judged = False
            for part, (start, end) in zip(parts_of(rule), spans, strict=False):
                old.append(np.arange(start, end))
                if part.services.isdisjoint(services):
                    new.append(old[-1])
                    continue
                judged, rows = True, list(part.rows())
                new.append(len(self.findings) + len(fresh) + np.arange(len(rows)))
                fresh += rows
            where += new[1:]
            if judged:
                touched.append((np.concatenate(old), np.concatenate(new)))
        return _JudgedAgain(findings_frame(fresh), where, touched)


class _JudgedAgain(NamedTuple):
    """Rows that were judged again, and where every row stands: among those kept, or below them."""

    fresh: pd.DataFrame
    where: list[Positions]
    """Part by part."""
    touched: list[tuple[Positions, Positions]]
    """Rows of each rule that was judged again, before and after."""


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
    centres: Collection[int] = (),
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
    centres
        Ids of the communities' central demand points, from which walks are tried to start as well.

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
    return Judgements.of(plans, ctx, centres=centres).findings


def _rules(
    plans: Sequence[Plan], contexts: Sequence[tuple[Context, Context]], variants: Variants | None
) -> Iterator[Case[Any]]:
    """Each rule before the study, its counties as the plan itself counts them."""
    places = tuple(dict.fromkeys(plan.jurisdiction.code for plan in plans))
    for plan, (ctx, own) in zip(plans, contexts, strict=True):
        for rule in plan.rules:
            yield Case(own if counts_by_table(rule) else ctx, plan, rule, variants, places)


def _taken(kept: pd.DataFrame, below: pd.DataFrame, where: Sequence[Positions]) -> pd.DataFrame:
    """Rows from where they stand: among those kept, or below them among the fresh ones."""
    rows = np.concatenate(where) if where else np.zeros(0, np.intp)
    fresh = rows >= len(kept)
    if not fresh.any():
        return kept if len(rows) == len(kept) else kept.take(rows).reset_index(drop=True)
    # only what is asked for is put together, in its order
    order = np.argsort(np.argsort(fresh, kind="stable"), kind="stable")
    parts = [kept.take(rows[~fresh]), below.take(rows[fresh] - len(kept))]
    table = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return table.take(order).reset_index(drop=True)
