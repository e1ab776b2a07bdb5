"""What a run says beside its findings: the summary outputs count by, scorecards, what to build first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import pandas as pd

from lifecircle.tables.spec import Column, TableSpec

__all__ = [
    "HEADLINES",
    "PRIORITIES",
    "SCORECARD",
    "SENSITIVITY",
    "STUDY_AREA",
    "SUMMARY",
    "Shortfall",
    "communities_judged",
    "is_circle",
]

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
            "text",
            "what the study's own failure stands on, else the surest of its units'; '' where all are met",
            nullable=True,
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
        "also": Column(
            "text",
            "plan/rule of provisions that ask the same of the same units, one after another",
            nullable=True,
        ),
    },
    key=("plan", "rule"),
)
"""The targets that a reader sees first: those that a plan marks, else its circles. What several plans
ask alike is one target."""


class Shortfall(NamedTuple):
    """One of the largest deficits of a plan or a community.

    Attributes
    ----------
    plan, rule : the provision that is missed
    people : residents concerned, within this one rule; NaN where the rule is not about people
    deficit, unit : what is missing, in the rule's own unit; NaN where it cannot be told
    """

    plan: str
    rule: str
    people: float
    deficit: float
    unit: str


_COUNTS: Final[Mapping[str, Column]] = {
    "met": Column("count", "rules met"),
    "short_firm": Column("count", "rules short, firm"),
    "short_provisional": Column("count", "rules short, provisional"),
    "no_data": Column("count", "rules that lack their data"),
    "not_applicable": Column("count", "rules that do not apply"),
    "report_only": Column("count", "baselines and clauses without a test"),
}

SCORECARD: Final = TableSpec(
    "scorecard",
    {
        "subject": Column("id", "plan | community | village: what the row is about"),
        "code": Column("id", "id of the plan, or code of the community"),
        "name": Column("text", "name of the community; ''", nullable=True),
        **_COUNTS,
        "largest": Column("object", "tuple of up to three Shortfall, most people concerned first"),
        "short_assumed": Column("count", "rules short by a threshold of ours, on complete data"),
        "context": Column("count", "rules set for a larger whole, of which this is a unit"),
    },
    key=("subject", "code"),
)
"""How many rules stand how: each plan's provisions as a whole, each community under all plans."""

PRIORITIES: Final = TableSpec(
    "township_priorities",
    {
        "township": Column("id", "code of the township or street; 'study' where communities name none"),
        "name": Column("text", "its name", nullable=True),
        "rank": Column("count", "1 is to be built first"),
        "service": Column(
            "text", "service to build; '' where a rule is about several at once", nullable=True
        ),
        "plan": Column("id", "plan of the rule that concerns most people in the study"),
        "rule": Column("id", "that rule"),
        "rules": Column("count", "rules of all plans that miss the same service here"),
        "areas": Column("count", "communities (or the township itself) short under that rule"),
        "areas_firm": Column("count", "of them firm"),
        "deficit": Column("number", "what is missing under that rule, summed", nullable=True),
        "deficit_unit": Column("text", "unit of deficit", nullable=True),
        "people": Column("number", "residents concerned under that rule", "persons", nullable=True),
        "areas_assumed": Column("count", "of them short by a threshold of ours, on complete data"),
    },
    key=("township", "rank"),
)
"""What to build first: each township's shortfalls, those that concern most people first.

People are those of `SUMMARY` in that township under that rule."""

SENSITIVITY: Final = TableSpec(
    "sensitivity",
    {
        "plan": Column("id", "id of the plan"),
        "rule": Column("id", "id of a rule that leans on a threshold of ours"),
        "varied": Column(
            "id",
            "walk-speed | covered-share | origin | type-grouping | quality-types | mode | distance | "
            "accessible-minutes | station-people | health-centres",
        ),
        "setting": Column("id", "value it is given: km/h, a share of 1, or a word"),
        "own": Column("flag", "the study's own value"),
        "met": Column("count", "units met"),
        "short": Column("count", "units short"),
        "no_data": Column("count", "units without data"),
        "not_applicable": Column("count", "communities where nobody lives, or that the clause exempts"),
        "met_share": Column("number", "of the communities met or short, those met", "%", nullable=True),
        "verdict": Column("text", "how the study stands under the rule; '' where no share is asked for"),
        "people_short": Column("number", "residents beyond the circle", "persons", nullable=True),
    },
    key=("plan", "rule", "varied", "setting"),
)
"""How the verdicts of each circle rule move when one assumption is varied and all others are kept."""


def is_circle(kind: str) -> bool:
    """Whether rules of a kind are about who walks how far: what they lack of people are residents to reach.

    Examples
    --------
    >>> is_circle("travel-time-circle"), is_circle("area-per-100-households")
    (True, False)
    """
    return "circle" in kind


def communities_judged(summary: pd.DataFrame, *, scenario: str = "") -> int:
    """How many communities have a verdict, met or short, under any rule.

    Parameters
    ----------
    summary
        `SUMMARY`.
    scenario
        As things are where blank.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> result = lc.run(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> communities_judged(result.summary)
    2
    """
    rows = summary[
        (summary["scenario"] == scenario) & (summary["area"] == STUDY_AREA) & (summary["rule"] == "")
    ]
    return int(rows[[name for name in rows if name.startswith(("met_", "short_"))]].to_numpy().sum())
