"""Pure figures from tables: who is covered, how far people walk, catchments, shares of areas.

No measure reads a file, a rule or a study. Minutes and metres are the caller's; residents are persons as
floats, because rasters give fractions of them.
"""

from lifecircle.measures.areas import (
    AreaShare,
    area_in_exactly_one,
    area_of,
    areas_needed,
    facilities_per_area,
    share_of_areas,
)
from lifecircle.measures.catchments import (
    catchment_loads,
    committees_served,
    facilities_needed,
    facilities_useful,
    overload,
)
from lifecircle.measures.coverage import (
    CommunitySums,
    covered_by_all,
    covered_dwellings,
    covered_residents,
    nearest_of,
)
from lifecircle.measures.decay import Decay, gaussian, negative_exponential, steps
from lifecircle.measures.equity import cohort_shares, gini, palma
from lifecircle.measures.floating import FLOATING_METHODS, FloatingMethod, floating_catchment
from lifecircle.measures.opportunities import cumulative_opportunities, gravity, mean_by_community
from lifecircle.measures.progress import Progress, expected_value, progress_of, progress_share
from lifecircle.measures.quantiles import minutes_of_communities
from lifecircle.measures.ratios import household_grids_needed, missing, rate, reaches, sums_per_area
from lifecircle.measures.rounding import (
    PEOPLE_TOLERANCE,
    RELATIVE_TOLERANCE,
    at_least,
    at_most,
    exceeds,
    whole_needed,
)

__all__ = [
    "FLOATING_METHODS",
    "PEOPLE_TOLERANCE",
    "RELATIVE_TOLERANCE",
    "AreaShare",
    "CommunitySums",
    "Decay",
    "FloatingMethod",
    "Progress",
    "area_in_exactly_one",
    "area_of",
    "areas_needed",
    "at_least",
    "at_most",
    "catchment_loads",
    "cohort_shares",
    "committees_served",
    "covered_by_all",
    "covered_dwellings",
    "covered_residents",
    "cumulative_opportunities",
    "exceeds",
    "expected_value",
    "facilities_needed",
    "facilities_per_area",
    "facilities_useful",
    "floating_catchment",
    "gaussian",
    "gini",
    "gravity",
    "household_grids_needed",
    "mean_by_community",
    "minutes_of_communities",
    "missing",
    "nearest_of",
    "negative_exponential",
    "overload",
    "palma",
    "progress_of",
    "progress_share",
    "rate",
    "reaches",
    "share_of_areas",
    "steps",
    "sums_per_area",
    "whole_needed",
]
