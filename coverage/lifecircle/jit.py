"""`njit` of numba, whose compiled code on disk is used only where it is whole and of the sources that run.

numba keeps machine code beside the package (or in the user's cache folder) and asks only whether the one file
that holds a function is still the same. A new release of this package may keep that file and change another
whose loops were compiled into it; an entry may name a module that is gone; a disk may lose a byte. Here every
entry carries a checksum, and the sources of all modules that its own module imports belong to its key.
What does not fit is compiled anew.

Machine code is run, and its index unpickled, only from a folder into which nobody can write but the user and
whoever may change these sources.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
import re
from collections.abc import Callable
from functools import cache as remembered
from pathlib import Path
from typing import Any, Final

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

from lifecircle.folders import is_private

__all__ = ["njit"]

_log = logging.getLogger(__name__)

_IMPORTED: Final = re.compile(r"^\s*(?:from|import) +([\w.]+)", re.MULTILINE)
_ROOT: Final = Path(__file__).parent
_CHECKSUM_BYTES: Final = hashlib.sha256().digest_size


def njit(*, cache: bool = False, **options: Any) -> Callable[[Any], Any]:
    """`numba.njit`, whose cache is checked.

    Parameters
    ----------
    cache
        Whether the machine code is kept for later processes.
    **options
        As numba takes them.

    Returns
    -------
    callable
        A decorator.
    """

    def compiled(function: Any) -> Any:
        dispatcher = numba.njit(**options)(function)
        if cache and isinstance(dispatcher, Dispatcher):  # a plain function where numba is switched off
            # as its enable_caching() does
            dispatcher._cache = _CheckedCache(function)  # type: ignore[attr-defined]  # noqa: SLF001
        return dispatcher

    return compiled


class _CheckedCache(FunctionCache):  # type: ignore[misc]  # numba has no types
    """numba's cache of one function, with files that are checked."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        locator = self._impl.locator
        source = Path(function.__code__.co_filename)
        self._cache_file = _CheckedFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=(locator.get_source_stamp(), fingerprint(source, _ROOT)),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        kept = super().load_overload(sig, target_context)
        if kept is None:
            _say_that_it_compiles()
        return kept


@remembered
def _say_that_it_compiles() -> None:
    """Once a process, for whoever wonders what the first call waits for."""
    _log.info("compiling, once after an installation; lifecircle warm-up does it ahead")


class _CheckedFile(IndexDataCacheFile):  # type: ignore[misc]  # numba has no types
    """The index of a function and its machine code, each behind its checksum."""

    def _load_index(self) -> dict[Any, str]:
        folder = Path(self._cache_path)
        try:
            if folder.exists() and not is_private(folder, beside=_ROOT):
                _log.info("others can write into %s: nothing there is used", folder)
                return {}
            version, stamp, overloads = pickle.loads(_whole(self._index_path))  # noqa: S301  # own file, checked
        except FileNotFoundError:
            return {}
        except Exception as fault:  # noqa: BLE001  # whatever unpickling raises: names that are gone, lost bytes
            _log.info("unusable: %s (%s)", self._index_path, fault)
            return {}
        same = version == self._version and stamp == self._source_stamp
        return overloads if same else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        content = self._dump((self._version, self._source_stamp, overloads))
        with self._open_for_write(self._index_path) as file:
            file.write(hashlib.sha256(content).digest() + content)

    def _load_data(self, name: str) -> Any:
        try:
            return pickle.loads(_whole(self._data_path(name)))  # noqa: S301  # own file, checked
        except Exception as fault:
            _log.info("unusable: %s (%s)", self._data_path(name), fault)
            raise OSError(str(fault)) from fault  # which numba takes as: not there

    def _save_data(self, name: str, data: Any) -> None:
        content = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(hashlib.sha256(content).digest() + content)


def _whole(path: str) -> bytes:
    """What a file holds behind its checksum; ValueError where the two do not agree."""
    written = Path(path).read_bytes()
    checksum, content = written[:_CHECKSUM_BYTES], written[_CHECKSUM_BYTES:]
    if hashlib.sha256(content).digest() != checksum:
        raise ValueError("it is damaged or of another release")
    return content


def fingerprint(source: Path, root: Path) -> str:
    """Digest of a module and of all modules below `root` that it imports, directly or through others.

    Parameters
    ----------
    source
        The module's file.
    root
        Folder of the package; modules of other packages are not followed.

    Returns
    -------
    str
        Hexadecimal digits; equal for equal sources, wherever the package lies.
    """
    seen, waiting = {source}, [source]
    while waiting:
        for imported in _imports(waiting.pop(), root) - seen:
            seen.add(imported)
            waiting.append(imported)
    digest = hashlib.sha256()
    for path in sorted(seen):
        digest.update(_digest(path))
    return digest.hexdigest()


@remembered
def _imports(source: Path, root: Path) -> frozenset[Path]:
    """Files of the package's modules that a file's import statements name."""
    named = _IMPORTED.findall(source.read_text(encoding="utf-8"))
    own = (name.split(".")[1:] for name in named if name.split(".")[0] == root.name)
    places = (root.joinpath(*parts) for parts in own)
    files = (place / "__init__.py" if place.is_dir() else place.with_suffix(".py") for place in places)
    return frozenset(file for file in files if file.is_file())


@remembered
def _digest(path: Path) -> bytes:
    """Checksum of one source file."""
    return hashlib.sha256(path.read_bytes()).digest()
