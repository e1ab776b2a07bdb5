"""Communities and villages with their streets, towns, counties and codes: a partition of the city."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label

from lifecircle.demo import ground as g
from lifecircle.demo.countryside import Countryside
from lifecircle.demo.naming import neighbourhood_names, village_names

CITY: Final = ("990100000000", "演示市")
COUNTIES: Final = (("990102", "演江区"), ("990103", "演桥区"), ("990104", "演新区"), ("990121", "演陵县"))
CORE_COMMUNITIES: Final = 110
_STREETS: Final = (
    ("鼓阁街道", 0), ("文渡街道", 0), ("西亭街道", 0), ("北坡街道", 0), ("望塔街道", 0),
    ("南圃街道", 1), ("演桥街道", 1), ("梧岸街道", 1),
    ("新锦街道", 2), ("新澜街道", 2),
)  # fmt: skip
"""Name and county of every street, in the order of `_street_of_blocks`."""
_TOWNS: Final = (("东庙镇", 2), ("石涧乡", 2), ("北营镇", 0), ("沙圪镇", 3), ("三槐乡", 3), ("南窑镇", 3))
"""Name and county of every town, in the order of the countryside's seats (counter-clockwise from east)."""
_HOUSEHOLD_SIZE: Final = {"社区": 2.55, "村": 3.1}
_GRID_M: Final = 0.01

__all__ = ["CITY", "CORE_COMMUNITIES", "COUNTIES", "draw_units"]


