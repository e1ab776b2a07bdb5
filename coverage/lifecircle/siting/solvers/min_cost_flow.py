"""Maximum flow of minimum cost between people and stations, by ortools' SimpleMinCostFlow.

Flows and costs are whole numbers there: whole persons where all are whole, else at least thousandths of a
person and at best millionths; and thousandths of the unit of the costs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lifecircle.errors import ContractError, Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.siting.problem import Floats, Ints

__all__ = ["max_flow_min_cost"]

_COST_PARTS: Final = 1000
_FINEST, _COARSEST = 10**6, 10**3
_LARGEST_COST: Final = 2.0**52
_LARGEST_SUM: Final = 2.0**62


def max_flow_min_cost(node: Ints, site: Ints, cost: Floats, people: Floats, capacity: Floats) -> Floats:
    """Flow on every pair of node and site: most people served first, then least people times cost.

    Parameters
    ----------
    node, site, cost
        Pairs that may serve, and the cost per person.
    people, capacity
        Per node and per site, persons.

    Returns
    -------
    float64, persons per pair

    Raises
    ------
    InputError
        If costs are too large for whole numbers of their thousandths.
    ContractError
        If the solver fails: the problem always has a solution.
    """
    require_extra("siting")
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415  slow to import, needed here alone

    # Whole costs; their sums along a path must fit the solver's 64 bits.
    price = np.rint(cost * _COST_PARTS).astype(np.int64)
    dearest = float(price.max(initial=1))
    if dearest * float(len(people) + len(capacity)) > _LARGEST_COST:
        raise InputError(Fault("cost-too-large", field="costs", values={"found": f"{cost.max():g}"}))
    parts = _parts(people, capacity, dearest)
    # Rounded against those who are served, so that no capacity is exceeded by the rounding.
    supply = np.ceil(people * parts).astype(np.int64)
    places = np.floor(np.minimum(capacity, people.sum() + 1.0) * parts).astype(np.int64)
    # Source to demand nodes, demand nodes to sites, sites to sink.
    nodes, sites = len(people), len(capacity)
    source, sink = nodes + sites, nodes + sites + 1
    flow = min_cost_flow.SimpleMinCostFlow()
    tail = np.concatenate([node, np.full(nodes, source), nodes + np.arange(sites)]).astype(np.int32)
    head = np.concatenate([nodes + site, np.arange(nodes), np.full(sites, sink)]).astype(np.int32)
    limit = np.concatenate([np.minimum(supply[node], places[site]), supply, places])
    prices = np.concatenate([price, np.zeros(nodes + sites, np.int64)])
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, limit, prices)
    flow.set_nodes_supplies(np.array([source, sink]), np.array([supply.sum(), -supply.sum()]))
    status = flow.solve_max_flow_with_min_cost()
    if status != flow.OPTIMAL:
        raise ContractError(f"minimum-cost flow ended with {status}")
    # Flows back to persons: the share of each node's supply.
    share = np.asarray(flow.flows(arcs[: len(node)]), dtype=np.float64) / np.maximum(supply[node], 1)
    return share * people[node]


def _parts(people: Floats, capacity: Floats, dearest: float) -> int:
    """Into how many parts a person is divided: as many as the solver's whole numbers allow."""
    if (people == np.floor(people)).all() and (capacity == np.floor(capacity)).all():
        return 1
    parts = _FINEST
    while parts > _COARSEST and float(people.sum()) * parts * dearest > _LARGEST_SUM:
        parts //= 10
    return parts
