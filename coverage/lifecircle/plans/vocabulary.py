"""The words a plan file may use: roles, units of assessment, comparators, named assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

__all__ = [
    "ASSUMPTIONS",
    "LAYER_OF_UNIT",
    "LEVEL_OF_UNIT",
    "AssessmentUnit",
    "Assumption",
    "Binding",
    "Certainty",
    "Comparator",
    "Mark",
    "Nature",
    "PeopleMeasure",
    "Role",
    "Scope",
]

Role = Literal["target", "standing", "baseline"]
"""Dated, valid without a date (the plan's horizon applies), or a fact about where the plan started."""

Binding = Literal["unit", "whole"]
"""Whether the plan sets its figure for each unit, or for a whole of which the units are parts."""

PeopleMeasure = Literal["beyond-reach", "above-capacity", "of-units-short", "nobody"]
"""Whom `population_short` counts: residents of the rule's scope (or its cohort) beyond the limit; residents
above what the facilities may serve; residents of the units that miss; or nobody, where the clause is about
staff, totals or facilities and not about people being served."""

Scope = Literal["urban", "rural", "both"]
Certainty = Literal["confirmed", "unconfirmed"]
Nature = Literal["expected", "binding"]
"""Whether a plan's table calls an indicator expected (预期性) or binding (约束性)."""
Mark = Literal["P", "S", "K"]
"""How a figure of a standard is known: ``P`` read in an excerpt of its primary text, ``S`` read in a
secondary source, ``K`` general knowledge. Only ``P`` is confirmed."""


Comparator = Literal[">=", ">", "<=", "<", "=", "range", "~", "none"]
"""``range`` runs from `target` to `target_max`, both included; ``~`` is a nominal size, neither a least nor
a most; ``none`` where the clause has no test."""

AssessmentUnit = Literal[
    "community",
    "village",
    "township",
    "street",
    "county",
    "city",
    "province",
    "region",
    "scenic",
    "resettlement",
    "catchment",
    "facility",
    "grid",
    "new-residential",
    "old-residential",
    "estate",
    "life-circle",
]
"""What a clause judges, in the plan's own terms: ``township`` is 乡镇, ``street`` is 街道, ``county`` is any
county-level city, county or district; ``new-residential`` and ``old-residential`` are estates built after the
plan and before it, ``estate`` any of them; ``life-circle`` is a circle of about 20 thousand people, supplied
or built from adjacent communities."""

Assumption = Literal[
    "mode",
    "walk_speed_kmh",
    "elderly_speed_kmh",
    "covered_share",
    "origin",
    "basic_types",
    "quality_types",
    "quality_types_needed",
    "station_people",
    "station_minutes",
    "centre_counts_as_station",
    "adjacency_m",
    "accessible_minutes",
    "site_area_from_outline",
    "life_circle_people",
]
"""Assumptions a rule may lean on; their values belong to the study."""

ASSUMPTIONS: Final[tuple[str, ...]] = get_args(Assumption)

LEVEL_OF_UNIT: Final[Mapping[str, str]] = MappingProxyType(
    {unit: unit for unit in get_args(AssessmentUnit)} | {"street": "township"}
)
"""The level, as findings and the units table name it, that a unit of assessment is found at."""

LAYER_OF_UNIT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "community": "communities",
        "village": "communities",
        "township": "townships",
        "street": "townships",
        "county": "counties",
        "city": "cities",
        "province": "provinces",
        "region": "areas:region",
        "scenic": "areas:scenic",
        "resettlement": "areas:resettlement",
        "catchment": "communities",
        "facility": "facilities",
        "grid": "areas:grid",
        "new-residential": "areas:new-residential",
        "old-residential": "areas:old-residential",
        "estate": "areas:estate",
        "life-circle": "areas:life-circle",
    }
)
"""The layer that holds a unit. Units of one layer share a denominator; layers are judged apart."""
