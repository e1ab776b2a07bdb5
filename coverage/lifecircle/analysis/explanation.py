"""Why a unit is short: the way from a place to its nearest facility and the rules, in words and as a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.analysis.beyond_limits import BeyondLimit
from lifecircle.messages import has, spoken_language, text
from lifecircle.network import Explanation, RefusedEdge, ShutPlace
from lifecircle.services import service_names
from lifecircle.tables import WGS84, gap_unit

__all__ = ["GroupWalk", "Heights", "RouteExplanation", "Way", "group_word"]

_MOST_REFUSED: Final = 5
_MOST_GATES: Final = 3
_SHARE: Final = re.compile(r">= ([\d.]+) % of (residents|street length|floor area|residential weight)")
_TYPES: Final = re.compile(r">= (\d+) types")


class Heights(NamedTuple):
    """What the heights of a study say of a way; NaN where it has none, or not for all of the way."""

    climb_m: float = np.nan
    descent_m: float = np.nan
    steepest: float = np.nan
    """Rise over run of its steepest part of 50 m, up or down."""


class GroupWalk(NamedTuple):
    """The walk of a group with a profile of its own from the same place: NaN where it reaches none."""

    profile: str
    speed_kmh: float
    distance_m: float
    minutes: float


class Way(NamedTuple):
    """A way to a facility: nothing of it where none is reached."""

    route: Explanation | None = None
    facility_name: str = ""
    """Its name, blank where it has none."""
    geometry: shapely.LineString | None = None
    """The whole way in WGS 84, from the place to the entrance."""
    heights: Heights = Heights()
    delay_min: float = 0.0
    """Of its minutes, those lost at the entrance."""

    @property
    def goal(self) -> str:
        """What its facility is called."""
        return self.facility_name or ("" if self.route is None else str(self.route.facility))


@dataclass(frozen=True)
class RouteExplanation:
    """A place, its nearest facility of a service, the way there, and what the rules say of its community.

    Attributes
    ----------
    origin : code of the community, or ``x,y``
    service, service_name : id of the service; its name in zh and en
    unit, unit_name : community the place lies in; blank outside every one
    way : the way by `measure`
    measure : ``min``, or ``m`` where rules about the service limit metres alone: what is least along the way
    offered : whether the data hold any facility of the service open to the public
    snap_status : how the place joined the streets, of `SNAP_STATUS`
    speed_kmh : speed of `minutes`
    mode : walk | bike | drive
    profile : group that walks; blank for everybody
    refused : streets nearer than the one joined, nearest first
    gates : closed gates near the place, nearest first
    groups : walks of the groups that the study or its plans name
    proven_min : minutes up to which the data read prove that there is no nearer one
    findings : rows of `tables.FINDINGS` of the unit under rules about the service, with ``title``, the
        ``walker`` it is about, the ``limit`` of a circle (its unit and figures; None for other rules) and,
        where it is short, what lies ``beyond`` the limit (`BeyondLimit`)
    shortest : where rules limit metres and minutes, the way that is least in metres; None where it is `way`
    """

    origin: str
    service: str
    service_name: Mapping[str, str]
    unit: str
    unit_name: str
    way: Way
    measure: str
    offered: bool
    snap_status: str
    speed_kmh: float
    mode: str
    profile: str
    refused: tuple[RefusedEdge, ...]
    gates: tuple[ShutPlace, ...]
    groups: tuple[GroupWalk, ...]
    proven_min: float
    findings: pd.DataFrame
    shortest: Way | None = None

    @property
    def route(self) -> Explanation | None:
        """The path; None where no facility is reached."""
        return self.way.route

    @property
    def facility_name(self) -> str:
        """Name of the facility; blank where it has none."""
        return self.way.facility_name

    @property
    def geometry(self) -> shapely.LineString | None:
        """The whole way in WGS 84, from the place to the entrance; None where there is none."""
        return self.way.geometry

    @property
    def heights(self) -> Heights:
        """Metres up and down along the way, and its steepest part."""
        return self.way.heights

    def frame(self, lang: str = "zh") -> gpd.GeoDataFrame:
        """The way as one line in WGS 84, its figures beside it; no row where there is no way.

        Where rules limit metres and minutes and the shortest way is another, that is a second line.

        Parameters
        ----------
        lang
            zh or en: of what streets without a name are called.

        Returns
        -------
        GeoDataFrame
            ``origin, unit, service, facility, name, distance_m, minutes, access_m, egress_m, climb_m,
            descent_m, streets, steepest, mode, speed_kmh, profile, measure, geometry``.
        """
        columns = [
            "origin", "unit", "service", "facility", "name", "distance_m", "minutes", "access_m", "egress_m",
            "climb_m", "descent_m", "streets", "steepest", "mode", "speed_kmh", "profile", "measure",
        ]  # fmt: skip
        rows, lines = [], []
        for way, measure in ((self.way, self.measure), (self.shortest, "m")):
            if way is None or way.route is None:
                continue
            route, heights = way.route, way.heights
            rows.append((
                self.origin, self.unit, self.service, str(route.facility), way.facility_name,
                round(route.distance_m, 3), round(route.minutes, 4), route.access_m, route.egress_m,
                heights.climb_m, heights.descent_m, _streets(route, lang), heights.steepest, self.mode,
                self.speed_kmh, self.profile, measure,
            ))  # fmt: skip
            lines.append(way.geometry)
        return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=lines, crs=WGS84)

    def lines(self, lang: str) -> list[str]:
        """The explanation in words, a line for each thought."""
        return list(self._told(lang))

    def __str__(self) -> str:
        """The explanation in words, in the language of the user's terminal."""
        return "\n".join(self.lines(spoken_language()))

    def _told(self, lang: str) -> Iterator[str]:
        """Route, then what was passed over, then the rules."""
        place = f"{self.unit_name} ({self.unit})" if self.unit and self.origin == self.unit else self.origin
        name = _within_sentence(self.service_name[lang], lang)
        if self.route is None:
            why = "island" if self.snap_status == "ok" else self.snap_status.replace("_", "-")
            why = why if self.offered else "none"
            yield text(
                "explain.no-route", lang, place=place, service=name, why=text(f"explain.why.{why}", lang)
            )
        else:
            route = self.route
            figures = {"metres": f"{route.distance_m:,.0f}", "minutes": f"{route.minutes:.1f}"}
            pace = text(f"cli.pace-{self.mode}", lang, speed=f"{self.speed_kmh:g}")
            if self.profile:
                pace = text("explain.as", lang, group=group_word(self.profile, lang), pace=pace)
            yield text(
                "explain.route", lang, place=place, service=name, facility=self.way.goal, pace=pace, **figures
            )
            walks = {"access": f"{route.access_m:,.0f}", "egress": f"{route.egress_m:,.0f}"}
            yield text("explain.streets", lang, streets=_streets(route, lang) or "-", **walks)
            if self.way.delay_min > 0:
                yield text("explain.delay", lang, minutes=f"{self.way.delay_min:.1f}")
            yield from self._nearer(lang)
            if not np.isnan(self.heights.climb_m):
                yield text(
                    "explain.climb",
                    lang,
                    up=f"{self.heights.climb_m:,.0f}",
                    down=f"{self.heights.descent_m:,.0f}",
                    steepest=f"{100 * self.heights.steepest:.0f}",
                )
            if route.minutes > self.proven_min:
                yield text("explain.unproven", lang, minutes=f"{self.proven_min:.0f}")
        yield from self._passed_over(lang)
        yield from self._of_groups(lang)
        if len(self.findings) == 0:
            yield text("explain.no-rule", lang, service=self.service_name[lang])
        for row in self.findings.itertuples():
            yield from _judged(row, lang)

    def _nearer(self, lang: str) -> Iterator[str]:
        """What is nearest in metres, where it is another facility or another way."""
        if self.route is None or self.shortest is None or self.shortest.route is None:
            return
        nearer = self.shortest.route
        figures = {"metres": f"{nearer.distance_m:,.0f}", "minutes": f"{nearer.minutes:.1f}"}
        if nearer.facility == self.route.facility:
            yield text("explain.shorter-way", lang, **figures)
        else:
            yield text("explain.nearest-in-metres", lang, facility=self.shortest.goal, **figures)

    def _passed_over(self, lang: str) -> Iterator[str]:
        """Streets refused where the place joined, and closed gates near it."""
        # a street is told of once for each reason, where it is nearest
        nearest: dict[tuple[str, str], RefusedEdge] = {}
        for edge in self.refused:
            nearest.setdefault((edge.name or edge.edge, edge.reason), edge)
        for edge in [*nearest.values()][:_MOST_REFUSED]:
            said = {
                "edge": edge.edge,
                "name": edge.name or edge.highway or "-",
                "metres": f"{edge.away_m:.0f}",
            }
            yield text(f"explain.refused-{edge.reason}", lang, **said)
        for gate in self.gates[:_MOST_GATES]:
            yield text(
                "explain.gate",
                lang,
                name=gate.name or text("explain.unnamed", lang),
                metres=f"{gate.away_m:.0f}",
            )

    def _of_groups(self, lang: str) -> Iterator[str]:
        """The walk of every group with a profile of its own."""
        for group in self.groups:
            said = {"group": group_word(group.profile, lang), "speed": f"{group.speed_kmh:g}"}
            if np.isnan(group.minutes):
                service = _within_sentence(self.service_name[lang], lang)
                yield text("explain.group-none", lang, service=service, **said)
            else:
                figures = {"metres": f"{group.distance_m:,.0f}", "minutes": f"{group.minutes:.1f}"}
                yield text("explain.group", lang, **said, **figures)


