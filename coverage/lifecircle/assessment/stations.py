"""Health stations: one facility for so many people, or for so many committees.

Everybody's station is the nearest one, with no cutoff. A station with more people than the clause allows
is short of ``ceil(load / most) - 1`` further ones; one with fewer than it names is met, and noted. The
study as a whole needs ``ceil(residents / most)`` stations inside the boundary.

The clause joins two measures by "or" and they can disagree, so each catchment and the study have three
rows: ``by-people``, ``by-committees`` (each committee belongs to the station most of its people have
nearest), and a blank ``service`` for the headline, which is met where either of the two is. A headline that
is met although the stations have too many people says so.

People beyond the boundary compete for the same stations and count in the loads; the totals of the study
are its own residents. Where the scope of a community is unknown a verdict is given only if it is the same
with and without its people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Group
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding, study_place
from lifecircle.assessment.station_loads import loads_of, people_of_scope, stations_named
from lifecircle.assessment.units import Place, Selection, communities_of
from lifecircle.assessment.verdicts import nothing_to_judge
from lifecircle.measures import (
    exceeds,
    facilities_needed,
    facilities_useful,
    overload,
)
from lifecircle.plans import PopulationPerFacility
from lifecircle.tables import CATCHMENT, Note

__all__ = ["BY_COMMITTEES", "BY_PEOPLE", "judge_stations"]

BY_PEOPLE = "by-people"
BY_COMMITTEES = "by-committees"


@dataclass(frozen=True)
class _Bounds:
    """People per facility: at most, and at least where the clause says so."""

    most: float
    least: float | None


@dataclass(frozen=True)
class _Figure:
    """One measure of one catchment or of the whole: how many facilities are missing at least and at most."""

    value: float
    missing_low: int
    missing_high: int

    @property
    def status(self) -> str:
        """Met or short whichever way the unknown falls, else no-data."""
        if self.missing_high == 0:
            return "met"
        return "short" if self.missing_low > 0 else "no-data"


def judge_stations(case: Case[PopulationPerFacility]) -> Iterator[Row]:
    """Findings of a catchment rule: three rows per station and three for the study."""
    ctx, rule = case.ctx, case.rule
    selection = communities_of(ctx, rule)
    services = stations_named(ctx, rule)
    if not selection.units:
        yield nothing_to_judge(case, selection)
        return
    if not ctx.knows(services):
        missing = (Note("no-facilities", {"services": ServiceNames.of(services)}),)
        yield nothing_to_judge(case, Selection((), "no-data", missing))
        return
    if not ctx.people_known:
        yield nothing_to_judge(case, Selection((), "no-data", (Note("people-unknown"),)))
        return
    # Everybody goes to the nearest facility: who is served where, and which catchments the data cut off.
    bounds = _bounds(ctx, rule)
    loads = loads_of(ctx, rule)
    stations = ctx.each_offering(services).set_index("facility")
    at_data_edge = _serve_the_data_edge(ctx, services)
    doubts = doubts_about(ctx, rule, services)
    for code, name in stations["name"].items():
        own = loads.loc[code] if code in loads.index else _nobody(loads)
        reasons = (*doubts, Note("edge")) if code in at_data_edge else doubts
        yield from _catchment(case, bounds, own, reasons, Place(CATCHMENT, code, name))
    yield from _whole(case, bounds, selection, loads, doubts, stations=len(stations))


def _bounds(ctx: Context, rule: PopulationPerFacility) -> _Bounds:
    """The study's own numbers where it sets them, else the clause's."""
    if rule.comparator == "<=":
        return _Bounds(float(rule.target), None)  # type: ignore[arg-type]
    if "station_people" in ctx.assumptions.model_fields_set:
        least, most = ctx.assumptions.station_people
        return _Bounds(float(most), float(least))
    return _Bounds(float(rule.target_max), float(rule.target))  # type: ignore[arg-type]


def _nobody(loads: pd.DataFrame) -> pd.Series:
    """The catchment of a station that is nobody's nearest."""
    return pd.Series(0.0, index=loads.columns)


