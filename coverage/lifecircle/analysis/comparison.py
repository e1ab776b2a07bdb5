"""What changed between two runs, rule by rule and unit by unit, and why, as far as their files tell.

Only what a run publishes is read: ``deficits.csv``, ``run.json`` and the layers ``facilities`` and
``communities`` of ``study.gpkg``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from lifecircle.errors import Fault, Faults
from lifecircle.tables import FINDINGS, Note

__all__ = ["CAUSES", "CHANGES", "Comparison", "compare_runs", "read_findings"]

CHANGES: Final = ("improved", "worsened", "newly-measured", "no-longer-measured")
CAUSES: Final = (
    "rule",
    "assumption",
    "facility",
    "facility-elsewhere",
    "residents",
    "setting",
    "data",
    "program",
    "unknown",
)
"""In the order in which they are told: what is nearest to the verdict first."""

_KEY: Final = ["plan", "rule", "level", "code", "service"]
_OF_RULE: Final = ("clause", "role", "unit", "comparator", "target", "target_year")
_SAME: Final = 1e-6
_NOT_SETTINGS: Final = ("study.name", "study.output", "study.language", "study.map_review_number")
_MANY: Final = 5
"""How many files or settings a cause names."""


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
    counts : how many findings changed in which way, and how many did not
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
    first, second = _read_both(before, after)
    both = first.findings.add_suffix("_before").join(second.findings.add_suffix("_after"), how="outer")
    both = both.loc[_in_order(first.findings.index, second.findings.index)]
    change = [_change(row) for row in both.itertuples(index=False)]
    measured = int(
        sum(_is_measured(one) for one in (both["status_before"], both["status_after"])).gt(0).sum()
    )
    # stage 2: what changed, and what may be the cause
    both["change"] = change
    changed = both[both["change"] != ""].reset_index()
    why = _Reasons(first, second)
    changed["causes"] = [tuple(why.of(row)) for row in changed.to_dict("records")]
    changed["cause"] = [causes[0].key.removeprefix("cause-") for causes in changed["causes"]]
    # stage 3: how many changed in which way
    count = changed["change"].value_counts()
    counts = {name.split("-measured")[0].replace("-", "_"): int(count.get(name, 0)) for name in CHANGES}
    counts |= {"compared": measured, "unchanged": measured - len(changed)}
    return Comparison(_published(changed), counts)


@dataclass(frozen=True)
class _Run:
    """What one results folder says."""

    findings: pd.DataFrame
    manifest: Mapping[str, Any]
    facilities: pd.DataFrame
    communities: pd.DataFrame


def _read_both(before: Path, after: Path) -> tuple[_Run, _Run]:
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


def _read(folder: Path, faults: Faults) -> _Run | None:
    """One run; None where it cannot be read, with the faults added."""
    missing = [name for name in ("run.json", "deficits.csv", "study.gpkg") if not (folder / name).is_file()]
    if missing:
        faults.add(Fault("no-run", file=str(folder), values={"missing": ", ".join(missing)}))
        return None
    try:
        manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return _Run(read_findings(folder / "deficits.csv"), dict(manifest), *_layers(folder / "study.gpkg"))
    except (ValueError, KeyError, OSError, pyogrio.errors.DataSourceError) as error:
        faults.add(Fault("run-unreadable", file=str(folder), values={"why": str(error)}))
        return None


def read_findings(path: Path) -> pd.DataFrame:
    """``deficits.csv``, indexed by its key."""
    kinds = {name: str for name, column in FINDINGS.columns.items() if column.kind != "number"}
    table = pd.read_csv(path, dtype=kinds, keep_default_na=False, encoding="utf-8-sig",
                        na_values={name: [""] for name in FINDINGS.columns if name not in kinds})  # fmt: skip
    return table.drop_duplicates(_KEY).set_index(_KEY)[[c for c in FINDINGS.columns if c not in _KEY]]


def _layers(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facilities, known by service and place (5 decimals: a metre), and communities."""
    shapes = gpd.read_file(path, layer="facilities", engine="pyogrio")
    x, y = shapes.geometry.x.round(5).astype(str), shapes.geometry.y.round(5).astype(str)
    facilities = pd.DataFrame(shapes.drop(columns="geometry")).assign(place=x + " " + y)
    facilities = facilities.drop_duplicates(["service", "place"]).set_index(["service", "place"])
    communities = pyogrio.read_dataframe(path, layer="communities", read_geometry=False)
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
        if _differ(before, after):
            return "improved" if after < before else "worsened"
    if _differ(row.value_before, row.value_after) and row.comparator_after in {">=", ">", "<=", "<"}:
        return (
            "improved"
            if (row.value_after > row.value_before) == (row.comparator_after[0] == ">")
            else "worsened"
        )
    return ""


