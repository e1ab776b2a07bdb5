"""Read a study and snap it: whatever can be wrong with its plans, inputs and scenarios shows here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.analysis.cache import cache_folder
from lifecircle.analysis.costs import check_costs
from lifecircle.analysis.parted import parted_remarks
from lifecircle.analysis.profiles import profile_networks, profiles_named
from lifecircle.analysis.street_names import with_cells_named
from lifecircle.analysis.streets import slopes_of
from lifecircle.assessment import LIFE_CIRCLE, NeededTravel, needed_travel
from lifecircle.content_store import ContentStore, Reused
from lifecircle.errors import Fault, Faults, preview
from lifecircle.network import (
    GroundRead,
    Network,
    ODPoints,
    build_network,
    grouped_circles,
    minutes_of,
    network_key,
    od_points,
    stored_network,
    with_streets_changed,
)
from lifecircle.network.profiles import Profile
from lifecircle.network.slope import FASTEST
from lifecircle.network.store import Stored
from lifecircle.plans import Plan, find_plans, needs, services_of
from lifecircle.sources import read_inputs
from lifecircle.sources.changes import FacilityChange
from lifecircle.sources.entries import assumed_walks
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.scenarios import read_scenarios
from lifecircle.stages import Stages
from lifecircle.study import Assumptions, Study
from lifecircle.tables import QUALITY, Inputs, Scenario, StreetTable, TravelTimes, concat_nonempty
from lifecircle.tables.streets import MOST_NAMED

_CACHE_REMARKS: Final = {
    "rebuilt": "network-cache-damaged",
    "distrusted": "network-cache-of-others",
    "unkept": "network-cache-unwritable",
}
"""What is told of a network, by how it came from the store."""

_REUSED: Final = {
    "read": Reused(taken=("streets",)),
    "built": Reused(computed=("streets",)),
    "distrusted": Reused(computed=("streets",)),
    "unkept": Reused(computed=("streets",)),
    "rebuilt": Reused(computed=("streets",), damaged=("streets",)),
}
"""What the manifest says of a network, by how it came."""

__all__ = ["PreparedStudy", "plans_and_services", "prepare_inputs", "study_network", "with_snap_remarks"]


@dataclass(frozen=True, eq=False)
class PreparedStudy:
    """A study whose inputs are read and snapped to the streets.

    Attributes
    ----------
    reach_m : how far beyond the boundary it was read, metres
    scenarios : those of the study file
    profiles : groups of people that the study or its plans name
    profile_networks : the streets of those that cannot use all of them
    store : where areas and rasters are kept from run to run; None where the study keeps none
    reused : what was taken from what is kept, by stage
    """

    study: Study
    plans: tuple[Plan, ...]
    reach_m: float
    inputs: Inputs
    network: Network
    od: ODPoints
    scenarios: tuple[Scenario, ...]
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    profile_networks: Mapping[str, Network] = field(default_factory=dict)
    store: ContentStore | None = None
    reused: Mapping[str, Reused] = field(default_factory=dict)

    def proven_min(self, network: Network, points: gpd.GeoSeries | None = None) -> NDArray[np.float64]:
        """Minutes up to which walks from points are proven on a network of the study's streets.

        Of the demand points unless others are given.
        """
        metres = self._proven_m if points is None else self._metres_read(points)
        return minutes_of(metres, network)

    @cached_property
    def _proven_m(self) -> NDArray[np.float64]:
        """Metres around every demand point that were read; the same for every scenario."""
        return self._metres_read(self.inputs.demand.geometry)

    def _metres_read(self, points: gpd.GeoSeries) -> NDArray[np.float64]:
        """Metres around points that were read."""
        return self._ground.proven_metres(points.to_crs(self.network.crs).to_numpy())

    @cached_property
    def _ground(self) -> GroundRead:
        """The ground from which streets and facilities were read."""
        return GroundRead.around(
            self.inputs.boundary.geometry.iloc[0],
            margin_m=self.reach_m,
            max_snap_m=self.study.assumptions.max_snap_m,
        )

    @cached_property
    def assumed_walks(self) -> pd.Series:
        """How far the streets are from which entries were assumed, by facility, metres."""
        inputs = self.inputs
        return assumed_walks(inputs.facilities, inputs.entries, inputs.streets, inputs.crs)


def prepare_inputs(study: Study, stages: Stages, *, log: ReadingLog | None = None) -> PreparedStudy:
    """A study read and snapped: plans, inputs, network, scenarios; all faults are raised at once.

    Parameters
    ----------
    study
        Checked study.
    stages
        Times the stages and reports their progress.
    log
        Takes remarks and faults of the inputs, so that the caller has them where the study is refused.

    Raises
    ------
    InputError
        With every fault of the plans, of the inputs and of the scenarios' files.
    """
    with services_of(study):
        return _prepared(study, stages, log)


def plans_and_services(study: Study) -> tuple[Sequence[Plan], Sequence[str]]:
    """The plans of a study, and the services that it routes to, known before anything else is read."""
    with services_of(study):
        plans = _plans(study, None)
        return plans, _routed(needed_travel(plans, study.assumptions), study)


def _routed(needed: NeededTravel, study: Study) -> Sequence[str]:
    """Services asked for; a community's tier is told whatever the plans ask."""
    return sorted({*needed.services, *study.assumptions.circle_types})


