"""Plans as data: what a plan asks for, clause by clause, and nothing about how it is judged.

A new plan is a new ``.toml`` file. A new *kind* of rule is one class beside `Rule` and one function
in ``assessment``.
"""

from lifecircle.plans.divisions import Division, roll_up, units_above
from lifecircle.plans.kinds import (
    Adjacency,
    AnyRule,
    AreaPer100Households,
    AreaPerPerson,
    AreaShare,
    AtLeastNPerArea,
    AttributeShareOfAreas,
    CapacityPer1000Population,
    CountTarget,
    CoverageShareOfAreas,
    FigurePerArea,
    FigurePerFacility,
    GridCoverage,
    HouseholdGridPartition,
    Indicator,
    MinimumFacilityArea,
    OpeningHours,
    PopulationPerFacility,
    Report,
    ShareOfFacilities,
    StaffPer10000Population,
    Tier,
    Tiers,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.plans.ledgers import LedgerColumn, ledger_columns
from lifecircle.plans.loader import (
    check_plan,
    find_plans,
    load_plan,
    packaged_plans,
    plan,
    services_defined,
)
from lifecircle.plans.model import (
    Jurisdiction,
    Plan,
    clause_in_words,
    plan_summary,
    responsible_in_words,
)
from lifecircle.plans.needs import RuleNeeds, needs
from lifecircle.plans.own_services import services_of
from lifecircle.plans.rule import Condition, LocalText, Rule
from lifecircle.plans.vocabulary import ASSUMPTIONS, LEVEL_OF_UNIT

__all__ = [
    "ASSUMPTIONS",
    "LEVEL_OF_UNIT",
    "Adjacency",
    "AnyRule",
    "AreaPer100Households",
    "AreaPerPerson",
    "AreaShare",
    "AtLeastNPerArea",
    "AttributeShareOfAreas",
    "CapacityPer1000Population",
    "Condition",
    "CountTarget",
    "CoverageShareOfAreas",
    "Division",
    "FigurePerArea",
    "FigurePerFacility",
    "GridCoverage",
    "HouseholdGridPartition",
    "Indicator",
    "Jurisdiction",
    "LedgerColumn",
    "LocalText",
    "MinimumFacilityArea",
    "OpeningHours",
    "Plan",
    "PopulationPerFacility",
    "Report",
    "Rule",
    "RuleNeeds",
    "ShareOfFacilities",
    "StaffPer10000Population",
    "Tier",
    "Tiers",
    "TravelDistanceCircle",
    "TravelTimeCircle",
    "TypeCircle",
    "check_plan",
    "clause_in_words",
    "find_plans",
    "ledger_columns",
    "load_plan",
    "needs",
    "packaged_plans",
    "plan",
    "plan_summary",
    "responsible_in_words",
    "roll_up",
    "services_defined",
    "services_of",
    "units_above",
]
