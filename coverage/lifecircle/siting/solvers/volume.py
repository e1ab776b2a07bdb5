"""The volume algorithm (Barahona and Anbil 2000): a bound on the cost of few sites, and where they would be.

Every row pays a price to be served and every site earns what its rows' prices exceed their costs: whatever
the prices, no set of sites costs less than all prices together less what the best sites earn (Cornuejols,
Fisher and Nemhauser 1977). Prices follow an average of the subgradients, whose weights also say in what
share of the way each site was open: near the solution of the linear relaxation, of which the bound is the
value.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from lifecircle.siting.kernels.volume import Asked, climb, evaluate, nothing_found
from lifecircle.siting.problem import Flags, Floats

__all__ = ["Asked", "Prices", "raise_bound"]

_BLOCK: Final = 50
"""Rounds between looks at the clock."""
_BLOCKS: Final = 60
_STALLED: Final = 8
"""Blocks over which the bound must come nearer, by a share of what is left."""
_NEARER: Final = 0.005
_STEP, _SHARE = 0.1, 0.1
"""To begin with: length of a step, and weight of a new subgradient."""


@dataclass(frozen=True, eq=False)
class Prices:
    """What the best prices found say.

    Attributes
    ----------
    bound : no set of sites costs less
    price : per row
    reduced : per site, what opening it adds to the bound's problem
    chosen : per site, whether the bound's problem opens it
    share : per site, how much of it the relaxed solution opens, 0 to 1
    """

    bound: float
    price: Floats
    reduced: Floats
    chosen: Flags
    share: Floats


def raise_bound(asked: Asked, price: Floats, *, upper: float, deadline: float, enough: float) -> Prices:
    """Raise the bound from some prices.

    Parameters
    ----------
    asked
        The problem.
    price
        Prices to begin with.
    upper
        Cost of the best set known.
    deadline
        `time.monotonic` at which to stop.
    enough
        Stop at a bound of so much.
    """
    price, sites = np.clip(price, asked.least, asked.most), len(asked.fixed)
    found = nothing_found(sites, len(price))
    bounds = [evaluate(asked, price, found)]
    slope, share = found.slope.copy(), found.chosen.astype(np.float64)
    state = np.array([bounds[0], _STEP, _SHARE, 0.0, 0.0, bounds[0]])
    for _ in range(_BLOCKS):
        before = bounds[-1 - _STALLED] if len(bounds) > _STALLED else -np.inf
        stalled = bounds[-1] - before < _NEARER * (upper - bounds[-1])
        if bounds[-1] >= enough or stalled or time.monotonic() > deadline:
            break
        climb(asked, upper, _BLOCK, price, slope, share, state)
        bounds.append(float(state[0]))
    return Prices(evaluate(asked, price, found), price, found.reduced, found.chosen, share)
