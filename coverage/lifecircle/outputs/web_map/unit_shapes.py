"""Units that are neither communities nor above them, as the map draws them: life circles, grid cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.geometry import Origin, pack_shapes, rounded, simplified
from lifecircle.outputs.web_map.spots import FACILITY_LEVELS
from lifecircle.tables import COMMUNITY_LEVELS, WIDE_LEVELS

_MOST_VERTICES: Final = 4_000
_MOST_UNITS: Final = 3_000
_NOT_DRAWN_HERE: Final = frozenset({*COMMUNITY_LEVELS, *WIDE_LEVELS, *FACILITY_LEVELS})

__all__ = ["unit_findings", "unit_shapes"]


def unit_shapes(
    units: gpd.GeoDataFrame, findings: pd.DataFrame, origin: Origin
) -> dict[str, dict[str, list[Any]]]:
    """Outlines of the units that findings are about, by level: ``code, name, shape``.

    A level of more units than a page can hold has none.

    Parameters
    ----------
    units
        As `tables.UNITS`; those without a shape are left out.
    findings
        With ``level`` and ``code``.
    origin
        From where places of the page count.
    """
    asked = set(findings["level"].unique()) - _NOT_DRAWN_HERE
    made = {}
    for level in sorted(asked & set(units["level"].unique())) if "level" in units else ():
        judged = findings.loc[findings["level"] == level, "code"].unique()
        own = units[(units["level"] == level) & units["code"].isin(judged)]
        own = own[~(own.geometry.isna() | own.geometry.is_empty)].drop_duplicates("code")
        if own.empty or len(own) > _MOST_UNITS:
            continue
        shapes = simplified(own.geometry, max_vertices=_MOST_VERTICES, shared_borders=True)
        made[str(level)] = {
            "code": [str(code) for code in own["code"]],
            "name": [display_name(name or code) for name, code in zip(own["name"], own["code"], strict=True)],
            "shape": pack_shapes(shapes, origin),
        }
    return made


def unit_findings(
    rows: pd.DataFrame, shapes: Mapping[str, Mapping[str, list[Any]]]
) -> list[dict[str, object]]:
    """What one rule says of the units that are drawn, one entry for each level of them.

    Returns
    -------
    list of dict
        ``level`` and, along the units: ``row`` (of the level's shapes), ``status`` (one character each),
        ``value``, and ``adds`` where the plan counts them as a whole: what each would still add.
    """
    told: list[dict[str, object]] = []
    levels_judged = set(rows["level"])
    for level, drawn in shapes.items():
        if level not in levels_judged:  # most rules speak of none of them
            continue
        row_of = {code: row for row, code in enumerate(drawn["code"])}
        own = rows[(rows["level"] == level) & rows["code"].isin(row_of)].drop_duplicates("code")
        if own.empty:
            continue
        entry: dict[str, object] = {
            "level": level,
            "row": [row_of[code] for code in own["code"]],
            "status": "".join(own["mark"]),
            "value": rounded(own["value"].to_numpy()),
        }
        if "contribution" in own and own["contribution"].notna().any():
            entry["adds"] = rounded(own["contribution"].to_numpy())
        told.append(entry)
    return told
