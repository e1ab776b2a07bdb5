"""A study's plans and inputs, read and joined to the streets: whatever can be wrong with them shows here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lifecircle.assessment import needed_travel
from lifecircle.errors import Fault, Faults
from lifecircle.network import Journeys, Network, build_network, journeys, with_streets_changed
from lifecircle.plans import Plan, find_plans, needs
from lifecircle.sources import read_inputs
from lifecircle.sources.changes import with_facilities_changed
from lifecircle.sources.scenarios import read_scenarios
from lifecircle.stages import Stages
from lifecircle.study import Study
from lifecircle.tables import Inputs, Scenario, StreetTable

__all__ = ["Prepared", "network_of", "prepared"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A study whose inputs are read and joined to the streets.

    Attributes
    ----------
    reach_m : how far beyond the boundary it was read
    scenarios : those of the study file
    """

    study: Study
    plans: tuple[Plan, ...]
    reach_m: float
    inputs: Inputs
    network: Network
    walks: Journeys
    scenarios: tuple[Scenario, ...]


def prepared(study: Study, stage: Stages) -> Prepared:
    """Read everything; plans and inputs are told together.

    Raises
    ------
    InputError
        With every fault of the plans, of the inputs and of the scenarios' files.
    """
    assumptions = study.assumptions
    with stage("plans"):
        plans = _plans(study)
        needed = needed_travel(plans, assumptions)
    with stage("inputs"):
        columns = {name for plan in plans for rule in needs(plan).values() for name in rule.columns}
        inputs = read_inputs(study, cutoff_m=needed.cutoff_m, columns=columns)
        scenarios = read_scenarios(study)
    with stage("network"):
        network = network_of(study, inputs, inputs.streets)
        # a community's tier is told whatever the plans ask
        services = sorted({*needed.services, *assumptions.circle_types})
        walks = journeys(network, inputs, services, max_snap_m=assumptions.max_snap_m)
    reach_m = needed.cutoff_m + assumptions.max_snap_m
    _check(scenarios, inputs, reach_m=reach_m)
    return Prepared(study, plans, reach_m, inputs, network, walks, scenarios)


def _check(scenarios: Sequence[Scenario], inputs: Inputs, *, reach_m: float) -> None:
    """Whatever is wrong with any scenario is told before anything is measured."""
    faults = Faults()
    for scenario in scenarios:
        with faults.collect():
            with_facilities_changed(inputs, scenario, reach_m=reach_m)
        with faults.collect():
            with_streets_changed(inputs.streets, scenario, crs=inputs.crs)
    faults.raise_if_any()


def network_of(study: Study, inputs: Inputs, streets: StreetTable) -> Network:
    """The network of a study on some streets."""
    return build_network(
        streets,
        crs=inputs.crs,
        speed_kmh=study.speed_kmh,
        min_component_m=study.assumptions.min_component_m,
    )


def _plans(study: Study) -> tuple[Plan, ...]:
    """The plans judged by; where they cannot be had, the faults of the inputs are told with theirs."""
    plans: tuple[Plan, ...] = ()
    faults = Faults()
    if not study.study.plans:
        faults.add(Fault("no-plan", file=str(study.path or ""), field="study.plans"))
    with faults.collect():
        plans = find_plans(study.study.plans)
    if faults:
        with faults.collect():
            read_inputs(study, cutoff_m=0.0)
        with faults.collect():
            read_scenarios(study)
    faults.raise_if_any()
    return plans
