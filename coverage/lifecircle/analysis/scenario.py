"""A scenario: the baseline with facilities or streets changed, equal to a full rebuild, and its effects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.analysis.baseline import StudyState, neighbour_walks
from lifecircle.analysis.costs import people_reached, scenario_cost
from lifecircle.analysis.prepare import PreparedStudy, study_network
from lifecircle.analysis.profiles import profile_networks, speeds_asked, with_profiles
from lifecircle.assessment import VerdictChanges, limited_in_metres
from lifecircle.errors import Faults
from lifecircle.network import (
    Network,
    StreetChange,
    od_points,
    resnap_destinations,
    travel_times,
    update_travel_times,
    with_streets_changed,
)
from lifecircle.plans import Adjacency
from lifecircle.sources.changes import FacilityChange, with_streets
from lifecircle.tables import SCENARIO_SITES, SCENARIOS, Inputs, Scenario, TravelTimes

__all__ = ["RoutedScenario", "route_scenario", "scenario_sites", "scenario_summary"]


@dataclass(frozen=True, eq=False)
class RoutedScenario:
    """A scenario whose walks are known and whose rules are yet to be judged.

    Attributes
    ----------
    facilities : what the scenario does to facilities
    network : the streets walked on
    travel : walks of every demand point; those of groups with a pace of their own come with the judgement
    services : services whose facilities or walks changed
    judge : judges what these services can touch
    """

    facilities: FacilityChange
    network: Network
    travel: TravelTimes
    services: frozenset[str]
    judge: Callable[[], StudyState]
    entered: Inputs | None = None
    """The study with other streets, by which other entries are taken; None where streets stay."""

    @property
    def inputs(self) -> Inputs:
        """Facilities and streets as the scenario has them."""
        return self.facilities.after if self.entered is None else self.entered

    def places(self, facility: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Rows and entries of one facility under the scenario; none where it is gone."""
        if self.entered is None:
            return self.facilities.places(facility)
        tables = self.entered.facilities, self.entered.entries
        rows, entries = (table[table["facility"] == facility] for table in tables)
        return rows, entries


def route_scenario(
    prepared: PreparedStudy, baseline: StudyState, scenario: Scenario, *, jobs: int | None
) -> RoutedScenario:
    """Walk the study under a scenario; what is then judged equals reading and judging it all anew.

    Services whose facilities stay keep their walks unless streets change; rules that no changed service
    can touch keep their findings.

    Raises
    ------
    InputError
        With everything wrong with the scenario.
    """
    # stage 1: the scenario's facilities and streets, all faults at once
    faults = Faults()
    with faults.collect():
        facilities = FacilityChange.of(baseline.inputs, scenario, reach_m=prepared.reach_m)
    if scenario.changes_streets:
        with faults.collect():
            change = with_streets_changed(baseline.inputs.streets, scenario, crs=baseline.inputs.crs)
        faults.raise_if_any()
        moved = scenario.moved["facility"].tolist() if len(scenario.move) else []
        return _on_other_streets(prepared, baseline, change, facilities, moved=moved, jobs=jobs)
    faults.raise_if_any()
    services = facilities.services
    if not services:
        return RoutedScenario(facilities, baseline.network, baseline.travel, services, lambda: baseline)
    # stage 2: only services whose facilities changed are routed anew
    travel = update_travel_times(
        baseline.network,
        baseline.travel,
        baseline.od,
        services,
        gone=facilities.gone,
        facilities=facilities.facilities,
        entries=facilities.entries,
        speeds_kmh=speeds_asked(prepared.study.assumptions, prepared.profiles),
        threads=jobs,
    )
    judge = partial(_on_the_same_streets, prepared, baseline, facilities, travel, jobs=jobs)
    return RoutedScenario(facilities, baseline.network, travel, services, judge)


