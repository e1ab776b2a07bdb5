"""Plans as data: what a plan asks for, clause by clause, and nothing about how it is judged.

A new plan is a new ``.toml`` file. A new *kind* of rule is one class beside `Rule` and one function
in ``assessment``.
"""

from lifecircle.plans.circles import (
    Adjacency,
    PopulationPerFacility,
    Report,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.plans.loader import find_plans, load_plan, packaged_plans, plan
from lifecircle.plans.model import AnyRule, Jurisdiction, Plan
from lifecircle.plans.needs import RuleNeeds, needs
from lifecircle.plans.presence import AtLeastNPerArea, CoverageShareOfAreas, Tier, Tiers
from lifecircle.plans.rule import Condition, LocalText, Rule
from lifecircle.plans.vocabulary import ASSUMPTIONS, LEVEL_OF_UNIT

__all__ = [
    "ASSUMPTIONS",
    "LEVEL_OF_UNIT",
    "Adjacency",
    "AnyRule",
    "AtLeastNPerArea",
    "Condition",
    "CoverageShareOfAreas",
    "Jurisdiction",
    "LocalText",
    "Plan",
    "PopulationPerFacility",
    "Report",
    "Rule",
    "RuleNeeds",
    "Tier",
    "Tiers",
    "TravelDistanceCircle",
    "TravelTimeCircle",
    "TypeCircle",
    "find_plans",
    "load_plan",
    "needs",
    "packaged_plans",
    "plan",
]
