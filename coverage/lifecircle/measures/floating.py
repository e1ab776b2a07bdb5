"""Floating catchments: supply per person within reach, shared with competing demand."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, LifecircleWarning, closest
from lifecircle.measures.decay import Decay, steps
from lifecircle.messages import text
from lifecircle.tables import CostsLike, read_amounts, read_costs

__all__ = ["FLOATING_METHODS", "FloatingMethod", "floating_catchment"]

FloatingMethod = Literal["2sfca", "e2sfca", "m2sfca", "3sfca"]
FLOATING_METHODS: Final = ("2sfca", "e2sfca", "m2sfca", "3sfca")


def floating_catchment(  # noqa: PLR0917  the order of arguments is public
    costs: CostsLike,
    demand: ArrayLike | pd.Series | None,
    supply: ArrayLike | pd.Series,
    method: FloatingMethod = "2sfca",
    cutoffs: float | Sequence[float] | None = None,
    weights: float | Sequence[float] | Decay | None = None,
) -> pd.Series:
    """Supply per person that each demand point can reach, shared with everybody else who can.

    Parameters
    ----------
    costs
        Demand × sites, as for `locate`.
    demand
        People at each demand point.
    supply
        What each site offers (beds, doctors, places), >= 0. A Series is matched by its index, and names
        the sites of a table: those nobody reaches are not forgotten.
    method
        With W the weight of a cost, P people and S supply, and R_j = S_j / Σ_k P_k W_kj:
        ``2sfca`` Σ_j R_j within one cutoff (Luo and Wang 2003); ``e2sfca`` Σ_j R_j W_ij (Luo and Qi
        2009); ``m2sfca`` Σ_j R_j W_ij², which does not hand all supply out where all of it is far
        (Delamater 2013); ``3sfca`` both W times G_ij = W_ij / Σ_j W_ij, the share of a person's visits
        that goes there (Wan, Zou and Sternberg 2012).
    cutoffs
        Upper ends of the bands of cost, inclusive, ascending; one number for one band.
    weights
        One per band, or a function of the cost such as `gaussian(sigma)`, which then counts up to the
        last cutoff, or everywhere where none is given. Without weights every cost counts alike, so that
        ``e2sfca`` and ``m2sfca`` are ``2sfca``: a `LifecircleWarning` says so.

    Returns
    -------
    Series
        Named after the method, one row per demand point: 0 where no site is in reach. A site that nobody
        lives in reach of adds nothing.

    Raises
    ------
    InputError
        With everything wrong with the arguments.

    Examples
    --------
    Two villages share a clinic with 10 doctors; a second clinic with 2 is near the second village alone.

    >>> import lifecircle as lc
    >>> minutes = [[5, 99], [10, 5]]
    >>> lc.floating_catchment(minutes, [100, 400], [10, 2], cutoffs=15).round(3).tolist()
    [0.02, 0.025]
    >>> doctors = lc.floating_catchment(minutes, [100, 400], [10, 2], "e2sfca", [5, 15], [1.0, 0.5])
    >>> doctors.round(4).tolist()
    [0.0333, 0.0217]
    """
    require("text", method=method)
    faults = Faults()
    if method not in FLOATING_METHODS:
        nearest = closest(method, FLOATING_METHODS, n=1) or ["2sfca"]
        values = {"found": method, "valid": ", ".join(FLOATING_METHODS), "nearest": nearest[0]}
        faults.add(Fault("floating-method", field="method", values=values))
    # 2SFCA has one band by definition; without a cutoff only a function can weigh
    if cutoffs is None and not callable(weights):
        faults.add(Fault("floating-no-cutoff", field="cutoffs"))
    if method == "2sfca" and (weights is not None or (cutoffs is not None and np.size(cutoffs) != 1)):
        faults.add(Fault("floating-one-cutoff", field="cutoffs"))
    # how much a cost counts: a step per band, or a function cut off at the last of them
    weigh = _weigher(cutoffs, weights, faults)
    with faults.prepend_to():
        read = read_costs(costs, demand, sites=supply.index if isinstance(supply, pd.Series) else None)
    offered = read_amounts(supply, read.sites, "supply", faults)
    faults.raise_if_any()
    if method in {"e2sfca", "m2sfca"} and weights is None:
        warnings.warn(text("cli.floating-unweighted", "en", method=method), LifecircleWarning, stacklevel=2)
    row, site = read.row, read.site
    weight = weigh(read.cost)
    if method == "3sfca":
        # Competition weight: the share of visits that goes to each site.
        everything = np.bincount(row, weights=weight, minlength=len(read.demand))[row]
        weight = weight * np.divide(weight, everything, out=np.zeros(len(weight)), where=everything > 0)
    # Step one: supply per person who wants it. Step two: what each demand point reaches of it.
    wanted = np.bincount(site, weights=weight * read.people[row], minlength=len(offered))
    ratio = np.divide(offered, wanted, out=np.zeros(len(offered)), where=wanted > 0)
    # Modified 2SFCA weighs distance twice: far supply is not handed out in full
    felt = weight * weight if method == "m2sfca" else weight
    supplied = np.bincount(row, weights=felt * ratio[site], minlength=len(read.demand))
    return pd.Series(supplied.astype(np.float64), index=read.demand, name=method)


def _weigher(
    cutoffs: float | Sequence[float] | None, weights: float | Sequence[float] | Decay | None, faults: Faults
) -> Decay:
    """Weight of a cost, by bands or by a function cut off at the last of them."""
    banded = steps([0.0])
    if cutoffs is not None:
        with faults.collect():
            banded = steps(cutoffs, None if callable(weights) else weights)
    if not callable(weights):
        return banded
    # a function counts up to the last cutoff: the band's 1 or 0 times its weight
    return weights if cutoffs is None else lambda cost: banded(cost) * weights(cost)
