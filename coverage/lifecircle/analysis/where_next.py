"""Where to build next, by default: sites for every circle rule that is short, and how far further ones go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.analysis.street_names import streets_near
from lifecircle.measures import PEOPLE_TOLERANCE, area_of, at_most
from lifecircle.network import Network, ODPoints, Snaps
from lifecircle.plans import Plan, TravelTimeCircle
from lifecircle.siting.candidates import street_candidates
from lifecircle.siting.next_sites import Beyond, NextSites, next_sites
from lifecircle.siting.request import AssessedStudy, circle_walks, equal_minutes
from lifecircle.tables import COMMUNITY_LEVELS, COVERAGE_CURVE, PROPOSALS, WGS84, Inputs

__all__ = ["described_sites", "where_next"]

_SITES: Final = 5
"""Sites proposed for each rule."""
_CURVE: Final = 20
"""Sites up to which the curve of people in reach is drawn."""
_SPACING_M: Final = 250.0
_MOST_CANDIDATES: Final = 10_000
"""Candidates beyond which their spacing doubles."""
_NAMED_WITHIN_M: Final = 150.0
"""A street with a name is told where it passes within this of a site."""


class SnappedStudy(AssessedStudy, Protocol):
    """An assessed study with its demand on the streets."""

    @property
    def od(self) -> ODPoints:
        """Its demand points and facilities, snapped."""


@dataclass(frozen=True)
class _Circle:
    """What sites depend on: rules that share it share their sites."""

    services: tuple[str, ...]
    limit_min: float
    weight: str
    codes: frozenset[str]
    profile: str = ""
    """Group whose streets are its own; blank for everybody's."""
    pace_kmh: float = 0.0
    """Speed of those that it is about, where it says more than the limit does: time is lost at entrances."""


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Places on the streets where a facility could go."""

    places: gpd.GeoSeries
    snaps: Snaps


def where_next(study: SnappedStudy) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Propose sites for every time circle of the plans that communities fall short of.

    Candidates are street places every 250 m (farther apart where they would be more than 10,000). People are
    those of the rule: its cohort where the study has it, in the communities that it judges, at its speed. Of
    services that stand in for one another the first that the rule names is to be sited.

    Parameters
    ----------
    study
        The judged study.

    Returns
    -------
    GeoDataFrame, DataFrame
        `tables.PROPOSALS`, up to five sites per rule, and `tables.COVERAGE_CURVE` up to twenty. Verdicts in
        ``turned_met`` and ``closes`` are those of communities under the rule itself.
    """
    short = list(_short_circles(study))
    if not short:
        return PROPOSALS.empty_layer(study.inputs.crs), COVERAGE_CURVE.empty()
    max_snap_m = study.study.assumptions.max_snap_m
    candidates = _candidates(study.network, study.inputs, max_snap_m)
    solved: dict[_Circle, _Answer] = {}
    circles = {(plan.id, rule.id): _circle(study, plan, rule) for plan, rule in short}
    layers, curves = [], []
    for (plan_id, rule_id), circle in circles.items():
        if circle not in solved:
            streets = study.profile_networks.get(circle.profile, study.network)
            own = candidates
            if circle.profile:
                own = _Candidates(candidates.places, streets.snap(candidates.places, max_snap_m=max_snap_m))
            solved[circle] = _answer(study, circle, own, streets)
        answer = solved[circle]
        if answer.people > 0:
            curve = _curve(plan_id, rule_id, circle, answer).assign(candidates=float(len(candidates.places)))
            layer = _layer(study, curve, answer, candidates)
            layers.append(layer)
            curves.append(curve)
    layers = [layer for layer in layers if len(layer)]
    if not curves:
        return PROPOSALS.empty_layer(study.inputs.crs), COVERAGE_CURVE.empty()
    curve = COVERAGE_CURVE.check(pd.concat(curves, ignore_index=True))
    if not layers:
        return PROPOSALS.empty_layer(study.inputs.crs), curve
    sites = pd.concat(layers, ignore_index=True)
    return PROPOSALS.check(sites.assign(joint_gains=_joint_gains(sites, circles, solved))), curve


@dataclass(frozen=True, eq=False)
class _Answer:
    """Ranked sites for one circle, and the people it counts: all, those in reach now, per community."""

    ranked: NextSites
    people: float
    covered: float
    residents: pd.Series
    inside: pd.Series
    gained: pd.DataFrame
    """People newly in reach, community × rank."""
    beyond: Beyond


def _short_circles(study: AssessedStudy) -> Iterator[tuple[Plan, TravelTimeCircle]]:
    """Time circles with a verdict that is short, in the order of the plans."""
    findings = study.findings
    short = findings[findings["status"] == "short"]
    pairs_short = set(zip(short["plan"], short["rule"], strict=True))
    for plan in study.judged_by:
        for rule in plan.rules:
            if isinstance(rule, TravelTimeCircle) and (plan.id, rule.id) in pairs_short:
                yield plan, rule


