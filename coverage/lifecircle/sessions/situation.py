"""One state of a study, present or imagined: its facilities, streets, walks and findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import pandas as pd

from lifecircle import products
from lifecircle.assessment import Context, Judgements
from lifecircle.errors import Faults
from lifecircle.network import (
    Journeys,
    Network,
    journeys,
    journeys_again,
    travel_again,
    travel_times,
    with_streets_changed,
)
from lifecircle.network.street_changes import StreetChange
from lifecircle.plans import Adjacency
from lifecircle.sessions.preparing import Prepared, network_of
from lifecircle.sources.changes import with_facilities_changed, with_streets
from lifecircle.stages import Stages
from lifecircle.tables import Inputs, Scenario, TravelTimes

__all__ = ["Situation", "changed", "present"]


@dataclass(frozen=True, eq=False)
class Situation:
    """One state of a study.

    Attributes
    ----------
    joined : joins people and entries to the streets, when somebody asks for `walks`
    neighbours : walks from facility to facility, for rules about neighbours; None where there are none
    streets : what a scenario opened and closed; None where it left them alone
    services : services whose facilities or walks differ from the present
    """

    inputs: Inputs
    network: Network
    joined: Callable[[], Journeys]
    travel: TravelTimes
    neighbours: pd.DataFrame | None
    judgements: Judgements
    streets: StreetChange | None = None
    services: frozenset[str] = frozenset()

    @cached_property
    def walks(self) -> Journeys:
        """People and entries of facilities, joined to the streets."""
        return self.joined()


def present(ready: Prepared, stage: Stages, *, jobs: int | None) -> Situation:
    """The study as it is."""
    study, inputs, network = ready.study, ready.inputs, ready.network
    with stage("travel"):
        travel = travel_times(network, ready.walks, threads=jobs)
    with stage("assessment"):
        neighbours = products.neighbours(network, inputs, ready.plans, study.assumptions)
        ctx = Context(
            inputs,
            travel,
            study.assumptions,
            covers_whole=study.study.covers_whole,
            jurisdiction=study.study.jurisdiction,
            as_of=study.study.as_of or dt.datetime.now(tz=dt.UTC).date(),
            neighbours=neighbours,
        )
        judgements = Judgements.of(ready.plans, ctx)
    return Situation(inputs, network, lambda: ready.walks, travel, neighbours, judgements)


def changed(ready: Prepared, now: Situation, scenario: Scenario, *, jobs: int | None) -> Situation:
    """The study under a scenario, equal to reading and judging it all anew.

    Services whose facilities stay keep their walks unless streets change; rules that no changed service
    can touch keep their findings.

    Raises
    ------
    InputError
        With everything wrong with the scenario.
    """
    faults = Faults()
    with faults.collect():
        inputs, services = with_facilities_changed(now.inputs, scenario, reach_m=ready.reach_m)
    if scenario.changes_streets:
        with faults.collect():
            change = with_streets_changed(now.inputs.streets, scenario, crs=now.inputs.crs)
        faults.raise_if_any()
        return _on_other_streets(ready, now, change, inputs, services, jobs=jobs)
    faults.raise_if_any()
    if not services:
        return now
    max_snap_m = ready.study.assumptions.max_snap_m
    joined = partial(journeys_again, now.network, now.walks, inputs, max_snap_m=max_snap_m)
    travel = travel_again(
        now.network, now.travel, now.walks.demand, inputs, services, max_snap_m=max_snap_m, threads=jobs
    )
    neighbours = now.neighbours
    if not services.isdisjoint(_of_neighbours(ready)):
        neighbours = products.neighbours(now.network, inputs, ready.plans, ready.study.assumptions)
    judgements = now.judgements.again(inputs, travel, neighbours, services)
    return Situation(inputs, now.network, joined, travel, neighbours, judgements, services=services)


def _on_other_streets(
    ready: Prepared,
    now: Situation,
    change: StreetChange,
    inputs: Inputs,
    services: frozenset[str],
    *,
    jobs: int | None,
) -> Situation:
    """Every walk anew; only what came out otherwise is judged again."""
    inputs = with_streets(inputs, change.streets)
    network = network_of(ready.study, inputs, change.streets)
    max_snap_m = ready.study.assumptions.max_snap_m
    walks = journeys(network, inputs, now.walks.services, max_snap_m=max_snap_m)
    travel = travel_times(network, walks, threads=jobs)
    neighbours = products.neighbours(network, inputs, ready.plans, ready.study.assumptions)
    services |= _differing(now.travel, travel)
    if not _alike(neighbours, now.neighbours):
        services |= _of_neighbours(ready)
    judgements = now.judgements.again(inputs, travel, neighbours, services)
    return Situation(inputs, network, lambda: walks, travel, neighbours, judgements, change, services)


def _differing(before: TravelTimes, after: TravelTimes) -> frozenset[str]:
    """Services whose walks are others."""
    tables = [(getattr(before, name), getattr(after, name)) for name in ("distance_m", "minutes", "facility")]
    return frozenset(
        str(name)
        for name in before.minutes.columns
        if not all(old[name].equals(new[name]) for old, new in tables)
    )


def _alike(one: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    """Whether two tables of walks are the same."""
    return one is other if one is None or other is None else one.equals(other)


def _of_neighbours(ready: Prepared) -> frozenset[str]:
    """Services of rules about neighbouring facilities."""
    rules = (rule for plan in ready.plans for rule in plan.rules if isinstance(rule, Adjacency))
    return frozenset(name for rule in rules for name in rule.all_services)
