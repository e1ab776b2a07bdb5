"""The scenarios of a study file: their files read, every fault of all of them at once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd

from lifecircle.sources.files.columns import Wanted, names_of
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.study import Study
from lifecircle.study.config import FacilitySource, ScenarioChange
from lifecircle.tables import Scenario

__all__ = ["read_scenarios"]

_MOVED: Final[Wanted] = {"facility": ("facility", *names_of("id"))}
_STREETS: Final[Wanted] = {"name": names_of("name")}
_PARTS: Final = ("add", "close", "move", "open_streets", "close_streets")


def read_scenarios(study: Study) -> tuple[Scenario, ...]:
    """Read the scenarios of a study.

    ``add`` is a ledger of facilities with a column ``service``; ``move`` a layer with ``facility``, the id of
    the layer facilities of study.gpkg; streets are lines, or for closing also polygons and points. A new
    facility's id is the name of its file, a colon, and its own id, as for every ledger.

    Raises
    ------
    InputError
        With every fault: files that cannot be read, names used twice, scenarios that change nothing.
    """
    log = ReadingLog()
    label = str(study.path or "")
    seen: set[str] = set()
    scenarios = []
    for number, change in enumerate(study.scenarios, 1):
        place = f"scenarios[{number}]"
        if change.name in seen:
            log.fault("scenario-twice", place=(label, "", change.name, f"{place}.name"))
        seen.add(change.name)
        if not any(getattr(change, part) for part in _PARTS):
            log.fault("scenario-nothing", place=(label, "", change.name, place))
        scenarios.append(_scenario(change, label, log))
    log.raise_if_any()
    return tuple(scenarios)


def _scenario(change: ScenarioChange, label: str, log: ReadingLog) -> Scenario:
    """One scenario; parts whose files cannot be read are left out and their faults kept."""
    parts: dict[str, gpd.GeoDataFrame] = {}
    if change.add is not None:
        with log.collecting():
            parts["add"] = _added(change.add, log)
    if change.move is not None:
        with log.collecting():
            required = ("facility",)
            parts["move"] = read_vector(
                change.move, log, subject="facilities", shape="any", wanted=_MOVED, required=required
            )
    for part in ("open_streets", "close_streets"):
        path = getattr(change, part)
        if path is not None:
            with log.collecting():
                parts[part] = read_vector(path, log, subject="streets", shape="any", wanted=_STREETS)
    return Scenario(name=change.name, close=change.close, source=label, **parts)


def _added(path: Path, log: ReadingLog) -> gpd.GeoDataFrame:
    """A ledger of new facilities."""
    rows = read_ledger(FacilitySource(source=str(path), service_column="service"), log, None)
    return rows.assign(facility=[f"{path.stem}:{name}" for name in rows["facility"]])
