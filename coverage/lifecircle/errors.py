"""Every error lifecircle raises: one root, each error also the builtin a caller would expect.

::

    LifecircleError
    ├── InputError (ValueError)              the user's files or command line: exit code 2
    │   ├── StudyError                       the study file itself
    │   ├── PlanError                        a plan file
    │   ├── MissingInputError (FileNotFoundError)
    │   └── NetworkError                     streets or points that cannot be routed
    ├── MismatchedIndexError (KeyError)      two tables that do not belong together
    └── ContractError (TypeError)            a table breaks its contract: a fault of the program

An `InputError` carries *all* faults of an input, each naming file, layer, row, field and the fix.
What still works and will not for ever is told by a `LifecircleDeprecationWarning`.
"""

from __future__ import annotations

import dataclasses
import difflib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from lifecircle import messages

__all__ = [
    "ContractError",
    "Fault",
    "Faults",
    "InputError",
    "LifecircleDeprecationWarning",
    "LifecircleError",
    "LifecircleWarning",
    "MismatchedIndexError",
    "MissingInputError",
    "NetworkError",
    "PlanError",
    "StudyError",
    "closest",
    "faults_by_sort",
    "preview",
    "require_type",
    "shown",
    "warn_deprecated",
]

_EXPECTATIONS: Final = ("expected", "valid", "known", "nearest", "limit")
_LONGEST: Final = 200
"""Characters of a value that is read out: a cell may hold a book."""
_LONGEST_LIST: Final = 2_000
"""Characters of anything else that a fault says."""
FAULTS_SHOWN: Final = 10
"""Faults of one sort and file that are read out one by one."""


_Value = TypeVar("_Value")


def _short(value: _Value) -> _Value:
    """A value; of a long text its beginning."""
    if isinstance(value, str) and len(value) > _LONGEST_LIST:
        return value[: _LONGEST_LIST - 1] + "…"  # type: ignore[return-value]  # it is a text
    return value


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input, in the user's words.

    Parameters
    ----------
    key
        Entry of ``messages/faults.toml`` (without the namespace). Its ``.fix`` entry, where there is
        one, says what to do.
    file, layer, row, field
        Where it is; blank where it does not apply. `row` is an id or a row number as the user sees it.
    values
        What the message's placeholders stand for.

    Examples
    --------
    >>> import lifecircle as lc
    >>> print(lc.Fault("no-file", file="study.toml").finding("en"))
    there is no such file
    """

    key: str
    file: str = ""
    layer: str = ""
    row: str = ""
    field: str = ""
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Shorten what nobody would read to its end: a name in a file may be as long as the file."""
        for name in ("layer", "row", "field"):
            object.__setattr__(self, name, _short(getattr(self, name)))
        object.__setattr__(self, "values", {name: _short(value) for name, value in self.values.items()})

    def render(self, lang: str = "en") -> str:
        """The fault as a short paragraph: place, what was found, and the fix on a line of its own."""
        places = {"file": self.file, "layer": self.layer, "row": self.row, "field": self.field}
        given = {name: value for name, value in places.items() if value}
        if (rows := self.row.split(", "))[1:] and rows[0].isdigit():
            given = {"rows" if name == "row" else name: value for name, value in given.items()}
        place = messages.text("faults.separator", lang).join(
            messages.text(f"faults.place.{name}", lang, value=value) for name, value in given.items()
        )
        values = {**places, **self.values}
        what = messages.text(f"faults.{self.key}", lang, **values)
        words = messages.text("faults.at", lang, place=place, what=what) if place else what
        if messages.has(f"faults.{self.key}.fix"):
            fix = messages.text(f"faults.{self.key}.fix", lang, **values)
            words += "\n  " + messages.text("faults.fix", lang, fix=fix)
        return words

    def remedy(self, lang: str = "en") -> str:
        """What to do about it; blank where nothing more can be said."""
        if not messages.has(f"faults.{self.key}.fix"):
            return ""
        places = {"file": self.file, "layer": self.layer, "row": self.row, "field": self.field}
        return messages.text(f"faults.{self.key}.fix", lang, **{**places, **self.values})

    def finding(self, lang: str = "en") -> str:
        """What is wrong, without its place and without the fix."""
        places = {"file": self.file, "layer": self.layer, "row": self.row, "field": self.field}
        return messages.text(f"faults.{self.key}", lang, **{**places, **self.values})

    def value(self, name: str, lang: str = "en") -> str:
        """One of its values, ready to read; blank where it has none of that name."""
        said = self.values.get(name, "")
        return said.render(lang) if isinstance(said, messages.Words) else str(said)

    def expected(self, lang: str = "en") -> str:
        """What should stand there instead; blank where the fault does not say."""
        return next((said for name in _EXPECTATIONS if (said := self.value(name, lang))), "")


