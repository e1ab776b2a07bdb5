"""A study from a boundary, streets and plans alone: grid cells for communities, OSM for facilities."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from lifecircle.arguments import require
from lifecircle.errors import Fault, StudyError
from lifecircle.messages import spoken_language
from lifecircle.study.config import Study
from lifecircle.study.memory import study_from_memory
from lifecircle.study.reading import study_from_tables

__all__ = ["quick_study", "study_toml", "study_toml_to_leave"]


def quick_study(
    boundary: str | Path | gpd.GeoDataFrame | gpd.GeoSeries | None,
    streets: Any,
    plans: Any,
    *,
    facilities: Any = None,
    place: str = "",
    output: str | Path = "lifecircle-results",
    grid: str = "h3:8",
    language: str | None = None,
    mode: str | Sequence[str] = "walk",
) -> Study:
    """Return the study that ``lifecircle run --boundary … --streets … --plan …`` means.

    Nobody knows how many people live in its cells, so shares are of weights, and said to be.

    Parameters
    ----------
    boundary
        Polygon of the area, a file or a GeoDataFrame in any CRS; None where `place` names it. The study
        goes by the area's column ``name`` where there is one area with a name, else by the file's.
    streets
        Streets and facilities: an OpenStreetMap extract, or any source of streets; ``osm`` downloads them.
        A network, graph or lines in memory, as `Study` takes them, will do.
    plans
        Ids of packaged plans, paths of plan files, or plans as `load_plan` returns them; one or several.
    facilities
        As `Study` takes them; those of the streets' extract if None.
    place
        Name of an area that OpenStreetMap knows, asked of Nominatim when the study is read.
    output
        Folder of the results.
    grid
        Cells in place of communities: ``h3:8`` (about 0.7 km²) or ``square:500m``.
    language
        Language of the results: zh or en; that of the terminal if None.
    mode
        ``walk``, ``bike`` or ``drive``; of several the first is judged, the others stand beside it.

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
    paths = all(isinstance(one, str | Path | None) for one in (boundary, streets))
    require("path", output=output)
    if streets is None:
        raise StudyError(Fault("missing-key", field="streets"))
    language = spoken_language() if language is None else language
    require("text", grid=grid, language=language, place=place)
    if not isinstance(mode, list | tuple):
        require("text", mode=mode)
    if not isinstance(plans, str | Path | list | tuple | set) and not hasattr(plans, "rules"):
        plans = [plans]
    travel = {} if mode == "walk" else {"mode": mode if isinstance(mode, str) else list(mode)}
    plan_ids = [plans] if isinstance(plans, str | Path) or hasattr(plans, "rules") else list(plans)
    if not paths or facilities is not None or any(hasattr(one, "rules") for one in plan_ids):
        return study_from_memory(
            name=place or _named(boundary),
            area={"place": place} if boundary is None else boundary,
            grid=grid,
            streets=streets,
            facilities="streets" if facilities is None else facilities,
            plans=plan_ids,
            output=output,
            language=language,
            **travel,
        )
    plan_ids = [str(one) for one in plan_ids]
    ground = {"place": place} if boundary is None else {"boundary": str(Path(boundary).resolve())}
    tree = {
        "study": {
            "name": place if boundary is None else Path(boundary).stem or str(boundary),
            "plans": plan_ids,
            "output": str(Path(output).resolve()),
            "language": language,
        },
        "area": {**ground, "grid": grid},
        "streets": {
            "source": str(streets) if str(streets) == "osm" else str(Path(streets).resolve()),
            **travel,
        },
        "facilities": [{"source": "streets"}],
    }
    return study_from_tables(tree, root=Path.cwd(), allow_outside=True)


def _named(boundary: str | Path | gpd.GeoDataFrame | gpd.GeoSeries | None) -> str:
    """What a study of a boundary is called: as its one area's column ``name`` says, else as its file."""
    if isinstance(boundary, str | Path):
        return Path(boundary).stem
    if isinstance(boundary, gpd.GeoDataFrame) and len(boundary) == 1 and "name" in boundary:
        name = boundary["name"].iloc[0]
        return str(name).strip() if isinstance(name, str) and name.strip() else "study"
    return "study"


def study_toml_to_leave(study: Study, folder: Path) -> str | None:
    """The study file that a run leaves among its results; None where the study has one, or lies in memory."""
    if study.path is not None or study.area.grid is None or study.memory:
        return None
    return study_toml(study, folder)


def study_toml(study: Study, folder: Path) -> str:
    """The text of a quick study's file, paths relative to `folder`: it runs with ``--allow-outside``."""

    def near(path: Path | str | None) -> str:
        return json.dumps(os.path.relpath(str(path), folder).replace(os.sep, "/"), ensure_ascii=False)

    area = study.area
    ground = f"boundary = {near(area.boundary)}" if area.boundary else f"place = {json.dumps(area.place)}"
    source = study.streets.source
    travel = list(study.streets.modes) or study.streets.mode
    modes = [] if travel == "walk" else [f"mode = {json.dumps(travel)}"]
    lines = [
        "# lifecircle run --allow-outside study.toml",
        "[study]",
        f"name = {json.dumps(study.study.name, ensure_ascii=False)}",
        f"plans = {json.dumps(list(study.study.plans))}",
        'output = "."',
        f'language = "{study.study.language}"',
        "",
        "[area]",
        ground,
        f'grid = "{study.area.grid}"',
        "",
        "[streets]",
        'source = "osm"' if source == "osm" else f"source = {near(source)}",
        *modes,
        "",
        "[[facilities]]",
        'source = "streets"',
        "",
    ]
    return "\n".join(lines)
