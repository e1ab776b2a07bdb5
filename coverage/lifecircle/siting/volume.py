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

from lifecircle.siting.problem import Flags, Floats, Ints
from lifecircle.siting.volume_kernels import climb, evaluate

__all__ = ["Prices", "raise_bound"]

_BLOCK: Final = 50
"""Rounds between looks at the clock."""
_BLOCKS: Final = 60
_STALLED: Final = 8
"""Blocks over which the bound must come nearer, by a share of what is left."""
_NEARER: Final = 0.005


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


def raise_bound(
    pairs: tuple[Ints, Ints, Floats],
    price: Floats,
    *,
    least: Floats,
    most: Floats,
    fixed: Flags,
    free: Flags,
    new: int | None,
    upper: float,
    deadline: float,
    enough: float,
    opening: float = 0.0,
) -> Prices:
    """Raise the bound from some prices.

    Parameters
    ----------
    pairs
        Start, site and cost of each row's pairs, in ascending cost.
    price, least, most
        Prices to begin with, and their range.
    fixed, free, new
        Sites open anyhow, sites that may be opened, and how many of them are; None: as many as pay.
    upper
        Cost of the best set known.
    deadline
        `time.monotonic` at which to stop.
    enough
        Stop at a bound of so much.
    opening
        Cost of a site.
    """
    start, site, cost = pairs
    places, count = np.flatnonzero(free), -1 if new is None else new
    price = np.clip(price, least, most)
    reduced, chosen, slope = np.empty(len(fixed)), np.empty(len(fixed), dtype=bool), np.empty(len(price))
    bound = evaluate(start, site, cost, price, opening, fixed, places, count, reduced, chosen, slope)
    share, state = chosen.astype(np.float64), np.array([bound, 0.1, 0.1, 0.0, 0.0, bound])
    bounds = [bound]
    for _ in range(_BLOCKS):
        stalled = len(bounds) > _STALLED and bounds[-1] - bounds[-1 - _STALLED] < _NEARER * (upper - bounds[-1])
        if bounds[-1] >= enough or stalled or time.monotonic() > deadline:
            break
        climb(
            start, site, cost, least, most, opening, fixed, places, count, upper, _BLOCK, price, slope, share, state
        )  # fmt: skip
        bounds.append(float(state[0]))
    bound = evaluate(start, site, cost, price, opening, fixed, places, count, reduced, chosen, slope)
    return Prices(bound, price, reduced, chosen, share)
