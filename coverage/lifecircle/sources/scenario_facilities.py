"""Facilities that a scenario closes, moves, adds or resizes, checked with every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import CRSError

from lifecircle.errors import Fault, Faults, preview
from lifecircle.services import catalogue, nearest
from lifecircle.tables import FACILITY_DETAILS, FACILITY_FIGURES, Inputs, Scenario

__all__ = ["added_facilities", "changed_capacities", "closed_facilities", "moved_facilities"]

_FIGURES: Final = {**FACILITY_FIGURES, **FACILITY_DETAILS}
_AMOUNTS: Final = frozenset(name for name, column in _FIGURES.items() if column.kind == "number")
_MARKS: Final = frozenset(_FIGURES) - _AMOUNTS | {"public"}


def closed_facilities(scenario: Scenario, known: frozenset[str], faults: Faults) -> list[str]:
    """Ids to close, each of which must be there."""
    closed = list(dict.fromkeys(str(name) for name in scenario.close))
    for name in closed:
        if name not in known:
            faults.add(_unknown(scenario, "close", name, known))
    return closed


def moved_facilities(
    scenario: Scenario,
    inputs: Inputs,
    known: frozenset[str],
    closed: Collection[str],
    *,
    reach_m: float,
    faults: Faults,
) -> pd.DataFrame:
    """Facilities that move, with their new places in the study's system."""
    table = None
    if len(scenario.move):
        table = _in_study(
            scenario, "move", scenario.moved, required=("facility",), inputs=inputs, faults=faults
        )
    if table is None:
        return pd.DataFrame({"facility": []})
    table["facility"] = _written(table["facility"])
    for name in table["facility"]:
        if name not in known:
            faults.add(_unknown(scenario, "move", name, known))
    for name in sorted(set(table["facility"]) & set(closed)):
        faults.add(_fault("scenario-moved-and-closed", scenario, "move", row=name))
    _check_ids(scenario, "move", table["facility"], faults)
    _check_near(scenario, "move", table, inputs=inputs, reach_m=reach_m, faults=faults)
    return table


def added_facilities(
    scenario: Scenario, inputs: Inputs, known: frozenset[str], *, reach_m: float, faults: Faults
) -> pd.DataFrame:
    """New facilities, each row with a service, an id and a place in the study's system."""
    table = None
    if len(scenario.add):
        table = _in_study(
            scenario, "add", scenario.added, required=("service",), inputs=inputs, faults=faults
        )
    if table is None:
        return pd.DataFrame({"facility": [], "service": []})
    table["service"] = _written(table["service"])
    for row, name in zip(table.index, table["service"], strict=True):
        if name not in catalogue():
            values = {"found": name, "nearest": nearest(name, catalogue())}
            faults.add(_fault("unknown-service", scenario, "add", row=str(row), **values))
    names = [f"{scenario.name}-{number}" for number in range(1, len(table) + 1)]
    if "facility" in table:
        names = [own or name for own, name in zip(_written(table["facility"]), names, strict=True)]
    table["facility"] = names
    for name in sorted(known.intersection(names)):
        faults.add(_fault("scenario-id-taken", scenario, "add", row=name))
    _check_ids(scenario, "add", table["facility"] + " " + table["service"], faults)
    _check_figures(scenario, table, faults)
    _check_near(scenario, "add", table, inputs=inputs, reach_m=reach_m, faults=faults)
    return table


def changed_capacities(
    scenario: Scenario, known: frozenset[str], closed: Collection[str], added: pd.DataFrame, faults: Faults
) -> dict[str, float]:
    """What facilities can take instead, by id."""
    told: dict[str, float] = {}
    for name, value in scenario.capacities:
        if name in told:
            faults.add(_fault("scenario-id-twice", scenario, "capacity", row=name))
        if name in closed:
            faults.add(_fault("scenario-capacity-closed", scenario, "capacity", row=name))
        elif name not in known and name not in set(added["facility"]):
            faults.add(_unknown(scenario, "capacity", name, known))
        amount = pd.to_numeric(pd.Series([value], dtype="object"), errors="coerce").astype(float).iloc[0]
        if not 0 <= amount < np.inf:
            values = {"column": "capacity", "found": value}
            faults.add(_fault("scenario-figure", scenario, "capacity", row=name, **values))
        told[name] = float(amount)
    return told


