"""What scenarios and proposals change: verdicts before and after."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.spec import Column, TableSpec

__all__ = ["EFFECTS", "GAINERS", "SCENARIOS"]

SCENARIOS: Final = TableSpec(
    "scenarios",
    {
        "scenario": Column("id", "name of the scenario, unique within a run"),
        "kind": Column("id", "study: of the study file; proposal: sites a model proposed"),
        "facilities_added": Column("count", "facilities it adds or moves here"),
        "facilities_closed": Column("count", "facilities it closes or moves away"),
        "streets_opened_m": Column("number", "length of streets it opens", "m"),
        "streets_closed_m": Column("number", "length of streets it closes", "m"),
        "turned_met": Column("count", "verdicts of an area under a rule that go from short to met"),
        "turned_short": Column("count", "verdicts that go from met to short"),
    },
    key=("scenario",),
)
"""One row per scenario that was assessed beside the present state."""

EFFECTS: Final = TableSpec(
    "effects",
    {
        "scenario": Column("id", "name of the scenario"),
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "level": Column("id", "level of the area judged"),
        "code": Column("id", "code of the area"),
        "name": Column("text", "its name", nullable=True),
        "service": Column("text", "service of the row; '' for the verdict over all of them", nullable=True),
        "status_before": Column("text", "status as things are"),
        "status_after": Column("text", "status under the scenario"),
        "value_before": Column("number", "value as things are", nullable=True),
        "value_after": Column("number", "value under the scenario", nullable=True),
        "deficit_before": Column("number", "deficit as things are", nullable=True),
        "deficit_after": Column("number", "deficit under the scenario", nullable=True),
        "deficit_unit": Column("text", "unit of both", nullable=True),
        "people_before": Column("number", "residents short as things are", "persons", nullable=True),
        "people_after": Column("number", "residents short under the scenario", "persons", nullable=True),
        "newly_reached": Column("number", "people_before less people_after", "persons", nullable=True),
    },
    key=("scenario", "plan", "rule", "level", "code", "service"),
)
"""Findings that a scenario changes (status, value, deficit or people short), those that help most people
first within each scenario. Findings that stay as they are have no row."""

GAINERS: Final = TableSpec(
    "gainers",
    {
        "scenario": Column("id", "name of the scenario"),
        "service": Column("id", "service whose walks it changes"),
        "cohort": Column("id", "residents | over60 | under3, each at its own speed"),
        "people": Column(
            "number", "people of the cohort in the study's communities", "persons", nullable=True
        ),
        "cutoff_min": Column("number", "minutes that count as in reach", "min"),
        "reached_before": Column("number", "of them, in reach as things are", "persons", nullable=True),
        "reached_after": Column("number", "of them, in reach under the scenario", "persons", nullable=True),
        "newly_reached": Column(
            "number", "in reach under the scenario and not as things are", "persons", nullable=True
        ),
        "no_longer_reached": Column(
            "number", "in reach as things are and not under the scenario", "persons", nullable=True
        ),
        "gini_before": Column("number", "Gini of the minutes of who is reached as things are", nullable=True),
        "gini_after": Column("number", "Gini of the minutes of who is reached after", nullable=True),
        "palma_before": Column("number", "Palma ratio of the same minutes as things are", nullable=True),
        "palma_after": Column("number", "Palma ratio of the same minutes after", nullable=True),
    },
    key=("scenario", "service", "cohort"),
)
"""Who gains and who loses under each scenario. Gini and Palma are of those whom any facility reaches."""
