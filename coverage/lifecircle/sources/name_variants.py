"""Names that nobody knows as they are written: what they may mean, and what the user says they mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from lifecircle.messages import LANGUAGES, text
from lifecircle.sources.files.cell_values import key, texts
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog
from lifecircle.tables.checked import NAME_COLUMNS, NameDoubt

__all__ = ["meant", "read_names", "suggested"]

_ENDINGS: Final = re.compile(
    "(街道办事处|办事处|街道|社区居民委员会|社区居委会|居民委员会|居委会|社区|村民委员会|村委会|村|镇|乡)$"
)
_LIKE: Final = 0.6


def read_names(path: Path | None, log: ReadingLog) -> dict[tuple[str, str], str]:
    """What the user says that names mean: from the table that ``check --suggest`` wrote, as it was edited.

    Returns
    -------
    dict
        Kind (``service`` or ``community``) and the name as it compares, to the id or code that is meant.

    Raises
    ------
    InputError
        If the table cannot be read or lacks a column.
    """
    if path is None:
        return {}
    wanted = {name: tuple(text(f"check.names-{name}", lang) for lang in LANGUAGES) for name in NAME_COLUMNS}
    needed = {"kind", "written", "use"}
    rows = read_table(path, log, subject="area", wanted=wanted, required=needed)
    kinds = {
        key(text(f"check.kind-{kind}", lang)): kind for kind in ("service", "community") for lang in LANGUAGES
    }
    said = zip(texts(rows["kind"]), texts(rows["written"]), texts(rows["use"]), strict=True)
    return {(kinds.get(key(kind), kind), key(name)): use for kind, name, use in said if name and use}


def meant(kind: str, name: str, log: ReadingLog) -> str:
    """What the user's table says that a name means; blank where it says nothing."""
    return log.names.get((kind, key(name)), "")


def suggested(kind: str, name: str, known: Mapping[str, str], *, file: str, rows: Iterable[str]) -> NameDoubt:
    """A name that nobody knows, and the id or code whose name is most like it; blank where none is.

    Parameters
    ----------
    kind
        ``service`` or ``community``.
    known
        Names to ids or codes.
    """
    plain = {_plain(said): value for said, value in known.items()}
    if exact := plain.get(_plain(name)):
        return NameDoubt(kind, name, file, ", ".join(rows), exact)
    near = difflib.get_close_matches(_plain(name), list(plain), n=1, cutoff=_LIKE)
    return NameDoubt(kind, name, file, ", ".join(rows), plain[near[0]] if near else "")


def _plain(name: str) -> str:
    """A name without the ending that one list writes and another leaves out."""
    said = key(name)
    short = _ENDINGS.sub("", said)
    return short or said
