"""How much a place counts at a distance: steps, negative exponential, Gaussian."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import Fault, Faults
from lifecircle.measures.rounding import at_most

__all__ = ["Decay", "gaussian", "negative_exponential", "steps"]

Decay: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def steps(cutoffs: Sequence[float], weights: Sequence[float] | None = None) -> Decay:
    """A weight for each band of cost.

    Parameters
    ----------
    cutoffs
        Upper ends of the bands, inclusive, ascending, >= 0.
    weights
        Weight of each band, >= 0; 1 each if None. Beyond the last cutoff nothing counts.

    Raises
    ------
    InputError
        If the cutoffs do not ascend, a weight is negative, or there are not as many of both.
    """
    ends = _numbers(cutoffs)
    factors = np.ones(len(ends)) if weights is None else _numbers(weights)
    faults = Faults()
    if not len(ends) or not (np.isfinite(ends) & (ends >= 0)).all() or (np.diff(ends) <= 0).any():
        faults.add(Fault("decay-cutoffs", field="cutoffs", values={"found": _listed(cutoffs)}))
    if len(factors) != len(ends) or not (np.isfinite(factors) & (factors >= 0)).all():
        values = {"found": _listed(weights), "count": len(ends)}
        faults.add(Fault("decay-weights", field="weights", values=values))
    faults.raise_if_any()

    def weigh(cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weight of each cost."""
        found = np.zeros(np.shape(cost))
        for end, factor in zip(ends[::-1], factors[::-1], strict=True):
            found[at_most(cost, float(end))] = factor
        return found

    return weigh


def negative_exponential(rate: float) -> Decay:
    """``exp(-rate * cost)``: `rate` per unit of the costs, > 0 (Wilson 1971)."""
    _require_positive(rate, "rate")
    return lambda cost: np.exp(-rate * np.asarray(cost, dtype=np.float64))


def gaussian(sigma: float) -> Decay:
    """``exp(-cost² / (2 sigma²))``: `sigma` in the unit of the costs, > 0; 1 at no distance (Ingram 1971)."""
    _require_positive(sigma, "sigma")
    return lambda cost: np.exp(-0.5 * (np.asarray(cost, dtype=np.float64) / sigma) ** 2)


def _require_positive(value: float, name: str) -> None:
    """A parameter is a number above 0."""
    faults = Faults()
    if not (isinstance(value, Real) and 0 < value < math.inf):
        faults.add(Fault("decay-parameter", field=name, values={"found": value}))
    faults.raise_if_any()


def _numbers(values: object) -> NDArray[np.float64]:
    """Several numbers; NaN alone for anything else."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        found = np.array(np.nan)
    return found if found.ndim == 1 else np.array([np.nan])


def _listed(values: object) -> str:
    """What was given, numbers as a list in brackets."""
    found = _numbers(values)
    if np.isnan(found).any():
        return repr(values)[:80]
    return "[" + ", ".join(f"{value:g}" for value in found) + "]"
