"""What it costs people to reach sites: one sparse form of every table or matrix a user may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from lifecircle.errors import Fault, Faults, preview

__all__ = ["Costs", "CostsLike", "is_amount", "read_amounts", "read_costs"]

CostsLike: TypeAlias = "Costs | ArrayLike | pd.DataFrame | scipy.sparse.sparray | scipy.sparse.spmatrix"
_WALKS = {"origin": "demand", "facility": "site", "minutes": "cost"}
"""What a matrix of walks calls its columns."""
_TABLE = frozenset(_WALKS.values())
_MOST_AMOUNT: Final = 1e15
"""More than there is of anybody or anything, and as many as sums hold exactly."""


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs of demand points to sites, row by row; a pair that is not there is out of reach.

    Attributes
    ----------
    demand, sites : ids of the rows and of the columns
    start : int64, one more than rows; the pairs of row ``i`` are ``start[i]`` to ``start[i + 1] - 1``
    site : int64, position of each pair's site, ascending within a row
    cost : float64, finite, >= 0; in the caller's unit
    people : float64, >= 0, who lives at each demand point
    """

    demand: pd.Index
    sites: pd.Index
    start: NDArray[np.int64]
    site: NDArray[np.int64]
    cost: NDArray[np.float64]
    people: NDArray[np.float64]

    @property
    def row(self) -> NDArray[np.int64]:
        """Row of each pair."""
        return np.repeat(np.arange(len(self.demand), dtype=np.int64), np.diff(self.start))

    @property
    def matrix(self) -> scipy.sparse.csr_array:
        """The costs as a sparse matrix, zeros stored."""
        shape = (len(self.demand), len(self.sites))
        return scipy.sparse.csr_array((self.cost, self.site, self.start), shape=shape)

    def only(self, kept: NDArray[np.bool_]) -> Costs:
        """The same rows and columns with only the pairs that are kept."""
        count = np.bincount(self.row[kept], minlength=len(self.demand))
        start = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
        return Costs(self.demand, self.sites, start, self.site[kept], self.cost[kept], self.people)


class _Pairs(NamedTuple):
    """Pairs as given, with the labels that came with them."""

    row: NDArray[np.int64]
    site: NDArray[np.int64]
    cost: NDArray[np.float64]
    demand: pd.Index
    sites: pd.Index


def read_costs(
    costs: CostsLike,
    demand: ArrayLike | pd.Series | None = None,
    *,
    sites: Sequence[object] | pd.Index | None = None,
) -> Costs:
    """Bring costs and demand into one sparse form.

    Parameters
    ----------
    costs
        A demand × sites array (``inf``: out of reach), a wide DataFrame of the same, a scipy.sparse
        matrix (stored zeros are costs; what is not stored is out of reach), or a DataFrame with columns
        ``demand``, ``site`` and ``cost``, or as `travel_matrix` gives it, whose minutes are the costs (a row
        without a facility says that its origin reaches none); or what this function gave, with its people.
        NaN, negative costs and pairs given twice are refused.
    demand
        People at each demand point; one each if None. A Series names the points: of a table or a wide
        DataFrame the rows are looked up by its index, so points that reach nothing are not forgotten.
    sites
        Ids of the sites; those of `costs`, or running numbers, if None.

    Returns
    -------
    Costs
        Rows in the order of `demand` where that is a Series, else of `costs`; a table's in order of
        first appearance.

    Raises
    ------
    InputError
        With everything wrong with both.
    """
    if isinstance(costs, Costs):
        return costs
    faults = Faults()
    points = demand.index if isinstance(demand, pd.Series) else None
    columns = None if sites is None else pd.Index(sites)
    if isinstance(costs, pd.DataFrame) and set(_WALKS) <= set(costs.columns):
        costs = costs.rename(columns=_WALKS)[list(_WALKS.values())]
    if isinstance(costs, pd.DataFrame) and not _TABLE.isdisjoint(costs.columns):
        _require_columns(costs, faults)
        pairs = _from_table(costs, points, columns, faults)
    elif scipy.sparse.issparse(costs):
        pairs = _from_sparse(costs, points, columns, faults)
    else:
        pairs = _from_dense(costs, points, columns, faults)
    _check(pairs, faults)
    people = (
        np.ones(len(pairs.demand)) if demand is None else read_amounts(demand, pairs.demand, "demand", faults)
    )
    for name, ids in (("demand", pairs.demand), ("site", pairs.sites)):
        if not ids.is_unique:
            twice = preview(ids[ids.duplicated()])
            faults.add(Fault("cost-id-twice", field="costs", values={"what": name, "found": twice}))
    faults.raise_if_any()
    # pairs in reach as compressed rows, sites ascending within each
    reached = pairs.cost < np.inf
    row, site, cost = pairs.row[reached], pairs.site[reached], pairs.cost[reached]
    order = np.lexsort((site, row))
    start = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(pairs.demand))))).astype(np.int64)
    return Costs(pairs.demand, pairs.sites, start, site[order], cost[order], people)


