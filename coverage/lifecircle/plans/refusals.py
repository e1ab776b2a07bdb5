"""What is wrong with one key of a plan file, in the user's words, and the way out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from pydantic_core import ErrorDetails

from lifecircle import services
from lifecircle.plans.divisions import Division
from lifecircle.plans.kinds import AnyRule, Tier
from lifecircle.plans.model import Jurisdiction, Plan
from lifecircle.plans.rule import Condition, LocalText, Record, Rule

__all__ = ["RULE_BY_KIND", "in_words"]

RULE_BY_KIND: Final[Mapping[str, type[Rule]]] = {
    get_args(kind.model_fields["kind"].annotation)[0]: kind for kind in get_args(get_args(AnyRule)[0])
}
_RECORD_OF: Final[Mapping[str, type[Record]]] = {
    "title": LocalText,
    "note": LocalText,
    "condition": Condition,
    "tiers": Tier,
    "jurisdiction": Jurisdiction,
    "divisions": Division,
}
_WHICH_COUNT: Final = frozenset({"min_floor_area_m2", "min_site_area_m2", "meets_standard"})
"""Keys of `PresenceRule` that say which facilities of a service count; circles and ratios have none."""
_USUALLY_THERE: Final = frozenset({"clause", "role", "quote", "units", "scope"})
"""Keys that `Rule` fills in where a file leaves them out."""


def in_words(details: ErrorDetails, rule: Mapping[str, Any], field: str) -> tuple[str, dict[str, object]]:
    """The message for one kind of validation error, and what only that message says.

    Parameters
    ----------
    details
        The error as pydantic tells it.
    rule
        The table that it is in, as the file has it.
    field
        The dotted key.

    Returns
    -------
    tuple of str and dict
        Key of the fault and the values that only this fault has.
    """
    error, context = details["type"], details.get("ctx", {})
    kind = str(rule.get("kind", ""))
    if error.startswith("plan-"):
        return error, {}
    if error == "missing":
        return _missing(kind, field)
    if error in {"union_tag_invalid", "union_tag_not_found"}:
        key = "plan-unknown-kind" if kind else "plan-missing-key"
        return key, {"found": kind, "nearest": services.nearest(kind, RULE_BY_KIND)}
    if error == "extra_forbidden":
        return _unknown(kind, field)
    if error == "literal_error":
        choices = re.findall(r"'([^']+)'", str(context.get("expected", "")))
        return "plan-unknown-value", {"nearest": services.nearest(str(details["input"]), choices)}
    return "plan-wrong-value", {}


def _missing(kind: str, field: str) -> tuple[str, dict[str, object]]:
    """A key that is not there: what it may be, and what else a rule of the kind needs."""
    rule = RULE_BY_KIND.get(kind)
    if rule is None or "." in field:
        return "plan-missing-key", {}
    return "plan-kind-needs", {"kind": kind, "valid": _values(rule, field), "needed": _needed(rule)}


def _unknown(kind: str, field: str) -> tuple[str, dict[str, object]]:
    """A key that the kind does not have: which is meant, or how else to say which facilities count."""
    *owners, last = field.split(".")
    rule = RULE_BY_KIND.get(kind)
    if field in _WHICH_COUNT and rule is not None and "services" in rule.model_fields:
        return "plan-counts-every-facility", {"kind": kind}
    record = _RECORD_OF.get(owners[0], rule or Plan) if owners else rule or Plan
    return "plan-unknown-key", {"nearest": services.nearest(last, record.model_fields)}


def _values(kind: type[Rule], field: str) -> str:
    """What a key of a kind may be, as a file writes it: ``">=" | ">"``; an ellipsis where it is free."""
    key = kind.model_fields.get(field)
    choices = kind.comparators if field == "comparator" else get_args(key.annotation if key else None)
    words = [f'"{choice}"' for choice in choices if isinstance(choice, str)]
    return " | ".join(words) if words and len(words) == len(choices) else "…"


def _needed(kind: type[Rule]) -> str:
    """Keys that a file must give a rule of a kind, in the order of its class."""
    filled = {*_USUALLY_THERE, *kind.usual}
    if len(get_args(kind.model_fields["unit"].annotation)) == 1:
        filled.add("unit")
    own = [name for name, field in kind.model_fields.items() if field.is_required() and name not in filled]
    return ", ".join((*own, "target"))
