"""What a scenario changes: verdicts and deficits, and which groups of people come into reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff
from lifecircle.measures import at_most, cohort_shares
from lifecircle.plans import Plan, TravelTimeCircle
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import EFFECTS, GAINERS, is_verdict, share_weights, verdict_rows

__all__ = [
    "VerdictChanges",
    "changed_findings",
    "circle_of_service",
    "cohort_speeds",
    "cutoff_minutes",
    "who_gains",
]

_Reached: TypeAlias = tuple[dict[str, NDArray[np.bool_]], pd.DataFrame]

_KEY: Final = ["plan", "rule", "level", "code", "service"]
_TOLD: Final = ["name", "status", "value", "deficit", "deficit_unit", "population_short"]
_COHORTS: Final = ("residents", "over60", "under3")
_NUMBERS: Final = {"value": "value", "deficit": "deficit", "people": "population_short"}


def changed_findings(
    scenario: str, before: pd.DataFrame, after: pd.DataFrame, *, binding_only: bool = True
) -> pd.DataFrame:
    """Findings whose status, value, deficit or people short are others under a scenario.

    Parameters
    ----------
    scenario
        Its name.
    before, after
        `tables.FINDINGS` of the same plans. Where one has no such row (the catchment of a facility that
        opens or closes) its status is blank and its figures unknown.
    binding_only
        Whether units whose figure is only context are left out: no scenario turns them. A finding that
        lacks its data afterwards (the last facility that any source lists is closed) then stands as before.

    Returns
    -------
    DataFrame
        `tables.EFFECTS`, those that bring most people into reach first; in the order of the findings where
        that is alike.
    """
    pairs = _paired(before, after, _TOLD, how="outer")
    pairs = pairs[_differs(pairs, [name for name in _TOLD if name in {"status", *_NUMBERS.values()}])]
    # stage 1: names and units as they are afterwards, or as they were where a unit is gone
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
    context = (table["status_before"].eq("context") | table["status_after"].eq("context")).to_numpy()
    if binding_only:
        gone = _without_data(table)
        table.loc[gone, "status_after"] = table.loc[gone, "status_before"]
        for name in _NUMBERS:
            table.loc[gone, f"{name}_after"] = table.loc[gone, f"{name}_before"]
        table.loc[gone, "newly_reached"] = 0.0
    # stage 2: what differs in status or in any figure; unknown equals unknown
    differs = _differs(table, ["status", *_NUMBERS])
    # stage 3: those that bring most people into reach first
    changes = table[differs & ~(context & binding_only)].sort_values(
        "newly_reached", ascending=False, kind="stable", na_position="last"
    )
    return EFFECTS.check(changes[list(EFFECTS.columns)].reset_index(drop=True))


def _differs(pairs: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.bool_]:
    """Rows in which any of some columns is another before than after; unknown equals unknown."""
    differs = np.zeros(len(pairs), np.bool_)
    for name in columns:
        old, new = (pairs[f"{name}_{when}"] for when in ("before", "after"))
        same = (old == new).fillna(value=False) | (old.isna() & new.isna())
        differs |= ~same.to_numpy(bool)
    return differs


@dataclass(frozen=True)
class VerdictChanges:
    """How verdicts that are there both before and after a scenario come out.

    Attributes
    ----------
    turned : those that go from short to met or from met to short: ``plan, rule, level, code, service,
        status_before, status_after``, in the order of the findings before
    kept : how many stand as before because their data are lacking afterwards
    newly_judged : statuses of those that had no data before and are met or short afterwards
    """

    turned: pd.DataFrame
    kept: int
    newly_judged: pd.Series

    @classmethod
    def between(cls, before: pd.DataFrame, after: pd.DataFrame) -> VerdictChanges:
        """The verdicts of two `tables.FINDINGS` of the same plans, side by side.

        The first facility of a service lets every rule about it be judged: shortfalls that nobody knew of
        show as newly judged.
        """
        pairs = _verdict_pairs(before, after)
        was, now = (pairs[f"status_{when}"].isin(["met", "short"]) for when in ("before", "after"))
        kept = _without_data(pairs) & was
        fresh = (pairs["status_before"] == "no-data") & now
        other = was & now & (pairs["status_before"] != pairs["status_after"])
        return cls(pairs[other].reset_index(drop=True), int(kept.sum()), pairs.loc[fresh, "status_after"])


def _without_data(pairs: pd.DataFrame) -> pd.Series:
    """Findings that had their data before and lack them afterwards."""
    return ~pairs["status_before"].isin(["no-data", ""]) & (pairs["status_after"] == "no-data")


def _verdict_pairs(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Statuses of the verdicts that are there both before and after."""
    if not _same_keys(before, after):
        return _paired(verdict_rows(before), verdict_rows(after), ["status"], how="inner")
    # which row of a unit is its verdict, its keys alone say
    verdict = is_verdict(before)
    return _paired(before[verdict], after[verdict], ["status"], how="inner")


