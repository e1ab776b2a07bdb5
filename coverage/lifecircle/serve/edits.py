"""Edits of a scenario as clicks make them: each gives a new scenario, so that undo is a step back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from lifecircle.errors import Fault, InputError
from lifecircle.study.scenarios import (
    ChangedCapacity,
    DrawnStreet,
    Lat,
    Lon,
    MovedFacility,
    PlacedFacility,
    ScenarioChange,
)

__all__ = ["Edit", "edited", "parse_sent", "parsed_edit"]

_DIGITS = 7
"""Decimals of a degree that are kept: about a centimetre."""
_MOST_VERTICES = 500
_MOST_SITES = 100


class _Edit(BaseModel):
    """One click or drag."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AddFacility(_Edit):
    """A new facility at a place."""

    kind: Literal["add"]
    service: Annotated[str, Field(min_length=1, max_length=80)]
    lon: Lon
    lat: Lat
    name: Annotated[str, Field(max_length=120)] = ""
    capacity: Annotated[float, Field(ge=0, le=1e9)] | None = None


class MoveFacility(_Edit):
    """A facility dragged to another place."""

    kind: Literal["move"]
    facility: Annotated[str, Field(min_length=1, max_length=300)]
    lon: Lon
    lat: Lat


class CloseFacility(_Edit):
    """A facility that is no longer there; what the scenario itself adds is taken back."""

    kind: Literal["close"]
    facility: Annotated[str, Field(min_length=1, max_length=300)]


class SetCapacity(_Edit):
    """What a facility can take instead."""

    kind: Literal["capacity"]
    facility: Annotated[str, Field(min_length=1, max_length=300)]
    capacity: Annotated[float, Field(ge=0, le=1e9)]


class DrawStreet(_Edit):
    """A line along which a street opens, or across streets that close."""

    kind: Literal["open-street", "close-street"]
    line: Annotated[tuple[tuple[Lon, Lat], ...], Field(min_length=2, max_length=_MOST_VERTICES)]


class AddSites(_Edit):
    """Several new facilities at once: sites that a model proposes."""

    kind: Literal["sites"]
    service: Annotated[str, Field(min_length=1, max_length=80)]
    places: Annotated[tuple[tuple[Lon, Lat], ...], Field(min_length=1, max_length=_MOST_SITES)]


class TakeBack(_Edit):
    """One change that is taken back, whenever it was made."""

    kind: Literal["take-back"]
    part: Literal["add", "close", "move", "open_streets", "close_streets", "capacity"]
    at: Annotated[int, Field(ge=0)]


Sent = TypeVar("Sent")
Edit: TypeAlias = AddFacility | MoveFacility | CloseFacility | SetCapacity | DrawStreet | AddSites | TakeBack
_ADAPTER: TypeAdapter[Edit] = TypeAdapter(Annotated[Edit, Field(discriminator="kind")])


def parsed_edit(told: object) -> Edit:
    """An edit as the page sends it.

    Raises
    ------
    InputError
        If it is none.
    """
    return parse_sent(_ADAPTER, told)


