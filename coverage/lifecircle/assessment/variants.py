"""The study under other settings: what the plans leave open, varied one setting at a time.

Nothing is routed again. Time is inversely proportional to speed, the share is a threshold, dwellings and
central points are among the demand points, and of alternatives the nearer walk is already known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

import geopandas as gpd

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import ContextCache
from lifecircle.assessment.variant_travel import (
    changed_travel,
    of_judged_people,
    straight_lines,
    travel_of_judged_people,
)
from lifecircle.plans import (
    Adjacency,
    AnyRule,
    PopulationPerFacility,
    TravelDistanceCircle,
    TravelTimeCircle,
    TypeCircle,
)
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import Inputs, Note, TravelTimes, share_weights

__all__ = [
    "COVERED_SHARES",
    "CYCLE_KMH",
    "SPEEDS_KMH",
    "STAND_INS",
    "Circle",
    "Variant",
    "VariantSource",
    "Variants",
    "paces_kmh",
]

SPEEDS_KMH: Final = (3.0, 4.0, 4.8)
"""An older person's pace; 15 minutes a kilometre; the usual pace of an adult (80 m a minute)."""
CYCLE_KMH: Final = 12.0
"""By bicycle, which sports authorities count as well."""
COVERED_SHARES: Final = (0.5, 0.8, 0.9, 1.0)
ACCESSIBLE_MINUTES: Final = (5.0, 10.0, 15.0, 20.0)
ADJACENCY_M: Final = (100.0, 200.0, 500.0)
QUALITY_TYPES_NEEDED: Final = (2, 4, 6)
STATION_PEOPLE: Final = ((5_000, 10_000), (10_000, 20_000))
STAND_INS: Final = (("convenience-store", "supermarket"), ("food-market", "fresh-food-shop"))
"""Basic types that sell much the same: grouped, one of a pair is enough."""

_IN_WORDS: Final = frozenset({"origin", "type-grouping", "mode", "distance", "health-centres", "site-area"})
"""Varied settings that are words and no numbers."""

_COHORTS: Final = ("over60", "under3")

Circle: TypeAlias = TravelTimeCircle | TravelDistanceCircle | TypeCircle
Types: TypeAlias = tuple[str | tuple[str, ...], ...]


def paces_kmh(assumptions: Assumptions) -> tuple[float, ...]:
    """Speeds on foot that rules are judged and varied at; none where people do not walk."""
    if assumptions.mode != "walk":
        return ()
    own = (assumptions.walk_speed_kmh, assumptions.elderly_speed_kmh)
    return tuple(sorted({*SPEEDS_KMH, *own, CYCLE_KMH}))


@dataclass(frozen=True)
class Variant:
    """The study with one setting changed.

    Attributes
    ----------
    varied, setting
        As the sensitivity table names them.
    said
        The setting as ``turns_at`` writes it, ``name=value``.
    own
        It is the study's own setting.
    counts_residents
        Its demand counts people; dwellings are no people.
    silent
        Communities that it says nothing about.
    """

    varied: str
    setting: str
    said: str
    own: bool
    ctx: Context
    counts_residents: bool = True
    silent: frozenset[str] = frozenset()

    @property
    def words(self) -> Note:
        """The setting in words."""
        if self.varied in _IN_WORDS:
            return Note(f"set-{self.varied}.{self.setting}")
        return Note(f"set-{self.varied}", {"value": self.setting})


class VariantSource(Protocol):
    """Whatever tells the variants of a study that concern a rule."""

    @property
    def own(self) -> Context:
        """The study as it is, with only the people of what is judged."""

    def of(self, rule: AnyRule) -> Iterator[Variant]:
        """Every variant that concerns a rule."""


