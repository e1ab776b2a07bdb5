"""A study's journeys: its demand and its facilities on the network, and the times between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.errors import Fault, NetworkError
from lifecircle.network.graph import Network
from lifecircle.network.path_lengths import path_lengths_m
from lifecircle.network.search import UNREACHED, nearest
from lifecircle.network.snapping import Snaps
from lifecircle.tables import Inputs, TravelTimes

__all__ = ["Destinations", "Joined", "destinations", "join", "travel_times"]


@dataclass(frozen=True, eq=False)
class Joined:
    """Demand points and entries of facilities, joined to one network.

    Attributes
    ----------
    demand : one per row of ``inputs.demand``, ids are the demand ids
    entries : one per row of ``inputs.entries``
    """

    demand: Snaps
    entries: Snaps

    def frame(self) -> pd.DataFrame:
        """How every point joined: kind, id, status, snap_distance_m, x, y."""
        parts = {"demand": self.demand, "facility": self.entries}
        return pd.concat(
            [
                snaps.frame().reset_index(names="id").assign(kind=kind, id=lambda table: table["id"].astype(str))
                for kind, snaps in parts.items()
            ],
            ignore_index=True,
        )[["kind", "id", "status", "snap_distance_m", "x", "y"]]


@dataclass(frozen=True, eq=False)
class Destinations:
    """Entries as targets of searches, one row per entry and service.

    Attributes
    ----------
    snaps : one per row
    service : int32 code into `services`
    owner : int32, rank of the facility in `facilities`: the smaller id wins ties
    delay_mm : int64, delay at the entry in millimetres walked
    row : position in ``inputs.entries``
    """

    snaps: Snaps
    service: NDArray[np.int32]
    owner: NDArray[np.int32]
    delay_mm: NDArray[np.int64]
    row: NDArray[np.int64]
    services: tuple[str, ...]
    facilities: NDArray[np.object_]


def join(network: Network, inputs: Inputs, *, max_snap_m: float) -> Joined:
    """Join a study's demand points and facility entries to its streets, each once.

    Raises
    ------
    NetworkError
        If no demand point has a street in reach: the two lie in different places.
    """
    demand = network.snap(inputs.demand.set_index("demand"), max_snap_m=max_snap_m)
    if not demand.reached.any():
        raise NetworkError(
            Fault(
                "no-street-in-reach",
                file=inputs.streets.source,
                values={"max_snap_m": f"{max_snap_m:g}", "count": len(demand)},
            )
        )
    entries = network.snap(inputs.entries.set_index("facility"), max_snap_m=max_snap_m)
    return Joined(demand, entries)


def destinations(network: Network, inputs: Inputs, joined: Joined, services: Sequence[str]) -> Destinations:
    """The entries of every facility open to the public that offers one of the services."""
    offered = inputs.facilities.loc[
        inputs.facilities["public"] & inputs.facilities["service"].isin(list(services)), ["facility", "service"]
    ]
    entries = pd.DataFrame(
        {
            "facility": inputs.entries["facility"].to_numpy(),
            "delay_s": inputs.entries["delay_s"].to_numpy(),
            "row": np.arange(len(inputs.entries)),
        }
    )
    rows = offered.merge(entries, on="facility")
    facilities, owner = np.unique(rows["facility"].to_numpy(dtype=object), return_inverse=True)
    code = {name: number for number, name in enumerate(services)}
    position = rows["row"].to_numpy()
    return Destinations(
        snaps=joined.entries.take(position),
        service=rows["service"].map(code).to_numpy(dtype=np.int32),
        owner=owner.astype(np.int32),
        delay_mm=np.rint(rows["delay_s"].to_numpy() * network.speed_kmh / 3.6e-3).astype(np.int64),
        row=position,
        services=tuple(services),
        facilities=facilities,
    )


def travel_times(
    network: Network, joined: Joined, to: Destinations, *, threads: int | None = None
) -> TravelTimes:
    """Distance and minutes of every demand point to the nearest facility of every service, without cutoff."""
    cost, owner = nearest(
        network,
        joined.demand,
        to.snaps,
        service=to.service,
        owner=to.owner,
        n_services=len(to.services),
        delay_mm=to.delay_mm,
        threads=threads,
    )
    reached = cost != UNREACHED
    index = pd.Index(joined.demand.ids, name="demand")
    ids = np.append(to.facilities, "")
    minutes = np.where(reached, cost * network.minutes_per_cost, np.inf)
    if network.cost_unit == "mm":
        metres = np.where(reached, cost / 1000, np.inf)
    else:
        metres = path_lengths_m(network, joined.demand, to.snaps, to.owner, owner, to.service)
    columns = list(to.services)
    return TravelTimes(
        distance_m=pd.DataFrame(metres, index=index, columns=columns),
        facility=pd.DataFrame(ids[np.where(reached, owner, len(to.facilities))], index=index, columns=columns),
        minutes=pd.DataFrame(minutes, index=index, columns=columns),
        speed_kmh=network.speed_kmh,
    )
