"""How the verdicts of rules move with what the plans leave open, one setting varied at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from lifecircle.assessment.adjacency import neighbour_statuses
from lifecircle.assessment.circle_units import LIFE_CIRCLE, CircleUnits, judges_circles
from lifecircle.assessment.circles import cutoff_of
from lifecircle.assessment.context import Context
from lifecircle.assessment.facility_figures import judge_facility_figure
from lifecircle.assessment.judgement import Judgement
from lifecircle.assessment.presence import judge_presence
from lifecircle.assessment.ratios import judge_facility_ratio
from lifecircle.assessment.rows import Case
from lifecircle.assessment.stations import judge_stations
from lifecircle.assessment.tally import Checklist
from lifecircle.assessment.turns import statuses_under
from lifecircle.assessment.type_circles import checklist_of
from lifecircle.assessment.units import Selection, communities_of
from lifecircle.assessment.variants import Circle, Variant, Variants, VariantSource
from lifecircle.assessment.verdicts import Share, share_judgement
from lifecircle.plans import (
    Adjacency,
    AtLeastNPerArea,
    CoverageShareOfAreas,
    MinimumFacilityArea,
    Plan,
    PopulationPerFacility,
    Rule,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import CATCHMENT, SENSITIVITY, Inputs, TravelTimes

__all__ = ["sensitivity"]


def sensitivity(
    plans: Sequence[Plan],
    inputs: Inputs,
    travel: TravelTimes,
    assumptions: Assumptions,
    *,
    centres: Collection[int] = (),
    variants: Variants | None = None,
) -> pd.DataFrame:
    """Judge every rule that leans on a threshold of ours under other settings, one at a time.

    Walking speed is varied on foot only, and for the pace the rule itself uses; the grouping of types
    only where the plan leaves it open. The origin is varied from the demand points as they are to
    dwellings (where the study knows them; communities without one are then no-data) and to each
    community's central demand point, which stands for all its residents. Circles are also drawn by
    bicycle and as the crow flies; catchments of stations with other numbers of people. Neighbouring
    institutions are tried with other metres, areas of sites without what outlines on a map say.

    Parameters
    ----------
    plans
        Baselines are left out. Where a clause has no test, ``met`` counts the units that would pass.
    inputs, travel
        The study's tables and walks, as `assess` takes them.
    assumptions
        The study's own, each of which is one of the settings.
    centres
        Ids of the communities' central demand points; without them there is no such setting.
    variants
        Those of the study, where they are made already.

    Returns
    -------
    DataFrame
        `tables.SENSITIVITY`, in the order of the plans.
    """
    study = variants or Variants.of_study(Context(inputs, travel, assumptions), centres=centres)
    rows = [
        {"plan": plan.id, "rule": rule.id, **outcome}
        for plan in plans
        for rule in plan.rules
        if rule.role != "baseline"
        for outcome in _outcomes(plan, rule, study)
    ]
    return SENSITIVITY.check(pd.DataFrame(rows)) if rows else SENSITIVITY.empty()


def _outcomes(plan: Plan, rule: object, study: Variants) -> Iterator[dict[str, object]]:
    """How the units of a rule, and the study as a whole, stand under each variant."""
    if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle):
        yield from _of_circle(rule, study)
    elif isinstance(rule, PopulationPerFacility):
        for variant in study.of(rule):
            yield _of_stations(plan, rule, variant)
    elif isinstance(rule, Adjacency):
        for variant in study.of(rule):
            yield _counts(variant, neighbour_statuses(variant.ctx, rule), "", math.nan)
    elif isinstance(rule, Rule) and "site_area_from_outline" in rule.assumptions:
        for variant in study.of(rule):  # type: ignore[arg-type]  # a rule of some kind
            yield _of_sites(plan, rule, variant)


def _of_circle(rule: Circle, study: Variants) -> Iterator[dict[str, object]]:
    """A circle rule under each variant."""
    of: VariantSource = study
    own = study.own
    if judges_circles(rule):
        if not (own.inputs.units["level"] == LIFE_CIRCLE).any():
            return
        of = circles = CircleUnits(study)
        own = circles.own
    selection = communities_of(own, rule)
    counts_circles = isinstance(rule, TypeCircle) and rule.unit == "circles"
    share = Share(None) if counts_circles else Share.of_rule(rule)
    # statuses alone decide: no finding is made for a variant
    for variant in of.of(rule):
        status = statuses_under(variant, selection, lambda ctx: _asked(ctx, rule))
        whole = share_judgement([Judgement(one) for one in status], share)
        verdict = "" if share.target is None else whole.status
        yield _counts(variant, status.tolist(), verdict, _beyond(rule, variant, selection))


def _of_stations(plan: Plan, rule: PopulationPerFacility, variant: Variant) -> dict[str, object]:
    """A catchment rule under one variant: its headline for every station, and for the study."""
    rows = list(judge_stations(Case(variant.ctx, plan, rule)))
    headline = [row for row in rows if row["service"] == ""]
    stations = [row for row in headline if row["level"] == CATCHMENT]
    each = [str(row["status"]) for row in stations]
    whole = [str(row["status"]) for row in headline if row["level"] != CATCHMENT]
    # enough stations in number are not enough where single ones fall short
    verdict = "short" if whole == ["met"] and "short" in each else "".join(whole[:1])
    people = pd.Series([row["population_short"] for row in stations], dtype="float64")
    return _counts(variant, each, verdict, float(people.sum(min_count=1)))


def _of_sites(plan: Plan, rule: Rule, variant: Variant) -> dict[str, object]:
    """A rule about the area of sites under one variant: its units, and the study."""
    case = Case(variant.ctx, plan, rule)
    if isinstance(rule, AtLeastNPerArea | CoverageShareOfAreas):
        rows = list(judge_presence(case))  # type: ignore[arg-type]  # the case of that rule
    elif isinstance(rule, MinimumFacilityArea):
        rows = list(judge_facility_figure(case))  # type: ignore[arg-type]
    else:
        rows = list(judge_facility_ratio(case))  # type: ignore[arg-type]
    # the last row is the verdict, those before are the units
    told = [str(row["status"]) for row in rows if row["status"] != "context"]
    return _counts(variant, told[:-1], told[-1] if told else "", math.nan)


def _counts(variant: Variant, status: Sequence[str], verdict: str, beyond: float) -> dict[str, object]:
    """One row of the table, without its rule."""
    count = Counter(status)
    # the share is of units with a verdict
    judged = count["met"] + count["short"]
    return {
        "varied": variant.varied,
        "setting": variant.setting,
        "own": variant.own,
        "met": count["met"],
        "short": count["short"],
        "no_data": count["no-data"],
        "not_applicable": count["not-applicable"],
        "met_share": 100.0 * count["met"] / judged if judged else math.nan,
        "verdict": verdict,
        "people_short": beyond if variant.counts_residents else math.nan,
    }


def _beyond(rule: Circle, variant: Variant, selection: Selection) -> float:
    """Residents who do not reach all that a circle requires; NaN where part of it, or of them, is unknown."""
    ctx, asked = variant.ctx, _asked(variant.ctx, rule)
    uncounted = not ctx.people_known or ctx.people_unknown_in.keys() & set(selection.codes)
    if uncounted or not all(ctx.knows(group) for group in asked.required):
        return math.nan
    # people of communities that are judged, beyond the limit of any required group
    rows = ctx.communities.index.get_indexer(selection.codes)
    counted = np.array([not unit.status for unit in selection.units], dtype=bool)
    return float(ctx.covered(asked.required, asked.cutoff)["beyond"].to_numpy()[rows][counted].sum())


def _asked(ctx: Context, rule: Circle) -> Checklist:
    """What a rule asks for; a circle of one service asks for one group."""
    if isinstance(rule, TypeCircle):
        return checklist_of(ctx, rule)
    return Checklist((tuple(dict.fromkeys(rule.services)),), (), 0, cutoff_of(ctx, rule))
