"""A file is named while it takes long to read, and where a library gives it up."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from lifecircle.libraries import faults_of_libraries
from lifecircle.messages import spoken_language, text
from lifecircle.messages.plain import plain_text

__all__ = ["naming_its_file"]

SLOW_S: Final = 60.0
"""Seconds after which a file is named, and between one time and the next."""

_LOG: Final = logging.getLogger("lifecircle")

_File = TypeVar("_File")
_Given = ParamSpec("_Given")
_Read = TypeVar("_Read")


def naming_its_file(
    read: Callable[Concatenate[_File, _Given], _Read],
) -> Callable[Concatenate[_File, _Given], _Read]:
    """Have a reader, whose first argument is its file, name it where a library fails or each minute it takes.

    Minutes are told as warnings of the log ``lifecircle``, libraries' errors as `faults_of_libraries` does.
    Sizes bound what a reader takes, but for files that may be large in all honesty: the extract of a country
    takes minutes. It is not ended: whoever waits is told which file it is, and may end the program.
    """

    @functools.wraps(read)
    def reader(file: _File, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Read:
        boundary = faults_of_libraries(file) if isinstance(file, str | Path) else nullcontext()
        with _told_of(file), boundary:
            return read(file, *args, **kwargs)

    return reader


@contextmanager
def _told_of(file: object) -> Iterator[None]:
    """Warn of a file each minute until the block ends."""
    done = threading.Event()

    def tell() -> None:
        """Count the minutes."""
        passed = 0.0
        while not done.wait(SLOW_S):
            passed += SLOW_S
            words = text("cli.slow-file", spoken_language(), file=plain_text(file), seconds=f"{passed:g}")
            _LOG.warning("%s", words)

    threading.Thread(target=tell, daemon=True, name="slow-file").start()
    try:
        yield
    finally:
        done.set()
