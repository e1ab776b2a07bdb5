"""What a plan needs to be judged: layers, columns and services, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass

from lifecircle.plans.model import Plan

__all__ = ["RuleNeeds", "needs"]


@dataclass(frozen=True)
class RuleNeeds:
    """What one rule needs.

    Attributes
    ----------
    rule
        Its id.
    layers
        ``communities``, ``townships``, ``counties``, ``areas:<kind>``, ``streets``, ``demand``,
        ``facilities``; in the order a reader would supply them.
    columns
        ``layer.column`` beyond what every layer has.
    services
        Services it names, and after them the assumptions that name more (``basic_types``).
    """

    rule: str
    layers: tuple[str, ...]
    columns: tuple[str, ...]
    services: tuple[str, ...]


def needs(plan: Plan) -> tuple[RuleNeeds, ...]:
    """What each rule of a plan needs, in the plan's order."""
    return tuple(
        RuleNeeds(
            rule=rule.id,
            layers=rule.needs_layers(),
            columns=rule.needs_columns(),
            services=(
                *rule.all_services,
                *(name for name in rule.assumptions if name in {"basic_types", "quality_types"}),
            ),
        )
        for rule in plan.rules
    )
