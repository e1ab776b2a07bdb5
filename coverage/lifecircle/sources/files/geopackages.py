"""A GeoPackage before GDAL opens it: views, tables from elsewhere, what is not written to its end."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from lifecircle.errors import Fault, InputError, preview

__all__ = ["LOG", "at_rest", "opened", "views"]

LOG: Final = "-wal"
"""Ends the name of the file beside a GeoPackage that holds what was written to it last."""
_JOURNAL: Final = "-journal"
_HOT: Final = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
"""How a journal begins that SQLite would play back."""
_OWN: Final = ("gpkg_", "sqlite_")
_HARMLESS: Final = re.compile(
    r'CREATE VIRTUAL TABLE (?:IF NOT EXISTS )?("(?:[^"]|"")+"|\w+) USING "?(?:rtree|fts)\w*"?\s*\(',
    re.IGNORECASE,
)
"""Indexes of places and of words hold their rows in the same file; other modules' come from anywhere."""


@contextmanager
def at_rest(path: Path) -> Iterator[Path]:
    """A GeoPackage that nobody writes: itself, or a copy with what another program has written last.

    SQLite would move what lies in the file beside it (``-wal``) into the GeoPackage, and so change an input.

    Raises
    ------
    InputError
        If it is being written, or a program was cut off while it wrote.
    """
    journal, log = (path.with_name(path.name + end) for end in (_JOURNAL, LOG))
    if journal.is_file() and journal.open("rb").read(len(_HOT)) == _HOT:
        raise InputError(Fault("layer-unfinished", file=str(path), values={"part": journal.name}))
    if not (log.is_file() and log.stat().st_size):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="lifecircle-") as folder:
        copy = Path(folder) / path.name
        before = _states(path, log)
        shutil.copy(path, copy)
        shutil.copy(log, copy.with_name(log.name))
        if _states(path, log) != before:
            raise InputError(Fault("layer-unfinished", file=str(path), values={"part": log.name}))
        with closing(sqlite3.connect(copy)) as book:
            book.execute("PRAGMA trusted_schema = OFF")
            book.execute("PRAGMA journal_mode = DELETE")  # what was written last goes into the copy
        yield copy


def _states(*files: Path) -> list[tuple[int, int]]:
    """Size and time of files, which change with each write."""
    return [(seen.st_size, seen.st_mtime_ns) for seen in (file.stat() for file in files)]


def opened(path: Path) -> closing[sqlite3.Connection]:
    """A GeoPackage at rest as a database that is only read, whose schema runs nothing."""
    book = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    book.execute("PRAGMA trusted_schema = OFF")
    return closing(book)


def views(path: Path, file: Path) -> frozenset[str]:
    """Views of a GeoPackage: reading one runs whatever query its maker wrote.

    SQLite's own reading of the schema counts, not the words in it.

    Parameters
    ----------
    path
        The GeoPackage at rest.
    file
        The one the user knows.

    Raises
    ------
    InputError
        If rows of a table are computed from other files, or nobody can say from what.
    ValueError
        If one of the tables that GeoPackage itself reads on opening is a view or virtual.
    """
    with opened(path) as book:
        listed = book.execute("SELECT coalesce(sql, '') FROM sqlite_master").fetchall()
        tables = book.execute("PRAGMA table_list").fetchall()
    kinds = {str(name): str(kind) for schema, name, kind, *_ in tables if schema == "main"}
    virtual = {name for name, kind in kinds.items() if kind == "virtual"}
    indexes = {
        made[1].strip('"').replace('""', '"').casefold()
        for (sql,) in listed
        if (made := _HARMLESS.match(str(sql)))
    }
    if elsewhere := sorted(name for name in virtual if name.casefold() not in indexes):
        values = {"found": preview(elsewhere)}
        raise InputError(Fault("layer-from-elsewhere", file=str(file), values=values))
    queried = virtual | {name for name, kind in kinds.items() if kind == "view"}
    if any(name.lower().startswith(_OWN) for name in queried):
        raise ValueError("a table of the GeoPackage itself is a view")
    return frozenset(queried)