def is_amount(value: object) -> bool:
    """Whether something is one number, finite and not negative."""
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) < np.inf


def read_amounts(
    amounts: ArrayLike | pd.Series, ids: pd.Index, field: str, faults: Faults
) -> NDArray[np.float64]:
    """People, places or capacity, one per id: a Series by its index, other values in order.

    Whatever is wrong is added to `faults`, and zeros returned.
    """
    nothing = np.zeros(len(ids))
    if isinstance(amounts, pd.Series) and not amounts.index.equals(ids):
        missing, foreign = ids.difference(amounts.index), amounts.index.difference(ids)
        if not amounts.index.is_unique:
            twice = preview(amounts.index[amounts.index.duplicated()].unique())
            faults.add(Fault("amount-id-twice", field=field, values={"found": twice}))
            return nothing
        if len(missing) or len(foreign):
            values = {"missing": preview(missing) or "-", "foreign": preview(foreign) or "-"}
            faults.add(Fault("amount-index", field=field, values=values))
            return nothing
        amounts = amounts.reindex(ids)
    people = _numbers(amounts, field, faults)
    if people.shape != (len(ids),):
        if people.size or not len(ids):
            shape = " × ".join(map(str, people.shape)) or "1"
            faults.add(Fault("amount-length", field=field, values={"found": shape, "expected": len(ids)}))
        return nothing
    wrong = ~((people >= 0) & (people <= _MOST_AMOUNT))
    if wrong.any():
        named = preview(ids[wrong])
        faults.add(Fault("amount-value", field=field, values={"count": int(wrong.sum()), "found": named}))
    return people


def _from_dense(
    costs: ArrayLike | pd.DataFrame, points: pd.Index | None, sites: pd.Index | None, faults: Faults
) -> _Pairs:
    """Pairs of an array, or of a wide table whose labels must fit those given."""
    labels = (costs.index, costs.columns) if isinstance(costs, pd.DataFrame) else None
    values = _numbers(costs, "costs", faults)
    if values.ndim != 2:
        if values.size or not faults:
            faults.add(Fault("cost-shape", field="costs", values={"found": values.ndim}))
        faults.raise_if_any()
    shape = (values.shape[0], values.shape[1])
    if labels is None:
        demand, columns = _positional(shape, points, sites, faults)
        row, site = np.nonzero(~(values == np.inf))
        return _Pairs(row, site, values[row, site], demand, columns)
    row, site = np.nonzero(~(values == np.inf))
    table = pd.DataFrame({"demand": labels[0][row], "site": labels[1][site], "cost": values[row, site]})
    return _from_table(
        table, labels[0] if points is None else points, labels[1] if sites is None else sites, faults
    )


def _from_sparse(
    costs: scipy.sparse.sparray, points: pd.Index | None, sites: pd.Index | None, faults: Faults
) -> _Pairs:
    """Pairs of a sparse matrix, read as stored: conversions between formats would add duplicates up."""
    entries = costs.tocoo()
    demand, columns = _positional(entries.shape, points, sites, faults)
    cost = np.asarray(entries.data, dtype=np.float64)
    return _Pairs(entries.row.astype(np.int64), entries.col.astype(np.int64), cost, demand, columns)


