"""One finding: what every row says whatever its kind, and when a failure is provisional."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Generic, TypeVar

from lifecircle import messages, services
from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import (
    UNKNOWN,
    Judgement,
    Scale,
    as_context,
    reported,
    without_people,
)
from lifecircle.assessment.jurisdictions import total_of_elsewhere
from lifecircle.assessment.units import Place
from lifecircle.assessment.variants import VariantSource
from lifecircle.measures import progress_of, progress_share
from lifecircle.plans import Plan, Rule
from lifecircle.tables import Note

__all__ = ["Case", "Part", "Row", "ServiceNames", "doubts_about", "finding", "pace_of", "study_place"]

Row = dict[str, Any]
RuleT_co = TypeVar("RuleT_co", bound=Rule, covariant=True)

_MOST_DIGITS: Final = 6

_LEVEL_OF_PLAN: Final = {"nation": "city", "province": "city", "city": "city", "county": "county"}


_PACES: Final = {
    "deadline-passed": "overdue",
    "pace-on-track": "on-track",
    "pace-behind": "behind",
    "pace-unknown": "unknown",
}
"""What remarks on a shortfall say of its pace; a deadline that has passed says all."""


class ServiceNames(str):
    """Ids of services as they are joined in a remark, which reads them by their names in the catalogue."""

    __slots__ = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> ServiceNames:
        """The ids, or groups of ids that stand in for one another, joined."""
        return cls(", ".join(names))

    def render(self, lang: str) -> str:
        """The names, alternatives separated by a slash."""
        catalogue = services.catalogue()
        return messages.text("plans.list-separator", lang).join(
            "/".join(catalogue[name][lang] if name in catalogue else name for name in group.split("|"))
            for group in self.split(", ")
        )


@dataclass(frozen=True)
class Case(Generic[RuleT_co]):
    """One rule of one plan applied to one study."""

    ctx: Context
    plan: Plan
    rule: RuleT_co
    variants: VariantSource | None = None
    """The study under other settings; None where nobody asks what turns a verdict."""
    places: tuple[str, ...] = ()
    """Codes of the places that the study's plans bind."""

    @cached_property
    def assumptions(self) -> str:
        """The assumptions that every finding of the rule lists."""
        profile, speed = self.ctx.walker_of(str(getattr(self.rule, "walker", "")), 0.0)
        names = _assumptions(self.ctx, self.rule)
        if not profile:
            return self.ctx.assumptions.said(*names)
        # the group walks at its own speed, not at everybody's
        said = self.ctx.assumptions.said(*(name for name in names if name != "walk_speed_kmh"))
        return f"{said}; profile={profile}:{speed:g}"

    @cached_property
    def total_is_of_more(self) -> Note | None:
        """Why a total that the plan sets for all of its place cannot be judged here; None where it can."""
        return total_of_elsewhere(self.ctx, self.plan, self.places)

    @cached_property
    def responsible(self) -> str:
        """The departments that the plan names for the clause, as it lists them."""
        return "、".join(self.rule.responsible)

    @property
    def cohort_missing(self) -> bool:
        """Whether the rule is about a cohort whose numbers the study does not have."""
        cohort = getattr(self.rule, "cohort", None)
        return cohort is not None and cohort not in self.ctx.demand.columns


@dataclass(frozen=True)
class Part:
    """Rows of one rule that are judged together.

    Attributes
    ----------
    services
        Whatever can change these rows is a facility of, or a walk to, one of these.
    rows
        Judges them, in their order.
    """

    services: frozenset[str]
    rows: Callable[[], Iterable[Row]]


def doubts_about(ctx: Context, rule: Rule, asked: Iterable[str]) -> tuple[Note, ...]:
    """Why a failure under a rule would be provisional, or nothing if it would be firm.

    Only a failure can be provisional. What is met stays met when a missing facility or street is added,
    so it is firm. A failure is provisional where a facility may exist that no source lists, where a ledger
    that should list all of them lost rows, or where a figure of the clause was not read in its primary
    text; units add their own doubts (`Unit.at_data_edge`, `Unit.scope_unknown`).
    """
    notes: list[Note] = []
    # a list that is not declared complete may lack a facility; one that lost rows surely does
    open_lists = [name for name in asked if not ctx.complete((name,))]
    torn_lists = [name for name in open_lists if name in ctx.inputs.rows_lost_for]
    open_lists = [name for name in open_lists if name not in ctx.inputs.rows_lost_for]
    if torn_lists:
        notes.append(Note("ledger-lost-rows", {"services": ServiceNames.of(torn_lists)}))
    if open_lists:
        notes.append(Note("sources-not-complete", {"services": ServiceNames.of(open_lists)}))
    if rule.certainty == "unconfirmed":
        notes.append(Note("figure-unconfirmed"))
    return tuple(notes)


