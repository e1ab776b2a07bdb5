"""How a figure in floating point meets a limit: one tolerance for every comparison and rounding.

Residents come from rasters and walking times from lengths divided by a speed, so both carry noise far
below anything that could be observed. A thousand metres at 4 km/h is fifteen minutes, not a hair more;
nine tenths of 800.0000001 residents is 720 people, not 721.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["PEOPLE_TOLERANCE", "RELATIVE_TOLERANCE", "at_least", "at_most", "exceeds", "whole_needed"]

RELATIVE_TOLERANCE: Final = 1e-9
"""Of the limit: 0.001 mm in a kilometre, which streets measured to the millimetre never show."""
PEOPLE_TOLERANCE: Final = 1e-6
"""Persons, areas or facilities: what is needed is rounded up only beyond this much of one."""


def at_most(values: npt.ArrayLike, limit: float) -> npt.NDArray[np.bool_]:
    """Whether each value is at or under the limit; NaN is not.

    Parameters
    ----------
    values
        Any number of values in the unit of `limit`.
    limit
        The limit, inclusive within `RELATIVE_TOLERANCE`.

    Examples
    --------
    >>> at_most([14.9, 15.0, 15.1, float("nan")], 15).tolist()
    [True, True, False, False]
    """
    # relative to the limit, so that minutes and metres share one tolerance; NaN compares false
    return np.asarray(values, dtype=np.float64) <= limit + abs(limit) * RELATIVE_TOLERANCE


def at_least(value: float, limit: float) -> bool:
    """Whether a value is at or over the limit; NaN is not.

    Parameters
    ----------
    value, limit
        Both in one unit; the limit is inclusive within `RELATIVE_TOLERANCE`.

    Examples
    --------
    >>> at_least(0.1 + 0.2, 0.3), at_least(float("nan"), 0.3)
    (True, False)
    """
    return value >= limit - abs(limit) * RELATIVE_TOLERANCE


def exceeds(value: float, limit: float) -> bool:
    """Whether a value is over the limit, not merely at it; NaN is not.

    Parameters
    ----------
    value, limit
        Both in one unit; what lies within `RELATIVE_TOLERANCE` of the limit is at it.

    Examples
    --------
    >>> exceeds(15.0, 15), exceeds(15.1, 15)
    (False, True)
    """
    return value > limit + abs(limit) * RELATIVE_TOLERANCE


def whole_needed(amount: float, *, strict: bool = False) -> int:
    """The least whole number that reaches an amount, or that passes it where `strict`.

    Parameters
    ----------
    amount
        What is asked for, >= 0; an amount within `PEOPLE_TOLERANCE` of a whole number is that number.
    strict
        The clause says "more than" and not "at least".

    Returns
    -------
    int
        ``ceil(amount - 1e-6)``; where strict ``floor(amount + 1e-6) + 1``.

    Examples
    --------
    >>> whole_needed(720.0000001), whole_needed(720.5), whole_needed(720, strict=True)
    (720, 721, 721)
    """
    # an amount a hair below a whole number is that number, which "more than" must pass
    if strict:
        return math.floor(amount + PEOPLE_TOLERANCE) + 1
    return max(0, math.ceil(amount - PEOPLE_TOLERANCE))
