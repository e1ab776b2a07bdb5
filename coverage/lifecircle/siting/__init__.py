"""Where to build next: location models with proof, catchments with capacity, proposals for a study."""

from lifecircle.siting.capacity import CapacityCatchments, capacity_catchments
from lifecircle.siting.locate import locate
from lifecircle.siting.location import Location

__all__ = ["CapacityCatchments", "Location", "capacity_catchments", "locate"]
