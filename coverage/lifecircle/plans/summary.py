"""What maps and reports say of a plan and its rules."""

from __future__ import annotations

from collections.abc import Mapping

from lifecircle.plans.model import Plan
from lifecircle.study import Assumptions

__all__ = ["plan_summary"]


def plan_summary(plan: Plan, assumptions: Assumptions) -> Mapping[str, object]:
    """What maps and reports say of a plan and its rules."""
    return {
        "id": plan.id,
        "title": plan.title.model_dump(),
        "issued": str(plan.issued),
        "rules": {
            rule.id: {
                "title": rule.title.model_dump(),
                "quote": rule.quote,
                "clause": rule.clause,
                "kind": rule.kind,
                "services": rule.all_services,
                "cutoff_min": _minutes(rule, assumptions),
            }
            for rule in plan.rules
        },
    }


def _minutes(rule: object, assumptions: Assumptions) -> float | None:
    """The minutes of a time circle; None for other kinds."""
    limit = getattr(rule, "minutes", None)
    return float(getattr(assumptions, limit)) if isinstance(limit, str) else limit
