"""Where to build next: proposed sites in the order in which they help, and how far each further one goes."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.spec import Column, TableSpec

__all__ = ["COVERAGE_CURVE", "PROPOSALS"]

PROPOSALS: Final = TableSpec(
    "proposals",
    {
        "proposal": Column("id", "id of the candidate place"),
        "service": Column("id", "service to be sited there"),
        "rank": Column("count", "order in which the sites bring most further people into reach, from 1"),
        "gain": Column(
            "number",
            "people newly in reach when it opens after those ranked before",
            "persons",
            nullable=True,
        ),
        "turned_met": Column("count", "verdicts that it turns from short to met, opened in that order"),
        "closes": Column("text", "those verdicts: rule and code of each", nullable=True),
        "plan": Column("text", "plan of the rule; '' where no rule asked for the sites", nullable=True),
        "rule": Column("text", "circle rule whose shortfall they lessen; '' without one", nullable=True),
        "covered": Column(
            "number", "people in reach once it and those ranked before are open", "persons", nullable=True
        ),
        "people": Column("number", "people the service is counted for", "persons", nullable=True),
        "code": Column("text", "code of the community it stands in; '' outside all", nullable=True),
        "name": Column("text", "name of that community", nullable=True),
        "street": Column("text", "nearest street with a name; '' where none is near", nullable=True),
        "bound": Column(
            "number",
            "no choice of `rank` sites brings more people into reach",
            "persons",
            nullable=True,
        ),
        "x": Column("number", "longitude, WGS 84", "°"),
        "y": Column("number", "latitude, WGS 84", "°"),
        "candidates": Column("number", "places among which the sites were chosen", nullable=True),
        "gainers": Column(
            "text",
            "communities whose people it newly reaches: code and persons of each, the most first",
            nullable=True,
        ),
        "joint_gains": Column(
            "text",
            "people it newly brings into reach under other circle rules of the service, opened in the same "
            "order: plan/rule and persons of each",
            nullable=True,
        ),
        "geometry": Column("geometry", "point, study CRS"),
    },
    key=("rule", "service", "proposal"),
)
"""Proposed sites, per rule and service in the order of their rank."""

COVERAGE_CURVE: Final = TableSpec(
    "coverage_curve",
    {
        "plan": Column("text", "plan of the rule; '' where no rule asked for the sites", nullable=True),
        "rule": Column("text", "circle rule; '' without one", nullable=True),
        "service": Column("id", "service to be sited"),
        "sites": Column("count", "new sites opened, in the order of their rank; 0 is the study as it is"),
        "covered": Column("number", "people in reach with so many new sites", "persons", nullable=True),
        "people": Column("number", "people the service is counted for", "persons", nullable=True),
        "share": Column(
            "number",
            "of the people in reach, 0 to 1; of their weights where their number is unknown",
            nullable=True,
        ),
        "bound": Column(
            "number",
            "no choice of as many sites brings more people into reach",
            "persons",
            nullable=True,
        ),
        "candidates": Column("number", "places among which the sites were chosen", nullable=True),
    },
    key=("rule", "service", "sites"),
)
"""How many people are in reach with 0, 1, 2 … further sites, for each rule that sites are proposed for."""
