"""A village, town seat or hamlet, as the other rooms of the demo see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Settlement"]


@dataclass(frozen=True)
class Settlement:
    """A village, the seat of a town, or a hamlet beyond the boundary.

    Attributes
    ----------
    kind : ``village``, ``town`` or ``beyond``
    x, y : its middle, metres
    town : index of the nearest town's seat
    nodes : (columns, rows) node numbers of its lanes' crossings
    """

    kind: str
    x: float
    y: float
    town: int
    nodes: NDArray[np.int64]
