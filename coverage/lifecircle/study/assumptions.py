"""Named assumptions: what the plans leave open, with a default a study can change.

Every finding lists the ones it used. The reasons stand in docs/conventions.md.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lifecircle.study.numbers import (
    NO_TRUTH,
    Amount,
    BikeSpeed,
    Count,
    Minutes,
    People,
    SnapDistance,
    WalkSpeed,
)

__all__ = ["BASIC_TYPES", "QUALITY_TYPES", "Assumptions"]

BASIC_TYPES: tuple[str | tuple[str, ...], ...] = (
    "convenience-store",
    "supermarket",
    ("food-market", "fresh-food-shop"),
    "breakfast-shop",
    "laundry",
    "hairdresser",
    "photo-print",
    "housekeeping",
    "repair",
    "pharmacy",
    "post-express",
)
"""The 12 basic-guarantee types confirmed in 商办流通函〔2021〕247号: the list says what they mainly include,
and a market and a fresh-food shop sell much the same, so that one of the two will do."""

DRIVE_REACH_KMH: Final = 60.0
"""Speed at which a limit in minutes says how far beyond the boundary drivers are followed."""

QUALITY_TYPES = (
    "specialty-restaurant",
    "fitness-club",
    "health-preservation",
    "reading-room",
    "education-training",
    "leisure-entertainment",
    "elderly-care",
    "childcare",
)
"""The quality-improving types seen in the press; the full official list was not found."""


class Assumptions(BaseModel):
    """What a study assumes where its plans are silent, each by its name; unknown names are refused.

    Examples
    --------
    >>> import lifecircle as lc
    >>> faster = lc.Assumptions(walk_speed_kmh=4.8)
    >>> faster.walk_speed_kmh, faster.covered_share
    (4.8, 0.9)
    >>> faster.said("walk_speed_kmh", "covered_share")
    'walk_speed_kmh=4.8; covered_share=0.9'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["walk", "bike", "drive"] = "walk"
    walk_speed_kmh: WalkSpeed = 4.0
    elderly_speed_kmh: WalkSpeed = 3.0
    bike_speed_kmh: BikeSpeed = 12.0
    covered_share: Annotated[float, NO_TRUTH, Field(gt=0, le=1)] = 0.9
    origin: Literal["population", "buildings", "streets", "centroid"] = "population"
    circle_minutes: Minutes = 15.0
    """Minutes of each community's own life circle."""
    life_circle_people: People = 20_000.0
    """Residents of a life circle where none are supplied and circles are built of adjacent communities."""
    circle_origin: Literal["centre", "all"] = "centre"
    """Where a community's own circle starts: its residents' central demand point, or every demand point."""
    basic_types: tuple[str | tuple[str, ...], ...] = BASIC_TYPES
    """Required type groups; a group in brackets holds alternatives."""
    quality_types: tuple[str | tuple[str, ...], ...] = QUALITY_TYPES
    quality_types_needed: Count = 4
    station_people: tuple[Annotated[Count, Field(gt=0)], Annotated[Count, Field(gt=0)]] = (10_000, 20_000)
    station_minutes: Minutes = 15.0
    """Residents farther than this from their station are listed."""
    centre_counts_as_station: bool = False
    adjacency_m: Annotated[float, NO_TRUTH, Field(ge=0.01, le=100_000)] = 200.0
    accessible_minutes: Minutes = 15.0
    site_area_from_outline: bool = True
    """A facility mapped by its outline has a site of that area where no source says how large it is."""
    dwelling_floor_m2: Annotated[float, NO_TRUTH, Field(ge=1, le=100_000)] = 90.0
    """Floor area of a dwelling, by which those of a building are counted where no column tells them."""
    max_snap_m: SnapDistance = 300.0
    min_component_m: Amount = 5_000.0

    @model_validator(mode="after")
    def _fewest_people_first(self) -> Assumptions:
        """A station for at least so many people, and at most so many."""
        if self.station_people[0] > self.station_people[1]:
            raise PydanticCustomError("study-station-people", "the smaller number first")
        return self

    @property
    def circle_types(self) -> frozenset[str]:
        """Every service of the convenience circle, by which a community's tier is told."""
        groups = (*self.basic_types, *self.quality_types)
        return frozenset(name for group in groups for name in ((group,) if isinstance(group, str) else group))

    def pace_kmh(self, name: str = "walk_speed_kmh") -> float:
        """Speed at which minutes become metres of the study's mode.

        On foot the speed of that name; by bike `bike_speed_kmh`; by car `DRIVE_REACH_KMH`, which only says
        how far streets and facilities are read: streets have speeds of their own.
        """
        if self.mode == "walk":
            return float(getattr(self, name))
        return self.bike_speed_kmh if self.mode == "bike" else DRIVE_REACH_KMH

    def said(self, *names: str) -> str:
        """``name=value; …`` for the assumptions column of a finding; walking speeds only on foot."""
        if self.mode != "walk":
            ridden = ("mode", "bike_speed_kmh") if self.mode == "bike" else ("mode",)
            on_foot = {"walk_speed_kmh", "elderly_speed_kmh"}
            moved = (ridden if name in on_foot else (name,) for name in names)
            names = tuple(dict.fromkeys(name for group in moved for name in group))
        return "; ".join(f"{name}={_plain(getattr(self, name))}" for name in names)


def _plain(value: object) -> str:
    """A value as the study file would write it, without brackets around single names."""
    if isinstance(value, tuple):
        return ",".join("|".join(group) if isinstance(group, tuple) else str(group) for group in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