def _catchment(
    case: Case[PopulationPerFacility],
    bounds: _Bounds,
    own: pd.Series,
    reasons: tuple[Note, ...],
    place: Place,
) -> Iterator[Row]:
    """Three rows of one station; `reasons` make a failure provisional."""
    ctx, rule = case.ctx, case.rule
    # Facilities missing at least and at most: the interval decides, or leaves open.
    by_people = _Figure(
        own["residents"],
        overload(own["residents"], most_people=bounds.most),
        overload(own["residents_high"], most_people=bounds.most),
    )
    if own["residents_high"] == 0:
        nobody = Judgement("not-applicable", value=0.0, population=0.0, notes=(Note("nobody-nearest"),))
        yield _load_row(case, bounds, nobody, place, service="")
        return
    # The verdict by people, with what a planner asks next.
    excess = max(0.0, own["residents"] - bounds.most)
    headline = _judgement(by_people, own["residents"], excess, reasons)
    if bounds.least is not None and exceeds(bounds.least, own["residents_high"]):
        headline = headline.noted(Note("station-under", {"least": bounds.least}))
    if own["beyond_residents"] > 0:
        values = {"residents": own["beyond_residents"], "minutes": ctx.assumptions.station_minutes}
        headline = headline.noted(Note("beyond-minutes", values))
    if rule.committees_max is None:
        yield _load_row(case, bounds, headline, place, service="")
        return
    yield _load_row(case, bounds, headline, place, service=BY_PEOPLE)
    # The clause's alternative: by committees, and either of the two.
    by_committees = _committee_judgement(
        ctx,
        rule,
        _Figure(
            own["communities"],
            overload(own["communities"], most_people=rule.committees_max),
            overload(own["communities_high"], most_people=rule.committees_max),
        ),
        own["residents"],
        reasons,
    )
    either = _either(headline, by_committees)
    yield _load_row(case, bounds, by_committees, place, service=BY_COMMITTEES)
    yield _load_row(case, bounds, either, place, service="")


def _whole(
    case: Case[PopulationPerFacility],
    bounds: _Bounds,
    selection: Selection,
    loads: pd.DataFrame,
    doubts: tuple[Note, ...],
    *,
    stations: int,
) -> Iterator[Row]:
    """Three rows of the study: facilities there are against facilities needed."""
    ctx, rule = case.ctx, case.rule
    place = study_place(case)
    sure, possible = people_of_scope(ctx, rule)
    # People of the boundary, surely and possibly of the rule's scope.
    inside = ctx.demand["community"].isin(ctx.communities.index)
    low = float(ctx.demand.loc[sure & inside, "residents"].sum())
    high = float(ctx.demand.loc[possible & inside, "residents"].sum())
    if high == 0:
        nobody = Judgement(
            "not-applicable", value=float(stations), population=0.0, notes=(Note("nobody-lives-here"),)
        )
        yield _count_row(case, nobody, place, service="", needed=0.0)
        return
    # Facilities needed for either number, against those there are.
    needed = [facilities_needed(people, most_people=bounds.most) for people in (low, high)]
    figure = _Figure(float(stations), max(0, needed[0] - stations), max(0, needed[1] - stations))
    # People short: above what their facility may serve, and those who reach none.
    reached = ctx.nearest(stations_named(ctx, rule))["facility"] != ""
    stranded = float(ctx.demand.loc[sure & inside & ~reached, "residents"].sum())
    excess = (loads["residents"] - bounds.most).clip(lower=0.0)
    headline = _judgement(figure, low, float(excess.sum()) + stranded, doubts)
    headline = headline.noted(Note("number-alone"), *_whole_notes(bounds, loads, needed, low, stranded))
    if rule.committees_max is None:
        yield _count_row(case, headline, place, service="", needed=float(needed[0]))
        return
    yield _count_row(case, headline, place, service=BY_PEOPLE, needed=float(needed[0]))
    # By committees: units surely concerned, and with them those of unknown scope.
    committees = [
        sum(unit.status in allowed for unit in selection.units) for allowed in ({""}, {"", "no-data"})
    ]
    wanted = [facilities_needed(count, most_people=rule.committees_max) for count in committees]
    count = _Figure(float(stations), max(0, wanted[0] - stations), max(0, wanted[1] - stations))
    by_committees = _committee_judgement(ctx, rule, count, low, doubts)
    by_committees = by_committees.noted(
        Note("number-alone"), Note("committees-counted", {"committees": committees[0]})
    )
    yield _count_row(case, by_committees, place, service=BY_COMMITTEES, needed=float(wanted[0]))
    either = _either(headline, by_committees)
    least = min(needed[0], wanted[0]) if by_committees.status != "not-applicable" else needed[0]
    yield _count_row(case, either, place, service="", needed=float(least))


