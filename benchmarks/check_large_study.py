"""How long ``lifecircle check`` takes on 3,200 communities and 60 thousand facilities.

Makes a city of 40 by 80 communities of 500 m, streets every 125 m and ten ledgers of 6,000 rows with small
faults (doubles, blank coordinates, places astray), checks it, and prints the seconds; with --profile also
where they go.

    python benchmarks/check_large_study.py [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import lifecircle as lc
from lifecircle.analysis.checking import check_everything
from lifecircle.tables import local_crs

EAST, NORTH, SIDE_M, STREET_M = 80, 40, 500.0, 125.0
LEDGERS, ROWS = 10, 6_000
SERVICES = (
    "pharmacy",
    "library",
    "food-market",
    "supermarket",
    "convenience-store",
    "hospital",
    "kindergarten",
)


def main() -> None:
    """Make the city, check it, print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = lc.Study.from_file(_write(Path(folder)))
        start, cpu = time.perf_counter(), time.process_time()
        watch = cProfile.Profile()
        checked = watch.runcall(check_everything, study) if asked.profile else check_everything(study)
        print(
            f"{time.perf_counter() - start:.1f} s, {time.process_time() - cpu:.1f} s of them at work,"
            f" {len(checked.faults)} faults, {len(checked.quality)} remarks"
        )
        if asked.profile:
            pstats.Stats(watch).sort_stats("cumulative").print_stats(60)


def _write(folder: Path) -> Path:
    """The city's files and its study."""
    crs = local_crs(114.5, 38.0)
    x, y = np.meshgrid(np.arange(EAST) * SIDE_M, np.arange(NORTH) * SIDE_M)
    squares = shapely.box(x.ravel(), y.ravel(), x.ravel() + SIDE_M, y.ravel() + SIDE_M)
    codes = [
        f"1301{number // 800:02d}{number // 40 % 20 + 1:03d}{number % 40 + 1:03d}"
        for number in range(len(squares))
    ]
    layer = gpd.GeoDataFrame({"code": codes, "name": codes, "population": 3000}, geometry=squares, crs=crs)
    layer.to_crs(4326).to_file(folder / "communities.gpkg")
    width, height = EAST * SIDE_M, NORTH * SIDE_M
    lines = [_cut(at, at, -1000, height + 1000) for at in np.arange(-1000, width + 1001, STREET_M)]
    lines += [_cut(-1000, width + 1000, at, at) for at in np.arange(-1000, height + 1001, STREET_M)]
    streets = gpd.GeoDataFrame(geometry=np.array(lines, dtype=object), crs=crs)
    streets.to_crs(4326).to_file(folder / "streets.gpkg")
    rng = np.random.default_rng(7)
    tables = []
    for number in range(LEDGERS):
        places = gpd.GeoSeries(
            gpd.points_from_xy(rng.uniform(0, width, ROWS), rng.uniform(0, height, ROWS)), crs=crs
        ).to_crs(4326)
        rows = pd.DataFrame(
            {
                "id": [f"L{number}-{row}" for row in range(ROWS)],
                "name": [f"第{row}号{number}" for row in range(ROWS)],
                "kind": rng.choice(SERVICES, ROWS),
                "lon": places.x.round(7).astype(object),
                "lat": places.y.round(7).astype(object),
            }
        )
        rows.loc[::997, ["lon", "lat"]] = None
        rows.loc[5::1999, "lon"] = 100.0
        rows.to_csv(folder / f"l{number}.csv", index=False)
        tables.append(f'[[facilities]]\nsource = "l{number}.csv"\nservice_column = "kind"\n')
    study = (
        '[study]\nname = "大市"\nplans = ["hainan-2022"]\nas_of = 2025-06-30\n'
        '[area]\ncommunities = "communities.gpkg"\n[streets]\nsource = "streets.gpkg"\n'
    )
    (folder / "study.toml").write_text(study + "".join(tables), encoding="utf-8")
    return folder / "study.toml"


def _cut(west: float, east: float, south: float, north: float) -> shapely.LineString:
    """A straight street with a vertex at every crossing."""
    steps = int(max(east - west, north - south) / STREET_M) + 1
    return shapely.LineString(
        np.column_stack([np.linspace(west, east, steps), np.linspace(south, north, steps)])
    )


if __name__ == "__main__":
    main()
