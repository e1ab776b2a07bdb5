"""Travel times between points on a map, as tables: the package's public way to ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.arguments import require
from lifecircle.errors import Fault, InputError, require_type
from lifecircle.network.graph import Network
from lifecircle.network.keys import UNREACHED
from lifecircle.network.routing.destinations import Destinations, Points, snap_destinations, snapped
from lifecircle.network.routing.matrix_file import write_blocks
from lifecircle.network.routing.nearest import nearest
from lifecircle.network.routing.paths import chosen_lengths, pair_lengths
from lifecircle.network.routing.reasons import snap_counts, unreached_reasons, warn_of_islands
from lifecircle.network.routing.within import pairs
from lifecircle.network.snapping import Snaps
from lifecircle.network.speed import cost_limit, require_travel, to_minutes
from lifecircle.tables import TRAVEL, concat_nonempty

__all__ = ["nearest_facilities", "nearest_times", "travel_matrix"]

_BLOCK_ORIGINS: Final = 4096


def nearest_times(
    streets: Network,
    origins: Points,
    facilities: Points,
    max_minutes: float | None = 15,
    speed_kmh: float | None = None,
    *,
    threads: int | None = None,
) -> pd.DataFrame:
    """Minutes from every origin to the nearest facility of every service.

    Parameters
    ----------
    streets
        The network.
    origins
        Points in any CRS, or what `Network.snap` made of them.
    facilities
        Points with a column ``service``, and perhaps ``facility`` and ``delay_s`` (`snap_destinations`).
    max_minutes
        Limit, inclusive; None for none.
    speed_kmh
        Speed on the flat; the network's own if None.
    threads
        Number of threads; the machine's if None.

    Returns
    -------
    DataFrame
        Indexed like `origins`, one column per service, sorted: minutes, ``inf`` where none is reached. Its
        ``attrs`` hold counts, as those of `nearest_facilities`.

    Raises
    ------
    InputError
        Minutes or speed not above 0, no column ``service``, facilities without a place.
    NetworkError
        Points without a CRS or far from all streets.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> homes = grid_places({"a": (0.0, 0.0), "b": (100.0, 50.0)})
    >>> clinics = grid_places({"c": (200.0, 0.0)}, service="clinic")
    >>> nearest_times(grid_network(), homes, clinics, max_minutes=3)["clinic"].to_dict()
    {'a': 3.0, 'b': 2.25}
    """
    require_travel(streets, max_minutes, speed_kmh)
    here, destinations = _both_sides(streets, origins, facilities, speed_kmh)
    cost, _ = _nearest(streets, here, destinations, max_minutes, speed_kmh, want_owner=False, threads=threads)
    minutes = to_minutes(streets, cost, speed_kmh=speed_kmh, overwrite=True)
    table = pd.DataFrame(minutes, index=here.labels.index, columns=destinations.services, copy=False)
    table.attrs = _counts(streets, here, destinations)
    return table


def nearest_facilities(
    streets: Network,
    origins: Points,
    facilities: Points,
    max_minutes: float | None = 15,
    speed_kmh: float | None = None,
    *,
    threads: int | None = None,
) -> pd.DataFrame:
    """The nearest facility of every service to every origin; of equal ones the smaller id.

    Parameters
    ----------
    streets, origins, facilities, max_minutes, speed_kmh, threads
        As in `nearest_times`.

    Returns
    -------
    DataFrame
        One row per origin and service, in that order: ``origin``, ``facility`` (None where none is
        reached), ``service``, ``distance_m`` along the path chosen and ``minutes`` (``inf`` there), and
        ``reason``: why none is reached, ``""`` elsewhere (`lifecircle.network.routing.reasons`). Points go by
        their ids: the index where it is named or not of numbers, else the column ``id``. Its ``attrs`` hold
        counts: ``streets`` (what the reader of the streets left out, closed or joined), ``origins`` and
        ``facilities`` (how they joined the streets, by `SNAP_STATUS`).

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> homes = grid_places({"a": (0.0, 0.0), "b": (100.0, 50.0)})
    >>> clinics = grid_places({"c": (200.0, 0.0)}, service="clinic")
    >>> found = nearest_facilities(grid_network(), homes, clinics, max_minutes=2.5)
    >>> found[["reason", "facility", "distance_m", "minutes"]]
             reason facility  distance_m  minutes
    0  beyond-limit     None         inf      inf
    1                      c       150.0     2.25
    """
    require_travel(streets, max_minutes, speed_kmh)
    here, destinations = _both_sides(streets, origins, facilities, speed_kmh)
    cost, owner = _nearest(
        streets, here, destinations, max_minutes, speed_kmh, want_owner=True, threads=threads
    )
    # the table is long: what takes most room to make comes first, what it does not need goes
    service = destinations.services.take(np.tile(np.arange(len(destinations.services)), len(here)))
    facility = np.array([*destinations.facilities, None], dtype=object)[owner.ravel()]
    if streets.cost_unit == "mm" and not destinations.delay_mm.any():
        metres = cost / 1000
        metres[cost == UNREACHED] = np.inf
    else:
        metres = chosen_lengths(streets, here, destinations, cost, owner)
    reason = unreached_reasons(here, destinations, owner >= 0, limited=max_minutes is not None)
    del owner
    columns = {
        "origin": np.repeat(here.ids.to_numpy(), len(destinations.services)),
        "facility": pd.Series(facility, dtype=object, copy=False),
        "service": service,
        "distance_m": metres.ravel(),
        "minutes": to_minutes(streets, cost, speed_kmh=speed_kmh, overwrite=True).ravel(),
        "reason": pd.Series(reason.ravel(), dtype=object, copy=False),
    }
    table = TRAVEL.check(pd.DataFrame(columns, copy=False))
    table.attrs = _counts(streets, here, destinations)
    return table


def travel_matrix(
    streets: Network,
    origins: Points,
    facilities: Points,
    max_minutes: float = 15,
    speed_kmh: float | None = None,
    *,
    keep_unreached: bool = False,
    output: Path | str | None = None,
    max_rows: int = 20_000_000,
    threads: int | None = None,
) -> pd.DataFrame | Path:
    """Every facility within the limit of every origin.

    Parameters
    ----------
    streets, origins, facilities, max_minutes, speed_kmh, threads
        As in `nearest_times`; a limit is needed.
    keep_unreached
        An origin that reaches no facility of a service has a row of that service all the same: facility
        None, distance and minutes ``inf``. Else it has none.
    output
        Parquet file to stream the table to, however long it is; written beside and moved there at the
        end. None returns the table.
    max_rows
        Longest table to hold in memory.

    Returns
    -------
    DataFrame or Path
        ``origin``, ``facility``, ``service``, ``distance_m``, ``minutes``: by origin in the order given, then
        service and facility, with ids and ``attrs`` as of `nearest_facilities`; the path of the file if it
        was streamed.

    Raises
    ------
    InputError
        As in `nearest_times`; more than `max_rows` pairs and no `output`.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> homes = grid_places({"a": (0.0, 0.0)})
    >>> clinics = grid_places({"c": (200.0, 0.0), "d": (0.0, 100.0)}, service="clinic")
    >>> travel_matrix(grid_network(), homes, clinics, max_minutes=5)
      origin facility service  distance_m  minutes
    0      a        c  clinic       200.0      3.0
    1      a        d  clinic       100.0      1.5
    """
    require_travel(streets, max_minutes, speed_kmh)
    require_type(max_minutes, (int, float, np.number), field="max_minutes", wanted="number")
    require("count", max_rows=max_rows)
    require("path", optional=True, output=output)
    require("flag", keep_unreached=keep_unreached)
    limit = cost_limit(streets, max_minutes, speed_kmh=speed_kmh)
    here, destinations = _both_sides(streets, origins, facilities, speed_kmh)
    blocks = _matrix_blocks(
        streets, here, destinations, limit, speed_kmh=speed_kmh, every=keep_unreached, threads=threads
    )
    if output is not None:
        ids = {"origin": here.ids, "facility": destinations.facilities}
        return write_blocks(blocks, Path(output), ids)
    held, rows = [], 0
    for block in blocks:
        rows += len(block)
        if rows > max_rows:
            raise InputError(Fault("travel-too-many-pairs", values={"limit": max_rows}))
        held.append(block)
    table = TRAVEL.check(pd.concat(held, ignore_index=True))
    table.attrs = _counts(streets, here, destinations)
    return table


def _both_sides(
    streets: Network, origins: Points, facilities: Points, speed_kmh: float | None
) -> tuple[Snaps, Destinations]:
    """Both sides joined to the streets; of those that join only now, islands are warned of."""
    here, destinations = snapped(streets, origins), snap_destinations(streets, facilities)
    for kind, given, snaps in (("origins", origins, here), ("facilities", facilities, destinations.snaps)):
        if not isinstance(given, Snaps):
            warn_of_islands(snap_counts(snaps), kind, stacklevel=3)
    return here, destinations.at_speed(streets, speed_kmh)


def _counts(streets: Network, here: Snaps, destinations: Destinations) -> dict[str, dict[str, int]]:
    """What a table of times was made of: plain counts, which Parquet keeps beside the table."""
    return {
        "streets": dict(streets.counts),
        "origins": snap_counts(here),
        "facilities": snap_counts(destinations.snaps),
    }


def _nearest(
    streets: Network,
    here: Snaps,
    destinations: Destinations,
    max_minutes: float | None,
    speed_kmh: float | None,
    *,
    want_owner: bool,
    threads: int | None,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """`nearest` in the words of this module."""
    return nearest(
        streets,
        here,
        destinations.snaps,
        service=destinations.service,
        owner=destinations.owner,
        n_services=len(destinations.services),
        delay_mm=destinations.delay_mm,
        max_cost=cost_limit(streets, max_minutes, speed_kmh=speed_kmh),
        want_owner=want_owner,
        threads=threads,
    )


def _matrix_blocks(
    streets: Network,
    here: Snaps,
    destinations: Destinations,
    limit: int | None,
    *,
    speed_kmh: float | None,
    every: bool,
    threads: int | None,
) -> Iterator[pd.DataFrame]:
    """The matrix, some thousand origins at a time; at least one block, which may have no rows.

    With `every`, an origin without a facility of a service has a row of it that says so.
    """
    for first in range(0, max(len(here), 1), _BLOCK_ORIGINS):
        block = here.take(np.arange(first, min(first + _BLOCK_ORIGINS, len(here))))
        origin, row, cost = pairs(
            streets,
            block,
            destinations.snaps,
            max_cost=limit or 0,
            delay_mm=destinations.delay_mm,
            threads=threads,
        )
        # of a facility's entrances the nearest
        order = np.lexsort((cost, destinations.owner[row], destinations.service[row], origin))
        origin, row, cost = origin[order], row[order], cost[order]
        service, owner = destinations.service[row], destinations.owner[row]
        new = np.ones(len(row), bool)
        new[1:] = (np.diff(origin) != 0) | (np.diff(service) != 0) | (np.diff(owner) != 0)
        origin, service, owner, cost = origin[new], service[new], owner[new], cost[new]
        table = pd.DataFrame(
            {
                "origin": block.ids.to_numpy()[origin],
                "facility": pd.Series(destinations.facilities.to_numpy()[owner], dtype=object),
                "service": destinations.services.take(service),
                "distance_m": pair_lengths(
                    streets, block.take(origin), destinations, service=service, owner=owner, cost=cost
                ),
                "minutes": to_minutes(streets, cost, speed_kmh=speed_kmh),
            }
        )
        yield _with_unreached(table, block, destinations, origin, service) if every else table


def _with_unreached(
    table: pd.DataFrame,
    block: Snaps,
    destinations: Destinations,
    origin: NDArray[np.integer],
    service: NDArray[np.integer],
) -> pd.DataFrame:
    """A block of the matrix, by positions of origin and service, with a row for those who reach none."""
    reached = np.zeros((len(block), len(destinations.services)), np.bool_)
    reached[origin, service] = True
    without, unserved = np.nonzero(~reached)
    if not len(without):
        return table
    none = pd.DataFrame(
        {
            "origin": block.ids.to_numpy()[without],
            "facility": pd.Series([None] * len(without), dtype=object),
            "service": destinations.services.take(unserved),
            "distance_m": np.inf,
            "minutes": np.inf,
        }
    )
    # by origin, then service: where one is reached its rows stay in order
    order = np.lexsort((np.append(service, unserved), np.append(origin, without)))
    return concat_nonempty([table, none]).iloc[order].reset_index(drop=True)