@dataclass(frozen=True)
class Variants:
    """The variants of one study, each made once.

    Attributes
    ----------
    own
        The study as it is, with only the people of communities that are judged.
    """

    own: Context
    _origins: tuple[Variant, ...]
    _straight: Context
    _made: dict[tuple[str, object], Context] = field(default_factory=dict, repr=False)

    @classmethod
    def of_study(cls, ctx: Context, *, centres: Collection[int] = ()) -> Variants:
        """The variants of a study; `centres` are the communities' central demand points, where known."""
        ctx.minutes_at(ctx.travel.speed_kmh)  # refuses walks that belong to other demand points
        own = Context(
            of_judged_people(ctx.inputs),
            travel_of_judged_people(ctx),
            ctx.assumptions,
            covers_whole=ctx.covers_whole,
            jurisdiction=ctx.jurisdiction,
            neighbours=ctx.neighbours,
        )
        straight = dataclasses.replace(
            own, travel=straight_lines(own.inputs, own.travel, own.travel.minutes.columns), cache=_fresh(own)
        )
        return cls(own, tuple(_origins(own, centres)), straight)

    def with_services_changed(
        self, inputs: Inputs, travel: TravelTimes, services: Collection[str]
    ) -> Variants:
        """The variants of the same people with other facilities or walks of some services."""
        # walks of the services that change, in every variant; the others are shared
        kept = changed_travel(self.own, travel, services)
        own = self.own.with_services_changed(inputs, kept, None, services)
        straight = straight_lines(own.inputs, kept, services, before=self._straight.travel)
        origins = tuple(
            dataclasses.replace(
                one,
                ctx=own
                if one.own
                else one.ctx.with_services_changed(
                    inputs, changed_travel(one.ctx, travel, services), None, services
                ),
            )
            for one in self._origins
        )
        return Variants(own, origins, self._straight.with_services_changed(inputs, straight, None, services))

    def of(self, rule: AnyRule) -> Iterator[Variant]:
        """Every variant that concerns a rule."""
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle):
            yield from self._of_circle(rule)
        elif isinstance(rule, PopulationPerFacility):
            yield from self._of_stations(rule)
        elif isinstance(rule, Adjacency) and rule.target == "adjacency_m":
            for metres in sorted({*ADJACENCY_M, self.own.assumptions.adjacency_m}):
                yield self._with("adjacency", f"{metres:g}", "adjacency_m", metres)
        elif "site_area_from_outline" in rule.assumptions:
            yield from self._of_site_area()

    def _of_circle(self, rule: Circle) -> Iterator[Variant]:
        """Pace, share, origin, types and the way of measuring distance."""
        own = self.own.assumptions
        yield from self._of_speed(rule)
        for share in sorted({*COVERED_SHARES, own.covered_share}):
            yield self._with("covered-share", f"{share:g}", "covered_share", share)
        yield from self._origins
        if isinstance(rule, TypeCircle):
            yield from self._of_types(rule)
        elif rule.target == "accessible_minutes":
            for minutes in sorted({*ACCESSIBLE_MINUTES, own.accessible_minutes}):
                yield self._with("accessible-minutes", f"{minutes:g}", "accessible_minutes", minutes)
        if own.mode == "walk":
            yield Variant("distance", "streets", "distance=streets", own=True, ctx=self.own)
            straight = "straight-line"
            yield Variant("distance", straight, f"distance={straight}", own=False, ctx=self._straight)

    def _of_speed(self, rule: Circle) -> Iterator[Variant]:
        """How fast people are: only of limits in minutes, and of studies on foot."""
        own = self.own.assumptions
        if isinstance(rule, TravelDistanceCircle) or own.mode != "walk":
            return
        # which assumption is the pace of this rule
        pace = rule.speed if isinstance(rule, TravelTimeCircle) else "walk_speed_kmh"
        if rule.walker in self.own.travel.profiles:
            if rule.walker != "elderly":
                return  # the group walks at the speed of its profile
            pace = "elderly_speed_kmh"
        for speed in sorted({*SPEEDS_KMH, getattr(own, pace)}):
            yield self._with("walk-speed", f"{speed:g}", pace, speed)
        yield Variant("mode", "walk", "mode=walk", own=True, ctx=self.own)
        yield dataclasses.replace(self._with("mode", "bike", pace, CYCLE_KMH), said="mode=bike")

    def _of_types(self, rule: TypeCircle) -> Iterator[Variant]:
        """How types are grouped, and how many of those that raise quality are needed."""
        own = self.own.assumptions
        if rule.types == "basic_types":
            for setting, types in _groupings(own.basic_types).items():
                one = self._with("type-grouping", setting, "basic_types", types)
                yield dataclasses.replace(one, said=f"basic_types={setting}")
        if rule.tier == "quality":
            for number in sorted({*QUALITY_TYPES_NEEDED, own.quality_types_needed}):
                yield self._with("quality-types", f"{number}", "quality_types_needed", number)

    def _of_site_area(self) -> Iterator[Variant]:
        """Whether an outline on a map says how large a site is, or only a ledger."""
        own, table = self.own.assumptions, self.own.inputs.facilities
        said = "site_area_from_outline"
        yield Variant(
            "site-area",
            "outline" if own.site_area_from_outline else "ledger",
            f"{said}={str(own.site_area_from_outline).lower()}",
            own=True,
            ctx=self.own,
        )
        if not own.site_area_from_outline or "site_from_outline" not in table.columns:
            return  # what no outline was measured for cannot be taken away, nor the other way round
        key = ("site-area", "ledger")
        if key not in self._made:
            # areas measured from outlines are taken away, those of ledgers stay
            drawn = table["site_from_outline"].fillna(value=False).astype(bool)
            listed = table.assign(site_area_m2=table["site_area_m2"].mask(drawn))
            self._made[key] = dataclasses.replace(
                self.own,
                inputs=dataclasses.replace(self.own.inputs, facilities=listed),
                assumptions=own.model_copy(update={said: False}),
                cache=_fresh(self.own),
            )
        yield Variant("site-area", "ledger", f"{said}=false", own=False, ctx=self._made[key])

    def _of_stations(self, rule: PopulationPerFacility) -> Iterator[Variant]:
        """How many people a station may serve, and whether a health centre is one."""
        own = self.own.assumptions
        for people in sorted({*STATION_PEOPLE, own.station_people}):
            if rule.comparator == "range":
                said = "-".join(f"{number}" for number in people)
                yield self._with("station-people", said, "station_people", people)
        if "health-station" in rule.services:
            # Walks to centres are known only where another rule asks for them.
            known = {False, own.centre_counts_as_station, "health-centre" in self.own.travel.minutes.columns}
            for counts in sorted(known):
                said = "counted" if counts else "not-counted"
                yield self._with("health-centres", said, "centre_counts_as_station", counts)

    def _with(self, varied: str, setting: str, name: str, value: object) -> Variant:
        """The study with one assumption changed; the study itself where that is its own.

        Variants share the people covered: they depend on neither the share nor the types, and a speed is
        part of what they are looked up by.
        """
        assumptions, said = self.own.assumptions, f"{name}={setting}"
        if getattr(assumptions, name) == value:
            return Variant(varied, setting, said, own=True, ctx=self.own)
        key = (name, value)
        if key not in self._made:
            self._made[key] = self.own.assuming(assumptions.model_copy(update={name: value}))
        return Variant(varied, setting, said, own=False, ctx=self._made[key])


