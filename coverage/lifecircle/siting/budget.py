"""Time for a whole question: every stage and round of a solver reads the same budget."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

__all__ = ["TimeBudget"]


@dataclass(frozen=True)
class TimeBudget:
    """Time until which an answer may be improved or proven.

    A budget bounds a question as a whole: stages hand it on, or a part of it, and never begin a new one.

    Attributes
    ----------
    seconds : length of the budget
    ends : reading of the monotonic clock at which time is up
    """

    seconds: float
    ends: float

    @classmethod
    def of(cls, seconds: float) -> TimeBudget:
        """So many seconds from now."""
        return cls(float(seconds), monotonic() + seconds)

    @property
    def left_s(self) -> float:
        """Seconds left, 0 once time is up."""
        return max(self.ends - monotonic(), 0.0)

    @property
    def expired(self) -> bool:
        """Whether time is up."""
        return monotonic() > self.ends

    def part(self, share: float) -> TimeBudget:
        """The first share, 0 to 1, of what is left."""
        return TimeBudget.of(self.left_s * share)
