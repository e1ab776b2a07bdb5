"""Plans of a user's own, as the text of their files: a head, and as many rules as a test asks for."""

from __future__ import annotations

import json
from typing import Any

_HEAD = """
[plan]
id = "{plan}"
title.zh = "自拟规划"
title.en = "An own plan"
issued = 2025-01-01
period = [2025, 2030]
level = "city"
jurisdiction.code = ""
jurisdiction.name.zh = "某地"
jurisdiction.name.en = "Some place"
source = "written for the tests"
"""


def own_plan(*rules: str, plan: str = "own") -> str:
    """A plan with some rules."""
    return _HEAD.format(plan=plan) + "".join(rules)


def own_rule(rule: str, kind: str, **keys: Any) -> str:
    """A rule of a kind: its own keys, and those that every rule has. What JSON writes here, TOML reads."""
    said = {"id": rule, "kind": kind, "clause": "1", "role": "target", "quote": rule, **keys}
    titles = f'title = {{ zh = "{rule}", en = "{rule}" }}\n'
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items())
    return "\n[[rule]]\n" + titles + "".join(lines)


def circle(rule: str, service: str, *, everywhere: bool = False, **keys: Any) -> str:
    """A 15-minute circle that all communities must have: urban ones, or all and the villages."""
    asked = {
        "units": ["community", "village"] if everywhere else ["community"],
        "scope": "both" if everywhere else "urban",
        "services": [service],
        "comparator": "<=",
        "target": 15,
        "unit": "min",
        "target_year": 2030,
        "share_comparator": "=",
        "share_target_pct": 100,
    }
    return own_rule(rule, "travel-time-circle", **asked, **keys)


def people_per_facility(rule: str, service: str, *, scope: str = "urban") -> str:
    """A facility for every 10 to 20 thousand townspeople, or people wherever they live."""
    return own_rule(
        rule,
        "population-per-facility",
        role="standing",
        units=["catchment"],
        scope=scope,
        services=[service],
        comparator="range",
        target=10000,
        target_max=20000,
        unit="persons/facility",
    )
