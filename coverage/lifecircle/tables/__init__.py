"""The tables that cross rooms: columns, dtypes, units, keys, and the frozen records that carry them.

A table is checked where it is made (`TableSpec.check`), so that every later room can trust it. Ids are
the only joins. Lengths are metres in the study's local CRS; NaN means unknown, never zero.
"""

from lifecircle.tables.checked import NAME_COLUMNS, Checked, NameDoubt
from lifecircle.tables.costs import Costs, CostsLike, is_amount, read_amounts, read_costs
from lifecircle.tables.crs import WGS84, DatumShift, datum_shift, local_crs, utm_crs
from lifecircle.tables.findings import (
    CERTAINTY,
    COMMUNITY_LEVELS,
    FINDINGS,
    STATUS,
    WIDE_LEVELS,
    Note,
    findings_frame,
    verdict_rows,
)
from lifecircle.tables.inputs import (
    COMMUNITIES,
    DEMAND,
    ENTRIES,
    FACILITIES,
    FACILITY_DETAILS,
    FACILITY_FIGURES,
    QUALITY,
    UNIT_FIGURES,
    UNITS,
    Inputs,
    share_weights,
)
from lifecircle.tables.measured import (
    CATCHMENTS,
    CIRCLES,
    COMMUNITY_FIGURES,
    COMMUNITY_VERDICTS,
    GAPS,
    ISOCHRONES,
    MODES_BESIDE,
    ROUTES,
    SCENARIO_SITES,
    SNAPS,
    TRAVEL,
)
from lifecircle.tables.monitoring import CHECKLIST, CIRCLE_SHEET, MONITORING, PROBLEMS
from lifecircle.tables.proposals import COVERAGE_CURVE, PROPOSALS
from lifecircle.tables.rasters import BlockedRasters, Raster, RasterBlock
from lifecircle.tables.results import Results, TravelTimes
from lifecircle.tables.scenario import EFFECTS, GAINERS, SCENARIOS, Scenario, placed_rows
from lifecircle.tables.spec import Column, TableSpec, concat_nonempty
from lifecircle.tables.streets import MODE_SPEED_KMH, MODES, StreetTable
from lifecircle.tables.summary import (
    HEADLINES,
    PRIORITIES,
    SCORECARD,
    SENSITIVITY,
    STUDY_AREA,
    SUMMARY,
    Shortfall,
)

__all__ = [
    "CATCHMENTS",
    "CERTAINTY",
    "CHECKLIST",
    "CIRCLES",
    "CIRCLE_SHEET",
    "COMMUNITIES",
    "COMMUNITY_FIGURES",
    "COMMUNITY_LEVELS",
    "COMMUNITY_VERDICTS",
    "COVERAGE_CURVE",
    "DEMAND",
    "EFFECTS",
    "ENTRIES",
    "FACILITIES",
    "FACILITY_DETAILS",
    "FACILITY_FIGURES",
    "FINDINGS",
    "GAINERS",
    "GAPS",
    "HEADLINES",
    "ISOCHRONES",
    "MODES",
    "MODES_BESIDE",
    "MODE_SPEED_KMH",
    "MONITORING",
    "NAME_COLUMNS",
    "PRIORITIES",
    "PROBLEMS",
    "PROPOSALS",
    "QUALITY",
    "ROUTES",
    "SCENARIOS",
    "SCENARIO_SITES",
    "SCORECARD",
    "SENSITIVITY",
    "SNAPS",
    "STATUS",
    "STUDY_AREA",
    "SUMMARY",
    "TRAVEL",
    "UNITS",
    "UNIT_FIGURES",
    "WGS84",
    "WIDE_LEVELS",
    "BlockedRasters",
    "Checked",
    "Column",
    "Costs",
    "CostsLike",
    "DatumShift",
    "Inputs",
    "NameDoubt",
    "Note",
    "Raster",
    "RasterBlock",
    "Results",
    "Scenario",
    "Shortfall",
    "StreetTable",
    "TableSpec",
    "TravelTimes",
    "concat_nonempty",
    "datum_shift",
    "findings_frame",
    "is_amount",
    "local_crs",
    "placed_rows",
    "read_amounts",
    "read_costs",
    "share_weights",
    "utm_crs",
    "verdict_rows",
]