def _whole_notes(
    bounds: _Bounds, loads: pd.DataFrame, needed: list[int], low: float, stranded: float
) -> tuple[Note, ...]:
    """What a planner asks next: how many are useful, how many catchments are overloaded, who has none."""
    notes = []
    if bounds.least is not None:
        useful = facilities_useful(low, least_people=bounds.least, most_people=bounds.most)
        notes.append(Note("stations-useful", {"needed": needed[0], "useful": useful}))
    # facilities that single catchments lack, whatever the total says
    further = [overload(load, most_people=bounds.most) for load in loads["residents"]]
    if any(further):
        values = {"catchments": int(np.count_nonzero(further)), "stations": sum(further)}
        notes.append(Note("catchments-overloaded", values))
    if stranded > 0:
        notes.append(Note("unreached", {"residents": stranded}))
    return tuple(notes)


def _judgement(figure: _Figure, population: float, excess: float, doubts: tuple[Note, ...]) -> Judgement:
    """A figure as a judgement."""
    short = figure.status == "short"
    return Judgement(
        figure.status,
        value=figure.value,
        deficit=float(figure.missing_low) if short else UNKNOWN,
        population=population,
        population_short=excess if figure.status != "no-data" else UNKNOWN,
        provisional=short and bool(doubts),
        notes=doubts if short else (Note("scope-unknown"),) if figure.status == "no-data" else (),
    )


def _committee_judgement(
    ctx: Context, rule: PopulationPerFacility, figure: _Figure, population: float, doubts: tuple[Note, ...]
) -> Judgement:
    """By committees; cells of a grid are none."""
    if ctx.is_regular:
        return Judgement("not-applicable", population=population, notes=(Note("cells-are-no-units"),))
    judgement = _judgement(figure, population, UNKNOWN, doubts)
    bounds = {"least": rule.committees_min, "most": rule.committees_max}
    return judgement.noted(Note("committees-allowed", bounds))


def _either(by_people: Judgement, by_committees: Judgement) -> Judgement:
    """The clause's "or": met where one is; short where neither can be."""
    if by_committees.status == "not-applicable":
        return by_people
    # the clause says "or": one measure that is met is enough
    both = (by_people, by_committees)
    met = next((one for one in both if one.status == "met"), None)
    if met is not None:
        # a clause that is met leaves nobody above capacity; the reading by people keeps its own count
        headline = replace(met, deficit=0.0, population_short=0.0)
        return headline if by_people.status != "short" else headline.noted(Note("people-short-under-either"))
    if any(one.status == "no-data" for one in both):
        return Judgement("no-data", population=by_people.population, notes=(Note("scope-unknown"),))
    # short under both: the smaller deficit is what must be built, and the larger one is told
    easier = min(both, key=lambda one: one.deficit)
    headline = replace(easier, population_short=by_people.population_short)
    if by_people.deficit == by_committees.deficit:
        return headline
    values = {"people": int(by_people.deficit), "committees": int(by_committees.deficit)}
    return headline.noted(Note("needed-by-either", values))


def _serve_the_data_edge(ctx: Context, services: Group) -> frozenset[str]:
    """Facilities that are nearest to somebody in a unit whose surroundings leave the data."""
    codes = ctx.communities.index[ctx.communities["edge"]]
    there = ctx.demand["community"].isin(codes)
    return frozenset(ctx.nearest(services).loc[there, "facility"])


def _load_row(
    case: Case[PopulationPerFacility],
    bounds: _Bounds,
    judgement: Judgement,
    place: Place,
    *,
    service: str,
) -> Row:
    """A catchment's people, or committees, against the most that one facility may serve."""
    rule = case.rule
    # the scale follows what decided the row
    in_committees = any(note.key == "committees-allowed" for note in judgement.notes)
    limit = rule.committees_max if in_committees and rule.committees_max is not None else bounds.most
    return finding(
        case,
        judgement,
        place,
        Scale("communities" if in_committees else rule.unit, "<=", float(limit), "facilities"),
        service,
    )


def _count_row(
    case: Case[PopulationPerFacility],
    judgement: Judgement,
    place: Place,
    *,
    service: str,
    needed: float,
) -> Row:
    """The number of facilities in the study against the number needed."""
    return finding(
        case,
        judgement,
        place,
        Scale("facilities", ">=", needed, "facilities"),
        service,
        whole=True,
    )