def _streets(route: Explanation, lang: str) -> str:
    """``name length`` of every street, in order."""
    pieces = [
        {"name": row.name or text("explain.unnamed", lang), "metres": f"{row.length_m:,.0f}"}
        for row in route.streets.itertuples(index=False)
    ]
    return text("explain.next-street", lang).join(text("explain.street", lang, **piece) for piece in pieces)


def group_word(profile: str, lang: str) -> str:
    """What a group is called; the study's own word where it is none of ours."""
    return text(f"explain.who.{profile}", lang) if has(f"explain.who.{profile}") else profile


def _judged(row: Any, lang: str) -> Iterator[str]:
    """One finding: its verdict and figures, what counts for it, its limit."""
    said = {"title": row.title[lang], "rule": row.rule, "status": text(f"status.{row.status}", lang)}
    if np.isnan(row.value):
        why = text("explain.next-remark", lang).join(note.render(lang) for note in row.note)
        yield text("explain.rule-unknown" if why else "explain.rule-bare", lang, why=why, **said)
    else:
        said |= {"value": _figure(row.value, 1), "unit": _unit_word(row.unit, row.value, lang)}
        of_share = row.deficit_unit.startswith("%")
        said |= {"deficit": _figure(row.deficit, int(of_share)), "people": _figure(row.population_short)}
        said |= {"deficit_unit": _unit_word(gap_unit(row.deficit_unit), row.deficit, lang)}
        key = (
            "rule"
            if row.status != "short" or np.isnan(row.deficit)
            else "rule-lacks"
            if np.isnan(row.population_short)
            else "rule-short"
        )
        yield text(f"explain.{key}", lang, **said)
    if "|" in row.service:
        names = [service_names()[service][lang] for service in row.service.split("|")]
        yield text("explain.any-of", lang, services=text("explain.next-service", lang).join(names))
    if row.limit:
        unit, figures = row.limit
        yield text(f"explain.limit-{unit}", lang, criterion=_criterion(row.criterion, lang), **figures)
    if isinstance(row.beyond, BeyondLimit):
        yield from row.beyond.lines(lang)


