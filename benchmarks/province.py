"""A province made up for measuring: its study written and run, stage by stage with seconds and memory.

    python benchmarks/province.py 1/16 1/8 1/4              make, run, print the table and its slopes
    python benchmarks/province.py 1 --keep folder           leave the study and its results there

At scale 1: 19 counties, one of them an island, spread over about 250 by 220 km, 3,200 communities, 10 million
people, about 3 million nodes of streets, 60 thousand facilities. Every city has a plan of its own (lattice,
rings, grown, along a valley); villages, country roads and tracks lie between. Other scales keep the counties
and the ground, with so many fewer communities. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import rasterio
import shapely
from pyproj import Transformer
from rasterio.transform import Affine
from scipy.spatial import Delaunay, cKDTree

SEED = 18
COUNTIES, COMMUNITIES, PEOPLE = 19, 3_200, 10_000_000
WIDTH_M, HEIGHT_M = 250_000.0, 220_000.0
URBAN, URBAN_PEOPLE = 0.42, 0.68
CELL_M = 100.0
PLANE = "+proj=tmerc +lat_0=19.2 +lon_0=109.8 +x_0=125000 +y_0=110000 +ellps=WGS84"
PATTERNS = ("lattice", "rings", "grown", "valley")

PEOPLE_PER_FACILITY = {
    "convenience-store": 1_300, "specialty-restaurant": 1_200, "breakfast-shop": 2_000, "hairdresser": 2_100,
    "pharmacy": 3_000, "post-express": 3_300, "fresh-food-shop": 4_000, "sports-ground": 4_200,
    "education-training": 4_900, "supermarket": 5_200, "repair": 5_300, "convenience-centre": 5_600,
    "community-service-facility": 5_700, "cultural-centre": 5_700, "recycling-point": 6_000,
    "self-service-terminal": 6_400, "housekeeping": 7_000, "childcare": 7_400, "kindergarten": 8_500,
    "party-service-centre": 9_200, "food-market": 11_000, "fitness-club": 12_400, "reading-room": 16_000,
    "village-activity-site": 22_000, "health-station": 23_000, "emergency-shelter": 24_000,
    "village-clinic": 27_000, "health-centre": 55_000, "elderly-institution": 60_000,
    "social-work-station": 60_000, "cultural-station": 60_000, "library": 220_000, "sports-park": 300_000,
}  # fmt: skip
"""Residents for every facility of a service, about as many as in the demo city."""


def main() -> None:
    """Make, run, measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("scales", nargs="*", type=Fraction, default=[Fraction(1, 16)])
    parser.add_argument("--keep", type=Path, help="folder for studies and results")
    parser.add_argument("--plan", default="hainan-2022")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        runs = {}
        for scale in options.scales:
            folder = (options.keep or Path(scratch)) / f"province-{scale.numerator}-{scale.denominator}"
            if not (folder / "study.toml").is_file():
                facts = write_province(folder, float(scale), options.plan)
                print(f"scale {scale}: " + ", ".join(f"{count:,} {what}" for what, count in facts.items()))
            runs[scale] = measured_run(folder, options.jobs)
            print_run(scale, runs[scale])
        if len(runs) > 1:
            print_slopes(runs)