def _fresh(ctx: Context) -> ContextCache:
    """A cache that shares the tables of people and places with another context."""
    return ContextCache(ctx.cache.tables)


def _groupings(own: Sequence[str | tuple[str, ...]]) -> Mapping[str, Types]:
    """Ways to group the basic types: each on its own, with stand-ins, and as the study says."""
    each: list[str] = []
    for group in own:
        each.extend((group,) if isinstance(group, str) else group)
    # stand-ins only where the study asks for both of a pair
    pair_of = {name: pair for pair in STAND_INS for name in pair if set(pair) <= set(each)}
    ways: dict[str, Types] = {
        "single": tuple(dict.fromkeys(each)),
        "stand-ins": tuple(dict.fromkeys(pair_of.get(name, name) for name in each)),
    }
    return ways if tuple(own) in ways.values() else {"as-set": tuple(own), **ways}


def _origins(own: Context, centres: Collection[int]) -> Iterator[Variant]:
    """The study by its demand points, by dwellings and by the central point of each community."""
    demand = own.inputs.demand
    weight = share_weights(demand).groupby(demand["origin"]).sum()
    usual = str(weight.idxmax()) if len(weight) else "population"
    yield Variant("origin", usual, f"origin={usual}", own=True, ctx=own)
    plain = demand.drop(columns=[name for name in _COHORTS if name in demand])
    if "dwellings" in plain and (plain["dwellings"] > 0).any():
        yield _by_other_people(own, "dwellings", plain.assign(residents=plain["dwellings"].fillna(0.0)))
    if len(centres) and usual != "centroid":
        # one point stands for all residents of its community
        total = share_weights(plain).groupby(plain["community"]).sum()
        centre = plain[plain["demand"].isin(list(centres))]
        stand_for_all = centre["community"].map(total).astype("float64")
        yield _by_other_people(own, "centroid", centre.assign(residents=stand_for_all))


def _by_other_people(own: Context, setting: str, demand: gpd.GeoDataFrame) -> Variant:
    """The study with other demand points; communities that they leave without anybody stay silent."""
    before, after = (
        share_weights(table).groupby(table["community"]).sum() for table in (own.inputs.demand, demand)
    )
    # communities that lose everybody have no verdict under this setting
    silent = before.index[before > 0].difference(after.index[after > 0])
    return Variant(
        "origin",
        setting,
        f"origin={setting}",
        own=False,
        ctx=own.with_demand(demand),
        counts_residents=setting != "dwellings" and own.people_known,
        silent=frozenset(silent),
    )
