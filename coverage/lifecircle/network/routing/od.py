"""A study's OD points: its demand and its facilities on the network, and the times between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.errors import Fault, NetworkError
from lifecircle.network.graph import Network
from lifecircle.network.lengths import joined_to, length_network
from lifecircle.network.routing.destinations import Destinations, snap_destinations
from lifecircle.network.routing.nearest import UNREACHED, nearest
from lifecircle.network.routing.paths import chosen_lengths
from lifecircle.network.snapping import Snaps
from lifecircle.network.speed import to_minutes
from lifecircle.tables import Inputs, TravelTimes

__all__ = ["ODPoints", "od_points", "resnap_destinations", "travel_times", "update_travel_times"]


@dataclass(frozen=True, eq=False)
class ODPoints:
    """Where a study's walks start and end on one network.

    Attributes
    ----------
    demand : one per row of ``inputs.demand``, ids are the demand ids
    destinations : entries of the facilities open to the public, one row per entry and service
    places : the entries themselves, parallel to the rows of `destinations`
    services : every service asked about, also those that nobody offers

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> od = session.baseline.od
    >>> sorted(set(od.facility)), od.frame()["status"].unique().tolist()
    (['facilities:A', 'facilities:B', 'facilities:C', 'facilities:D'], ['ok'])
    """

    demand: Snaps
    destinations: Destinations
    places: gpd.GeoSeries
    services: tuple[str, ...]

    @property
    def service(self) -> NDArray[np.object_]:
        """Service of each row of the destinations."""
        return self.destinations.services.to_numpy(dtype=object)[self.destinations.service]

    @property
    def facility(self) -> NDArray[np.object_]:
        """Facility of each row of the destinations."""
        return self.destinations.facilities.to_numpy(dtype=object)[self.destinations.owner]

    def frame(self) -> pd.DataFrame:
        """How every point joined the streets: kind, id, status, snap_distance_m; x, y of the point itself."""
        demand = self.demand.frame().assign(
            kind="demand", id=self.demand.ids.astype(str), x=self.demand.from_x, y=self.demand.from_y
        )
        snaps = self.destinations.snaps
        entries = snaps.frame().assign(
            kind="facility", id=self.facility.astype(str), x=snaps.from_x, y=snaps.from_y
        )
        columns = ["kind", "id", "status", "snap_distance_m", "x", "y"]
        return pd.concat([demand, entries.drop_duplicates(["id", "x", "y"])], ignore_index=True)[columns]


def od_points(network: Network, inputs: Inputs, services: Sequence[str], *, max_snap_m: float) -> ODPoints:
    """Join a study's demand points, and the entries of whoever offers the services, to its streets.

    Parameters
    ----------
    network, inputs
        The streets and the study's inputs.
    services
        Services asked about, also those that nobody offers.
    max_snap_m
        Farthest walk to a street, metres.

    Raises
    ------
    NetworkError
        If no demand point has a street in reach: the two lie in different places.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> inputs, network = session.prepared.inputs, session.baseline.network
    >>> od = od_points(network, inputs, ["pharmacy"], max_snap_m=300)
    >>> od.facility.tolist(), len(od.demand) == len(inputs.demand)
    (['facilities:A', 'facilities:C'], True)
    """
    demand = network.snap(inputs.demand.set_index("demand"), max_snap_m=max_snap_m, anywhere=True)
    if not demand.reached.any():
        values = {"max_snap_m": f"{max_snap_m:g}", "count": len(demand)}
        raise NetworkError(Fault("no-street-in-reach", file=inputs.streets.source, values=values))
    places = _places(inputs.facilities, inputs.entries, services)
    return ODPoints(
        demand=demand,
        destinations=snap_destinations(network, network.snap(places, max_snap_m=max_snap_m, anywhere=True)),
        places=places.geometry,
        services=tuple(services),
    )


def resnap_destinations(network: Network, before: ODPoints, inputs: Inputs, *, max_snap_m: float) -> ODPoints:
    """The OD points of the same people on the same network with other facilities.

    Equal to `od_points`; only entries that were not there before are joined to the streets.

    Parameters
    ----------
    network
        The streets.
    before
        Where the study's points joined them before.
    inputs
        The inputs with the other facilities.
    max_snap_m
        Farthest walk to a street, metres.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> network, now = session.baseline.network, session.baseline
    >>> more = session.assess(lc.Scenario(add=[("pharmacy", (110.015, 0.005))])).inputs
    >>> od = resnap_destinations(network, now.od, more, max_snap_m=300)
    >>> len(od.facility) - len(now.od.facility)
    1
    """
    places = _places(inputs.facilities, inputs.entries, before.services)
    # stage 1: entries that were there at the very same place keep their joins
    old = pd.MultiIndex.from_arrays(
        [before.facility, before.service, before.destinations.snaps.labels["entry"]]
    )
    at = old.get_indexer(pd.MultiIndex.from_frame(places[["facility", "service", "entry"]]))
    stays = at >= 0
    same = before.places.to_numpy()[at[stays]]
    stays[stays] = shapely.equals_identical(places.geometry.to_numpy()[stays], same)
    # stage 2: the others are joined, and all put in the order of the inputs
    kept = before.destinations.snaps.take(at[stays])
    fresh = network.snap(places[~stays], max_snap_m=max_snap_m, anywhere=True)
    back = np.argsort(np.concatenate([np.flatnonzero(stays), np.flatnonzero(~stays)]), kind="stable")
    snaps = kept.followed_by(fresh).take(back).renamed(places)
    return ODPoints(before.demand, snap_destinations(network, snaps), places.geometry, before.services)


def _places(
    facilities: gpd.GeoDataFrame, entries: gpd.GeoDataFrame, services: Sequence[str]
) -> gpd.GeoDataFrame:
    """Entries of the facilities open to the public that offer any of the services."""
    table = pd.DataFrame(facilities)
    open_to_all = table["public"].astype(bool) & table["service"].isin(list(services))
    rows = table[["facility", "service"]][open_to_all].merge(pd.DataFrame(entries), on="facility")
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=entries.crs)


def travel_times(
    network: Network,
    od: ODPoints,
    *,
    proven_min: NDArray[np.float64] | None = None,
    in_metres: Collection[str] = (),
    speeds_kmh: Collection[float] = (),
    threads: int | None = None,
) -> TravelTimes:
    """Distance and minutes of every demand point to the nearest facility of every service, no cutoff.

    Services that nobody offers are reached by nobody.

    Parameters
    ----------
    network, od
        The streets, and who and what joined them.
    proven_min
        One per demand point: minutes of `GroundRead.proven_metres`.
    in_metres
        Services that a rule limits in metres: of those the distance to the facility nearest in metres is
        found, too, which differs where slopes, speeds or delays do.
    speeds_kmh
        Further speeds that minutes will be asked at: routed for where time is lost at an entrance.
    threads
        Number of threads; the machine's if None.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> network, od = session.baseline.network, session.baseline.od
    >>> float(travel_times(network, od).minutes["pharmacy"].min().round(1))
    0.8
    """
    destinations = od.destinations
    cost, owner = _nearest(network, od.demand, destinations, threads)
    # where cost is millimetres walked it is the length; where it holds time the path chosen is measured
    reached = cost != UNREACHED
    if network.cost_unit == "mm" and not destinations.delay_mm.any():
        metres = np.where(reached, cost / 1000, np.inf)
    else:
        metres = chosen_lengths(network, od.demand, destinations, cost, owner)
    minutes = np.where(reached, cost * network.minutes_per_cost, np.inf)
    ids = np.append(destinations.facilities.to_numpy(dtype=object), "")
    facility = ids[np.where(reached, owner, len(destinations.facilities))]
    index = pd.Index(od.demand.ids, name="demand")

    def table(values: NDArray[np.generic], unreached: object) -> pd.DataFrame:
        """One column per service asked about."""
        # services that nobody offers are columns that nobody reaches
        wide = pd.DataFrame(values, index=index, columns=destinations.services.astype(object))
        return wide.reindex(columns=list(od.services), fill_value=unreached)

    at_speeds = {}
    for speed in speeds_kmh if destinations.delay_mm.any() else ():
        least, _ = _nearest(network, od.demand, destinations.at_speed(network, speed), threads)
        at_speeds[speed] = table(to_minutes(network, least, speed_kmh=speed), np.inf)
    distance_m = table(metres, np.inf)
    limited = [name for name in od.services if name in in_metres]
    shortest_m = distance_m[limited]
    if limited and (network.cost_unit == "ms" or destinations.delay_mm.any()):
        least_mm = _least_mm(network, od, limited, threads=threads)
        least_m = np.where(least_mm != UNREACHED, least_mm / 1000, np.inf)
        shortest_m = table(least_m, np.inf)[limited]
    return TravelTimes(
        distance_m=distance_m,
        facility=table(facility, ""),
        minutes=table(minutes, np.inf),
        speed_kmh=network.speed_kmh,
        one_speed=network.cost_unit == "mm",
        proven_min=None if proven_min is None else pd.Series(proven_min, index=index),
        shortest_m=shortest_m if limited else None,
        at_speeds=at_speeds,
    )


def _nearest(
    network: Network, demand: Snaps, destinations: Destinations, threads: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """`nearest` of the facilities of every service."""
    return nearest(
        network,
        demand,
        destinations.snaps,
        service=destinations.service,
        owner=destinations.owner,
        n_services=len(destinations.services),
        delay_mm=destinations.delay_mm,
        threads=threads,
    )


def _least_mm(
    network: Network, od: ODPoints, services: Collection[str], *, threads: int | None
) -> NDArray[np.int64]:
    """Millimetres to the nearest facility of every service that is offered, of `services` alone.

    Whatever the way costs, and however long people wait at the entrance.
    """
    # the same joins on the same streets, with lengths for costs
    lengths, destinations = length_network(network), od.destinations
    rows = np.flatnonzero(destinations.services.isin(list(services))[destinations.service])
    least_mm, _ = nearest(
        lengths,
        joined_to(lengths, od.demand),
        joined_to(lengths, destinations.snaps.take(rows)),
        service=destinations.service[rows],
        owner=destinations.owner[rows],
        n_services=len(destinations.services),
        want_owner=False,
        threads=threads,
    )
    return least_mm


def update_travel_times(
    network: Network,
    before: TravelTimes,
    od: ODPoints,
    services: Collection[str],
    *,
    gone: Collection[str],
    facilities: gpd.GeoDataFrame,
    entries: gpd.GeoDataFrame,
    speeds_kmh: Collection[float] = (),
    threads: int | None = None,
) -> TravelTimes:
    """`travel_times` of the same people on the same network with some facilities gone and others new.

    Parameters
    ----------
    network
        The streets.
    before, od
        Travel times before, and the points they were between.
    services
        Services whose facilities are others.
    gone
        Ids of facilities that are no longer there, or elsewhere.
    facilities, entries
        Those that are new or elsewhere (``facility``, ``service``, ``public``), and their entries.
    speeds_kmh
        As of `travel_times`.
    threads
        Number of threads, the machine's if None; the result does not depend on it.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> now, none = session.baseline, session.baseline.inputs
    >>> none = none.facilities.iloc[:0], none.entries.iloc[:0]
    >>> fewer = update_travel_times(
    ...     now.network, now.travel, now.od, ["pharmacy"],
    ...     gone=["facilities:A"], facilities=none[0], entries=none[1],
    ... )
    >>> bool((fewer.minutes["pharmacy"] > now.travel.minutes["pharmacy"]).any())
    True
    """
    # services are independent: only those that change are routed
    asked = tuple(str(name) for name in before.minutes.columns if name in services)
    if not asked:
        return before
    # entries that stay keep their joins
    held, labels = od.destinations.snaps, od.destinations.snaps.labels
    kept = labels["service"].isin(asked) & ~labels["facility"].isin(list(gone))
    snaps, places = held.take(kept.to_numpy(bool)), od.places[kept.to_numpy(bool)]
    new = _places(facilities, entries, asked)
    if len(new):
        snaps = snaps.followed_by(network.snap(new, max_snap_m=held.max_snap_m, anywhere=True))
        places = pd.concat([places, new.geometry])
    limited = () if before.shortest_m is None else [str(name) for name in before.shortest_m.columns]
    fresh = travel_times(
        network,
        ODPoints(od.demand, snap_destinations(network, snaps), places, asked),
        in_metres=limited,
        speeds_kmh=speeds_kmh,
        threads=threads,
    )

    def merged(table: pd.DataFrame, columns: pd.DataFrame | None) -> pd.DataFrame:
        """A table with its columns taken from either."""
        updated = table.copy(deep=False)
        for service, column in () if columns is None else columns.items():
            updated[service] = column
        return updated

    def updated_table(name: str) -> pd.DataFrame:
        """A table of the walks before, brought up to date."""
        return merged(getattr(before, name), getattr(fresh, name))

    return TravelTimes(
        distance_m=updated_table("distance_m"),
        facility=updated_table("facility"),
        minutes=updated_table("minutes"),
        speed_kmh=network.speed_kmh,
        one_speed=before.one_speed,
        proven_min=before.proven_min,
        profiles=before.profiles,
        shortest_m=None if before.shortest_m is None else updated_table("shortest_m"),
        at_speeds={
            speed: merged(before.minutes_at(speed), fresh.minutes_at(speed))
            for speed in sorted({*before.at_speeds, *fresh.at_speeds})
        },
    )
