"""Counts by rule, township and scenario: computed once, shown by every output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.tables import (
    CERTAINTY,
    COMMUNITY_LEVELS,
    STUDY_AREA,
    SUMMARY,
    WIDE_LEVELS,
    Inputs,
    verdict_rows,
)

__all__ = ["CountedFindings", "summarise", "summarise_effects"]

_COUNTS: Final = tuple(name for name, column in SUMMARY.columns.items() if column.kind == "count")
_WORST_FIRST: Final = tuple(
    dict.fromkeys([*(f"{mark}_{one}" for mark in ("short", "met") for one in CERTAINTY), *_COUNTS])
)
"""The firmest shortfall decides how a community stands, then the firmest verdict that is met."""
_RULE: Final = ["plan", "rule", "service", "level"]
_UNIT: Final = ["plan", "rule", "level", "code", "service"]
_AFTER: Final = {
    "status": "status_after",
    "value": "value_after",
    "deficit": "deficit_after",
    "population_short": "people_after",
}


def summarise(findings: pd.DataFrame, inputs: Inputs, effects: pd.DataFrame | None = None) -> pd.DataFrame:
    """Count how the units of every rule stand, as things are and under each scenario.

    Parameters
    ----------
    findings
        `tables.FINDINGS`.
    inputs
        Its communities say which township each lies in and how many live there.
    effects
        `tables.EFFECTS`: what scenarios change.

    Returns
    -------
    DataFrame
        `tables.SUMMARY`.
    """
    # As things are; then each scenario, of which only rules that change are counted anew.
    parts = [_state(findings, inputs).assign(scenario="")]
    if effects is not None and len(effects):
        parts.append(summarise_effects(findings, inputs, effects))
    return _checked(parts)


def summarise_effects(findings: pd.DataFrame, inputs: Inputs, effects: pd.DataFrame) -> pd.DataFrame:
    """Count how units stand under each scenario alone: the rules it touches, and the row over all rules.

    Parameters
    ----------
    findings, inputs, effects
        As `summarise` takes them.

    Returns
    -------
    DataFrame
        `tables.SUMMARY`.
    """
    return CountedFindings(findings, inputs).under(effects)


class CountedFindings:
    """Findings prepared for counting how any number of scenarios leave them.

    Parameters
    ----------
    findings, inputs
        As `summarise` takes them.
    """

    def __init__(self, findings: pd.DataFrame, inputs: Inputs) -> None:
        self._findings = findings.reset_index(drop=True)
        self._inputs = inputs
        self._rows_of = self._findings.groupby(["plan", "rule"]).indices
        # the communities' verdicts, community by community, by rank: the least is the worst
        own = _own_verdicts(verdict_rows(self._findings), inputs).sort_values("code", kind="stable")
        self._own = own.index.to_numpy()
        codes = own["code"].to_numpy(dtype=object)
        self._starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(codes) else self._own
        self._codes = pd.Index(codes[self._starts], dtype=object)
        self._rank = _rank(self._findings).to_numpy()

    def under(self, effects: pd.DataFrame) -> pd.DataFrame:
        """Counts under each scenario of `tables.EFFECTS`: see `summarise_effects`."""
        parts = []
        for scenario, changed in effects.groupby("scenario", sort=False):
            # what a scenario leaves untouched is counted once, as things are
            rules = changed[["plan", "rule"]].drop_duplicates().itertuples(index=False, name=None)
            rows = np.sort(np.concatenate([self._rows_of[key] for key in rules if key in self._rows_of]))
            after = _under(self._findings.take(rows), changed)
            rank = self._rank.copy()
            rank[rows] = _rank(after).to_numpy()
            worst = np.minimum.reduceat(rank[self._own], self._starts) if len(self._own) else rank[:0]
            total = _totals(pd.Series(worst, index=self._codes), self._inputs)
            standing = pd.concat([after[after["status"] != ""], _opened(after, changed)], ignore_index=True)
            parts.append(pd.concat([_by_rule(standing, self._inputs), total]).assign(scenario=scenario))
        return _checked(parts)


def _checked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Counts below one another, whole numbers again."""
    table = pd.concat(parts, ignore_index=True)
    table[list(_COUNTS)] = table[list(_COUNTS)].astype("int64")
    return SUMMARY.check(table[list(SUMMARY.columns)])


