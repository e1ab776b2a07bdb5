"""Which of a file's columns is which of ours."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import pandas as pd

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.cell_values import key

__all__ = ["LATITUDE", "LONGITUDE", "Wanted", "choose_columns", "find_column"]

Wanted: TypeAlias = Mapping[str, tuple[str, ...]]
"""Our column to the names a file may give it, most wanted first."""

LONGITUDE = ("x", "lon", "lng", "long", "longitude", "经度")
LATITUDE = ("y", "lat", "latitude", "纬度")


def find_column(names: Iterable[str], candidates: Iterable[str]) -> str | None:
    """The first candidate that a file has: as written, else without regard to case, width and spaces."""
    listed = list(names)
    by_key: dict[str, str] = {}
    for name in listed:
        by_key.setdefault(key(name), name)
    for candidate in candidates:
        if candidate in listed:
            return candidate
        if key(candidate) in by_key:
            return by_key[key(candidate)]
    return None


def choose_columns(
    frame: pd.DataFrame, wanted: Wanted, *, required: Collection[str], file: str, layer: str = ""
) -> pd.DataFrame:
    """The wanted columns under our names, those the file lacks left out.

    Parameters
    ----------
    frame
        Attributes as read; a column ``geometry`` is kept.
    wanted
        Our names to theirs.
    required
        Our names that must be found.
    file, layer
        For the faults.

    Raises
    ------
    InputError
        One ``missing-column`` fault per required column that is not there, with those that are.
    """
    names = [str(name) for name in frame.columns if name != "geometry"]
    faults, found = [], {}
    for ours, candidates in wanted.items():
        theirs = find_column(names, candidates)
        if theirs is not None:
            found[ours] = theirs
        elif ours in required:
            near = difflib.get_close_matches(candidates[0], names, n=1)
            faults.append(
                Fault(
                    "missing-column",
                    file=file,
                    layer=layer,
                    values={
                        "column": candidates[0],
                        "found": ", ".join(names),
                        "ours": ours,
                        "nearest": near[0] if near else "…",
                    },
                )
            )
    if faults:
        raise InputError(faults)
    chosen = {ours: frame[theirs] for ours, theirs in found.items()}
    return pd.DataFrame(chosen, index=frame.index)
