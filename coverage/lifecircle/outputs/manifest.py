"""``run.json``: what was run, on what, with what; written last, so that a folder without it is unfinished."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pandas as pd

from lifecircle.tables import Results

__all__ = ["write_manifest"]

_PACKAGES: Final = (
    "lifecircle",
    "geopandas",
    "shapely",
    "numba",
    "numpy",
    "pandas",
    "pyproj",
    "rasterio",
    "osmium",
)


def write_manifest(results: Results, path: Path) -> None:
    """Versions, settings, input checksums, counts, timings and warnings as JSON."""
    inputs, findings = results.inputs, results.findings
    warnings = inputs.quality[inputs.quality["severity"] == "warning"]
    record = {
        "study": inputs.name,
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "settings": results.settings,
        "assumptions": results.assumptions,
        "inputs": list(inputs.files),
        "crs": inputs.crs.to_string(),
        "counts": {
            "communities": int(inputs.communities["inside"].sum()),
            "demand_points": len(inputs.demand),
            "residents": float(inputs.demand.loc[inputs.demand["inside"], "residents"].sum()),
            "facilities": int(inputs.facilities["facility"].nunique()),
            "street_segments": len(inputs.streets),
            "findings": findings["status"].value_counts().to_dict(),
        },
        "dropped": dict(inputs.streets.counts),
        "warnings": [
            {
                key: None if pd.isna(value) else value
                for key, value in row.items()
                if key in {"subject", "item", "remark", "count", "value"}
            }
            for row in warnings.head(1000).to_dict("records")
        ],
        "timings_s": {stage: round(seconds, 3) for stage, seconds in results.timings.items()},
    }
    path.write_text(
        json.dumps(record, ensure_ascii=False, indent=1, default=str, allow_nan=False), encoding="utf-8"
    )
