"""What a second run of a study saves where service areas and rasters are kept: processor seconds by stage.

    python benchmarks/reuse.py demo 1/16            the demo city, and the province of province.py at a scale
    python benchmarks/reuse.py 1/16 --keep folder   leave studies there, and take those that are there

Both stages run four times in one process: keeping nothing, with nothing kept yet, unchanged, and with one
facility moved.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from fractions import Fraction
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import province

import lifecircle as lc
from lifecircle import outputs
from lifecircle.analysis.areas import minute_rasters, raster_keys, service_isochrones
from lifecircle.analysis.measure import build_results
from lifecircle.analysis.session import Assessed
from lifecircle.content_store import ContentStore
from lifecircle.demo import write_demo
from lifecircle.stages import Stages

MOVED_DEGREES = 0.001


def main() -> None:
    """Make, draw, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("studies", nargs="*", default=["demo"])
    parser.add_argument("--keep", type=Path, help="folder for studies")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.studies:
            file = study_file(name, options.keep or Path(scratch))
            with tempfile.TemporaryDirectory() as kept:
                compare(name, file, Path(kept))


def study_file(name: str, folder: Path) -> Path:
    """The study file of the demo city, or of a province, written where it is not there."""
    if name == "demo":
        file = folder / "demo" / "study.toml"
        return file if file.is_file() else write_demo(file.parent)
    scale = Fraction(name)
    file = folder / f"province-{scale.numerator}-{scale.denominator}" / "study.toml"
    if not file.is_file():
        province.write_province(file.parent, float(scale), "hainan-2022")
    return file


def compare(name: str, file: Path, kept: Path) -> None:
    """Read and judge a study once, draw it four times, print what each took."""
    start = time.process_time()
    session = lc.prepare(lc.Study.from_file(file))
    print(f"{name}: read, routed and judged in {time.process_time() - start:.1f} processor s", flush=True)
    facilities = session.facilities.to_crs(4326)
    first = facilities[facilities["public"]].iloc[[0]]
    place = gpd.GeoSeries.from_xy(first.geometry.x + MOVED_DEGREES, first.geometry.y, crs=4326)
    moved = gpd.GeoDataFrame({"facility": first["facility"].tolist()}, geometry=place.to_list(), crs=4326)
    other = session.assess(lc.Scenario(name="moved", move=moved))
    store = ContentStore.opened(kept / "kept")
    runs = [
        ("keeping nothing", session.present, None),
        ("nothing kept yet", session.present, store),
        ("unchanged", session.present, store),
        ("one facility moved", other, store),
    ]
    rows = [drawn(run, state, keeps, kept / str(number)) for number, (run, state, keeps) in enumerate(runs)]
    table = pd.DataFrame(rows)
    print(f"\n| {name} | service areas: processor s | computed | rasters: processor s | computed |")
    print("|---|---:|---:|---:|---:|")
    for row in table.itertuples(index=False):
        print(f"| {row.run} | {row.areas_s:.2f} | {row.areas} | {row.rasters_s:.2f} | {row.rasters} |")
    print(f"kept: {sum(one.stat().st_size for one in store.folder.iterdir()) / 1e6:,.1f} MB", flush=True)


def drawn(run: str, assessed: Assessed, store: ContentStore | None, folder: Path) -> dict[str, object]:
    """Draw a state's areas and write its rasters. Returns what both took."""
    prepared, state = assessed.session.prepared, assessed.state
    network, inputs, od, assumptions = state.network, state.inputs, state.od, prepared.study.assumptions
    results = build_results(assessed, (), Stages(None), jobs=None, drawn=False)
    every = len(set(od.service))
    # stage 1: areas
    start = time.process_time()
    _, areas = service_isochrones(network, inputs, od, jobs=None, store=store)
    areas_s = time.process_time() - start
    # stage 2: rasters, computed as they are written
    start = time.process_time()
    keys = (
        raster_keys(network, inputs, od, assumptions=assumptions, reach_m=prepared.reach_m) if store else {}
    )
    rasters = minute_rasters(
        network,
        inputs,
        od,
        assumptions=assumptions,
        proven_min=partial(prepared.proven_min, network),
        jobs=None,
        content_keys=keys,
    )
    written = outputs.write_rasters(dataclasses.replace(results, rasters=rasters), folder, store=store)
    return {
        "run": run,
        "areas_s": areas_s,
        "areas": len(areas.computed) if store else every,
        "rasters_s": time.process_time() - start,
        "rasters": len(written.computed) if store else every,
    }


if __name__ == "__main__":
    main()
