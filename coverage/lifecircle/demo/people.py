"""Where people live: buildings with their residents, to the person, and the grid that counts them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.countryside import Countryside
from lifecircle.demo.draft import Draft
from lifecircle.demo.streets import Streets

CORE_RESIDENTS: Final = 752_000
TOWN_RESIDENTS: Final = 11_000
VILLAGE_RESIDENTS: Final = (800, 801, 640, 795)
"""The outermost villages' residents: exactly at, one above and two below the clause on villages over 800."""
BEYOND_RESIDENTS: Final = 900
CELL_M: Final = 100.0
_FLOOR_SHARE: Final = {"old": 1.3, "middle": 1.0, "new": 0.62}
"""Residents per floor area, against the middle of the city: crowded old lanes, half-empty new towers."""

__all__ = ["CELL_M", "PeopleGrid", "count_on_grid", "house_people"]


@dataclass(frozen=True)
class PeopleGrid:
    """Residents per cell, from the north-west; `west` and `north` are UTM metres of its corner."""

    residents: NDArray[np.float32]
    west: float
    north: float


def house_people(
    rng: np.random.Generator, ground: g.Ground, streets: Streets, country: Countryside, draft: Draft
) -> pd.DataFrame:
    """Put buildings up, house everybody in them, and draw them into the draft.

    Returns
    -------
    DataFrame
        One row per building: ``a, b`` (block, -1 outside), ``settlement`` (-1 in the built-up area),
        ``x, y`` (middle, metres), ``levels``, ``use`` (OSM building value), ``residents`` (whole persons).
    """
    core = pd.concat([_estate_buildings(rng, ground, streets), _old_houses(rng, streets)], ignore_index=True)
    corners_x, corners_y = ground.place(
        core[["u0", "u1", "u1", "u0"]].to_numpy(), core[["v0", "v0", "v1", "v1"]].to_numpy()
    )
    core["settlement"] = -1
    floor_area = _area(corners_x, corners_y) * core["levels"]
    dense = np.array([_FLOOR_SHARE[ground.use[a, b]] for a, b in zip(core["a"], core["b"], strict=True)])
    dwelling = core["use"].isin(["apartments", "residential"])
    core["residents"] = _whole(CORE_RESIDENTS, (floor_area * dense * dwelling).to_numpy())
    rural, rural_x, rural_y = _rural_houses(rng, country, draft)
    buildings = pd.concat([core, rural], ignore_index=True)
    x, y = np.vstack([corners_x, rural_x]), np.vstack([corners_y, rural_y])
    buildings["x"], buildings["y"] = x.mean(axis=1), y.mean(axis=1)
    _draw(buildings, x, y, draft)
    return buildings[["a", "b", "settlement", "x", "y", "levels", "use", "residents"]]


def count_on_grid(buildings: pd.DataFrame) -> PeopleGrid:
    """Residents of every building counted in the 100 m cell its middle lies in."""
    east, north = g.utm_origin()
    column = np.floor((buildings["x"].to_numpy() + east) / CELL_M).astype(int)
    row = np.floor((buildings["y"].to_numpy() + north) / CELL_M).astype(int)
    first, last = column.min() - 3, row.max() + 3
    counts = np.zeros((last - row.min() + 4, column.max() - first + 4), dtype=np.float32)
    np.add.at(counts, (last - row, column - first), buildings["residents"].to_numpy(dtype=np.float32))
    return PeopleGrid(counts, float(first) * CELL_M, float(last + 1) * CELL_M)


def _estate_buildings(rng: np.random.Generator, ground: g.Ground, streets: Streets) -> pd.DataFrame:
    """A slab or a tower in every pocket between an estate's drives; a few are schools or shops."""
    rows: list[tuple[int, int, float, float, float, float, int, str]] = []
    for estate in streets.estates:
        a, b = estate.block
        new = ground.use[a, b] == "new"
        levels = int(rng.integers(14, 30)) if new or rng.random() < 0.3 else int(rng.integers(5, 8))
        for west, east in pairwise(estate.columns):
            for south, north in pairwise(estate.rows):
                chance = rng.random()
                if min(east - west, north - south) < 2 or chance < 0.1:
                    continue
                use = "apartments" if chance < 0.96 else "school" if chance < 0.98 else "commercial"
                wide = (east - west - 0.7) if levels < 10 else 1.1
                deep = 0.55 if levels < 10 else 0.9
                u = west + 0.35 + rng.random() * max(east - west - 0.7 - wide, 0.0)
                v = south + 0.35 + rng.random() * (north - south - 0.7 - deep)
                rows.append((a, b, u, u + wide, v, v + deep, levels, use))
    return pd.DataFrame(rows, columns=["a", "b", "u0", "u1", "v0", "v1", "levels", "use"])