def _differ(before: float, after: float) -> bool:
    """Whether two known figures differ by more than they are written with."""
    return abs(after - before) > _SAME * max(1.0, abs(before), abs(after))


class _Reasons:
    """What differs between two runs, looked up once, and what of it concerns a finding."""

    def __init__(self, before: _Run, after: _Run) -> None:
        self._moved = _facilities_moved(before.facilities, after.facilities)
        self._homes = after.communities
        self._services = _services_of(before.findings, after.findings)
        self._files = _changed_files(before.manifest, after.manifest)
        self._settings = _changed_settings(before.manifest, after.manifest)
        self._versions = _changed(before.manifest.get("versions", {}), after.manifest.get("versions", {}))

    def of(self, row: Mapping[str, Any]) -> Iterator[Note]:
        """Every cause that a changed finding may have, the nearest first."""
        causes = [*self._rule(row), *self._assumption(row), *self._facility(row), *self._residents(row)]
        if self._settings:
            causes.append(Note("cause-setting", {"settings": _preview(self._settings)}))
        if self._files:
            causes.append(Note("cause-data", {"files": _preview(self._files)}))
        if not causes and self._versions:
            causes.append(Note("cause-program", {"versions": _preview(self._versions)}))
        yield from causes or [Note("cause-unknown")]

    @staticmethod
    def _rule(row: Mapping[str, Any]) -> Iterator[Note]:
        """The provision reads differently."""
        pairs = {name: (row[f"{name}_before"], row[f"{name}_after"]) for name in _OF_RULE}
        there = all(isinstance(row[f"status_{when}"], str) for when in ("before", "after"))
        said = _changed({k: v[0] for k, v in pairs.items()}, {k: v[1] for k, v in pairs.items()})
        if there and said:
            yield Note("cause-rule", {"what": _preview(said)})

    @staticmethod
    def _assumption(row: Mapping[str, Any]) -> Iterator[Note]:
        """An assumption that this finding lists has another value."""
        before, after = (_listed(row[f"assumptions_{when}"]) for when in ("before", "after"))
        if said := _changed(before, after) if before and after else ():
            yield Note("cause-assumption", {"what": _preview(said)})

    def _facility(self, row: Mapping[str, Any]) -> Iterator[Note]:
        """Facilities of the finding's services that came, went or have other figures, here or elsewhere."""
        services = {row["service"], *row["service"].split("|")} - {""}
        services = services or self._services.get((row["plan"], row["rule"]), set())
        moved = self._moved[self._moved["service"].isin(services)] if services else self._moved
        here = moved[moved["community"].isin(self._codes_of(row))]
        for key, table in (("cause-facility", here), ("cause-facility-elsewhere", moved)):
            if len(table):
                count = table["how"].value_counts()
                yield Note(key, {how: int(count.get(how, 0)) for how in ("added", "removed", "changed")})
                return

    def _codes_of(self, row: Mapping[str, Any]) -> Sequence[str]:
        """Communities of the unit a finding is about: itself, those below it, or all of the study."""
        level, code = row["level"], row["code"]
        if code in self._homes.index:
            return [code]
        if level in self._homes and (self._homes[level] == code).any():
            return list(self._homes.index[self._homes[level] == code])
        return list(self._homes.index)

    @staticmethod
    def _residents(row: Mapping[str, Any]) -> Iterator[Note]:
        """Other people live in the unit."""
        before, after = row["population_before"], row["population_after"]
        if _differ(before, after):
            yield Note("cause-residents", {"before": before, "after": after})


