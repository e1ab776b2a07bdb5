"""Floating catchments of Porto Alegre by pysal's access package, which is no dependency.

    python tests/golden/build_floating.py ../shared/data          # walking metres from hexes to clinics
    .venv-peers/bin/python tests/golden/build_floating.py         # what access makes of them

The first writes people, clinics and costs to porto_alegre_floating.npz, the second adds its figures.
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

TARGET = Path(__file__).parent / "porto_alegre_floating.npz"
LIMIT_M = 2000.0


def costs(data):
    """Whole millimetres from every hex to every hex with health care, up to the limit."""
    import geopandas as gpd  # noqa: PLC0415  not in the peers' step

    import lifecircle as lc  # noqa: PLC0415

    folder = data / "porto_alegre"
    hexes = pd.read_csv(folder / "poa_hexgrid.csv").fillna(0)
    points = gpd.GeoDataFrame(hexes, geometry=gpd.points_from_xy(hexes["lon"], hexes["lat"]), crs=4326)
    clinics = hexes.index[hexes["healthcare"] > 0]
    offer = points.loc[clinics].assign(service="clinic")
    table = lc.travel_matrix(
        lc.read_streets(folder / "poa.osm.pbf"), points, offer, max_minutes=LIMIT_M / 4000 * 60
    )
    return {
        "people": hexes["population"].to_numpy(dtype=np.float64),
        "clinic": clinics.to_numpy(dtype=np.int16),
        "supply": hexes.loc[clinics, "healthcare"].to_numpy(dtype=np.float64),
        "origin": table["origin"].to_numpy(dtype=np.int16),
        "facility": table["facility"].to_numpy(dtype=np.int16),
        "millimetres": np.rint(table["distance_m"].to_numpy() * 1000).astype(np.int32),
    }


def figures(given):
    """What access gives every hex, by method; 0 where it gives none."""
    from access.fca import three_stage_fca, two_stage_fca  # noqa: PLC0415  the peers' environment has it
    from access.weights import gaussian, step_fn  # noqa: PLC0415

    homes = pd.DataFrame({"people": given["people"]})
    clinics = pd.DataFrame({"beds": given["supply"]}, index=given["clinic"].astype(int))
    table = pd.DataFrame(
        {
            "home": given["origin"].astype(int),
            "clinic": given["facility"].astype(int),
            "metres": given["millimetres"] / 1000,
        }
    )
    options = {
        "demand_index": True, "demand_name": "people", "supply_index": True, "supply_name": "beds",
        "cost_origin": "home", "cost_dest": "clinic", "cost_name": "metres",
    }  # fmt: skip
    steps = step_fn({500: 1.0, 1000: 0.68, 1500: 0.22})
    ask = {
        "two_step": partial(two_stage_fca, max_cost=1000),
        "steps": partial(two_stage_fca, max_cost=1500, weight_fn=steps),
        "gaussian": partial(two_stage_fca, max_cost=2000, weight_fn=gaussian(700)),
        "three_step": partial(three_stage_fca, max_cost=1500, weight_fn=steps),
    }
    figures = {name: method(homes, clinics, table.copy(), **options) for name, method in ask.items()}
    return {name: series.reindex(homes.index).fillna(0.0).to_numpy() for name, series in figures.items()}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    if len(sys.argv) == 2:
        np.savez_compressed(TARGET, **costs(Path(sys.argv[1])))
    else:
        with np.load(TARGET) as held:
            before = {name: held[name] for name in held.files}
        np.savez_compressed(TARGET, **before, **figures(before))