def _prepared(study: Study, stages: Stages, log: ReadingLog | None) -> PreparedStudy:
    """`prepare_inputs`, with the study's own services known."""
    assumptions = study.assumptions
    # stage 1: what the plans ask for says how far, and which services and columns, to read
    with stages("plans"):
        plans = _plans(study, log)
        profiles = profiles_named(study, plans)
        fastest = max((profile.speed_kmh for profile in profiles.values()), default=0.0)
        needed = needed_travel(plans, assumptions, fastest_kmh=fastest)
    # stage 2: the inputs, one cutoff and one walk to the street beyond the boundary
    with stages("inputs"):
        columns = {name for plan in plans for rule in needs(plan).values() for name in rule.columns}
        named = {
            name for plan in plans for rule in plan.rules for name in getattr(rule, "services", None) or ()
        }
        cutoff_m = needed.cutoff_m
        if study.streets.elevation is not None:
            cutoff_m /= FASTEST  # gently downhill is fastest: the same time then leads that much farther
        inputs = read_inputs(
            study, cutoff_m=cutoff_m, columns=columns, log=log, services={*needed.services, *named}
        )
        scenarios = read_scenarios(study)
    # stage 3: the network, and everybody's place on it
    with stages("network"):
        network, came = _stored_network(study, inputs, inputs.streets)
        inputs = with_mode_remarks(inputs, study, network)
        inputs = with_cells_named(inputs, network, study.study.language)
        networks = profile_networks(study, profiles, inputs, inputs.streets)
        od = od_points(network, inputs, _routed(needed, study), max_snap_m=assumptions.max_snap_m)
        inputs = with_life_circles(inputs, plans, network, od, assumptions)
    # stage 4: scenarios are checked against the ground that was read
    reach_m = cutoff_m + assumptions.max_snap_m
    _check(scenarios, inputs, reach_m=reach_m)
    return PreparedStudy(
        study=study,
        plans=plans,
        reach_m=reach_m,
        inputs=inputs,
        network=network,
        od=od,
        scenarios=scenarios,
        profiles=profiles,
        profile_networks=networks,
        store=ContentStore.opened(cache_folder()) if study.study.cache else None,
        reused={"network": _REUSED[came]} if study.study.cache or study.streets.cache else {},
    )


def study_network(study: Study, inputs: Inputs, streets: StreetTable) -> Network:
    """The network of a study on given streets: its own, or a scenario's."""
    return _stored_network(study, inputs, streets).network


def _stored_network(study: Study, inputs: Inputs, streets: StreetTable) -> Stored:
    """`study_network`, and how it came."""
    slopes = slopes_of(streets, study.streets.elevation)
    options: dict[str, Any] = {
        "crs": inputs.crs,
        "speed_kmh": study.speed_kmh,
        "min_component_m": study.assumptions.min_component_m,
        "time_factor": None if slopes is None else slopes.time_factor,
    }
    if study.streets.cache or study.study.cache:
        key = network_key(streets, **options)
        stored = stored_network(cache_folder(), key, lambda: build_network(streets, **options))
    else:
        stored = Stored(build_network(streets, **options), "built")
    if stored.came in _CACHE_REMARKS:
        stored.network.counts[_CACHE_REMARKS[stored.came]] = 1
    if slopes is not None:
        stored.network.counts.update(slopes.counts)
    return stored


def with_mode_remarks(inputs: Inputs, study: Study, network: Network) -> Inputs:
    """The inputs with remarks added on the mode routed, its speed, its slopes and a damaged cache."""
    rows: list[dict[str, object]] = []
    mode, elevation = study.streets.mode, study.streets.elevation
    if mode != "walk":
        rows.append({"remark": f"mode-{mode}", "value": f"{network.speed_kmh:g}", "severity": "info"})
    if elevation is not None and mode == "drive":
        rows.append({"remark": "slope-not-driven", "item": str(elevation), "severity": "info"})
    elif elevation is not None:
        rows.append({"remark": "slope-used", "item": str(elevation), "severity": "info"})
        if unknown := network.counts["slope-unknown"]:
            told = {"remark": "slope-unknown", "item": str(elevation), "severity": "warning"}
            rows.append({**told, "count": float(unknown)})
    cached = [remark for remark in _CACHE_REMARKS.values() if remark in network.counts]
    rows += [{"remark": remark, "item": str(cache_folder()), "severity": "info"} for remark in cached]
    if unclear := network.counts.get("street-turns-unclear"):
        item = preview(network.named["street-turns-unclear"], MOST_NAMED)
        told = {"remark": "street-turns-unclear", "item": item, "severity": "info"}
        rows.append({**told, "count": float(unclear)})
    rows += parted_remarks(network)
    if not rows:
        return inputs
    blank = {"subject": "streets", "item": "", "count": np.nan, "value": "", "x": np.nan, "y": np.nan}
    snap_remarks = pd.DataFrame([{**blank, **row} for row in rows])
    grown = pd.concat([inputs.quality, snap_remarks], ignore_index=True)
    return dataclasses.replace(inputs, quality=QUALITY.check(grown))


