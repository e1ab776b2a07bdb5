"""Where a facility may open, and which place suits it."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.countryside import Countryside
from lifecircle.demo.draft import Draft
from lifecircle.demo.streets import PRIMARY, SECONDARY, TERTIARY, Streets

_PULL: Final = {PRIMARY: 3.0, SECONDARY: 2.2, TERTIARY: 1.6}
"""How much a street's class draws shops, against an old lane."""
_SETBACK_STEPS: Final = 0.6

__all__ = ["by_closeness", "centres_of", "draw_busy", "find_sites", "near_middle"]


def find_sites(
    ground: g.Ground,
    streets: Streets,
    country: Countryside,
    *,
    units: gpd.GeoDataFrame,
    buildings: pd.DataFrame,
    draft: Draft,
) -> pd.DataFrame:
    """Places where a facility may open: along the streets around blocks, on old plots, in villages.

    Returns
    -------
    DataFrame
        ``x, y`` (metres), ``unit`` (row of `units`), ``zone``, ``pull`` (how likely a shop opens there).
    """
    parts = [_frontages(ground, streets, int(a), int(b)) for a, b in np.argwhere(ground.built)]
    old = np.array([(plot.rect[0] + 0.3, plot.rect[2] + 0.3, 1.0) for plot in streets.old_plots])
    lattice = np.vstack([*parts, old])
    x, y = ground.place(lattice[:, 0], lattice[:, 1])
    drafted_x, drafted_y = draft.x, draft.y
    inner = [place.nodes[1:-1, 1:-1].ravel() for place in country.settlements if place.kind != "beyond"]
    nodes = np.concatenate(inner)
    sites = pd.DataFrame(
        {
            "x": np.r_[x, drafted_x[nodes] + 6.0],
            "y": np.r_[y, drafted_y[nodes] + 6.0],
            "pull": np.r_[lattice[:, 2], np.ones(len(nodes))],
        }
    )
    points = shapely.points(sites["x"], sites["y"])
    which, unit = units.sindex.query(points, predicate="within")
    sites = sites.iloc[which].assign(unit=unit).sort_index(kind="stable")
    sites["zone"] = units["zone"].to_numpy()[sites["unit"]]
    sites["pull"] *= _crowd(sites, buildings)
    return sites.reset_index(drop=True)


def _frontages(ground: g.Ground, streets: Streets, a: int, b: int) -> NDArray[np.float64]:
    """Lattice places just inside the four streets around a block, and each street's pull."""
    west, east, south, north = ground.block(a, b)
    along_u, along_v = np.arange(west + 1, east), np.arange(south + 1, north)
    sides = []
    for line, inset in ((south, south + _SETBACK_STEPS), (north, north - _SETBACK_STEPS)):
        pull = _PULL.get(int(streets.east[west, line]), 1.0)
        sides.append(np.column_stack([along_u, np.full(len(along_u), inset), np.full(len(along_u), pull)]))
    for line, inset in ((west, west + _SETBACK_STEPS), (east, east - _SETBACK_STEPS)):
        pull = _PULL.get(int(streets.north[line, south]), 1.0)
        sides.append(np.column_stack([np.full(len(along_v), inset), along_v, np.full(len(along_v), pull)]))
    return np.vstack(sides)


def _crowd(sites: pd.DataFrame, buildings: pd.DataFrame) -> NDArray[np.float64]:
    """Residents within about 300 m of each site, to a power under one (shops follow people, not in step)."""
    cell = 300.0
    at = np.floor(buildings[["x", "y"]].to_numpy() / cell).astype(int)
    low = at.min(axis=0) - 1
    counts = np.zeros(at.max(axis=0) - low + 2)
    np.add.at(counts, tuple((at - low).T), buildings["residents"].to_numpy(dtype=float))
    where = np.floor(sites[["x", "y"]].to_numpy() / cell).astype(int) - low
    where = np.clip(where, 0, np.array(counts.shape) - 1)
    return (counts[tuple(where.T)] + 5.0) ** 0.7


def centres_of(units: gpd.GeoDataFrame, buildings: pd.DataFrame) -> NDArray[np.float64]:
    """The middle of each unit's residents, metres."""
    inside = buildings[(buildings["unit"] >= 0) & (buildings["residents"] > 0)]
    weighted = inside[["x", "y"]].mul(inside["residents"], axis=0).groupby(inside["unit"]).sum()
    people = inside.groupby("unit")["residents"].sum()
    return weighted.div(people, axis=0).reindex(range(len(units))).to_numpy()


def by_closeness(sites: pd.DataFrame, centres: NDArray[np.float64]) -> dict[int, NDArray[np.float64]]:
    """Places of each unit's sites, metres, the one nearest to the middle of its residents first."""
    places, unit = sites[["x", "y"]].to_numpy(), sites["unit"].to_numpy()
    far = np.hypot(*(places - centres[unit]).T)
    order = np.lexsort((far, unit))
    units, start = np.unique(unit[order], return_index=True)
    return dict(zip(units.tolist(), np.split(places[order], start[1:]), strict=True))


def near_middle(closest: NDArray[np.float64], rank: int) -> tuple[float, float]:
    """A site of a unit near its middle; `rank` keeps different services apart."""
    x, y = closest[min(rank, len(closest) - 1)]
    return float(x), float(y)


def draw_busy(rng: np.random.Generator, sites: pd.DataFrame, count: int) -> pd.DataFrame:
    """Sites drawn by their pull, each at most once."""
    chance = (sites["pull"] / sites["pull"].sum()).to_numpy()
    return sites.iloc[rng.choice(len(sites), size=count, replace=False, p=chance)]
