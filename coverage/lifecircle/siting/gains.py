"""What new sites change: people newly in reach, by site in order of rank and by community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.measures import at_most, covered_residents
from lifecircle.siting.request import SitingRequest

__all__ = ["gain_by_community", "rank_sites"]


def rank_sites(
    request: SitingRequest, chosen: pd.Index, reach: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Sites in the order in which each brings most further people into reach, and the minutes then.

    Returns
    -------
    GeoDataFrame, Series
        ``proposal, service, rank, gain, geometry``, the gains adding up to everybody newly in reach (NaN
        where nobody knows how many people there are); and
        minutes to the nearest of old and new, indexed like the demand.
    """
    after = request.before.copy()
    walks = dict(iter(reach[reach["site"].isin(chosen)].groupby("site", sort=False)))
    people = request.people
    rows: list[dict[str, object]] = []
    waiting = list(chosen)

    def newly(site: object) -> float:
        """People whom a site brings into reach and no site before it did."""
        table = walks.get(site)
        if table is None:
            return 0.0
        near = table["demand"][at_most(table["cost"], request.limit_min)]
        return float(people[near][~at_most(after[near], request.limit_min)].sum())

    while waiting:
        gains = [newly(site) for site in waiting]
        best = int(np.argmax(gains))
        site = waiting.pop(best)
        rows.append(
            {"proposal": str(site), "service": request.service, "rank": len(rows) + 1, "gain": gains[best]}
        )
        if site in walks:
            minutes = walks[site].set_index("demand")["cost"]
            after[minutes.index] = np.minimum(after[minutes.index], minutes)
        rows[-1]["geometry"] = request.places[site]
    columns = ["proposal", "service", "rank", "gain", "geometry"]
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=request.places.crs)
    if not request.counts_people:
        table["gain"] = float("nan")
    return table.astype({"rank": "int64", "gain": "float64"}), after


def gain_by_community(request: SitingRequest, after: pd.Series) -> pd.DataFrame:
    """People in reach before and after, per community, those that gain most first."""
    first, then = (
        covered_residents(request.demand, walk, cutoff=request.limit_min, weight=request.weight)
        for walk in (request.before, after)
    )
    table = pd.DataFrame(
        {
            "residents": first["residents"],
            "covered_before": first["covered"],
            "covered_after": then["covered"],
        }
    )
    table["gain"] = table["covered_after"] - table["covered_before"]
    table = table if request.counts_people else table * float("nan")
    return table.sort_values("gain", ascending=False, kind="stable")
