"""Why a finding changed between two runs, as far as their files tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lifecircle.analysis.same_facilities import FACILITY_LEVELS, facilities_changed, services_of
from lifecircle.tables import Note

__all__ = ["CAUSES", "Causes", "RunFiles", "differ"]

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
_OF_RULE: Final = ("clause", "role", "unit", "comparator", "target", "target_year")
_SAME: Final = 1e-6
_NOT_SETTINGS: Final = ("study.name", "study.output", "study.language", "study.map_review_number")
_MANY: Final = 5
"""How many files or settings a cause names."""


@dataclass(frozen=True)
class RunFiles:
    """What one results folder says."""

    findings: pd.DataFrame
    manifest: Mapping[str, Any]
    facilities: pd.DataFrame
    communities: pd.DataFrame


def differ(before: float, after: float) -> bool:
    """Whether two known figures differ by more than they are written with."""
    return abs(after - before) > _SAME * max(1.0, abs(before), abs(after))


class Causes:
    """What differs between two runs, looked up once, and what of it concerns a finding."""

    def __init__(self, before: RunFiles, after: RunFiles) -> None:
        self._moved = facilities_changed(before.facilities, after.facilities)
        self._homes = after.communities
        self._stands_in = {
            code: community
            for run in (before, after)
            for code, community in zip(run.facilities["facility"], run.facilities["community"], strict=True)
        }
        self._services = _services_of(before, after)
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
        """Communities of the unit a finding is about: itself, its facility's, those below it, or all."""
        level, code = row["level"], row["code"]
        if level in FACILITY_LEVELS and code in self._stands_in:
            return [self._stands_in[code]]
        if code in self._homes.index:
            return [code]
        if level in self._homes and (self._homes[level] == code).any():
            return list(self._homes.index[self._homes[level] == code])
        return list(self._homes.index)

    @staticmethod
    def _residents(row: Mapping[str, Any]) -> Iterator[Note]:
        """Other people live in the unit."""
        before, after = row["population_before"], row["population_after"]
        if differ(before, after):
            yield Note("cause-residents", {"before": before, "after": after})


def _services_of(*runs: RunFiles) -> dict[tuple[str, str], set[str]]:
    """Services that the rows of each rule name, or that the facilities they are about offer."""
    services: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        offered = services_of(run.facilities)
        for plan, rule, level, code, service in run.findings.index:
            about = offered.get(code, ()) if level in FACILITY_LEVELS and not service else service.split("|")
            services.setdefault((plan, rule), set()).update({*about} - {""})
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
