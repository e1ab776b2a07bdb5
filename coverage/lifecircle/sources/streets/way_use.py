"""What a mode may do on a way, as columns of a street table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lifecircle.tables.streets import JOIN_ANYWHERE

__all__ = ["WayUse", "use_columns"]

Reason = Literal["", "street-ways-of-other-classes", "street-ways-closed", "street-areas"]


@dataclass(frozen=True)
class WayUse:
    """What a mode may do on a way.

    Attributes
    ----------
    left_out
        Why the way is no street to the mode (a key of ``quality.toml``), ``""`` where it is one.
    highway
        Class of the street.
    forward, backward
        Open in the direction the way was drawn; against it.
    speed_kmh, speed_back_kmh
        Legal or usual speed in the direction the way was drawn; against it. NaN where the mode's own holds.
    steps, bridge
        A flight of steps; a bridge or a tunnel.
    joinable
        Whether points may join the network there: a code of `lifecircle.tables.streets`.
    level
        ``layer``, else 1 on bridges and -1 in tunnels.
    area
        The way is the outline of ground that people cross, and no path itself.
    no_wheels
        Signed as closed to wheelchairs, or over a raised kerb.
    destination
        Open only to those who start or end their journey on such ways.
    """

    left_out: Reason = ""
    highway: str = ""
    forward: bool = True
    backward: bool = True
    speed_kmh: float = np.nan
    speed_back_kmh: float = np.nan
    steps: bool = False
    bridge: bool = False
    joinable: int = JOIN_ANYWHERE
    level: int = 0
    area: bool = False
    destination: bool = False
    no_wheels: bool = False


def use_columns(uses: Sequence[WayUse], code: NDArray[np.integer]) -> dict[str, Any]:
    """The columns of a `StreetTable` that follow from how its ways may be used.

    Parameters
    ----------
    uses
        Every use that occurs.
    code
        One number into `uses` per segment.

    Returns
    -------
    dict
        ``forward, backward, speed_kmh, speed_back_kmh, steps, bridge, joinable, no_wheels, destination,
        highway`` per segment, and ``highways``.
    """
    highways = tuple(dict.fromkeys(use.highway for use in uses if use.highway))
    number = {highway: code for code, highway in enumerate(highways)}
    return {
        "forward": np.array([use.forward for use in uses], bool)[code],
        "backward": np.array([use.backward for use in uses], bool)[code],
        "speed_kmh": np.array([use.speed_kmh for use in uses], np.float32)[code],
        "speed_back_kmh": np.array([use.speed_back_kmh for use in uses], np.float32)[code],
        "steps": np.array([use.steps for use in uses], bool)[code],
        "bridge": np.array([use.bridge for use in uses], bool)[code],
        "joinable": np.array([use.joinable for use in uses], np.uint8)[code],
        "no_wheels": np.array([use.no_wheels for use in uses], bool)[code],
        "destination": np.array([use.destination for use in uses], bool)[code],
        "highway": np.array([number.get(use.highway, -1) for use in uses], np.int32)[code],
        "highways": highways,
    }
