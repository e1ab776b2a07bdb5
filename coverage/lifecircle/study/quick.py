"""A study from a boundary, streets and plans alone: grid cells for communities, OSM for facilities."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from lifecircle.study.config import Study
from lifecircle.study.reading import study_from_tables

__all__ = ["quick_study", "study_toml"]


def quick_study(boundary: Path, streets: Path, plans: Sequence[str], *, output: Path) -> Study:
    """The study that ``lifecircle run --boundary … --streets … --plan …`` means.

    Cells are H3 hexagons of resolution 8 (about 0.7 km²); nobody knows how many people live in them,
    so shares are shares of street length, and said to be.
    """
    tree = {
        "study": {"name": boundary.stem, "plans": list(plans), "output": str(output.resolve())},
        "area": {"boundary": str(boundary.resolve()), "grid": "h3:8"},
        "streets": {"source": str(streets.resolve())},
        "facilities": [{"source": "streets"}],
    }
    return study_from_tables(tree, root=Path.cwd(), allow_outside=True)


def study_toml(study: Study, folder: Path) -> str:
    """The text of a quick study's file, paths relative to `folder`: it runs with ``--allow-outside``."""

    def near(path: Path | str | None) -> str:
        return json.dumps(os.path.relpath(str(path), folder).replace(os.sep, "/"), ensure_ascii=False)

    lines = [
        "# lifecircle run --allow-outside study.toml",
        "[study]",
        f"name = {json.dumps(study.study.name, ensure_ascii=False)}",
        f"plans = {json.dumps(list(study.study.plans))}",
        'output = "."',
        "",
        "[area]",
        f"boundary = {near(study.area.boundary)}",
        f'grid = "{study.area.grid}"',
        "",
        "[streets]",
        f"source = {near(study.streets.source)}",
        "",
        "[[facilities]]",
        'source = "streets"',
        "",
    ]
    return "\n".join(lines)
