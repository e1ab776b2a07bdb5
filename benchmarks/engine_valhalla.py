"""Valhalla: its own graph and its own rules of where one may walk, in C++."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import job
import numpy as np
import shapely
import valhalla
from shapes import packed

PEDESTRIAN = {
    "costing": "pedestrian",
    # no preferences: the shortest way, as ours
    "costing_options": {
        "pedestrian": {
            "walking_speed": 4.0, "shortest": True, "step_penalty": 0, "use_ferry": 0, "elevator_penalty": 0,
            "walkway_factor": 1, "sidewalk_factor": 1, "alley_factor": 1, "driveway_factor": 1,
            "service_penalty": 0, "use_hills": 0.5, "use_living_streets": 0.5, "use_tracks": 0.5,
        }
    },
}  # fmt: skip


def config_of(city: SimpleNamespace) -> dict:
    """Tiles in the city's folder, nothing but walking in mind, no log lines."""
    (city.folder / "tiles").mkdir(exist_ok=True)
    config = valhalla.get_config(tile_dir=str(city.folder / "tiles"), tile_extract="", verbose=False)
    config["mjolnir"]["concurrency"] = 2
    config["service_limits"]["pedestrian"]["max_distance"] = 100_000.0
    return config


def build(city: SimpleNamespace) -> job.Outcome:
    """Tiles from the PBF, by its own program."""
    path = city.folder / "valhalla.json"
    path.write_text(json.dumps(config_of(city)), encoding="utf-8")
    program = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    command = [program, "-c", path, city.facts["extract"]]
    seconds, _done = job.timed(lambda: subprocess.run(command, check=True, capture_output=True), 1)
    return job.Outcome(seconds)


def isochrones(city: SimpleNamespace) -> job.Outcome:
    """Its own polygons, one call each, with as much detail as it gives."""
    actor, count = valhalla.Actor(config_of(city)), 20 if city.quick else 500
    asked = [
        json.dumps(
            {
                **PEDESTRIAN,
                "locations": [{"lon": float(lon), "lat": float(lat)}],
                "contours": [{"time": 15}],
                "polygons": True,
                "generalize": 0,
                "denoise": 0,
            }
        )
        for lon, lat in zip(city.centre_lon[:count], city.centre_lat[:count], strict=True)
    ]

    def draw() -> list[shapely.Geometry]:
        """One polygon per centre."""
        return [shapely.from_geojson(actor.isochrone(question)) for question in asked]

    seconds, shapes = job.timed(draw, 1 if city.quick else 2)
    whole = [
        shapely.union_all([shapely.make_valid(part) for part in shapely.get_parts(one)]) for one in shapes
    ]
    return job.Outcome(seconds, packed(whole), units=len(asked))


def walking_distances(city: SimpleNamespace) -> job.Outcome:
    """Metres from some origins to one facility, between the places where ours join the streets."""
    actor = valhalla.Actor(config_of(city))
    goal = {"lon": float(city.facility_lon[0]), "lat": float(city.facility_lat[0])}

    def ask() -> np.ndarray:
        """One route each: a matrix would leave out how long the way is on the shortest path."""
        metres = []
        for lon, lat in zip(city.origin_lon[:400], city.origin_lat[:400], strict=True):
            question = {**PEDESTRIAN, "locations": [{"lon": float(lon), "lat": float(lat)}, goal]}
            try:
                trip = json.loads(actor.route(json.dumps(question)))["trip"]
            except RuntimeError:  # no way between the two
                metres.append(np.nan)
                continue
            metres.append(trip["summary"]["length"] * 1000)
        return np.array(metres)

    seconds, metres = job.timed(ask, 1)
    return job.Outcome(seconds, {"metres": metres})


if __name__ == "__main__":
    job.main("valhalla", {"build": build, "isochrones": isochrones, "walking-distances": walking_distances})
