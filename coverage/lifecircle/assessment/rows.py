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
from lifecircle.assessment.units import Place, Unit
from lifecircle.assessment.variants import VariantSource
from lifecircle.measures import progress_of, progress_share
from lifecircle.plans import Plan, Rule
from lifecircle.tables import Note

__all__ = [
    "UNKNOWN",
    "Case",
    "Judgement",
    "Part",
    "Row",
    "Scale",
    "ServiceNames",
    "as_context",
    "doubts_about",
    "finding",
    "not_judged",
    "reported",
    "study_place",
    "without_people",
]

UNKNOWN: Final = math.nan
Row = dict[str, Any]
RuleT_co = TypeVar("RuleT_co", bound=Rule, covariant=True)

_LEVEL_OF_PLAN: Final = {"nation": "city", "province": "city", "city": "city", "county": "county"}


class ServiceNames(str):
    """Ids of services as they are joined in a remark, which reads them by their names in the catalogue."""

    __slots__ = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> ServiceNames:
        """The ids, or groups of ids that stand in for one another, joined."""
        return cls(", ".join(names))

    def render(self, lang: str) -> str:
        """The names, alternatives parted by a stroke."""
        catalogue = services.catalogue()
        return messages.text("plans.list-separator", lang).join(
            "/".join(catalogue[name][lang] if name in catalogue else name for name in group.split("|"))
            for group in self.split(", ")
        )


@dataclass(frozen=True)
class Judgement:
    """What a rule finds about one unit, before it becomes a row.

    Attributes
    ----------
    provisional
        It is a failure that better data might undo.
    contribution
        What bringing the unit to the target would add to the whole, in the whole's unit: of a unit that is
        only part of what the plan judges.
    turns_at
        Settings of the sensitivity table under which the verdict would be the other one.
    """

    status: str
    value: float = UNKNOWN
    deficit: float = UNKNOWN
    population: float = UNKNOWN
    population_short: float = UNKNOWN
    provisional: bool = False
    notes: tuple[Note, ...] = ()
    contribution: float = UNKNOWN
    turns_at: str = ""

    def noted(self, *notes: Note) -> Judgement:
        """The same with further notes."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self


@dataclass(frozen=True)
class Case(Generic[RuleT_co]):
    """One rule of one plan before one study."""

    ctx: Context
    plan: Plan
    rule: RuleT_co
    variants: VariantSource | None = None
    """The study under other settings; None where nobody asks what turns a verdict."""

    @cached_property
    def assumptions(self) -> str:
        """The assumptions that every finding of the rule lists."""
        said = self.ctx.assumptions.said(*_assumptions(self.ctx, self.rule))
        profile, speed = self.ctx.walker_of(str(getattr(self.rule, "walker", "")), 0.0)
        return f"{said}; profile={profile}:{speed:g}" if profile else said

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


@dataclass(frozen=True)
class Scale:
    """What a value is measured in and against.

    Attributes
    ----------
    value_unit, deficit_unit
        Units of value and target, and of the deficit.
    comparator, target
        The test; ``none`` and NaN where there is none.
    baseline
        Where the plan started, in `value_unit`; NaN where it does not say.
    criterion
        The test in words where its threshold is ours: `comparator` and `target` are then none.
    """

    value_unit: str
    comparator: str
    target: float
    deficit_unit: str
    baseline: float = UNKNOWN
    criterion: str = ""


def reported(judgement: Judgement) -> Judgement:
    """What was measured, without a verdict; unknowns stay unknown."""
    if judgement.status not in {"met", "short"}:
        return judgement
    return Judgement("report-only", judgement.value, population=judgement.population, notes=judgement.notes)


def as_context(judgement: Judgement) -> Judgement:
    """A unit's figure under a rule that is judged as a whole: no verdict, no deficit, nobody short."""
    if judgement.status not in {"met", "short"}:
        return judgement
    return Judgement(
        "context",
        judgement.value,
        population=judgement.population,
        notes=judgement.notes,
        contribution=judgement.contribution,
    )


def without_people(judgement: Judgement, scale: Scale) -> Judgement:
    """The same where nobody knows how many people there are: shares stand, counts of people do not.

    Shares are then shares of the floor area or street length that stand in for people.
    """
    of_people, note = not math.isnan(judgement.population_short), Note("people-unknown")
    return replace(
        judgement,
        deficit=UNKNOWN if scale.deficit_unit == "persons" else judgement.deficit,
        population=UNKNOWN,
        population_short=UNKNOWN,
        notes=(*judgement.notes, note) if of_people and note not in judgement.notes else judgement.notes,
    )


def not_judged(unit: Unit) -> Judgement:
    """A unit that was found unfit to be judged when the units were chosen."""
    return Judgement(unit.status, population=unit.population, notes=unit.notes)


def doubts_about(ctx: Context, rule: Rule, asked: Iterable[str]) -> tuple[Note, ...]:
    """Why a failure under a rule would be provisional, or nothing if it would be firm.

    Only a failure can be provisional. What is met stays met when a missing facility or street is added,
    so it is firm. A failure is provisional where a facility may exist that no source lists, where a ledger
    that should list all of them lost rows, or where a figure of the clause was not read in its primary
    text; units add their own doubts (`Unit.at_data_edge`, `Unit.scope_unknown`).
    """
    notes: list[Note] = []
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
        notes += _pace_of_shortfall(
            plan, rule, ctx.as_of, value=shown.value, baseline=scale.baseline, target=scale.target
        )
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
        "progress": progress_share(shown.value, scale.baseline, scale.target),
        "status": shown.status,
        "certainty": certainty,
        "deficit": 0.0 if shown.status == "met" else shown.deficit,
        "deficit_unit": scale.deficit_unit,
        "population": shown.population,
        "population_short": UNKNOWN if rule.people == "nobody" else shown.population_short,
        "assumptions": case.assumptions,
        "note": notes,
        "criterion": scale.criterion,
        "turns_at": shown.turns_at if certainty == "assumed" else "",
        "contribution": shown.contribution if shown.status == "context" else UNKNOWN,
        "responsible": case.responsible,
    }


def _certainty(case: Case[Rule], judgement: Judgement) -> str:
    """What a verdict stands on; the weakest ground wins.

    What is met stays met when a facility or a street is added, so that only a failure is provisional for
    want of a complete list; a figure not confirmed, or a cohort not counted, may turn either verdict.
    """
    if judgement.status not in {"met", "short"}:
        return "firm"
    open_to_doubt = judgement.provisional and judgement.status == "short"
    if open_to_doubt or case.rule.certainty == "unconfirmed" or case.cohort_missing:
        return "provisional"
    return "assumed" if case.rule.our_thresholds else "firm"


def study_place(case: Case[Any]) -> Place:
    """Level, code and name under which the study as a whole is judged.

    The level is the city's, or the county's where the plan is a county's; a province's own level only
    where the study covers the whole of it. Where the place judged is a unit of that level, it is that unit.
    """
    ctx, plan = case.ctx, case.plan
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


def _pace_of_shortfall(
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
    way = progress_of(
        value,
        baseline,
        target,
        baseline_year=rule.baseline_year,
        target_year=year,
        as_of=as_of,
        issued=plan.issued,
    )
    if way.pace in {"on-track", "behind"}:
        notes = (*notes, Note(f"pace-{way.pace}", {"expected": way.expected}))
    return notes
