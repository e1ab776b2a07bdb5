"""Numbers of study and plan files: what each may be, so that none takes the machine or turns into infinity.

The bounds lie far beyond what anybody would ask for; docs/limits.md lists them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

__all__ = [
    "DAY_MIN",
    "FASTEST_KMH",
    "MAX_SNAP_M",
    "NO_TRUTH",
    "SLOWEST_KMH",
    "Amount",
    "BikeSpeed",
    "Count",
    "Minutes",
    "People",
    "SnapDistance",
    "StreetSpeed",
    "WalkSpeed",
]

DAY_MIN: Final = 1440.0
"""The longest way, and the longest limit, in minutes."""
SLOWEST_KMH: Final = 0.1
FASTEST_KMH: Final = 200.0
MAX_SNAP_M: Final = 10_000.0
"""The farthest that a point may be joined to a street."""
_MOST: Final = 1e9


def _no_truth(value: Any) -> Any:
    """Refuse true and false where a number is meant: they would count as 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "true and false are no numbers")
    return value


NO_TRUTH: Final = BeforeValidator(_no_truth)

WalkSpeed = Annotated[float, NO_TRUTH, Field(ge=SLOWEST_KMH, le=30)]
BikeSpeed = Annotated[float, NO_TRUTH, Field(ge=SLOWEST_KMH, le=100)]
StreetSpeed = Annotated[float, NO_TRUTH, Field(ge=SLOWEST_KMH, le=FASTEST_KMH)]
Minutes = Annotated[float, NO_TRUTH, Field(ge=0.1, le=DAY_MIN)]
SnapDistance = Annotated[float, NO_TRUTH, Field(ge=0.1, le=MAX_SNAP_M)]
People = Annotated[float, NO_TRUTH, Field(ge=1, le=_MOST)]
Amount = Annotated[float, NO_TRUTH, Field(ge=0, le=_MOST)]
"""Metres, square metres, places, weights: anything that may be 0."""
Count = Annotated[int, NO_TRUTH, Field(ge=0, le=1_000_000_000)]
