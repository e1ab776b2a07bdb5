"""The arguments of `locate`, read and checked: one record that every model starts from."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, closest, preview, shown
from lifecircle.siting.problem import Flags, Floats, Ints, expand_rows
from lifecircle.tables import Costs, CostsLike, is_amount, read_amounts, read_costs

__all__ = ["MODELS", "LocationTask", "read_task"]

MODELS: Final = ("lscp", "mclp", "p-median", "p-center")
_WITH_CAPACITY: Final = ("mclp", "p-median")
_RELATIVE: Final = 1e-9


@dataclass(frozen=True, eq=False)
class LocationTask:
    """Which sites to open: a model, its costs and its limits.

    Attributes
    ----------
    model : one of `MODELS`
    costs : pairs within the cutoff, forbidden sites left out
    fixed, free : per site, whether it is open anyhow, whether it may be opened
    new : how many of the free to open
    capacity : per site, persons; None without
    cutoff : limit, in the unit of the costs; ``inf`` without
    unserved : cost of a person who is not served; ``inf`` where everybody must be
    """

    model: str
    costs: Costs
    fixed: Flags
    free: Flags
    new: int
    capacity: Floats | None
    cutoff: float
    unserved: float

    @property
    def total(self) -> float:
        """People in all."""
        return float(self.costs.people.sum())

    @cached_property
    def inhabited(self) -> Ints:
        """Rows where somebody lives."""
        return np.flatnonzero(self.costs.people > 0)

    def sorted_pairs(self, rows: Ints) -> tuple[Ints, Ints, Floats]:
        """Start, site and cost of selected rows' pairs: by row, ascending cost, ties to the smaller site."""
        costs = self.costs
        start, at = expand_rows(costs.start, rows)
        row = np.repeat(np.arange(len(rows)), np.diff(start))
        order = np.lexsort((costs.site[at], costs.cost[at], row))
        return start, costs.site[at][order], costs.cost[at][order]

    def opened_in_order(self, is_open: Flags) -> Flags:
        """Open sites, and further free ones in their order until `new` of the free are open."""
        enough = is_open.copy()
        spare = np.flatnonzero(self.free & ~enough)
        enough[spare[: self.new - int((enough & self.free).sum())]] = True
        return enough


def read_task(
    costs: CostsLike,
    *,
    model: str,
    new: int,
    fixed: Iterable[Hashable],
    unserved: str | float,
    demand: ArrayLike | pd.Series | None = None,
    capacity: float | ArrayLike | pd.Series | None = None,
    cutoff: float | None = None,
    forbidden: Iterable[Hashable] = (),
) -> LocationTask:
    """Read the arguments of `locate`.

    Raises
    ------
    InputError
        With everything wrong with them, and with what leaves no answer: no site left to choose, demand that
        no allowed site reaches.
    """
    faults = Faults()
    _check_words(model, new, capacity, cutoff, unserved, faults)
    with faults.prepend_to():
        read = read_costs(costs, demand)
    opened, closed = (
        _flags(fixed, read.sites, "fixed", faults),
        _flags(forbidden, read.sites, "forbidden", faults),
    )
    both = read.sites[opened & closed]
    if len(both):
        faults.add(Fault("site-fixed-and-forbidden", field="fixed", values={"found": preview(both)}))
    persons = None
    if capacity is not None:
        amounts = np.full(len(read.sites), capacity) if np.isscalar(capacity) else capacity
        persons = read_amounts(amounts, read.sites, "capacity", faults)
    free = ~(opened | closed)
    faults.raise_if_any()
    if model != "lscp" and new > free.sum():
        values = {"new": new, "free": int(free.sum()), "sites": len(read.sites)}
        faults.add(Fault("site-too-few-candidates", field="new", values=values))
    limit = math.inf if cutoff is None else float(cutoff)
    near = read.cost <= limit * (1.0 + _RELATIVE)
    penalty = math.inf if isinstance(unserved, str) else float(unserved)
    usable = read.only(near & ~closed[read.site])
    task = LocationTask(model, usable, opened, free, int(new), persons, limit, penalty)
    if model != "mclp" and not np.isfinite(penalty):
        _check_reached(task, read, near, faults)
    faults.raise_if_any()
    return task


def _check_words(  # noqa: PLR0917
    model: str, new: int, capacity: object, cutoff: float | None, unserved: str | float, faults: Faults
) -> None:
    """Report arguments that are not valid, or do not go together."""
    with faults.collect():
        require("text", model=model)
    model = str(model)
    if model not in MODELS:
        nearest = closest(model, MODELS, n=1) or ["p-median"]
        values = {"found": model, "valid": ", ".join(MODELS), "nearest": nearest[0]}
        faults.add(Fault("site-model", field="model", values=values))
    if isinstance(new, bool) or not isinstance(new, int | np.integer) or new < 0:
        faults.add(Fault("site-new", field="new", values={"found": new}))
    if cutoff is not None and not is_amount(cutoff):
        faults.add(Fault("site-cutoff", field="cutoff", values={"found": cutoff}))
    if capacity is not None and model not in _WITH_CAPACITY and model in MODELS:
        values = {"model": model, "valid": ", ".join(_WITH_CAPACITY)}
        faults.add(Fault("site-capacity-unused", field="capacity", values=values))
    if not (isinstance(unserved, str) and unserved == "error") and not is_amount(unserved):
        faults.add(Fault("site-unserved", field="unserved", values={"found": unserved}))


def _flags(ids: Iterable[Hashable], sites: pd.Index, field: str, faults: Faults) -> Flags:
    """Whether each site is among the ids of an argument."""
    listed = None if isinstance(ids, str) or not np.iterable(ids) else list(ids)
    if listed is None or not all(isinstance(one, Hashable) for one in listed):
        faults.add(Fault("site-no-list", field=field, values={"found": shown(ids)}))
        return np.zeros(len(sites), dtype=np.bool_)
    wanted, known = set(listed), set(sites)
    foreign = [one for one in dict.fromkeys(listed) if one not in known]
    if foreign:
        faults.add(Fault("site-in-no-pair", field=field, values={"found": preview(foreign)}))
    return np.fromiter((site in wanted for site in sites), np.bool_, len(sites))


def _check_reached(task: LocationTask, read: Costs, near: Flags, faults: Faults) -> None:
    """Report inhabited points that no allowed site reaches, with the reason."""
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