def _old_houses(rng: np.random.Generator, streets: Streets) -> pd.DataFrame:
    """Two rows of low houses on every plot between old lanes, back to back."""
    rows: list[tuple[int, int, float, float, float, float, int, str]] = []
    for plot in streets.old_plots:
        west, east, south, north = plot.rect
        levels = int(rng.integers(2, 6))
        middle = (south + north) / 2
        for low, high in ((south + 0.25, middle - 0.12), (middle + 0.12, north - 0.25)):
            rows.append((*plot.block, west + 0.25, east - 0.25, low, high, levels, "residential"))
    return pd.DataFrame(rows, columns=["a", "b", "u0", "u1", "v0", "v1", "levels", "use"])


def _rural_houses(
    rng: np.random.Generator, country: Countryside, draft: Draft
) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.float64]]:
    """Houses in every second plot of a village, low blocks in a town; their corners in metres."""
    x, y = draft.x, draft.y
    tables, corners = [], []
    targets = _settlement_residents(rng, country)
    for number, (place, target) in enumerate(zip(country.settlements, targets, strict=True)):
        ring = np.stack(
            [place.nodes[:-1, :-1], place.nodes[1:, :-1], place.nodes[1:, 1:], place.nodes[:-1, 1:]], -1
        )
        ring = ring.reshape(-1, 4)
        ring = ring[rng.random(len(ring)) < (0.85 if place.kind == "town" else 0.6)]
        weight = rng.uniform(0.6, 1.4, len(ring))
        tables.append(
            pd.DataFrame(
                {
                    "a": -1, "b": -1, "settlement": number, "levels": 5 if place.kind == "town" else 2,
                    "use": "apartments" if place.kind == "town" else "house",
                    "residents": _whole(target, weight),
                }
            )
        )  # fmt: skip
        corners.append(ring)
    nodes = np.vstack(corners)
    return pd.concat(tables, ignore_index=True), _shrink(x[nodes]), _shrink(y[nodes])


def _settlement_residents(rng: np.random.Generator, country: Countryside) -> list[int]:
    """Residents of every settlement: fixed for the villages farthest out, skewed for the rest.

    Only villages that do not touch the built-up area have all their cells to themselves, which the
    figures around the limit of 800 need.
    """
    places = country.settlements
    spread = np.clip(rng.lognormal(np.log(1900), 0.45, len(places)), 900, 4600).astype(int).tolist()
    other = {"town": TOWN_RESIDENTS, "beyond": BEYOND_RESIDENTS}
    residents = [other.get(place.kind, size) for place, size in zip(places, spread, strict=True)]
    villages = [number for number, place in enumerate(places) if place.kind == "village"]
    outermost = sorted(villages, key=lambda number: -np.hypot(places[number].x, places[number].y))
    for number, size in zip(outermost, VILLAGE_RESIDENTS, strict=False):
        residents[number] = size
    return residents


def _shrink(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of a plot drawn in by a quarter: the house on it."""
    middle = values.mean(axis=1, keepdims=True)
    return middle + 0.55 * (values - middle)


def _area(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas of quadrilaterals, m2 (shoelace)."""
    return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2


def _whole(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Share whole persons out by weight: largest remainders, the earlier row on a tie."""
    exact = total * weights / weights.sum()
    given = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - given), kind="stable")
    given[order[: total - int(given.sum())]] += 1
    return given


def _draw(buildings: pd.DataFrame, x: NDArray[np.float64], y: NDArray[np.float64], draft: Draft) -> None:
    """Outlines with their use and storeys."""
    nodes = draft.add_nodes(x, y).tolist()
    for corners, use, levels in zip(nodes, buildings["use"], buildings["levels"], strict=True):
        draft.add_way([*corners, corners[0]], {"building": use, "building:levels": str(levels)})
