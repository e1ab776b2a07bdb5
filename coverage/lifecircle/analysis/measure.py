"""The last steps before writing: where to build next, and a judged state measured into a finished run."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.areas import minute_rasters, raster_keys, service_isochrones, with_catchment_areas
from lifecircle.analysis.prepare import with_proof_remark, with_snap_remarks
from lifecircle.analysis.protocols import AssessedState
from lifecircle.analysis.results import Run, with_scenarios
from lifecircle.analysis.routes import nearest_routes
from lifecircle.analysis.where_next import where_next
from lifecircle.assessment import (
    Context,
    catchments,
    circle_sheet,
    community_figures,
    complete_communities,
    gaps,
    monitoring_table,
    priorities,
    problem_ledger,
    scorecard,
    sensitivity,
)
from lifecircle.network import ODPoints, life_circles
from lifecircle.network.routing.reasons import snap_reasons
from lifecircle.network.snapping import ISLAND
from lifecircle.plans import services_of
from lifecircle.services import service_names
from lifecircle.stages import Stages
from lifecircle.tables import (
    CIRCLES,
    COMMUNITY_FIGURES,
    COVERAGE_CURVE,
    GAPS,
    ISOCHRONES,
    PROPOSALS,
    SCORECARD,
    SNAPS,
    Inputs,
    Raster,
)

__all__ = ["build_results"]


def build_results(
    assessed: AssessedState,
    scenarios: Sequence[AssessedState],
    stages: Stages,
    *,
    jobs: int | None,
    drawn: bool = True,
) -> Run:
    """Propose sites for a judged state and measure it: figures, circles, areas, catchments, rasters, scores.

    Parameters
    ----------
    assessed
        The state the results are of.
    scenarios
        Scenarios whose effects are told with them.
    stages
        Times the stages and reports their progress.
    jobs
        Threads.
    drawn
        Whether circles, areas of services and catchments, and rasters are made, which take most of the time;
        without them results are to be shown and not to be written.
    """
    session, state = assessed.session, assessed.state
    study, plans = session.prepared.study, session.prepared.plans
    network, od, travel = state.network, state.od, state.travel
    assumptions, findings = study.assumptions, assessed.findings
    inputs = with_proof_remark(with_snap_remarks(state.inputs, od), travel)
    communities = community_figures(inputs, travel, plans, assumptions)
    proposals, coverage_curve = PROPOSALS.empty_layer(inputs.crs), COVERAGE_CURVE.empty()
    if study.study.proposals:
        with stages("proposals"):
            proposals, coverage_curve = where_next(assessed)
    circles, areas = CIRCLES.empty_layer(inputs.crs), ISOCHRONES.empty_layer(inputs.crs)
    store, reused = session.prepared.store, dict(session.prepared.reused)
    if drawn:
        circles = _circles(assessed, inputs, communities, stages, jobs=jobs)
        with stages("isochrones"):
            areas, known = service_isochrones(network, inputs, od, jobs=jobs, store=store)
        if store is not None:
            reused["isochrones"] = known
    with stages("catchments"):
        served = catchments(inputs, travel, plans, assumptions)
        if drawn:
            served = with_catchment_areas(served, network, inputs, od)
    rasters: Mapping[str, Raster] = {}
    if drawn:
        with stages("rasters"):
            reach_m = session.prepared.reach_m
            keys = raster_keys(network, inputs, od, assumptions=assumptions, reach_m=reach_m) if store else {}
            rasters = minute_rasters(
                network,
                inputs,
                od,
                assumptions=assumptions,
                proven_min=partial(session.prepared.proven_min, network),
                jobs=jobs,
                content_keys=keys,
            )
    judged = state.judgements.context
    with services_of(study):
        names = service_names()
    run = Run(
        inputs=inputs,
        travel=travel,
        snaps=SNAPS.check(od.frame()),
        findings=findings,
        communities=COMMUNITY_FIGURES.check(communities),
        circles=circles,
        isochrones=ISOCHRONES.check(areas),
        catchments=served,
        gaps=GAPS.check(_with_snap_reasons(gaps(inputs, travel, plans, assumptions), od)),
        proposals=proposals,
        coverage_curve=coverage_curve,
        rasters=rasters,
        plans=assessed.plans,
        services=names,
        assumptions=assessed.assumptions,
        settings=assessed.settings,
        timings={**session.timings, **stages.timings},
        reused=reused,
        scorecard=SCORECARD.empty(),
        priorities=priorities(findings, inputs),
        monitoring=monitoring_table(
            findings, inputs, plans, as_of=judged.as_of or dt.datetime.now(tz=dt.UTC).date()
        ),
        problems=problem_ledger(findings, inputs, plans),
        checklist=complete_communities(findings, judged),
        circle_sheet=circle_sheet(judged, circles),
        sensitivity=sensitivity(plans, inputs, travel, assumptions, variants=state.judgements.variants),
        study=study,
        network=network,
        profile_networks=state.profile_networks,
        session=session,
    )
    run = with_scenarios(run, scenarios)
    card = scorecard(findings, [plan.id for plan in plans], run.headlines)
    run = dataclasses.replace(run, scorecard=card)
    with stages("routes"):
        run = _routed(run, od, judged)
    return dataclasses.replace(run, timings={**session.timings, **stages.timings})


def _with_snap_reasons(gaps: gpd.GeoDataFrame, od: ODPoints) -> gpd.GeoDataFrame:
    """The same gaps; where people joined no street, or an island, the reason says so."""
    words = pd.Series(snap_reasons(od.demand), index=od.demand.ids)
    words[od.demand.status == ISLAND] = "origin-island"
    said = gaps["demand"].map(words).astype(object)
    gaps["reason"] = gaps["reason"].astype(object).mask((gaps["reason"] == "unreached") & (said != ""), said)
    return gaps


def _circles(
    assessed: AssessedState,
    inputs: Inputs,
    communities: pd.DataFrame,
    stages: Stages,
    *,
    jobs: int | None,
) -> gpd.GeoDataFrame:
    """Each community's life circle with its tier."""
    assumptions = assessed.session.prepared.study.assumptions
    with stages("circles"):
        circles = life_circles(
            assessed.state.network,
            inputs,
            assessed.state.od,
            minutes=assumptions.circle_minutes,
            origin=assumptions.circle_origin,
            threads=jobs,
        )
        tiers = communities.set_index("code")["tier"]
        return circles.assign(tier=circles["code"].map(tiers).fillna(""))


def _routed(run: Run, od: ODPoints, judged: Context) -> Run:
    """The same results with the ways to what communities lack, those of the headline targets first."""
    routes = nearest_routes(
        run.network,
        od,
        judged,
        findings=run.findings,
        plans=run.judged_by,
        headlines=run.headlines,
        profile_networks=run.profile_networks,
    )
    return dataclasses.replace(run, routes=routes)
