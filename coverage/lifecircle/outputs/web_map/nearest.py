"""How far every community is from each service, and to which facility most of its residents go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.outputs.web_map.geometry import rounded
from lifecircle.tables import Results, TravelTimes, share_weights

_FIGURES: Final[Mapping[str, tuple[str, int]]] = {
    "p50": ("min50", 2),
    "p90": ("min90", 1),
    "unreached": ("unreached", 3),
}
"""Key in the page to the prefix of the communities' column and the digits shown."""

__all__ = ["minutes_and_nearest"]


def minutes_and_nearest(
    results: Results, judged: pd.DataFrame, seats: pd.DataFrame, *, mode: str = ""
) -> dict[str, dict[str, object]]:
    """Minutes per service along the communities, and the facility nearest to most residents.

    Parameters
    ----------
    results
        The finished study.
    judged
        The communities drawn, in the order of the page.
    seats
        Where the page keeps each facility: columns ``facility``, ``service`` and ``row`` of its layer.
    mode
        One of the study's further modes; the one that is judged where blank.

    Returns
    -------
    dict
        Per service ``p50`` and ``p90`` (minutes, None where that many residents reach none), ``unreached``
        (share of residents) and ``nearest`` (row of the service's layer, -1 where nobody reaches one; of
        several that are nearest to as many residents the one with the smaller id).
    """
    travel = results.mode_travel[mode] if mode else results.travel
    if mode:
        figures = results.mode_communities[mode].set_index("code")
        judged = figures.reindex(judged["code"]).reset_index()
    services = [name.removeprefix("min50_") for name in judged.columns if str(name).startswith("min50_")]
    nearest = _nearest(results, travel, [name for name in services if name in travel.facility.columns])
    row_of = seats.set_index(["service", "facility"])["row"]
    made: dict[str, dict[str, object]] = {}
    for service in services:
        made[service] = {
            key: [None if value is None else round(value, digits) for value in rounded(column)]
            for key, (prefix, digits) in _FIGURES.items()
            if (column := judged.get(f"{prefix}_{service}")) is not None
        }
        if service in nearest:
            own = pd.MultiIndex.from_arrays(
                [np.full(len(judged), service, dtype=object), nearest[service].reindex(judged["code"])]
            )
            made[service]["nearest"] = row_of.reindex(own).fillna(-1).astype(int).tolist()
    return made


def _nearest(results: Results, travel: TravelTimes, services: list[str]) -> dict[str, pd.Series]:
    """Per service, the facility nearest to most residents of each community, by code."""
    demand = results.inputs.demand
    ids = travel.facility.reindex(demand["demand"])
    by_service = {}
    for service in services:
        table = pd.DataFrame(
            {
                "community": demand["community"].to_numpy(),
                "facility": ids[service].to_numpy(),
                "residents": share_weights(demand).to_numpy(),
            }
        )
        people = table[table["facility"] != ""].groupby(["community", "facility"], as_index=False).sum()
        first = people.sort_values(["community", "residents", "facility"], ascending=[True, False, True])
        by_service[service] = first.drop_duplicates("community").set_index("community")["facility"]
    return by_service
