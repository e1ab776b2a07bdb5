"""HiGHS through scipy: one call for every mixed-integer model, with its bound whatever way it ended."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Final

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from lifecircle.errors import Fault, Faults

__all__ = ["PROVEN", "Answer", "Rows", "check_time_limit", "is_one", "minimise"]

_HALF: Final = 0.5
_INFEASIBLE, _SOLVE_ERROR = 2, 4
"""How `scipy.optimize.milp` numbers the ways to end."""
_TINY: Final = 1e-300
"""Keeps an objective of zeros from being divided by."""
_LEAST_S: Final = 0.1
"""Seconds that HiGHS gets at least: with none it does not even start."""
PROVEN: Final = 1e-7
"""Relative gap taken for none: the tolerance HiGHS itself works to."""


@dataclass(frozen=True)
class Answer:
    """How a minimisation ended.

    Attributes
    ----------
    x : the best solution met, None where there is none
    bound : no solution is below this; ``inf`` where none exists at all
    """

    x: NDArray[np.float64] | None
    bound: float

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no solution."""
        return self.bound == np.inf


class Rows:
    """Linear constraints ``low <= A x <= high``, gathered as triplets."""

    def __init__(self) -> None:
        self._row: list[NDArray[np.int64]] = []
        self._column: list[NDArray[np.int64]] = []
        self._value: list[NDArray[np.float64]] = []
        self._low: list[NDArray[np.float64]] = []
        self._high: list[NDArray[np.float64]] = []
        self._count = 0

    def add(
        self,
        count: int,
        *terms: tuple[NDArray[np.integer], NDArray[np.integer], float | NDArray[np.floating]],
        low: float | NDArray[np.floating] = -np.inf,
        high: float | NDArray[np.floating] = np.inf,
    ) -> None:
        """Add `count` rows; each term is (row from 0, column, value)."""
        for row, column, value in terms:
            self._row.append(np.asarray(row, dtype=np.int64) + self._count)
            self._column.append(np.asarray(column, dtype=np.int64))
            self._value.append(np.broadcast_to(np.asarray(value, dtype=np.float64), (len(row),)))
        self._low.append(np.broadcast_to(np.asarray(low, dtype=np.float64), (count,)))
        self._high.append(np.broadcast_to(np.asarray(high, dtype=np.float64), (count,)))
        self._count += count

    @property
    def hold_without_variables(self) -> bool:
        """Whether every row holds when there is nothing to choose."""
        return bool((np.concatenate(self._low) <= 0.0).all() and (np.concatenate(self._high) >= 0.0).all())

    def constraint(self, columns: int) -> LinearConstraint:
        """All rows as scipy takes them."""
        where = (np.concatenate(self._row), np.concatenate(self._column))
        matrix = scipy.sparse.csr_array((np.concatenate(self._value), where), shape=(self._count, columns))
        return LinearConstraint(matrix, np.concatenate(self._low), np.concatenate(self._high))


def minimise(
    objective: NDArray[np.float64],
    rows: Rows,
    *,
    integer: NDArray[np.bool_],
    upper: float | NDArray[np.float64],
    time_limit_s: float,
    lower: float | NDArray[np.float64] = 0.0,
    gap: float = 0.0,
) -> Answer:
    """Minimise a linear objective over sparse rows, some variables whole numbers.

    Parameters
    ----------
    objective, rows, lower, upper, integer
        The model.
    time_limit_s
        When to stop and say what is known.
    gap
        Relative gap at which to stop.
    """
    if not len(objective):
        return Answer(objective, 0.0) if rows.hold_without_variables else Answer(None, np.inf)
    # Costs of millions of person-metres and tolerances of 1e-6 do not mix: the largest becomes 1.
    scale = max(float(np.abs(objective).max(initial=0.0)), _TINY)
    options = {"time_limit": max(time_limit_s, _LEAST_S), "mip_rel_gap": gap}
    # Undoing its presolve, HiGHS can trip over its own tolerances and say "solve error": then without.
    for presolve in (True, False):
        solved = milp(
            objective / scale,
            integrality=integer.astype(np.uint8),
            bounds=Bounds(lower, upper),
            constraints=rows.constraint(len(objective)),
            options={**options, "presolve": presolve},
        )
        if solved.status != _SOLVE_ERROR:
            break
    if solved.status == _INFEASIBLE:
        return Answer(None, np.inf)
    # The dual bound holds however the search ended; a linear program has none beside its optimum.
    known = solved.mip_dual_bound
    bound = -np.inf if known is None or not np.isfinite(known) else float(known) * scale
    if not integer.any() and solved.status == 0:
        bound = float(solved.fun) * scale
    return Answer(solved.x, bound)


def is_one(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which binary variables of a solution are 1: HiGHS returns them within its tolerance of 0 or 1."""
    return np.asarray(x > _HALF, dtype=np.bool_)


def check_time_limit(time_limit_s: object, faults: Faults) -> None:
    """The time for a proof is a number of seconds, perhaps without end."""
    if not (isinstance(time_limit_s, Real) and float(time_limit_s) >= 0):
        faults.add(Fault("site-time-limit", field="time_limit_s", values={"found": time_limit_s}))
