"""The facilities of a study after a scenario: added, moved and closed ones, as if they had been read so."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from lifecircle.errors import Fault, Faults, preview
from lifecircle.services import catalogue, nearest
from lifecircle.sources.containment import owner_of
from lifecircle.sources.entries import facility_entries
from lifecircle.sources.present import facility_layers
from lifecircle.tables import (
    FACILITIES,
    FACILITY_DETAILS,
    FACILITY_FIGURES,
    WGS84,
    Inputs,
    Scenario,
    StreetTable,
    concat_nonempty,
)
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["SCENARIO_SOURCE", "with_facilities_changed", "with_streets"]

SCENARIO_SOURCE: Final = "scenario"
"""What `tables.FACILITIES` names as the source of a facility that a scenario adds."""

_FIGURES: Final = {**FACILITY_FIGURES, **FACILITY_DETAILS}
_AMOUNTS: Final = frozenset(name for name, column in _FIGURES.items() if column.kind == "number")
_MARKS: Final = frozenset(_FIGURES) - _AMOUNTS | {"public"}
_GATE: Final = "gate"


def with_facilities_changed(
    inputs: Inputs, scenario: Scenario, *, reach_m: float
) -> tuple[Inputs, frozenset[str]]:
    """Close, move and add the facilities of a scenario.

    What comes out is what reading the same facilities from ledgers gives: placed in their communities,
    sorted, with entries. New facilities count as open to the public unless they say otherwise.

    Parameters
    ----------
    inputs
        The study as it is.
    scenario
        Its streets are not looked at.
    reach_m
        How far beyond the boundary a facility may lie to count.

    Returns
    -------
    Inputs, frozenset of str
        The study as it would be, and the services whose facilities are others.

    Raises
    ------
    InputError
        With everything wrong with the scenario's facilities: services and ids that nobody knows (with the
        nearest), places missing or too far away, ids given twice, figures that are no amounts.
    """
    faults = Faults()
    table = pd.DataFrame(inputs.facilities)  # columns are had faster from a plain table
    known = frozenset(table["facility"].to_numpy(dtype="object"))
    closed = _closed(scenario, known, faults)
    moved = _moved(scenario, inputs, known, closed, reach_m=reach_m, faults=faults)
    added = _added(scenario, inputs, known, reach_m=reach_m, faults=faults)
    capacity = _capacities(scenario, known, closed, added, faults)
    faults.raise_if_any()
    if not (closed or len(moved) or len(added) or capacity):
        return inputs, frozenset()
    stay = ~_among(table["facility"], [*closed, *moved["facility"]])
    gone = table[~stay]
    new = [_elsewhere(gone, moved)] if len(moved) else []
    new += [_rows(added, table)] if len(added) else []
    fresh = [FACILITIES.check(_placed(rows, inputs)) for rows in new]
    facilities = gpd.GeoDataFrame(
        _inserted(table[stay], fresh, ["facility", "service"]), geometry="geometry", crs=inputs.crs
    )
    services = frozenset(gone["service"]) | frozenset(added["service"].astype(str))
    if capacity:
        resized = _among(facilities["facility"], capacity)
        facilities.loc[resized, "capacity"] = facilities.loc[resized, "facility"].map(capacity).astype(float)
        services |= frozenset(facilities.loc[resized, "service"])
    changed = frozenset([*closed, *moved["facility"], *added["facility"]])
    return dataclasses.replace(
        inputs,
        facilities=facilities,
        entries=_entries(inputs, facilities, changed, inputs.streets, closed=closed),
        layers_present=frozenset(name for name in inputs.layers_present if not _of_facilities(name))
        | facility_layers(facilities),
    ), services


def with_streets(inputs: Inputs, streets: StreetTable) -> Inputs:
    """The study with other streets: areas without mapped gates are entered where these cross them."""
    entries = _entries(inputs, inputs.facilities, frozenset(), streets, areas=True)
    return dataclasses.replace(inputs, streets=streets, entries=entries)


def _inserted(kept: pd.DataFrame, fresh: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """Rows in their order, and fresh ones where they belong among them."""
    if not fresh:
        return kept.reset_index(drop=True)
    return concat_nonempty([kept, *fresh]).sort_values(list(by), kind="stable", ignore_index=True)


def _of_facilities(name: str) -> bool:
    """Whether a layer or column present is about facilities."""
    return name == "facilities" or name.startswith("facilities.")


def _entries(
    inputs: Inputs,
    facilities: gpd.GeoDataFrame,
    changed: Collection[str],
    streets: StreetTable,
    *,
    closed: Collection[str] = (),
    areas: bool = False,
) -> gpd.GeoDataFrame:
    """Entries of all facilities: those of `changed` are located anew, and with `areas` those of areas."""
    old = pd.DataFrame(inputs.entries)
    old = old[~_among(old["facility"], closed)]
    anew = _among(facilities["facility"], changed)
    if areas:
        gated = set(old.loc[(old["how"] == _GATE) & ~_among(old["facility"], changed), "facility"])
        is_area = of_kind(facilities.geometry.to_numpy(), AREAS)
        anew = anew | (is_area & ~_among(facilities["facility"], gated))
    fresh = []
    if anew.any():
        no_gates = gpd.GeoDataFrame({"access": []}, geometry=[], crs=WGS84)
        moved = facilities[anew]
        old = old[~_among(old["facility"], moved["facility"])]
        fresh = [facility_entries(moved, streets, no_gates, inputs.crs)]
    return gpd.GeoDataFrame(_inserted(old, fresh, ["facility"]), geometry="geometry", crs=inputs.crs)


def _among(values: pd.Series, names: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each id is among the names."""
    wanted = list(dict.fromkeys(names))
    return values.isin(wanted).to_numpy(bool) if wanted else np.zeros(len(values), bool)


