"""The scenarios of a study file: their files read, every fault of all of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
from shapely import LineString

from lifecircle.errors import Fault, InputError
from lifecircle.sources.files.columns import Wanted, names_of
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.ledgers import read_ledger
from lifecircle.sources.log import ReadingLog
from lifecircle.study import Study
from lifecircle.study.reading import read_scenario_file
from lifecircle.study.scenarios import ScenarioChange
from lifecircle.study.sections import FacilitySource
from lifecircle.tables import WGS84, Scenario

__all__ = ["read_one_scenario", "read_scenarios", "scenario_of_rows"]

_MOVED: Final[Wanted] = {"facility": ("facility", *names_of("id"))}
_STREETS: Final[Wanted] = {"name": names_of("name")}
_PARTS: Final = ("add", "close", "move", "open_streets", "close_streets", "capacity")


def read_scenarios(study: Study) -> tuple[Scenario, ...]:
    """Read the scenarios of a study, then those of its scenario files.

    ``add`` is a ledger of facilities with a column ``service``; ``move`` a layer with ``facility``, the id of
    the layer facilities of study.gpkg; streets are lines, or for closing also polygons and points. A new
    facility's id is the name of its file, a colon, and its own id, as for every ledger.

    Raises
    ------
    InputError
        With every fault: files that cannot be read, names used twice, scenarios that change nothing.
    """
    log = ReadingLog()
    changes = [(study.path, change) for change in study.scenarios]
    for path in study.study.scenario_files:
        with log.collecting(path):
            kept = read_scenario_file(path, root=study.root)
            changes += [(path, change) for change in kept.scenarios]
    return _scenarios(changes, log)


def read_one_scenario(study: Study, path: Path) -> Scenario:
    """Read a file that holds one scenario of a study.

    Raises
    ------
    InputError
        With every fault of the file; where it holds several scenarios.
    """
    kept = read_scenario_file(path, root=study.root)
    if len(kept.scenarios) > 1:
        values = {"found": len(kept.scenarios)}
        raise InputError(Fault("scenario-file-one", file=str(path), field="scenarios", values=values))
    return _scenarios([(path, change) for change in kept.scenarios], ReadingLog())[0]


def _scenarios(
    changes: Sequence[tuple[Path | None, ScenarioChange]], log: ReadingLog
) -> tuple[Scenario, ...]:
    """Scenarios, each with the file that asks for it; every fault of all of them at once."""
    seen: set[str] = set()
    numbers: Counter[str] = Counter()
    scenarios = []
    for path, change in changes:
        label = str(path or "")
        numbers[label] += 1
        place = f"scenarios[{numbers[label]}]"
        if change.name in seen:
            log.fault("scenario-twice", place=(label, "", change.name, f"{place}.name"))
        seen.add(change.name)
        if not any(getattr(change, part) for part in _PARTS):
            log.fault("scenario-nothing", place=(label, "", change.name, place))
        scenarios.append(_scenario(change, label, log))
    log.raise_if_any()
    return tuple(scenarios)


def scenario_of_rows(change: ScenarioChange) -> Scenario:
    """A scenario whose parts are rows, for a session to assess.

    Raises
    ------
    InputError
        If a part names a file that cannot be read.
    """
    log = ReadingLog()
    made = _scenario(change, "", log)
    log.raise_if_any()
    return made


def _scenario(change: ScenarioChange, label: str, log: ReadingLog) -> Scenario:
    """One scenario; parts whose files cannot be read are left out and their faults kept."""
    parts: dict[str, gpd.GeoDataFrame] = {}
    if isinstance(change.add, Path):
        with log.collecting(change.add):
            parts["add"] = _added(change, change.add, log)
    elif change.add:
        parts["add"] = _placed([one.model_dump() for one in change.add])
    if isinstance(change.move, Path):
        with log.collecting(change.move):
            required = ("facility",)
            parts["move"] = read_vector(
                change.move,
                log,
                subject="facilities",
                shape="any",
                wanted=_MOVED,
                required=required,
                table_crs=change.crs or "",
                datum=change.datum,
            )
    elif change.move:
        parts["move"] = _placed([one.model_dump() for one in change.move])
    for part in ("open_streets", "close_streets"):
        given = getattr(change, part)
        if isinstance(given, Path):
            with log.collecting(given):
                parts[part] = read_vector(
                    given, log, subject="streets", shape="any", wanted=_STREETS, datum=change.datum
                )
        elif given:
            lines = [LineString(one.line) for one in given]
            names = {"name": [one.name or None for one in given]} if any(one.name for one in given) else None
            parts[part] = gpd.GeoDataFrame(names, geometry=lines, crs=WGS84)
    capacity = [(one.facility, one.capacity) for one in change.capacity]
    return Scenario(name=change.name, close=change.close, capacity=capacity, source=label, **parts)


def _placed(rows: Sequence[Mapping[str, object]]) -> gpd.GeoDataFrame:
    """Rows with longitude and latitude as a table of points."""
    table = pd.DataFrame(rows)
    points = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table, geometry=points, crs=WGS84)


def _added(change: ScenarioChange, path: Path, log: ReadingLog) -> gpd.GeoDataFrame:
    """A ledger of new facilities."""
    said = change.model_dump(include={"crs", "datum"}, exclude_unset=True)
    rows = read_ledger(FacilitySource(source=str(path), service_column="service", **said), log, None)
    return rows.assign(facility=[f"{path.stem}:{name}" for name in rows["facility"]])
