"""Classes of a choropleth: few, round, and cut where the figures are."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

CLASSES: Final = 5
_ROUND_STEPS: Final = np.array([1.0, 2.0, 5.0])

__all__ = ["CLASSES", "class_breaks"]


def class_breaks(values: ArrayLike, *, target: float | None = None) -> list[float]:
    """Inner limits of at most five classes of about equal count, round enough to read.

    Parameters
    ----------
    values
        Figures; unknown ones are left out.
    target
        A limit that must be among the breaks where figures lie on both sides of it.

    Returns
    -------
    list of float
        Ascending; a figure equal to a limit belongs to the class above it. Empty where one class is enough.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return []
    limits = _round(np.quantile(known, np.arange(1, CLASSES) / CLASSES), float(np.ptp(known)))
    limits = np.unique(limits[(limits > known.min()) & (limits <= known.max())])
    if target is not None and known.min() < target <= known.max():
        nearest = np.argmin(np.abs(limits - target)) if len(limits) else 0
        limits = np.unique(np.append(np.delete(limits, nearest) if len(limits) else limits, target))
    return [float(limit) for limit in limits]


def _round(values: np.ndarray, spread: float) -> np.ndarray:
    """Multiples of 1, 2 or 5 times a power of ten: at most half the figure or a tenth of the spread."""
    coarsest = np.minimum(np.abs(values) / 2, spread / 10)
    coarsest = np.where(coarsest > 0, coarsest, 1.0)
    power = 10.0 ** np.floor(np.log10(coarsest))
    fits = coarsest[:, None] / power[:, None] >= _ROUND_STEPS
    quantum = power * _ROUND_STEPS[np.maximum(fits.sum(axis=1) - 1, 0)]
    # Products of powers of ten are not exact: ten digits are.
    return np.round(np.round(values / quantum) * quantum, 10)
