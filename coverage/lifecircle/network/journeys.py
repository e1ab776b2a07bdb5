"""A study's journeys: its demand and its facilities on the network, and the times between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, NetworkError
from lifecircle.network.facilities import Offer, offer_of
from lifecircle.network.graph import Network
from lifecircle.network.paths import chosen_lengths
from lifecircle.network.search import UNREACHED, nearest
from lifecircle.network.snapping import Snaps
from lifecircle.tables import Inputs, TravelTimes

__all__ = ["Journeys", "journeys", "journeys_again", "travel_again", "travel_times"]


@dataclass(frozen=True, eq=False)
class Journeys:
    """Where a study's walks start and end on one network.

    Attributes
    ----------
    demand : one per row of ``inputs.demand``, ids are the demand ids
    offer : entries of the facilities open to the public, one row per entry and service
    places : the entries themselves, parallel to the rows of `offer`
    services : every service asked about, also those that nobody offers
    """

    demand: Snaps
    offer: Offer
    places: gpd.GeoSeries
    services: tuple[str, ...]

    @property
    def service(self) -> NDArray[np.object_]:
        """Service of each row of the offer."""
        return self.offer.services.to_numpy(dtype=object)[self.offer.service]

    @property
    def facility(self) -> NDArray[np.object_]:
        """Facility of each row of the offer."""
        return self.offer.facilities.to_numpy(dtype=object)[self.offer.owner]

    def frame(self) -> pd.DataFrame:
        """How every point joined the streets: kind, id, status, snap_distance_m, x, y."""
        demand = self.demand.frame().assign(kind="demand", id=self.demand.ids.astype(str))
        entries = self.offer.snaps.frame().assign(kind="facility", id=self.facility.astype(str))
        columns = ["kind", "id", "status", "snap_distance_m", "x", "y"]
        return pd.concat([demand, entries.drop_duplicates(["id", "x", "y"])], ignore_index=True)[columns]


def journeys(network: Network, inputs: Inputs, services: Sequence[str], *, max_snap_m: float) -> Journeys:
    """Join a study's demand points, and the entries of whoever offers the services, to its streets.

    Raises
    ------
    NetworkError
        If no demand point has a street in reach: the two lie in different places.
    """
    demand = network.snap(inputs.demand.set_index("demand"), max_snap_m=max_snap_m)
    if not demand.reached.any():
        values = {"max_snap_m": f"{max_snap_m:g}", "count": len(demand)}
        raise NetworkError(Fault("no-street-in-reach", file=inputs.streets.source, values=values))
    places = _places(inputs, services)
    return Journeys(
        demand=demand,
        offer=offer_of(network, network.snap(places, max_snap_m=max_snap_m)),
        places=places.geometry,
        services=tuple(services),
    )


def journeys_again(network: Network, before: Journeys, inputs: Inputs, *, max_snap_m: float) -> Journeys:
    """The journeys of the same people on the same network to other facilities.

    Equal to `journeys`; only entries that were not there before are joined to the streets.
    """
    places = _places(inputs, before.services)
    old = pd.MultiIndex.from_arrays([before.facility, before.service, before.offer.snaps.labels["entry"]])
    at = old.get_indexer(pd.MultiIndex.from_frame(places[["facility", "service", "entry"]]))
    stays = at >= 0
    same = before.places.to_numpy()[at[stays]]
    stays[stays] = shapely.equals_identical(places.geometry.to_numpy()[stays], same)
    kept = before.offer.snaps.take(at[stays])
    fresh = network.snap(places[~stays], max_snap_m=max_snap_m)
    back = np.argsort(np.concatenate([np.flatnonzero(stays), np.flatnonzero(~stays)]), kind="stable")
    snaps = kept.followed_by(fresh).take(back).renamed(places)
    return Journeys(before.demand, offer_of(network, snaps), places.geometry, before.services)


def _places(inputs: Inputs, services: Sequence[str]) -> gpd.GeoDataFrame:
    """Entries of the facilities open to the public that offer any of the services."""
    facilities, entries = pd.DataFrame(inputs.facilities), pd.DataFrame(inputs.entries)
    open_to_all = facilities["public"] & facilities["service"].isin(list(services))
    rows = facilities[["facility", "service"]][open_to_all].merge(entries, on="facility")
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=inputs.crs)


def travel_times(network: Network, walks: Journeys, *, threads: int | None = None) -> TravelTimes:
    """Distance and minutes of every demand point to the nearest facility of every service, no cutoff.

    Services that nobody offers are reached by nobody.
    """
    offer = walks.offer
    cost, owner = nearest(
        network,
        walks.demand,
        offer.snaps,
        service=offer.service,
        owner=offer.owner,
        n_services=len(offer.services),
        delay_mm=offer.delay_mm,
        threads=threads,
    )
    reached = cost != UNREACHED
    if network.cost_unit == "mm":
        metres = np.where(reached, cost / 1000, np.inf)
    else:
        metres = chosen_lengths(network, walks.demand, offer, cost, owner)
    minutes = np.where(reached, cost * network.minutes_per_cost, np.inf)
    ids = np.append(offer.facilities.to_numpy(dtype=object), "")
    facility = ids[np.where(reached, owner, len(offer.facilities))]
    index = pd.Index(walks.demand.ids, name="demand")

    def table(values: NDArray[np.generic], unreached: object) -> pd.DataFrame:
        """One column per service asked about."""
        found = pd.DataFrame(values, index=index, columns=offer.services.astype(object))
        return found.reindex(columns=list(walks.services), fill_value=unreached)

    return TravelTimes(
        distance_m=table(metres, np.inf),
        facility=table(facility, ""),
        minutes=table(minutes, np.inf),
        speed_kmh=network.speed_kmh,
    )


def travel_again(
    network: Network,
    before: TravelTimes,
    demand: Snaps,
    inputs: Inputs,
    services: Collection[str],
    *,
    max_snap_m: float,
    threads: int | None = None,
) -> TravelTimes:
    """`travel_times` of the same people on the same network, only these services being other than before."""
    asked = tuple(str(name) for name in before.minutes.columns if name in services)
    if not asked:
        return before
    places = _places(inputs, asked)
    offer = offer_of(network, network.snap(places, max_snap_m=max_snap_m))
    fresh = travel_times(network, Journeys(demand, offer, places.geometry, asked), threads=threads)

    def together(name: str) -> pd.DataFrame:
        """A table with its columns taken from either."""
        found: pd.DataFrame = getattr(before, name).copy(deep=False)
        for service, column in getattr(fresh, name).items():
            found[service] = column
        return found

    return TravelTimes(
        distance_m=together("distance_m"),
        facility=together("facility"),
        minutes=together("minutes"),
        speed_kmh=network.speed_kmh,
    )
