"""Facilities standing in areas: at least so many in every unit, or in a share of the units.

Only facilities inside the boundary and open to the public count, each once, and only where they lie: one
across the street serves its residents' circles, not this rule. A facility whose floor area or standard
the clause asks for and the ledger does not say may or may not count: the unit is met or short only if
that is so either way.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Group
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, not_judged, reported
from lifecircle.assessment.measured import placed_in
from lifecircle.assessment.rows import Case, Row, ServiceNames, doubts_about, finding, study_place
from lifecircle.assessment.units import Place, Selection, Unit, units_of
from lifecircle.assessment.verdicts import (
    Share,
    deficit_unit_of,
    nothing_to_judge,
    share_judgement,
    with_contributions,
)
from lifecircle.measures import facilities_per_area, whole_needed
from lifecircle.plans import LEVEL_OF_UNIT, AtLeastNPerArea, CoverageShareOfAreas, Rule
from lifecircle.tables import Note

__all__ = ["Wanted", "judge_presence", "units_with"]

PresenceRule = AtLeastNPerArea | CoverageShareOfAreas


@dataclass(frozen=True)
class Wanted:
    """What a unit must hold.

    Attributes
    ----------
    services
        Any one of them counts.
    number
        How many facilities.
    min_floor_area_m2, min_site_area_m2, meets_standard
        What a facility must be to count.
    """

    services: Group
    number: int = 1
    min_floor_area_m2: float | None = None
    meets_standard: bool = False
    min_site_area_m2: float | None = None

    @property
    def least(self) -> dict[str, float]:
        """The least figure of each column by which a facility counts."""
        asked = {"floor_area_m2": self.min_floor_area_m2, "site_area_m2": self.min_site_area_m2}
        return {column: figure for column, figure in asked.items() if figure is not None}


def judge_presence(case: Case[PresenceRule]) -> Iterator[Row]:
    """Findings of a rule about facilities in areas: every unit, then the share of units per layer.

    Units of one layer share a denominator. Where a clause names several layers, each has a verdict of its
    own (``service`` = ``of-townships`` ...), and the row with a blank service says whether all are met.
    """
    ctx, rule = case.ctx, case.rule
    share = _share(rule)
    verdicts: dict[str, list[Judgement]] = {}
    places: list[Place] = []
    for layer, units in rule.layers.items():
        selection = units_of(ctx, rule, layer, units)
        if not selection.units:
            verdicts[layer] = [Judgement(selection.status, notes=selection.notes)]
            if len(rule.layers) == 1:
                yield nothing_to_judge(case, selection, service=_verdict_service(rule))
                return
            continue
        places += [unit.place for unit in selection.units]
        by_service = _judged(ctx, rule, selection, layer)
        is_verdict = len(rule.layers) == 1 and _is_own_verdict(case, places)
        for service, judgements in by_service.items():
            shown = judgements
            if rule.judged_as == "whole":
                shown = with_contributions(judgements, share_judgement([*judgements.values()], share))
            if service and _stands_in(rule, layer):
                shown = {code: reported(one) for code, one in shown.items()}
            yield from _unit_rows(case, selection, shown, service=service, whole=is_verdict)
        verdicts[layer] = list(by_service[_verdict_service(rule)].values())
        if len(rule.layers) == 1 and not is_verdict:
            yield from _share_rows(case, by_service, share, places)
    if len(rule.layers) > 1:
        yield from _layer_rows(case, verdicts, share, places)


def units_with(
    ctx: Context, rule: Rule, selection: Selection, layer: str, wanted: Wanted
) -> Mapping[str, Judgement]:
    """Judge whether every unit of a selection holds what is wanted.

    Returns
    -------
    Mapping
        Judgement by code; the value is the number of facilities that surely count.
    """
    if not ctx.knows(wanted.services):
        missing = Note("no-facilities", {"services": ServiceNames.of(wanted.services)})
        return {
            unit.code: not_judged(unit)
            if unit.status
            else Judgement("no-data", population=unit.population, notes=(*unit.notes, missing))
            for unit in selection.units
        }
    # facilities that surely count, and those that may: the verdict must hold for both
    low, high = _counts(ctx, selection, layer, wanted)
    doubts = doubts_about(ctx, rule, wanted.services)
    return {
        unit.code: _judge(unit, wanted, at_least, at_most, doubts)
        for unit, at_least, at_most in zip(selection.units, low.tolist(), high.tolist(), strict=True)
    }


def _share(rule: PresenceRule) -> Share:
    """The share of units that must pass; every unit, where the clause says "each" and names no share."""
    if isinstance(rule, AtLeastNPerArea):
        return Share.of_rule(rule, default=100.0)
    target = rule.target if isinstance(rule.target, float) else None
    return Share(target, rule.comparator, UNKNOWN if rule.baseline is None else rule.baseline)


def _verdict_service(rule: PresenceRule) -> str:
    """The service of the verdict's rows: blank over several."""
    return rule.services[0] if len(set(rule.all_services)) == 1 else ""