def _criterion(criterion: str, lang: str) -> str:
    """The threshold of a finding, in the words that follow its limit; blank where it has none."""
    if share := _SHARE.fullmatch(criterion):
        basis = text(f"status.basis.{share[2].replace(' ', '-')}", lang)
        return text("explain.criterion-share", lang, n=share[1], basis=basis)
    if types := _TYPES.fullmatch(criterion):
        return text("explain.criterion-types", lang, n=types[1])
    return criterion and text("explain.criterion", lang, value=criterion)


def _unit_word(unit: str, value: float, lang: str) -> str:
    """A unit of findings in words, by number where the language has one."""
    keys = [f"status.unit.{unit}.one"] if value == 1 else []
    return next((text(key, lang) for key in (*keys, f"status.unit.{unit}") if has(key)), unit)


def _within_sentence(name: str, lang: str) -> str:
    """A name as it stands within a sentence: English ones begin small, but for abbreviations."""
    return name[:1].lower() + name[1:] if lang == "en" and name[1:2].islower() else name


def _figure(value: float, digits: int = 0) -> str:
    """A number for people; a dash where it is not known."""
    whole = digits == 0 or round(value, digits) % 1 == 0
    return "-" if np.isnan(value) else f"{value:,.{0 if whole else digits}f}"