def _circle(study: AssessedStudy, plan: Plan, rule: TravelTimeCircle) -> _Circle:
    """The reach of a rule in minutes of the routing, whose it is, and the communities it judges."""
    travel = study.travel
    walks = circle_walks(study, rule)
    cohort = str(rule.cohort)
    findings = study.findings
    # units without people or data have nothing to gain
    of_rule = (findings["plan"] == plan.id) & (findings["rule"] == rule.id)
    judged = findings[of_rule & findings["level"].isin(COMMUNITY_LEVELS)]
    judged = judged[~judged["status"].isin(["not-applicable", "no-data"])]
    services = tuple(name for name in rule.services if name in travel.minutes.columns)
    everybody = "residents" if study.inputs.people_known else "weight"
    weight = cohort if cohort in study.inputs.demand.columns else everybody
    profile = rule.walker if walks.network is not study.network else ""
    codes = frozenset(judged["code"].astype(str))
    pace = walks.speed_kmh if walks.travel.at_speeds else 0.0
    return _Circle(services, walks.minutes, weight, codes, profile, pace)


def _candidates(network: Network, inputs: Inputs, max_snap_m: float) -> _Candidates:
    """Street places in the boundary, no more than can be looked through."""
    spacing = _SPACING_M
    places = street_candidates(network, inputs, spacing_m=spacing)
    while len(places) > _MOST_CANDIDATES:
        spacing *= 2.0
        places = street_candidates(network, inputs, spacing_m=spacing)
    return _Candidates(places, network.snap(places, max_snap_m=max_snap_m))


def _answer(study: SnappedStudy, circle: _Circle, candidates: _Candidates, streets: Network) -> _Answer:
    """Rank sites for the people of a circle who are not in reach on the streets that they can use."""
    # stage 1: the people that the rule counts, and those of them already in reach
    demand = study.inputs.demand
    people = demand[circle.weight].fillna(0.0).to_numpy(dtype=np.float64)
    community = demand["community"].astype(str).to_numpy(dtype=object)
    counted = demand["inside"].to_numpy(dtype=bool) & (people > 0)
    if circle.codes:
        counted &= pd.Series(community).isin(circle.codes).to_numpy()
    travel = study.travel.profiles[circle.profile] if circle.profile else study.travel
    table = equal_minutes(travel, circle.pace_kmh or travel.speed_kmh)
    minutes = table.loc[demand["demand"], list(circle.services)].min(axis=1)
    near = at_most(minutes, circle.limit_min)
    # Only people beyond the limit are routed: a site changes nothing for the others.
    far = np.flatnonzero(counted & ~near)
    start = study.od.demand.take(far)
    if circle.profile:
        max_snap_m = study.study.assumptions.max_snap_m
        start = streets.snap(demand.iloc[far].set_index("demand"), max_snap_m=max_snap_m, anywhere=True)
    # stage 2: sites ranked one after another by the people they newly reach
    beyond = Beyond(people[far], start, streets, candidates.snaps, circle.limit_min)
    row, site = beyond.pairs()
    ranked = next_sites(row, site, beyond.people, sites=len(candidates.places), most=_CURVE)
    # stage 3: by community, who lives there, who is in reach, and who each site adds
    held = np.flatnonzero(counted)
    residents = pd.Series(people[held]).groupby(community[held]).sum()
    inside = pd.Series(np.where(near[held], people[held], 0.0)).groupby(community[held]).sum()
    reached = ranked.step >= 0
    gained = pd.DataFrame(
        {"code": community[far][reached], "step": ranked.step[reached], "people": people[far][reached]}
    ).pivot_table(index="code", columns="step", values="people", aggfunc="sum", fill_value=0.0)
    return _Answer(
        ranked,
        float(people[held].sum()),
        float(people[held][near[held]].sum()),
        residents,
        inside,
        gained,
        beyond,
    )


def _joint_gains(
    sites: gpd.GeoDataFrame, circles: Mapping[tuple[str, str], _Circle], solved: Mapping[_Circle, _Answer]
) -> list[str]:
    """Per site, whom it newly reaches under rules that ask for the same service within another limit."""
    of_circles: dict[tuple[_Circle, _Circle], NDArray[np.float64]] = {}
    told = []
    for plan, rule, rank in zip(sites["plan"], sites["rule"], sites["rank"], strict=True):
        own, gains = circles[plan, rule], []
        for (other_plan, other_rule), other in circles.items():
            if other == own or own.services[0] not in other.services or other.weight == "weight":
                continue
            if (own, other) not in of_circles:
                first = solved[own].ranked.sites[:_SITES]
                of_circles[own, other] = solved[other].beyond.gained_by(first)
            persons = round(float(of_circles[own, other][rank - 1]))
            gains.append(f"{other_plan}/{other_rule} {persons}")
        told.append("; ".join(gains))
    return told