def _on_the_same_streets(
    prepared: PreparedStudy,
    baseline: StudyState,
    facilities: FacilityChange,
    travel: TravelTimes,
    *,
    jobs: int | None,
) -> StudyState:
    """Judge what the walks to some services can touch."""
    inputs, services, assumptions = facilities.after, facilities.services, prepared.study.assumptions
    max_snap_m = assumptions.max_snap_m
    snap = partial(resnap_destinations, baseline.network, baseline.od, inputs, max_snap_m=max_snap_m)
    travel = with_profiles(
        travel, prepared.profiles, prepared.profile_networks, inputs, assumptions=assumptions, jobs=jobs
    )
    neighbours = baseline.neighbours
    if not services.isdisjoint(_of_neighbours(prepared)):
        neighbours = neighbour_walks(baseline.network, inputs, prepared.plans, prepared.study.assumptions)
    # stage 3: only rules about them are judged anew
    judgements = baseline.judgements.reassess(inputs, travel, neighbours, services)
    return StudyState(
        inputs,
        baseline.network,
        snap,
        travel,
        neighbours,
        judgements,
        services=services,
        profile_networks=prepared.profile_networks,
    )


def _on_other_streets(
    prepared: PreparedStudy,
    baseline: StudyState,
    change: StreetChange,
    facilities: FacilityChange,
    *,
    moved: Sequence[str],
    jobs: int | None,
) -> RoutedScenario:
    """Route everything anew, and judge again only what changed."""
    inputs, services = facilities.after, facilities.services
    lines = pd.concat([change.opened, change.closed]).to_crs(inputs.crs).to_numpy()
    # walks to entries are known of areas that stay where they are
    walks = prepared.assumed_walks.drop(moved, errors="ignore")
    inputs = with_streets(inputs, change.streets, lines, walks)
    network = study_network(prepared.study, inputs, change.streets)
    assumptions = prepared.study.assumptions
    od = od_points(network, inputs, baseline.od.services, max_snap_m=assumptions.max_snap_m)
    proven = prepared.proven_min(network)
    limited = limited_in_metres(prepared.plans)
    speeds = speeds_asked(assumptions, prepared.profiles)
    walks = travel_times(network, od, proven_min=proven, in_metres=limited, speeds_kmh=speeds, threads=jobs)

    def judged() -> StudyState:
        """Judge what any walk that differs can touch."""
        networks = profile_networks(prepared.study, prepared.profiles, inputs, change.streets)
        travel = with_profiles(walks, prepared.profiles, networks, inputs, assumptions=assumptions, jobs=jobs)
        neighbours = neighbour_walks(network, inputs, prepared.plans, prepared.study.assumptions)
        # what came out as before need not be judged
        touched = services | _differing(baseline.travel, travel)
        if not _alike(neighbours, baseline.neighbours):
            touched |= _of_neighbours(prepared)
        judgements = baseline.judgements.reassess(inputs, travel, neighbours, touched)
        return StudyState(
            inputs=inputs,
            network=network,
            snap=lambda: od,
            travel=travel,
            neighbours=neighbours,
            judgements=judgements,
            streets=change,
            services=touched,
            profile_networks=networks,
        )

    touched = services | _differing(dataclasses.replace(baseline.travel, profiles={}), walks)
    return RoutedScenario(facilities, network, walks, touched, judged, inputs)


def _differing(before: TravelTimes, after: TravelTimes) -> frozenset[str]:
    """Services whose walks changed."""
    pairs = [(before, after), *((walks, after.profiles[name]) for name, walks in before.profiles.items())]
    tables = [
        (getattr(old, name), getattr(new, name))
        for old, new in pairs
        for name in ("distance_m", "nearest_m", "minutes", "facility")
    ]
    return frozenset(
        str(name)
        for name in before.minutes.columns
        if not all(old[name].equals(new[name]) for old, new in tables)
    )


