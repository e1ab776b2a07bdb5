"""Systems of tiers: complete where every unit of every tier holds a facility of its tier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lifecircle.assessment.circles import group_name
from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale
from lifecircle.assessment.presence import Wanted, units_with
from lifecircle.assessment.rows import Case, Row, finding, study_place
from lifecircle.assessment.units import Selection, units_of
from lifecircle.assessment.verdicts import Share, share_judgement
from lifecircle.plans import LEVEL_OF_UNIT, Tier, Tiers
from lifecircle.plans.vocabulary import LAYER_OF_UNIT, AssessmentUnit
from lifecircle.tables import Note

_COLUMN_OF_LAYER: Final = {
    "communities": "code",
    "townships": "township",
    "counties": "county",
    "cities": "city",
}
"""Where a community says in which unit of a layer it lies."""

_OF_SHARES = frozenset({"share-interval", "share-unknown"})
"""Notes on the share of units in one tier; they say nothing of the system."""

__all__ = ["judge_tiers"]


def judge_tiers(case: Case[Tiers]) -> Iterator[Row]:
    """Findings of a system of tiers.

    Each unit has a row under the service of its tier; the study's row with a blank service counts the
    complete tiers. It is met only if all are complete, short if one is surely not.
    """
    ctx, rule = case.ctx, case.rule
    tiers: list[Judgement] = []
    lacking: set[tuple[str, str]] = set()
    for tier in rule.tiers:
        judgements: list[Judgement] = []
        for layer, units in _layers(tier).items():
            selection = units_of(ctx, rule, layer, units)
            if not selection.units:
                judgements.append(Judgement(selection.status, notes=selection.notes))
                continue
            holding = units_with(ctx, rule, selection, layer, Wanted(tuple(tier.services)))
            judgements.extend(holding.values())
            lacking.update((layer, code) for code, one in holding.items() if one.status == "short")
            yield from _unit_rows(case, tier, selection, [*holding.values()])
        # a tier is complete where every unit of all its layers has its facility
        tiers.append(share_judgement(judgements, Share(100.0)).noted(*_reasons(judgements)))
    yield finding(
        case,
        replace(_over_tiers(rule, tiers), population_short=_residents(ctx, lacking)),
        study_place(case),
        Scale("tiers", rule.comparator, float(len(rule.tiers)), "tiers"),
        "",
        whole=True,
    )


def _residents(ctx: Context, lacking: set[tuple[str, str]]) -> float:
    """Who lives in units that lack their facility, each resident once; NaN where that cannot be told."""
    homes = ctx.communities.reset_index()
    lived_in = np.zeros(len(homes), dtype=bool)
    for layer in {layer for layer, _ in lacking}:
        codes = {code for name, code in lacking if name == layer}
        column = _COLUMN_OF_LAYER.get(layer)
        if column is None or not codes <= set(homes[column]):
            return UNKNOWN
        lived_in |= homes[column].isin(codes).to_numpy()
    return float(homes.loc[lived_in, "population"].sum(min_count=1))


def _layers(tier: Tier) -> dict[str, tuple[AssessmentUnit, ...]]:
    """Units of a tier by the layer that holds them."""
    by_layer: dict[str, tuple[AssessmentUnit, ...]] = {}
    for unit in tier.units:
        by_layer[LAYER_OF_UNIT[unit]] = (*by_layer.get(LAYER_OF_UNIT[unit], ()), unit)
    return by_layer


def _unit_rows(
    case: Case[Tiers], tier: Tier, selection: Selection, judgements: Sequence[Judgement]
) -> Iterator[Row]:
    """Rows of the units of one tier."""
    scale, name = Scale("facilities", ">=", 1.0, "facilities"), group_name(tuple(tier.services))
    for unit, judgement in zip(selection.units, judgements, strict=True):
        yield finding(case, judgement, unit.place, scale, name)


def _reasons(judgements: Sequence[Judgement]) -> tuple[Note, ...]:
    """Why a tier has no data at all, once."""
    missing = [one for one in judgements if one.status == "no-data"]
    return missing[0].notes if missing and len(missing) == len(judgements) else ()


def _over_tiers(rule: Tiers, tiers: Sequence[Judgement]) -> Judgement:
    """The whole system; a tier without units is neither complete nor missing."""
    met, short = (sum(one.status == name for one in tiers) for name in ("met", "short"))
    unknown = [one for one in tiers if one.status == "no-data"]
    notes = [note for one in unknown for note in one.notes if note.key not in _OF_SHARES]
    for tier, one in zip(rule.tiers, tiers, strict=True):
        levels = "+".join(dict.fromkeys(LEVEL_OF_UNIT[unit] for unit in tier.units))
        if one.status == "short":
            notes.append(Note("tier-incomplete", {"level": levels, "units": int(one.deficit)}))
        if one.status == "not-applicable":
            notes.append(Note("no-such-unit", {"units": levels}))
    # one missing tier breaks the system; an unknown one leaves it open
    status = "short" if short else "no-data" if unknown else "met" if met else "not-applicable"
    failures = [one for one in tiers if one.status == "short"]
    return Judgement(
        status,
        value=float(met) if status != "no-data" else UNKNOWN,
        deficit=float(short) if short else UNKNOWN,
        provisional=all(one.provisional for one in failures),
        notes=tuple(notes),
    )