def _curve(plan: str, rule: str, circle: _Circle, answer: _Answer) -> pd.DataFrame:
    """People in reach against the number of new sites, with the bound on any choice of as many.

    Where nobody knows how many people there are, sites are ranked by the weights that stand in for them, and
    only the share is told.
    """
    ranked = answer.ranked
    # Sums in another order may come a hair above the whole.
    reached = np.minimum(answer.covered + np.concatenate(([0.0], np.cumsum(ranked.gains))), answer.people)
    count = np.arange(len(reached))
    bounds = np.minimum(answer.covered + ranked.bounds[count], answer.people)
    person = np.nan if circle.weight == "weight" else 1.0
    return pd.DataFrame(
        {
            "plan": plan,
            "rule": rule,
            "service": circle.services[0],
            "sites": count,
            "covered": person * reached,
            "people": person * answer.people,
            "share": reached / answer.people,
            "bound": person * np.maximum(bounds, reached),
        }
    )


def _layer(
    study: AssessedStudy, curve: pd.DataFrame, answer: _Answer, candidates: _Candidates
) -> gpd.GeoDataFrame:
    """The first sites of a curve, and what each closes."""
    ranked = answer.ranked
    first = ranked.sites[:_SITES]
    # a site's figures stand on those ranked before it
    plan, rule = curve["plan"].iloc[0], curve["rule"].iloc[0]
    closes = _closed(study, plan, rule, answer, len(first))
    places = candidates.places.iloc[first]
    facts = pd.DataFrame(
        {
            "proposal": places.index.astype(str).to_numpy(dtype=object),
            "rank": np.arange(1, len(first) + 1),
            "gain": np.where(curve["covered"].isna().all(), np.nan, ranked.gains[: len(first)]),
            "turned_met": np.array([len(codes) for codes in closes], np.int64),
            "gainers": _gainers(answer, len(first), known=not curve["covered"].isna().all()),
            "closes": np.array(
                ["; ".join(f"{rule} {code}" for code in codes) for codes in closes], dtype=object
            ),
        }
    )
    facts = facts.merge(curve.drop(columns="share").rename(columns={"sites": "rank"}), on="rank")
    layer = gpd.GeoDataFrame(facts, geometry=places.to_numpy(), crs=candidates.places.crs)
    return described_sites(layer, study.inputs, study.network)


def _closed(study: AssessedStudy, plan: str, rule: str, answer: _Answer, ranks: int) -> list[list[str]]:
    """Communities whose verdict under a rule each site turns from short to met after those before it."""
    findings = study.findings
    of_rule = (findings["plan"] == plan) & (findings["rule"] == rule) & (findings["status"] == "short")
    waiting = set(findings.loc[of_rule & findings["level"].isin(COMMUNITY_LEVELS), "code"].astype(str))
    share = study.study.assumptions.covered_share
    inside, closed = answer.inside.copy(), []
    for rank in range(ranks):
        if rank in answer.gained.columns:
            inside = inside.add(answer.gained[rank], fill_value=0.0)
        enough = inside[inside >= share * answer.residents.reindex(inside.index) - PEOPLE_TOLERANCE]
        codes = sorted(waiting & set(enough.index))
        waiting -= set(codes)
        closed.append(codes)
    return closed


def _gainers(answer: _Answer, ranks: int, *, known: bool) -> NDArray[np.object_]:
    """Per site, who it newly reaches: communities with whole people, the most first; blank where unknown."""
    told = np.full(ranks, "", dtype=object)
    for rank in range(ranks if known else 0):
        if rank in answer.gained.columns:
            people = answer.gained[rank].sort_values(ascending=False, kind="stable").round().astype(np.int64)
            told[rank] = "; ".join(f"{code} {count}" for code, count in people.items() if count > 0)
    return told


def described_sites(layer: gpd.GeoDataFrame, inputs: Inputs, network: Network) -> gpd.GeoDataFrame:
    """Sites with where they are: community, street, longitude and latitude; columns in the table's order.

    Parameters
    ----------
    layer
        Sites with all other columns of `tables.PROPOSALS`, in the study's CRS.
    inputs
        The study's communities.
    network
        Its streets.
    """
    own = inputs.communities[inputs.communities["inside"]]
    code = area_of(layer, own).to_numpy(dtype=object)
    names = dict(zip(own["code"], own["name"].fillna(""), strict=True))
    degrees = layer.geometry.to_crs(WGS84)
    described = layer.assign(
        code=code,
        name=[str(names.get(one, "")) for one in code],
        street=streets_near(layer.geometry, network, within_m=_NAMED_WITHIN_M),
        x=degrees.x.to_numpy(dtype=np.float64),
        y=degrees.y.to_numpy(dtype=np.float64),
        gainers=layer.get("gainers", ""),
        joint_gains=layer.get("joint_gains", ""),
    )
    return PROPOSALS.check(described[list(PROPOSALS.columns)])
