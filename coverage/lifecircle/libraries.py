"""What libraries raise, turned into faults: of a file while it is read, of a stage while it is worked out.

There are two boundaries. `library_faults` stands around a parser of foreign bytes, which raises whatever
it pleases. `faults_of_libraries` stands around whatever else is done with a file, around every stage of a job
and around every command: only the libraries' own errors, the system's and want of memory are turned there, so
that a fault of the program stays one, with a note of what was being done.
"""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

from lifecircle.errors import Fault, InputError, LifecircleError
from lifecircle.folders import is_full
from lifecircle.messages import Words
from lifecircle.program_faults import note_work

__all__ = ["closed_at_the_end", "fault_of_library", "faults_of_libraries", "library_faults"]

_LIBRARIES: Final = frozenset(
    {
        "PIL",
        "_csv",
        "docx",
        "geopandas",
        "h3",
        "jinja2",
        "lxml",
        "matplotlib",
        "networkx",
        "numba",
        "numpy",
        "openpyxl",
        "osmium",
        "osmnx",
        "pandas",
        "pyarrow",
        "pyogrio",
        "pyproj",
        "rasterio",
        "scipy",
        "shapely",
        "struct",
        "tomllib",
        "xlsxwriter",
        "xml",
        "zipfile",
        "zlib",
    }
)
"""The packages that errors of libraries come from."""

_LOG: Final = logging.getLogger("lifecircle")


class _Closable(Protocol):
    """What is closed when it is done."""

    def close(self) -> None: ...


_Writer = TypeVar("_Writer", bound=_Closable)


@contextmanager
def library_faults(
    file: object, key: str = "unreadable", *, kind: type[InputError] = InputError, **values: object
) -> Iterator[None]:
    """The boundary of libraries that parse files: whatever they raise becomes a fault that names the file.

    Parameters
    ----------
    file
        What they read.
    key
        Of the fault; its message may tell of ``why``.
    kind
        Of the error raised.
    **values
        Further values of the message.

    Raises
    ------
    InputError
        In place of anything but our own errors, which pass.
    """
    try:
        yield
    except LifecircleError:
        raise
    except MemoryError:
        raise kind(Fault("memory-short", file=str(file))) from None
    except Exception as error:  # noqa: BLE001  # parsers of foreign bytes raise whatever they please
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:  # what is read takes no room itself
            raise InputError(Fault("temporary-full", file=tempfile.gettempdir())) from None
        raise kind(Fault(key, file=str(file), values={"why": _why(error), **values})) from None


@contextmanager
def faults_of_libraries(file: object = "", *, stage: str | Words = "") -> Iterator[None]:
    """The boundary of libraries in work of our own: their errors become a fault of a file, or of a stage.

    Parameters
    ----------
    file
        What is worked on; blank where it is no file of the user's.
    stage
        What is being done, in the user's words.

    Raises
    ------
    InputError
        In place of an error that `fault_of_library` knows.

    Examples
    --------
    >>> import lifecircle as lc
    >>> import shapely
    >>> try:
    ...     with faults_of_libraries("communities.gpkg"):
    ...         shapely.from_wkt("POLYGON ((0")
    ... except lc.InputError as error:
    ...     print(error.faults[0].file, error.faults[0].key)
    communities.gpkg library-failed
    """
    try:
        yield
    except Exception as error:
        fault = fault_of_library(error, file=file, stage=stage)
        if fault is None:
            if not isinstance(error, InputError):
                note_work(error, file=file, stage=stage)
            raise
        _LOG.debug("%s", error, exc_info=error)
        raise InputError(fault) from error


def fault_of_library(error: Exception, *, file: object = "", stage: str | Words = "") -> Fault | None:
    """What a library's error says to the user; None for our own errors and for faults of the program.

    A `TimeoutError` is none either: it says that somebody waited, not what is wrong.
    """
    if isinstance(error, TimeoutError | LifecircleError):
        return None
    if isinstance(error, RuntimeError) and isinstance(error.__context__, OSError):
        error = error.__context__  # a link that leads in circles, as pathlib tells it
    if isinstance(error, OSError):
        return _of_system(error, str(file), stage)
    if isinstance(error, MemoryError):
        return Fault("memory-short", file=str(file))
    package = type(error).__module__.partition(".")[0]
    if package not in _LIBRARIES:
        return None
    values = {"library": package.strip("_"), "why": _why(error), "stage": stage}
    return Fault("library-stopped" if stage else "library-failed", file=str(file), values=values)


@contextmanager
def closed_at_the_end(writer: _Writer, file: Path) -> Iterator[_Writer]:
    """A writer of osmium, closed at the end.

    One that cannot be closed, since the disk is full or it was given what it cannot write, ends the process
    when it is destroyed (``std::terminate``). It is kept for as long as the process lives.

    Raises
    ------
    InputError
        If the disk of `file` is full.
    RuntimeError
        If it cannot be written for another reason.
    """
    try:
        yield writer
        writer.close()
    except BaseException as error:
        try:
            writer.close()
        except Exception:  # noqa: BLE001  # what went wrong first is told
            _keep_for_good(writer)
        if isinstance(error, RuntimeError) and is_full(file.parent):
            raise InputError(_full(file)) from error
        raise


def _full(file: Path) -> Fault:
    """A file that found no room."""
    if _is_temporary(str(file)):
        return Fault("temporary-full", file=tempfile.gettempdir())
    return Fault("output-unwritable", file=str(file), values={"why": os.strerror(errno.ENOSPC)})


def _keep_for_good(thing: object) -> None:
    """Count a reference that nobody holds."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def _of_system(error: OSError, file: str, stage: str | Words) -> Fault:
    """The system's refusal, with the file that it names."""
    place = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    if error.errno == errno.ENOSPC and place and _is_temporary(place):
        return Fault("temporary-full", file=tempfile.gettempdir())
    if place or not stage:
        return Fault("file-unusable", file=place or file, values={"why": _why(error)})
    return Fault("system-stopped", file=file, values={"why": _why(error), "stage": stage})


def _is_temporary(path: str) -> bool:
    """Whether a path lies in the folder of temporary files."""
    return Path(path).absolute().is_relative_to(Path(tempfile.gettempdir()).absolute())


def _why(error: Exception) -> str:
    """The first line of what an error says; its kind where it says nothing."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    lines = said.splitlines()
    return lines[0] if lines else type(error).__name__
