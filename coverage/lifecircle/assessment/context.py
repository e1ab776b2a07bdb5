"""What a rule is judged against: the inputs, the walking times and the assumptions, looked up once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.assessment.context_cache import ContextCache, Cutoff, Group
from lifecircle.errors import ContractError, MismatchedIndexError
from lifecircle.measures import PEOPLE_TOLERANCE, CommunitySums, at_most, nearest_of
from lifecircle.study.assumptions import Assumptions
from lifecircle.tables import Inputs, TravelTimes, share_weights, weight_basis

__all__ = ["Context", "division_stem"]

T = TypeVar("T")


def division_stem(code: str) -> str:
    """A division code with its trailing zeros removed."""
    return code[:4] if len(code) == 6 and code.endswith("00") else code


@dataclass(frozen=True)
class Context:
    """One study, ready to be judged.

    Attributes
    ----------
    covers_whole
        The study covers the whole jurisdiction of the plan, so that its totals may be judged.
    jurisdiction
        Code or name of the place judged; blank if the study does not say.
    as_of
        The day of judgement; None if the study does not say.
    neighbours
        Walks from facility to facility (`tables.TRAVEL`, `origin` being a facility): for rules about
        neighbouring facilities.
    places
        What stands in the place of communities: ``communities``, or ``life-circle``.
    """

    inputs: Inputs
    travel: TravelTimes
    assumptions: Assumptions
    covers_whole: bool = False
    jurisdiction: str = ""
    as_of: dt.date | None = None
    neighbours: pd.DataFrame | None = None
    places: str = "communities"
    cache: ContextCache = field(default_factory=ContextCache, repr=False, compare=False)

    def assuming(self, assumptions: Assumptions) -> Context:
        """The same study under other assumptions; people covered and walking times are shared.

        People covered depend on groups and cutoff alone, which says its own speed; the mode must stay.
        """
        if assumptions == self.assumptions:
            return self
        shared = replace(self.cache, answers={}, of_circles={})
        return replace(self, assumptions=assumptions, cache=shared)

    def with_units(self, units: gpd.GeoDataFrame) -> Context:
        """The same people, communities and facilities under other units above the communities."""
        kept = replace(self.cache, answers={}, of_circles={})
        return replace(self, inputs=replace(self.inputs, units=units), cache=kept)

    def with_demand(self, demand: gpd.GeoDataFrame) -> Context:
        """The same places with other people in them; nothing looked up so far is kept."""
        return replace(self, inputs=replace(self.inputs, demand=demand), cache=ContextCache())

    def with_services_changed(
        self,
        inputs: Inputs,
        travel: TravelTimes,
        neighbours: pd.DataFrame | None,
        services: Collection[str],
    ) -> Context:
        """The same people and units with other facilities or walks of some services.

        What was looked up of the other services and of the units is kept.

        Parameters
        ----------
        inputs
            Its facilities and entries are taken; people, communities and units must be the same.
        travel, neighbours
            As of the context; the same as before but for `services`.
        services
            Those whose facilities or walks are others.
        """
        # people, places and what follows from them stay; so do answers about other services
        facilities = replace(self.inputs, facilities=inputs.facilities, entries=inputs.entries)
        return replace(
            self,
            inputs=facilities,
            travel=travel,
            neighbours=neighbours,
            cache=self.cache.without(services),
        )

    def remember(self, asked: Hashable, services: Collection[str], find: Callable[[], T]) -> T:
        """The answer to a question, looked up once; it holds until one of these services changes."""
        answers = self.cache.answers
        if asked not in answers:
            answers[asked] = (frozenset(services), find())
        answer: T = answers[asked][1]
        return answer

    def _table(self, name: str, make: Callable[[], T]) -> T:
        """A table of people or places, made once for all states and assumptions of the study."""
        tables = self.cache.tables
        if name not in tables:
            tables[name] = make()
        table: T = tables[name]
        return table

    @property
    def demand(self) -> gpd.GeoDataFrame:
        """Demand points, indexed by their id; ``community`` is categorical, for speed.

        ``counted`` is what a point counts for in shares: `tables.share_weights`.
        """

        def indexed() -> gpd.GeoDataFrame:
            demand = self.inputs.demand.set_index("demand")
            return demand.assign(
                community=demand["community"].astype("category"), counted=share_weights(demand)
            )

        return self._table("demand", indexed)

    @property
    def people_unknown_in(self) -> Mapping[str, str]:
        """Communities of which nobody says how many people live there: they have shares and no counts.

        Each with what its shares are shares of (`tables.weight_basis`).
        """

        def unknown() -> Mapping[str, str]:
            points = self.demand.loc[self.demand["residents"].isna(), ["community", "origin"]].astype(str)
            own = points.drop_duplicates().groupby("community")["origin"].agg(list)
            return own.drop("", errors="ignore").map(weight_basis).to_dict()

        return self._table("people_unknown_in", unknown)

    @property
    def communities(self) -> gpd.GeoDataFrame:
        """The communities of the boundary, indexed by code; those beyond it are never judged."""

        def inside() -> gpd.GeoDataFrame:
            table = self.inputs.communities
            return table[table["inside"]].set_index("code")

        return self._table("communities", inside)

    @property
    def is_regular(self) -> bool:
        """Whether the communities are cells of a regular grid, which have neither scope nor committee."""

        def only_cells() -> bool:
            kinds = self.communities["kind"]
            return len(kinds) > 0 and bool((kinds == "cell").all())

        return self._table("is_regular", only_cells)

    def unit_judged(self, level: str) -> tuple[str, str] | None:
        """Code and name of the unit of a level that the study names as the place judged, if there is one."""
        return self.remember(("unit-judged", level), (), lambda: self._unit_judged(level))

    def _unit_judged(self, level: str) -> tuple[str, str] | None:
        """`unit_judged`, found by its code, however many zeros fill it up, or by its name."""
        units = self.inputs.units[self.inputs.units["level"] == level]
        names = dict(zip(units["code"], units["name"], strict=True))
        # codes of counties and cities are filled up with zeros to six digits
        asked = (self.jurisdiction, division_stem(self.jurisdiction))
        codes = [code for code, name in names.items() if code in asked or name == self.jurisdiction]
        return (codes[0], names[codes[0]] or codes[0]) if len(codes) == 1 else None

    @property
    def people_known(self) -> bool:
        """Whether any source says how many people live there; else shares are shares of the weights."""
        return self._table("people_known", lambda: self.inputs.people_known)

    @cached_property
    def listed_services(self) -> frozenset[str]:
        """Services that some source lists at least one facility of."""
        return frozenset(self.inputs.facilities["service"].unique())

    @cached_property
    def _counting(self) -> pd.DataFrame:
        """Facilities that count as being there: inside the boundary and open to the public."""
        table = pd.DataFrame(self.inputs.facilities)  # columns are had faster from a plain table
        return table[table["inside"] & table["public"]]

    def offering(self, services: Collection[str]) -> pd.DataFrame:
        """Facilities inside the boundary and open to the public that offer any of the services.

        Returns
        -------
        DataFrame
            `tables.FACILITIES`, a row for each of the services that they offer.
        """
        group, table = tuple(services), self._counting
        return self.remember(("offering", group), group, lambda: table[table["service"].isin(group)])

    def each_offering(self, services: Collection[str]) -> pd.DataFrame:
        """The facilities of `offering`, each once, sorted by id."""
        group = tuple(services)
        return self.remember(
            ("each-offering", group),
            group,
            lambda: self.offering(group).drop_duplicates("facility").sort_values("facility"),
        )

    @cached_property
    def _open(self) -> frozenset[str]:
        """Services with a facility that is open to the public."""
        table = self.inputs.facilities
        return frozenset(table.loc[table["public"], "service"].unique())

    def knows(self, services: Collection[str]) -> bool:
        """Whether any source says anything about any of the services.

        No facility at all is evidence only from a source that declares itself complete.
        """
        return any(name in self.listed_services or name in self.inputs.complete_for for name in services)

    def complete(self, services: Collection[str]) -> bool:
        """Whether every one of the services is declared complete, so that an absence is an absence."""
        return all(name in self.inputs.complete_for for name in services)

    def cost(self, services: Group, cutoff: Cutoff) -> pd.Series:
        """Minutes or metres of each demand point to the nearest of the services.

        Returns
        -------
        Series
            Indexed like `demand`; ``inf`` where none is reached.
        """
        return nearest_of(self._costs(cutoff), self._routed(services))

    def covered(self, groups: Collection[Group], cutoff: Cutoff) -> pd.DataFrame:
        """Who reaches every one of the groups, per community of the boundary.

        Returns
        -------
        DataFrame
            As `measures.covered_by_all`, one row per community also where nobody lives. Where residents
            are unknown (`people_unknown_in`) its counts are of the weights that stand in for them.
        """
        key, covered = (tuple(groups), cutoff, self.places), self.cache.covered
        if key not in covered:
            # people within the limit of every group; who is asked for nothing has it all
            within = np.ones(len(self.demand), dtype=bool)
            for group in groups:
                within &= at_most(self.cost(group, cutoff), cutoff.limit)
            people = self._sums(cutoff.weight).inside(within)
            covered[key] = people
        return covered[key]

    def _sums(self, weight: str) -> CommunitySums:
        """Demand points by community of the boundary, to be summed; residents by what they count for."""
        column = "counted" if weight == "residents" else weight

        def numbered() -> CommunitySums:
            return CommunitySums.of(self.demand, column, communities=self.communities.index)

        return self._table(f"sums:{column}", numbered)

    def covers(self, group: Group, cutoff: Cutoff) -> NDArray[np.int64]:
        """1 for each community of the boundary that a group covers, else 0, in the order of `communities`.

        At least ``covered_share`` of its people reach one of the services.
        """
        share = self.assumptions.covered_share
        key, coverage = (group, cutoff, share, self.places), self.cache.coverage
        if key not in coverage:
            people = self.covered((group,), cutoff)
            # the share decides, less what rounding could explain
            needed = share * people["residents"].to_numpy() - PEOPLE_TOLERANCE
            coverage[key] = (people["covered"].to_numpy() >= needed).astype(np.int64)
        return coverage[key]

    def nearest(self, services: Group) -> pd.DataFrame:
        """The nearest facility of any of the services.

        Returns
        -------
        DataFrame
            Indexed like `demand`: ``facility`` (``""`` where none is reached), ``minutes`` at the
            walking speed of the study. Ties go to the smaller id.
        """
        return self.remember(("nearest", services), services, lambda: self._nearest(services))

    def _nearest(self, services: Group) -> pd.DataFrame:
        """`nearest`, found."""
        minutes = self.minutes_at(self.assumptions.walk_speed_kmh)
        facility = self._aligned(self.travel.facility)
        best: pd.DataFrame | None = None
        for name in self._routed(services):
            table = pd.DataFrame({"facility": facility[name], "minutes": minutes[name]})
            if best is None:
                best = table
                continue
            # of equal minutes the smaller id, whatever the order of the services
            tie = (table["minutes"] == best["minutes"]) & (table["facility"] < best["facility"])
            nearer = (table["minutes"] < best["minutes"]) | (tie & np.isfinite(table["minutes"]))
            best = best.where(~nearer, table)
        if best is None:
            return pd.DataFrame({"facility": "", "minutes": np.inf}, index=self.demand.index)
        return best

    def minutes_at(self, speed_kmh: float) -> pd.DataFrame:
        """Minutes of each demand point to each service; on foot at the speed given, else as routed."""
        # lengths are divided by the speed on foot; other modes keep the minutes routed
        speed = speed_kmh if self.assumptions.mode == "walk" else self.travel.speed_kmh
        minutes = self.cache.minutes
        if speed not in minutes:
            minutes[speed] = self._aligned(self.travel.minutes_at(speed))
        return minutes[speed]

    def walker_of(self, profile: str, speed_kmh: float) -> tuple[str, float]:
        """A rule's profile and its speed; ``""`` and the speed given where the study knows no such walks."""
        if profile not in self.travel.profiles:
            return "", speed_kmh
        if profile == "elderly":
            return profile, self.assumptions.elderly_speed_kmh
        return profile, self.travel.profiles[profile].speed_kmh

    def proven(self, minutes: pd.DataFrame) -> pd.DataFrame:
        """Minutes of people who walk at the study's speed, ``inf`` beyond what the data read can prove."""
        walked = self.assumptions.mode == "walk"
        speed = self.assumptions.walk_speed_kmh if walked else self.travel.speed_kmh
        return self.travel.proven(minutes, speed_kmh=speed)

    def _costs(self, cutoff: Cutoff) -> pd.DataFrame:
        """Demand point × service in the unit of the limit."""
        if cutoff.profile:
            walked = self.travel.profiles[cutoff.profile]
            table = walked.minutes_at(cutoff.speed_kmh) if cutoff.limit_unit == "min" else walked.nearest_m
            return self._aligned(table)
        return (
            self.minutes_at(cutoff.speed_kmh)
            if cutoff.limit_unit == "min"
            else self._aligned(self.travel.nearest_m)
        )

    def _aligned(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table of travel in the order of the demand points."""
        if table.index.equals(self.demand.index):
            return table
        # each demand point has its own walk: none may be missing or stand for two
        missing = self.demand.index.difference(table.index)
        if len(missing) or not table.index.is_unique:
            raise MismatchedIndexError(
                f"walking times ({len(table)}) do not belong to the demand points ({len(self.demand)}): "
                f"without a time: {missing[:3].tolist()}"
            )
        return table.loc[self.demand.index]

    def _routed(self, services: Group) -> Group:
        """The services that have been routed; one with facilities that was not is a fault of the program."""
        routed = tuple(name for name in services if name in self.travel.minutes.columns)
        forgotten = [name for name in services if name not in routed and name in self._open]
        if forgotten:
            raise ContractError(f"TravelTimes hold no column for {', '.join(forgotten)}")
        return routed