class LifecircleWarning(UserWarning):
    """Something was done otherwise than what was handed over says; the message says how.

    Examples
    --------
    >>> import lifecircle as lc
    >>> issubclass(lc.LifecircleWarning, UserWarning)
    True
    """


class LifecircleDeprecationWarning(FutureWarning):
    """Something is called by a former name: it works until the release that the warning names.

    Examples
    --------
    >>> import lifecircle as lc
    >>> issubclass(lc.LifecircleDeprecationWarning, FutureWarning)
    True
    """


def warn_deprecated(former: str, name: str, *, removed_in: str) -> None:
    """Warn whoever calls something by a former name, at the line that does.

    Parameters
    ----------
    former, name
        What it was called, and what it is called now.
    removed_in
        The release from which the former name is gone.
    """
    words = f"{former} is called {name} now; the former name goes with lifecircle {removed_in}"
    warnings.warn(words, LifecircleDeprecationWarning, stacklevel=3)


class LifecircleError(Exception):
    """Root of every error raised on purpose.

    Examples
    --------
    >>> import lifecircle as lc
    >>> issubclass(lc.InputError, lc.LifecircleError), issubclass(lc.InputError, ValueError)
    (True, True)
    """


class InputError(LifecircleError, ValueError):
    """An input that cannot be used. `faults` holds everything wrong with it, not only the first.

    Examples
    --------
    >>> import lifecircle as lc
    >>> try:
    ...     lc.Scenario(name="", close=3)
    ... except lc.InputError as error:
    ...     print([fault.key for fault in error.faults])
    ['scenario-name', 'scenario-no-list']
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self.render())

    def render(self, lang: str = "en") -> str:
        """All faults, one paragraph each; of one sort in one file the first ten, and how many more."""
        shown: list[str] = []
        for group in faults_by_sort(self.faults):
            shown += [fault.render(lang) for fault in group[:FAULTS_SHOWN]]
            if (more := len(group) - FAULTS_SHOWN) > 0:
                shown.append(messages.text("faults.more", lang, count=more, file=group[0].file))
        return "\n".join(shown)

    def __str__(self) -> str:
        return self.render()


def faults_by_sort(faults: Iterable[Fault]) -> list[list[Fault]]:
    """Faults of one key in one file together, in the order in which the first of each was noticed."""
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.key, fault.file), []).append(fault)
    return list(groups.values())


class StudyError(InputError):
    """The study file breaks its contract.

    Examples
    --------
    >>> import lifecircle as lc
    >>> try:
    ...     lc.Study(area="area.gpkg")
    ... except lc.StudyError as error:
    ...     print([fault.field for fault in error.faults])
    ['streets']
    """


class PlanError(InputError):
    """A plan file breaks its contract.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import lifecircle as lc
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "plan.toml"
    >>> _ = file.write_text('plan = { id = "mine", title = "Mine" }', encoding="utf-8")
    >>> try:
    ...     lc.load_plan(file)
    ... except lc.PlanError as error:
    ...     print(error.faults[0].key)
    plan-no-rules
    """


class MissingInputError(InputError, FileNotFoundError):
    """A file or layer that is not there.

    Examples
    --------
    >>> import lifecircle as lc
    >>> try:
    ...     lc.load_plan("nowhere.toml")
    ... except FileNotFoundError as error:
    ...     print(type(error).__name__)
    MissingInputError
    """


class NetworkError(InputError):
    """Streets or points that cannot be routed.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import lifecircle as lc
    >>> from lifecircle.network.examples import grid_network
    >>> try:
    ...     grid_network().snap(gpd.GeoSeries.from_wkt(["POINT (0 0)"]))
    ... except lc.NetworkError as error:
    ...     print(error.faults[0].key)
    snap-no-crs
    """


class MismatchedIndexError(LifecircleError, KeyError):
    """Two tables that should share an index do not: points snapped to the streets of another network.

    Examples
    --------
    >>> import lifecircle as lc
    >>> issubclass(lc.MismatchedIndexError, KeyError)
    True
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class ContractError(LifecircleError, TypeError):
    """A table breaks its contract in ``tables``: a fault of the program, not of the user.

    Examples
    --------
    >>> import pandas as pd
    >>> import lifecircle as lc
    >>> from lifecircle.tables import PROPOSALS
    >>> try:
    ...     PROPOSALS.check(pd.DataFrame())
    ... except lc.ContractError:
    ...     print("a column is missing")
    a column is missing
    """