def write_province(folder: Path, scale: float, plan: str) -> dict[str, int]:
    """Write a study of the province. Returns what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    land, county, counties = ground(rng)
    places = settlements(rng, land, county, counties, round(COMMUNITIES * scale))
    places["population"] = shared_people(rng, places, round(PEOPLE * scale))
    nodes, edges, home = streets(rng, places)
    to_degrees = Transformer.from_crs(PLANE, 4326, always_xy=True)
    n_nodes = write_pbf(rng, folder / "streets.osm.pbf", nodes, edges, to_degrees)
    write_communities(folder, land, places)
    write_people(folder, rng, nodes, home, places)
    n_facilities = write_facilities(folder, rng, nodes, home, places)
    (folder / "study.toml").write_text(
        f'[study]\nname = "Province"\nplans = ["{plan}"]\noutput = "results"\nlanguage = "en"\n'
        'as_of = 2025-06-30\n[area]\nboundary = "boundary.gpkg"\ncommunities = "communities.gpkg"\n'
        '[streets]\nsource = "streets.osm.pbf"\n[population]\nraster = "population.tif"\n'
        '[[facilities]]\nsource = "facilities.csv"\nservice_column = "service"\n'
        f"complete_for = {json.dumps(sorted(PEOPLE_PER_FACILITY))}\n",
        encoding="utf-8",
    )
    return {
        "communities": len(places),
        "residents": int(places["population"].sum()),
        "street nodes": n_nodes,
        "facilities": n_facilities,
    }


def ground(rng: np.random.Generator) -> tuple[shapely.Geometry, cKDTree, np.ndarray]:
    """The land, one island apart from it, and the seats of the counties, as a search tree and as places."""
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    rough = 1 + sum(rng.uniform(0.01, 0.04) * np.sin(k * turn + rng.uniform(0, 6)) for k in range(2, 9))
    middle = np.array([WIDTH_M / 2 - 12_000, HEIGHT_M / 2 + 8_000])
    coast = middle + np.column_stack([np.cos(turn), np.sin(turn)]) * rough[:, None] * [105_000, 88_000]
    isle = np.array([WIDTH_M - 14_000, 14_000])
    seats = [isle]
    main_land = shapely.Polygon(coast)
    while len(seats) < COUNTIES:
        place = rng.uniform([0, 0], [WIDTH_M, HEIGHT_M])
        apart = min(np.hypot(*(place - other)) for other in seats)
        if apart > 27_000 and shapely.contains_xy(main_land.buffer(-9_000), *place):
            seats.append(place)
    land = shapely.union_all([main_land, shapely.Point(isle).buffer(11_000)])
    return land, cKDTree(np.array(seats)), np.array(seats)


def settlements(
    rng: np.random.Generator, land: shapely.Geometry, county: cKDTree, seats: np.ndarray, count: int
) -> pd.DataFrame:
    """Communities: those of each county's city close together, villages all over the county."""
    share = rng.lognormal(0, 0.7, COUNTIES)
    share[0] = share.min()
    share = np.maximum(np.round(count * share / share.sum()), 3).astype(int)
    tables = []
    for number, (seat, own) in enumerate(zip(seats, share, strict=True)):
        urban = max(2, round(own * URBAN))
        # city: half a square kilometre a community, in the shape of its plan
        pattern = PATTERNS[number % len(PATTERNS)]
        spread = np.sqrt(urban * 0.5e6 / np.pi) * (np.array([2.0, 0.5]) if pattern == "valley" else 1.0)
        turn = rng.uniform(0, 2 * np.pi, 40 * urban)
        cloud = seat + (np.sqrt(rng.uniform(0, 1, 40 * urban)) * [np.cos(turn), np.sin(turn)]).T * spread
        city = spaced(cloud, 520.0, urban, rng)
        # villages: anywhere in the county beyond its city
        wild = rng.uniform(seat - 60_000, seat + 60_000, (400 * own, 2))
        mine = (county.query(wild)[1] == number) & shapely.contains_xy(land.buffer(-1_200), *wild.T)
        mine &= np.hypot(*(wild - seat).T) > spread.max() + 1_500
        villages = spaced(wild[mine], 1_100.0, own - len(city), rng)
        xy = np.concatenate([city, villages])
        # townships are sectors and rings around the seat
        away, side = np.hypot(*(xy - seat).T), np.arctan2(*(xy - seat).T[::-1])
        town = np.where(away < spread.max() * 1.2, 0, 1 + ((side + np.pi) / (2 * np.pi) * 11.999).astype(int))
        tables.append(
            pd.DataFrame(
                {"x": xy[:, 0], "y": xy[:, 1], "county": number, "town": town, "pattern": pattern,
                 "urban": np.arange(len(xy)) < len(city), "seat_x": seat[0], "seat_y": seat[1]}
            )
        )  # fmt: skip
    places = pd.concat(tables, ignore_index=True)
    serial = places.groupby(["county", "town", "urban"]).cumcount() + np.where(places["urban"], 1, 200)
    places["township"] = [
        f"4690{c + 1:02d}{t + 1:03d}" for c, t in zip(places["county"], places["town"], strict=True)
    ]
    places["code"] = places["township"] + serial.map("{:03d}".format)
    return places


