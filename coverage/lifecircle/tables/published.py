"""Tables that are only ever written, and where each table is found: layers, CSV files and sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lifecircle.tables.commands import (
    CHANGES,
    EDGES,
    EXPLAINED_ROUTE,
    HOUSEHOLD_GRID_COMMUNITIES,
    HOUSEHOLD_GRID_POINTS,
    HOUSEHOLD_GRIDS,
    POINT_ISOCHRONES,
)
from lifecircle.tables.findings import FINDINGS
from lifecircle.tables.inputs import COMMUNITIES, DEMAND, FACILITIES, QUALITY
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
    TRAVEL,
)
from lifecircle.tables.monitoring import CHECKLIST, CIRCLE_SHEET, MONITORING, PROBLEMS
from lifecircle.tables.proposals import COVERAGE_CURVE, PROPOSALS
from lifecircle.tables.scenario import EFFECTS, GAINERS, SCENARIOS
from lifecircle.tables.spec import Column, TableSpec
from lifecircle.tables.summary import PRIORITIES, SCORECARD, SENSITIVITY, SUMMARY

__all__ = [
    "ASSUMPTIONS_USED",
    "COMMAND_FILES",
    "CSV_FILES",
    "FACILITY_AREAS",
    "FINDINGS_IN_WORDS",
    "LAYERS",
    "QUALITY_IN_WORDS",
    "SCENARIO_STREETS",
    "SHEETS",
]

FINDINGS_IN_WORDS: Final = replace(
    FINDINGS,
    name="findings_in_words",
    columns={
        **FINDINGS.columns,
        "title": Column("text", "title of the rule in the reader's language"),
        "cutoff_min": Column(
            "number", "minutes that the rule allows, of rules that limit them", "min", nullable=True
        ),
        "cutoff_m": Column(
            "number", "metres that the rule allows, of rules that limit them", "m", nullable=True
        ),
    },
)
"""Findings as ``deficits.csv`` publishes them."""

FACILITY_AREAS: Final = replace(
    FACILITIES,
    name="facility_areas",
    columns={**FACILITIES.columns, "geometry": Column("geometry", "outline, polygon, study CRS")},
)
"""Facilities that the source has an outline of; all of them are points in the layer ``facilities``."""

SCENARIO_STREETS: Final = replace(
    SCENARIO_SITES,
    name="scenario_streets",
    columns={
        **SCENARIO_SITES.columns,
        "change": Column("id", "street-opened | street-closed"),
        "geometry": Column("geometry", "line of the street, study CRS", nullable=True),
    },
)
"""Streets that scenarios open or close."""

QUALITY_IN_WORDS: Final = TableSpec(
    "data_quality_in_words",
    {
        "subject": QUALITY.columns["subject"],
        "item": Column("text", "file or id of the thing the remark is about; ''", nullable=True),
        "severity": QUALITY.columns["severity"],
        "kind": Column("id", "key of the remark"),
        "remark": Column("text", "the remark in the reader's language"),
        "count": QUALITY.columns["count"],
        "geometry": Column("geometry", "point, study CRS; empty without a place", nullable=True),
    },
)
"""Remarks on the data as people read them."""

ASSUMPTIONS_USED: Final = TableSpec(
    "assumptions",
    {
        "assumption": Column("id", "its key in the table [assumptions] of a study"),
        "value": Column("text", "the value of this run"),
        "meaning": Column("text", "what it means, in the reader's language"),
        "used": Column("text", "its value, in the reader's language"),
    },
    key=("assumption",),
)
"""What a run assumed where a plan is silent."""

LAYERS: Final[Mapping[str, tuple[TableSpec, ...]]] = {
    "communities": (COMMUNITIES, COMMUNITY_FIGURES, COMMUNITY_VERDICTS),
    "circles": (CIRCLES,),
    "facilities": (FACILITIES,),
    "facility_areas": (FACILITY_AREAS,),
    "demand": (DEMAND,),
    "gaps": (GAPS,),
    "catchments": (CATCHMENTS,),
    "isochrones": (ISOCHRONES,),
    "routes": (ROUTES,),
    "proposals": (PROPOSALS,),
    "scenarios": (SCENARIO_SITES,),
    "scenario_streets": (SCENARIO_STREETS,),
    "data_quality": (QUALITY_IN_WORDS,),
}
"""Layers of ``study.gpkg``, and the tables whose columns each carries, in WGS 84."""

CSV_FILES: Final[Mapping[str, TableSpec]] = {
    "deficits.csv": FINDINGS_IN_WORDS,
    "effects.csv": EFFECTS,
    "modes.csv": MODES_BESIDE,
}
"""CSV files of a run."""

COMMAND_FILES: Final[Mapping[str, tuple[TableSpec, ...]]] = {
    "streets": (EDGES,),
    "times": (TRAVEL,),
    "isochrones": (POINT_ISOCHRONES,),
    "explain": (EXPLAINED_ROUTE,),
    "grids": (HOUSEHOLD_GRIDS, HOUSEHOLD_GRID_POINTS, HOUSEHOLD_GRID_COMMUNITIES),
    "compare": (CHANGES,),
}
"""What a command's ``--output`` holds."""

SHEETS: Final[Mapping[str, tuple[TableSpec, ...]]] = {
    "summary": (SUMMARY,),
    "communities": (COMMUNITIES, COMMUNITY_VERDICTS),
    "communities-wide": (COMMUNITIES, COMMUNITY_FIGURES, COMMUNITY_VERDICTS),
    "proposals": (PROPOSALS,),
    "coverage-curve": (COVERAGE_CURVE,),
    "scenarios": (SCENARIOS,),
    "gainers": (GAINERS,),
    "effects": (EFFECTS,),
    "scorecard": (SCORECARD,),
    "township-priorities": (PRIORITIES,),
    "sensitivity": (SENSITIVITY,),
    "topics": (FINDINGS,),
    "assumptions": (ASSUMPTIONS_USED,),
    "data-quality": (QUALITY_IN_WORDS,),
    "indicators": (MONITORING,),
    "problems": (PROBLEMS,),
    "complete": (CHECKLIST,),
    "circles": (CIRCLE_SHEET,),
}
"""Sheets of ``deficits.xlsx`` and, from ``indicators`` on, of ``monitoring.xlsx``: the tables whose columns
they show, headings and codes in words. A sheet for each topic of the findings, here ``topics``."""
