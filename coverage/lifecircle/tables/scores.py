"""What a run says beside its findings: scorecards, what to build first, how far verdicts can be moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from lifecircle.tables.spec import Column, TableSpec

__all__ = ["PRIORITIES", "SCORECARD", "SENSITIVITY", "Shortfall"]


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
        "plan": Column("id", "plan of the rule that concerns most people"),
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
"""What to build first: each township's shortfalls, those that concern most people first."""

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
