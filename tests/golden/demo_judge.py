"""What the recomputed rules share: which units a rule concerns, and how what is met or short is told."""

from __future__ import annotations

from demo_raw import DIGITS, Raw

WHOLE = "whole"
"""The code under which the verdict on the whole city stands."""


class Judge:
    """Rules of the demo city judged from its raw files."""

    def __init__(self, raw: Raw):
        self.raw = raw
        self.known = set(raw.facilities["service"])

    def codes(self, rule, unit: str) -> list[str]:
        """The units of one kind that the rule concerns."""
        if unit not in DIGITS:
            return list(self.raw.areas(unit).index)
        if unit in {"community", "village"} and rule["scope"] != "both":
            unit = {"urban": "community", "rural": "village"}[rule["scope"]]
        condition = rule.get("condition", {})
        excluded = set(condition.get("names_excluded", ()))
        kept = []
        for code in self.raw.codes_of(unit):
            people = self.raw.people[self.raw.people.index.str.startswith(code)].sum()
            if people <= condition.get("population_over", -1) + 1e-6:
                continue
            if people < condition.get("population_at_least", 0) - 1e-6:
                continue
            if self.raw.name_of(unit, code) not in excluded:
                kept.append(code)
        return kept

    def status(self, rule, *, met: bool) -> str:
        """How a unit stands: judged, context of a whole, or only reported."""
        if only_reported(rule):
            return "report-only"
        return "context" if rule["binding"] == "whole" else "met" if met else "short"

    def whole(self, rule, value: float, asked: float, *, reported: bool = False) -> str:
        """How the whole stands."""
        if reported or only_reported(rule):
            return "report-only"
        return "met" if value >= asked - 1e-9 else "short"


def only_reported(rule) -> bool:
    """Whether a rule is never met or short."""
    return bool(rule.get("report_only")) or rule["comparator"] == "none" or isinstance(rule["target"], str)
