"""Several years of a plan side by side: what the runs of several studies published, by provision."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lifecircle.analysis.comparison import read_findings
from lifecircle.assessment import widest_verdict
from lifecircle.errors import Fault, Faults
from lifecircle.libraries import library_faults
from lifecircle.plans import Plan, clause_in_words, find_plans, responsible_in_words
from lifecircle.study import Study
from lifecircle.tables import verdict_rows

__all__ = ["monitoring_years"]

_OF_RUN = ("value", "status", "certainty", "deficit", "deficit_unit")


@dataclass(frozen=True)
class _Year:
    """One run: the day it judges, its plans, and the verdict by which each provision stands."""

    label: str
    plans: tuple[Plan, ...]
    verdicts: Mapping[tuple[str, str], pd.Series]


def monitoring_years(studies: Sequence[Path], *, allow_outside: bool = False) -> pd.DataFrame:
    """Put the published results of several studies side by side.

    Parameters
    ----------
    studies
        Study files whose results folders hold finished runs; at least two, of any plans.
    allow_outside
        Whether the paths of a study may leave its folder.

    Returns
    -------
    DataFrame
        One row per provision that is no baseline, in the order of the plans: ``plan, rule, clause, title,
        unit, comparator, target, target_max, target_year, responsible, years`` (clause, title and
        responsible by language), and ``value, status,
        certainty, deficit, deficit_unit`` as tuples, one entry per run in the order of their days of
        judgement (blank, or NaN, where a run does not judge the provision).

    Raises
    ------
    InputError
        If a study cannot be read, or has no finished run; with everything wrong with all of them.
    """
    faults = Faults()
    runs: list[tuple[str, _Year]] = []
    for file in studies:
        with faults.collect():
            runs.append(_year(file, allow_outside=allow_outside, faults=faults))
    faults.raise_if_any()
    runs.sort(key=lambda run: run[0])
    years = _labels([run for _, run in runs])
    plans = {plan.id: plan for _, run in runs for plan in run.plans}
    rows = [
        _row(plan, rule, [run.verdicts.get((plan.id, rule.id)) for _, run in runs], years)
        for plan in plans.values()
        for rule in plan.rules
        if rule.role != "baseline"
    ]
    judged = [row for row in rows if any(str(status) for status in row["status"])]
    return pd.DataFrame(judged)


def _year(file: Path, *, allow_outside: bool, faults: Faults) -> tuple[str, _Year]:
    """One study's finished run, and the day it judges, by which runs are put in order."""
    from lifecircle.outputs import recover_folder  # noqa: PLC0415  folium is slow to import

    study = Study.from_file(file, allow_outside=allow_outside)
    folder = study.study.output
    recover_folder(folder)
    missing = [name for name in ("run.json", "deficits.csv") if not (folder / name).is_file()]
    if missing:
        faults.add(Fault("no-run", file=str(folder), values={"missing": ", ".join(missing)}))
        return "", _Year("", (), {})
    with library_faults(folder, "run-unreadable"):
        manifest: Mapping[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        day = str(manifest["settings"]["study"]["as_of"] or "")
        verdicts = verdict_rows(read_findings(folder / "deficits.csv").reset_index())
    by_rule = {key: widest_verdict(rows) for key, rows in verdicts.groupby(["plan", "rule"], sort=False)}
    return day, _Year(day or study.study.name or file.stem, find_plans(study.study.plans), by_rule)


def _labels(runs: Sequence[_Year]) -> tuple[str, ...]:
    """What each run is called: its year where no other has the same, else its day, numbered if need be."""
    years = [run.label[:4] if run.label[:4].isdigit() else run.label for run in runs]
    labels = [year if years.count(year) == 1 else run.label for year, run in zip(years, runs, strict=True)]
    return tuple(
        label if labels.count(label) == 1 else f"{label} ({at + 1})" for at, label in enumerate(labels)
    )


def _row(
    plan: Plan, rule: Any, verdicts: Sequence[pd.Series | None], years: tuple[str, ...]
) -> dict[str, Any]:
    """One provision over all runs."""
    known = [one for one in verdicts if one is not None]
    about = known[-1] if known else pd.Series(dtype="object")
    blank = {"value": math.nan, "deficit": math.nan}
    of_runs = {
        name: tuple(blank.get(name, "") if one is None else one[name] for one in verdicts) for name in _OF_RUN
    }
    return {
        "plan": plan.id,
        "rule": rule.id,
        "clause": clause_in_words(rule),
        "title": rule.title.model_dump(),
        "unit": about.get("unit", ""),
        "comparator": about.get("comparator", ""),
        "target": about.get("target", math.nan),
        "target_max": math.nan if rule.target_max is None else rule.target_max,
        "target_year": about.get("target_year", math.nan),
        "responsible": responsible_in_words(plan, rule),
        "years": years,
        **of_runs,
    }
