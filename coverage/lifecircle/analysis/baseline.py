"""The baseline: the study as it is, routed and judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.analysis.profiles import speeds_asked, with_profiles
from lifecircle.assessment import Context, Judgements, limited_in_metres
from lifecircle.network import (
    Network,
    ODPoints,
    StreetChange,
    central_points,
    joined_to,
    length_network,
    nearest_facilities,
    travel_times,
)
from lifecircle.plans import Adjacency, Plan
from lifecircle.stages import Stages
from lifecircle.study import Assumptions
from lifecircle.tables import Inputs, TravelTimes

__all__ = ["StudyState", "baseline_state", "baseline_travel", "neighbour_walks"]


@dataclass(frozen=True, eq=False)
class StudyState:
    """A study in one state, baseline or scenario: facilities, streets, travel times and judgements.

    Attributes
    ----------
    snap : snaps demand and facilities when `od` is first asked for
    neighbours : walks from facility to facility, for rules about neighbours; None where there are none
    streets : what a scenario opened and closed; None where it left them alone
    services : services whose facilities or walks differ from the baseline
    profile_networks : the streets of groups that cannot use all of them
    """

    inputs: Inputs
    network: Network
    snap: Callable[[], ODPoints]
    travel: TravelTimes
    neighbours: pd.DataFrame | None
    judgements: Judgements
    streets: StreetChange | None = None
    services: frozenset[str] = frozenset()
    profile_networks: Mapping[str, Network] = field(default_factory=dict)

    def __repr__(self) -> str:
        """One line: the study, its demand points and what they were routed to."""
        routed = f"demand={len(self.inputs.demand)} services={self.travel.minutes.shape[1]}"
        return f"<{type(self).__name__} {self.inputs.name!r} {routed}>"

    @cached_property
    def od(self) -> ODPoints:
        """People and entries of facilities, joined to the streets."""
        return self.snap()


def baseline_travel(prepared: PreparedStudy, stages: Stages, *, jobs: int | None) -> TravelTimes:
    """The study routed: everybody's time to the nearest facility of every service, for every group."""
    with stages("travel"):
        proven = prepared.proven_min(prepared.network)
        return with_profiles(
            travel_times(
                prepared.network,
                prepared.od,
                proven_min=proven,
                in_metres=limited_in_metres(prepared.plans),
                speeds_kmh=speeds_asked(prepared.study.assumptions, prepared.profiles),
                threads=jobs,
            ),
            prepared.profiles,
            prepared.profile_networks,
            prepared.inputs,
            assumptions=prepared.study.assumptions,
            jobs=jobs,
        )


def baseline_state(prepared: PreparedStudy, travel: TravelTimes, stages: Stages) -> StudyState:
    """The study as it is, judged: every rule of every plan (`Judgements.of`)."""
    study, inputs, network = prepared.study, prepared.inputs, prepared.network
    with stages("assessment"):
        neighbours = neighbour_walks(network, inputs, prepared.plans, study.assumptions)
        ctx = Context(
            inputs,
            travel,
            study.assumptions,
            covers_whole=study.study.covers_whole,
            jurisdiction=study.study.jurisdiction,
            as_of=study.study.as_of or dt.datetime.now(tz=dt.UTC).date(),
            neighbours=neighbours,
        )
        # what turns a verdict is tried from the central points of the life circles, too
        central = central_points(inputs, prepared.od.demand.reached)
        centres = inputs.demand["demand"].iloc[central].tolist()
        judgements = Judgements.of(prepared.plans, ctx, centres=centres)
    return StudyState(
        inputs,
        network,
        lambda: prepared.od,
        travel,
        neighbours,
        judgements,
        profile_networks=prepared.profile_networks,
    )


def neighbour_walks(
    network: Network, inputs: Inputs, plans: Sequence[Plan], assumptions: Assumptions
) -> pd.DataFrame | None:
    """Walks from every entry of an adjacency rule's facilities to the partners nearest in metres."""
    rules = [rule for plan in plans for rule in plan.rules if isinstance(rule, Adjacency)]
    if not rules:
        return None
    start = {name for rule in rules for name in rule.services}
    goal = {name for rule in rules for name in rule.partners}
    # from every entry of each facility to every entry of its possible partners; a rule in metres does not
    # ask how long people wait there, nor how steep the way is
    entries = gpd.GeoDataFrame(inputs.entries.drop(columns="delay_s"), geometry="geometry", crs=inputs.crs)
    public = inputs.facilities[inputs.facilities["public"]]
    starts = public.loc[public["service"].isin(start), "facility"]
    origins = entries[entries["facility"].isin(starts)].reset_index(drop=True)
    partners = public.loc[public["service"].isin(goal), ["facility", "service"]]
    targets = gpd.GeoDataFrame(entries.merge(partners, on="facility"), geometry="geometry", crs=inputs.crs)
    if origins.empty or targets.empty:
        return None
    lengths = length_network(network)
    here, there = (
        joined_to(lengths, network.snap(places, max_snap_m=assumptions.max_snap_m, anywhere=True))
        for places in (origins, targets)
    )
    walks = nearest_facilities(lengths, here, there, max_minutes=None, speed_kmh=network.speed_kmh)
    return walks.assign(origin=origins["facility"].to_numpy()[walks["origin"].to_numpy()])
