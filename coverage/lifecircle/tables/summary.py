"""The summary that every output counts by: how the units of each rule stand, here and in each township."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.spec import Column, TableSpec

__all__ = ["HEADLINES", "STUDY_AREA", "SUMMARY"]

STUDY_AREA: Final = "study"
"""Code of the whole study among the areas of a summary."""

SUMMARY: Final = TableSpec(
    "summary",
    {
        "scenario": Column("text", "name of the scenario; '' for things as they are", nullable=True),
        "plan": Column("text", "id of the plan; '' over all rules of all plans", nullable=True),
        "rule": Column("text", "id of the provision; '' over all rules of all plans", nullable=True),
        "service": Column("text", "service; '' for the verdict over several", nullable=True),
        "level": Column("id", "level of the units counted; villages count as communities"),
        "area": Column("id", "`study`, or code of the township that the units lie in"),
        "verdict": Column(
            "flag", "whether the row is of the rule's verdicts, not of one of several services"
        ),
        "met_firm": Column("count", "units met, firm"),
        "met_assumed": Column("count", "units met, by a threshold that is ours"),
        "met_provisional": Column("count", "units met, provisional"),
        "short_firm": Column("count", "units short, firm"),
        "short_assumed": Column("count", "units short, by a threshold that is ours"),
        "short_provisional": Column("count", "units short, provisional"),
        "no_data": Column("count", "units that lack their data"),
        "not_applicable": Column("count", "units that the rule does not concern"),
        "report_only": Column("count", "units whose figure is only reported"),
        "context": Column("count", "units of a whole that is judged as one"),
        "people": Column(
            "number",
            "residents affected in the units short; over all rules: who lives in them",
            "persons",
            nullable=True,
        ),
        "deficit": Column("number", "what the units short lack, summed", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "status": Column("text", "verdict, where the row is of one unit; '' of several", nullable=True),
        "certainty": Column("text", "what that verdict stands on; '' of several", nullable=True),
        "value": Column("number", "figure of that unit, in `unit`", nullable=True),
        "unit": Column("text", "unit of value and target", nullable=True),
        "target": Column("number", "what the plan asks for, where all units share it", nullable=True),
    },
    key=("scenario", "plan", "rule", "service", "level", "area"),
)
"""How many units stand how under each rule: over the study, in each township, as things are and under each
scenario (which lists the rules it touches, and the row over all rules). People and deficits are summed within
one rule, never across rules. The row over all rules counts each community once, by its worst verdict."""

HEADLINES: Final = TableSpec(
    "headlines",
    {
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "service": Column("text", "service of its verdict; '' over several", nullable=True),
        "level": Column("id", "level of the units counted"),
        "met": Column("count", "units met"),
        "short": Column("count", "units short"),
        "people": Column("number", "residents affected", "persons", nullable=True),
        "deficit": Column("number", "what the units lack, summed", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "certainty": Column(
            "text", "the weakest that its shortfalls stand on; '' where all are met", nullable=True
        ),
        "value": Column(
            "number", "the study's figure: its own verdict's, else the share of units met", nullable=True
        ),
        "unit": Column("text", "unit of value and target", nullable=True),
        "comparator": Column("text", ">= | > | <= | < | = | range | ''", nullable=True),
        "target": Column("number", "what the plan asks of the study", nullable=True),
        "target_year": Column("number", "by when", nullable=True),
        "baseline": Column("number", "where the plan started", nullable=True),
        "status": Column("text", "the study's own verdict; '' where the plan asks for none", nullable=True),
    },
    key=("plan", "rule"),
)
"""The targets that a reader sees first: those that a plan marks, else its circles."""
