"""What the rows of a table of places are called in results."""

from __future__ import annotations

import warnings

import pandas as pd
from pandas.api.types import is_integer_dtype

from lifecircle.errors import LifecircleWarning
from lifecircle.messages import text

__all__ = ["flat_ids", "ids_of", "is_labelled"]

_ID = "id"


def ids_of(places: pd.DataFrame | pd.Series, *, stacklevel: int = 2) -> pd.Index:
    """The ids of places: their index where it is named or not of numbers, else their column ``id``.

    Without such a column the index is all there is. A column that is blank somewhere, or tells one service's
    places not apart, is no id: the index stands in, with a warning.

    Parameters
    ----------
    places
        Points, facilities or candidates.
    stacklevel
        As `warnings.warn` takes it, from here.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = pd.DataFrame({"id": ["a", "b"], "people": [3, 4]})
    >>> ids_of(homes).tolist(), ids_of(homes.rename_axis("home")).tolist()
    (['a', 'b'], [0, 1])
    """
    index = places.index
    if is_labelled(index) or not isinstance(places, pd.DataFrame) or _ID not in places.columns:
        return index
    keys = [_ID, *(["service"] if "service" in places.columns else [])]
    if places[_ID].isna().any() or places.duplicated(keys).any():
        warnings.warn(text("cli.ids-unused", "en"), LifecircleWarning, stacklevel=stacklevel)
        return index
    return pd.Index(places[_ID])


def is_labelled(index: pd.Index) -> bool:
    """Whether somebody chose an index: it has a name, or holds anything but numbers of rows."""
    return any(name is not None for name in index.names) or not is_integer_dtype(index.dtype)


def flat_ids(ids: pd.Index) -> pd.Index:
    """Ids of one level: those of several, such as ``("way", 12)``, become ``way/12``.

    Examples
    --------
    >>> import pandas as pd
    >>> flat_ids(pd.MultiIndex.from_tuples([("way", 12)])).tolist()
    ['way/12']
    """
    return ids if ids.nlevels == 1 else pd.Index(["/".join(map(str, one)) for one in ids])
