"""Walking distances in Porto against Valhalla's, which reads the same extract by rules of its own."""

import json
import subprocess
import sys

import numpy as np
import pytest
from shared_data import ROOT

BENCHMARKS = ROOT / "benchmarks"
PEERS = BENCHMARKS.parent / ".venv-peers" / "bin" / "python"


@pytest.mark.slow
def test_four_hundred_walks_differ_by_under_two_percent_in_the_median(shared, tmp_path):
    known = (
        PEERS.exists()
        and not subprocess.run([PEERS, "-c", "import valhalla"], capture_output=True, check=False).returncode
    )
    if not known:
        pytest.skip("Valhalla is not installed: python benchmarks/run.py installs it into .venv-peers")
    extract = shared / "osm" / "porto.osm.pbf"
    subprocess.run([sys.executable, BENCHMARKS / "export.py", extract, tmp_path, "--quick"], check=True)
    for python, engine, job in (
        (PEERS, "valhalla", "build"),
        (PEERS, "valhalla", "walking-distances"),
        (sys.executable, "lifecircle", "walking-distances"),
    ):
        script = BENCHMARKS / f"engine_{engine}.py"
        subprocess.run([python, script, job, tmp_path], check=True, capture_output=True)
    ours, theirs = (
        np.load(tmp_path / f"walking-distances-{engine}.npz")["metres"]
        for engine in ("lifecircle", "valhalla")
    )
    both = np.isfinite(ours) & np.isfinite(theirs) & (ours > 200)
    assert both.sum() >= 0.9 * json.loads((tmp_path / "city.json").read_text())["origins"] * 400 / 10_000
    assert np.median(np.abs(ours[both] - theirs[both]) / ours[both]) < 0.02
