"""Counts by rule, township and scenario: computed once, shown by every output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.tables import (
    CERTAINTY,
    COMMUNITY_LEVELS,
    STUDY_AREA,
    SUMMARY,
    WIDE_LEVELS,
    Inputs,
    concat_nonempty,
    is_verdict,
    python_texts,
    verdict_rows,
)

Rows: TypeAlias = NDArray[np.intp]

__all__ = ["CountedFindings", "summarise", "summarise_effects"]

_COUNTS: Final = tuple(name for name, column in SUMMARY.columns.items() if column.kind == "count")
_WORST_FIRST: Final = tuple(
    dict.fromkeys([*(f"{mark}_{one}" for mark in ("short", "met") for one in CERTAINTY), *_COUNTS])
)
"""The firmest shortfall decides how a community stands, then the firmest verdict that is met."""
_RULE: Final = ["plan", "rule", "service", "level"]
_USED: Final = (
    *("plan", "rule", "level", "code", "name", "service", "status", "certainty", "value", "unit", "target"),
    *("deficit", "deficit_unit", "population_short"),
)
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
        self._findings = python_texts(findings[list(_USED)].reset_index(drop=True))
        self._inputs = inputs
        self._rows_of = self._findings.groupby(["plan", "rule"]).indices
        # the communities' verdicts, community by community, by rank: the least is the worst
        own = _own_verdicts(verdict_rows(self._findings), inputs).sort_values("code", kind="stable")
        self._own = own.index.to_numpy()
        codes = own["code"].to_numpy(dtype=object)
        self._starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])) if len(codes) else self._own
        self._codes = pd.Index(codes[self._starts], dtype=object)
        self._rank = _rank(self._findings)

    def under(self, effects: pd.DataFrame) -> pd.DataFrame:
        """Counts under each scenario of `tables.EFFECTS`: see `summarise_effects`."""
        parts = []
        for scenario, changed in effects.groupby("scenario", sort=False):
            # what a scenario leaves untouched is counted once, as things are
            rules = changed[["plan", "rule"]].drop_duplicates().itertuples(index=False, name=None)
            rows = np.sort(np.concatenate([self._rows_of[key] for key in rules if key in self._rows_of]))
            after, opened = _under(self._findings.take(rows), changed)
            rank = self._rank.copy()
            rank[rows] = _rank(after)
            worst = np.minimum.reduceat(rank[self._own], self._starts) if len(self._own) else rank[:0]
            total = _totals(pd.Series(worst, index=self._codes), self._inputs)
            standing = concat_nonempty([after[after["status"] != ""], _opened(after, changed[opened])])
            parts.append(pd.concat([_by_rule(standing, self._inputs), total]).assign(scenario=scenario))
        return _checked(parts)


def _checked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Counts below one another, whole numbers again."""
    table = pd.concat(parts, ignore_index=True)
    texts = [name for name, column in SUMMARY.columns.items() if column.kind in {"id", "text"}]
    table = table.astype({**dict.fromkeys(_COUNTS, "int64"), **dict.fromkeys(texts, "str")})
    return SUMMARY.check(table[list(SUMMARY.columns)])


