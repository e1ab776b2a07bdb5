"""What a plan needs to be judged: layers, columns and services, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lifecircle import messages, services
from lifecircle.plans.model import Plan

__all__ = ["RuleNeeds", "needs"]

_OF_SERVICES: Final = ("basic_types", "quality_types")
"""Assumptions whose value is a list of services."""


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

    def render(self, lang: str) -> str:
        """The needs in one line of words."""
        layers = [messages.text(f"plans.layer.{layer.replace(':', '-')}", lang) for layer in self.layers]
        groups = {
            "layers": layers,
            "columns": self.columns,
            "services": [_service_name(name, lang) for name in self.services],
        }
        return messages.text("plans.part-separator", lang).join(
            messages.text(f"plans.needs-{part}", lang, names=_listed(names, lang))
            for part, names in groups.items()
            if names
        )


def needs(plan: Plan) -> Mapping[str, RuleNeeds]:
    """What each rule of a plan needs, by rule id, in the plan's order."""
    return {
        rule.id: RuleNeeds(
            rule=rule.id,
            layers=rule.needs_layers(),
            columns=tuple(
                dict.fromkeys((*rule.needs_columns(), *(f"facilities.{size}" for size in rule.sizes)))
            ),
            services=(*rule.all_services, *(name for name in rule.assumptions if name in _OF_SERVICES)),
        )
        for rule in plan.rules
    }


def _listed(words: Iterable[str], lang: str) -> str:
    """Words as a list in a sentence."""
    return messages.text("plans.list-separator", lang).join(words)


def _service_name(name: str, lang: str) -> str:
    """A service's name, or an assumption as the study file writes it."""
    service = services.catalogue().get(name)
    return name if service is None else service[lang]
