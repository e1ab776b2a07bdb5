"""Whether two results folders hold the same, file by file.

    python benchmarks/same_results.py before after

Files are the same where their bytes are. Of archives (.xlsx, .docx, .qgz) the members' bytes count, of a
GeoPackage the rows of every table, of a PDF all but its date; of run.json what is not about the run itself.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ARCHIVES = {".xlsx", ".docx", ".qgz"}
OWN_TO_A_RUN = {"timings_s", "reused", "files"}
TIMES = re.compile(
    rb"<dcterms:(created|modified)[^>]*>[^<]*<|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?"
)
"""What files say of when they were written."""


def main() -> None:
    """Compare, print what differs; exit code 1 where anything does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    asked = parser.parse_args()
    different = differing_files(asked.before, asked.after)
    print(*different or ["the same"], sep="\n")
    raise SystemExit(bool(different))


def differing_files(before: Path, after: Path) -> list[str]:
    """Files of two results folders that are not the same, or are in one of them alone."""
    one, other = (_files(folder) for folder in (before, after))
    alone = sorted(set(one) ^ set(other))
    both = sorted(set(one) & set(other))
    return alone + [name for name in both if not _same(one[name], other[name])]


def _files(folder: Path) -> dict[str, Path]:
    """Every file of a folder by its path in it."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _same(one: Path, other: Path) -> bool:
    """Whether two files hold the same."""
    if _digest([one.read_bytes()]) == _digest([other.read_bytes()]):
        return True
    return _digest(_content(one)) == _digest(_content(other))


def _digest(parts: list[bytes] | Iterator[bytes]) -> str:
    """Hash of some bytes."""
    hashed = hashlib.blake2b()
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest()


def _content(path: Path) -> Iterator[bytes]:
    """What a file holds, beside when it was written."""
    if path.suffix in ARCHIVES:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                yield name.encode()
                inner = archive.read(name)
                yield TIMES.sub(b"", inner) if name.startswith("docProps/") else inner
    elif path.suffix == ".gpkg":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            yield from _rows(file)
    elif path.suffix == ".pdf":
        yield re.sub(rb"/CreationDate \([^)]*\)", b"", path.read_bytes())
    elif path.name == "run.json":
        told = json.loads(path.read_text(encoding="utf-8"))
        kept = {key: value for key, value in told.items() if key not in OWN_TO_A_RUN}
        # whether anything is kept changes no result
        for table in ("study", "streets"):
            kept["settings"][table].pop("cache", None)
        yield json.dumps(kept, sort_keys=True).encode()
    else:
        yield path.read_bytes()


def _rows(file: sqlite3.Connection) -> Iterator[bytes]:
    """Every row of every table, in its order, beside the times of writing."""
    tables = [name for (name,) in file.execute("select name from sqlite_master where type = 'table'")]
    for table in sorted(tables):
        columns = [row[1] for row in file.execute(f'pragma table_info("{table}")')]
        kept = [name for name in columns if name not in {"last_change", "update_time", "timestamp"}]
        if table.startswith("sqlite_") or not kept:
            continue
        yield f"{table}: {kept}".encode()
        names = ", ".join(f'"{name}"' for name in kept)
        for row in file.execute(f'select {names} from "{table}"'):  # noqa: S608  names of its own tables
            yield repr(row).encode()


if __name__ == "__main__":
    main()
