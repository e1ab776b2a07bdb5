"""Our own code against the library that does the same: time of the processor, and whether they agree.

    python benchmarks/libraries.py

prints a line of the table in docs/dependencies.md for each; libraries that are not installed are left out
(``pip install pandera access inequality`` for all). Both sides run in turn, the least of five rounds counts.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.interpolate import RegularGridInterpolator
from scipy.ndimage import map_coordinates

import lifecircle as lc
from lifecircle.network.areas.field import DistanceField, empty_field, polygons, rings
from lifecircle.network.kernels.order import hilbert_keys
from lifecircle.tables import TRAVEL

ROUNDS = 5
RNG = np.random.default_rng(7)


def measured(own: Callable[[], Any], library: Callable[[], Any]) -> tuple[float, float, Any, Any]:
    """Least processor seconds of both, and what they found."""
    answers = own(), library()  # compiles, imports
    best = [float("inf"), float("inf")]
    for _ in range(ROUNDS):
        for side, work in enumerate((own, library)):
            start = time.process_time()
            work()
            best[side] = min(best[side], time.process_time() - start)
    return best[0], best[1], *answers


def row(job: str, library: str, own_s: float, library_s: float, agree: str) -> None:
    """One line of the table."""
    ratio = f"{library_s / own_s:.1f}"
    print(f"| {job} | {library} | {own_s * 1e3:.2f} ms | {library_s * 1e3:.2f} ms | {ratio} | {agree} |")


def field_of_streets() -> DistanceField:
    """What lies within 30 m of the streets of 2 km by 2 km, some of them winding."""
    along = np.arange(0.0, 2000.0, 100.0)
    parts = [(x, y, x + 100.0, y + RNG.normal(0, 20)) for x in along for y in along]
    parts += [(x, y, x + RNG.normal(0, 20), y + 100.0) for x in along for y in along]
    segments = np.array(parts)[RNG.random(len(parts)) < 0.8]
    field = empty_field(segments, buffer_m=30.0, grid_m=10.0)
    field.draw(segments, np.ones(len(segments), np.bool_))
    return field


def outlines() -> None:
    """Rings of an isochrone: marching squares of ours, and contourpy's."""
    if importlib.util.find_spec("contourpy") is None:
        return
    import contourpy  # noqa: PLC0415

    field = field_of_streets()
    blocks, bits = field.blocks, field.blocks.bits
    side = 1 << bits
    shape = (blocks.slot.shape[0] * side, blocks.slot.shape[1] * side)
    x = (field.west + np.arange(shape[1])) * field.cell_m
    y = (field.south + np.arange(shape[0])) * field.cell_m

    def by_contourpy() -> Any:
        """The grid whole, which contourpy needs, and its filled contours as polygons with holes."""
        dense = np.full(shape, np.float32(40.0))
        for at, (top, left) in enumerate(blocks.corner[1:].tolist(), 1):
            block = field.squared_m2[at << (2 * bits) : (at + 1) << (2 * bits)].reshape(side, side)
            dense[top : top + side, left : left + side] = np.sqrt(block)
        made = contourpy.contour_generator(x, y, dense, fill_type=contourpy.FillType.OuterOffset)
        points, offsets = made.filled(-1.0, 30.0)
        shapes = []
        for part, ends in zip(points, offsets, strict=True):
            ring = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
            shells = shapely.linearrings(part, indices=ring)
            shapes.append(shapely.polygons(shells[0], holes=list(shells[1:])))
        return shapely.multipolygons(shapes)

    own_s, library_s, own, library = measured(lambda: polygons([rings(field)])[0], by_contourpy)
    apart = own.symmetric_difference(library.buffer(0)).area / own.area
    row("outline of an isochrone", "contourpy", own_s, library_s, f"areas differ by {apart:.1e}")


def hilbert() -> None:
    """Nodes along a Hilbert curve: ours, and geopandas'."""
    x, y = RNG.random((2, 200_000)) * 30_000
    places = gpd.GeoSeries(shapely.points(x, y))
    side = float(max(np.ptp(x), np.ptp(y)))
    own_s, library_s, own, library = measured(
        lambda: hilbert_keys(x, y, x.min(), y.min(), side), lambda: places.hilbert_distance(level=16)
    )
    near = [
        float(np.hypot(np.diff(x[order]), np.diff(y[order])).mean())
        for order in map(np.argsort, (own, library))
    ]
    row(
        "200,000 nodes in order", "geopandas", own_s, library_s, f"steps of {near[0]:.0f} and {near[1]:.0f} m"
    )


