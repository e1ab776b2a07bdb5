"""Judge a plan from a boundary and streets alone.

    python scripts/run_study_from_boundary.py boundary.geojson city.osm.pbf hainan-2022 results/

Communities are grid cells, facilities are what OpenStreetMap knows, so every failure is provisional.
"""

import sys

import lifecircle as lc


def main(boundary: str, streets: str, plan: str, output: str) -> None:
    """Run, write every result, and print what falls short of the plan."""
    study = lc.quick_study(boundary, streets, [plan], output=output)
    result = lc.run(study)
    result.write(output)
    verdicts = result.verdicts.query("status == 'short'")
    print(verdicts.groupby("rule").size().rename("units short").to_string())


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except lc.InputError as error:
        sys.exit(str(error))
