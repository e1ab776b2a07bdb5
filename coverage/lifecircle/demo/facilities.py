"""What the city offers and where: a public ledger, shops along busy streets, and what is withheld."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.demo import ground as g
from lifecircle.demo.countryside import Countryside
from lifecircle.demo.draft import Draft
from lifecircle.demo.naming import neighbourhood_names
from lifecircle.demo.sites import by_closeness, centres_of, draw_busy, find_sites, near_middle
from lifecircle.demo.streets import Streets

_MAPPED_SHARE: Final = 0.12
_FIGURES: Final = ("staff", "capacity", "hours")

__all__ = ["Facilities", "groups_of", "ledger_row", "offer", "open_facilities", "seats_of"]


@dataclass(frozen=True)
class Facilities:
    """Everything that opened, and everything that was withheld.

    Attributes
    ----------
    public : service, name, unit, x, y, floor_area_m2, activity_area_m2, staff, capacity, hours
    shops : service, name, amap, type, unit, x, y (amap blank: listed in the ledger)
    pitches : service, name, x, y: sports pitches in parks, mapped in OpenStreetMap only
    withheld : service, level, code, name, rule: a unit that goes without although the rule asks for one
    closest : places of each unit's sites, the one nearest to the middle of its residents first
    """

    public: pd.DataFrame
    shops: pd.DataFrame
    pitches: pd.DataFrame
    withheld: pd.DataFrame
    closest: Mapping[int, NDArray[np.float64]]


def offer() -> Mapping[str, Any]:
    """The city's offer as data: see the head of ``offer.toml``."""
    return tomllib.loads((files(__package__) / "offer.toml").read_text(encoding="utf-8"))


def open_facilities(
    rng: np.random.Generator,
    ground: g.Ground,
    streets: Streets,
    country: Countryside,
    *,
    units: gpd.GeoDataFrame,
    buildings: pd.DataFrame,
    draft: Draft,
) -> Facilities:
    """Open every facility of the offer at a place that fits it."""
    plan = offer()
    sites = find_sites(ground, streets, country, units=units, buildings=buildings, draft=draft)
    closest = by_closeness(sites, centres_of(units, buildings))
    public: list[dict[str, object]] = []
    withheld: list[dict[str, object]] = []
    for rank, entry in enumerate(plan["public"]):
        seats, without = seats_of(rng, entry, units)
        public += [ledger_row(rng, entry, seat, closest=closest, units=units, rank=rank) for seat in seats]
        withheld += without
    shops = pd.concat(
        [_shops(rng, entry, sites, closest, units) for entry in plan["shop"]], ignore_index=True
    )
    _map_one_in_eight(rng, plan, shops, draft)
    pitches = _pitches(ground, streets, draft)
    return Facilities(pd.DataFrame(public), shops, pitches, pd.DataFrame(withheld), closest)


def _map_one_in_eight(
    rng: np.random.Generator, plan: Mapping[str, Any], shops: pd.DataFrame, draft: Draft
) -> None:
    """Put one shop in eight of some types on the map too, as volunteers would."""
    tags = {entry["service"]: entry["osm"] for entry in plan["shop"] if "osm" in entry}
    mapped = shops[shops["service"].isin(list(tags)) & (rng.random(len(shops)) < _MAPPED_SHARE)]
    nodes = draft.add_nodes(mapped["x"], mapped["y"])
    for node, service, name in zip(nodes, mapped["service"], mapped["name"], strict=True):
        draft.tag_node(int(node), **tags[service], name=name)


def _pitches(ground: g.Ground, streets: Streets, draft: Draft) -> pd.DataFrame:
    """A ball court in every park outside the new district."""
    rows: list[dict[str, object]] = []
    for park in streets.parks:
        if ground.use[park.block] == "new":
            continue
        west, _, south, _ = park.rect
        u, v = np.array([4.0, 5.2, 5.2, 4.0]) + west, np.array([4.0, 4.0, 4.7, 4.7]) + south
        x, y = ground.place(u, v)
        draft.add_ring(x, y, {"leisure": "pitch", "sport": "basketball", "name": f"{park.name}球场"})
        rows.append({"service": "sports-ground", "name": f"{park.name}球场", "x": x.mean(), "y": y.mean()})
    return pd.DataFrame(rows)


def seats_of(
    rng: np.random.Generator, entry: Mapping[str, Any], units: gpd.GeoDataFrame
) -> tuple[list[dict[str, Any]], list[dict[str, object]]]:
    """Which unit hosts each facility of an entry, and who goes without."""
    if entry["per"] == "people":
        return _per_people(entry, units), []
    groups = groups_of(entry, units)
    without = _going_without(rng, entry, groups)
    seats = [group for group in groups if group["code"] not in without]
    if "share" in entry:
        keep = rng.random(len(seats)) < entry["share"]
        seats = [seat for seat, kept in zip(seats, keep, strict=True) if kept]
    planted: list[dict[str, object]] = [
        {
            "service": entry["service"],
            "level": group["level"],
            "code": group["code"],
            "name": group["name"],
            "rule": rule,
        }
        for group in groups
        if group["code"] in without
        for rule in entry["rules"].get(group["ending"], [])
    ]
    return seats, planted