def _facilities_moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Facilities that were added, removed or have other figures: ``service, community, how``."""
    added, removed = after.index.difference(before.index), before.index.difference(after.index)
    # the figures of those in both runs, compared as text: unknown equals unknown
    both = before.index.intersection(after.index)
    figures = [
        name for name in before.columns.intersection(after.columns) if name not in {"facility", "source"}
    ]
    one, other = (table.loc[both, figures].astype(str) for table in (before, after))
    changed = both[(one.to_numpy() != other.to_numpy()).any(axis=1)] if len(both) else both
    parts = [(after, added, "added"), (before, removed, "removed"), (after, changed, "changed")]
    rows = [
        table.loc[index, ["community"]].assign(how=how).reset_index()[["service", "community", "how"]]
        for table, index, how in parts
    ]
    return pd.concat(rows, ignore_index=True)


def _services_of(*findings: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Services that the rows of each rule name."""
    services: dict[tuple[str, str], set[str]] = {}
    for table in findings:
        for plan, rule, service in table.index.droplevel(["level", "code"]).unique():
            services.setdefault((plan, rule), set()).update({*service.split("|")} - {""})
    return services


def _changed_files(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of input files whose content is not the same, or that only one run read."""
    sums = [
        {Path(str(file["path"])).name: file.get("sha256") for file in run.get("inputs", ())}
        for run in (before, after)
    ]
    return tuple(
        name for name in dict.fromkeys([*sums[0], *sums[1]]) if sums[0].get(name) != sums[1].get(name)
    )


def _changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Settings of the study that differ, but for paths, names and assumptions, which have their own cause."""
    flat = [dict(_flat(run.get("settings", {}))) for run in (before, after)]
    kept = [{k: v for k, v in table.items() if k not in _NOT_SETTINGS and not _is_path(k)} for table in flat]
    return _changed(*kept)


def _flat(tree: object, above: str = "") -> Iterator[tuple[str, object]]:
    """Leaves of nested settings by their dotted names."""
    if isinstance(tree, Mapping):
        for name, branch in tree.items():
            yield from _flat(branch, f"{above}.{name}" if above else str(name))
    elif isinstance(tree, list) and any(isinstance(one, Mapping) for one in tree):
        for number, branch in enumerate(tree):
            yield from _flat(branch, f"{above}[{number + 1}]")
    else:
        yield above, tree


def _is_path(name: str) -> bool:
    """Whether a setting names a file, whose content is compared instead, or belongs to another cause."""
    last = name.rsplit(".", 1)[-1]
    return last in {"source", "path", "boundary", "communities", "raster", "points"} or name.startswith(
        "assumptions"
    )


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """``name: before → after`` of everything that differs."""
    names = dict.fromkeys([*before, *after])
    return tuple(
        f"{name}: {_plain(before.get(name))} → {_plain(after.get(name))}"
        for name in names
        if not _equal(before.get(name), after.get(name))
    )


def _equal(one: object, other: object) -> bool:
    """Whether two values are the same, unknown ones too."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return one == other


def _plain(value: object) -> str:
    """A value as it is read; a dash where there is none."""
    unknown = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
    return "–" if unknown else f"{value:g}" if isinstance(value, float) else str(value)


def _listed(assumptions: object) -> dict[str, str]:
    """``name=value; …`` of a finding."""
    if not isinstance(assumptions, str):
        return {}
    return dict(part.split("=", 1) for part in assumptions.split("; ") if "=" in part)


def _preview(words: Sequence[str]) -> str:
    """The first few, and that there are more."""
    return "; ".join(words[:_MANY]) + (" …" if len(words) > _MANY else "")


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
