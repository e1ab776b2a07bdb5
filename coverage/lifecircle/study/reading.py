"""From a TOML file to a `Study`: every fault found, in the user's words, before anything else is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lifecircle.errors import Fault, Faults, MissingInputError, StudyError, closest, shown
from lifecircle.libraries import library_faults
from lifecircle.messages import Words, has
from lifecircle.study.area import AreaColumns
from lifecircle.study.config import Study
from lifecircle.study.plan_names import is_plan_file
from lifecircle.study.scenarios import FILE_OR_ROWS, ScenarioFile
from lifecircle.study.sections import StudyHead
from lifecircle.study.toml import BYTES_LIMIT, tables_of

__all__ = ["MEMORY", "read_scenario_file", "read_study", "study_from_tables", "why_refused"]

MEMORY = "memory:"
"""What the names of things in memory begin with, where a table names a file."""

_KEYWORDS = {"streets", "osm"}
_PATHS = frozenset(
    [
        "boundary",
        "communities",
        "source",
        "barriers",
        "elevation",
        "raster",
        "points",
        "add",
        "move",
        "open_streets",
        "close_streets",
        "tiles",
    ]
)
_LISTED_FILES: Mapping[str, Callable[[str], bool]] = {
    "study.plans": is_plan_file,
    "study.scenario_files": bool,
}
"""Keys that list files, or name one: which of their words are files."""


def read_study(path: Path, *, allow_outside: bool = False) -> Study:
    """Read a study file: see `Study.from_file`."""
    root = path.parent.resolve()
    if _undecoded(root / path.name):
        raise StudyError(Fault("path-undecoded", file=ascii(str(path)).strip("'")))
    tree = _tables_of(path)
    return study_from_tables(tree, root=root, path=path, allow_outside=allow_outside)


def _undecoded(path: Path) -> bool:
    """Whether the locale has no signs for a path, which then stands as bytes that no text can hold."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def read_scenario_file(path: Path, *, root: Path, allow_outside: bool = False) -> ScenarioFile:
    """Read a file of ``[[scenarios]]``, whose paths are relative to the study's folder.

    Parameters
    ----------
    path
        A TOML file, such as the page of ``lifecircle serve`` saves.
    root
        Folder of the study file.
    allow_outside
        Whether its paths may leave that folder.

    Raises
    ------
    StudyError
        With every fault of the file.
    MissingInputError
        If the file is not there.
    """
    tree, label, faults = _tables_of(path), str(path), Faults()
    try:
        ScenarioFile.model_validate(tree)
    except ValidationError as error:
        faults.extend(_faults(error, label, ScenarioFile))
    resolved = _resolve(tree, root, faults, label, allow_outside=allow_outside)
    faults.raise_if_any(StudyError)
    return ScenarioFile.model_validate(resolved)


