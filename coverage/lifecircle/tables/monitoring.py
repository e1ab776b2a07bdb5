"""The officer's forms: indicators of a plan year by year, problems, checklists of communities and circles."""

from __future__ import annotations

from typing import Final

from lifecircle.tables.spec import Column, TableSpec

__all__ = ["CHECKLIST", "CIRCLE_SHEET", "MONITORING", "PROBLEMS"]

MONITORING: Final = TableSpec(
    "monitoring",
    {
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "clause": Column("text", "where in the plan"),
        "nature": Column("text", "expected | binding | '' where the plan does not say"),
        "baseline": Column("number", "where the plan started", nullable=True),
        "baseline_year": Column("number", "when that was", nullable=True),
        "reported": Column("object", "(year, value) of every year an office reported, in order"),
        "value": Column("number", "what stands now, in `unit`", nullable=True),
        "unit": Column("text", "unit of value and target"),
        "comparator": Column("text", "how value and target are compared", nullable=True),
        "target": Column("number", "the plan's own figure", nullable=True),
        "target_max": Column("number", "upper end of a range", nullable=True),
        "target_year": Column("number", "by when", nullable=True),
        "progress": Column("number", "share of the way from baseline to target", nullable=True),
        "expected": Column(
            "number", "share of the time from baseline to deadline that has passed", nullable=True
        ),
        "deficit": Column("number", "what is missing, in `deficit_unit`", nullable=True),
        "deficit_unit": Column("text", "unit of the deficit", nullable=True),
        "responsible": Column("text", "departments that the plan names", nullable=True),
        "evidence": Column(
            "text", "files, and rows of reported values, that the figure rests on", nullable=True
        ),
        "status": Column("id", "as of `findings`"),
        "certainty": Column("id", "as of `findings`"),
        "pace": Column(
            "text",
            "of a shortfall: overdue | on-track | behind | unknown (baseline not comparable) | '' where "
            "the clause has no time to go by",
            nullable=True,
        ),
    },
    key=("plan", "rule"),
)
"""One row per target and standing provision of the plans, as a yearly monitoring asks for it."""

PROBLEMS: Final = TableSpec(
    "problems",
    {
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of the provision"),
        "clause": Column("text", "where in the plan"),
        "level": Column("id", "as of `findings`"),
        "code": Column("id", "code of the place"),
        "name": Column("text", "its name", nullable=True),
        "township": Column("text", "name of the township it lies in", nullable=True),
        "services": Column(
            "text", "ids of the services that the provision asks for, joined by '|'", nullable=True
        ),
        "action": Column(
            "text",
            "what would mend it: build | extend | staff | equip | regroup | report | open | places | reach | "
            "types | circles | standard",
        ),
        "deficit": Column("number", "how much is missing, in `deficit_unit`", nullable=True),
        "deficit_unit": Column("text", "unit of the deficit", nullable=True),
        "people": Column("number", "residents concerned", "persons", nullable=True),
        "certainty": Column("id", "as of `findings`"),
        "responsible": Column("text", "departments that the plan names", nullable=True),
        "missing": Column(
            "text",
            "ids of the services that this place lacks, joined by ', ', alternatives by '|'",
            nullable=True,
        ),
        "columns": Column(
            "text", "columns of a ledger that the provision is about, joined by '|'", nullable=True
        ),
        "pace": Column("text", "as of `monitoring`", nullable=True),
        "also": Column(
            "text",
            "plan/rule of provisions that ask the same of the same place, one after another",
            nullable=True,
        ),
    },
    key=("plan", "rule", "level", "code"),
)
"""One row per binding shortfall of a place: the ledger of problems of a check-up."""

CHECKLIST: Final = TableSpec(
    "checklist",
    {
        "code": Column("id", "code of the community"),
        "name": Column("text", "its name", nullable=True),
        "township": Column("text", "name of its township", nullable=True),
        "rule": Column("id", "item of the checklist: a provision of complete-community-2020"),
        "item": Column("object", "its title, {zh, en}"),
        "status": Column("id", "as of `findings`"),
        "value": Column("number", "what was counted", nullable=True),
    },
    key=("code", "rule"),
)
"""Complete communities (完整社区): every item of every urban community."""

CIRCLE_SHEET: Final = TableSpec(
    "circle_sheet",
    {
        "kind": Column("text", "life-circle (of about 20 thousand people) | community (its own circle)"),
        "code": Column("id", "code of the circle"),
        "name": Column("text", "its name", nullable=True),
        "residents": Column("number", "residents", "persons", nullable=True),
        "basic": Column("number", "groups of basic types with an outlet", "types"),
        "basic_asked": Column("number", "groups of basic types in all", "types"),
        "quality": Column("number", "quality-improving types with an outlet", "types"),
        "outlets": Column("number", "outlets of basic and quality types", "facilities"),
        "tier": Column("text", "quality | basic | below | '' where it cannot be told", nullable=True),
    },
    key=("kind", "code"),
    patterns={"n_<service>": Column("number", "outlets of the service in the circle", "facilities")},
)
"""Convenience circles (便民生活圈): types present, outlets, grade."""
