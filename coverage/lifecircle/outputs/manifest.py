"""``run.json``: what was run, on what, with what; written last, so that a folder without it is unfinished."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.study_file import checksum_of_study_file
from lifecircle.tables import STUDY_AREA, SUMMARY, Results

__all__ = ["outcome_figures", "write_manifest"]

_PACKAGES: Final = (
    "lifecircle",
    "exactextract",
    "geopandas",
    "numba",
    "numpy",
    "osmium",
    "pandas",
    "pyogrio",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)
_FIRST_PLACES: Final = 5


def write_manifest(results: Results, path: Path, *, key: str = "") -> None:
    """Versions, settings, input checksums, counts, outcome, timings and warnings as strict JSON.

    Warnings are counted by remark, each with its first places: the whole list is in ``study.gpkg`` and
    ``deficits.xlsx``. `key` is what the results depend on; blank where nobody can say.
    The checksum of a study file beside `path` tells a later run whether somebody changed that file.
    """
    inputs, findings = results.inputs, results.findings
    record = {
        "study": inputs.name,
        "key": key,
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "platform": platform.platform(),
        "settings": results.settings,
        "assumptions": results.assumptions,
        "study_file": checksum_of_study_file(path.parent),
        "plans": [plan["id"] for plan in results.plans],
        "inputs": list(inputs.files),
        "crs": inputs.crs.to_string(),
        "counts": {
            "communities": int(inputs.communities["inside"].sum()),
            "demand_points": len(inputs.demand),
            "residents": float(inputs.demand.loc[inputs.demand["inside"], "residents"].sum(min_count=1)),
            "facilities": int(inputs.facilities["facility"].nunique()),
            "street_segments": len(inputs.streets),
            "findings": findings["status"].value_counts().sort_index().to_dict(),
            "short_by_certainty": findings.loc[findings["status"] == "short", "certainty"]
            .value_counts()
            .sort_index()
            .to_dict(),
        },
        "outcome": outcome_figures(results),
        "summary": _summary(results),
        "dropped": dict(inputs.streets.counts),
        "warnings": _warnings(inputs.quality),
        "timings_s": {stage: round(seconds, 3) for stage, seconds in results.timings.items()},
        "reused": {stage: reused._asdict() for stage, reused in results.reused.items()},
    }
    path.write_text(
        json.dumps(_strict(record), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8"
    )


def outcome_figures(results: Results) -> dict[str, Any]:
    """How a study came out, in a few figures.

    Returns
    -------
    dict
        Its ``name``, its ``communities`` and their ``residents`` (None where unknown); over all rules and
        units, verdicts ``met``, those that are short and ``firm``, ``assumed`` or ``provisional``, and those
        without data (``nodata``).
    """
    table, communities = results.summary, results.inputs.communities
    rows = table[
        (table["scenario"] == "") & (table["area"] == STUDY_AREA) & table["verdict"] & (table["rule"] != "")
    ]
    residents = float(communities.loc[communities["inside"], "population"].sum(min_count=1))
    return {
        "name": results.inputs.name,
        "communities": int(communities["inside"].sum()),
        "residents": None if math.isnan(residents) else round(residents),
        "met": int(rows[["met_firm", "met_assumed", "met_provisional"]].to_numpy().sum()),
        "firm": int(rows["short_firm"].sum()),
        "assumed": int(rows["short_assumed"].sum()),
        "provisional": int(rows["short_provisional"].sum()),
        "nodata": int(rows["no_data"].sum()),
    }


def _summary(results: Results) -> dict[str, object]:
    """Communities that fall short of any binding rule, as things are and under each scenario; headlines."""
    table = results.summary
    whole = table[(table["area"] == STUDY_AREA) & (table["rule"] == "")]
    counts = [name for name, column in SUMMARY.columns.items() if column.kind == "count"]
    return {
        "communities": {
            row["scenario"] or "baseline": {name: row[name] for name in (*counts, "people")}
            for row in whole.to_dict("records")
        },
        "headlines": results.headlines.to_dict("records"),
    }


def _warnings(quality: pd.DataFrame) -> list[dict[str, object]]:
    """Each kind of warning once: how often, the sum of what was counted, and its first places."""
    warnings = quality[quality["severity"] == "warning"]
    return [
        {
            "remark": remark,
            "subject": rows["subject"].iloc[0],
            "times": len(rows),
            "count": rows["count"].sum(min_count=1),
            "first": [
                {"item": row["item"], "value": row["value"], "x": row["x"], "y": row["y"]}
                for row in rows.head(_FIRST_PLACES).to_dict("records")
            ],
        }
        for remark, rows in warnings.groupby("remark", sort=True)
    ]


def _strict(value: object) -> object:
    """What JSON can hold: unknown and infinite figures as null, text without half characters."""
    if isinstance(value, Mapping):
        return {plain_text(key): _strict(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = value if isinstance(value, (list, tuple)) else sorted(value, key=str)
        return [_strict(one) for one in items]
    if value is None or value is pd.NA or isinstance(value, (bool, int)):
        return None if value is pd.NA else value
    if isinstance(value, np.generic):
        return _strict(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return plain_text(value)