def _closed(scenario: Scenario, known: frozenset[str], faults: Faults) -> list[str]:
    """Ids to close, each of which must be there."""
    closed = list(dict.fromkeys(str(name) for name in scenario.close))
    for name in closed:
        if name not in known:
            faults.add(_unknown(scenario, "close", name, known))
    return closed


def _moved(
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


def _added(
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


def _capacities(
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
    far = table.index[~(away <= reach_m)]
    if len(far):
        values = {"reach_m": f"{reach_m:.0f}", "found": f"{away[far].max():.0f}"}
        faults.add(_fault("scenario-far", scenario, part, row=preview(far), **values))


def _elsewhere(gone: pd.DataFrame, moved: pd.DataFrame) -> gpd.GeoDataFrame:
    """Rows of the facilities that move, at their new places."""
    there = gone[_among(gone["facility"], moved["facility"])]
    places = moved.set_index("facility")["geometry"].reindex(there["facility"])
    return gpd.GeoDataFrame(there.assign(geometry=places.array), geometry="geometry")


def _placed(rows: gpd.GeoDataFrame, inputs: Inputs) -> gpd.GeoDataFrame:
    """Rows with the community they lie in, and whether they lie inside the boundary."""
    inner = shapely.point_on_surface(rows.geometry.to_numpy())
    owner = owner_of(inner, inputs.communities)
    return rows.assign(
        community=np.append(inputs.communities["code"].to_numpy(), "")[owner],
        inside=shapely.intersects(inputs.boundary.geometry.iloc[0], inner),
    )


def _rows(added: pd.DataFrame, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """New facilities with the columns of those that are there; what nobody said is unknown."""
    given = {str(name): added[name].tolist() for name in added.columns if name != "geometry"}
    rows: dict[str, object] = {
        "facility": given["facility"],
        "service": given["service"],
        "name": ["" if pd.isna(value) else str(value) for value in given.get("name", [""] * len(added))],
        "source": SCENARIO_SOURCE,
        "public": [pd.isna(value) or bool(value) for value in given.get("public", [True] * len(added))],
    }
    for name, dtype in table.dtypes.items():
        if name in {*rows, "community", "inside", "geometry"}:
            continue
        values = given.get(str(name), [None] * len(added))
        if pd.api.types.is_float_dtype(dtype):
            rows[str(name)] = np.asarray(values, dtype="float64")
        else:
            known = [None if value is None or pd.isna(value) else value for value in values]
            rows[str(name)] = pd.Series(known, dtype="object")
    return gpd.GeoDataFrame(rows, geometry=added["geometry"].array)


def _unknown(scenario: Scenario, part: str, name: str, known: frozenset[str]) -> Fault:
    """An id that no facility has, with those most like it."""
    return _fault("scenario-unknown-facility", scenario, part, row=name, nearest=nearest(name, known))


def _fault(key: str, scenario: Scenario, part: str, *, row: str = "", **values: object) -> Fault:
    """One fault of one part of a scenario."""
    return Fault(key, file=scenario.source, row=row, field=f"{scenario.name}.{part}", values=values)
