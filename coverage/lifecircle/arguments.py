"""Refuses arguments of a type that nothing can be made of, from whoever calls from Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any, Final

from lifecircle import messages
from lifecircle.errors import Fault, Faults

__all__ = ["require", "require_method"]


def _is_number(value: Any) -> bool:
    """A number that is no truth value."""
    return isinstance(value, Real) and not _is_flag(value)


def _is_flag(value: Any) -> bool:
    """A truth value, also one of numpy."""
    return isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"}


def _is_numbers(value: Any) -> bool:
    """A number, or a list of numbers."""
    if _is_number(value):
        return True
    listed = hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)
    return listed and getattr(value, "ndim", 1) == 1 and all(map(_is_number, value))


def _is_places(value: Any) -> bool:
    """A table with a geometry, or a column of geometries: what geopandas gives."""
    return getattr(value, "geometry", None) is not None and hasattr(value, "crs")


_IS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "number": _is_number,
    "count": lambda value: isinstance(value, Integral) and not _is_flag(value),
    "flag": _is_flag,
    "text": lambda value: isinstance(value, str),
    "path": lambda value: isinstance(value, str | os.PathLike) and bool(str(value)),
    "points": _is_places,
    "outline": _is_places,
    "series": lambda value: hasattr(value, "index") and hasattr(value, "to_numpy") and value.ndim == 1,
    "rows": lambda value: hasattr(value, "index") and hasattr(value, "columns"),
    "numbers": _is_numbers,
    "ids": lambda value: (
        hasattr(value, "__len__")
        and not isinstance(value, str | bytes | Mapping)
        and getattr(value, "ndim", 1) == 1
    ),
}


def require(kind: str, *, optional: bool = False, **given: Any) -> None:
    """Refuse arguments that are not of a kind, all of them at once.

    Parameters
    ----------
    kind
        ``number``, ``numbers`` (one or a list), ``count`` (a whole number), ``flag``, ``text``, ``path``,
        ``points`` or ``outline`` (a GeoDataFrame or GeoSeries), ``series``, ``rows`` (a DataFrame), ``ids``
        (a list).
    optional
        Whether None will do.
    **given
        The arguments, by their names.

    Raises
    ------
    InputError
        With every argument that is of another kind.
    """
    faults = Faults()
    for name, value in given.items():
        if not (value is None and optional) and not _IS[kind](value):
            faults.add(_wrong(name, value, kind))
    faults.raise_if_any()


def require_method(method: str, wanted: str, **given: Any) -> None:
    """Refuse arguments that lack what makes them of a kind: a study's ``travel``, a network's ``digest``.

    Raises
    ------
    InputError
        With every argument without that attribute; `wanted` is a key under ``faults.wanted``.
    """
    faults = Faults()
    for name, value in given.items():
        if not hasattr(value, method):
            faults.add(_wrong(name, value, wanted))
    faults.raise_if_any()


def _wrong(name: str, value: object, wanted: str) -> Fault:
    """An argument of a wrong type, and what will do."""
    values = {"found": type(value).__name__, "expected": messages.Words(f"faults.wanted.{wanted}")}
    return Fault("wrong-type", field=name, values=values)