class Faults:
    """Collects faults so that a user sees them all at once.

    Use as a context manager around several readers: an `InputError` raised inside `collect` is kept,
    and everything kept is raised together by `raise_if_any`.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Keep one fault."""
        self._faults.append(fault)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Keep several."""
        self._faults.extend(faults)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep the faults of an `InputError` that is raised inside, and go on after the block."""
        try:
            yield
        except InputError as error:
            self.extend(error.faults)

    @contextmanager
    def prepend_to(self) -> Iterator[None]:
        """Let an `InputError` that is raised inside tell what was kept before it, too."""
        try:
            yield
        except InputError as error:
            raise type(error)([*self, *error.faults]) from None

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def raise_if_any(self, kind: type[InputError] = InputError) -> None:
        """Raise everything that was kept, each fault once, if anything was."""
        if self._faults:
            raise kind({repr(fault): fault for fault in self._faults}.values())


def preview(values: Iterable[Any], limit: int = 5, *, say: Callable[[Any], str] = str) -> str:
    """The first few of many, ready to read: ``a, b, c … (12)``; each of at most 200 characters."""
    listed = list(values)
    words = (say(value) for value in listed[:limit])
    shown = ", ".join(one if len(one) <= _LONGEST else f"{one[: _LONGEST - 1]}…" for one in words)
    return shown if len(listed) <= limit else f"{shown} … ({len(listed)})"


def closest(name: object, names: Iterable[str], *, n: int = 3, cutoff: float = 0.6) -> list[str]:
    """The names most like one, the most alike first, whatever their case."""
    known = {one.casefold(): one for one in names}
    asked = str(name).casefold()[:_LONGEST]
    return [known[one] for one in difflib.get_close_matches(asked, known, n=n, cutoff=cutoff)]


def shown(value: object, limit: int = 80) -> str:
    """A value as it would be written in a program, short: also a number of more digits than Python prints."""
    try:
        return repr(value)[:limit]
    except ValueError:
        return f"{value:#x}"[: limit - 1] + "…" if isinstance(value, int) else type(value).__name__
    except RecursionError:
        return type(value).__name__


def require_type(value: object, kinds: type | tuple[type, ...], *, field: str, wanted: str) -> None:
    """Refuse an argument of a type that nothing can be made of.

    Parameters
    ----------
    value, kinds
        The argument, and the types that will do.
    field
        Its name.
    wanted
        Key under ``faults.wanted`` of the words that say what will do.

    Raises
    ------
    InputError
        If it is of none of those types.
    """
    if not isinstance(value, kinds) or (isinstance(value, bool) and float in _each(kinds)):
        values = {"found": type(value).__name__, "expected": messages.Words(f"faults.wanted.{wanted}")}
        raise InputError(Fault("wrong-type", field=field, values=values))


def _each(kinds: type | tuple[type, ...]) -> tuple[type, ...]:
    """One type or several as a tuple."""
    return kinds if isinstance(kinds, tuple) else (kinds,)
