"""Plans of a user's own, as the text of their files: a head, and as many rules as a test asks for."""

from __future__ import annotations

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

_CIRCLE = """
[[rule]]
id = "{rule}"
kind = "travel-time-circle"
clause = "1"
role = "target"
title.zh = "15分钟圈：{service}"
title.en = "15-minute circle: {service}"
quote = "one within 15 minutes"
units = {units}
scope = "{scope}"
services = ["{service}"]
comparator = "<="
target = 15
unit = "min"
target_year = 2030
share_comparator = "="
share_target_pct = 100
"""

_PEOPLE_PER_FACILITY = """
[[rule]]
id = "{rule}"
kind = "population-per-facility"
clause = "2"
role = "standing"
title.zh = "每1-2万人一处设施"
title.en = "One facility per 10-20 thousand people"
quote = "one per 10-20 thousand people"
units = ["catchment"]
scope = "urban"
services = ["{service}"]
comparator = "range"
target = 10000
target_max = 20000
unit = "persons/facility"
"""


def own_plan(*rules: str, plan: str = "own") -> str:
    """A plan with some rules."""
    return _HEAD.format(plan=plan) + "".join(rules)


def circle(rule: str, service: str, *, everywhere: bool = False) -> str:
    """A 15-minute circle that all communities must have: urban ones, or all and the villages."""
    units = '["community", "village"]' if everywhere else '["community"]'
    return _CIRCLE.format(rule=rule, service=service, units=units, scope="both" if everywhere else "urban")


def people_per_facility(rule: str, service: str) -> str:
    """A facility for every 10 to 20 thousand townspeople."""
    return _PEOPLE_PER_FACILITY.format(rule=rule, service=service)
