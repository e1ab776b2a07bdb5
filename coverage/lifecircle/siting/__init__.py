"""Where to build next: location models with proof, catchments with capacity, proposals for a study."""

from lifecircle.siting.catchments import CapacityCatchments, capacity_catchments
from lifecircle.siting.locate import Model, locate
from lifecircle.siting.location import Location
from lifecircle.siting.models.closing import Closing, close_deficits
from lifecircle.siting.proposals import Objective, Proposals, propose_sites

__all__ = [
    "CapacityCatchments",
    "Closing",
    "Location",
    "Model",
    "Objective",
    "Proposals",
    "capacity_catchments",
    "close_deficits",
    "locate",
    "propose_sites",
]