def _judged(
    ctx: Context, rule: PresenceRule, selection: Selection, layer: str
) -> dict[str, Mapping[str, Judgement]]:
    """Judgements by service and unit, the verdict last."""
    number = rule.n if isinstance(rule, CoverageShareOfAreas) else _number(rule)
    services = tuple(dict.fromkeys(rule.in_layer(layer)))

    def judged_for(group: Group) -> Mapping[str, Judgement]:
        wanted = Wanted(
            group,
            number,
            min_floor_area_m2=rule.min_floor_area_m2,
            min_site_area_m2=rule.min_site_area_m2,
            meets_standard=rule.meets_standard,
        )
        return units_with(ctx, rule, selection, layer, wanted)

    if len(services) == 1:
        return {_verdict_service(rule): judged_for(services)}
    single = {name: judged_for((name,)) for name in services}
    if rule.need == "each":
        return {**single, "": {unit.code: _all_of(unit, single) for unit in selection.units}}
    return {**single, "": judged_for(services)}


def _stands_in(rule: PresenceRule, layer: str) -> bool:
    """Whether the services of a layer stand in for one another, so that none is asked for by itself."""
    return rule.need == "any" and len(set(rule.in_layer(layer))) > 1


def _number(rule: AtLeastNPerArea) -> int:
    """How many facilities a unit must hold."""
    return whole_needed(float(rule.target or 0), strict=rule.comparator == ">")


def _all_of(unit: Unit, single: Mapping[str, Mapping[str, Judgement]]) -> Judgement:
    """One unit that needs every service: the missing facilities of all add up."""
    if unit.status:
        return not_judged(unit)
    # what is missing adds up; the unit is as doubtful as its least doubtful failure
    each = [rows[unit.code] for rows in single.values()]
    short = [one for one in each if one.status == "short"]
    status = "short" if short else "no-data" if any(one.status == "no-data" for one in each) else "met"
    notes = tuple(dict.fromkeys(note.key for one in each if one.status == status for note in one.notes))
    kept = {note.key: note for one in each for note in one.notes}
    return Judgement(
        status,
        value=float(sum(one.value for one in each if not math.isnan(one.value))),
        deficit=sum(one.deficit for one in short) if short else UNKNOWN,
        population=unit.population,
        population_short=unit.population if short else 0.0 if status == "met" else UNKNOWN,
        provisional=all(one.provisional for one in short),
        notes=tuple(kept[key] for key in notes),
    )


def _counts(ctx: Context, selection: Selection, layer: str, wanted: Wanted) -> tuple[pd.Series, pd.Series]:
    """Facilities in each unit: those that surely count, and those that may."""
    table = ctx.offering(wanted.services)
    area = placed_in(ctx, wanted.services, selection, layer)
    sure, possible = pd.Series(True, index=table.index), pd.Series(True, index=table.index)
    # blank figures and marks count as possible, never as sure
    for column, least in wanted.least.items():
        sure &= table[column] >= least
        possible &= (table[column] >= least) | table[column].isna()
    if wanted.meets_standard:
        declared = table["meets_standard"].astype("boolean")
        sure &= declared.fillna(False).astype("bool")
        possible &= declared.fillna(True).astype("bool")
    facility = table["facility"]
    low = facilities_per_area(facility[sure], area[sure], selection.codes)
    if sure.equals(possible):
        return low, low
    return low, facilities_per_area(facility[possible], area[possible], selection.codes)


