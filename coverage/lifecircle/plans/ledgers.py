"""Which ledgers some plans need, column by column: what an empty workbook for an office to fill in holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lifecircle import messages
from lifecircle.plans.kinds import AnyRule
from lifecircle.plans.model import Plan
from lifecircle.plans.needs import needs
from lifecircle.services import catalogue
from lifecircle.tables import COMMUNITY_LEVELS, FACILITY_DETAILS, FACILITY_FIGURES, UNIT_FIGURES, Column

__all__ = ["LedgerColumn", "ledger_columns"]

_FIGURES: Final[Mapping[str, Column]] = {**UNIT_FIGURES, **FACILITY_FIGURES, **FACILITY_DETAILS}
_NO_LEDGER: Final = frozenset({"streets", "demand"})
"""Layers that come as maps, not as tables to fill in."""

_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "communities": ("code", "name", "kind", "scope", "township", "county"),
    "townships": ("code", "name", "kind"),
    "facilities": ("id", "name", "service", "x", "y", "community", "public"),
    "indicators": ("rule", "code", "year", "value"),
}
"""What every ledger of a kind starts with, whatever is asked; others start with code and name."""

_REQUIRED: Final = frozenset({"code", "id", "service", "rule", "value"})
_NUMBERS: Final = frozenset({"x", "y", "year", "value", "population", "households"})
_CHOICES: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("communities", "kind"): COMMUNITY_LEVELS,
    ("communities", "scope"): ("urban", "rural"),
    ("townships", "kind"): ("street", "township"),
}
_YES_NO: Final = ("yes", "no")


@dataclass(frozen=True)
class LedgerColumn:
    """One column of a ledger.

    Attributes
    ----------
    name
        As the program calls it.
    kind
        ``text``, ``number`` or ``flag`` (yes or no).
    unit
        Of a number; blank where it has none.
    required
        A row without it cannot be read.
    choices
        What may stand in it, as the program calls them; empty where anything may.
    rules
        Ids of the rules that are no-data without it; empty for what every ledger has.
    """

    name: str
    kind: Literal["text", "number", "flag"]
    unit: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def heading(self, lang: str) -> str:
        """What stands over the column; a column of a plan's own is called by its name."""
        key = f"plans.column.{self.name}"
        return messages.text(key, lang) if messages.has(key) else self.name


def ledger_columns(plans: Iterable[Plan]) -> Mapping[str, tuple[LedgerColumn, ...]]:
    """The ledgers that some plans need, and exactly the columns their rules need.

    Parameters
    ----------
    plans
        Whatever they need is joined: a column that two rules need is there once.

    Returns
    -------
    Mapping
        By ledger: ``communities``, ``townships``, ``counties``, ``cities``, ``provinces``,
        ``areas:<kind>``, ``facilities``, ``indicators``; those that no rule needs are left out. A ledger's
        own columns stand first, then the figures in the order in which rules first need them.
    """
    listed = tuple(plans)
    rules = [rule for plan in listed for rule in plan.rules]
    asked: dict[str, dict[str, list[str]]] = {}
    for needed in (one for plan in listed for one in needs(plan).values()):
        for layer in needed.layers:
            asked.setdefault(layer, {})
        for dotted in needed.columns:
            layer, _, column = dotted.partition(".")
            asked.setdefault(layer, {}).setdefault(column, []).append(needed.rule)
    ledgers = (layer for layer in asked if layer not in _NO_LEDGER)
    return {layer: tuple(_columns(layer, asked[layer], rules)) for layer in ledgers}


def _columns(layer: str, asked: Mapping[str, list[str]], rules: list[AnyRule]) -> Iterator[LedgerColumn]:
    """The columns of one ledger."""
    own = _OWN.get(layer, ("code", "name"))
    for name in dict.fromkeys((*own, *asked)):
        figure = _FIGURES.get(name)
        kind = _kind(name, rules, is_text=name in own and name not in _NUMBERS)
        yield LedgerColumn(
            name=name,
            kind=kind,
            unit=figure.unit if figure is not None else "",
            required=name in _REQUIRED and (layer, name) != ("indicators", "code"),
            choices=_YES_NO if kind == "flag" else _choices(layer, name, rules),
            rules=tuple(asked.get(name, ())),
        )


def _kind(name: str, rules: list[AnyRule], *, is_text: bool) -> Literal["text", "number", "flag"]:
    """What stands in a column; one that only a plan of the user's own knows is a mark where it is shared."""
    if name == "public":
        return "flag"
    if is_text:
        return "text"
    if name in _FIGURES:
        return "flag" if _FIGURES[name].kind == "flag" else "number"
    marks = {getattr(rule, "column", None) for rule in rules if rule.unit == "%"}
    return "flag" if name in marks else "number"


def _choices(layer: str, name: str, rules: list[AnyRule]) -> tuple[str, ...]:
    """What may stand in a column: services and rules are those of the plans."""
    if (layer, name) == ("facilities", "service"):
        known = catalogue()
        named = dict.fromkeys(service for rule in rules for service in rule.all_services)
        # a service that is selected by size is listed as what it is selected from
        selected = {name: known[name].of for name in named if name in known and known[name].of}
        return tuple(dict.fromkeys(one for name in named for one in selected.get(name, (name,))))
    if (layer, name) == ("indicators", "rule"):
        return tuple(rule.id for rule in rules if rule.kind == "indicator")
    return _CHOICES.get((layer, name), ())