def _positional(
    shape: tuple[int, int], points: pd.Index | None, sites: pd.Index | None, faults: Faults
) -> tuple[pd.Index, pd.Index]:
    """Labels of a matrix without any: those given, if there are as many, else running numbers."""
    for name, given, count in (("demand", points, shape[0]), ("sites", sites, shape[1])):
        if given is not None and len(given) != count:
            faults.add(Fault("amount-length", field=name, values={"found": len(given), "expected": count}))
    faults.raise_if_any()
    return (
        pd.RangeIndex(shape[0], name="demand") if points is None else points,
        pd.RangeIndex(shape[1], name="site") if sites is None else sites,
    )


def _require_columns(table: pd.DataFrame, faults: Faults) -> None:
    """A long table has all of its columns."""
    missing = [name for name in _WALKS.values() if name not in table.columns]
    if missing:
        values = {"missing": ", ".join(missing), "found": ", ".join(map(str, table.columns))}
        faults.add(Fault("cost-no-column", field="costs", values=values))
    faults.raise_if_any()


def _from_table(
    table: pd.DataFrame, points: pd.Index | None, sites: pd.Index | None, faults: Faults
) -> _Pairs:
    """Pairs of a long table, its ids looked up."""
    demand = pd.Index(table["demand"].unique(), name="demand") if points is None else points
    # whoever reaches nothing stands there with no site and no end of minutes
    table = table[~(table["site"].isna() & np.isinf(table["cost"].to_numpy(float, na_value=np.nan)))]
    columns = pd.Index(table["site"].unique(), name="site") if sites is None else sites
    cost = _numbers(table["cost"], "costs", faults)
    row, site = _positions(table["demand"], demand), _positions(table["site"], columns)
    for name, given, at in (("demand", "demand", row), ("site", "supply", site)):
        if (at < 0).any():
            values = {"found": preview(pd.unique(table.loc[at < 0, name])), "name": given}
            faults.add(Fault("cost-unknown-id", field=f"costs.{name}", values=values))
    faults.raise_if_any()
    return _Pairs(row, site, cost, demand, columns)


def _positions(values: pd.Series, index: pd.Index) -> NDArray[np.int64]:
    """Where each id stands in an index, -1 where it does not; of ids given twice the first."""
    return index.drop_duplicates().get_indexer(values).astype(np.int64)


def _check(pairs: _Pairs, faults: Faults) -> None:
    """Costs are known and not negative, each pair stands once, and there is something to choose from."""
    unknown, negative = np.isnan(pairs.cost), pairs.cost < 0
    for key, wrong in (("cost-nan", unknown), ("cost-negative", negative)):
        if wrong.any():
            values = {
                "count": int(wrong.sum()),
                "found": _preview_pairs(pairs, np.flatnonzero(wrong)),
            }
            faults.add(Fault(key, field="costs", values=values))
    # pairs numbered row by row: equal neighbours in that order are given twice
    pair = pairs.row * max(len(pairs.sites), 1) + pairs.site
    order = np.argsort(pair, kind="stable")
    repeated = order[1:][pair[order][1:] == pair[order][:-1]]
    if len(repeated):
        values = {"count": len(repeated), "found": _preview_pairs(pairs, repeated)}
        faults.add(Fault("cost-pair-twice", field="costs", values=values))
    if not len(pairs.demand) or not len(pairs.sites):
        values = {"demand": len(pairs.demand), "sites": len(pairs.sites)}
        faults.add(Fault("cost-empty", field="costs", values=values))


def _numbers(values: object, field: str, faults: Faults) -> NDArray[np.float64]:
    """Values as float64; what is no number is a fault."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        faults.add(Fault("cost-not-a-number", field=field))
        return np.empty(0)


def _preview_pairs(pairs: _Pairs, at: NDArray[np.int64]) -> str:
    """The first few pairs at the given positions, as demand → site."""
    return preview(at, say=lambda k: f"{pairs.demand[pairs.row[k]]} → {pairs.sites[pairs.site[k]]}")
