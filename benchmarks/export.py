"""One graph for all engines: a city's nodes, edges and lengths as our reader makes them, with points on it.

python benchmarks/export.py EXTRACT.osm.pbf FOLDER [--quick]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import Transformer

import lifecircle as lc
from lifecircle.network import Network, Snaps, save_network

SERVICES = 20
PER_SERVICE = 200


def points_near_streets(network: Network, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Points beside random edges, 15 m off on average, in degrees as they come from files."""
    edge, share = rng.integers(0, len(network), count), rng.random(count)
    ends = [(values[network.u[edge]], values[network.v[edge]]) for values in (network.node_x, network.node_y)]
    x, y = ((1 - share) * a + share * b + rng.normal(0, 15, count) for a, b in ends)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=network.crs).to_crs(4326)


def columns(name: str, points: gpd.GeoDataFrame, snaps: Snaps, network: Network) -> dict[str, np.ndarray]:
    """Points and where they join the streets, as plain arrays."""
    lon, lat = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    x, y = Transformer.from_crs(4326, network.crs, always_xy=True).transform(lon, lat)
    return {
        f"{name}_lon": lon,
        f"{name}_lat": lat,
        f"{name}_x": x,
        f"{name}_y": y,
        f"{name}_edge": snaps.edge,
        f"{name}_offset_mm": snaps.offset_mm,
        f"{name}_access_mm": snaps.access_mm,
    }


def main() -> None:
    """Read the extract, draw the points, write both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("extract", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    network = lc.read_streets(options.extract)
    save_network(network, options.folder / "city.network")
    rng = np.random.default_rng(15)
    origins = points_near_streets(network, 10_000 if options.quick else 100_000, rng)
    facilities = points_near_streets(network, SERVICES * PER_SERVICE, rng)
    centre = points_near_streets(network, 60 if options.quick else 500, rng)
    np.savez(
        options.folder / "city.npz",
        node_x=network.node_x,
        node_y=network.node_y,
        node_lon=network.node_lon,
        node_lat=network.node_lat,
        u=network.u,
        v=network.v,
        length_mm=network.length_mm,
        forward=network.cost_forward >= 0,
        backward=network.cost_backward >= 0,
        on_island=network.small_component[network.component[network.u]],
        service=np.arange(SERVICES * PER_SERVICE) % SERVICES,
        pair_node=rng.choice(network.n_nodes, 200 if options.quick else 2000, replace=False),
        clinic_node=rng.choice(network.n_nodes, PER_SERVICE, replace=False),
        beds=rng.integers(1, 50, PER_SERVICE).astype(float),
        residents=rng.integers(0, 40, network.n_nodes).astype(float),
        **columns("origin", origins, lc.snap(network, origins), network),
        **columns("facility", facilities, lc.snap(network, facilities), network),
        **columns("centre", centre, lc.snap(network, centre), network),
    )
    facts = {
        "extract": str(options.extract.resolve()),
        "crs": network.crs.to_wkt(),
        "nodes": network.n_nodes,
        "edges": len(network),
        "origins": len(origins),
        "services": SERVICES,
        "facilities": len(facilities),
        "isochrones": len(centre),
    }
    (options.folder / "city.json").write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