def _state(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Every rule over the study and in each township, and the row over all rules."""
    own = _own_verdicts(verdict_rows(findings), inputs)
    worst = pd.Series(_rank(own)).groupby(own["code"].to_numpy(object)).min()
    return pd.concat([_by_rule(findings, inputs), _totals(worst, inputs)], ignore_index=True)


def _by_rule(findings: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Every rule over the study and in each township."""
    rows = _units_alone(findings.assign(verdict=is_verdict(findings)), inputs)
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
    of_study = np.array(findings["level"].isin(WIDE_LEVELS), np.bool_)
    of_study[of_study] = ~findings.loc[of_study, "code"].isin(inputs.units["code"]).to_numpy(bool)
    if not of_study.any():
        return findings
    group = _Groups.of(findings, _RULE)
    return findings[~(of_study & (group.size > 1)[group.of_row])]


@dataclass(frozen=True)
class _Groups:
    """Rows numbered by what they have in common, in the order in which that first appears.

    Attributes
    ----------
    of_row : number of each row's group
    first : first row of each group
    size : rows of each group
    """

    of_row: NDArray[np.intp]
    first: NDArray[np.intp]
    size: NDArray[np.intp]

    @classmethod
    def of(cls, rows: pd.DataFrame, by: Sequence[str]) -> _Groups:
        """Rows by some columns of texts."""
        number = np.zeros(len(rows), np.intp)
        for name in by:
            codes, different = pd.factorize(rows[name])
            number = number * max(len(different), 1) + codes
        _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
        order = np.argsort(first, kind="stable")
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        of_row = rank[inverse]
        return cls(of_row, first[order], np.bincount(of_row, minlength=len(order)))

    def counts(self, column: NDArray[np.intp], width: int) -> NDArray[np.int64]:
        """Groups × columns: how many rows of each group are in each column; -1 is in none."""
        told = column >= 0
        flat = self.of_row[told] * width + column[told]
        return np.bincount(flat, minlength=len(self.first) * width).reshape(-1, width).astype(np.int64)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of each group, of what is known; unknown where nothing is."""
        known = ~np.isnan(values)
        of_row = self.of_row[known]
        total = np.bincount(of_row, weights=values[known], minlength=len(self.first))
        return np.where(np.bincount(of_row, minlength=len(self.first)) > 0, total, np.nan)

    def alike(self, value: NDArray[np.number], told: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.bool_]]:
        """First row of each group that is `told` (-1 where none is), and whether all told have its value."""
        rows = np.flatnonzero(told)
        at = np.full(len(self.first), -1, np.intp)
        at[self.of_row[rows[::-1]]] = rows[::-1]
        other = value[rows] != value[at[self.of_row[rows]]]
        return at, np.bincount(self.of_row[rows], weights=other, minlength=len(at)) == 0


def _tally(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts, people and deficits per rule, service, level and area."""
    # stage 1: one mark per finding, in the column that it is counted in
    rows = rows.reset_index(drop=True)
    group = _Groups.of(rows, [*_RULE, "area"])
    table = rows.loc[group.first, [*_RULE, "area"]].reset_index(drop=True)
    table[list(_COUNTS)] = group.counts(_marks(rows, _COUNTS), len(_COUNTS))
    table["verdict"] = group.counts(rows["verdict"].to_numpy(np.intp) - 1, 1)[:, 0] > 0
    # stage 2: sums; nothing known stays unknown. Who is beyond reach counts in communities that are met as
    # well: townships then sum to the study. Deficits of different units do not add up
    short = (rows["status"] == "short").to_numpy(bool)
    counted = short | (rows["status"] == "met").to_numpy(bool)
    table["people"] = group.sums(np.where(counted, rows["population_short"].to_numpy(float), np.nan))
    at, alike = group.alike(pd.factorize(rows["deficit_unit"])[0], short)
    deficit = group.sums(np.where(short, rows["deficit"].to_numpy(float), np.nan))
    table["deficit"] = np.where(alike, deficit, np.nan)
    table["deficit_unit"] = _texts(rows["deficit_unit"], at, alike & (at >= 0))
    # stage 3: a group of one unit has its status and value; a target is told where all share it
    single = group.size == 1
    for name in ("status", "certainty"):
        table[name] = _texts(rows[name], group.first, single)
    table["value"] = np.where(single, rows["value"].to_numpy(float)[group.first], np.nan)
    table["unit"] = rows["unit"].array[group.first]
    target = rows["target"].to_numpy(float)
    at, alike = group.alike(target, ~np.isnan(target))
    table["target"] = np.where(alike & (at >= 0), target[at], np.nan)
    return table


def _texts(values: pd.Series, at: Rows, told: NDArray[np.bool_]) -> pd.Series:
    """Texts from some rows, blank where they are not told."""
    return pd.Series(values.array[at]).where(told, "")


def _marks(rows: pd.DataFrame, names: Sequence[str]) -> Rows:
    """Place, among `names`, of the column that each finding is counted in; -1 where it is in none."""
    place = {name: at for at, name in enumerate(names)}
    (status, different), (certainty, degrees) = (pd.factorize(rows[name]) for name in ("status", "certainty"))

    def mark(one: str, degree: str) -> str:
        """The column of a status, by certainty where it is a verdict."""
        return f"{one}_{degree}" if one in {"met", "short"} else one.replace("-", "_")

    table = np.array([[place.get(mark(one, degree), -1) for degree in degrees] for one in different], np.intp)
    return table.reshape(len(different), len(degrees))[status, certainty]


def _own_verdicts(verdicts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Verdicts on the study's own communities."""
    inside = inputs.communities.loc[inputs.communities["inside"], "code"]
    return verdicts[verdicts["level"].isin(COMMUNITY_LEVELS) & verdicts["code"].isin(inside)]


def _rank(rows: pd.DataFrame) -> Rows:
    """Place of each finding's mark among all marks, the worst first."""
    # what is gone under a scenario (the catchment of a facility that closes) has no mark
    place = _marks(rows, _WORST_FIRST)
    return np.where(place < 0, len(_WORST_FIRST) - 1, place)


def _totals(worst: pd.Series, inputs: Inputs) -> pd.DataFrame:
    """Each community once, by the rank of the worst of its verdicts: over the study and in each township."""
    inside = inputs.communities[inputs.communities["inside"]].set_index("code")
    at = inside.index.get_indexer(worst.index)
    township, people = inside["township"].to_numpy(object)[at], inside["population"].to_numpy(float)[at]
    names = np.array(_WORST_FIRST, dtype=object)[worst.to_numpy(dtype=int)]
    # Each community once in the study and once in its township; by area, in its order.
    own = township != ""
    both = pd.DataFrame({"area": np.append(np.full(len(at), STUDY_AREA, object), township[own])})
    mark, lives = np.append(names, names[own]), np.append(people, people[own])
    if both.empty:
        both, mark, lives = pd.DataFrame({"area": [STUDY_AREA]}), np.array(["no_data"]), np.array([np.nan])
    place = {name: number for number, name in enumerate(_COUNTS)}
    group = _Groups.of(both, ["area"])
    counts = both.loc[group.first].reset_index(drop=True)
    column = np.array([place.get(name, -1) for name in mark], np.intp)
    counts[list(_COUNTS)] = group.counts(column, len(_COUNTS))
    short = np.array([name.startswith("short_") for name in mark], np.bool_)
    counts["people"] = group.sums(np.where(short, lives, np.nan))
    counts = counts.sort_values("area", ignore_index=True)
    blank: dict[str, object] = dict.fromkeys(
        ("plan", "rule", "service", "deficit_unit", "status", "certainty", "unit"), ""
    )
    unknown = dict.fromkeys(("deficit", "value", "target"), np.nan)
    return counts.assign(level="community", verdict=True, **blank, **unknown)


def _under(findings: pd.DataFrame, changed: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """The findings as one scenario leaves them, and which of its changes are about units it brings."""
    # findings by their key: those that the scenario changes take its figures
    place = {unit: row for row, unit in enumerate(_units(changed))}
    at = np.array([place.get(unit, -1) for unit in _units(findings)], np.intp)
    touched = np.flatnonzero(at >= 0)
    made = {}
    for name, column in _AFTER.items():
        values = np.array(findings[name])
        values[touched] = changed[column].to_numpy(values.dtype)[at[touched]]
        made[name] = pd.Series(values, findings.index, dtype=values.dtype)
    fresh = (changed["status_after"] != "").to_numpy(bool, copy=True)
    fresh[at[touched]] = False
    return findings.assign(**made), fresh


def _units(rows: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """The key of every finding."""
    return zip(*(rows[name].tolist() for name in _UNIT), strict=True)


def _opened(findings: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Findings about units that only the scenario brings: facilities, and the catchments of stations.

    They are as sure as the first finding about a unit of their kind.
    """
    if fresh.empty:
        return findings.iloc[:0]
    fresh = fresh[[*_UNIT, "name", *_AFTER.values()]]
    fresh = fresh.rename(columns={column: name for name, column in _AFTER.items()})
    alike = findings.drop_duplicates(_RULE).drop(columns=["code", "name", *_AFTER])
    return fresh.merge(alike, on=_RULE, how="inner")[list(findings.columns)]
