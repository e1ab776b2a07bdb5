"""Who walks: speed on the flat, and which streets are none for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.network.slope import Slopes
from lifecircle.tables import StreetTable

__all__ = ["PROFILES", "Profile", "passable"]


@dataclass(frozen=True)
class Profile:
    """A group of people on foot or wheels.

    Attributes
    ----------
    speed_kmh : speed on the flat
    no_steps : flights of steps are closed to them
    no_kerbs : raised kerbs and streets signed as closed to wheelchairs are closed to them
    max_slope : streets steeper than this, up or down, are closed to them (rise over run); None for none
    """

    speed_kmh: float
    no_steps: bool = False
    max_slope: float | None = None
    no_kerbs: bool = False

    @property
    def walks_everywhere(self) -> bool:
        """Whether every street that others walk is open to them."""
        return not (self.no_steps or self.no_kerbs) and self.max_slope is None


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "elderly": Profile(3.0),
        "child": Profile(3.0),
        "wheelchair": Profile(3.0, no_steps=True, max_slope=1 / 12, no_kerbs=True),
    }
)
"""Groups a plan may name; a study may say otherwise. At 3 km/h 15 minutes are 750 m.

A long ramp for wheelchairs is no steeper than 1 in 12: GB 50763-2012, table 3.4.4, as others cite it. Its own
text was not at hand, so that the figure is unconfirmed.
"""


def passable(streets: StreetTable, profile: Profile, slopes: Slopes | None = None) -> NDArray[np.bool_]:
    """Which segments a group can use; kerbs at nodes part them besides.

    Parameters
    ----------
    streets
        The segments.
    profile
        The group.
    slopes
        Of the same segments; without them, and where a slope is unknown, no street is too steep.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_streets
    >>> passable(grid_streets(rows=2, columns=2), PROFILES["wheelchair"]).tolist()
    [True, True, True, True]
    """
    # each kind of obstacle closes streets for itself
    usable = np.ones(len(streets), bool)
    if profile.no_steps:
        usable &= ~streets.steps
    if profile.no_kerbs:
        usable &= ~streets.no_wheels
    if profile.max_slope is not None and slopes is not None:
        usable &= ~(np.abs(slopes.slope) > profile.max_slope)
    return usable
