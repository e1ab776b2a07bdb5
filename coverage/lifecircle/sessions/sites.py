"""A scenario in one line, and on the map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from lifecircle.assessment import turned
from lifecircle.sessions.situation import Situation
from lifecircle.tables import SCENARIOS, Scenario

__all__ = ["changed_sites", "no_sites", "scenario_row"]

_COLUMNS = ("scenario", "change", "id", "service", "name")


def scenario_row(scenario: Scenario, now: Situation, then: Situation) -> pd.DataFrame:
    """One row of `tables.SCENARIOS`."""
    moved = set(scenario.moved["facility"].astype(str)) if len(scenario.move) else set()
    old, new = set(now.inputs.facilities["facility"]), set(then.inputs.facilities["facility"])
    verdicts = turned(now.judgements.findings, then.judgements.findings)
    row = {
        "scenario": scenario.name,
        "kind": scenario.kind,
        "facilities_added": len(new - old) + len(moved),
        "facilities_closed": len(old - new) + len(moved),
        "streets_opened_m": then.streets.opened_m if then.streets else 0.0,
        "streets_closed_m": then.streets.closed_m if then.streets else 0.0,
        "turned_met": int((verdicts["status_after"] == "met").sum()),
        "turned_short": int((verdicts["status_after"] == "short").sum()),
    }
    return SCENARIOS.check(pd.DataFrame([row]))


def changed_sites(scenario: Scenario, now: Situation, then: Situation) -> gpd.GeoDataFrame:
    """Facilities added, closed and moved (where they are then), streets opened and closed.

    Returns
    -------
    GeoDataFrame
        ``scenario, change, id, service, name, geometry``; one row per facility (points, its services side by
        side) and one per street segment (lines), in the study's CRS.
    """
    moved = set(scenario.moved["facility"].astype(str)) if len(scenario.move) else set()
    old, new = now.inputs.facilities, then.inputs.facilities
    parts = [
        _facilities(new[~new["facility"].isin(old["facility"])], "added"),
        _facilities(old[~old["facility"].isin(new["facility"])], "closed"),
        _facilities(new[new["facility"].isin(moved)], "moved"),
    ]
    if then.streets is not None:
        for change, lines in (("street-opened", then.streets.opened), ("street-closed", then.streets.closed)):
            table = gpd.GeoDataFrame({"change": change}, index=lines.index, geometry=lines.to_crs(old.crs))
            parts.append(table.assign(id="", service="", name=""))
    parts = [part for part in parts if len(part)]
    if not parts:
        return no_sites(old.crs)
    together = pd.concat(parts, ignore_index=True).assign(scenario=scenario.name)
    return gpd.GeoDataFrame(together, geometry="geometry", crs=old.crs)[[*_COLUMNS, "geometry"]]


def no_sites(crs: CRS) -> gpd.GeoDataFrame:
    """The table of a run without scenarios."""
    empty = {name: pd.Series([], dtype="object") for name in _COLUMNS}
    return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def _facilities(rows: gpd.GeoDataFrame, change: str) -> gpd.GeoDataFrame:
    """One row per facility."""
    single = rows.drop_duplicates("facility")
    services = rows.groupby("facility")["service"].agg("; ".join)
    return gpd.GeoDataFrame(
        {
            "change": np.full(len(single), change, dtype=object),
            "id": single["facility"].to_numpy(),
            "service": services.reindex(single["facility"]).to_numpy(),
            "name": single["name"].to_numpy(),
        },
        geometry=shapely.point_on_surface(single.geometry.to_numpy()),
        crs=rows.crs,
    )
