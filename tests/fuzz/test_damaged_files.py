"""The same damaged files of every format each time: all are read or refused, none ends in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
GROUPS = {
    "texts": (["study", "plan", "csv", "geojson"], 40),
    "layers": (["geopackage", "flatgeobuf", "geoparquet", "zip", "geotiff"], 40),
    "workbooks": (["xlsx"], 40),
    "streets": (["osm", "pbf", "graphml"], 40),
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by the kernel's own means")
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS.keys())
def test_damaged_files_are_read_or_refused(group):
    names, examples = group
    paths = [str(HERE), str(HERE.parent / "support"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(HERE / "run.py"), *names, "--examples", str(examples)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" files in ") == len(names)