def _paired(
    before: pd.DataFrame, after: pd.DataFrame, columns: Sequence[str], *, how: Literal["inner", "outer"]
) -> pd.DataFrame:
    """Columns of findings before and after, side by side under their key."""
    if not _same_keys(before, after):
        told = [*_KEY, *columns]
        return before[told].merge(after[told], on=_KEY, how=how, suffixes=("_before", "_after"), sort=False)
    pairs = {name: before[name].array for name in _KEY}
    for when, table in (("before", before), ("after", after)):
        pairs |= {f"{name}_{when}": table[name].array for name in columns}
    return pd.DataFrame(pairs)


def _same_keys(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Whether the same findings stand in the same order, as where no unit comes or goes."""
    return len(before) == len(after) and all(before[name].array.equals(after[name].array) for name in _KEY)


def who_gains(
    scenario: str, plans: Sequence[Plan], before: Context, after: Context, services: Collection[str]
) -> pd.DataFrame:
    """People of every cohort in reach of each service before and after, and how evenly minutes fall.

    Parameters
    ----------
    scenario
        Its name.
    plans
        The limit of a service is the shortest time circle of theirs, else the study's own circle.
    before, after
        The study as it is and under the scenario; people and communities must be the same.
    services
        Those whose facilities or walks the scenario changes; those without walks are left out.

    Returns
    -------
    DataFrame
        `tables.GAINERS`, by service. Only people of the study's own communities are counted; where
        nobody knows how many there are, Gini and Palma are of the weights and counts are unknown.
    """
    inside = before.demand["inside"].to_numpy(dtype=bool)
    demand = before.demand[inside]
    known = before.people_known
    demand = demand.assign(residents=share_weights(demand))
    # every cohort at its own speed, before and after
    speeds = {
        name: speed for name, speed in cohort_speeds(before.assumptions).items() if name in demand.columns
    }
    rows: list[dict[str, object]] = []
    for service in sorted(set(services) & set(before.travel.minutes.columns)):
        cutoff_min = cutoff_minutes(service, plans, before.assumptions)

        def reached(ctx: Context, service: str = service, cutoff_min: float = cutoff_min) -> _Reached:
            """Who of each cohort is in reach of the service, and how minutes fall."""
            walks = {
                name: ctx.cost(
                    (service,), Cutoff(cutoff_min, "min", speed, name, profile=_profile_of(ctx, name))
                )[inside]
                for name, speed in speeds.items()
            }
            within = {name: at_most(walk, cutoff_min) for name, walk in walks.items()}
            return within, cohort_shares(demand, walks, cutoff_min=cutoff_min)

        # as things are it is found once for all scenarios
        asked = ("who-gains", service, cutoff_min, tuple(speeds))
        was, shares_before = before.remember(asked, (service,), partial(reached, before))
        now, shares_after = reached(after)
        for name in speeds:
            people = demand[name].fillna(0.0).to_numpy(dtype=np.float64)
            then, later = was[name], now[name]
            old, new = shares_before.loc[name], shares_after.loc[name]
            rows.append(
                {
                    "scenario": scenario,
                    "service": service,
                    "cohort": name,
                    "people": old["people"] if known else np.nan,
                    "cutoff_min": cutoff_min,
                    "reached_before": old["covered"] if known else np.nan,
                    "reached_after": new["covered"] if known else np.nan,
                    "newly_reached": float(people[later & ~then].sum()) if known else np.nan,
                    "no_longer_reached": float(people[then & ~later].sum()) if known else np.nan,
                    "gini_before": old["gini"],
                    "gini_after": new["gini"],
                    "palma_before": old["palma"],
                    "palma_after": new["palma"],
                }
            )
    if not rows:
        return GAINERS.empty()
    table = pd.DataFrame(rows)
    numbers = [name for name, column in GAINERS.columns.items() if column.kind == "number"]
    table[numbers] = table[numbers].astype("float64")
    return GAINERS.check(table)


def _profile_of(ctx: Context, cohort: str) -> str:
    """The profile whose walks a cohort takes; ``""`` for everybody's."""
    return "elderly" if cohort == "over60" and "elderly" in ctx.travel.profiles else ""


def cohort_speeds(assumptions: Assumptions) -> dict[str, float]:
    """Cohort to its walking speed, km/h: older people have their own, small children are taken along."""
    own = {"over60": assumptions.elderly_speed_kmh}
    return {name: own.get(name, assumptions.walk_speed_kmh) for name in _COHORTS}


def cutoff_minutes(service: str, plans: Sequence[Plan], assumptions: Assumptions) -> float:
    """Minutes within which a service counts as in reach."""
    return circle_of_service(service, plans, assumptions)[0]


def circle_of_service(
    service: str, plans: Sequence[Plan], assumptions: Assumptions
) -> tuple[float, TravelTimeCircle | None]:
    """The least minutes of all time circles about a service, and the first circle that asks for them.

    Where no plan draws one they are the study's ``circle_minutes``, and None.
    """
    circles = [
        (float(getattr(assumptions, rule.minutes) if isinstance(rule.minutes, str) else rule.minutes), rule)
        for plan in plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle) and service in rule.services
    ]
    return min(circles, key=lambda one: one[0], default=(float(assumptions.circle_minutes), None))
