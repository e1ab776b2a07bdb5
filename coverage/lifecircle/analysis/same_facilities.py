"""Which facilities of two runs are the same, whatever their ids and files, and what changed of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.tables import CATCHMENT

__all__ = ["FACILITY_LEVELS", "bare_code", "facilities_changed", "one_code", "pair_facilities", "services_of"]

FACILITY_LEVELS: Final = (CATCHMENT, "facility")
"""Levels of findings whose code is the id of a facility."""
_SAME_BY: Final = (["service", "place", "name"], ["service", "place"])
"""What is alike in a facility of both runs: the name too, and of those left over the place alone."""
_NOT_READ: Final = frozenset(
    {"facility", "service", "place", "source", "community", "inside", "site_from_outline"}
)
"""Columns that know the facility, or that the run derived from elsewhere: nobody wrote them of it."""
_DIFFERS: Final = 1e-4
"""Share by which a number differs: the area of one outline varies by less between two studies' systems."""
_ANOTHER: Final = "\0"
"""Marks the id of a facility of the first run that is not the one of the same id in the second."""


def pair_facilities(before: pd.DataFrame, after: pd.DataFrame) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Positions in two runs' facilities of the rows that are the same: same service, place and name.

    Of those left over, same service and place: it has another name now. Of several alike, the first
    is the first's.

    Parameters
    ----------
    before, after
        A row per facility and service: ``service, place, name``.

    Examples
    --------
    >>> import pandas as pd
    >>> before = pd.DataFrame({"service": ["park", "park"], "place": "1 2", "name": ["A", "B"]})
    >>> [where.tolist() for where in pair_facilities(before, before.iloc[::-1])]
    [[0, 1], [1, 0]]
    """
    left, right = (
        table[["service", "place", "name"]].fillna("").astype(object).assign(row=np.arange(len(table)))
        for table in (before, after)
    )
    matched = [pd.DataFrame({"row_x": [], "row_y": []}, dtype=np.intp)]
    for keys in _SAME_BY:
        # the first of several alike is the first, the second the second
        turned = [one.assign(turn=one.groupby(keys).cumcount()) for one in (left, right)]
        pairs = turned[0].merge(turned[1], on=[*keys, "turn"])[["row_x", "row_y"]]
        left, right = left[~left["row"].isin(pairs["row_x"])], right[~right["row"].isin(pairs["row_y"])]
        matched.append(pairs)
    both = pd.concat(matched).sort_values("row_x")
    return both["row_x"].to_numpy(np.intp), both["row_y"].to_numpy(np.intp)


def facilities_changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Facilities that were added, removed or read with other figures: ``service, community, how``."""
    one, other = pair_facilities(before, after)
    figures = [name for name in after.columns if name in before.columns and name not in _NOT_READ]
    was, now = before.iloc[one], after.iloc[other]
    differs = np.zeros(len(one), dtype=bool)
    for name in figures:
        differs |= _differ(was[name], now[name])
    parts = [
        (after.drop(after.index[other]), "added"),
        (before.drop(before.index[one]), "removed"),
        (now[differs], "changed"),
    ]
    rows = [table[["service", "community"]].assign(how=how) for table, how in parts]
    return pd.concat(rows, ignore_index=True)


def _differ(before: pd.Series, after: pd.Series) -> NDArray[np.bool_]:
    """Where two columns say something else; unknown is like unknown."""
    unknown = [one.isna().to_numpy() for one in (before, after)]
    if all(pd.api.types.is_numeric_dtype(one) for one in (before, after)):
        was, now = (one.to_numpy(np.float64, na_value=np.nan) for one in (before, after))
        with np.errstate(invalid="ignore"):
            other = np.abs(now - was) > _DIFFERS * np.maximum(np.abs(now), np.abs(was))
    else:
        other = before.astype(object).to_numpy() != after.astype(object).to_numpy()
    return np.where(unknown[0] | unknown[1], unknown[0] != unknown[1], other.astype(bool))


def one_code(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str]:
    """Codes that facilities of the first run have in both: the second run's id of the same facility.

    A facility that moved is the same if both runs give it one id and one name. An id that is another
    facility's in the second run is marked, so that the two are never compared: see `bare_code`.
    """
    one, other = pair_facilities(before, after)
    ids = pd.DataFrame(
        {"was": before["facility"].to_numpy()[one], "now": after["facility"].to_numpy()[other]}
    )
    # a facility of several services is one: the id it keeps, else that of its first service
    ids = ids.iloc[np.argsort((ids["was"] != ids["now"]).to_numpy(), kind="stable")]
    ids = ids.drop_duplicates("was").drop_duplicates("now")
    codes = dict(zip(ids["was"], ids["now"], strict=True))
    taken = set(ids["now"])
    named = dict(zip(after["facility"], after["name"].fillna(""), strict=True))
    for code, name in zip(before["facility"], before["name"].fillna(""), strict=True):
        moved = code not in taken and name != "" and named.get(code) == name
        codes.setdefault(code, code if moved or code not in named else f"{code}{_ANOTHER}")
    return codes


def bare_code(codes: pd.Series) -> pd.Series:
    """Codes as the runs wrote them."""
    return codes.str.removesuffix(_ANOTHER)


def services_of(facilities: pd.DataFrame) -> dict[str, Sequence[str]]:
    """Services that each facility offers, by id."""
    return {str(code): list(rows) for code, rows in facilities.groupby("facility")["service"]}
