"""Household grids: communities divided along their streets into parts of similar size."""

from lifecircle.household_grids.grids import GridProposal, propose_grids
from lifecircle.household_grids.of_study import household_grids

__all__ = ["GridProposal", "household_grids", "propose_grids"]
