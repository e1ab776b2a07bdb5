"""Household grids: communities divided along their streets into parts of similar size."""

from lifecircle.household_grids.grids import HouseholdGridProposal, household_grids, propose_household_grids

__all__ = ["HouseholdGridProposal", "household_grids", "propose_household_grids"]
