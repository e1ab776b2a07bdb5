"""A single file that a command writes: it is replaced whole or not at all."""

from __future__ import annotations

import glob
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import Timeout

from lifecircle.errors import Fault, Faults, InputError
from lifecircle.outputs.writing import held_folder, lock_of, sync, sync_files, told_unwritable

__all__ = ["replaced_file", "require_no_input"]

_PATIENCE_S: Final = 60.0
"""How long a writer waits for another one of the same file, who only needs a moment."""


def require_no_input(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse a file to write that the same command reads.

    Raises
    ------
    InputError
        If `output` is one of them, by whatever name.
    """
    faults = Faults()
    faults.extend(Fault("output-is-input", file=str(path)) for path in inputs if _same(path, output))
    faults.raise_if_any()


def _same(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file; a path that leads nowhere is the same as none."""
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except (OSError, RuntimeError, ValueError):
        return False


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A new file of the same name to write, which takes the place of `path` when the block ends well.

    What a killed command had begun to write here is cleared away first.

    Raises
    ------
    InputError
        If the file cannot be written, or another command goes on writing it.
    """
    goal = path.resolve()
    with told_unwritable(path):
        try:
            with lock_of(goal).acquire(timeout=_PATIENCE_S):
                for left in goal.parent.glob(f".{glob.escape(goal.name)}.new-*"):
                    with held_folder(left):  # what a writer holds is not left behind
                        shutil.rmtree(left)
                scratch = Path(tempfile.mkdtemp(prefix=f".{goal.name}.new-", dir=goal.parent))
                try:
                    fresh = scratch / goal.name
                    with held_folder(scratch):
                        yield fresh
                        sync_files(scratch)
                        fresh.replace(goal)
                        sync(goal.parent)
                finally:
                    with suppress(OSError):
                        shutil.rmtree(scratch)
        except Timeout:
            raise InputError(Fault("output-busy", file=str(goal))) from None
