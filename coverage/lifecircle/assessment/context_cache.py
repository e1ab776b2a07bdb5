"""What is asked of a context and what it has looked up: groups of services, a cutoff, cached answers."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["ContextCache", "Cutoff", "Group"]

Group = tuple[str, ...]
"""Services that stand in for one another: one of them is enough."""


Answers: TypeAlias = dict[Hashable, tuple[frozenset[str], Any]]
"""What was asked, with the services on which the answer depends."""


@dataclass(frozen=True)
class Cutoff:
    """How far is near enough, and who is asked.

    Attributes
    ----------
    limit, limit_unit
        Most minutes, or metres, that count.
    speed_kmh
        Walking speed that turns lengths into minutes.
    profile
        Group whose walks count (`TravelTimes.profiles`); ``""`` for everybody's.
    weight
        Column of demand that is counted: ``residents`` (or what stands in for them, where they are
        unknown) or a cohort.
    """

    limit: float
    limit_unit: Literal["min", "m"]
    speed_kmh: float
    weight: str = "residents"
    profile: str = ""


@dataclass(frozen=True)
class ContextCache:
    """What a context looked up once, apart by what makes it stale.

    Attributes
    ----------
    tables
        Demand, communities and what follows from them alone: holds under any assumption and any facility.
    covered
        People covered, by groups of services and cutoff: holds under any assumption.
    coverage
        Which communities a group covers, by group, cutoff and share: holds under any assumption.
    minutes
        Walking times of the study's own travel, by speed.
    answers
        Whatever else was asked, with the services on which the answer depends.
    of_circles
        The same, asked of the study with its life circles in place of its communities.
    """

    tables: dict[str, Any] = field(default_factory=dict)
    covered: dict[tuple[tuple[Group, ...], Cutoff, str], pd.DataFrame] = field(default_factory=dict)
    coverage: dict[tuple[Group, Cutoff, float, str], NDArray[np.int64]] = field(default_factory=dict)
    minutes: dict[float, pd.DataFrame] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    of_circles: Answers = field(default_factory=dict)

    def without(self, services: Collection[str]) -> ContextCache:
        """A cache of its own with what does not depend on some services; walking times are left out."""
        covered = {
            key: people
            for key, people in self.covered.copy().items()
            if not any(name in services for group in key[0] for name in group)
        }
        answers, of_circles = (
            {
                key: (named, answer)
                for key, (named, answer) in asked.copy().items()
                if named.isdisjoint(services)
            }
            for asked in (self.answers, self.of_circles)
        )
        coverage = {
            key: covers
            for key, covers in self.coverage.copy().items()
            if not any(name in services for name in key[0])
        }
        return ContextCache(self.tables, covered, coverage, answers=answers, of_circles=of_circles)
