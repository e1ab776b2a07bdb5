"""Household grids: communities divided along their streets into parts of similar size."""

from lifecircle.household_grids.grids import GridProposal, household_grids, propose_grids

__all__ = ["GridProposal", "household_grids", "propose_grids"]
