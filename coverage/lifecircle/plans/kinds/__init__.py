"""Kinds of rule, one file each; `shared` holds what several of them have in common."""

from typing import Annotated

from pydantic import Field

from lifecircle.plans.kinds.adjacency import Adjacency
from lifecircle.plans.kinds.area_per_100_households import AreaPer100Households
from lifecircle.plans.kinds.area_per_person import AreaPerPerson
from lifecircle.plans.kinds.area_share import AreaShare
from lifecircle.plans.kinds.at_least_n_per_area import AtLeastNPerArea
from lifecircle.plans.kinds.attribute_share_of_areas import AttributeShareOfAreas
from lifecircle.plans.kinds.capacity_per_1000_population import CapacityPer1000Population
from lifecircle.plans.kinds.count_target import CountTarget
from lifecircle.plans.kinds.coverage_share_of_areas import CoverageShareOfAreas
from lifecircle.plans.kinds.figure_per_area import FigurePerArea
from lifecircle.plans.kinds.figure_per_facility import FigurePerFacility
from lifecircle.plans.kinds.grid_coverage import GridCoverage
from lifecircle.plans.kinds.household_grid_partition import HouseholdGridPartition
from lifecircle.plans.kinds.indicator import Indicator
from lifecircle.plans.kinds.minimum_facility_area import MinimumFacilityArea
from lifecircle.plans.kinds.opening_hours import OpeningHours
from lifecircle.plans.kinds.population_per_facility import PopulationPerFacility
from lifecircle.plans.kinds.report import Report
from lifecircle.plans.kinds.share_of_facilities import ShareOfFacilities
from lifecircle.plans.kinds.staff_per_10000_population import StaffPer10000Population
from lifecircle.plans.kinds.tiers import Tier, Tiers
from lifecircle.plans.kinds.travel_distance_circle import TravelDistanceCircle
from lifecircle.plans.kinds.travel_time_circle import TravelTimeCircle
from lifecircle.plans.kinds.type_circle import TypeCircle

__all__ = [
    "Adjacency",
    "AnyRule",
    "AreaPer100Households",
    "AreaPerPerson",
    "AreaShare",
    "AtLeastNPerArea",
    "AttributeShareOfAreas",
    "CapacityPer1000Population",
    "CountTarget",
    "CoverageShareOfAreas",
    "FigurePerArea",
    "FigurePerFacility",
    "GridCoverage",
    "HouseholdGridPartition",
    "Indicator",
    "MinimumFacilityArea",
    "OpeningHours",
    "PopulationPerFacility",
    "Report",
    "ShareOfFacilities",
    "StaffPer10000Population",
    "Tier",
    "Tiers",
    "TravelDistanceCircle",
    "TravelTimeCircle",
    "TypeCircle",
]

AnyRule = Annotated[
    TravelTimeCircle
    | TravelDistanceCircle
    | TypeCircle
    | PopulationPerFacility
    | Adjacency
    | Report
    | AtLeastNPerArea
    | CoverageShareOfAreas
    | Tiers
    | AreaPer100Households
    | AreaPerPerson
    | AreaShare
    | CapacityPer1000Population
    | StaffPer10000Population
    | FigurePerArea
    | AttributeShareOfAreas
    | FigurePerFacility
    | MinimumFacilityArea
    | OpeningHours
    | ShareOfFacilities
    | HouseholdGridPartition
    | GridCoverage
    | CountTarget
    | Indicator,
    Field(discriminator="kind"),
]
"""A rule of any kind. A new kind is one more class here."""