def spaced(cloud: np.ndarray, least_m: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """At most `count` of the points, no two nearer to each other than `least_m` while enough are left."""
    while True:
        cells, first = np.unique(np.floor(cloud / least_m).astype(int), axis=0, return_index=True)
        if len(cells) >= count or least_m < 60:
            return cloud[rng.permutation(first)[:count]]
        least_m *= 0.85


def shared_people(rng: np.random.Generator, places: pd.DataFrame, people: int) -> np.ndarray:
    """Residents of each community: most of them in cities."""
    weight = rng.lognormal(0, 0.5, len(places))
    urban = places["urban"].to_numpy()
    for mine, share in ((urban, URBAN_PEOPLE), (~urban, 1 - URBAN_PEOPLE)):
        weight[mine] *= share / weight[mine].sum()
    return np.maximum(np.round(weight * people), 20).astype(int)


def streets(rng: np.random.Generator, places: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    """Crossings, the streets between them, and the community of each crossing (-1: of a road outside)."""
    nodes, home, edges = [], [], []

    def added(xy: np.ndarray, owner: np.ndarray, keep: float, kind: str) -> np.ndarray:
        """Add crossings and the streets between neighbours (Gabriel graph), some left out. Their numbers."""
        number = sum(map(len, nodes)) + np.arange(len(xy))
        nodes.append(xy)
        home.append(owner)
        one, other = gabriel(xy)
        kept = rng.random(len(one)) < keep
        edges.append(pd.DataFrame({"u": number[one[kept]], "v": number[other[kept]], "kind": kind}))
        return number

    heart = np.zeros(len(places), int)
    for _, own in places.groupby("county"):
        city = own[own["urban"]]
        tree = cKDTree(city[["x", "y"]])
        xy = crossings(rng, city)
        away, nearest = tree.query(xy)
        number = added(xy[away < 420], city.index.to_numpy()[nearest[away < 420]], 0.87, "residential")
        heart[city.index] = number[cKDTree(xy[away < 420]).query(city[["x", "y"]])[1]]
        for row in own[~own["urban"]].itertuples():
            size = int(rng.integers(35, 110))
            spot = np.array([row.x, row.y]) + rng.normal(0, 1, (size, 2)) * 22 * np.sqrt(size)
            number = added(
                spaced(spot, 30.0, size, rng),
                np.full(size, row.Index)[: len(spaced(spot, 30.0, size, rng))],
                0.8,
                "residential",
            )
            heart[row.Index] = number[0]
    # country roads join the hearts of neighbours on one land; tracks end in the fields
    every = np.concatenate(nodes)
    one, other = gabriel(every[heart])
    near = np.hypot(*(every[heart[one]] - every[heart[other]]).T) < 40_000
    isle = places["county"].to_numpy() == 0
    near &= isle[one] == isle[other]
    edges.append(pd.DataFrame({"u": heart[one[near]], "v": heart[other[near]], "kind": "tertiary"}))
    rural = np.repeat(heart[~places["urban"].to_numpy()], 9)
    ends = every[rural] + rng.normal(0, 1, (len(rural), 2)) * 450
    edges.append(pd.DataFrame({"u": rural, "v": len(every) + np.arange(len(ends)), "kind": "track"}))
    nodes.append(ends)
    home.append(np.full(len(ends), -1))
    return np.concatenate(nodes), pd.concat(edges, ignore_index=True), np.concatenate(home)


def crossings(rng: np.random.Generator, city: pd.DataFrame) -> np.ndarray:
    """Where streets of a city may cross, after its plan, 65 m apart."""
    seat = city[["seat_x", "seat_y"]].to_numpy()[0]
    reach = np.hypot(*(city[["x", "y"]].to_numpy() - seat).T).max() + 450
    step = 65.0
    pattern = city["pattern"].iloc[0]
    if pattern == "rings":
        rings = np.arange(step, reach, step)
        turn = [np.linspace(0, 2 * np.pi, max(6, int(2 * np.pi * r / step)), endpoint=False) for r in rings]
        local = np.concatenate(
            [np.column_stack([np.cos(a), np.sin(a)]) * r for a, r in zip(turn, rings, strict=True)]
        )
        local += rng.normal(0, 3, local.shape)
    elif pattern == "grown":
        local = spaced(
            rng.uniform(-reach, reach, (int(3 * (2 * reach / step) ** 2), 2)), step * 0.9, 10**9, rng
        )
    else:
        side = np.arange(-reach, reach, step)
        x, y = np.meshgrid(side, side * (1.0 if pattern == "lattice" else 1.3))
        local = np.column_stack([x.ravel(), y.ravel()]) + rng.normal(0, 6, (x.size, 2))
        turn = rng.uniform(0, np.pi / 2)
        local = local @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return seat + local


def gabriel(xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of points whose circle holds no third point."""
    if len(xy) < 4:
        return np.arange(len(xy) - 1), np.arange(1, len(xy))
    corners = Delaunay(xy).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])), axis=0
    )
    middle = (xy[pairs[:, 0]] + xy[pairs[:, 1]]) / 2
    half = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) / 2
    nearest, _ = cKDTree(xy).query(middle)
    kept = nearest >= half * (1 - 1e-9)
    return pairs[kept, 0], pairs[kept, 1]


def write_pbf(
    rng: np.random.Generator, path: Path, nodes: np.ndarray, edges: pd.DataFrame, to_degrees: Transformer
) -> int:
    """Streets as an OpenStreetMap extract: every street bends a little, with nodes 16 to 22 m apart."""
    u, v = nodes[edges["u"]], nodes[edges["v"]]
    long = np.hypot(*(v - u).T)
    steps = np.maximum(1, np.round(long / np.where(edges["kind"] == "residential", 16, 22))).astype(int)
    street = np.repeat(np.arange(len(edges)), steps - 1)
    at = np.arange(len(street)) - np.repeat(np.cumsum(steps - 1) - (steps - 1), steps - 1) + 1
    share = (at / steps[street])[:, None]
    side = np.column_stack([u[:, 1] - v[:, 1], v[:, 0] - u[:, 0]]) * rng.normal(0, 0.05, len(edges))[:, None]
    bends = u[street] + (v - u)[street] * share + side[street] * np.sin(np.pi * share)
    lon, lat = to_degrees.transform(*np.concatenate([nodes, bends]).T)
    first = len(nodes) + np.cumsum(steps - 1) - (steps - 1)
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        node, way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
        for number, place in enumerate(zip(lon.round(7).tolist(), lat.round(7).tolist(), strict=True), 1):
            writer.add_node(node(id=number, version=1, location=place))
        rows = zip(
            edges["u"].tolist(),
            edges["v"].tolist(),
            edges["kind"],
            first.tolist(),
            steps.tolist(),
            strict=True,
        )
        for number, (start, end, kind, begin, count) in enumerate(rows, 1):
            refs = [start + 1, *range(begin + 1, begin + count), end + 1]
            writer.add_way(way(id=number, version=1, nodes=refs, tags={"highway": kind}))
    return len(lon)


def write_communities(folder: Path, land: shapely.Geometry, places: pd.DataFrame) -> None:
    """The boundary, and the communities that tile it: each place is of the nearest community's middle."""
    middles = shapely.MultiPoint(places[["x", "y"]].to_numpy())
    cells = shapely.get_parts(shapely.voronoi_polygons(middles, extend_to=land))
    points = shapely.get_parts(middles)
    owner, cell = shapely.STRtree(cells).query(points, predicate="intersects")
    cells = cells[cell[np.unique(owner, return_index=True)[1]]]
    inside = shapely.covered_by(cells, land)
    cells[~inside] = shapely.intersection(cells[~inside], land)
    layer = gpd.GeoDataFrame(
        {
            "code": places["code"],
            "name": [
                f"{'Community' if urban else 'Village'} {code[4:]}"
                for code, urban in zip(places["code"], places["urban"], strict=True)
            ],
            "scope": np.where(places["urban"], "urban", "rural"),
            "population": places["population"],
            "households": (places["population"] / 2.9).round().astype(int),
            "township": places["township"],
            "township_name": "Township " + places["township"].str[4:],
            "county": places["township"].str[:6],
            "county_name": "County " + places["township"].str[4:6],
        },
        geometry=cells,
        crs=PLANE,
    )
    layer.to_crs(4326).to_file(folder / "communities.gpkg")
    gpd.GeoDataFrame({"name": ["Province"]}, geometry=[land], crs=PLANE).to_crs(4326).to_file(
        folder / "boundary.gpkg"
    )


def write_people(
    folder: Path, rng: np.random.Generator, nodes: np.ndarray, home: np.ndarray, places: pd.DataFrame
) -> None:
    """People by cells of 100 m, where their community has crossings."""
    lived = home >= 0
    weight = rng.lognormal(0, 0.4, len(nodes)) * lived
    total = np.bincount(home[lived], weights=weight[lived], minlength=len(places))
    people = weight[lived] / total[home[lived]] * places["population"].to_numpy()[home[lived]]
    rows, columns = int(HEIGHT_M / CELL_M) + 1, int(WIDTH_M / CELL_M) + 1
    cell = ((HEIGHT_M - nodes[lived, 1]) // CELL_M * columns + nodes[lived, 0] // CELL_M).astype(int)
    values = np.bincount(cell, weights=people, minlength=rows * columns).reshape(rows, columns)
    profile = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32",
               "crs": PLANE, "transform": Affine(CELL_M, 0, 0, 0, -CELL_M, HEIGHT_M), "compress": "deflate",
               "tiled": True}  # fmt: skip
    with rasterio.open(folder / "population.tif", "w", **profile) as file:
        file.write(values.astype("float32"), 1)


def write_facilities(
    folder: Path, rng: np.random.Generator, nodes: np.ndarray, home: np.ndarray, places: pd.DataFrame
) -> int:
    """Facilities beside crossings of communities drawn by their people."""
    lived = np.flatnonzero(home >= 0)
    size = np.bincount(home[lived], minlength=len(places))
    chance = (places["population"].to_numpy() / np.maximum(size, 1))[home[lived]]
    chance /= chance.sum()
    tables = []
    for service, people in PEOPLE_PER_FACILITY.items():
        count = max(2, round(places["population"].sum() / people))
        xy = nodes[rng.choice(lived, count, p=chance)] + rng.uniform(-14, 14, (count, 2))
        lon, lat = Transformer.from_crs(PLANE, 4326, always_xy=True).transform(*xy.T)
        ids = [f"{service}-{number}" for number in range(count)]
        tables.append(
            pd.DataFrame(
                {"id": ids, "name": ids, "service": service, "lon": lon.round(7), "lat": lat.round(7)}
            )
        )
    table = pd.concat(tables)
    table.to_csv(folder / "facilities.csv", index=False)
    return len(table)


def measured_run(
    folder: Path, jobs: int | None = None, *, results: str = "results", words: Sequence[str] = ()
) -> pd.DataFrame:
    """Run the study. Seconds by the clock and of the processors, and greatest memory, stage by stage.

    Parameters
    ----------
    folder
        Of its ``study.toml``.
    jobs
        Threads.
    results
        Folder of its results, in its own.
    words
        Further words of the command.
    """
    command = [sys.executable, "-m", "lifecircle", "run", str(folder / "study.toml"), "--json"]
    command += ["-o", str(folder / results), *(["--jobs", str(jobs)] if jobs else []), *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    rows = [("start", *now(process.pid))]
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] in {"stage", "done"}:
            rows.append((event.get("stage", "end"), *now(process.pid)))
            print(f"  {rows[-1][1] - rows[0][1]:7.1f} s  {rows[-1][0]}", file=sys.stderr, flush=True)
            fresh_peak(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the run ended with {os.waitstatus_to_exitcode(status)} in stage {rows[-1][0]}")
    whole = usage.ru_utime + usage.ru_stime
    table = pd.DataFrame(rows, columns=["stage", "clock_s", "cpu_s", "peak_mb"])
    stages = table[["stage"]].iloc[:-1].copy()
    for name in ("clock_s", "cpu_s"):
        stages[name] = np.diff(table[name])
    stages["peak_mb"] = table["peak_mb"].to_numpy()[1:]
    total = {
        "stage": "total",
        "clock_s": stages["clock_s"].sum(),
        "cpu_s": whole,
        "peak_mb": stages["peak_mb"].max(),
    }
    return pd.concat([stages, pd.DataFrame([total])], ignore_index=True)


def now(pid: int) -> tuple[float, float, float]:
    """Clock, processor seconds and greatest memory (MB) of a process since it was last asked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    status = Path(f"/proc/{pid}/status").read_text()
    peak = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    return (
        time.perf_counter(),
        spent,
        (peak or [resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss])[0] / 1024,
    )


def fresh_peak(pid: int) -> None:
    """Let the greatest memory of a process count from now on."""
    try:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    except OSError:
        return


def print_run(scale: Fraction, table: pd.DataFrame) -> None:
    """One run as a table."""
    print(f"\n| scale {scale}: stage | clock s | processor s | peak MB |\n|---|---:|---:|---:|")
    for row in table.itertuples():
        print(f"| {row.stage} | {row.clock_s:.1f} | {row.cpu_s:.1f} | {row.peak_mb:,.0f} |")
    sys.stdout.flush()


def print_slopes(runs: dict[Fraction, pd.DataFrame]) -> None:
    """How processor seconds grow with the scale: the slope of their logarithms, for stages above a second."""
    print("\n| stage | slope |\n|---|---:|")
    scales = sorted(runs)
    tables = [runs[scale].groupby("stage", sort=False)["cpu_s"].sum() for scale in scales]
    for stage in tables[-1].index:
        seconds = np.array([table.get(stage, np.nan) for table in tables])
        if seconds[-1] > 1 and (seconds > 0).all():
            slope = np.polyfit(np.log(np.array(scales, float)), np.log(seconds), 1)[0]
            print(f"| {stage} | {slope:.2f} |")


if __name__ == "__main__":
    main()
