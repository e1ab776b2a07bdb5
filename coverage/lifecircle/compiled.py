"""Compiled code that numba keeps on disk: what an earlier version left behind counts as absent.

An index of kept code names the records that compiled functions take. numba reads all of it before it asks
whether the source is the same, so that a record that has another name or place since would end the program.
"""

from __future__ import annotations

from typing import Any

from numba.core.caching import IndexDataCacheFile

__all__ = ["pass_over_foreign_code"]


def pass_over_foreign_code() -> None:
    """Have numba compile anew where the index of kept code names what is not there any more."""
    load_index = IndexDataCacheFile._load_index  # noqa: SLF001  numba has no other place to say so
    if getattr(load_index, "passes_over", False):
        return

    def load_own_index(file: Any) -> dict[Any, str]:
        """The index, empty where it cannot be understood."""
        try:
            index: dict[Any, str] = load_index(file)
        except (AttributeError, ImportError):
            return {}
        return index

    load_own_index.passes_over = True  # type: ignore[attr-defined]
    IndexDataCacheFile._load_index = load_own_index  # noqa: SLF001
