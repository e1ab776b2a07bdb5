"""What changed between two runs, rule by rule and unit by unit, and why, as far as their files tell.

Only what a run publishes is read: ``deficits.csv``, ``run.json`` and the layers ``facilities`` and
``communities`` of ``study.gpkg``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lifecircle.analysis.causes import Causes, RunFiles, differ
from lifecircle.analysis.same_facilities import FACILITY_LEVELS, bare_code, one_code
from lifecircle.errors import Fault, Faults
from lifecircle.libraries import library_faults
from lifecircle.sources.files.layers import read_layer
from lifecircle.sources.files.opening import local_file
from lifecircle.tables import FINDINGS

__all__ = ["CHANGES", "Comparison", "compare_runs", "read_findings"]

CHANGES: Final = ("improved", "worsened", "newly-measured", "no-longer-measured")

_KEY: Final = ["plan", "rule", "level", "code", "service"]


@dataclass(frozen=True)
class Comparison:
    """Two runs compared.

    Attributes
    ----------
    changes : DataFrame
        One row per finding that changed: ``plan, rule, level, code, name, service, change, cause`` (the
        first of `causes`), ``status_before, status_after, certainty_before, certainty_after, value_before,
        value_after, unit, deficit_before, deficit_after, deficit_unit, people_short_before,
        people_short_after`` and ``causes`` (tuple of Note). Worsened first, then in the order of the runs.
    counts : how many findings changed in which way, how many did not, and how many of those newly measured
        are short
    """

    changes: pd.DataFrame
    counts: Mapping[str, int]


def compare_runs(before: Path, after: Path) -> Comparison:
    """Compare two results folders of the same plans.

    A verdict improved if it went from short to met, or its deficit, its residents short or its value
    moved towards the target; it worsened if the other way round. What was no-data, not applicable or
    absent and is measured now is newly measured.

    Raises
    ------
    InputError
        If a folder holds no finished run, one of its files cannot be read, or the plans differ; with
        everything wrong with both.
    """
    # stage 1: findings side by side, by their key
    first, second = _with_one_code(*_read_both(before, after))
    both = first.findings.add_suffix("_before").join(second.findings.add_suffix("_after"), how="outer")
    both = both.loc[_in_order(first.findings.index, second.findings.index)]
    change = [_change(row) for row in both.itertuples(index=False)]
    measured = int(
        sum(_is_measured(one) for one in (both["status_before"], both["status_after"])).gt(0).sum()
    )
    # stage 2: what changed, and what may be the cause
    both["change"] = change
    changed = both[both["change"] != ""].reset_index()
    why = Causes(first, second)
    changed["causes"] = [tuple(why.of(row)) for row in changed.to_dict("records")]
    changed["code"] = bare_code(changed["code"])
    changed["cause"] = [causes[0].key.removeprefix("cause-") for causes in changed["causes"]]
    # stage 3: how many changed in which way
    count = changed["change"].value_counts()
    counts = {name.split("-measured")[0].replace("-", "_"): int(count.get(name, 0)) for name in CHANGES}
    counts |= {"compared": measured, "unchanged": measured - len(changed)}
    newly = changed["change"] == "newly-measured"
    counts["newly_short"] = int((newly & (changed["status_after"] == "short")).sum())
    return Comparison(_published(changed), counts)


def _read_both(before: Path, after: Path) -> tuple[RunFiles, RunFiles]:
    """Both runs, or every fault of both."""
    faults = Faults()
    runs = [_read(folder, faults) for folder in (before, after)]
    faults.raise_if_any()
    first, second = (run for run in runs if run is not None)
    plans = [sorted(set(run.findings.index.get_level_values("plan"))) for run in (first, second)]
    if plans[0] != plans[1]:
        values = {"found": ", ".join(plans[1]), "expected": ", ".join(plans[0]), "other": str(before)}
        faults.add(Fault("runs-of-different-plans", file=str(after), values=values))
    faults.raise_if_any()
    return first, second


def _read(folder: Path, faults: Faults) -> RunFiles | None:
    """One run; None where it cannot be read, with the faults added."""
    missing = [name for name in ("run.json", "deficits.csv", "study.gpkg") if not (folder / name).is_file()]
    if missing:
        faults.add(Fault("no-run", file=str(folder), values={"missing": ", ".join(missing)}))
        return None
    with faults.collect(), library_faults(folder, "run-unreadable"):
        manifest = _manifest(folder / "run.json")
        return RunFiles(read_findings(folder / "deficits.csv"), manifest, *_layers(folder / "study.gpkg"))
    return None


def _manifest(path: Path) -> dict[str, Any]:
    """What ``run.json`` says of settings, versions and inputs; of another kind than ours it is refused."""
    record = json.loads(path.read_text(encoding="utf-8"))
    settings, versions = dict(record.get("settings", {})), dict(record.get("versions", {}))
    inputs = [{"path": str(one["path"]), **one} for one in record.get("inputs", [])]
    return {"settings": settings, "versions": versions, "inputs": inputs}


def _with_one_code(first: RunFiles, second: RunFiles) -> tuple[RunFiles, RunFiles]:
    """Both runs, the same facility under one code: its id in the second."""
    codes = one_code(first.facilities, second.facilities)
    findings, facilities = first.findings.reset_index(), first.facilities.copy()
    about = findings["level"].isin(FACILITY_LEVELS)
    findings.loc[about, "code"] = findings.loc[about, "code"].map(lambda code: codes.get(code, code))
    facilities["facility"] = facilities["facility"].map(codes)
    first = dataclasses.replace(first, findings=findings.set_index(_KEY), facilities=facilities)
    return first, second


def read_findings(path: Path) -> pd.DataFrame:
    """``deficits.csv``, indexed by its key."""
    kinds = {name: str for name, column in FINDINGS.columns.items() if column.kind != "number"}
    table = pd.read_csv(path, dtype=kinds, keep_default_na=False, encoding="utf-8-sig",
                        na_values={name: [""] for name in FINDINGS.columns if name not in kinds})  # fmt: skip
    for name in FINDINGS.columns.keys() - kinds.keys():
        pd.to_numeric(table[name])  # words among figures are refused
    return table.drop_duplicates(_KEY).set_index(_KEY)[[c for c in FINDINGS.columns if c not in _KEY]]


def _layers(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facilities with their place (5 decimals: a metre), and communities."""
    shapes = read_layer(local_file(path, suffixes=(".gpkg",)), "facilities").frame
    x, y = shapes.geometry.x.round(5).astype(str), shapes.geometry.y.round(5).astype(str)
    facilities = pd.DataFrame(shapes.drop(columns="geometry")).assign(place=x + " " + y)
    communities = pd.DataFrame(read_layer(path, "communities").frame.drop(columns="geometry"))
    return facilities, communities.set_index("code")


