"""Which units a rule judges: by layer, kind, scope and the clause's own condition.

Communities are told apart by scope: an urban rule judges the urban ones, a rule for both judges all unless
it names communities or villages alone, when their kind decides. A community whose scope (or kind) no source
tells is no-data; the cells of a grid have neither, so they are judged and the finding says so. Units of
other scope are no unit of the rule and get no row; units that the clause exempts get a row that says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.assessment.context import Context
from lifecircle.measures import PEOPLE_TOLERANCE
from lifecircle.plans import LEVEL_OF_UNIT, Condition, Rule
from lifecircle.tables import COMMUNITY_LEVELS, Note

__all__ = ["Place", "Selection", "Unit", "communities_of", "units_of"]

_ANY_KIND_OF_TOWNSHIP = {"street", "township"}
_LEVEL_OF_KIND = {"village": "village", "life-circle": "life-circle"}
_ADMINISTRATIVE = {"communities", "townships", "counties", "cities", "provinces"}


@dataclass(frozen=True)
class Place:
    """What a row is about."""

    level: str
    code: str
    name: str


@dataclass(frozen=True)
class Unit:
    """One unit a rule is about.

    Attributes
    ----------
    status
        Blank if it can be judged; else ``no-data`` or ``not-applicable``, and `notes` say why.
    at_data_edge
        Its surroundings leave the data: a circle's failure here is provisional.
    scope_unknown
        It is judged although its scope is not known: a failure is provisional.
    whole
        All of it lies within the boundary.
    """

    place: Place
    population: float
    status: str = ""
    notes: tuple[Note, ...] = ()
    at_data_edge: bool = False
    scope_unknown: bool = False
    whole: bool = True

    @property
    def code(self) -> str:
        """Its code."""
        return self.place.code

    @property
    def level(self) -> str:
        """Its level, as findings name it."""
        return self.place.level


@dataclass(frozen=True)
class Selection:
    """The units of a rule; where there are none, `status` and `notes` say why."""

    units: tuple[Unit, ...]
    status: str = ""
    notes: tuple[Note, ...] = ()

    @cached_property
    def codes(self) -> pd.Index:
        """Codes of the units, in their order."""
        return pd.Index([unit.code for unit in self.units])

    @cached_property
    def unfit(self) -> NDArray[np.object_]:
        """Status of the units that cannot be judged, ``""`` for the others, in their order."""
        return np.array([unit.status for unit in self.units], dtype=object)


def communities_of(ctx: Context, rule: Rule) -> Selection:
    """The communities and villages a rule about circles or people judges.

    Parameters
    ----------
    ctx
        The study.
    rule
        Its `scope`, `units` and `condition` are read.
    """
    asked = ("communities", tuple(rule.units), rule.scope, rule.condition)
    return ctx.remember(asked, (), lambda: _communities_of(ctx, rule))


def _communities_of(ctx: Context, rule: Rule) -> Selection:
    """`communities_of`, selected."""
    table = ctx.communities
    if table.empty:
        return Selection((), "no-data", (Note("missing-layer", {"layer": "communities"}),))
    concerned = table[_concerned(table, rule)]
    if concerned.empty:
        return Selection((), "not-applicable", (Note("no-such-unit", {"units": "+".join(rule.units)}),))
    return Selection(tuple(_community(rule, row) for row in _rows(concerned)))


def units_of(ctx: Context, rule: Rule, layer: str, units: Sequence[str]) -> Selection:
    """The units of one layer that a rule about facilities in areas judges.

    Parameters
    ----------
    ctx
        The study.
    rule
        Its `scope` and `condition` are read.
    layer
        As in `Rule.layers`: ``communities``, ``townships``, ``counties``, ``areas:scenic`` ...
    units
        Units of assessment that the rule finds in this layer.
    """
    asked = (layer, "units", tuple(units), tuple(rule.units), rule.scope, rule.condition)
    return ctx.remember(asked, (), lambda: _units_of(ctx, rule, layer, units))


def _units_of(ctx: Context, rule: Rule, layer: str, units: Sequence[str]) -> Selection:
    """`units_of`, selected."""
    if layer == "communities":
        if ctx.is_regular:
            return Selection((), "not-applicable", (Note("cells-are-no-units"),))
        return communities_of(ctx, rule)
    level = LEVEL_OF_UNIT[units[0]]
    table = ctx.inputs.units[ctx.inputs.units["level"] == level]
    if table.empty:
        return Selection((), "no-data", (Note("missing-layer", {"layer": layer}),))
    if rule.scope != "both":
        table = table[table["scope"].isin({rule.scope, ""})]
    # streets and townships are one level, told apart by kind where the clause names one of them
    kinds = set(units) & _ANY_KIND_OF_TOWNSHIP
    if len(kinds) == 1:
        is_street = table["kind"] == "street"
        table = table[(table["kind"] == "") | (is_street if kinds == {"street"} else ~is_street)]
    selected = tuple(
        _unit(rule, row, layer, needs_kind=len(kinds) == 1) for row in _rows(table.set_index("code"))
    )
    if not selected:
        return Selection((), "not-applicable", (Note("no-such-unit", {"units": "+".join(units)}),))
    return Selection(selected)


def _concerned(table: pd.DataFrame, rule: Rule) -> pd.Series:
    """Communities the rule is about, or may be about."""
    if rule.scope != "both":
        return table["scope"].isin({rule.scope, ""})
    # kind decides only where the clause names communities or villages alone
    kind = _kind_named(rule)
    return table["kind"].isin({kind, "cell", ""}) if kind else table["kind"].notna()


def _kind_named(rule: Rule) -> str:
    """The only kind of community a rule for both scopes names, or nothing where kind does not matter."""
    kinds = set(rule.units) & set(COMMUNITY_LEVELS)
    return next(iter(kinds)) if rule.scope == "both" and len(kinds) == 1 else ""


def _community(rule: Rule, row: dict[str, Any]) -> Unit:
    """One community, and whether it can be judged."""
    is_cell = row["kind"] == "cell"
    unknown_scope = rule.scope != "both" and row["scope"] == ""
    notes: tuple[Note, ...] = ()
    if unknown_scope and is_cell:
        notes = (Note("scope-unknown-judged", {"scope": rule.scope}),)
    status, reasons = _unfit_community(rule, row, unknown_scope=unknown_scope and not is_cell)
    return Unit(
        place=Place(_LEVEL_OF_KIND.get(row["kind"], "community"), row["code"], row["name"]),
        population=row["population"],
        status=status,
        notes=(*notes, *reasons),
        at_data_edge=bool(row["edge"]),
        scope_unknown=unknown_scope and is_cell,
    )


def _unfit_community(rule: Rule, row: dict[str, Any], *, unknown_scope: bool) -> tuple[str, tuple[Note, ...]]:
    """Why a community cannot be judged, if it cannot."""
    # from what needs no data to what does
    if row["population"] == 0:
        return "not-applicable", (Note("nobody-lives-here"),)
    if unknown_scope:
        return "no-data", (Note("scope-unknown"),)
    if _kind_named(rule) and row["kind"] == "":
        return "no-data", (Note("missing-column", {"column": "communities.kind"}),)
    return _exempt(rule.condition, row, "communities")


def _unit(rule: Rule, row: dict[str, Any], layer: str, *, needs_kind: bool) -> Unit:
    """One unit above the communities, and whether it can be judged."""
    status, notes = _exempt(rule.condition, row, layer)
    if not status and needs_kind and row["kind"] == "":
        status, notes = "no-data", (Note("missing-column", {"column": f"{layer}.kind"}),)
    # A scenic area or a region needs its facility whether or not anybody lives in it.
    if layer in _ADMINISTRATIVE and row["population"] == 0:
        status, notes = "not-applicable", (Note("nobody-lives-here"),)
    return Unit(
        place=Place(row["level"], row["code"], row["name"]),
        population=row["population"],
        status=status,
        notes=notes,
        whole=bool(row["whole"]),
    )


def _exempt(condition: Condition | None, row: dict[str, Any], layer: str) -> tuple[str, tuple[Note, ...]]:
    """Whether the clause's condition leaves a unit out, or cannot be told."""
    if condition is None:
        return "", ()
    if row["name"] in condition.names_excluded:
        return "not-applicable", (Note("exempt-by-name", {"name": row["name"]}),)
    # a hair over a limit is rounding and no person
    over, least, people = condition.population_over, condition.population_at_least, row["population"]
    if math.isnan(people) and (over is not None or least is not None):
        return "no-data", (Note("missing-column", {"column": f"{layer}.population"}),)
    if over is not None and people <= over + PEOPLE_TOLERANCE:
        return "not-applicable", (Note("exempt-by-population", {"limit": over}),)
    if least is not None and people < least - PEOPLE_TOLERANCE:
        return "not-applicable", (Note("below-population", {"limit": least}),)
    return "", ()


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows as mappings, the index as ``code``, shapes left behind."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    plain["name"] = plain["name"].where(plain["name"] != "", plain.index)
    for code, row in zip(plain.index, plain.to_dict("records"), strict=True):
        yield {**row, "code": code}
