"""Which ways a mode may use, which way round, how fast: the table ``street_rules.toml``, read and applied."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from lifecircle.sources.streets.way_use import WayUse
from lifecircle.tables.streets import JOIN_ANYWHERE, JOIN_NEVER, JOIN_ON_IT

MPH_IN_KMH: Final = 1.609344
_SIDES: Final = ("forward", "backward")
_LIMITS: Final = ("maxspeed:forward", "maxspeed:backward", "maxspeed", "maxspeed:type")
_LIMIT: Final = re.compile(r"^(?P<figure>\d+(?:\.\d+)?)\s*(?P<unit>km/h|kmh|kph|mph|)$")
_ZONE: Final = re.compile(r"^(?:[A-Za-z]{2}(?:-[A-Za-z]+)?:)?(?:zone:?)?(?P<zone>[a-z_]+|\d+)$")
_NO_TUNNEL: Final = frozenset({"no", "building_passage"})

__all__ = ["MPH_IN_KMH", "StreetRules", "speed_limit_kmh", "tag_word", "way_level"]


@dataclass(frozen=True)
class StreetRules:
    """The rules of one mode: fields are keys of ``street_rules.toml``, whose head says what each holds.

    `join_tunnels` and `join_bridges` are a study's own; `mode` is the name of the table.
    """

    mode: str
    never: frozenset[str]
    only_where_signed: frozenset[str]
    closed_by: Mapping[str, frozenset[str]]
    access: tuple[str, ...]
    own: int
    oneway: tuple[str, ...]
    oneway_classes: frozenset[str]
    oneway_junctions: frozenset[str]
    moving: tuple[str, ...]
    contraflow: tuple[str, ...]
    contraflow_oneway: tuple[str, ...]
    no_join: frozenset[str]
    gates_closed: frozenset[str]
    values: Mapping[str, frozenset[str]]
    speed_kmh: Mapping[str, float]
    zone_kmh: Mapping[str, float]
    ends_only: frozenset[str]
    turns: tuple[str, ...]
    turns_except: frozenset[str]
    areas: Mapping[str, frozenset[str]]
    join_tunnels: bool = False
    join_bridges: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every tag key the rules read, `highway` first."""
        read = ["highway", "area", "junction", "bridge", "tunnel", "layer", *self._access_keys]
        read += [
            *self.oneway,
            *self.moving,
            *(("oneway",) if self.moving else ()),
            *self.contraflow,
            *self.contraflow_oneway,
        ]
        read += ["ramp:wheelchair", "wheelchair", "kerb"] if self.mode == "walk" else []
        read += [*self.closed_by, *(_LIMITS if self.speed_kmh else ())]
        return tuple(dict.fromkeys(read))

    def judge(self, tags: Mapping[str, str]) -> WayUse:
        """What the mode may do on a way with these tags."""
        tags = self._understood(tags)
        highway = tags.get("highway", "")
        if not highway or highway in self.never:
            return WayUse("street-ways-of-other-classes")
        if not self._signed_open(tags):
            if highway in self.only_where_signed:
                return WayUse("street-ways-of-other-classes")
            if self._closed(tags):
                return WayUse("street-ways-closed")
        forward, backward = self._directions(highway, tags)
        return WayUse(
            highway=highway,
            forward=forward,
            backward=backward,
            speed_kmh=self.usual_speed(tags, "forward"),
            speed_back_kmh=self.usual_speed(tags, "backward"),
            steps=highway == "steps" and tags.get("ramp:wheelchair") != "yes",
            bridge=self.is_bridge(tags),
            joinable=self.joinable(tags),
            level=way_level(tags),
            area=tags.get("area") == "yes",
            destination=_first(self.access, tags) in self.ends_only,
            no_wheels=self.mode == "walk" and self.bars_wheels(tags),
        )

    def judge_area(self, tags: Mapping[str, str]) -> WayUse | None:
        """What the mode may do on ground with these tags; None where it is no area that anybody crosses.

        Cars cross none: their ways over a square are mapped as lines.
        """
        if self.mode == "drive":
            return None
        tags = self._understood(tags)
        if "highway" in tags:
            use = self.judge(tags)
            return dataclasses.replace(use, forward=True, backward=True)
        if not any(tags.get(key) in values for key, values in self.areas.items()):
            return None
        signed = self._signed_open(tags)
        if not signed and (self.mode != "walk" or tags.get("amenity") == "parking"):
            return WayUse("street-ways-closed")
        if not signed and self._closed(tags):
            return WayUse("street-ways-closed")
        return WayUse(
            highway="area",
            bridge=self.is_bridge(tags),
            joinable=self.joinable(tags),
            level=way_level(tags),
            area=True,
        )

    @staticmethod
    def is_platform(tags: Mapping[str, str]) -> bool:
        """Whether a thing without a class is a platform."""
        return "platform" in {tags.get("railway"), tags.get("public_transport")}

    def usual_speed(self, tags: Mapping[str, str], side: str) -> float:
        """The mapped limit, else the class's usual speed, km/h; NaN for modes with a speed of their own.

        The limit of a direction (`side`, forward or backward) beats that of the way.
        """
        if not self.speed_kmh:
            return np.nan
        for key in (f"maxspeed:{side}", "maxspeed", "maxspeed:type"):
            limit = speed_limit_kmh(tags.get(key, ""), self.zone_kmh)
            if limit:
                return limit
        return self.speed_kmh.get(tags.get("highway", ""), self.speed_kmh["other"])

    @staticmethod
    def is_bridge(tags: Mapping[str, str]) -> bool:
        """Whether the way is a bridge or a tunnel."""
        return any(tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))

    def joinable(self, tags: Mapping[str, str]) -> int:
        """Whether points may join a way: not in tunnels, on bridges only those that stand on them."""
        under = tags.get("tunnel", "no") not in _NO_TUNNEL and not self.join_tunnels
        if tags.get("highway", "") in self.no_join or under:
            return JOIN_NEVER
        over = tags.get("bridge", "no") != "no" and not self.join_bridges
        return JOIN_ON_IT if over else JOIN_ANYWHERE

    def gate_closed(self, tags: Mapping[str, str]) -> bool:
        """Whether a node with these tags stops the mode: a gate, a bollard, a door."""
        tags = self._understood(tags)
        value = _first(self.access, tags)
        if self._signed_open(tags):
            return False
        if value in self.values["closed"] or tags.get("locked") == "yes":
            return True
        return tags.get("barrier", "") in self.gates_closed and value not in self.values["opened"]

    def bars_wheels(self, tags: Mapping[str, str]) -> bool:
        """Whether a way or a node with these tags is closed to wheelchairs: a sign, a raised kerb."""
        if tags.get("wheelchair") in {"yes", "designated", "limited"}:
            return False
        return tags.get("wheelchair") == "no" or tags.get("kerb") in self.values["kerbs"]

    def _understood(self, tags: Mapping[str, str]) -> dict[str, str]:
        """The tags with one word of the table under each access key; keys without such a word say nothing.

        Of several words (``yes;designated``) the first that opens counts, else the first that closes.
        """
        known = dict(tags)
        for key in self._access_keys:
            if key not in known:
                continue
            words = [word.strip() for word in known[key].split(";")]
            listed = [
                word
                for kind in ("opened", "closed", "undecided")
                for word in words
                if word in self.values[kind]
            ]
            if listed:
                known[key] = listed[0]
            else:
                del known[key]
        return known

    @cached_property
    def _access_keys(self) -> tuple[str, ...]:
        """Keys that say who may go, each way and either way."""
        sides = [f"{key}:{side}" for key in self.access[: self.own] for side in _SIDES]
        return (*self.access, *sides)

    def _signed_open(self, tags: Mapping[str, str]) -> bool:
        """Whether the mode's own access key opens the way, whatever its class, in one direction at least."""
        return any(self._own_sign(side, tags)[0] in self.values["opened"] for side in _SIDES)

    def _own_sign(self, side: str, tags: Mapping[str, str]) -> tuple[str, bool]:
        """Value of the mode's own key that decides on a direction, and whether it names the direction.

        From the most specific to the least: ``motorcar:forward``, ``motorcar``, ``motor_vehicle:forward`` …
        """
        for key in self.access[: self.own]:
            if f"{key}:{side}" in tags:
                return tags[f"{key}:{side}"], True
            if key in tags:
                return tags[key], False
        return "", False

    def _closed(self, tags: Mapping[str, str]) -> bool:
        """Whether the most specific access key, or a tag such as motorroad, closes the way."""
        if _first(self.access, tags) in self.values["closed"]:
            return True
        return any(tags.get(key) in closing for key, closing in self.closed_by.items())

    def _directions(self, highway: str, tags: Mapping[str, str]) -> tuple[bool, bool]:
        """Open along the way, open against it."""
        forward, backward = self._oneway(highway, tags)
        moving = _first(self.moving, tags)
        # an escalator that says no direction of its own runs as its one-way sign does
        if moving == "yes" and _first(("oneway",), tags) in self.values["oneway_forward"]:
            moving = "forward"
        elif moving == "yes" and _first(("oneway",), tags) in self.values["oneway_backward"]:
            moving = "backward"
        forward &= moving not in self.values["moving_backward"]
        backward &= moving not in self.values["moving_forward"]
        return self._signed("forward", tags, usual=forward), self._signed("backward", tags, usual=backward)

    def _signed(self, side: str, tags: Mapping[str, str], *, usual: bool) -> bool:
        """Whether a direction is open: its own sign has the last word on it."""
        value, of_side = self._own_sign(side, tags)
        if of_side and value in self.values["opened"] | self.values["closed"]:
            return value in self.values["opened"]
        if _first(self.access[: self.own], tags) in self.values["opened"]:
            return usual
        return usual and tags["highway"] not in self.only_where_signed and not self._closed(tags)

    def _oneway(self, highway: str, tags: Mapping[str, str]) -> tuple[bool, bool]:
        """Open along the way, open against it, by the keys that say one-way."""
        value = _first(self.oneway, tags)
        lanes = {tags[key] for key in self.contraflow_oneway if key in tags}
        both = self.values["oneway_both"]
        opposite = any(tags.get(key, "").startswith("opposite") for key in self.contraflow)
        if value in self.values["oneway_backward"]:
            return opposite or bool(lanes & (both | self.values["oneway_forward"])), True
        implied = highway in self.oneway_classes or tags.get("junction") in self.oneway_junctions
        known = value in self.values["oneway_forward"] or value in both
        if value in self.values["oneway_forward"] or (implied and not known):
            return True, opposite or bool(lanes & (both | self.values["oneway_backward"]))
        return True, True