def _judge(unit: Unit, wanted: Wanted, low: int, high: int, doubts: tuple[Note, ...]) -> Judgement:
    """One unit with its facilities."""
    if unit.status:
        return not_judged(unit)
    base = Judgement("met", value=float(low), population=unit.population, notes=unit.notes)
    # enough even if no blank counts
    if low >= wanted.number:
        return Judgement("met", base.value, 0.0, base.population, 0.0, notes=base.notes)
    # enough only if blanks count: open
    if high >= wanted.number:
        column = next(iter(wanted.least), "meets_standard")
        note = Note("missing-column", {"column": f"facilities.{column}"})
        return Judgement("no-data", population=unit.population, notes=(*unit.notes, note))
    # short so far, and the part beyond the boundary may hold what is missing
    if not unit.whole:
        return Judgement(
            "no-data", base.value, population=unit.population, notes=(*unit.notes, Note("unit-not-whole"))
        )
    return Judgement(
        "short",
        base.value,
        float(wanted.number - high),
        unit.population,
        unit.population,
        provisional=bool(doubts) or unit.scope_unknown,
        notes=(*unit.notes, *doubts),
    )


def _unit_rows(
    case: Case[PresenceRule],
    selection: Selection,
    judgements: Mapping[str, Judgement],
    *,
    service: str,
    whole: bool,
) -> Iterator[Row]:
    """Rows of the units of one layer; `whole` where the only unit is the place judged."""
    rule = case.rule
    number = rule.n if isinstance(rule, CoverageShareOfAreas) else _number(rule)
    each = len(set(rule.services)) if service == "" and rule.need == "each" else 1
    scale = Scale("facilities", ">=", float(number * each), "facilities")
    for unit in selection.units:
        yield finding(case, judgements[unit.code], unit.place, scale, service, whole=whole)


def _is_own_verdict(case: Case[Rule], places: Sequence[Place]) -> bool:
    """Whether the only unit is the place judged, so that its row already is the verdict."""
    whole = study_place(case)
    return [(one.level, one.code) for one in places] == [(whole.level, whole.code)]


def _whole(case: Case[Rule], places: Sequence[Place]) -> Place:
    """The study as a place of its own, also where one of several units bears its code."""
    whole = study_place(case)
    taken = any((one.level, one.code) == (whole.level, whole.code) for one in places)
    return replace(whole, code="study") if taken else whole


def _share_rows(
    case: Case[PresenceRule],
    by_service: Mapping[str, Mapping[str, Judgement]],
    share: Share,
    places: Sequence[Place],
) -> Iterator[Row]:
    """The verdict of each service, that over all of them last."""
    for service, judgements in by_service.items():
        own = Share(None) if service and len(by_service) > 1 and case.rule.need == "any" else share
        yield finding(
            case,
            share_judgement([*judgements.values()], own),
            _whole(case, places),
            own.scale(deficit_unit_of(place.level for place in places)),
            service,
            whole=True,
        )


def _layer_rows(
    case: Case[PresenceRule],
    verdicts: Mapping[str, Sequence[Judgement]],
    share: Share,
    places: Sequence[Place],
) -> Iterator[Row]:
    """One verdict per layer, and one over all of them."""
    rule = case.rule
    by_layer = []
    for layer, judgements in verdicts.items():
        notes = judgements[0].notes if len(judgements) == 1 and judgements[0].status == "no-data" else ()
        units = {LEVEL_OF_UNIT[unit] for unit in rule.layers[layer]}
        verdict = share_judgement(judgements, share)
        scale = share.scale(deficit_unit_of(units))
        yield finding(case, verdict.noted(*notes), _whole(case, places), scale, f"of-{layer}", whole=True)
        by_layer.append(verdict)
    yield finding(
        case, _over_layers(by_layer, share), _whole(case, places), share.scale("units"), "", whole=True
    )


def _over_layers(by_layer: Sequence[Judgement], share: Share) -> Judgement:
    """All layers together: short if one is, met only if every one that has units is; the least share."""
    judged = [one for one in by_layer if one.status != "not-applicable"]
    statuses = {one.status for one in judged}
    # the worst layer decides; a layer without data cannot be made up for by others
    order = ("short", "no-data", "report-only", "met")
    status = next((name for name in order if name in statuses), "not-applicable")
    short = [one for one in judged if one.status == "short"]
    values = [one.value for one in judged if not math.isnan(one.value)]
    why = next((one.notes for one in judged if one.status == status == "no-data"), ())
    return Judgement(
        status,
        value=min(values) if values and status != "no-data" else UNKNOWN,
        deficit=sum(one.deficit for one in short) if short else UNKNOWN,
        provisional=bool(short) and all(one.provisional for one in short),
        notes=why or (() if share.target is not None else (Note("no-share-stated"),)),
    )