def _alike(one: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    """Whether two tables of walks are the same."""
    return one is other if one is None or other is None else one.equals(other)


def _of_neighbours(prepared: PreparedStudy) -> frozenset[str]:
    """Services of rules about neighbouring facilities."""
    rules = (rule for plan in prepared.plans for rule in plan.rules if isinstance(rule, Adjacency))
    return frozenset(name for rule in rules for name in rule.all_services)


def scenario_summary(
    prepared: PreparedStudy,
    scenario: Scenario,
    baseline: StudyState,
    state: StudyState,
    sites: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """One row of `tables.SCENARIOS`; `sites` as `scenario_sites` gives them."""
    moved = set(scenario.moved["facility"].astype(str)) if len(scenario.move) else set()
    old, new = baseline.inputs.facility_ids, state.inputs.facility_ids
    verdicts = VerdictChanges.between(*state.judgements.rejudged)
    status = verdicts.turned["status_after"]
    opened_m = state.streets.opened_m if state.streets else 0.0
    demand = baseline.inputs.demand
    reached = people_reached(
        baseline.travel,
        state.travel,
        state.services,
        demand["residents"].where(demand["inside"], 0.0),
        plans=prepared.plans,
        assumptions=prepared.study.assumptions,
    )
    cost = scenario_cost(prepared.study.costs, sites, opened_m=opened_m).cost
    row = {
        "scenario": scenario.name,
        "kind": scenario.kind,
        "facilities_added": len(new - old) + len(moved),
        "facilities_closed": len(old - new) + len(moved),
        "streets_opened_m": opened_m,
        "streets_closed_m": state.streets.closed_m if state.streets else 0.0,
        "turned_met": int((status == "met").sum()),
        "turned_short": int((status == "short").sum()),
        "people_reached": reached,
        "cost": cost,
        "cost_per_person": cost / reached if reached > 0 else np.nan,
        "verdicts_kept": verdicts.kept,
        "newly_judged": len(verdicts.newly_judged),
        "newly_short": int((verdicts.newly_judged == "short").sum()),
    }
    return SCENARIOS.check(pd.DataFrame([row]))


def scenario_sites(scenario: Scenario, baseline: StudyState, state: StudyState) -> gpd.GeoDataFrame:
    """Facilities added, closed and moved (at their new place), streets opened and closed.

    Returns
    -------
    GeoDataFrame
        ``scenario, change, id, service, name, geometry``; one row per facility (points, its services side by
        side) and one per street segment (lines), in the study's CRS.
    """
    moved = set(scenario.moved["facility"].astype(str)) if len(scenario.move) else set()
    old, new = baseline.inputs.facilities, state.inputs.facilities
    before, after = baseline.inputs.facility_ids, state.inputs.facility_ids
    changes = (("added", new, after - before), ("closed", old, before - after), ("moved", new, moved))
    parts = [_facilities(_of(table, names), change) for change, table, names in changes if names]
    if state.streets is not None:
        for change, lines in (
            ("street-opened", state.streets.opened),
            ("street-closed", state.streets.closed),
        ):
            table = gpd.GeoDataFrame({"change": change}, index=lines.index, geometry=lines.to_crs(old.crs))
            parts.append(table.assign(id="", service="", name=""))
    parts = [part for part in parts if len(part)]
    if not parts:
        return SCENARIO_SITES.empty_layer(old.crs)
    table = pd.concat(parts, ignore_index=True).assign(scenario=scenario.name)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=old.crs)[[*SCENARIO_SITES.columns]]


def _of(facilities: gpd.GeoDataFrame, names: Collection[str]) -> gpd.GeoDataFrame:
    """The rows of some facilities; to look for a few is far faster than to look for all others."""
    return facilities[facilities["facility"].isin(sorted(names))]


def _facilities(rows: gpd.GeoDataFrame, change: str) -> gpd.GeoDataFrame:
    """One row per facility."""
    single = rows.drop_duplicates("facility")
    services = rows.groupby("facility")["service"].agg("; ".join)
    return gpd.GeoDataFrame(
        {
            "change": np.full(len(single), change, dtype=object),
            "id": single["facility"].to_numpy(),
            "service": services.reindex(single["facility"]).to_numpy(),
            "name": single["name"].to_numpy(),
        },
        geometry=shapely.point_on_surface(single.geometry.to_numpy()),
        crs=rows.crs,
    )
