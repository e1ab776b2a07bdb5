"""How much a place counts at a distance: steps, negative exponential, Gaussian."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lifecircle.errors import Fault, Faults, shown
from lifecircle.measures.rounding import at_most

__all__ = ["Decay", "gaussian", "negative_exponential", "steps"]

Decay: TypeAlias = Callable[[ArrayLike], NDArray[np.float64]]
"""A function that gives the weight, 0 to 1, of each of many costs."""


def steps(cutoffs: float | Sequence[float], weights: float | Sequence[float] | None = None) -> Decay:
    """Distance decay in steps: a weight for each band of cost.

    Parameters
    ----------
    cutoffs
        Upper ends of the bands, inclusive, ascending, >= 0, in the unit of the costs; a number for one band.
    weights
        Weight of each band, >= 0; 1 each if None. Beyond the last cutoff nothing counts.

    Returns
    -------
    callable
        From costs to weights, float64, of the same shape.

    Raises
    ------
    InputError
        If the cutoffs do not ascend, a weight is negative, or their numbers differ.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.steps([5, 15], [1.0, 0.5])([0, 5, 10, 20]).tolist()
    [1.0, 1.0, 0.5, 0.0]
    >>> lc.steps(15)([10, 20]).tolist()
    [1.0, 0.0]
    """
    # bands must ascend, or one cost would lie in two of them
    ends = _numbers(cutoffs)
    factors = np.ones(len(ends)) if weights is None else _numbers(weights)
    faults = Faults()
    if not len(ends) or not (np.isfinite(ends) & (ends >= 0)).all() or (np.diff(ends) <= 0).any():
        faults.add(Fault("decay-cutoffs", field="cutoffs", values={"found": _listed(cutoffs)}))
    if len(factors) != len(ends) or not (np.isfinite(factors) & (factors >= 0)).all():
        values = {"found": _listed(weights), "count": len(ends)}
        faults.add(Fault("decay-weights", field="weights", values=values))
    faults.raise_if_any()

    def weigh(cost: ArrayLike) -> NDArray[np.float64]:
        """Weight of each cost."""
        weight = np.zeros(np.shape(cost))
        # From the farthest band inwards, so that each cost keeps the weight of its nearest band.
        for end, factor in zip(ends[::-1], factors[::-1], strict=True):
            weight[at_most(cost, float(end))] = factor
        return weight

    return weigh


def negative_exponential(rate: float) -> Decay:
    """Negative exponential decay, ``exp(-rate * cost)`` (Wilson 1971).

    Parameters
    ----------
    rate
        Per unit of the costs, > 0.

    Returns
    -------
    callable
        From costs to weights: 1 at no cost, halved over every ``log(2) / rate``.

    Raises
    ------
    InputError
        If the rate is no number above 0.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.negative_exponential(0.1)([0, 10]).round(3).tolist()
    [1.0, 0.368]
    """
    _require_positive(rate, "rate")
    return lambda cost: np.exp(-rate * np.asarray(cost, dtype=np.float64))


def gaussian(sigma: float) -> Decay:
    """Gaussian decay, ``exp(-cost² / (2 sigma²))`` (Ingram 1971).

    Parameters
    ----------
    sigma
        In the unit of the costs, > 0.

    Returns
    -------
    callable
        From costs to weights: 1 at no cost, 0.607 at `sigma`.

    Raises
    ------
    InputError
        If sigma is no number above 0.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.gaussian(300)([0, 300, 600]).round(3).tolist()
    [1.0, 0.607, 0.135]
    """
    _require_positive(sigma, "sigma")
    return lambda cost: np.exp(-0.5 * (np.asarray(cost, dtype=np.float64) / sigma) ** 2)


def _require_positive(value: float, name: str) -> None:
    """Refuse a parameter that is no number above 0."""
    faults = Faults()
    if isinstance(value, bool) or not (isinstance(value, Real) and 0 < value < math.inf):
        faults.add(Fault("decay-parameter", field=name, values={"found": value}))
    faults.raise_if_any()


def _numbers(values: object) -> NDArray[np.float64]:
    """A number or several as an array; NaN alone for anything else."""
    try:
        numbers = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        numbers = np.array([np.nan])
    return numbers if numbers.ndim == 1 else np.array([np.nan])


def _listed(values: object) -> str:
    """An argument as it was given, numbers as a list in brackets."""
    numbers = _numbers(values)
    if np.isnan(numbers).any():
        return shown(values)
    return "[" + ", ".join(f"{value:g}" for value in numbers) + "]"
