"""Facilities as the searches take them: codes of services, ranks of facilities, delays."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, Faults, InputError, require_type
from lifecircle.network.graph import Network
from lifecircle.network.snapping import NO_GEOMETRY, Snaps
from lifecircle.tables import flat_ids

__all__ = ["ANY_SERVICE", "Destinations", "snap_destinations", "snapped"]

Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Snaps

_MS_PER_S: Final = 1000
ANY_SERVICE: Final = "any"
"""Service of facilities whose table names none."""


def snapped(network: Network, points: Points) -> Snaps:
    """Points joined to the network, unless they are already."""
    require_type(network, Network, field="streets", wanted="network")
    if isinstance(points, Snaps):
        return points
    require("points", points=points)
    return network.snap(points)


@dataclass(frozen=True, eq=False)
class Destinations:
    """Facilities joined to the network, one row per entrance and service.

    Attributes
    ----------
    snaps : the entrances
    service, services : int64 code per row; names, sorted
    owner, facilities : int64 rank per row; ids, in order: of equal distances the smaller rank wins
    delay_mm : int64, delay per row as millimetres walked at the speed asked for, the network's own at first
    """

    snaps: Snaps
    service: NDArray[np.int64]
    services: pd.Index
    owner: NDArray[np.int64]
    facilities: pd.Index
    delay_mm: NDArray[np.int64]

    def at_speed(self, network: Network, speed_kmh: float | None) -> Destinations:
        """The same for walks at another speed than the network's: nobody waits longer for walking slowly."""
        if speed_kmh in {None, network.speed_kmh} or not self.delay_mm.any():
            return self
        delay_mm = np.rint(self.delay_mm * (float(speed_kmh or 0) / network.speed_kmh)).astype(np.int64)
        return dataclasses.replace(self, delay_mm=delay_mm)

    def __repr__(self) -> str:
        """One line: how many facilities, entrances and services."""
        entrances = f"entrances={len(self.service)} services={len(self.services)}"
        return f"<{type(self).__name__} facilities={len(self.facilities)} {entrances}>"


def snap_destinations(network: Network, facilities: Points) -> Destinations:
    """Facilities from a table or from what snapping it gave.

    The table may have a column ``service`` (without one all rows offer the same, called `ANY_SERVICE`),
    ``facility`` (id: rows that share one are entrances of one facility; else `lifecircle.tables.ids_of` says
    the id) and ``delay_s`` (time lost at an entrance).

    Raises
    ------
    InputError
        A column that is nearly called ``service``, facilities without a place, a delay that is negative or no
        number.
    """
    snaps = snapped(network, facilities)
    known: WeakKeyDictionary[Snaps, Callable[[Snaps], Destinations]] = network.cache.get(
        "destinations", WeakKeyDictionary
    )
    # what a table of labels comes to is found once; the points themselves are not held
    if snaps not in known:
        made = _destinations(network, facilities, snaps)
        columns = made.service, made.services, made.owner, made.facilities, made.delay_mm
        known[snaps] = lambda points: Destinations(points, *columns)
        return made
    return known[snaps](snaps)


def _destinations(network: Network, facilities: Points, snaps: Snaps) -> Destinations:
    """`snap_destinations` of points that joined the network."""
    labels, faults = snaps.labels, Faults()
    if "service" not in labels:
        columns = [str(name) for name in getattr(facilities, "columns", labels.columns)]
        if difflib.get_close_matches("service", [name.lower() for name in columns], n=1, cutoff=0.75):
            faults.add(Fault("travel-no-service", field="service", values={"found": ", ".join(columns)}))
        labels = labels.assign(service=ANY_SERVICE)
    nowhere = np.flatnonzero(snaps.status == NO_GEOMETRY)
    if len(nowhere):
        row = str(snaps.ids[nowhere[0]])
        faults.add(Fault("travel-no-geometry", row=row, values={"count": len(nowhere)}))
    delay = labels["delay_s"].to_numpy(float) if "delay_s" in labels else np.zeros(len(snaps))
    wrong = np.flatnonzero(~(np.isfinite(delay) & (delay >= 0)))
    if len(wrong):
        row = str(snaps.ids[wrong[0]])
        faults.add(Fault("travel-delay", row=row, field="delay_s", values={"found": delay[wrong[0]]}))
    faults.raise_if_any(InputError)
    # codes in the order of names, ranks in the order of ids: ties go to the smaller id
    service, services = pd.factorize(labels["service"].astype(str), sort=True)
    ids = pd.Index(labels["facility"]) if "facility" in labels else flat_ids(snaps.ids)
    owner, known = pd.factorize(ids if pd.api.types.is_numeric_dtype(ids) else ids.astype(str), sort=True)
    # km/h / 3.6 is m/s, or mm per ms: a delay is what would have been walked in it
    mm_per_ms = network.speed_kmh / 3.6
    return Destinations(
        snaps,
        service.astype(np.int64),
        pd.Index(services, name="service"),
        owner.astype(np.int64),
        pd.Index(known),
        np.rint(delay * _MS_PER_S * mm_per_ms).astype(np.int64),
    )
