"""A run that is killed while it writes leaves the old results as they were, its own findings beside them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 120.0
THOROUGH = "LIFECIRCLE_THOROUGH" in os.environ
KILLS = 20
"""Of one part: a busy machine takes minutes for each, and every part has an hour of its own."""


def _killed_while_writing(study, folder, kill):
    """Start a run, wait until its new results begin to appear, and kill it; None where it was done before."""
    command = [sys.executable, "-m", "lifecircle", "run", str(study), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            if json.loads(line)["stage"] == "write-tables":
                break
        stop = time.monotonic() + PATIENCE_S
        while time.monotonic() < stop and process.poll() is None:
            if any(folder.glob(".results.new-*/results/*")):
                break
            time.sleep(0.001)
        if process.poll() is not None:
            return None
        process.send_signal(kill)
        process.wait()
    return process.returncode


def _killed(village, read_contents, kill):
    """How a killed run ended, and the results before it; of a run that was done too soon another is tried."""
    for _ in range(5):
        old = read_contents(village / "results")
        ended = _killed_while_writing(village / "study.toml", village, kill)
        if ended is not None:
            return ended, old
    pytest.fail("five runs were done before they could be killed")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_old_results_stay_byte_for_byte_and_the_next_run_clears_up(ran, read_contents, command):
    village, _ = ran
    ended, old = _killed(village, read_contents, signal.SIGKILL)
    assert ended == -signal.SIGKILL
    assert list(village.glob(".results.new-*")), "it was killed before it wrote anything"
    left = read_contents(village / "results")
    assert left.pop("deficits.first.csv") == old["deficits.csv"]
    assert left == old
    assert command("run", village / "study.toml").code == 0
    new = read_contents(village / "results")
    assert set(new) == set(old)
    assert new["deficits.csv"] == old["deficits.csv"]
    assert not list(village.glob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM as here")
def test_an_ended_run_clears_up_behind_itself(ran, read_contents):
    village, _ = ran
    ended, old = _killed(village, read_contents, signal.SIGTERM)
    assert ended == 128 + signal.SIGTERM
    left = read_contents(village / "results")
    assert left.pop("deficits.first.csv") == old["deficits.csv"]
    assert left == old
    assert not list(village.glob(".*"))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked and killed")
@pytest.mark.parametrize("_part", range(10 if THOROUGH else 1))
def test_whenever_a_writer_is_killed_old_or_new_results_are_whole(village, _part):
    script = Path(__file__).parents[1] / "support" / "killed_writes.py"
    words = [str(village / "study.toml"), str(KILLS), *(["--whole"] if THOROUGH else [])]
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True, timeout=3600, check=True
    )
    told = json.loads(done.stdout)
    assert not told["lost"]
    assert not told["left"]
    assert told["old"] + told["new"] == told["killed"] == KILLS
