"""A city small enough to judge by hand: three communities in a row and six places where people live.

::

    x (m)  0        1000        2000        3000        4000
           |  A      |  B        |  C        |  X        |
    scope  |  urban  |  urban    |  rural    |  urban    |
    point  |  0   1  |  2    3   |  4    5   |  6        |
    people |  60  40 |  150  50  |  30   30  |  500      |

X lies beyond the boundary: its people compete, and it is never judged. Township T1 (a street) holds A and
B, township T2 (a town) holds C; both lie in county K of city M.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from lifecircle.assessment import assess
from lifecircle.plans import Plan
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import (
    COMMUNITIES,
    DEMAND,
    ENTRIES,
    FACILITIES,
    FACILITY_FIGURES,
    QUALITY,
    UNITS,
    Inputs,
    StreetTable,
    TravelTimes,
    local_crs,
)

CRS = local_crs(113.5, 22.2)
PEOPLE = (60.0, 40.0, 150.0, 50.0, 30.0, 30.0, 500.0)
HOMES = ("A", "A", "B", "B", "C", "C", "X")
WEST_M = {"A": 0, "B": 1000, "C": 2000, "X": 3000}
SPEED_KMH = 4.0


@dataclass(frozen=True)
class City:
    """What a test says of the city; everything else is as in the drawing above.

    `minutes` and `nearest` hold one list per service along the seven points; `facilities` holds rows of
    the facilities table, of which only ``facility`` and ``service`` must be given.
    """

    minutes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    nearest: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facilities: Sequence[Mapping[str, Any]] = ()
    complete_for: frozenset[str] = frozenset()
    people: Sequence[float] = PEOPLE
    cohorts: Mapping[str, Sequence[float]] = field(default_factory=dict)
    communities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    units: Sequence[Mapping[str, Any]] | None = None
    indicators: Sequence[Mapping[str, Any]] = ()
    layers: frozenset[str] = frozenset({"population"})

    @property
    def inputs(self) -> Inputs:
        """The study's tables."""
        return Inputs(
            name="Hand city",
            crs=CRS,
            boundary=gpd.GeoDataFrame(geometry=[box(0, 0, 3000, 1000)], crs=CRS),
            communities=COMMUNITIES.check(self._communities()),
            units=UNITS.check(self._units()),
            demand=DEMAND.check(self._demand()),
            facilities=FACILITIES.check(self._facilities()),
            entries=ENTRIES.check(gpd.GeoDataFrame(ENTRIES.empty(), geometry="geometry", crs=CRS)),
            streets=_no_streets(),
            complete_for=self.complete_for,
            layers_present=self.layers,
            water=gpd.GeoDataFrame(geometry=[], crs=CRS),
            indicators=pd.DataFrame(list(self.indicators)),
            quality=QUALITY.empty(),
        )

    @property
    def travel(self) -> TravelTimes:
        """Walking times as given, at 4 km/h; 1 minute is 66.7 m."""
        index = pd.Index(range(7), name="demand")
        minutes = pd.DataFrame({name: list(values) for name, values in self.minutes.items()}, index=index)
        minutes = minutes.astype("float64")
        facility = pd.DataFrame(
            {
                name: self.nearest.get(name, np.where(np.isfinite(minutes[name]), "f", ""))
                for name in self.minutes
            },
            index=index,
        )
        return TravelTimes(minutes * SPEED_KMH / 0.06, facility, minutes, SPEED_KMH)

    def _communities(self) -> gpd.GeoDataFrame:
        people = pd.Series(self.people).groupby(pd.Series(HOMES)).sum()
        rows = [
            {
                "code": code,
                "name": f"Community {code}",
                "kind": "village" if code == "C" else "community",
                "scope": "rural" if code == "C" else "urban",
                "scope_source": "column",
                "township": "T2" if code == "C" else "T1",
                "county": "K",
                "city": "M",
                "population": float(people[code]),
                "households": np.nan,
                "inside": code != "X",
                "edge": False,
                "geometry": box(west, 0, west + 1000, 1000),
                **self.communities.get(code, {}),
            }
            for code, west in WEST_M.items()
        ]
        return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)

    def _units(self) -> gpd.GeoDataFrame:
        rows = self.units
        if rows is None:
            rows = [
                {"level": "township", "code": "T1", "kind": "street", "population": 300.0},
                {"level": "township", "code": "T2", "kind": "town", "population": 60.0},
                {"level": "county", "code": "K", "kind": "county", "population": 360.0},
                {"level": "city", "code": "M", "kind": "", "population": 360.0},
            ]
        shapes = {"T1": box(0, 0, 2000, 1000), "T2": box(2000, 0, 3000, 1000)}
        full = [
            {
                "name": row["code"],
                "kind": "",
                "scope": "",
                "population": np.nan,
                "households": np.nan,
                "whole": True,
                "geometry": shapes.get(row["code"], box(0, 0, 3000, 1000)),
                **row,
            }
            for row in rows
        ]
        if not full:
            return gpd.GeoDataFrame(UNITS.empty(), geometry="geometry", crs=CRS)
        return gpd.GeoDataFrame(full, geometry="geometry", crs=CRS)

    def _demand(self) -> gpd.GeoDataFrame:
        points = [Point(x, 500) for x in (200, 800, 1200, 1800, 2200, 2800, 3500)]
        people = np.array(self.people, dtype="float64")
        known = "population" in self.layers
        return gpd.GeoDataFrame(
            {
                "demand": range(7),
                "community": HOMES,
                "residents": people if known else np.full(7, np.nan),
                "weight": np.full(7, np.nan) if known else people,
                "origin": "population",
                "inside": [code != "X" for code in HOMES],
                **{name: np.array(values, dtype="float64") for name, values in self.cohorts.items()},
            },
            geometry=points,
            crs=CRS,
        )

    def _facilities(self) -> gpd.GeoDataFrame:
        blank = dict.fromkeys(FACILITY_FIGURES, np.nan) | {"meets_standard": None}
        rows = [
            {
                "name": row["facility"],
                "source": "ledger",
                "community": "A",
                "inside": True,
                "public": True,
                **blank,
                **row,
            }
            for row in self.facilities
        ]
        if not rows:
            empty = FACILITIES.empty()
            empty["geometry"] = gpd.GeoSeries([], crs=CRS)
            return gpd.GeoDataFrame(empty, geometry="geometry", crs=CRS)
        for row in rows:
            row.setdefault("geometry", Point(WEST_M.get(row["community"], 5000) + 500, 500))
        table = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
        table["meets_standard"] = table["meets_standard"].astype("object")
        return table


