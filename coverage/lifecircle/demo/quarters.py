"""Areas beside the communities: household grids, estates, scenic areas and resettlement communities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.demo.layers import in_degrees
from lifecircle.tables import local_crs

_GRID_HOUSEHOLDS: Final = {"社区": 500, "村": 300}
_GRID_RULE: Final = {"社区": "hainan-grid-urban-500-households", "村": "hainan-grid-rural-300-households"}
_ONE_GRID_FEWER, _WITHOUT_A_STRIP, _UNSTAFFED = 3, 1, 4
_ESTATE_HALF_M, _SCENIC_RADIUS_M = 120.0, 400.0
_ELDERLY: Final = ("home-care", "elderly-institution", "elderly-comprehensive-centre")
_ZONE: Final = {"new-residential": "new", "old-residential": "old"}
_FACILITY: Final = "community-service-facility"
_AREA_RULES: Final = {
    "new-residential": (
        ("hainan-new-build-area-per-100-households", (_FACILITY,), 0.30),
        ("zhuhai-elderly-area-new-20", _ELDERLY, 0.20),
    ),
    "old-residential": (("zhuhai-elderly-area-old-15", _ELDERLY, 0.15),),
}
"""Rules about floor area in estates: whose, and how many m2 for every household."""

__all__ = ["Quarters", "draw_quarters"]


@dataclass
class Quarters:
    """Layers of areas in city metres (``code``, ``name``, geometry), their figures, and what is planted.

    Attributes
    ----------
    layers : kind of ``[[areas]]`` to its layer
    figures : layer as ledgers name it (``areas:grid`` …) to a table by code
    centres : x, y, unit of the scenic areas that have a service centre
    planted : rule, level, code, name, deficit
    """

    layers: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    figures: dict[str, pd.DataFrame] = field(default_factory=dict)
    centres: list[tuple[float, float, int]] = field(default_factory=list)
    planted: list[dict[str, Any]] = field(default_factory=list)


def draw_quarters(
    rng: np.random.Generator, units: gpd.GeoDataFrame, buildings: pd.DataFrame, offered: pd.DataFrame
) -> Quarters:
    """Draw all of them.

    Parameters
    ----------
    rng, units, buildings
        The city so far.
    offered
        Every facility of the ledgers: ``service``, ``unit``, ``x``, ``y``, ``floor_area_m2``.
    """
    quarters = Quarters()
    _draw_grids(rng, units, buildings, quarters)
    for kind, zone in _ZONE.items():
        halls = offered[
            (offered["service"] == _FACILITY) & (units["zone"].to_numpy()[offered["unit"]] == zone)
        ]
        _draw_estates(rng, kind, halls, offered, quarters)
    _draw_watched_estates(quarters)
    _draw_villages(rng, units, offered, quarters)
    return quarters


def _draw_grids(
    rng: np.random.Generator, units: gpd.GeoDataFrame, buildings: pd.DataFrame, quarters: Quarters
) -> None:
    """Cut every community into strips of as many residents each, as many as its households ask for.

    Some have one strip fewer than they need, one leaves a strip uncovered, and some grids have no staff.
    """
    nominal = units["kind"].map(_GRID_HOUSEHOLDS)
    needed = np.maximum(1, np.round(units["households"] / nominal)).astype(int)
    many = units.index[needed >= 3].to_numpy()
    odd = many[rng.permutation(len(many))[: _ONE_GRID_FEWER + _WITHOUT_A_STRIP]]
    fewer, open_end = set(odd[:_ONE_GRID_FEWER]), set(odd[_ONE_GRID_FEWER:])
    homes = buildings[(buildings["unit"] >= 0) & (buildings["residents"] > 0)].groupby("unit")
    rows, shapes = [], []
    for unit in units.index:
        count = int(needed[unit]) - (unit in fewer)
        pieces = _strips(units.geometry[unit], homes.get_group(unit), count)
        if unit in open_end:
            _plant(quarters, "hainan-grid-full-coverage", units, unit, _area_m2(units, pieces.pop()))
        if len(pieces) < needed[unit]:
            _plant(quarters, _GRID_RULE[units["kind"][unit]], units, unit, int(needed[unit]) - len(pieces))
        for number, piece in enumerate(pieces, 1):
            rows.append((f"{units['code'][unit]}{number:03d}", f"{units['name'][unit]}第{number}网格"))
            shapes.append(piece)
    grids = gpd.GeoDataFrame(rows, columns=["code", "name"], geometry=shapes)
    staff = rng.integers(1, 4, len(grids)).astype(float)
    staff[rng.permutation(len(grids))[:_UNSTAFFED]] = 0.0
    quarters.layers["grid"] = grids
    quarters.figures["areas:grid"] = pd.DataFrame(
        {"name": grids["name"].to_numpy(), "staff": staff}, index=pd.Index(grids["code"], name="code")
    )
    for row in np.flatnonzero(staff == 0):
        quarters.planted.append(
            {
                "rule": "hainan-grid-staff-1-3", "level": "grid", "code": grids["code"].iloc[row],
                "name": grids["name"].iloc[row], "deficit": 1,
            }
        )  # fmt: skip


def _strips(shape: shapely.Geometry, homes: pd.DataFrame, count: int) -> list[shapely.Geometry]:
    """A shape cut from west to east into strips of as many residents each."""
    west, south, east, north = shape.bounds
    ordered = homes.sort_values("x")
    people = ordered["residents"].cumsum().to_numpy()
    at = np.searchsorted(people, people[-1] * np.arange(1, count) / count)
    cuts = [west, *ordered["x"].to_numpy()[at], east]
    boxes = shapely.box(cuts[:-1], south, cuts[1:], north)
    return list(shapely.intersection(shape, boxes))


def _area_m2(units: gpd.GeoDataFrame, piece: shapely.Geometry) -> float:
    """Area of a piece as a study of the city measures it."""
    placed = in_degrees(gpd.GeoDataFrame(geometry=[piece]))
    west, south, east, north = in_degrees(units).total_bounds
    return round(float(placed.to_crs(local_crs((west + east) / 2, (south + north) / 2)).area.iloc[0]), 1)


def _plant(quarters: Quarters, rule: str, units: gpd.GeoDataFrame, unit: int, deficit: float) -> None:
    """Tell of one community that falls short."""
    level = "community" if units["kind"][unit] == "社区" else "village"
    row = {"rule": rule, "level": level, "code": units["code"][unit], "name": units["name"][unit]}
    quarters.planted.append({**row, "deficit": deficit})


def _draw_estates(
    rng: np.random.Generator, kind: str, halls: pd.DataFrame, offered: pd.DataFrame, quarters: Quarters
) -> None:
    """Four estates, each around the facility of a community; what they lack is counted up."""
    chosen = halls.iloc[np.sort(rng.permutation(len(halls))[:4])]
    squares = _squares(chosen)
    codes = [f"{kind.partition('-')[0].upper()}{number}" for number in range(1, 5)]
    names = [f"{name}片区" for name in chosen["name"].str.replace("社区综合服务设施", "")]
    households = rng.integers(700, 2600, 4).astype(float)
    total = households * 110.0
    commercial = np.round(total * np.array([0.12, 0.09, 0.14, 0.11]))
    quarters.layers[kind] = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=squares)
    table = pd.DataFrame({"name": names, "households": households}, index=pd.Index(codes, name="code"))
    if kind == "new-residential":
        table["total_floor_area_m2"], table["commercial_service_area_m2"] = total, commercial
        # The clause says "more than" a tenth: the next whole square metre passes it.
        for code, name, lacking in zip(
            codes, names, np.floor(0.1 * total + 1e-6) + 1 - commercial, strict=True
        ):
            _plant_square(quarters, "hainan-new-build-commercial-share", (kind, code, name), lacking)
    quarters.figures[f"areas:{kind}"] = table
    places = shapely.points(offered["x"], offered["y"])
    for rule, services, each in _AREA_RULES[kind]:
        counts = offered["service"].isin(services).to_numpy()
        for code, name, square, homes in zip(codes, names, squares, households, strict=True):
            area = offered.loc[counts & shapely.within(places, square), "floor_area_m2"].sum()
            _plant_square(quarters, rule, (kind, code, name), each * homes - area)


def _plant_square(quarters: Quarters, rule: str, estate: tuple[str, str, str], lacking: float) -> None:
    """Tell of an estate (level, code, name) that lacks something, if it does."""
    level, code, name = estate
    if lacking > 0:
        row = {"rule": rule, "level": level, "code": code, "name": name}
        quarters.planted.append({**row, "deficit": round(float(lacking), 1)})


def _squares(rows: pd.DataFrame) -> list[shapely.Geometry]:
    """A square around each facility."""
    x, y, half = rows["x"].to_numpy(), rows["y"].to_numpy(), _ESTATE_HALF_M
    return list(shapely.box(x - half, y - half, x + half, y + half))


def _draw_watched_estates(quarters: Quarters) -> None:
    """The same estates as places to be watched over; one of them is not."""
    estates = pd.concat(
        [quarters.layers["new-residential"], quarters.layers["old-residential"]], ignore_index=True
    )
    quarters.layers["estate"] = estates
    watched = np.ones(len(estates))
    watched[3] = 0.0
    quarters.figures["areas:estate"] = pd.DataFrame(
        {"name": estates["name"].to_numpy(), "smart_security": watched},
        index=pd.Index(estates["code"], name="code"),
    )
    unwatched = ("estate", estates["code"][3], estates["name"][3])
    _plant_square(quarters, "zhuhai-smart-security-estates", unwatched, 1.0)


def _draw_villages(
    rng: np.random.Generator, units: gpd.GeoDataFrame, offered: pd.DataFrame, quarters: Quarters
) -> None:
    """Three scenic areas, one without a service centre; five resettlement communities, one without a hall."""
    halls = offered[(offered["service"] == _FACILITY) & (units["kind"].to_numpy()[offered["unit"]] == "村")]
    chosen = halls.iloc[rng.permutation(len(halls))[:8]]
    scenic, moved = chosen.iloc[:3], chosen.iloc[3:]
    middles = shapely.points(scenic["x"], scenic["y"])
    _layer(quarters, "scenic", scenic, "景区", list(shapely.buffer(middles, _SCENIC_RADIUS_M)))
    quarters.centres = list(scenic[["x", "y", "unit"]].iloc[:2].itertuples(index=False, name=None))
    squares = _squares(moved)
    # The last one lies beside its village, beyond reach of the hall.
    squares[-1] = shapely.transform(squares[-1], lambda place: place + 2.5 * _ESTATE_HALF_M)
    _layer(quarters, "resettlement", moved, "安置点", squares)
    _plant_last(quarters, "scenic", "hainan-scenic-area-service-centre")
    _plant_last(quarters, "resettlement", "hainan-resettlement-facility-coverage")


def _layer(
    quarters: Quarters, kind: str, hosts: pd.DataFrame, ending: str, shapes: list[shapely.Geometry]
) -> None:
    """A small layer named after the villages it lies in."""
    names = [f"{name}{ending}" for name in hosts["name"].str.replace("社区综合服务设施", "")]
    codes = [f"{kind.upper()}{number}" for number in range(1, len(shapes) + 1)]
    quarters.layers[kind] = gpd.GeoDataFrame({"code": codes, "name": names}, geometry=shapes)


def _plant_last(quarters: Quarters, kind: str, rule: str) -> None:
    """The last area of a layer goes without the facility it is owed."""
    last: Mapping[str, Any] = quarters.layers[kind].iloc[-1].to_dict()
    row = {"rule": rule, "level": kind, "code": last["code"], "name": last["name"]}
    quarters.planted.append({**row, "deficit": 1})
