"""Profiles: the walks of groups who cannot use every street, beside those of everybody."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from lifecircle.analysis.streets import network_open_to, slopes_of
from lifecircle.assessment import paces_kmh
from lifecircle.network import Network, od_points, travel_times
from lifecircle.network.profiles import PROFILES, Profile
from lifecircle.plans import AnyRule, Plan
from lifecircle.study import Assumptions, Study
from lifecircle.tables import Inputs, StreetTable, TravelTimes

__all__ = [
    "profile_networks",
    "profile_of",
    "profiles_known",
    "profiles_named",
    "speeds_asked",
    "with_profiles",
]


def speeds_asked(assumptions: Assumptions, profiles: Mapping[str, Profile]) -> tuple[float, ...]:
    """Every speed that minutes on foot are asked at: those of rules, of what is varied, and of groups."""
    paces = paces_kmh(assumptions)
    return tuple(sorted({*paces, *(profile.speed_kmh for profile in profiles.values())})) if paces else ()


def profiles_named(study: Study, plans: Sequence[Plan]) -> Mapping[str, Profile]:
    """The groups that the study or a rule of its plans names; none where people do not walk."""
    if study.assumptions.mode != "walk":
        return {}
    asked = {
        str(getattr(rule, "profile", None) or "")
        for plan in plans
        for rule in plan.rules
        if not _in_metres_alike(rule)
    }
    return {name: profile_of(study, name) for name in sorted({*study.profiles, *(asked & PROFILES.keys())})}


def profiles_known(study: Study) -> tuple[str, ...]:
    """Names that `profile_of` takes: the study's own groups and the built-in ones."""
    return tuple(sorted({*study.profiles, *PROFILES}))


def profile_of(study: Study, name: str) -> Profile:
    """How a group of `profiles_known` walks: as the study says, else as built in."""
    usual = study.assumptions.elderly_speed_kmh if name == "elderly" else None
    given = study.profiles.get(name)
    profile = PROFILES.get(name, Profile(study.assumptions.walk_speed_kmh))
    if given is not None:
        speed_kmh = given.speed_kmh or profile.speed_kmh
        profile = Profile(speed_kmh, given.no_steps, given.max_slope, given.no_kerbs)
    return dataclasses.replace(profile, speed_kmh=usual) if usual else profile


def _in_metres_alike(rule: AnyRule) -> bool:
    """Whether a rule sets metres to a group who, unless the study says otherwise, walk as everybody does."""
    profile = PROFILES.get(str(getattr(rule, "profile", None) or ""))
    return rule.unit == "m" and profile is not None and profile.walks_everywhere


def profile_networks(
    study: Study, profiles: Mapping[str, Profile], inputs: Inputs, streets: StreetTable
) -> Mapping[str, Network]:
    """The network of every group that cannot use every street."""
    networks = {}
    slopes = slopes_of(streets, study.streets.elevation)
    for name, profile in profiles.items():
        if profile.walks_everywhere:
            continue
        networks[name] = network_open_to(
            profile,
            streets,
            slopes,
            speed_kmh=profile.speed_kmh,
            crs=inputs.crs,
            min_component_m=study.assumptions.min_component_m,
        )
    return networks


def with_profiles(
    travel: TravelTimes,
    profiles: Mapping[str, Profile],
    networks: Mapping[str, Network],
    inputs: Inputs,
    *,
    assumptions: Assumptions,
    jobs: int | None,
) -> TravelTimes:
    """The walks of everybody, and beside them those of each group at its own speed.

    Groups who can use every street walk as everybody does, only slower or faster.
    """
    own: dict[str, TravelTimes] = {}
    limited = () if travel.shortest_m is None else [str(name) for name in travel.shortest_m.columns]
    speeds = speeds_asked(assumptions, profiles)
    for name, profile in profiles.items():
        if name in networks:
            network = networks[name]
            od = od_points(network, inputs, list(travel.minutes.columns), max_snap_m=assumptions.max_snap_m)
            own[name] = travel_times(network, od, in_metres=limited, speeds_kmh=speeds, threads=jobs)
        else:
            minutes = travel.minutes_at(profile.speed_kmh)
            own[name] = dataclasses.replace(
                travel, minutes=minutes, speed_kmh=profile.speed_kmh, proven_min=None
            )
    return dataclasses.replace(travel, profiles=own)
