"""What new sites change: who is newly in reach, ranked by site and by community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.measures import at_most, covered_residents
from lifecircle.siting.request import SitingRequest

__all__ = ["gain_by_community", "ranked"]


def ranked(
    ask: SitingRequest, service: str, chosen: pd.Index, reach: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Sites in the order in which each brings most further people into reach, and the minutes then.

    Returns
    -------
    GeoDataFrame, Series
        ``proposal, service, rank, gain, geometry``, the gains adding up to everybody newly in reach; and
        minutes to the nearest of old and new, indexed like the demand.
    """
    after = ask.before.copy()
    own = dict(iter(reach[reach["site"].isin(chosen)].groupby("site", sort=False)))
    people = ask.people
    rows: list[dict[str, object]] = []
    waiting = list(chosen)

    def newly(site: object) -> float:
        """People a site brings into reach who are not yet."""
        table = own.get(site)
        if table is None:
            return 0.0
        near = table["demand"][at_most(table["cost"], ask.limit_min)]
        return float(people[near][~at_most(after[near], ask.limit_min)].sum())

    while waiting:
        gains = [newly(site) for site in waiting]
        best = int(np.argmax(gains))
        site = waiting.pop(best)
        rows.append({"proposal": str(site), "service": service, "rank": len(rows) + 1, "gain": gains[best]})
        if site in own:
            minutes = own[site].set_index("demand")["cost"]
            after[minutes.index] = np.minimum(after[minutes.index], minutes)
        rows[-1]["geometry"] = ask.places[site]
    columns = ["proposal", "service", "rank", "gain", "geometry"]
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=ask.places.crs)
    return table.astype({"rank": "int64", "gain": "float64"}), after


def gain_by_community(ask: SitingRequest, after: pd.Series) -> pd.DataFrame:
    """People in reach before and after, per community, those that gain most first."""
    first, then = (
        covered_residents(ask.demand, walk, cutoff=ask.limit_min, weight=ask.weight)
        for walk in (ask.before, after)
    )
    table = pd.DataFrame(
        {
            "residents": first["residents"],
            "covered_before": first["covered"],
            "covered_after": then["covered"],
        }
    )
    table["gain"] = table["covered_after"] - table["covered_before"]
    return table.sort_values("gain", ascending=False, kind="stable")
