"""TOML of a user's own: bounded in size, and in its numbers as TOML bounds them."""

from __future__ import annotations

import errno
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

__all__ = ["BYTES_LIMIT", "read_bounded", "tables_of"]

BYTES_LIMIT: Final = 10_000_000
_WHOLE: Final = 2**63


def read_bounded(path: Path) -> bytes:
    """The bytes of a plain file of at most `BYTES_LIMIT`.

    Raises
    ------
    OSError
        If it is no plain file, is larger (``EFBIG``) or cannot be read.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR) if path.is_dir() else "not a file")
    with path.open("rb") as stream:
        content = stream.read(BYTES_LIMIT + 1)
    if len(content) > BYTES_LIMIT:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def tables_of(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises
    ------
    ValueError
        If it is no TOML, is nested too deeply, or holds a whole number of more than 64 bits, which TOML
        does not have and Python would not print.
    """
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if place := _place_beyond(tree, ""):
        raise ValueError(f"{place}: a whole number of more than 64 bits")
    return tree


def _place_beyond(value: object, place: str) -> str:
    """Where the first whole number of more than 64 bits stands; blank where there is none."""
    if isinstance(value, Mapping):
        inner = ((each, f"{place}.{key}".lstrip(".")) for key, each in value.items())
    elif isinstance(value, list):
        inner = ((each, f"{place}[{number}]") for number, each in enumerate(value, 1))
    else:
        return place if isinstance(value, int) and not -_WHOLE <= value < _WHOLE else ""
    return next((beyond for each, at in inner if (beyond := _place_beyond(each, at))), "")