def draw_units(
    rng: np.random.Generator, ground: g.Ground, country: Countryside, buildings: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Divide the city into communities and villages and count their people.

    Returns
    -------
    GeoDataFrame
        In city metres (no CRS), one row per unit: ``code, name, kind`` (社区 or 村), ``township,
        township_name, county, county_name, population, households, zone`` (``old, middle, new, town,
        village``) and ``geometry``, which partition the boundary. `buildings` gains ``unit``.
    """
    block_unit, core = _core_units(ground, buildings)
    core["geometry"] = _core_areas(ground, block_unit)
    rural, sites = _rural_units(country)
    areas = _partition(core["geometry"].to_numpy(), sites, country.boundary)
    units = gpd.GeoDataFrame(
        pd.concat([core.drop(columns="geometry"), rural], ignore_index=True), geometry=areas
    )
    buildings["unit"] = _unit_of_buildings(buildings, block_unit, units)
    inside = buildings[buildings["unit"] >= 0]
    units["population"] = inside.groupby("unit")["residents"].sum().reindex(range(len(units)), fill_value=0)
    size = units["kind"].map(_HOUSEHOLD_SIZE) * rng.uniform(0.94, 1.06, len(units))
    units["households"] = np.round(units["population"] / size).astype("int64")
    return _name(rng, _number(units))


def _street_of_blocks(ground: g.Ground) -> NDArray[np.int64]:
    """Index of the street every built block belongs to, -1 where nothing is built."""
    x = np.convolve(g.COLUMNS, [0.5, 0.5], mode="valid")[:, None] + np.zeros(len(g.ROWS) - 1)
    y = np.convolve(g.ROWS, [0.5, 0.5], mode="valid")[None, :] + np.zeros((len(g.COLUMNS) - 1, 1))
    south, north, east = y < g.ROWS[g.RIVER_ROW], y > 1000, x > g.COLUMNS[g.RAIL_COLUMN]
    rules = [
        (east & ~south, 8), (east & south, 9),
        (south & (x < -1500), 5), (south & (x < 600), 6), (south, 7),
        (north & (x < 0), 3), (north, 4), (x < -1400, 2), (x < 0, 0),
    ]  # fmt: skip
    street = np.select([where for where, _ in rules], [number for _, number in rules], default=1)
    return np.where(ground.built, street, -1)


def _core_units(ground: g.Ground, buildings: pd.DataFrame) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Blocks gathered into communities of like size, street by street, along a boustrophedon."""
    street = _street_of_blocks(ground)
    people = np.zeros(street.shape)
    core = buildings[buildings["settlement"] < 0]
    np.add.at(people, (core["a"].to_numpy(), core["b"].to_numpy()), core["residents"].to_numpy())
    by_street = np.array([people[street == number].sum() for number in range(len(_STREETS))])
    counts = _share_out(CORE_COMMUNITIES, by_street)
    block_unit = np.full(street.shape, -1)
    rows: list[dict[str, object]] = []
    for number, (name, county) in enumerate(_STREETS):
        blocks = sorted(np.argwhere(street == number).tolist(), key=lambda ab: (ab[0], ab[1] * (-1) ** ab[0]))
        load = np.array([people[a, b] for a, b in blocks])
        group = _cut_evenly(load, int(counts[number]))
        for (a, b), member in zip(blocks, group.tolist(), strict=True):
            block_unit[a, b] = len(rows) + member
        for member in range(int(counts[number])):
            a, b = blocks[int(np.flatnonzero(group == member)[0])]
            rows.append(
                {
                    "township_name": name,
                    "county": COUNTIES[county][0],
                    "zone": ground.use[a, b],
                    "kind": "社区",
                }
            )
    _join_strays(block_unit, street, people)
    return block_unit, pd.DataFrame(rows)


def _cut_evenly(load: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Cut a sequence into so many runs of like load, none of them empty."""
    middle = np.cumsum(load) - load / 2
    run = np.floor(middle / load.sum() * count).astype(np.int64)
    run[0], run[-1] = 0, count - 1
    for number in range(1, len(run)):
        run[number] = min(run[number], run[number - 1] + 1)
    run[-1] = count - 1
    for number in range(len(run) - 2, -1, -1):
        run[number] = max(run[number], run[number + 1] - 1)
    return run


def _join_strays(
    block_unit: NDArray[np.int64], street: NDArray[np.int64], people: NDArray[np.float64]
) -> None:
    """Where the rounded edge of the city cuts a community in two, its lesser part joins a neighbour."""
    for unit in range(int(block_unit.max()) + 1):
        parts, count = label(block_unit == unit)
        load = [people[parts == part].sum() for part in range(1, count + 1)]
        for part in set(range(1, count + 1)) - {1 + int(np.argmax(load))}:
            for a, b in np.argwhere(parts == part).tolist():
                near = np.abs(np.indices(street.shape) - np.array([a, b])[:, None, None]).sum(axis=0) == 1
                block_unit[a, b] = block_unit[near & (street == street[a, b]) & (block_unit != unit)][0]


def _share_out(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers in proportion to weights: largest remainders."""
    exact = total * weights / weights.sum()
    given = np.floor(exact).astype(np.int64)
    given[np.argsort(given - exact, kind="stable")[: total - int(given.sum())]] += 1
    return given


def _core_areas(ground: g.Ground, block_unit: NDArray[np.int64]) -> list[shapely.Geometry]:
    """Communities reach to the middle of the river and of the railway."""
    columns, rows = ground.column_at, ground.row_at
    parts: dict[int, list[shapely.Polygon]] = {}
    for a, b in np.argwhere(block_unit >= 0).tolist():
        west, east, south, north = ground.block(a, b)
        if a + 1 == g.RAIL_COLUMN:
            east = (columns[a + 1] + columns[a + 2]) // 2
        if a - 1 == g.RAIL_COLUMN:
            west = (columns[a - 1] + columns[a]) // 2
        if b + 1 == g.RIVER_ROW:
            north = (rows[b + 1] + rows[b + 2]) // 2
        if b - 1 == g.RIVER_ROW:
            south = (rows[b - 1] + rows[b]) // 2
        parts.setdefault(int(block_unit[a, b]), []).append(ground.outline((west, east, south, north)))
    return [shapely.coverage_union_all(parts[number]) for number in sorted(parts)]


def _rural_units(country: Countryside) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Rows for villages and for the communities of town seats, and the point each grows from."""
    rows: list[dict[str, object]] = []
    sites: list[tuple[float, float]] = []
    for place in country.settlements:
        if place.kind == "beyond":
            continue
        name, county = _TOWNS[place.town]
        common = {"township_name": name, "county": COUNTIES[county][0]}
        if place.kind == "village":
            rows.append({**common, "zone": "village", "kind": "村"})
            sites.append((place.x, place.y))
            continue
        double = name.endswith("镇")
        for side in (-1, 1) if double else (0,):
            rows.append({**common, "zone": "town", "kind": "社区"})
            sites.append((place.x + 160.0 * side, place.y))
    return pd.DataFrame(rows), np.array(sites)


def _partition(
    core: NDArray[np.object_], sites: NDArray[np.float64], boundary: shapely.Polygon
) -> list[shapely.Geometry]:
    """Core areas as they are, the rest by nearest site; all from one set of noded lines, so borders agree."""
    around = boundary.difference(shapely.union_all(core))
    cells = shapely.voronoi_polygons(
        shapely.MultiPoint(sites), extend_to=boundary.buffer(5000.0), only_edges=True
    )
    lines = [*shapely.boundary(core), boundary.exterior, cells.intersection(around)]
    noded = shapely.union_all(lines, grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    inner = shapely.point_on_surface(faces)
    face, unit = shapely.STRtree(core).query(inner, predicate="within")
    owner = np.full(len(faces), -1)
    owner[face] = unit
    x, y = shapely.get_x(inner), shapely.get_y(inner)
    nearest = np.hypot(x[:, None] - sites[:, 0], y[:, None] - sites[:, 1]).argmin(axis=1)
    owner = np.where(owner < 0, len(core) + nearest, owner)
    return [shapely.coverage_union_all(faces[owner == number]) for number in range(len(core) + len(sites))]


def _unit_of_buildings(
    buildings: pd.DataFrame,
    block_unit: NDArray[np.int64],
    units: gpd.GeoDataFrame,
) -> NDArray[np.int64]:
    """The unit each building stands in, -1 beyond the boundary."""
    unit_of = np.full(len(buildings), -1)
    core = (buildings["settlement"] < 0).to_numpy()
    unit_of[core] = block_unit[buildings.loc[core, "a"], buildings.loc[core, "b"]]
    rural = np.flatnonzero(~core)
    points = shapely.points(buildings["x"].to_numpy()[rural], buildings["y"].to_numpy()[rural])
    which, unit = units.sindex.query(points, predicate="within")
    unit_of[rural[which]] = unit
    return unit_of


def _number(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Codes: streets from 001, towns from 100, townships from 200; committees from 001, villages from 200."""
    first = {"道": 1, "镇": 100, "乡": 200}
    next_township: dict[tuple[str, str], int] = {}
    township: dict[str, str] = {}
    next_unit: dict[tuple[str, str], int] = {}
    codes, townships = [], []
    for name, county, kind in zip(units["township_name"], units["county"], units["kind"], strict=True):
        ending = name[-1]
        if name not in township:
            number = next_township.setdefault((county, ending), first[ending])
            next_township[county, ending] += 1
            township[name] = f"{county}{number:03d}"
        key = (township[name], kind)
        number = next_unit.setdefault(key, 1 if kind == "社区" else 200)
        next_unit[key] += 1
        codes.append(f"{township[name]}{number:03d}")
        townships.append(township[name])
    return units.assign(code=codes, township=townships, county_name=units["county"].map(dict(COUNTIES)))


def _name(rng: np.random.Generator, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Invented names, with the committee's ending."""
    urban = (units["kind"] == "社区").to_numpy()
    names = np.empty(len(units), dtype=object)
    names[urban] = [f"{name}社区居委会" for name in neighbourhood_names(rng, int(urban.sum()))]
    names[~urban] = [f"{name}村委会" for name in village_names(rng, int((~urban).sum()))]
    return units.assign(name=names.astype(str))
