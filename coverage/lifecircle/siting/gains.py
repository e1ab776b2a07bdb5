"""What new sites change: people newly in reach, by site in order of rank and by community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.measures import at_most, covered_residents
from lifecircle.siting.next_sites import next_sites
from lifecircle.siting.reach import walks_within
from lifecircle.siting.request import SitingRequest

__all__ = ["gain_by_community", "rank_sites"]


def rank_sites(request: SitingRequest, chosen: pd.Index) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Sites in the order in which each brings most further people into reach, and the minutes then.

    Returns
    -------
    GeoDataFrame, Series
        ``proposal, service, rank, gain, geometry``, the gains adding up to everybody newly in reach (NaN
        where nobody knows how many people there are); and minutes to the nearest of old and new within the
        limit, indexed like the demand.
    """
    places = request.places[chosen]
    at = request.places.index.get_indexer(chosen)
    row, site, minutes = walks_within(request, request.targets.take(at), request.limit_min)
    near = at_most(minutes, request.limit_min)
    row, site, minutes = row[near], site[near], minutes[near]
    # Rank by people who are not in reach yet; sites that bring nobody come last, in their order.
    far = ~at_most(request.before, request.limit_min)
    people = np.where(far, request.people.to_numpy(dtype=np.float64), 0.0)
    ranked = next_sites(row, site, people, sites=len(places), most=len(places))
    order = np.concatenate([ranked.sites, np.setdiff1d(np.arange(len(places)), ranked.sites)])
    gains = np.zeros(len(places))
    gains[: len(ranked.gains)] = ranked.gains
    table = gpd.GeoDataFrame(
        {
            "proposal": [str(one) for one in places.index[order]],
            "service": np.full(len(places), request.service, dtype=object),
            "rank": np.arange(1, len(places) + 1, dtype=np.int64),
            "gain": gains if request.counts_people else np.nan,
        },
        geometry=places.to_numpy()[order],
        crs=places.crs,
    )
    after = request.before.to_numpy(dtype=np.float64, copy=True)
    np.minimum.at(after, row, minutes)
    return table, pd.Series(after, index=request.before.index)


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
    table = table if request.counts_people else table * np.nan
    return table.sort_values("gain", ascending=False, kind="stable")