def _check_figures(scenario: Scenario, table: gpd.GeoDataFrame, faults: Faults) -> None:
    """Marks are marks and amounts are amounts, which become numbers where they stand."""
    for name in sorted(_MARKS & set(table.columns)):
        wrong = table.index[~(table[name].isna() | table[name].isin([False, True])).to_numpy(bool)]
        if len(wrong):
            given = table.loc[wrong[0], name]
            faults.add(_fault("scenario-mark", scenario, "add", row=preview(wrong), column=name, found=given))
    for name in sorted(_AMOUNTS & set(table.columns)):
        amount = pd.to_numeric(table[name], errors="coerce").astype("float64")
        wrong = table.index[
            (table[name].notna() & amount.isna()) | ~(amount.fillna(0.0) >= 0) | np.isinf(amount)
        ]
        if len(wrong):
            given = table.loc[wrong[0], name]
            faults.add(
                _fault("scenario-figure", scenario, "add", row=preview(wrong), column=name, found=given)
            )
        table[name] = amount


def _in_study(
    scenario: Scenario,
    part: str,
    table: gpd.GeoDataFrame,
    *,
    required: Sequence[str],
    inputs: Inputs,
    faults: Faults,
) -> gpd.GeoDataFrame | None:
    """A table of places in the study's system; None where it is empty or cannot be used."""
    if not len(table):
        return None
    missing = [name for name in required if name not in table.columns]
    for name in missing:
        columns = ", ".join(map(str, table.columns))
        faults.add(_fault("scenario-no-column", scenario, part, column=name, found=columns))
    if table.crs is None:
        faults.add(_fault("scenario-no-crs", scenario, part))
    shapes = table.geometry.to_numpy()
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    if lost.any():
        faults.add(_fault("scenario-no-place", scenario, part, row=preview(table.index[lost])))
    if missing or table.crs is None or lost.any():
        return None
    try:
        placed = table.to_crs(inputs.crs)
    except CRSError as error:
        faults.add(_fault("scenario-no-crs", scenario, part, why=error))
        return None
    placed = placed.rename_geometry("geometry") if placed.geometry.name != "geometry" else placed
    return placed.set_index(pd.Index([str(name) for name in table.index]))


def _written(values: pd.Series) -> pd.Series:
    """Ids as text, unknown ones blank."""
    return values.map(lambda value: "" if pd.isna(value) else str(value)).astype("str")


def _check_ids(scenario: Scenario, part: str, names: pd.Series, faults: Faults) -> None:
    """Report ids that occur more than once."""
    twice = sorted(set(names[names.duplicated()]))
    if twice:
        faults.add(_fault("scenario-id-twice", scenario, part, row=preview(twice)))


def _check_near(
    scenario: Scenario,
    part: str,
    table: gpd.GeoDataFrame,
    *,
    inputs: Inputs,
    reach_m: float,
    faults: Faults,
) -> None:
    """Places too far from the boundary would be left out of any reading: they are refused."""
    outline = inputs.boundary.geometry.iloc[0]
    placed = np.isfinite(shapely.bounds(table.geometry.to_numpy())).all(axis=1)
    away = table.geometry[placed].distance(outline).reindex(table.index, fill_value=np.inf)
    if len(nowhere := table.index[~np.isfinite(away)]):
        faults.add(_fault("scenario-unplaceable", scenario, part, row=preview(nowhere)))
    far = table.index[np.isfinite(away) & ~(away <= reach_m)]
    if len(far):
        values = {"reach_m": f"{reach_m:.0f}", "found": f"{away[far].max():.0f}"}
        faults.add(_fault("scenario-far", scenario, part, row=preview(far), **values))


def _unknown(scenario: Scenario, part: str, name: str, known: frozenset[str]) -> Fault:
    """An id that no facility has, with those most like it."""
    return _fault("scenario-unknown-facility", scenario, part, row=name, nearest=nearest(name, known))


def _fault(key: str, scenario: Scenario, part: str, *, row: str = "", **values: object) -> Fault:
    """One fault of one part of a scenario."""
    return Fault(key, file=scenario.source, row=row, field=f"{scenario.name}.{part}", values=values)
