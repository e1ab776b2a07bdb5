"""The one verdict by which a rule stands, at the level at which it is judged.

A rule judged unit by unit and as a whole stands as the whole does. Where what is judged at the top is another
thing, and met, while units below fall short, the rule stands as those units do: stations may be enough in
number while single ones serve too many people; a post may be filled in the city and lacking in communities.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Final

import pandas as pd

from lifecircle.tables import CERTAINTY, WIDE_LEVELS

__all__ = ["certainty_of_failure", "deciding", "speaking", "widest", "widest_verdict"]

_WIDEST_FIRST: Final = WIDE_LEVELS[::-1]
_WORST_FIRST: Final = ("short", "no-data", "met", "context", "report-only", "not-applicable")


def widest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the widest level there is; those of units below the townships together."""
    place = rows["level"].map({level: rank for rank, level in enumerate(_WIDEST_FIRST)})
    place = place.fillna(len(_WIDEST_FIRST))
    return rows[place == place.min()]


def speaking(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one rule that speak for it: those without a verdict only where there are no others.

    A target that is another place's is none here, whatever is known of the units that it would count.

    Parameters
    ----------
    rows
        As `tables.verdict_rows` gives them; not empty.

    Examples
    --------
    Posts are counted for the city and judged one by one; a total of another province counts circles:

    >>> posts = pd.DataFrame({"level": ["facility", "city"], "status": ["met", "report-only"]})
    >>> speaking(posts)["level"].tolist()
    ['facility']
    >>> total = pd.DataFrame({"level": ["life-circle", "province"], "status": ["no-data", "not-applicable"]})
    >>> speaking(total)["status"].tolist()
    ['not-applicable']
    """
    status = rows["status"]
    if status.isin(["met", "short"]).any():
        return rows[status.isin(["met", "short", "no-data"])]
    whole = widest(rows)
    if (whole["status"] == "not-applicable").all():
        return whole
    return rows[status == "no-data"] if (status == "no-data").any() else rows


def certainty_of_failure(certainties: Collection[str]) -> str:
    """What the failure of a whole stands on, by that of its units that fall short; blank where none does.

    A clause that asks something of every unit is missed as soon as one unit surely misses it: the surest
    counts. Whatever less sure verdicts come to, it stays missed, as `verdicts.share_judgement` has it.

    Examples
    --------
    >>> certainty_of_failure(["provisional", "assumed"]), certainty_of_failure([])
    ('assumed', '')
    """
    return next((one for one in CERTAINTY if one in certainties), "")


def deciding(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of one rule that say how it stands.

    Parameters
    ----------
    rows
        As `tables.verdict_rows` gives them; not empty.

    Examples
    --------
    Three stations are enough for the city, and one of them has too many people:

    >>> levels, statuses = ["catchment", "catchment", "catchment", "city"], ["met", "short", "met", "met"]
    >>> deciding(pd.DataFrame({"level": levels, "status": statuses}))["level"].unique().tolist()
    ['catchment']
    """
    whole = widest(rows)
    short = rows[rows["status"] == "short"]
    if short.empty or (whole["status"] == "short").any():
        return whole
    return rows[rows["level"].isin(widest(short)["level"])]


def widest_verdict(verdicts: pd.DataFrame) -> pd.Series:
    """The verdict by which a provision stands: the deciding level's, the worst where several share it.

    Where units below the top decide, it is the row of the top with the share of them that meet the clause
    in place of its figure, and with what those that fall short lack between them.

    Parameters
    ----------
    verdicts
        Rows of one rule, as `tables.verdict_rows` gives them; not empty.
    """
    there = deciding(speaking(verdicts))
    # a stable sort: of equally bad verdicts the first of the findings
    worst = there["status"].map({status: order for order, status in enumerate(_WORST_FIRST)})
    row = there.loc[worst.sort_values(kind="stable").index[0]]
    whole = widest(verdicts)
    if row.name in whole.index:
        return row
    judged = there[there["status"].isin(["met", "short"])]
    short = judged[judged["status"] == "short"]
    alike = len(set(short["deficit_unit"])) == 1
    said = {
        "value": 100.0 * (1.0 - len(short) / len(judged)) if len(judged) else math.nan,
        "unit": "%",
        "comparator": "",
        "target": math.nan,
        "status": row["status"],
        "certainty": certainty_of_failure(set(short["certainty"])) or row["certainty"],
        "deficit": float(short["deficit"].sum(min_count=1)) if alike else math.nan,
        "deficit_unit": row["deficit_unit"],
        "population_short": float(short["population_short"].sum(min_count=1)),
    }
    row = whole.iloc[-1].copy()
    for name in row.index.intersection(list(said)):
        row[name] = said[name]
    return row
