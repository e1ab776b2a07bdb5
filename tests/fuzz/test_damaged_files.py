"""The same damaged files of every format each time: all are read or refused, none ends in a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MINUTES = 4.5
"""For thirteen formats, shared evenly: the files come in one order, as many as the time holds are tried."""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded by the kernel's own means")
def test_damaged_files_are_read_or_refused():
    paths = [str(HERE), str(HERE.parent / "support"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, str(HERE / "run.py"), "--minutes", str(MINUTES), "--same"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        timeout=5 * 60 * MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counts = [int(count) for count in re.findall(r": (\d+) files in ", done.stdout)]
    assert counts, done.stdout
    assert min(counts) >= 20, done.stdout
