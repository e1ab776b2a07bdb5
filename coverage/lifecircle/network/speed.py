"""Between costs and minutes, so that a point exactly at the limit is within it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import Fault, Faults, InputError, require_type
from lifecircle.jit import njit
from lifecircle.network.graph import Network
from lifecircle.network.keys import FAR, UNREACHED

__all__ = ["cost_limit", "require_travel", "to_minutes"]

_BLOCK: Final = 2048
"""Costs turned into minutes at a time: results are millions of numbers, and memory is what takes time."""


def require_travel(network: Network, max_minutes: float | None, speed_kmh: float | None) -> None:
    """Refuse a limit or speed that means nothing.

    Raises
    ------
    InputError
        Minutes or a speed that are no number above 0; a speed of one's own on a network of driving
        speeds.
    """
    require_type(network, Network, field="streets", wanted="network")
    for field, given in (("max_minutes", max_minutes), ("speed_kmh", speed_kmh)):
        require_type(given, (int, float, np.number, type(None)), field=field, wanted="number")
    faults = Faults()
    if max_minutes is not None and not (np.isfinite(max_minutes) and max_minutes > 0):
        faults.add(Fault("travel-minutes", field="max_minutes", values={"found": max_minutes}))
    if speed_kmh is not None and not (np.isfinite(speed_kmh) and speed_kmh > 0):
        faults.add(Fault("network-speed", field="speed_kmh", values={"found": speed_kmh}))
    elif speed_kmh not in {None, network.speed_kmh} and network.mode == "drive":
        faults.add(Fault("travel-speed-of-streets", field="speed_kmh", values={"found": speed_kmh}))
    faults.raise_if_any(InputError)


def _rate(network: Network, speed_kmh: float | None) -> tuple[float, float]:
    """Minutes are ``cost * a / b``: kept apart, so that whole minutes stay whole."""
    # mm: minutes = cost x 60 / (km/h x 1e6); ms at the network's speed: cost x own speed / (asked x 60 000)
    speed = network.speed_kmh if speed_kmh is None else float(speed_kmh)
    if network.cost_unit == "mm":
        return 60.0, speed * 1e6
    return network.speed_kmh, speed * 60_000.0


@njit(cache=True, nogil=True)
def _scale_reached(
    cost: NDArray[np.int64], numerator: float, denominator: float, out: NDArray[np.float64]
) -> None:
    """Write ``cost * numerator / denominator`` to `out` in one pass, ``inf`` where unreached."""
    for i in range(len(cost)):
        out[i] = np.inf if cost[i] == UNREACHED else cost[i] * numerator / denominator


@njit(cache=True, nogil=True)
def _scale_in_place(cost: NDArray[np.int64], numerator: float, denominator: float) -> None:
    """The same over the memory of the costs, which hold float64 afterwards."""
    # block by block through a buffer: what is read is not yet overwritten
    out = cost.view(np.float64)
    held = np.empty(_BLOCK)
    for first in range(0, len(cost), _BLOCK):
        block = cost[first : first + _BLOCK]
        _scale_reached(block, numerator, denominator, held)
        out[first : first + _BLOCK] = held[: len(block)]


def to_minutes(
    network: Network, cost: NDArray[np.int64], *, speed_kmh: float | None = None, overwrite: bool = False
) -> NDArray[np.float64]:
    """Costs as minutes at a speed (the network's own if None); `UNREACHED` becomes ``inf``.

    On slopes, too, time is inversely proportional to the speed on the flat. With `overwrite`, the memory
    of `cost` (contiguous) becomes that of the minutes.
    """
    # one multiplication before one division, so that a limit in whole minutes is met exactly
    numerator, denominator = _rate(network, speed_kmh)
    if overwrite:
        _scale_in_place(cost.reshape(-1), numerator, denominator)
        return cost.view(np.float64)
    minutes = np.empty(cost.shape)
    _scale_reached(cost.ravel(), numerator, denominator, minutes.ravel())
    return minutes


def cost_limit(network: Network, minutes: float | None, *, speed_kmh: float | None = None) -> int | None:
    """Greatest cost whose `to_minutes` does not exceed a limit; None for no limit."""
    if minutes is None:
        return None
    numerator, denominator = _rate(network, speed_kmh)
    # an estimate from above, lowered until its minutes are within the limit as `to_minutes` computes them
    limit = min(int(minutes * denominator / numerator) + 1, FAR - 1)
    while limit * numerator / denominator > minutes:
        limit -= 1
    return limit
