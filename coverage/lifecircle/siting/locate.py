"""Where so many sites should go: exact where that can be proven in time, with a bound in any case."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal

import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.siting.location import Location
from lifecircle.siting.models.capacitated import cover_most_with_room, least_cost_with_room
from lifecircle.siting.models.coverage import solve_lscp, solve_mclp
from lifecircle.siting.models.distance import solve_p_center, solve_p_median
from lifecircle.siting.task import read_task
from lifecircle.tables import CostsLike

__all__ = ["Model", "locate"]

Model = Literal["lscp", "mclp", "p-median", "p-center"]

_SOLVE = {
    ("lscp", False): solve_lscp,
    ("mclp", False): solve_mclp,
    ("p-median", False): solve_p_median,
    ("p-center", False): solve_p_center,
    ("mclp", True): cover_most_with_room,
    ("p-median", True): least_cost_with_room,
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
    """Choose sites.

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
        How many sites to open besides those fixed; `lscp` finds that out by itself.
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
        For the proof that no choice is better. A good choice is found in any case.

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
    Greedy and vertex interchange (Teitz and Bart 1968, Whitaker 1983), again from sets moved at random, find
    the sites; Lagrangean relaxation (Cornuejols, Fisher and Nemhauser 1977), its prices raised by the volume
    algorithm (Barahona and Anbil 2000), bounds them; what the bound leaves open is solved by HiGHS in
    Elloumi's (2010) formulation. Small covers are found by row weighting (Gao, Weise and Li 2015).
    With capacity, what a set of sites costs is a flow (shortest augmenting paths; Ahuja, Magnanti and Orlin
    1993), the bound fills each site by who gains most (Cornuejols, Sridharan and Thizy 1991), and HiGHS
    solves the model with a flow per pair where it is small.
    """
    task = read_task(
        costs, demand, model, new, capacity, cutoff, fixed, forbidden, unserved, time_limit_s=time_limit_s
    )
    return _SOLVE[model, task.capacity is not None](task)
