"""Location models: exact where that can be proven in time, with a bound in any case."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final, Literal

import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.errors import Faults
from lifecircle.siting.budget import TimeBudget
from lifecircle.siting.location import Location
from lifecircle.siting.models.capacitated import solve_capacitated_mclp, solve_capacitated_p_median
from lifecircle.siting.models.lscp import solve_lscp
from lifecircle.siting.models.mclp import solve_mclp
from lifecircle.siting.models.p_center import solve_p_center
from lifecircle.siting.models.p_median import solve_p_median
from lifecircle.siting.solvers.milp import check_time_limit
from lifecircle.siting.solvers.warm_up import compile_kernels
from lifecircle.siting.task import LocationTask, read_task
from lifecircle.tables import CostsLike

__all__ = ["Model", "locate", "solve"]

Model = Literal["lscp", "mclp", "p-median", "p-center"]

_SOLVE: Final[dict[tuple[str, bool], Callable[[LocationTask, TimeBudget], Location]]] = {
    ("lscp", False): solve_lscp,
    ("mclp", False): solve_mclp,
    ("p-median", False): solve_p_median,
    ("p-center", False): solve_p_center,
    ("mclp", True): solve_capacitated_mclp,
    ("p-median", True): solve_capacitated_p_median,
}


def locate(  # noqa: PLR0917
    costs: CostsLike,
    demand: ArrayLike | pd.Series | None = None,
    model: Model = "p-median",
    new: int = 4,
    capacity: float | ArrayLike | pd.Series | None = None,
    cutoff: float | None = None,
    fixed: Iterable[Hashable] = (),
    forbidden: Iterable[Hashable] = (),
    unserved: Literal["error"] | float = "error",
    *,
    time_limit_s: float = 60.0,
) -> Location:
    """Choose sites by one of the classical location models.

    Parameters
    ----------
    costs
        Demand × sites, metres or minutes: an array or wide table (``inf``: out of reach), a scipy.sparse
        matrix (stored zeros are costs, what is absent is out of reach) or a table ``demand, site, cost``.
        NaN is refused.
    demand
        People at each demand point, >= 0; one each if None. A Series is matched by its index.
    model
        ``lscp``: the fewest sites that reach everybody; ``mclp``: the most people within reach;
        ``p-median``: least sum of people times cost; ``p-center``: least greatest cost of anybody.
    new
        How many sites to open besides those fixed; ``lscp`` determines that itself.
    capacity
        People a site can take, one number or one per site, for ``mclp`` and ``p-median``. People of one
        demand point may then go to different sites.
    cutoff
        Greatest cost, inclusive, at which a site serves anybody, in the unit of `costs`.
    fixed, forbidden
        Ids of sites that are open anyhow, and that must not be opened.
    unserved
        ``"error"``: everybody must be served, except with ``mclp``. A number: what it costs to leave one
        person unserved; with ``lscp`` whoever can be reached by no site is left out.
    time_limit_s
        For search and proof as a whole, reading and compiling not counted. A good choice is made in any case.

    Returns
    -------
    Location
        ``sites``, ``assignment``, ``objective``, and ``bound``: what no choice of as many sites betters.
        ``render()`` says both in a sentence.

    Raises
    ------
    InputError
        With everything wrong with the arguments; or, in words and amounts, why there is no answer: people
        out of reach, too few sites and how many are needed, too little room and how much is missing.

    Notes
    -----
    Greedy and vertex interchange (Teitz and Bart 1968, Whitaker 1983), iterated from sets moved at random,
    choose the sites; Lagrangean relaxation (Cornuejols, Fisher and Nemhauser 1977), its prices raised by the
    volume algorithm (Barahona and Anbil 2000), bounds them; what the bound leaves open is solved by HiGHS in
    Elloumi's (2010) formulation. Row weighting (Gao, Weise and Li 2015) makes covers small.
    With capacity, the cost of a set of sites is a flow (shortest augmenting paths; Ahuja, Magnanti and Orlin
    1993), the bound fills each site by who gains most (Cornuejols, Sridharan and Thizy 1991), and HiGHS
    solves the model with a flow per pair where it is small.

    Examples
    --------
    Four blocks on a street with 40, 10, 10 and 40 people, 100 m apart; a site may stand at each.

    >>> import numpy as np
    >>> from lifecircle import locate
    >>> metres = 100.0 * np.abs(np.subtract.outer(range(4), range(4)))
    >>> best = locate(metres, [40, 10, 10, 40], model="p-median", new=2)
    >>> list(best.sites), best.objective, best.proven
    ([0, 3], 2000.0, True)
    >>> list(best.assignment)
    [0, 0, 3, 3]
    >>> locate(metres, [40, 10, 10, 40], model="mclp", new=1, cutoff=100).objective
    60.0
    """
    faults = Faults()
    check_time_limit(time_limit_s, faults)
    with faults.collect():
        task = read_task(
            costs,
            model=model,
            new=new,
            fixed=fixed,
            unserved=unserved,
            demand=demand,
            capacity=capacity,
            cutoff=cutoff,
            forbidden=forbidden,
        )
    faults.raise_if_any()
    return solve(task, seconds=time_limit_s)


def solve(task: LocationTask, *, seconds: float | None = None, budget: TimeBudget | None = None) -> Location:
    """Solve a task within so many seconds from now, or within a budget that other tasks share."""
    capacitated = task.capacity is not None
    compile_kernels(capacitated=capacitated)
    if budget is None:
        budget = TimeBudget.of(60.0 if seconds is None else seconds)
    return _SOLVE[task.model, capacitated](task, budget)