def groups_of(entry: Mapping[str, Any], units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """The units, townships or counties an entry is about; a larger one is hosted by its fullest unit."""
    if entry["per"] == "unit":
        chosen = units[units["kind"].isin(entry["of"]) & (units["population"] > entry.get("over_people", -1))]
        level = {"社区": "community", "村": "village"}
        return [
            {
                "code": row.code, "name": row.name_, "ending": row.kind, "level": level[row.kind],
                "host": row.Index, "zone": row.zone, "people": row.population,
            }
            for row in chosen.rename(columns={"name": "name_"}).itertuples()
        ]  # fmt: skip
    column = {"township": "township", "county": "county"}[entry["per"]]
    hosts = (
        units.sort_values("population", ascending=False, kind="stable")
        .drop_duplicates(column)
        .sort_values("code")
    )
    seats = []
    for row in hosts.itertuples():
        name = getattr(row, f"{column}_name")
        ending = name[-1] if entry["per"] == "township" else "县"
        if ending in entry.get("of", [ending]):
            seats.append(
                {
                    "code": getattr(row, column), "name": name, "ending": ending, "level": entry["per"],
                    "host": row.Index, "zone": row.zone, "people": row.population,
                }
            )  # fmt: skip
    return seats


def _going_without(
    rng: np.random.Generator, entry: Mapping[str, Any], groups: list[dict[str, Any]]
) -> set[str]:
    """Codes of those that go without: whole zones, so many of a zone, those of a certain size, or by name."""
    without: set[str] = set()
    for rule, value in entry["without"].items():
        if rule == "names":
            without |= {group["code"] for group in groups if group["name"] in value}
        elif rule == "people":
            without |= {group["code"] for group in groups if group["people"] in value}
        else:
            zone = [group["code"] for group in groups if group["zone"] == rule]
            count = len(zone) if value < 0 else value
            without |= {zone[number] for number in rng.permutation(len(zone))[:count]}
    return without


def _per_people(entry: Mapping[str, Any], units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """One for so many people, walking through the urban units outside the new district in code order."""
    urban = units[(units["kind"] == "社区") & (units["zone"] != "new")].sort_values("code")
    before = urban["population"].cumsum() - urban["population"] / 2
    turn = (before / entry["people"]).astype(int)
    hosts = urban.index[~turn.duplicated()]
    return [{"host": host, "code": units["code"][host], "name": units["name"][host]} for host in hosts]


def ledger_row(
    rng: np.random.Generator,
    entry: Mapping[str, Any],
    seat: Mapping[str, Any],
    *,
    closest: Mapping[int, NDArray[np.float64]],
    units: gpd.GeoDataFrame,
    rank: int,
) -> dict[str, object]:
    """One row of the ledger, a few doors from the middle of its host unit."""
    host = seat["host"]
    x, y = near_middle(closest[host], rank)
    name, township, county = (units[column][host] for column in ("name", "township_name", "county_name"))
    title = entry["title"].format(unit=_short(name), township=township, county=county)
    low, high = entry["floor_area_m2"]
    area = round(float(rng.uniform(low, high)) / 10) * 10.0
    share = rng.uniform(*entry["activity_share"]) if "activity_share" in entry else np.nan
    row = {"service": entry["service"], "name": title, "unit": host, "x": x, "y": y, "floor_area_m2": area}
    row["activity_area_m2"] = round(area * share) if np.isfinite(share) else np.nan
    for figure in _FIGURES:
        row[figure] = int(rng.integers(entry[figure][0], entry[figure][1] + 1)) if figure in entry else np.nan
    return row


def _shops(
    rng: np.random.Generator,
    entry: Mapping[str, Any],
    sites: pd.DataFrame,
    closest: Mapping[int, NDArray[np.float64]],
    units: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Shops of one type: one near the middle of most core communities, more where the street is busy."""
    core = units.index[units["zone"].isin(["old", "middle"])]
    hosts = core[rng.random(len(core)) < entry["share"]]
    middle = [near_middle(closest[host], int(rng.integers(0, 30))) for host in hosts]
    picks = [
        draw_busy(rng, sites[sites["zone"].isin(zones)], entry[count])
        for zones, count in ((["old", "middle"], "extra"), (["new"], "new"), (["town"], "rural"))
    ]
    more = pd.concat(picks)
    x = np.r_[[at[0] for at in middle], more["x"]]
    y = np.r_[[at[1] for at in middle], more["y"]]
    ending = [entry["names"][number] for number in rng.integers(len(entry["names"]), size=len(x))]
    brands = neighbourhood_names(rng, 600)
    return pd.DataFrame(
        {
            "service": entry["service"],
            "name": [brands[rng.integers(len(brands))] + end for end in ending],
            "amap": entry.get("amap", ""),
            "type": entry.get("type", ""),
            "unit": np.r_[hosts.to_numpy(), more["unit"]].astype(int),
            "x": x + rng.uniform(-3, 3, len(x)),
            "y": y + rng.uniform(-3, 3, len(x)),
        }
    )


def _short(name: str) -> str:
    """A unit's name without its committee's ending."""
    return name.removesuffix("社区居委会").removesuffix("村委会")