def _state(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Every rule over the study and in each township, and the row over all rules."""
    own = _own_verdicts(verdict_rows(findings), inputs)
    worst = _rank(own).groupby(own["code"]).min()
    return pd.concat([_by_rule(findings, inputs), _totals(worst, inputs)], ignore_index=True)


def _by_rule(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Every rule over the study and in each township."""
    verdicts = verdict_rows(findings)
    rows = _units_alone(findings.assign(verdict=findings.index.isin(verdicts.index)), inputs)
    # Communities and villages count in their township, townships in themselves.
    township = dict(zip(inputs.communities["code"], inputs.communities["township"], strict=True))
    own = rows["level"].isin(COMMUNITY_LEVELS)
    area = rows["code"].map(township).where(own, rows["code"].where(rows["level"] == "township", ""))
    rows = rows.assign(level=rows["level"].where(~own, "community"), area=area.fillna(""))
    # the study first, then its townships
    return _tally(pd.concat([rows.assign(area=STUDY_AREA), rows[rows["area"] != ""]], ignore_index=True))


def _units_alone(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Findings without the study's own verdict where units of its level stand beside it: it sums them up."""
    # a verdict under no unit's code is the study's own
    of_study = ~findings["code"].isin(inputs.units["code"]) & findings["level"].isin(WIDE_LEVELS)
    beside = findings.groupby(["plan", "rule", "service", "level"])["code"].transform("size") > 1
    return findings[~(of_study & beside)]


def _tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts, people and deficits per rule, service, level and area."""
    # One mark per finding, in the column that it is counted in.
    keys = [*_RULE, "area"]
    short = rows["status"] == "short"
    marks = pd.get_dummies(_mark(rows)).reindex(columns=list(_COUNTS), fill_value=0).astype("int64")
    table = pd.concat([rows[keys], marks], axis=1)
    # Who is beyond reach counts in communities that are met as well: townships then sum to the study.
    table["people"] = rows["population_short"].where(short | (rows["status"] == "met"))
    table["deficit"] = rows["deficit"].where(short)
    for name in ("verdict", "status", "certainty", "value", "unit", "target"):
        table[name] = rows[name]
    table["short_unit"] = rows["deficit_unit"].where(short)
    table["one"] = 1
    # Sums; nothing known stays unknown.
    groups = table.groupby(keys, sort=False)
    counts = groups[list(_COUNTS)].sum()
    counts["verdict"] = groups["verdict"].any()
    for name in ("people", "deficit"):
        counts[name] = groups[name].sum(min_count=1)
    # Deficits of different units do not add up.
    alike = groups["short_unit"].nunique() <= 1  # noqa: PD101  # per group
    counts["deficit_unit"] = groups["short_unit"].first().where(alike).fillna("")
    counts["deficit"] = counts["deficit"].where(alike)
    # A group of one unit has its status and value; a target is told where all share it.
    single = groups["one"].sum() == 1
    for name in ("status", "certainty"):
        counts[name] = groups[name].first().where(single, "")
    counts["value"] = groups["value"].first().where(single)
    counts["unit"] = groups["unit"].first()
    shared = groups["target"].nunique() == 1  # noqa: PD101  # per group
    counts["target"] = groups["target"].first().where(shared)
    return counts.reset_index()


def _mark(rows: pd.DataFrame) -> pd.Series:
    """The column that each finding is counted in."""
    status = rows["status"].str.replace("-", "_")
    return status.where(~rows["status"].isin(["met", "short"]), status + "_" + rows["certainty"])


def _own_verdicts(verdicts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Verdicts on the study's own communities."""
    inside = inputs.communities.loc[inputs.communities["inside"], "code"]
    return verdicts[verdicts["level"].isin(COMMUNITY_LEVELS) & verdicts["code"].isin(inside)]


def _rank(rows: pd.DataFrame) -> pd.Series:
    """Place of each finding's mark among all marks, the worst first."""
    place = {name: at for at, name in enumerate(_WORST_FIRST)}
    # what is gone under a scenario (the catchment of a facility that closes) has no mark
    return _mark(rows).map(place).fillna(len(place) - 1).astype("int64")


def _totals(worst: pd.Series, inputs: Inputs) -> pd.DataFrame:
    """Each community once, by the rank of the worst of its verdicts: over the study and in each township."""
    inside = inputs.communities[inputs.communities["inside"]]
    people = inside.set_index("code")["population"]
    codes = worst.index
    table = pd.DataFrame(
        {
            "area": inside.set_index("code")["township"].reindex(codes).to_numpy(),
            "mark": np.array(_WORST_FIRST, dtype=object)[worst.to_numpy(dtype=int)],
            "people": people.reindex(codes).to_numpy(dtype=float),
        }
    )
    # Each community once in the study and once in its township.
    both = pd.concat([table.assign(area=STUDY_AREA), table[table["area"] != ""]], ignore_index=True)
    if both.empty:
        both = pd.DataFrame({"area": [STUDY_AREA], "mark": ["no_data"], "people": [np.nan]})
    counts = pd.crosstab(both["area"], both["mark"]).reindex(columns=list(_COUNTS), fill_value=0)
    short = both["mark"].str.startswith("short_")
    counts["people"] = both["people"].where(short).groupby(both["area"]).sum(min_count=1)
    counts = counts.reset_index().rename_axis(columns=None)
    blank: dict[str, object] = dict.fromkeys(
        ("plan", "rule", "service", "deficit_unit", "status", "certainty", "unit"), ""
    )
    unknown = dict.fromkeys(("deficit", "value", "target"), np.nan)
    return counts.assign(level="community", verdict=True, **blank, **unknown)


def _under(findings: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """The findings as one scenario leaves them."""
    # findings by their key: those that the scenario changes take its figures
    after = changed.set_index(_UNIT)[list(_AFTER.values())]
    at = pd.MultiIndex.from_frame(findings[_UNIT])
    touched = at.isin(after.index)
    told = after.reindex(at[touched])
    made = findings.copy()
    for name, column in _AFTER.items():
        made.loc[touched, name] = told[column].to_numpy()
    return made


def _opened(findings: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Findings about units that only the scenario brings: facilities, and the catchments of stations.

    They are as sure as the first finding about a unit of their kind.
    """
    known = pd.MultiIndex.from_frame(changed[_UNIT]).isin(pd.MultiIndex.from_frame(findings[_UNIT]))
    fresh = changed.loc[~known & (changed["status_after"] != ""), [*_UNIT, "name", *_AFTER.values()]]
    fresh = fresh.rename(columns={column: name for name, column in _AFTER.items()})
    alike = findings.drop_duplicates(_RULE).drop(columns=["code", "name", *_AFTER])
    return fresh.merge(alike, on=_RULE, how="inner")[list(findings.columns)]
