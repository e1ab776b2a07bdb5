"""The demo city's figures against a second program that reads its raw files with networkx and pandas."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))
import recompute_demo


def test_presence_ratio_and_circle_rules_are_what_the_raw_files_say(demo_run):
    """Every plain presence and ratio rule; the circles of every 20th urban community, each walked alike."""
    assert demo_run.results == demo_run.folder / "results"
    off, compared = recompute_demo.differing(demo_run.folder, every=20)
    assert off == []
    assert compared > 1500


def test_the_second_program_imports_nothing_of_the_package():
    words = Path(recompute_demo.__file__).read_text(encoding="utf-8")
    assert "import lifecircle" not in words
    assert "from lifecircle" not in words
