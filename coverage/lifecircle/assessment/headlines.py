"""The targets that a reader sees first, each with figures of one and the same condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lifecircle.assessment.alike import asked_alike
from lifecircle.assessment.rule_verdicts import certainty_of_failure
from lifecircle.tables import (
    CATCHMENT,
    CERTAINTY,
    HEADLINES,
    STUDY_AREA,
    SUMMARY,
    WIDE_LEVELS,
    is_circle,
    python_texts,
    verdict_rows,
)

__all__ = ["headlines"]

_SHORT: Final = tuple(name for name in SUMMARY.columns if name.startswith("short_"))
_MET: Final = tuple(name for name in SUMMARY.columns if name.startswith("met_"))
_STATIONS: Final = "population-per-facility"
"""Everybody goes to the nearest one: a rule about walks, though no circle."""

_MOST_HEADLINES: Final = 6


def headlines(
    summary: pd.DataFrame, findings: pd.DataFrame, plans: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """The targets that a reader sees first.

    A plan may mark its headline rules; else they are the binding rules about walks, after them those that the
    study as a whole surely falls short of; or where there are no rules about walks, all binding rules. What
    several plans ask alike, in the same words or with the same findings, counts once.

    Parameters
    ----------
    summary
        From `summarise`.
    findings
        `tables.FINDINGS`: the study's own figures and targets.
    plans
        As `Results.plans`.

    Returns
    -------
    DataFrame
        `tables.HEADLINES`: rules about walks first, of them those on which the study itself has a verdict,
        then by people affected; of other rules those missed first; at most six.
    """
    # Rules on which any unit has a verdict.
    rules = {(str(plan["id"]), rule): about for plan in plans for rule, about in plan["rules"].items()}
    rows = summary[(summary["scenario"] == "") & (summary["area"] == STUDY_AREA) & summary["verdict"]]
    met, short = (rows[list(names)].sum(axis=1) for names in (_MET, _SHORT))
    rows = rows.assign(met=met, short=short)[(met + short > 0) & (rows["rule"] != "")]
    # Marked ones, else circles and what is surely missed as a whole, else all.
    keys = pd.Series(list(zip(rows["plan"], rows["rule"], strict=True)), index=rows.index, dtype=object)
    marked = keys.map(lambda key: bool(rules.get(key, {}).get("headline"))).astype(bool)
    circles = keys.map(lambda key: _is_about_walks(rules.get(key, {}))).astype(bool)
    chosen = rows[marked] if marked.any() else rows
    if circles.any() and not marked.any():
        chosen = rows[circles | keys.isin(_missed_as_a_whole(findings))]
    # where rules about walks lead, the others follow
    circle_keys = frozenset() if marked.any() else frozenset(keys[circles])
    # The narrowest level that is judged counts the units.
    wide = chosen["level"].map({name: at for at, name in enumerate(WIDE_LEVELS)}).fillna(-1)
    chosen = chosen.assign(wide=wide).sort_values("wide", kind="stable").drop_duplicates(["plan", "rule"])
    made = pd.DataFrame(_headline_rows(chosen, findings), columns=list(HEADLINES.columns))
    if made.empty:
        return HEADLINES.empty()
    # Rules about walks first; of the others those missed; the study's own verdicts; most people affected.
    keys = pd.Series(list(zip(made["plan"], made["rule"], strict=True)), index=made.index, dtype=object)
    walked = keys.isin(list(circle_keys))
    missed = (made["status"] == "short") | ((made["status"] != "met") & (made["short"] > 0))
    # stations have a verdict of the study's beside their own
    own = made["status"].isin(["met", "short"]) | (made["level"] == CATCHMENT)
    made = made.assign(walked=walked, missed=missed & ~walked, own=own)
    order = ["walked", "missed", "own", "people", "short"]
    made = made.sort_values(order, ascending=False, na_position="last", kind="stable")
    made = _alike_once(made.drop(columns=["walked", "missed", "own"]), findings, rules)
    return HEADLINES.check(made.head(_MOST_HEADLINES).reset_index(drop=True))


def _is_about_walks(about: Mapping[str, Any]) -> bool:
    """Whether a rule is about who walks how far or whereto."""
    kind = str(about.get("kind", ""))
    return is_circle(kind) or kind == _STATIONS


def _missed_as_a_whole(findings: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """Plan and rule of each firm failure of the study itself: its own verdict is a rule's last."""
    last = verdict_rows(findings).drop_duplicates(["plan", "rule"], keep="last")
    missed = (last["status"] == "short") & (last["certainty"] == "firm") & last["level"].isin(WIDE_LEVELS)
    return frozenset(zip(last.loc[missed, "plan"], last.loc[missed, "rule"], strict=True))


def _headline_rows(chosen: pd.DataFrame, findings: pd.DataFrame) -> Iterator[dict[str, object]]:
    """One row per target."""
    # the widest level there is; of several rows the last sums up the others
    wide = python_texts(verdict_rows(findings[findings["level"].isin(WIDE_LEVELS[1:])]))
    for row in chosen.to_dict("records"):
        whole = _whole(wide, row["plan"], row["rule"])
        # units that are short are told of by themselves where the whole is met, and stations always: how many
        # there are is another condition of the clause
        if row["short"] and whole is not None and (row["level"] == CATCHMENT or whole["status"] == "met"):
            whole = None
        judged = row["met"] + row["short"]
        certainty = certainty_of_failure([one for one in CERTAINTY if row.get(f"short_{one}")])
        share = {"value": 100 * row["met"] / judged, "unit": "%", "target": np.nan, "status": ""}
        own = share if whole is None or np.isnan(whole["value"]) else {name: whole[name] for name in share}
        first = whole if whole is not None else {}
        if first.get("status") == "short":
            certainty = first["certainty"]
        # one gap in one unit: a whole that is short says what it lacks
        said = {name: row[name] for name in ("people", "deficit", "deficit_unit")}
        if first.get("status") == "short" and not np.isnan(first["deficit"]):
            said |= {name: first[name] for name in ("deficit", "deficit_unit")}
        if not row["short"] and first.get("status") == "short":
            said["people"] = first["population_short"]
        yield {
            **{name: row[name] for name in ("plan", "rule", "service", "level", "met", "short")},
            **said,
            "certainty": certainty,
            **own,
            "comparator": str(first.get("comparator", "")),
            **{name: float(first.get(name, np.nan)) for name in ("target_year", "baseline")},
            "also": "",
        }


def _alike_once(
    made: pd.DataFrame, findings: pd.DataFrame, rules: Mapping[tuple[str, str], Mapping[str, Any]]
) -> pd.DataFrame:
    """The first of targets that are one (`asked_alike`), which names the others in ``also``."""
    rows = made.to_dict("records")
    first_of = asked_alike(rows, findings, rules)
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (str(row["plan"]), str(row["rule"]))
        first = kept.setdefault(first_of[key], row)
        if first is not row:
            first["also"] = "; ".join(filter(None, [first["also"], "/".join(key)]))
    return pd.DataFrame(list(kept.values()), columns=list(made.columns))


def _whole(wide: pd.DataFrame, plan: str, rule: str) -> dict[str, Any] | None:
    """The study's own finding under a rule, of verdicts above the townships: the last at the widest level."""
    own = wide[(wide["plan"] == plan) & (wide["rule"] == rule)]
    if own.empty:
        return None
    rank = own["level"].map(WIDE_LEVELS.index)
    return dict(own[rank == rank.max()].iloc[-1])
