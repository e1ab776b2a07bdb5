"""A study from a boundary, streets and plans alone: grid cells for communities, OSM for facilities."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from lifecircle.study.config import Study
from lifecircle.study.reading import study_from_tables

__all__ = ["quick_study", "study_toml"]


def quick_study(
    boundary: str | Path,
    streets: str | Path,
    plans: Sequence[str],
    *,
    output: str | Path = "lifecircle-results",
    grid: str = "h3:8",
    language: str = "zh",
) -> Study:
    """Return the study that ``lifecircle run --boundary … --streets … --plan …`` means.

    Nobody knows how many people live in its cells, so shares are of weights, and said to be.

    Parameters
    ----------
    boundary
        Polygon file of the area, in any CRS.
    streets
        Streets and facilities: an OpenStreetMap extract, or any source of streets.
    plans
        Ids of packaged plans, or paths of plan files.
    output
        Folder of the results.
    grid
        Cells in place of communities: ``h3:8`` (about 0.7 km²) or ``square:500m``.
    language
        Language of the results: zh or en.

    Returns
    -------
    Study
        Ready for `lifecircle.run`.

    Raises
    ------
    StudyError
        If a value is none that a study file may hold.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.quick_study("city.geojson", "city.osm.pbf", ["hainan-2022"]).area.grid
    'h3:8'
    """
    area, plan_ids = Path(boundary), [plans] if isinstance(plans, str) else list(plans)
    tree = {
        "study": {
            "name": area.stem,
            "plans": plan_ids,
            "output": str(Path(output).resolve()),
            "language": language,
        },
        "area": {"boundary": str(area.resolve()), "grid": grid},
        "streets": {"source": str(Path(streets).resolve())},
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
        f'language = "{study.study.language}"',
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