def _no_streets() -> StreetTable:
    """Streets are of no concern once people have walked."""
    none = {name: np.zeros(0, dtype="float64") for name in ("lon", "lat", "speed_kmh")}
    whole = {
        name: np.zeros(0, dtype="int64")
        for name in ("node_id", "u", "v", "way", "segment", "name", "highway")
    }
    flags = {name: np.zeros(0, dtype="bool") for name in ("forward", "backward", "steps", "bridge")}
    return StreetTable(**none, **whole, **flags)


DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "travel-time-circle": {
        "units": ["community"],
        "scope": "urban",
        "services": ["sports-ground"],
        "comparator": "<=",
        "target": 15,
        "unit": "min",
    },
    "travel-distance-circle": {
        "units": ["community"],
        "scope": "urban",
        "services": ["employment-service"],
        "comparator": "<=",
        "target": 3000,
        "unit": "m",
    },
    "type-circle": {
        "units": ["community"],
        "scope": "urban",
        "tier": "basic",
        "types": [["pharmacy"], ["food-market", "fresh-food-shop"]],
        "comparator": "<=",
        "target": 15,
        "unit": "min",
    },
    "population-per-facility": {
        "units": ["catchment"],
        "scope": "urban",
        "services": ["health-station"],
        "comparator": "range",
        "target": 10000,
        "target_max": 20000,
        "unit": "persons/facility",
        "committees_min": 3,
        "committees_max": 5,
    },
    "at-least-n-per-area": {
        "units": ["community"],
        "scope": "urban",
        "services": ["library"],
        "comparator": ">=",
        "target": 1,
        "unit": "facilities",
    },
    "coverage-share-of-areas": {
        "units": ["community", "village"],
        "scope": "both",
        "services": ["library"],
        "comparator": ">=",
        "target": 80,
        "unit": "%",
    },
    "adjacency": {
        "units": ["facility"],
        "scope": "both",
        "services": ["health-centre"],
        "partners": ["elderly-institution"],
        "comparator": "<=",
        "target": 200,
        "unit": "m",
    },
    "report": {
        "units": ["community"],
        "scope": "urban",
        "services": ["small-firm"],
        "comparator": "<=",
        "target": 3000,
        "unit": "m",
    },
    "tiers": {"scope": "both", "comparator": "=", "unit": "tiers"},
}


def make_plan(kind: str, *, level: str = "city", **fields: Any) -> Plan:
    """A plan of one rule, ``r``: the usual fields of its kind, and those given."""
    words = {"zh": "条", "en": "clause"}
    rule = {
        "id": "r",
        "kind": kind,
        "clause": "一",
        "role": "standing",
        "title": words,
        "quote": "条",
        **DEFAULTS.get(kind, {}),
        **fields,
    }
    return Plan.model_validate(
        {
            "id": "p",
            "title": words,
            "issued": dt.date(2022, 1, 1),
            "period": (2021, 2025),
            "level": level,
            "jurisdiction": {"code": "440400", "name": words},
            "source": "by hand",
            "rules": [{name: value for name, value in rule.items() if value is not None}],
        }
    )


@dataclass(frozen=True)
class AssessedStudy:
    """Findings of one rule, looked up by code and service."""

    table: pd.DataFrame

    def row(self, code: str, service: str = "", level: str | None = None) -> pd.Series:
        """The one row of a unit."""
        result = self.table[(self.table["code"] == code) & (self.table["service"] == service)]
        result = result if level is None else result[result["level"] == level]
        assert len(result) == 1, result
        return result.iloc[0]

    def notes(self, code: str, service: str = "") -> set[str]:
        """Keys of the remarks of one row."""
        return {note.key for note in self.row(code, service)["note"]}


@pytest.fixture
def plan_of() -> Callable[..., Plan]:
    """Makes a plan of one rule."""
    return make_plan


@pytest.fixture
def city() -> type[City]:
    """The city, with what a test says of it."""
    return City


@pytest.fixture
def judge() -> Callable[..., AssessedStudy]:
    """Judges a city by a plan of one rule."""

    def judged(
        city: City,
        kind: str,
        *,
        assumptions: Assumptions | None = None,
        level: str = "city",
        study: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> AssessedStudy:
        plan = make_plan(kind, level=level, **fields)
        findings = assess(
            [plan],
            city.inputs,
            city.travel,
            assumptions or Assumptions(),
            **{"jurisdiction": "", **(study or {})},
        )
        for notes in findings["note"]:
            for note in notes:
                assert note.render("en")
                assert note.render("zh")
        return AssessedStudy(findings)

    return judged
