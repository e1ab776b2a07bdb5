"""Faults of the program itself: told with what was being done, and kept as a file that can be sent in."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from importlib.metadata import version
from typing import Final, Self

from lifecircle.errors import Fault
from lifecircle.messages import Words

__all__ = ["PROGRAM_FAILED", "note_work", "program_fault"]

PROGRAM_FAILED: Final = "program-failed"
"""Key of the fault of whatever nobody expected."""

_PROGRAM: Final = "lifecircle"


class _Work(str):  # noqa: SLOT000  # one an error, which holds it in its own dictionary
    """A note on an error of what was being done, which tracebacks show."""

    file: str
    stage: str | Words

    def __new__(cls, file: str, stage: str | Words) -> Self:
        said = stage.render("en") if isinstance(stage, Words) else stage
        note = super().__new__(cls, f"{_PROGRAM}: " + ", ".join(part for part in (said, file) if part))
        note.file, note.stage = file, stage
        return note

    def __getnewargs__(self) -> tuple[str, str | Words]:  # type: ignore[override]  # str's own takes its text
        """What a copy is made of: workers of a cluster send errors home."""
        return self.file, self.stage


def note_work(error: Exception, *, file: object = "", stage: str | Words = "") -> None:
    """Note on an error of the program what was being done; nothing where nobody says.

    Examples
    --------
    >>> error = KeyError("code")
    >>> note_work(error, file="study.toml", stage="Writing")
    >>> error.__notes__
    ['lifecircle: Writing, study.toml']
    """
    if file or stage:
        error.add_note(_Work(str(file), stage))


def program_fault(error: Exception) -> Fault:
    """What an error that nobody expected says to the user; its traceback is kept in a file to be sent in.

    The file lies in the folder of temporary files, readable by the user alone.
    """
    works = [note for note in getattr(error, "__notes__", ()) if isinstance(note, _Work)]
    values = {
        "stage": next((work.stage for work in works if work.stage), _PROGRAM),
        "error": traceback.format_exception_only(error)[0].partition("\n")[0],
        "place": _place(error),
        "report": _kept(error),
    }
    return Fault(PROGRAM_FAILED, file=next((work.file for work in works if work.file), ""), values=values)


def _place(error: Exception) -> str:
    """Where it was raised, and where the program called that: ``lxml.etree:12 < lifecircle.x:45``."""
    calls = [
        (str(frame.f_globals.get("__name__", "?")), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    own = [call for call in calls if call[0].partition(".")[0] == _PROGRAM]
    named = dict.fromkeys([*calls[-1:], *own[-1:]])
    return " < ".join(f"{module}:{line}" for module, line in named) or "?"


def _kept(error: Exception) -> str | Words:
    """The file that holds the traceback; words for the message itself where none could be written."""
    lines = [
        f"{_PROGRAM} {version(_PROGRAM)}, Python {sys.version.split()[0]}, {platform.platform()}\n",
        f"{' '.join(sys.argv)}\n\n",
        *traceback.format_exception(error),
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="backslashreplace",
            prefix=f"{_PROGRAM}-",
            suffix=".txt",
            delete=False,
        ) as file:
            file.writelines(lines)
    except OSError:
        return Words(f"faults.{PROGRAM_FAILED}.unkept")
    return file.name
