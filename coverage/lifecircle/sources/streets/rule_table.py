"""The table ``street_rules.toml``: the rules of each mode, the barriers, the ground that people cross."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from lifecircle.errors import Fault, InputError
from lifecircle.sources.streets.rules import StreetRules
from lifecircle.tables import MODES

_OFF_GROUND: Final = frozenset({"underground", "overhead", "overground"})
_ON_GROUND: Final = frozenset({"0", "+0", "-0", ""})

__all__ = ["BarrierRules", "JoinRules", "area_tests", "barrier_rules", "street_rules"]


@dataclass(frozen=True)
class BarrierRules:
    """What bars the straight walk between a point and its street: the table ``[barriers]``.

    Attributes
    ----------
    classes : values that bar, per key
    plot_m2 : a closed wall or fence round less ground bars nobody
    """

    classes: Mapping[str, frozenset[str]]
    plot_m2: float

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether a thing with these tags bars anybody on the ground: not in tunnels, not on bridges.

        Railways of another layer than the ground's run below or above it; rivers are drawn a layer down.
        """
        if any(tags.get(key, "no") != "no" for key in ("tunnel", "bridge", "covered")):
            return False
        level = tags.get("location") in _OFF_GROUND or tags.get("layer", "0") not in _ON_GROUND
        barring = {key for key, values in self.classes.items() if tags.get(key) in values}
        return bool(barring - {"railway"} if level else barring)

    def parts_areas(self, tags: Mapping[str, str]) -> bool:
        """Whether what bars is a wall or a fence on the ground, which parts squares, too."""
        off = tags.get("location") in _OFF_GROUND or tags.get("layer", "0") not in _ON_GROUND
        return tags.get("barrier") in self.classes["barrier"] and not off

    def is_ground(self, tags: Mapping[str, str]) -> bool:
        """Whether what bars is an area, out of which people are let: water, and no walled estate."""
        if tags.get("waterway") in {"dock", "riverbank"}:
            return True
        return any(tags.get(key) in self.classes.get(key, ()) for key in ("natural", "landuse"))


@cache
def barrier_rules() -> BarrierRules:
    """The barriers of ``street_rules.toml``."""
    table = dict(_table()["barriers"])
    plot_m2 = float(table.pop("plot_m2"))
    return BarrierRules({key: frozenset(values) for key, values in table.items()}, plot_m2)


@cache
def area_tests() -> Mapping[str, frozenset[str]]:
    """Tags of areas without a class that people cross: the table ``[areas]``, its ``highway`` aside."""
    return {key: frozenset(values) for key, values in _table()["areas"].items() if key != "highway"}


@cache
def _table() -> dict[str, Any]:
    """``street_rules.toml``."""
    return tomllib.loads(files(__package__).joinpath("street_rules.toml").read_text("utf-8"))


@dataclass(frozen=True)
class JoinRules:
    """Which streets points may join.

    Attributes
    ----------
    never : classes that nobody joins; those of the mode's table if None
    tunnels : tunnels may be joined
    bridges : bridges may be joined by points that do not stand on them
    """

    never: frozenset[str] | None = None
    tunnels: bool = False
    bridges: bool = False


@cache
def street_rules(mode: str = "walk", join: JoinRules | None = None) -> StreetRules:
    """The rules of a mode.

    Parameters
    ----------
    mode
        ``walk``, ``bike`` or ``drive``.
    join
        Which streets points may join; as the mode's table says if None.

    Raises
    ------
    InputError
        If there is no such mode.
    """
    if mode not in MODES:
        raise InputError(Fault("unknown-mode", values={"mode": mode, "known": ", ".join(MODES)}))
    table = _table()
    own: dict[str, Any] = table[mode]
    return StreetRules(
        mode=mode,
        never=frozenset(table["never"]),
        only_where_signed=frozenset(own["only_where_signed"]),
        closed_by={key: frozenset(values) for key, values in own["closed_by"].items()},
        access=tuple(own["access"]),
        own=own["own"],
        oneway=tuple(own["oneway"]),
        oneway_classes=frozenset(own["oneway_classes"]),
        oneway_junctions=frozenset(own["oneway_junctions"]),
        moving=tuple(own["moving"]),
        contraflow=tuple(own["contraflow"]),
        contraflow_oneway=tuple(own["contraflow_oneway"]),
        no_join=frozenset(own["no_join"]) if join is None or join.never is None else join.never,
        gates_closed=frozenset(own["gates_closed"]),
        values={name: frozenset(values) for name, values in table["values"].items()},
        speed_kmh=own.get("speed_kmh", {}),
        zone_kmh=own.get("zone_kmh", {}),
        ends_only=frozenset(own["ends_only"]),
        turns=tuple(own["turns"]),
        turns_except=frozenset(own["turns_except"]),
        areas=area_tests(),
        join_tunnels=join is not None and join.tunnels,
        join_bridges=join is not None and join.bridges,
    )
