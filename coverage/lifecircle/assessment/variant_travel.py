"""The study's walks under other settings: of fewer people, to other facilities, as the crow flies."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from lifecircle.assessment.context import Context
from lifecircle.tables import Inputs, TravelTimes

__all__ = ["changed_travel", "of_judged_people", "straight_lines", "travel_of_judged_people"]


def changed_travel(ctx: Context, travel: TravelTimes, services: Collection[str]) -> TravelTimes:
    """The walks of a context's people where those to some services are others."""
    before = ctx.travel
    if list(before.minutes.columns) != list(travel.minutes.columns):
        return travel.of_demand(ctx.inputs.demand["demand"])
    # rows of the context's people among all demand points
    rows = travel.minutes.index.get_indexer(before.minutes.index)
    names = [name for name in before.minutes.columns if name in services]
    tables = {}
    for table in ("distance_m", "facility", "minutes"):
        grown = getattr(before, table).copy(deep=False)
        for name in names:
            grown[name] = getattr(travel, table)[name].to_numpy()[rows]
        tables[table] = grown
    if travel.shortest_m is not None:
        tables["shortest_m"] = travel.shortest_m.iloc[rows]
    return dataclasses.replace(travel, **tables)


def of_judged_people(inputs: Inputs) -> Inputs:
    """Inputs with only the demand points of communities that are judged."""
    judged = inputs.communities.loc[inputs.communities["inside"], "code"]
    kept = inputs.demand["community"].isin(judged).to_numpy()
    return dataclasses.replace(inputs, demand=inputs.demand[kept])


def travel_of_judged_people(ctx: Context) -> TravelTimes:
    """The walks of those demand points."""
    return ctx.travel.of_demand(of_judged_people(ctx.inputs).demand["demand"])


def straight_lines(
    inputs: Inputs, travel: TravelTimes, services: Collection[str], *, before: TravelTimes | None = None
) -> TravelTimes:
    """Straight-line distances in place of walks, as a circle drawn round each facility has them.

    Parameters
    ----------
    inputs
        Entries of facilities and demand points, in metres.
    travel
        The walks: their services and speed are kept.
    services
        To measure; the others are as in `before`.
    """
    homes = shapely.get_coordinates(inputs.demand.geometry.to_numpy())
    table = inputs.facilities
    distance = {} if before is None else dict(before.distance_m.items())
    for service in travel.minutes.columns:
        if service in distance and service not in services:
            continue
        open_ones = table.loc[(table["service"] == service) & table["public"], "facility"]
        # entries where they are known, else a point inside the facility
        doors = inputs.entries.loc[inputs.entries["facility"].isin(open_ones)].geometry
        places = doors if len(doors) else table.loc[open_ones.index].geometry.representative_point()
        metres = np.full(len(homes), np.inf)
        if len(places) and len(homes):
            metres = KDTree(shapely.get_coordinates(places.to_numpy())).query(homes)[0]
        distance[service] = pd.Series(metres, index=travel.minutes.index)
    metres_of = pd.DataFrame(
        {name: distance[name] for name in travel.minutes.columns}, index=travel.minutes.index
    )
    # minutes = metres x 60 / (1000 x km/h)
    minutes = metres_of * (60.0 / (1000.0 * travel.speed_kmh))
    return dataclasses.replace(travel, distance_m=metres_of, minutes=minutes, shortest_m=None, at_speeds={})
