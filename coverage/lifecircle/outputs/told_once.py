"""What several plans ask alike, told once: rows that say the same under two of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import pandas as pd

from lifecircle.tables import Results

__all__ = ["RuleKey", "asked_as", "rows_once"]

RuleKey: TypeAlias = tuple[str, str]
"""A plan and a provision of it."""


def asked_as(results: Results) -> dict[RuleKey, RuleKey]:
    """The headline target that asks the same, for each provision of which there is one."""
    return {
        (plan, rule): (str(row.plan), str(row.rule))
        for row in results.headlines.itertuples(index=False)
        for plan, _, rule in (one.partition("/") for one in str(row.also or "").split("; ") if one)
    }


def rows_once(
    results: Results, table: pd.DataFrame, figures: list[str]
) -> tuple[pd.DataFrame, Mapping[RuleKey, list[RuleKey]]]:
    """Rows of a table by rule without those that repeat what stands under the headline target.

    Parameters
    ----------
    results
        The finished study.
    table
        With ``plan, rule``, a rule's rows in order; as it is where it has none.
    figures
        Columns by which two rules' rows are the same.

    Returns
    -------
    table
        The rows that are left.
    asked
        Per rule that is left, it and the rules whose rows it stands for.
    """
    if not {"plan", "rule"} <= set(table.columns):
        return table, {}
    same = [name for name in figures if name in table.columns]
    told = {
        (str(plan), str(rule)): rows[same].reset_index(drop=True)
        for (plan, rule), rows in table.groupby(["plan", "rule"], sort=False)
    }
    asked: dict[RuleKey, list[RuleKey]] = {}
    repeated: set[RuleKey] = set()
    alike = asked_as(results)
    # the headline target first, whatever the order of the rows
    for key in sorted(told, key=lambda one: one in alike):
        first = alike.get(key, key)
        if first != key and first in told and told[first].equals(told[key]):
            asked[first].append(key)
            repeated.add(key)
        else:
            asked[key] = [key]
    keys = pd.Series(list(zip(table["plan"], table["rule"], strict=True)), index=table.index, dtype=object)
    return table[~keys.isin(list(repeated))].reset_index(drop=True), asked
