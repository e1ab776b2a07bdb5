"""What new sites change: who is newly in reach, ranked by site and by community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.measures import at_most, covered_residents

__all__ = ["gain_by_community", "ranked"]


def ranked(  # noqa: PLR0917
    service: str,
    chosen: pd.Index,
    reach: pd.DataFrame,
    demand: gpd.GeoDataFrame,
    before: pd.Series,
    places: gpd.GeoSeries,
    limit_min: float,
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Sites in the order in which each brings most further people into reach, and the minutes then.

    Returns
    -------
    GeoDataFrame, Series
        ``proposal, service, rank, gain, geometry``, the gains adding up to everybody newly in reach; and
        minutes to the nearest of old and new, indexed like `demand`.
    """
    after = before.copy()
    own = dict(iter(reach[reach["site"].isin(chosen)].groupby("site", sort=False)))
    people = demand["residents"]
    rows: list[dict[str, object]] = []
    waiting = list(chosen)

    def newly(site: object) -> float:
        """People a site brings into reach who are not yet."""
        table = own.get(site)
        if table is None:
            return 0.0
        near = table["demand"][at_most(table["cost"], limit_min)]
        return float(people[near][~at_most(after[near], limit_min)].sum())

    while waiting:
        gains = [newly(site) for site in waiting]
        best = int(np.argmax(gains))
        site = waiting.pop(best)
        rows.append({"proposal": str(site), "service": service, "rank": len(rows) + 1, "gain": gains[best]})
        if site in own:
            minutes = own[site].set_index("demand")["cost"]
            after[minutes.index] = np.minimum(after[minutes.index], minutes)
        rows[-1]["geometry"] = places[site]
    columns = ["proposal", "service", "rank", "gain", "geometry"]
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=places.crs)
    return table.astype({"rank": "int64", "gain": "float64"}), after


def gain_by_community(
    demand: gpd.GeoDataFrame, before: pd.Series, after: pd.Series, limit_min: float
) -> pd.DataFrame:
    """People in reach before and after, per community, those that gain most first."""
    first = covered_residents(demand, before, cutoff=limit_min)
    then = covered_residents(demand, after, cutoff=limit_min)
    table = pd.DataFrame(
        {
            "residents": first["residents"],
            "covered_before": first["covered"],
            "covered_after": then["covered"],
        }
    )
    table["gain"] = table["covered_after"] - table["covered_before"]
    return table.sort_values("gain", ascending=False, kind="stable")
