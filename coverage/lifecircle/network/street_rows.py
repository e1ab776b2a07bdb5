"""Some rows of a street table."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.tables import StreetTable

__all__ = ["PER_SEGMENT", "without_segments"]

PER_SEGMENT: Final = (
    "u", "v", "way", "segment", "forward", "backward", "name", "highway", "speed_kmh", "steps", "bridge",
)  # fmt: skip


def without_segments(streets: StreetTable, gone: NDArray[np.bool_], *, counted_as: str) -> StreetTable:
    """The table without the segments that `gone` marks; their number is kept in its counts.

    Nodes stay, also those that no segment needs any more.
    """
    return dataclasses.replace(
        streets,
        **{name: getattr(streets, name)[~gone] for name in PER_SEGMENT},
        counts={**streets.counts, counted_as: int(gone.sum())},
    )