def _in_order(first: pd.MultiIndex, second: pd.MultiIndex) -> pd.MultiIndex:
    """Every key, those of the first run in its order, then those only the second has."""
    return first.append(second.difference(first, sort=False))


def _is_measured(status: pd.Series) -> pd.Series:
    """Whether there is a verdict."""
    return status.isin(["met", "short"]).astype(int)


def _change(row: Any) -> str:
    """How one finding changed; blank where it did not, or was never judged."""
    # first whether there is a verdict, then the verdict, then its deficit, its people, its value
    was, now = (status in {"met", "short"} for status in (row.status_before, row.status_after))
    if was != now:
        return "newly-measured" if now else "no-longer-measured"
    if not was:
        return ""
    if row.status_before != row.status_after:
        return "improved" if row.status_after == "met" else "worsened"
    for before, after in (
        (row.deficit_before, row.deficit_after),
        (row.population_short_before, row.population_short_after),
    ):
        if differ(before, after):
            return "improved" if after < before else "worsened"
    if differ(row.value_before, row.value_after) and row.comparator_after in {">=", ">", "<=", "<"}:
        return (
            "improved"
            if (row.value_after > row.value_before) == (row.comparator_after[0] == ">")
            else "worsened"
        )
    return ""


def _published(changed: pd.DataFrame) -> pd.DataFrame:
    """The columns of a comparison, worsened first."""
    when = ("before", "after")
    table = changed.rename(columns={f"population_short_{one}": f"people_short_{one}" for one in when})
    for name in ("name", "unit", "deficit_unit"):
        table[name] = table[f"{name}_after"].where(table[f"{name}_after"].notna(), table[f"{name}_before"])
    order = ("worsened", "no-longer-measured", "improved", "newly-measured")
    rank = table["change"].map({name: place for place, name in enumerate(order)}).astype("float64")
    table = table.iloc[np.argsort(rank.to_numpy(), kind="stable")]
    figures = [f"{name}_{one}" for name in ("status", "certainty", "value") for one in when]
    sizes = [f"{name}_{one}" for name in ("deficit", "people_short") for one in when]
    columns = ["plan", "rule", "level", "code", "name", "service", "change", "cause", *figures, "unit"]
    return table[[*columns, *sizes, "deficit_unit", "causes"]].reset_index(drop=True)