def way_level(tags: Mapping[str, str]) -> int:
    """Height over the ground: ``layer`` where it is a whole number, else 1 on bridges and -1 in tunnels."""
    layer = tags.get("layer", "")
    if re.fullmatch(r"[+-]?\d", layer):
        return int(layer)
    if tags.get("tunnel", "no") not in _NO_TUNNEL:
        return -1
    return int(tags.get("bridge", "no") != "no")


def tag_word(value: Any) -> str:
    """A cell or attribute as a tag's value.

    Blank for null; the first of several, also where they are written as text (``['a', 'b']``).
    """
    if isinstance(value, (list, tuple, set, np.ndarray)):
        value = next(iter(value), None)
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    word = str(value).strip()
    return word.strip("[]").split(",")[0].strip(" '\"") if word.startswith("[") else word


def _first(keys: Sequence[str], tags: Mapping[str, str]) -> str:
    """Value of the first key that the way carries, or nothing."""
    return next((tags[key] for key in keys if key in tags), "")


def speed_limit_kmh(value: str, zones: Mapping[str, float]) -> float | None:
    """Read a ``maxspeed`` value.

    Parameters
    ----------
    value
        As mapped: ``50``, ``50 km/h``, ``30 mph``, ``CN:urban``, ``DE:zone:30``, ``walk``; several
        values parted by ``;`` mean the lowest.
    zones
        Speed of each zone word, km/h.

    Returns
    -------
    float or None
        km/h; None where the value says no figure (``none``, ``signals``, ``variable``, a slip).
    """
    read = [_one_limit(part.strip(), zones) for part in value.split(";")]
    return min((limit for limit in read if limit), default=None)


def _one_limit(value: str, zones: Mapping[str, float]) -> float | None:
    """One speed limit, km/h, or None."""
    if figure := _LIMIT.match(value.lower()):
        return float(figure["figure"]) * (MPH_IN_KMH if figure["unit"] == "mph" else 1.0) or None
    if zone := _ZONE.match(value):
        return float(zone["zone"]) if zone["zone"].isdigit() else zones.get(zone["zone"])
    return None
