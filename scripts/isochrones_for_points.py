"""Walking isochrones (5, 10, 15 minutes) for a list of points.

    python scripts/isochrones_for_points.py city.osm.pbf points.gpkg isochrones.gpkg

Prints, for each point, how much street can be reached and how much of the polygon's street cannot.
"""

import sys

import geopandas as gpd

import lifecircle as lc


def main(streets_file: str, points_file: str, output: str) -> None:
    """Read streets and points, draw the areas, write them."""
    streets = lc.read_streets(streets_file, mode="walk")
    points = gpd.read_file(points_file)
    areas = lc.isochrones(streets, points, minutes=[5, 10, 15], speed_kmh=4.0)
    areas.to_file(output)
    print(areas.drop(columns="geometry").round(1).to_string(index=False))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except lc.InputError as error:
        sys.exit(str(error))
