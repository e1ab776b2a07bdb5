"""Accessibility as what people can reach: cumulative opportunities, and gravity with distance decay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, shown
from lifecircle.measures.decay import Decay, steps
from lifecircle.measures.indexes import community_codes, require_same_index
from lifecircle.tables import Costs, CostsLike, read_amounts, read_costs

__all__ = ["cumulative_opportunities", "gravity", "mean_by_community"]


def cumulative_opportunities(
    costs: CostsLike,
    opportunities: ArrayLike | pd.Series | None = None,
    *,
    cutoffs: float | Sequence[float],
    demand: pd.Index | None = None,
) -> pd.DataFrame:
    """Opportunities within each cutoff (Wachs and Kumagai 1973).

    Parameters
    ----------
    costs
        Demand × sites, minutes or metres, as for `locate`: an array (``inf`` out of reach), a sparse matrix
        or a table ``demand, site, cost``.
    opportunities
        What each site counts: jobs, places; one each if None. A Series is matched by its index.
    cutoffs
        Costs, inclusive, ascending: for example 5, 10 and 15 minutes; one number for one cutoff.
    demand
        Ids of the demand points; those of `costs` if None. Points that reach nothing count 0.

    Returns
    -------
    DataFrame
        Demand points × cutoffs, float64, indexed like `demand`; never fewer at a greater cutoff.

    Raises
    ------
    InputError
        With everything wrong with the arguments.

    Examples
    --------
    Three shops with 2, 3 and 7 jobs; the second home reaches none of them.

    >>> import lifecircle as lc
    >>> minutes = [[5, 10.5, 15], [float("inf"), 40, 16]]
    >>> lc.cumulative_opportunities(minutes, [2, 3, 7], cutoffs=[5, 10, 15])
    cutoff   5    10    15
    demand
    0       2.0  2.0  12.0
    1       0.0  0.0   0.0
    """
    faults = Faults()
    with faults.collect():
        steps(cutoffs)  # bands are counted one by one, but refused together
    read, amount = _read(costs, opportunities, demand, faults)
    # each cutoff counts from no cost on: figures cumulate
    bands = {
        end: _sums(read, amount * steps([end])(read.cost))
        for end in np.atleast_1d(np.asarray(cutoffs)).tolist()
    }
    return pd.DataFrame(bands, index=read.demand).rename_axis(columns="cutoff")


def gravity(
    costs: CostsLike,
    opportunities: ArrayLike | pd.Series | None = None,
    *,
    decay: Decay,
    demand: pd.Index | None = None,
) -> pd.Series:
    """Gravity accessibility: opportunities weighted by distance decay (Hansen 1959).

    Parameters
    ----------
    costs, opportunities, demand
        As for `cumulative_opportunities`.
    decay
        Weight of a cost: `negative_exponential`, `gaussian`, `steps`, or any function of an array of costs.

    Returns
    -------
    Series
        ``gravity``, float64, one row per demand point; 0 where nothing is in reach.

    Raises
    ------
    InputError
        With everything wrong with the arguments.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.gravity([[0, 10], [10, 20]], [100, 50], decay=lc.negative_exponential(0.1)).round(1).tolist()
    [118.4, 43.6]
    """
    faults = Faults()
    if not callable(decay):
        faults.add(Fault("decay-function", field="decay", values={"found": shown(decay)}))
    # the sum over sites of amount times decay of the cost
    read, amount = _read(costs, opportunities, demand, faults)
    return pd.Series(_sums(read, amount * decay(read.cost)), index=read.demand, name="gravity")


def mean_by_community(demand: pd.DataFrame, values: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """A figure of demand points as the mean over the residents of each community.

    Parameters
    ----------
    demand
        One row per demand point: ``community`` (``""`` outside every one) and ``residents``.
    values
        Figures per demand point, finite; indexed like `demand`.

    Returns
    -------
    DataFrame
        Indexed by community, sorted; NaN where nobody lives.

    Raises
    ------
    MismatchedIndexError
        If `values` is not indexed like `demand`.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"community": ["A", "A"], "residents": [10.0, 30.0]})
    >>> mean_by_community(homes, pd.Series([3.0, 1.0], name="shops"))["shops"].to_dict()
    {'A': 1.5}
    """
    require_same_index(demand, values, what="figures")
    table = values.to_frame() if isinstance(values, pd.Series) else values
    codes, names = community_codes(demand)
    people = demand["residents"].fillna(0.0).to_numpy(dtype=np.float64)
    placed = codes >= 0
    # sum of people times figure over sum of people; points outside every community count nowhere
    lived = np.bincount(codes[placed], weights=people[placed], minlength=len(names))
    means = {}
    for name in table.columns:
        felt = people * table[name].to_numpy(dtype=np.float64)
        sums = np.bincount(codes[placed], weights=felt[placed], minlength=len(names))
        means[name] = np.divide(sums, lived, out=np.full(len(names), np.nan), where=lived > 0)
    return pd.DataFrame(means, index=names)


def _read(
    costs: CostsLike, opportunities: ArrayLike | pd.Series | None, demand: pd.Index | None, faults: Faults
) -> tuple[Costs, NDArray[np.float64]]:
    """The pairs, and what the site of each counts; everything wrong is raised with `faults`."""
    require("ids", optional=True, demand=demand)
    # an index names demand or sites that have no pair, so that they are not lost
    named = None if demand is None else pd.Series(1.0, index=pd.Index(demand))
    sites = opportunities.index if isinstance(opportunities, pd.Series) else None
    with faults.prepend_to():
        read = read_costs(costs, named, sites=sites)
    counted = np.ones(len(read.sites))
    if opportunities is not None:
        counted = read_amounts(opportunities, read.sites, "opportunities", faults)
    faults.raise_if_any()
    return read, counted[read.site]


def _sums(costs: Costs, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of the pairs, added up by row."""
    sums = np.bincount(costs.row, weights=values, minlength=len(costs.demand))
    return sums.astype(np.float64)