def heights() -> None:
    """Heights of nodes between the cells of a raster: what `node_heights` calls, and the other of scipy."""
    cells = RNG.normal(100.0, 30.0, (1000, 1000))
    places = RNG.random((2, 500_000)) * 999
    grid = RegularGridInterpolator((np.arange(1000), np.arange(1000)), cells)
    used_s, other_s, used, other = measured(
        lambda: map_coordinates(cells, places, order=1, mode="nearest"), lambda: grid(places.T)
    )
    apart = np.abs(used - other).max()
    row("500,000 heights (scipy.ndimage)", "scipy.interpolate", used_s, other_s, f"differ by {apart:.0e} m")


def tables() -> None:
    """A table of a million rows held against its contract."""
    if importlib.util.find_spec("pandera") is None:
        return
    import pandera.pandas as pandera  # noqa: PLC0415

    count = 1_000_000
    table = pd.DataFrame(
        {
            "origin": np.arange(count),
            "facility": pd.Series(["f"] * count, dtype=object),
            "service": pd.Series(["clinic"] * count, dtype="str"),
            "distance_m": RNG.random(count),
            "minutes": RNG.random(count),
        }
    )
    text = pandera.Column(nullable=False, checks=pandera.Check(lambda values: ~values.isin([""])))
    number = pandera.Column(float, nullable=False)
    schema = pandera.DataFrameSchema(
        {
            "origin": pandera.Column(nullable=False),
            "facility": pandera.Column(nullable=True),
            "service": text,
            "distance_m": number,
            "minutes": number,
        }
    )
    own_s, library_s, _, _ = measured(lambda: TRAVEL.check(table), lambda: schema.validate(table))
    row("a million walks checked", "pandera", own_s, library_s, "both pass")


def fairness() -> None:
    """Gini of a million people's minutes."""
    if importlib.util.find_spec("inequality") is None:
        return
    from inequality.gini import Gini  # noqa: PLC0415

    minutes = RNG.gamma(2.0, 5.0, 1_000_000)
    own_s, library_s, own, library = measured(lambda: lc.gini(minutes), lambda: Gini(minutes).g)
    row("Gini of a million", "inequality", own_s, library_s, f"differ by {abs(own - library):.0e}")


def catchments() -> None:
    """Two-step floating catchments of 2,000 homes and 100 clinics."""
    if importlib.util.find_spec("access") is None:
        return
    from access import fca  # noqa: PLC0415

    homes, clinics = np.arange(2000), np.arange(100)
    costs = RNG.random((2000, 100)) * 60
    people, beds = RNG.integers(1, 500, 2000).astype(float), RNG.integers(1, 50, 100).astype(float)
    origin, facility = np.divmod(np.arange(costs.size), 100)
    walks = pd.DataFrame({"origin": origin, "dest": facility, "cost": costs.ravel()})
    homes_table = pd.DataFrame({"geoid": homes, "demand": people})
    clinics_table = pd.DataFrame({"geoid": clinics, "supply": beds})

    def by_access() -> pd.Series:
        """The library's own two steps."""
        return fca.two_stage_fca(
            homes_table.copy(),
            clinics_table.copy(),
            walks,
            max_cost=15,
            demand_index="geoid",
            supply_index="geoid",
        )

    own_s, library_s, own, library = measured(
        lambda: lc.floating_catchment(costs, people, beds, cutoffs=15), by_access
    )
    apart = np.abs(own.to_numpy() - library.reindex(homes).fillna(0.0).to_numpy()).max()
    row("2SFCA of 200,000 pairs", "access", own_s, library_s, f"differ by {apart:.0e}")


def main() -> None:
    """Every line of the table."""
    print("| job | library | ours | the library's | times ours | answers |\n|---|---|---|---|---|---|")
    for job in (outlines, hilbert, heights, tables, fairness, catchments):
        job()


if __name__ == "__main__":
    main()
