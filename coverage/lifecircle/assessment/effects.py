"""What a scenario changes in the findings: rule by rule and area by area, before and after."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lifecircle.tables import EFFECTS, verdict_rows

__all__ = ["changed_findings", "turned"]

_KEY: Final = ["plan", "rule", "level", "code", "service"]
_TOLD: Final = ["name", "status", "value", "deficit", "deficit_unit", "population_short"]
_NUMBERS: Final = {"value": "value", "deficit": "deficit", "people": "population_short"}


def changed_findings(scenario: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Findings whose status, value, deficit or people short are others under a scenario.

    Parameters
    ----------
    scenario
        Its name.
    before, after
        `tables.FINDINGS` of the same plans. Where one has no such row (the catchment of a facility that
        opens or closes) its status is blank and its figures unknown. Units whose figure is
        only context are left out.

    Returns
    -------
    DataFrame
        `tables.EFFECTS`, those that bring most people into reach first; in the order of the findings where
        that is alike.
    """
    pairs = before[[*_KEY, *_TOLD]].merge(
        after[[*_KEY, *_TOLD]], on=_KEY, how="outer", suffixes=("_before", "_after"), sort=False
    )
    table = pd.DataFrame({"scenario": scenario, **{name: pairs[name] for name in _KEY}}, index=pairs.index)
    for name in ("name", "deficit_unit"):
        known = pairs[f"{name}_after"].fillna("")
        table[name] = known.where(known != "", pairs[f"{name}_before"].fillna(""))
    for when in ("before", "after"):
        table[f"status_{when}"] = pairs[f"status_{when}"].fillna("").astype(str)
        for ours, theirs in _NUMBERS.items():
            table[f"{ours}_{when}"] = pairs[f"{theirs}_{when}"].astype("float64")
    table["newly_reached"] = table["people_before"] - table["people_after"]
    # A unit's figure under a rule that is judged as a whole is no verdict that a scenario could turn.
    binding = ~(table["status_before"].eq("context") | table["status_after"].eq("context")).to_numpy()
    differs = np.array(table["status_before"] != table["status_after"])
    for name in _NUMBERS:
        old, new = table[f"{name}_before"].to_numpy(), table[f"{name}_after"].to_numpy()
        differs |= ~((old == new) | (np.isnan(old) & np.isnan(new)))
    changes = table[differs & binding].sort_values(
        "newly_reached", ascending=False, kind="stable", na_position="last"
    )
    return EFFECTS.check(changes[list(EFFECTS.columns)].reset_index(drop=True))


def turned(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Verdicts that go from short to met or from met to short.

    Returns
    -------
    DataFrame
        ``plan, rule, level, code, service, status_before, status_after``, in the order of `before`.
    """
    told = [*_KEY, "status"]
    pairs = verdict_rows(before)[told].merge(
        verdict_rows(after)[told], on=_KEY, suffixes=("_before", "_after")
    )
    there = pairs["status_before"].isin(["met", "short"]) & pairs["status_after"].isin(["met", "short"])
    return pairs[there & (pairs["status_before"] != pairs["status_after"])].reset_index(drop=True)