def finding(
    case: Case[Rule],
    judgement: Judgement,
    place: Place,
    scale: Scale,
    service: str,
    *,
    whole: bool = False,
) -> Row:
    """A judgement as a row of ``deficits.csv``.

    Baselines and clauses without a test are report-only, whatever was measured. A unit under a rule that the
    plan sets for a whole is context; `whole` marks the row of that whole. What the deadline and the pace of
    a shortfall are is noted.
    """
    ctx, plan, rule = case.ctx, case.plan, case.rule
    shown = reported(judgement) if rule.is_report_only else judgement
    if not whole and rule.judged_as == "whole":
        shown = as_context(shown)
    if rule.role == "baseline" and shown.status == "no-data":
        shown = replace(shown, status="report-only")  # what the plan started from is a fact, measured or not
    shown = shown if ctx.people_known else without_people(shown, scale)
    notes = shown.notes
    if shown.status == "short":
        notes += _pace_of_shortfall(plan, rule, ctx.as_of, value=shown.value, scale=scale)
    progress = progress_share(shown.value, scale.baseline, scale.target)
    if not rule.baseline_is_comparable:
        progress = UNKNOWN
    certainty = _certainty(case, shown)
    return {
        "plan": plan.id,
        "rule": rule.id,
        "clause": rule.clause,
        "role": rule.role,
        "level": place.level,
        "scope": rule.scope,
        "code": place.code,
        "name": place.name,
        "service": service,
        "value": shown.value,
        "unit": scale.value_unit,
        "comparator": "" if scale.comparator == "none" else scale.comparator,
        "target": scale.target,
        "target_year": UNKNOWN if rule.target_year is None else float(rule.target_year),
        "baseline": scale.baseline,
        "progress": progress,
        "status": shown.status,
        "certainty": certainty,
        "deficit": 0.0 if shown.status == "met" else shown.deficit,
        "deficit_unit": scale.deficit_unit,
        "population": shown.population,
        "population_short": _people_short(rule, shown),
        "assumptions": case.assumptions,
        "note": notes,
        "criterion": scale.criterion,
        "turns_at": shown.turns_at if certainty == "assumed" else "",
        "contribution": shown.contribution if shown.status == "context" else UNKNOWN,
        "responsible": case.responsible,
    }


def _people_short(rule: Rule, judgement: Judgement) -> float:
    """Whom a finding concerns by the rule's measure: what is met leaves some beyond reach, else nobody."""
    if rule.people == "nobody" or math.isnan(judgement.population_short):
        return UNKNOWN
    if judgement.status == "met" and rule.people != "beyond-reach":
        return 0.0
    return judgement.population_short


def _certainty(case: Case[Rule], judgement: Judgement) -> str:
    """What a verdict stands on; the weakest ground wins.

    What is met stays met when a facility or a street is added, so that only a failure is provisional for
    want of a complete list; a figure not confirmed, or a cohort not counted, may turn either verdict. A share
    of units that is only reported stands on what their verdicts do.
    """
    if judgement.status not in {"met", "short"} and not _sums_verdicts_up(judgement):
        return "firm"
    # only a failure can be undone by what is not listed
    open_to_doubt = judgement.provisional and judgement.status != "met"
    if open_to_doubt or case.rule.certainty == "unconfirmed" or case.cohort_missing:
        return "provisional"
    return "assumed" if case.rule.our_thresholds else "firm"


def _sums_verdicts_up(judgement: Judgement) -> bool:
    """Whether it reports the share of units that are met, of which the plan asks for none in particular."""
    return judgement.status == "report-only" and any(one.key == "no-share-stated" for one in judgement.notes)


def pace_of(notes: Iterable[Note]) -> str:
    """How a shortfall stands in time, by the remarks on its finding.

    Returns
    -------
    str
        ``overdue``, ``on-track`` or ``behind`` the straight line, ``unknown`` where baseline and present
        figure are counted in different ways; ``""`` where the clause has no time to go by, or is met.

    Examples
    --------
    >>> pace_of((Note("pace-on-track"),))
    'on-track'
    """
    keys = {note.key for note in notes}
    return next((pace for key, pace in _PACES.items() if key in keys), "")


def study_place(case: Case[Any]) -> Place:
    """Level, code and name under which the study as a whole is judged.

    The level is the city's, or the county's where the plan is a county's; a province's own level only
    where the study covers the whole of it. Where the place judged is a unit of that level, it is that unit.
    """
    ctx, plan = case.ctx, case.plan
    # the level judged is the plan's, as far as the study reaches
    whole_province = plan.level == "province" and ctx.covers_whole
    level = "province" if whole_province else _LEVEL_OF_PLAN[plan.level]
    code, name = ctx.unit_judged(level) or (ctx.jurisdiction or "study", ctx.inputs.name)
    return Place(level, code, name)


def _assumptions(ctx: Context, rule: Rule) -> tuple[str, ...]:
    """Names a finding lists: those the rule uses and whose value was really used."""
    clause = (rule.target, rule.target_max)
    names = rule.assumptions
    if "station_people" not in ctx.assumptions.model_fields_set and clause != ctx.assumptions.station_people:
        names = tuple(name for name in names if name != "station_people")
    return names


def _beside(value: float, target: float) -> str:
    """A figure that misses its target with as many decimals as tell the two apart."""
    digits = next((n for n in range(1, _MOST_DIGITS) if round(value, n) != round(target, n)), _MOST_DIGITS)
    return f"{value:,.{digits}f}"


def _pace_of_shortfall(
    plan: Plan, rule: Rule, as_of: dt.date | None, *, value: float, scale: Scale
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
    if plan.issued is not None and dt.date(year, 12, 31) < plan.issued:
        notes = (*notes, Note("deadline-before-issue", {"year": year}))
    if not rule.baseline_is_comparable:
        way_known = not math.isnan(progress_share(value, scale.baseline, scale.target))
        return (*notes, Note("pace-unknown")) if way_known else notes
    if as_of is None:
        return notes
    # on the straight line from the baseline, as of the day of judgement
    way = progress_of(
        value,
        scale.baseline,
        scale.target,
        baseline_year=rule.baseline_year,
        target_year=year,
        as_of=as_of,
        issued=plan.issued,
    )
    if way.pace in {"on-track", "behind"}:
        sign = "%" if scale.value_unit == "%" else ""
        told = {
            "expected": f"{way.expected:,.1f}{sign}",
            "value": f"{_beside(value, scale.target)}{sign}",
            "target": f"{scale.target:,g}{sign}",
        }
        notes = (*notes, Note(f"pace-{way.pace}", told))
    return notes
