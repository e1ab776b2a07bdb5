"""Who walks: speed on the flat, and which streets are none for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lifecircle.tables import StreetTable

__all__ = ["PROFILES", "Profile", "streets_for"]


@dataclass(frozen=True)
class Profile:
    """A group of people on foot.

    Attributes
    ----------
    speed_kmh : speed on the flat
    steps : whether flights of steps can be used
    """

    speed_kmh: float
    steps: bool = True


PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {
        "adult": Profile(4.0),
        "elderly": Profile(3.0),
        "child": Profile(3.0),
        "wheelchair": Profile(3.0, steps=False),
    }
)
"""Adults at 4 km/h make 15 minutes 1000 m (GB 50180-2018: 800-1000 m); the others 750 m."""


def streets_for(streets: StreetTable, profile: Profile) -> StreetTable:
    """The streets a group can use; what it cannot is counted as ``profile-steps``."""
    if profile.steps:
        return streets
    return streets.keep(~streets.steps, counted_as="profile-steps")
