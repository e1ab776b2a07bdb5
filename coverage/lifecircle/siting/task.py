"""What `locate` is asked, read and checked: one record every model starts from."""

from __future__ import annotations

import difflib
import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.errors import Fault, Faults, InputError, preview
from lifecircle.siting.models.lscp import Cover, fewest_sites
from lifecircle.siting.problem import Flags, Floats, Ints
from lifecircle.siting.solvers.milp import check_time_limit
from lifecircle.tables import Costs, CostsLike, is_amount, read_amounts, read_costs

__all__ = ["MODELS", "Task", "read_task", "too_few_sites"]

MODELS: Final = ("lscp", "mclp", "p-median", "p-center")
_WITH_CAPACITY: Final = ("mclp", "p-median")
_RELATIVE: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Task:
    """A question about sites.

    Attributes
    ----------
    model : one of `MODELS`
    costs : pairs within the cutoff, forbidden sites left out
    fixed, free : per site, whether it is open anyhow, whether it may be opened
    new : how many of the free to open
    capacity : per site, persons; None without
    cutoff : limit, in the unit of the costs; ``inf`` without
    unserved : cost of a person who is not served; ``inf`` where everybody must be
    time_limit_s : for the proof
    """

    model: str
    costs: Costs
    fixed: Flags
    free: Flags
    new: int
    capacity: Floats | None
    cutoff: float
    unserved: float
    time_limit_s: float

    @property
    def total(self) -> float:
        """People in all."""
        return float(self.costs.people.sum())

    @cached_property
    def inhabited(self) -> Ints:
        """Rows where somebody lives."""
        return np.flatnonzero(self.costs.people > 0)

    def lists(self, rows: Ints) -> tuple[Ints, Ints, Floats]:
        """Start, site and cost of some rows' pairs, by row in ascending cost, ties to the smaller site."""
        costs = self.costs
        counts = np.diff(costs.start)[rows]
        start = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        at = np.repeat(costs.start[rows] - start[:-1], counts) + np.arange(start[-1])
        row = np.repeat(np.arange(len(rows)), counts)
        order = np.lexsort((costs.site[at], costs.cost[at], row))
        return start, costs.site[at][order], costs.cost[at][order]


def read_task(  # noqa: PLR0917
    costs: CostsLike,
    demand: ArrayLike | pd.Series | None,
    model: str,
    new: int,
    capacity: float | ArrayLike | pd.Series | None,
    cutoff: float | None,
    fixed: Iterable[Hashable],
    forbidden: Iterable[Hashable],
    unserved: str | float,
    *,
    time_limit_s: float,
) -> Task:
    """Read the arguments of `locate`.

    Raises
    ------
    InputError
        With everything wrong with them, and with what makes the question unanswerable: nobody left to
        choose, demand that no allowed site reaches.
    """
    faults = Faults()
    _check_words(model, new, capacity, cutoff, unserved, faults)
    check_time_limit(time_limit_s, faults)
    with faults.prepend_to():
        read = read_costs(costs, demand)
    opened, closed = (
        _flags(fixed, read.sites, "fixed", faults),
        _flags(forbidden, read.sites, "forbidden", faults),
    )
    both = read.sites[opened & closed]
    if len(both):
        faults.add(Fault("site-fixed-and-forbidden", field="fixed", values={"found": preview(both)}))
    room = None
    if capacity is not None:
        amounts = np.full(len(read.sites), capacity) if np.isscalar(capacity) else capacity
        room = read_amounts(amounts, read.sites, "capacity", faults)
    free = ~(opened | closed)
    faults.raise_if_any()
    if model != "lscp" and new > free.sum():
        values = {"new": new, "free": int(free.sum()), "sites": len(read.sites)}
        faults.add(Fault("site-too-few-candidates", field="new", values=values))
    limit = math.inf if cutoff is None else float(cutoff)
    near = read.cost <= limit * (1.0 + _RELATIVE)
    penalty = math.inf if isinstance(unserved, str) else float(unserved)
    usable = read.only(near & ~closed[read.site])
    task = Task(model, usable, opened, free, int(new), room, limit, penalty, float(time_limit_s))
    if model != "mclp" and not np.isfinite(penalty):
        _check_reached(task, read, near, faults)
    faults.raise_if_any()
    return task


def too_few_sites(task: Task, cover: Cover) -> InputError:
    """The error of a number of sites that cannot reach everybody, saying how many are needed."""
    existing = int(task.fixed.sum())
    values = {
        "new": task.new,
        "needed": max(cover.bound, existing + task.new + 1) - existing,
        "enough": cover.count - existing,
    }
    key = "site-too-few" if cover.bound > existing + task.new else "site-too-few-found"
    return InputError(Fault(key, field="new", values=values))


def cover_of(task: Task) -> Cover:
    """The fewest sites that reach everybody who can be reached."""
    rows = task.inhabited[np.diff(task.costs.start)[task.inhabited] > 0]
    start, site, _ = task.lists(rows)
    return fewest_sites(start, site, fixed=task.fixed, time_limit_s=task.time_limit_s)


def _check_words(  # noqa: PLR0917
    model: str, new: int, capacity: object, cutoff: float | None, unserved: str | float, faults: Faults
) -> None:
    """Each argument is one that is known, and they go together."""
    if model not in MODELS:
        nearest = difflib.get_close_matches(str(model), MODELS, n=1) or ["p-median"]
        values = {"found": model, "valid": ", ".join(MODELS), "nearest": nearest[0]}
        faults.add(Fault("site-model", field="model", values=values))
    if isinstance(new, bool) or not isinstance(new, int | np.integer) or new < 0:
        faults.add(Fault("site-new", field="new", values={"found": new}))
    if cutoff is not None and not is_amount(cutoff):
        faults.add(Fault("site-cutoff", field="cutoff", values={"found": cutoff}))
    if capacity is not None and model not in _WITH_CAPACITY and model in MODELS:
        values = {"model": model, "valid": ", ".join(_WITH_CAPACITY)}
        faults.add(Fault("site-capacity-unused", field="capacity", values=values))
    if unserved != "error" and not is_amount(unserved):
        faults.add(Fault("site-unserved", field="unserved", values={"found": unserved}))


def _flags(ids: Iterable[Hashable], sites: pd.Index, field: str, faults: Faults) -> Flags:
    """Whether each site is among some ids."""
    listed = None if isinstance(ids, str) or not np.iterable(ids) else list(ids)
    if listed is None or not all(isinstance(one, Hashable) for one in listed):
        faults.add(Fault("site-no-list", field=field, values={"found": repr(ids)}))
        return np.zeros(len(sites), dtype=np.bool_)
    wanted = pd.Index(listed)
    foreign = wanted.difference(sites)
    if len(foreign):
        faults.add(Fault("site-unknown", field=field, values={"found": preview(foreign)}))
    return np.asarray(sites.isin(wanted), dtype=np.bool_)


def _check_reached(task: Task, read: Costs, near: Flags, faults: Faults) -> None:
    """Everybody has a site that may serve them; whoever has not is listed with the reason."""
    without = task.inhabited[np.diff(task.costs.start)[task.inhabited] == 0]
    reached = np.bincount(read.row[near], minlength=len(read.demand)) > 0
    for key, rows in (
        ("site-unreached", without[~reached[without]]),
        ("site-only-forbidden", without[reached[without]]),
    ):
        if len(rows):
            values = {
                "count": len(rows),
                "people": f"{read.people[rows].sum():,.0f}",
                "found": preview(read.demand[rows]),
            }
            faults.add(Fault(key, field="costs", values=values))