def _tables_of(path: Path) -> dict[str, Any]:
    """The tables of a TOML file."""
    with library_faults(path, "file-unusable", kind=StudyError):
        if not path.is_file():
            raise MissingInputError(Fault("no-file", file=str(path)))
        if path.stat().st_size > BYTES_LIMIT:
            limit = f"{BYTES_LIMIT:,}"
            raise StudyError(
                Fault(
                    "table-too-large",
                    file=str(path),
                    values={"what": Words("faults.amount.bytes"), "limit": limit},
                )
            )
        content = path.read_bytes()
    try:
        tree = tables_of(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise StudyError(Fault("not-utf8", file=str(path), values={"position": error.start})) from None
    except ValueError as error:
        raise StudyError(Fault("not-toml", file=str(path), values={"why": str(error)})) from None
    return tree


def study_from_tables(
    tree: Mapping[str, Any],
    *,
    root: Path,
    path: Path | None = None,
    allow_outside: bool = False,
    memory: Mapping[str, Any] | None = None,
) -> Study:
    """Check the tables of a study and resolve its paths against `root`.

    `memory` are the things that paths beginning with `MEMORY` name.

    Raises
    ------
    StudyError
        With every fault at once.
    """
    label = str(path) if path else ""
    faults = Faults()
    if {"root", "path", "memory"} & tree.keys():
        faults.extend(
            Fault("unknown-key", file=label, field=key, values={"nearest": "[study]"})
            for key in ("root", "path", "memory")
            if key in tree
        )
    try:
        Study.model_validate(dict(tree))
    except ValidationError as error:
        faults.extend(_faults(error, label))
    faults.extend(_unknown_columns(tree, label))
    resolved = _resolve(tree, root, faults, label, allow_outside=allow_outside)
    faults.raise_if_any(StudyError)
    # a default is a path of the study's folder too, and may be a link that leads out of it
    usual = str(StudyHead.model_fields["output"].default)
    at = (label, "study.output")
    resolved["study"].setdefault("output", _target(usual, root, faults, at, allow_outside=allow_outside))
    faults.raise_if_any(StudyError)
    return Study.model_validate({**resolved, "root": root, "path": path, "memory": memory or {}})


def _resolve(
    tree: Mapping[str, Any], root: Path, faults: Faults, label: str, *, allow_outside: bool, where: str = ""
) -> dict[str, Any]:
    """Make every path absolute and check that it stays inside the study's folder."""
    resolved: dict[str, Any] = {}
    for key, value in tree.items():
        place = f"{where}.{key}" if where else key
        if isinstance(value, Mapping) and key != "columns":
            resolved[key] = _resolve(value, root, faults, label, allow_outside=allow_outside, where=place)
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            resolved[key] = [
                _resolve(item, root, faults, label, allow_outside=allow_outside, where=f"{place}[{number}]")
                for number, item in enumerate(value, 1)
            ]
        elif isinstance(value, str) and _is_path(place, key, value):
            resolved[key] = _target(value, root, faults, (label, place), allow_outside=allow_outside)
        elif place in _LISTED_FILES and isinstance(value, str | list):
            listed = [value] if isinstance(value, str) else value
            resolved[key] = [
                _target(item, root, faults, (label, place), allow_outside=allow_outside)
                if isinstance(item, str) and _LISTED_FILES[place](item) and not item.startswith(MEMORY)
                else item
                for item in listed
            ]
        else:
            resolved[key] = value
    return resolved


def _target(value: str, root: Path, faults: Faults, at: tuple[str, str], *, allow_outside: bool) -> str:
    """A path of the study, absolute; one that leads outside or can be no path is a fault."""
    label, place = at
    target, why = root, "" if value.isprintable() else repr(value)
    try:
        target = (root / value).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        why = str(error)
    if why:
        values = {"value": repr(value), "why": why}
        faults.add(Fault("path-unusable", file=label, field=place, values=values))
        return value
    if not allow_outside and not target.is_relative_to(root.resolve()):
        faults.add(Fault("outside-path", file=label, field=place, values={"value": value}))
    return str(target)


def _is_path(place: str, key: str, value: str) -> bool:
    """Whether a key of the study holds a path."""
    if value.startswith(MEMORY):
        return False
    if place in {"study.output", "study.names"} or (
        place.startswith("population.cohorts.") and value.lower().endswith((".tif", ".tiff"))
    ):
        return True
    if place == "map.tiles" and "://" in value:
        return False
    return key in _PATHS and value not in _KEYWORDS and not place.startswith("population.cohorts")


def _faults(error: ValidationError, label: str, table: type[BaseModel] = Study) -> Iterator[Fault]:
    """Pydantic's findings as our own."""
    for item in error.errors(include_url=False):
        place = _place(item["loc"])
        if item["type"] == "extra_forbidden":
            yield Fault(
                "unknown-key", file=label, field=place, values={"nearest": _nearest(item["loc"], table)}
            )
        elif item["type"] == "missing":
            yield Fault("missing-key", file=label, field=place)
        else:
            yield Fault(
                "bad-value", file=label, field=place, values={"found": _shown(item), "why": why_refused(item)}
            )


def _unknown_columns(tree: Mapping[str, Any], label: str) -> Iterator[Fault]:
    """Columns of areas that are none of ours, where no plan of the user's own can know them."""
    head = tree.get("study")
    plans = head.get("plans", ()) if isinstance(head, Mapping) else ()
    listed = plans if isinstance(plans, list | tuple) else [plans]
    if any(str(plan).endswith(".toml") for plan in listed):
        return
    valid = list(AreaColumns.model_fields)
    for place, columns in _area_columns(tree):
        for name in columns:
            if name not in valid:
                near = ", ".join(closest(name, valid, n=2, cutoff=0.6) or valid)
                yield Fault("unknown-key", file=label, field=f"{place}.{name}", values={"nearest": near})


def _area_columns(tree: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of columns of ``[area]`` and of every ``[[areas]]``, and where they stand."""
    layers = tree.get("areas")
    listed = layers if isinstance(layers, list) else []
    places = [("area", tree.get("area")), *((f"areas[{at}]", one) for at, one in enumerate(listed, 1))]
    for place, table in places:
        columns = table.get("columns") if isinstance(table, Mapping) else None
        if isinstance(columns, Mapping):
            yield f"{place}.columns", columns


def why_refused(item: ErrorDetails) -> Words | str:
    """Why a value is refused, in the catalogue's words where it knows the case."""
    key = f"faults.why.{item['type']}"
    return Words(key, item.get("ctx", {})) if has(key) else item["msg"]


def _shown(item: ErrorDetails) -> str:
    """What was found, short; a whole table is not repeated."""
    value = item.get("input")
    return "table" if isinstance(value, Mapping) else shown(value)


def _place(loc: tuple[int | str, ...]) -> str:
    """``facilities[2].service`` as the user would point at it, counted from 1."""
    place = ""
    for part in loc:
        if part in FILE_OR_ROWS:
            continue
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place


def _nearest(loc: tuple[int | str, ...], table: type[BaseModel] = Study) -> str:
    """The valid keys nearest to an unknown one, else all of them."""
    model: Any = table
    for part in loc[:-1]:
        if (
            isinstance(part, str)
            and isinstance(model, type)
            and issubclass(model, BaseModel)
            and part in model.model_fields
        ):
            model = _model_of(model.model_fields[part].annotation)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return ""
    valid = [
        name for name in model.model_fields if not (model is Study and name in {"root", "path", "memory"})
    ]
    close = closest(loc[-1], valid, n=2, cutoff=0.6)
    return ", ".join(close or valid)


def _model_of(annotation: Any) -> Any:
    """The table model inside ``X``, ``X | None`` or ``tuple[X, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if (model := _model_of(inner)) is not None:
            return model
    return None