def parse_sent(kind: TypeAdapter[Sent], told: object) -> Sent:
    """What the page sends, as what it should be.

    Raises
    ------
    InputError
        With the first field that is not.
    """
    try:
        return kind.validate_python(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(Fault("edit-unusable", field=field, values={"why": first["msg"]})) from None


def edited(change: ScenarioChange, edit: Edit, *, taken: Collection[str]) -> ScenarioChange:
    """The scenario after one more edit.

    Parameters
    ----------
    change
        As it is.
    edit
        What is done to it.
    taken
        Ids that new facilities may not have: those of the study.

    Raises
    ------
    InputError
        If it is about a facility that neither the study nor the scenario has, or that is closed already.
    """
    return _HOW[edit.kind](change, edit, taken)


def _rows(change: ScenarioChange, part: str) -> tuple[object, ...]:
    """The rows of a part, none where it has none; scenarios of the page never name files."""
    value = getattr(change, part)
    return value if isinstance(value, tuple) else ()


def _with(change: ScenarioChange, **parts: object) -> ScenarioChange:
    """The scenario with other parts; the empty ones are left out."""
    return change.model_copy(update={name: value or _BLANK[name] for name, value in parts.items()})


_BLANK: Mapping[str, object] = {
    "add": None, "close": (), "move": None, "open_streets": None, "close_streets": None, "capacity": (),
}  # fmt: skip


def _degrees(lon: float, lat: float) -> dict[str, float]:
    """A place rounded as it is kept."""
    return {"lon": round(lon, _DIGITS), "lat": round(lat, _DIGITS)}


def _free_id(change: ScenarioChange, taken: Collection[str]) -> str:
    """The first id after those of the scenario's own that nobody has."""
    own = {one.facility for one in _rows(change, "add")}  # type: ignore[attr-defined]
    numbers = [int(name[4:]) for name in own if name.startswith("new-") and name[4:].isdecimal()]
    number = max(numbers, default=0) + 1
    while f"new-{number}" in taken or f"new-{number}" in own:
        number += 1
    return f"new-{number}"


def _add(change: ScenarioChange, edit: AddFacility, taken: Collection[str]) -> ScenarioChange:
    """One more facility."""
    placed = PlacedFacility(
        facility=_free_id(change, taken),
        service=edit.service,
        name=edit.name,
        capacity=edit.capacity,
        **_degrees(edit.lon, edit.lat),
    )
    return _with(change, add=(*_rows(change, "add"), placed))


def _add_sites(change: ScenarioChange, edit: AddSites, taken: Collection[str]) -> ScenarioChange:
    """Several more facilities of one service."""
    for lon, lat in edit.places:
        change = _add(change, AddFacility(kind="add", service=edit.service, lon=lon, lat=lat), taken)
    return change


def _move(change: ScenarioChange, edit: MoveFacility, taken: Collection[str]) -> ScenarioChange:
    """A facility at another place: of one that the scenario adds, the place it is added at."""
    place = _degrees(edit.lon, edit.lat)
    added = _rows(change, "add")
    if any(one.facility == edit.facility for one in added):  # type: ignore[attr-defined]
        moved = tuple(_replaced(one, edit.facility, **place) for one in added)
        return _with(change, add=moved)
    _require_open(change, edit.facility, taken)
    others = tuple(one for one in _rows(change, "move") if one.facility != edit.facility)  # type: ignore[attr-defined]
    return _with(change, move=(*others, MovedFacility(facility=edit.facility, **place)))


def _close(change: ScenarioChange, edit: CloseFacility, taken: Collection[str]) -> ScenarioChange:
    """A facility gone, and with it what else the scenario says of it."""
    name = edit.facility
    added = _rows(change, "add")
    left = {
        part: tuple(one for one in _rows(change, part) if one.facility != name)  # type: ignore[attr-defined]
        for part in ("add", "move", "capacity")
    }
    if len(left["add"]) < len(added):
        return _with(change, **left)
    _require_open(change, name, taken)
    return _with(change, **left, close=(*change.close, name))


def _resize(change: ScenarioChange, edit: SetCapacity, taken: Collection[str]) -> ScenarioChange:
    """Another capacity."""
    added = _rows(change, "add")
    if any(one.facility == edit.facility for one in added):  # type: ignore[attr-defined]
        return _with(
            change, add=tuple(_replaced(one, edit.facility, capacity=edit.capacity) for one in added)
        )
    _require_open(change, edit.facility, taken)
    others = tuple(one for one in change.capacity if one.facility != edit.facility)
    return _with(change, capacity=(*others, ChangedCapacity(facility=edit.facility, capacity=edit.capacity)))


def _draw(change: ScenarioChange, edit: DrawStreet, taken: Collection[str]) -> ScenarioChange:
    """One more line."""
    del taken
    part = "open_streets" if edit.kind == "open-street" else "close_streets"
    places = [(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in edit.line]
    line = tuple(place for at, place in enumerate(places) if at == 0 or place != places[at - 1])
    if len(line) < 2:
        raise InputError(Fault("edit-no-length"))
    return _with(change, **{part: (*_rows(change, part), DrawnStreet(line=line))})


def _take_back(change: ScenarioChange, edit: TakeBack, taken: Collection[str]) -> ScenarioChange:
    """One change less."""
    del taken
    rows = _rows(change, edit.part)
    if edit.at >= len(rows):
        raise InputError(Fault("edit-gone"))
    return _with(change, **{edit.part: rows[: edit.at] + rows[edit.at + 1 :]})


def _replaced(one: object, facility: str, **values: float) -> object:
    """A row with other values where it is about a facility."""
    assert isinstance(one, PlacedFacility)  # noqa: S101  # parts of a scenario hold rows of their own kind
    return one.model_copy(update=values) if one.facility == facility else one


def _require_open(change: ScenarioChange, facility: str, taken: Collection[str]) -> None:
    """Refuse facilities that are not there."""
    if facility not in taken or facility in change.close:
        raise InputError(Fault("edit-no-facility", values={"found": facility}))


_HOW: Mapping[str, Callable[..., ScenarioChange]] = {
    "add": _add,
    "move": _move,
    "close": _close,
    "capacity": _resize,
    "open-street": _draw,
    "close-street": _draw,
    "sites": _add_sites,
    "take-back": _take_back,
}
