"""Why an origin reaches no facility of a service, and how many points joined the streets in which way."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import LifecircleWarning
from lifecircle.messages import text
from lifecircle.network.routing.destinations import Destinations
from lifecircle.network.snapping import ISLAND, OK, SNAP_STATUS, Snaps

__all__ = ["snap_counts", "snap_reasons", "unreached_reasons", "warn_of_islands"]

_NOBODY_JOINED: Final = "facilities-unjoined"
_ISLAND: Final = "origin-island"
_OTHER_PART: Final = "other-part"
_BEYOND: Final = "beyond-limit"
_NO_WAY: Final = "no-way-open"
_MANY: Final = 0.1


def snap_counts(snaps: Snaps) -> dict[str, int]:
    """How many points joined the streets in which way, by the words of `SNAP_STATUS` that occur.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network, grid_places
    >>> from lifecircle.network.routing.reasons import snap_counts
    >>> snap_counts(grid_network().snap(grid_places({"near": (50.0, 10.0), "far": (50.0, -900.0)})))
    {'ok': 1, 'far': 1}
    """
    # nearly all join as they should: only the others are sorted by status
    others = snaps.status[snaps.status != OK]
    counted = np.bincount(others, minlength=len(SNAP_STATUS))
    counted[OK] = len(snaps) - len(others)
    return {word: int(count) for word, count in zip(SNAP_STATUS, counted, strict=True) if count}


def warn_of_islands(joined: Mapping[str, int], kind: str, *, stacklevel: int) -> None:
    """Warn where a tenth of all points, or more, join streets that lead nowhere else.

    A few such points are usual in any city; many tell of lines that do not meet.

    Parameters
    ----------
    joined
        As `snap_counts` has it.
    kind
        ``origins``, ``facilities`` or ``points``.
    stacklevel
        As `warnings.warn` takes it, from here.
    """
    count, everybody = joined.get(SNAP_STATUS[ISLAND], 0), sum(joined.values())
    if count and count >= _MANY * everybody:
        who = text(f"cli.points-of.{kind}", "en")
        words = text("cli.snapped.island", "en", who=who, count=count, all=everybody)
        warnings.warn(words, LifecircleWarning, stacklevel=stacklevel + 1)


def snap_reasons(snaps: Snaps) -> NDArray[np.object_]:
    """Why each point joined no street: ``origin-`` and its status; ``""`` where it joined one."""
    words = np.array([f"origin-{word.replace('_', '-')}" for word in SNAP_STATUS], object)[snaps.status]
    words[snaps.reached] = ""
    return words


def unreached_reasons(
    here: Snaps, destinations: Destinations, reached: NDArray[np.bool_], *, limited: bool
) -> NDArray[np.object_]:
    """Why each origin reaches no facility of each service.

    Parameters
    ----------
    here, destinations
        What joined the network on either side.
    reached
        Origins × services.
    limited
        Whether the search ended at a limit.

    Returns
    -------
    object, origins × services
        ``""`` where one is reached, else the first that holds: ``origin-far``, ``origin-blocked``,
        ``origin-unjoinable``, ``origin-no-geometry`` (the origin joined no street),
        ``facilities-unjoined`` (nor did any facility of the service), ``origin-island`` (the origin joined
        a street that leads nowhere else), ``other-part`` (no street joins the two), ``beyond-limit``,
        ``no-way-open`` (one-way streets).
    """
    services = reached.shape[1]
    # from the weakest reason to the strongest: the last that holds stays
    reason = np.full(reached.shape, _BEYOND if limited else _NO_WAY, object)
    offered = destinations.snaps.reached
    for k in range(services):
        mine = offered & (destinations.service == k)
        apart = ~np.isin(here.component, destinations.snaps.component[mine])
        reason[apart, k] = np.where(here.status[apart] == ISLAND, _ISLAND, _OTHER_PART)
        if not mine.any():
            reason[:, k] = _NOBODY_JOINED
    # whoever joined no street has that reason first
    unjoined = ~here.reached
    reason[unjoined] = snap_reasons(here)[unjoined, None]
    reason[reached] = ""
    return reason
