"""Floating catchments, gravity, opportunities and Gini against pysal's `access` and `inequality`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecircle import measures

REASON = "pysal's access and inequality are not installed (pip install --group test)"
fca = pytest.importorskip("access.fca", reason=REASON)
of_access = pytest.importorskip("access.weights", reason=REASON)
of_inequality = pytest.importorskip("inequality.gini", reason=REASON)

# access calls pandas as pandas would rather not be called any more
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

NAMES = {"demand_index": "geoid", "supply_index": "geoid"}
MAX_COST = 30
CUTOFFS, WEIGHTS = [10, 20, 30], [1.0, 0.68, 0.22]
BY_STEPS = of_access.step_fn(dict(zip(CUTOFFS, WEIGHTS, strict=True)))


@pytest.fixture(params=[1, 2, 3])
def town(request):
    """Homes with people, clinics with beds, and the minutes between them, a third of them too far."""
    rng = np.random.default_rng(request.param)
    homes, clinics = 60, 9
    minutes = rng.uniform(0, 45, (homes, clinics)).round(1)
    people, beds = rng.integers(1, 500, homes).astype(float), rng.integers(1, 50, clinics).astype(float)
    home, clinic = np.divmod(np.arange(minutes.size), clinics)
    pairs = pd.DataFrame({"origin": home, "dest": clinic, "cost": minutes.ravel()})
    # The three-step method takes far pairs by weight, not by a limit: they are left out as a limit would.
    near = pairs[pairs.cost <= MAX_COST].reset_index(drop=True)
    costs = np.where(minutes <= MAX_COST, minutes, np.inf)
    return costs, people, beds, near


def tables(people, beds):
    """The two tables as `access` takes them."""
    demand = pd.DataFrame({"geoid": np.arange(len(people)), "demand": people})
    supply = pd.DataFrame({"geoid": np.arange(len(beds)), "supply": beds})
    return demand, supply


def per_home(series, homes):
    return series.reindex(np.arange(homes)).fillna(0.0).to_numpy()


@pytest.mark.parametrize("weighted", [False, True], ids=["2sfca", "e2sfca"])
def test_floating_catchments_of_two_steps(town, weighted):
    costs, people, beds, near = town
    theirs = fca.two_stage_fca(
        *tables(people, beds), near, max_cost=MAX_COST, weight_fn=BY_STEPS if weighted else None, **NAMES
    )
    ours = (
        measures.floating_catchment(costs, people, beds, "e2sfca", cutoffs=CUTOFFS, weights=WEIGHTS)
        if weighted
        else measures.floating_catchment(costs, people, beds, "2sfca", cutoffs=MAX_COST)
    )
    np.testing.assert_allclose(ours.to_numpy(), per_home(theirs, len(people)), rtol=1e-12)


def test_floating_catchments_of_three_steps(town):
    costs, people, beds, near = town
    demand, supply = (table.set_index("geoid") for table in tables(people, beds))
    theirs = fca.three_stage_fca(
        demand, supply, near, MAX_COST, demand_index=True, supply_index=True, weight_fn=BY_STEPS
    )
    ours = measures.floating_catchment(costs, people, beds, "3sfca", cutoffs=CUTOFFS, weights=WEIGHTS)
    np.testing.assert_allclose(ours.to_numpy(), per_home(theirs, len(people)), rtol=1e-12)


def test_gravity_and_cumulative_opportunities(town):
    costs, _, beds, near = town
    _, supply = tables(np.zeros(len(costs)), beds)
    options = {"max_cost": MAX_COST, "cost_source": "dest", "cost_dest": "origin", "loc_value": "supply"}
    felt = fca.weighted_catchment(supply, near, weight_fn=of_access.gaussian(12), **options)
    counted = fca.weighted_catchment(supply, near, **options)
    gravity = measures.gravity(costs, beds, decay=measures.gaussian(12))
    np.testing.assert_allclose(gravity.to_numpy(), per_home(felt, len(costs)), rtol=1e-12)
    within = measures.cumulative_opportunities(costs, beds, cutoffs=MAX_COST).to_numpy().ravel()
    assert within.tolist() == per_home(counted, len(costs)).tolist()


def test_gini_of_persons_one_by_one():
    """`inequality` takes no weights: there everybody stands in a row of their own."""
    rng = np.random.default_rng(4)
    minutes, people = rng.gamma(2, 5, 200).round(1), rng.integers(0, 30, 200)
    theirs = of_inequality.Gini(np.repeat(minutes, people)).g
    assert measures.gini(minutes, people) == pytest.approx(theirs, rel=1e-12)