def with_life_circles(
    inputs: Inputs, plans: Sequence[Plan], network: Network, od: ODPoints, assumptions: Assumptions
) -> Inputs:
    """The inputs with life circles built of communities, where plans judge circles and none are supplied."""
    asked = any(LIFE_CIRCLE in rule.units for plan in plans for rule in plan.rules)
    if not asked or (inputs.units["level"] == LIFE_CIRCLE).any():
        return inputs
    minutes, people = assumptions.circle_minutes, assumptions.life_circle_people
    circles = grouped_circles(network, inputs, od, people=people, minutes=minutes)
    if circles.empty:
        return inputs
    units = gpd.GeoDataFrame(concat_nonempty([inputs.units, circles]), geometry="geometry", crs=inputs.crs)
    units["whole"] = units["whole"].astype(bool)
    remark = {
        "subject": "communities", "item": f"{minutes:g}", "remark": "life-circles-built",
        "count": float(len(circles)), "value": f"{people:,.0f}", "severity": "info", "x": np.nan, "y": np.nan,
    }  # fmt: skip
    grown = pd.concat([inputs.quality, pd.DataFrame([remark])], ignore_index=True)
    return dataclasses.replace(inputs, units=units, quality=QUALITY.check(grown))


def with_snap_remarks(inputs: Inputs, od: ODPoints) -> Inputs:
    """The inputs with a remark added for every point that did not simply join the nearest street."""
    table = od.frame()
    people = dict(zip(inputs.demand["demand"].astype(str), inputs.demand["residents"], strict=True))
    odd = table[table["status"] != "ok"]
    places = {
        "demand": inputs.demand.set_index(inputs.demand["demand"].astype(str)).geometry,
        "facility": inputs.entries.drop_duplicates("facility").set_index("facility").geometry,
    }
    rows = []
    for row in odd.itertuples():
        place = places[row.kind].get(row.id)
        rows.append(
            {
                "subject": "snapping",
                "item": f"{row.kind} {row.id}",
                "remark": f"snap-{row.status.replace('_', '-')}",
                "count": people.get(row.id, np.nan) if row.kind == "demand" else np.nan,
                "value": "",
                "severity": "info" if row.status == "moved_off_island" else "warning",
                "x": np.nan if place is None else place.x,
                "y": np.nan if place is None else place.y,
            }
        )
    if not rows:
        return inputs
    grown = pd.concat([inputs.quality, pd.DataFrame(rows)], ignore_index=True)
    return dataclasses.replace(inputs, quality=QUALITY.check(grown))


def with_proof_remark(inputs: Inputs, travel: TravelTimes) -> Inputs:
    """The inputs with a remark added on how many minutes are blank because the data end before."""
    count = int(travel.unproven.to_numpy().sum())
    if not count or travel.proven_min is None:
        return inputs
    inside = inputs.demand["inside"].to_numpy(bool)
    least = float(travel.proven_min.to_numpy()[inside].min(initial=np.inf))
    remark = {
        "subject": "streets", "item": "", "remark": "minutes-beyond-proof", "count": count,
        "value": f"{least:.0f}", "severity": "info", "x": np.nan, "y": np.nan,
    }  # fmt: skip
    grown = pd.concat([inputs.quality, pd.DataFrame([remark])], ignore_index=True)
    return dataclasses.replace(inputs, quality=QUALITY.check(grown))


def _check(scenarios: Sequence[Scenario], inputs: Inputs, *, reach_m: float) -> None:
    """Refuse scenarios that cannot be applied before anything is measured."""
    faults = Faults()
    for scenario in scenarios:
        with faults.collect():
            FacilityChange.of(inputs, scenario, reach_m=reach_m)
        with faults.collect():
            with_streets_changed(inputs.streets, scenario, crs=inputs.crs)
    faults.raise_if_any()


def _plans(study: Study, log: ReadingLog | None) -> tuple[Plan, ...]:
    """The plans judged by; if one cannot be read, the inputs are read too and all faults are told."""
    plans: tuple[Plan, ...] = ()
    faults = Faults()
    if not study.study.plans:
        faults.add(Fault("no-plan", file=str(study.path or ""), field="study.plans"))
    check_costs(study, faults)
    with faults.collect():
        plans = find_plans(study.memory.get(name, name) for name in study.study.plans)
    if faults:
        with faults.collect():
            read_inputs(study, cutoff_m=0.0, log=log)
        with faults.collect():
            read_scenarios(study)
    faults.raise_if_any()
    return plans
