"""The facilities of a study after a scenario: added, moved and closed ones, as if they had been read so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Faults
from lifecircle.sources.containment import owner_of
from lifecircle.sources.entries import facility_entries
from lifecircle.sources.present import facility_layers
from lifecircle.sources.scenario_facilities import (
    added_facilities,
    changed_capacities,
    closed_facilities,
    moved_facilities,
)
from lifecircle.sources.selected import with_selected
from lifecircle.tables import FACILITIES, WGS84, Inputs, Scenario, StreetTable, concat_nonempty
from lifecircle.tables.shapes import AREAS, of_kind

__all__ = ["SCENARIO_SOURCE", "FacilityChange", "touched_areas", "with_streets"]

SCENARIO_SOURCE: Final = "scenario"
"""What `tables.FACILITIES` names as the source of a facility that a scenario adds."""

_GATE: Final = "gate"
_ASSUMED: Final = "assumed_entry"
_TOUCHED_M: Final = 1.0
"""More than any rounding by which a street at an outline may miss it."""


@dataclass(frozen=True, eq=False)
class FacilityChange:
    """Facilities that a scenario closes, moves, adds and resizes, checked; the whole tables on demand.

    Attributes
    ----------
    inputs : the study as it is
    services : services whose facilities are others
    gone : ids of facilities that are closed, or no longer where they were
    closed : those of them that are closed
    """

    inputs: Inputs
    services: frozenset[str]
    gone: frozenset[str]
    closed: frozenset[str]
    _new: tuple[gpd.GeoDataFrame, ...]
    """Rows of those that move, then of those that are added."""
    _capacity: Mapping[str, float]

    @classmethod
    def of(cls, inputs: Inputs, scenario: Scenario, *, reach_m: float) -> FacilityChange:
        """The facilities of a scenario; its streets are not looked at.

        Parameters
        ----------
        inputs
            The study as it is.
        scenario
            What is different.
        reach_m
            How far beyond the boundary a facility may lie to count.

        Raises
        ------
        InputError
            With everything wrong with the scenario's facilities: services and ids that nobody knows (with
            the nearest), places missing or too far away, ids given twice, figures that are no amounts.
        """
        faults = Faults()
        table = pd.DataFrame(inputs.facilities)  # columns are had faster from a plain table
        known = inputs.facility_ids
        closed = closed_facilities(scenario, known, faults)
        moved = moved_facilities(scenario, inputs, known, closed, reach_m=reach_m, faults=faults)
        added = added_facilities(scenario, inputs, known, reach_m=reach_m, faults=faults)
        capacity = changed_capacities(scenario, known, closed, added, faults)
        faults.raise_if_any()
        left = [*closed, *moved["facility"]]
        gone = table[_among(table["facility"], left)] if left else table.iloc[:0]
        new = (_elsewhere(gone, moved),) if len(moved) else ()
        new += (with_selected(_rows(added, table)),) if len(added) else ()
        services = frozenset(gone["service"]).union(*(rows["service"].astype(str) for rows in new))
        if resized := [name for name in capacity if name in known]:
            services |= frozenset(table.loc[_among(table["facility"], resized), "service"])
        return cls(inputs, services, frozenset(left), frozenset(closed), new, capacity)

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities that move or are added, sorted: columns of `tables.FACILITIES`, in no community yet."""
        if not self._new:
            return self.inputs.facilities.iloc[:0]
        rows = concat_nonempty([pd.DataFrame(part) for part in self._new])
        rows = rows.sort_values(["facility", "service"], kind="stable", ignore_index=True)
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=self.inputs.crs)

    @cached_property
    def entries(self) -> gpd.GeoDataFrame:
        """`tables.ENTRIES` of `facilities`."""
        if not self._new:
            return self.inputs.entries.iloc[:0]
        return facility_entries(self.facilities, self.inputs.streets, _no_gates(), self.inputs.crs)

    def places(self, facility: str) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Rows and entries of one facility as it would be; none where it is gone."""
        name = str(facility)
        if self._new and name in set(self.facilities["facility"]):
            tables = self.facilities, self.entries
        elif name in self.gone:
            tables = self.inputs.facilities.iloc[:0], self.inputs.entries.iloc[:0]
        else:
            tables = self.inputs.facilities, self.inputs.entries
        rows, entries = (table[table["facility"] == name] for table in tables)
        return rows, entries

    @cached_property
    def after(self) -> Inputs:
        """The study as it would be.

        What comes out is what reading the same facilities from ledgers gives: placed in their communities,
        sorted, with entries. New facilities count as open to the public unless they say otherwise.
        """
        inputs = self.inputs
        if not (self.gone or self._new or self._capacity):
            return inputs
        table, entries = pd.DataFrame(inputs.facilities), pd.DataFrame(inputs.entries)
        fresh = [FACILITIES.check(_placed(rows, inputs)) for rows in self._new]
        stay = table[~_among(table["facility"], self.gone)]
        there = entries[~_among(entries["facility"], self.gone)]
        facilities = gpd.GeoDataFrame(
            _inserted(stay, fresh, ["facility", "service"]), geometry="geometry", crs=inputs.crs
        )
        if self._capacity:
            resized = _among(facilities["facility"], self._capacity)
            amounts = facilities.loc[resized, "facility"].map(dict(self._capacity)).astype(float)
            facilities.loc[resized, "capacity"] = amounts
        entered = [self.entries] if fresh else []
        return dataclasses.replace(
            inputs,
            facilities=facilities,
            entries=gpd.GeoDataFrame(
                _inserted(there, entered, ["facility"]), geometry="geometry", crs=inputs.crs
            ),
            layers_present=frozenset(name for name in inputs.layers_present if not _of_facilities(name))
            | facility_layers(facilities),
        )


def with_streets(
    inputs: Inputs, streets: StreetTable, changed: NDArray[np.object_], walks: pd.Series
) -> Inputs:
    """The study with other streets: areas without mapped gates are entered where these cross them.

    Parameters
    ----------
    inputs
        As they are.
    streets
        The other streets.
    changed
        What of them is new or gone: lines in the study's system. Areas that none of it can touch keep
        their entries.
    walks
        `sources.entries.assumed_walks` of the facilities that are where they were; others with an
        assumed entry are looked at anew.
    """
    old, touched = pd.DataFrame(inputs.entries), touched_areas(inputs, changed, walks)
    anew = inputs.facilities[_among(inputs.facilities["facility"], touched)]
    fresh = [facility_entries(anew, streets, _no_gates(), inputs.crs)] if len(anew) else []
    kept = old[~_among(old["facility"], anew["facility"])]
    entries = gpd.GeoDataFrame(_inserted(kept, fresh, ["facility"]), geometry="geometry", crs=inputs.crs)
    return dataclasses.replace(inputs, streets=streets, entries=entries)


def touched_areas(inputs: Inputs, changed: NDArray[np.object_], walks: pd.Series) -> frozenset[str]:
    """Areas without gates that changed streets come as near to as the street they are entered from."""
    first = inputs.entries.drop_duplicates("facility").set_index("facility")["how"]
    single = inputs.facilities.drop_duplicates("facility")
    how = first.reindex(single["facility"]).to_numpy(object)
    open_area = of_kind(single.geometry.to_numpy(), AREAS) & (how != _GATE)
    single, how = single[open_area], how[open_area]
    # entered where streets cross: by those at the outline; from outside: by any as near as the nearest
    away = walks.reindex(single["facility"]).to_numpy(float)
    within = np.where(how == _ASSUMED, np.where(np.isnan(away), np.inf, away), 0.0) + _TOUCHED_M
    outlines = shapely.boundary(single.geometry.to_numpy())
    near = np.zeros(len(single), bool)
    if len(changed):
        row, line = shapely.STRtree(changed).query_nearest(outlines, all_matches=False)
        near[row] = shapely.distance(outlines[row], changed[line]) <= within[row]
    return frozenset(single.loc[near, "facility"])


def _inserted(kept: pd.DataFrame, fresh: Sequence[pd.DataFrame], by: Sequence[str]) -> pd.DataFrame:
    """Rows in their order, and fresh ones where they belong among them."""
    if not fresh:
        return kept.reset_index(drop=True)
    return concat_nonempty([kept, *fresh]).sort_values(list(by), kind="stable", ignore_index=True)


def _of_facilities(name: str) -> bool:
    """Whether a layer or column present is about facilities."""
    return name == "facilities" or name.startswith("facilities.")


def _no_gates() -> gpd.GeoDataFrame:
    """No mapped gates: new facilities are entered where streets lead in."""
    return gpd.GeoDataFrame({"access": []}, geometry=[], crs=WGS84)


def _among(values: pd.Series, names: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each id is among the names."""
    wanted = list(dict.fromkeys(names))
    return values.isin(wanted).to_numpy(bool) if wanted else np.zeros(len(values), bool)


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
