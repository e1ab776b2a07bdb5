"""What is laid over the communities: facilities, people out of reach, circles, areas, catchments, sites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.messages import LANGUAGES
from lifecircle.outputs.first_places import first_lead, first_places, named_place, place_words
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.site_words import chosen_words, joint_gains, with_shares
from lifecircle.outputs.web_map.geometry import (
    Origin,
    pack_points,
    pack_shapes,
    rounded,
    simplified_within,
)
from lifecircle.tables import CATCHMENT, Results, share_weights
from lifecircle.tables.shapes import AREAS, of_kind

_FIRST_CELL_M: Final = 50.0
_CELLS_PER_SERVICE: Final = 2_500
_VERTICES_OF_AREAS: Final = 60_000
_VERTICES_OF_ROUTES: Final = 40_000
_VERTICES_OF_WATER: Final = 20_000
_GAINERS: Final = 3
"""Communities named that gain most by a site."""
_WITH_BEDS: Final = ("health-", "hospital", "clinic", "elderly-institution", "elderly-regional", "nursing")
_VERTICES_PER_CIRCLE: Final = 50

__all__ = ["catchments", "circles", "facilities", "gaps", "isochrones", "proposals", "water"]


def facilities(results: Results, origin: Origin, row_of: pd.Series) -> dict[str, dict[str, object]]:
    """Per service: ids, names, places, row of the community, capacity and its unit, residents, openness.

    `row_of` maps a community's code to its row in the page.
    """
    table = results.inputs.facilities
    load = _loads(results)
    layers: dict[str, dict[str, object]] = {}
    for service, rows in _per_service(table):
        x, y = pack_points(rows.geometry, origin)
        own = pd.MultiIndex.from_arrays([rows["service"], rows["facility"]])
        layer: dict[str, object] = {
            "id": [display_name(value) for value in rows["facility"]],
            "name": [display_name(value) for value in rows["name"]],
            "x": x,
            "y": y,
            "community": row_of.reindex(rows["community"]).fillna(-1).astype(int).tolist(),
            "closed": np.flatnonzero(~rows["public"].to_numpy(dtype=bool)).tolist(),
        }
        figures = {"capacity": rows["capacity"].to_numpy(), "load": load.reindex(own).round().to_numpy()}
        layer |= {key: rounded(v) for key, v in figures.items() if not pd.isna(v).all()}
        layers[service] = layer | {"capacity_unit": _capacity_unit(service)}
    return layers


def gaps(results: Results, origin: Origin) -> dict[str, dict[str, object]]:
    """People out of reach per service, summed on a grid just coarse enough; no resident is lost.

    Keys ``x``, ``y`` (where they live on average), ``residents`` and ``cell_m`` (width of the cells).
    Where nobody knows how many people there are, ``weight`` takes the place of ``residents``: a share of
    the largest cell's, so that the page draws where they are and no number.
    """
    layers: dict[str, dict[str, object]] = {}
    for service, rows in _per_service(results.gaps):
        people = rows.geometry
        place = pd.DataFrame({"x": people.x, "y": people.y, "residents": share_weights(rows).to_numpy()})
        cell_m, squares = _FIRST_CELL_M, place
        while len(squares := _on_grid(place, cell_m)) > _CELLS_PER_SERVICE:
            cell_m *= 2
        x, y = pack_points(
            gpd.GeoSeries(gpd.points_from_xy(squares["x"], squares["y"]), crs=people.crs), origin
        )
        layers[service] = {"x": x, "y": y, "cell_m": cell_m}
        if results.inputs.people_known:
            layers[service]["residents"] = [round(float(value), 1) for value in squares["residents"]]
        else:
            most = float(squares["residents"].max())
            layers[service]["weight"] = [round(float(value) / most, 3) for value in squares["residents"]]
    return layers


def circles(results: Results, origin: Origin, codes: pd.Series) -> dict[str, object]:
    """Each community's own life circle along `codes`: shape, figures, tier, counts inside.

    ``off_m`` says how far the shapes are from the exact ones at most, in metres.
    """
    table = results.circles.set_index("code").reindex(codes)
    if table["geometry"].isna().all():
        return {}
    shapes = gpd.GeoSeries(table["geometry"], crs=results.circles.crs)
    shapes, off_m = simplified_within(shapes, max_vertices=_VERTICES_PER_CIRCLE * len(table))
    inside = {name[2:]: table[name] for name in table.columns if name.startswith("n_")}
    return {
        "shape": pack_shapes(shapes, origin),
        "off_m": off_m,
        "minutes": rounded(table["minutes"]),
        "reached_km": [_one_digit(value) for value in table["reached_km"]],
        "area_km2": [_one_digit(value) for value in table["area_km2"]],
        "left_out_share": _share(table["unreached_km"], table["reached_km"]),
        "tier": table["tier"].fillna("").tolist(),
        "inside": {service: rounded(counts) for service, counts in inside.items()},
    }


def routes(results: Results, origin: Origin, row_of: pd.Series) -> dict[str, dict[str, object]]:
    """Ways to what communities lack, per service: ``community`` (row), ``shape``, ``metres``, ``minutes``.

    ``facility`` is its name; blank where it has none. ``of`` numbers the entry of ``rules`` that lists the
    rules, as ``plan/rule``, by whose measure the way goes. Lines are simplified until all have no more
    vertices than a page holds.
    """
    if results.routes is None or results.routes.empty:
        return {}
    names = results.inputs.facilities.drop_duplicates("facility").set_index("facility")["name"]
    table = results.routes[results.routes["code"].isin(row_of.index)]
    layers: dict[str, dict[str, object]] = {}
    for service, rows in _per_service(_drawable(table, _VERTICES_OF_ROUTES)):
        number, rules = pd.factorize(rows["rules"])
        layers[service] = {
            "community": row_of.reindex(rows["code"]).astype(int).tolist(),
            "shape": pack_shapes(rows.geometry, origin),
            "metres": [round(float(value)) for value in rows["distance_m"]],
            "minutes": [_one_digit(value) for value in rows["minutes"]],
            "facility": [display_name(names.get(one) or "") for one in rows["facility"]],
            "of": number.tolist(),
            "rules": [several.split("; ") for several in rules],
        }
    return layers


def isochrones(results: Results, origin: Origin) -> dict[str, list[dict[str, object]]]:
    """Service areas per service, the widest band first so that narrower ones lie on top.

    ``left_out_share`` is the share of the street length inside an area that was not reached in its time;
    None where the lengths are unknown. ``off_m`` is how far it is from the exact one at most, in metres.
    """
    layers: dict[str, list[dict[str, object]]] = {}
    wide_first = results.isochrones.sort_values("minutes", ascending=False, kind="stable")
    drawn, off_m = _drawable_within(wide_first, _VERTICES_OF_AREAS)
    for service, rows in _per_service(drawn):
        shapes = pack_shapes(rows.geometry, origin)
        layers[service] = [
            {"minutes": minutes, "left_out_share": share, "off_m": off_m, "shape": shape}
            for minutes, share, shape in zip(rounded(rows["minutes"]), _left_out(rows), shapes, strict=True)
        ]
    return layers


def catchments(results: Results, origin: Origin) -> dict[str, list[dict[str, object]]]:
    """The area that each facility is nearest to, with the residents in it, per service.

    ``station`` is the facility's id where its catchment falls short of a rule, so that it needs more of them.
    """
    layers: dict[str, list[dict[str, object]]] = {}
    findings = results.findings
    short = set(findings.loc[(findings["level"] == CATCHMENT) & (findings["status"] == "short"), "code"])
    for service, rows in _per_service(_drawable(results.catchments, _VERTICES_OF_AREAS)):
        shapes = pack_shapes(rows.geometry, origin)
        people = (rounded(rows[name].round()) for name in ("residents", "beyond_residents"))
        figures = zip(*people, strict=True)
        layers[service] = [
            {"name": display_name(name), "residents": residents, "beyond": beyond, "shape": shape}
            | ({"station": code} if code in short else {})
            for code, name, (residents, beyond), shape in zip(
                rows["facility"], rows["name"], figures, shapes, strict=True
            )
        ]
    return layers


def proposals(results: Results, origin: Origin) -> dict[str, object]:
    """Proposed sites in order of rank, and how many people each further one brings within reach.

    Returns
    -------
    dict
        ``basis``: what shares are shares of; ``sites``: per site plan, rule, service, rank, gain (persons),
        gain_share (percent of the basis), turned_met and closes (verdicts turned met), the first communities
        that gain with their people, community and street it stands in, place; ``chosen``: per rule and
        service, in both languages, among how many places its sites were chosen and how well; ``curve``: per
        rule and service the people covered with 0, 1, 2 ... sites, and the bound that no choice exceeds.
        Unknown figures are None.
    """
    table = results.proposals.assign(gain_share=100.0 * with_shares(results)["gain_share"])
    x, y = pack_points(table.geometry, origin) if len(table) else ([], [])
    figures = {
        name: rounded(table[name] if name in table else np.full(len(table), np.nan))
        for name in ("rank", "gain", "gain_share", "turned_met")
    }
    words = {
        name: [display_name(value) for value in table[name]] if name in table else [""] * len(table)
        for name in ("plan", "rule", "service", "closes", "code", "name", "street")
    }
    joint = table["joint_gains"].fillna("") if "joint_gains" in table else [""] * len(table)
    columns = {
        **words,
        **figures,
        "gainers": _first_gainers(table),
        "joint": list(map(joint_gains, joint)),
        "x": x,
        "y": y,
    }
    sites = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    sites.sort(key=lambda site: (site["plan"], site["rule"], site["service"], site["rank"]))
    curve = getattr(results, "coverage_curve", None)
    return {
        "basis": results.inputs.share_basis,
        "sites": sites,
        "chosen": _chosen(table),
        "curve": _curves(curve) if curve is not None and len(curve) else [],
        "first": _first(results, sites),
    }


def _first(results: Results, sites: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Where to build first: what stands above the list, and of each place what the reports say of it.

    A line has ``sites``, the first site of each headline target that the place serves, or ``plan``, ``rule``,
    ``station`` and ``name`` of a catchment; ``station`` is blank of several together.
    """
    number = {(one["plan"], one["rule"]): at for at, one in reversed(list(enumerate(sites)))}
    places = first_places(results)
    lines = [
        {
            "said": {lang: place_words(results, one, lang) for lang in LANGUAGES},
            **(
                {"sites": [number[key] for key in one.targets if key in number]}
                if one.station is None
                else {
                    **dict(zip(("plan", "rule"), one.targets[0], strict=True)),
                    "station": one.station.code,
                    "name": {lang: named_place(one, lang) for lang in LANGUAGES},
                }
            ),
        }
        for one in places
    ]
    return {"lead": {lang: first_lead(places, lang) for lang in LANGUAGES}, "lines": lines}


def _chosen(table: pd.DataFrame) -> list[dict[str, object]]:
    """Per rule and service, how its sites were chosen, in both languages; nothing where nobody knows."""
    keys = ["plan", "rule", "service"]
    of = [table[name] if name in table else pd.Series("", index=table.index) for name in keys]
    told: list[dict[str, object]] = []
    for key, rows in pd.DataFrame(table).groupby(of, sort=True):
        words = {lang: chosen_words(rows, lang) for lang in LANGUAGES}
        if all(words.values()):
            told.append({**dict(zip(keys, map(display_name, key), strict=True)), "words": words})
    return told


def _first_gainers(table: pd.DataFrame) -> list[list[list[object]]]:
    """Per site the communities that gain most by it: code and people."""
    told = table["gainers"].fillna("").astype(str) if "gainers" in table else [""] * len(table)
    pairs = [[one.rpartition(" ") for one in words.split("; ")[:_GAINERS] if one] for words in told]
    return [[[code, int(people)] for code, _, people in own] for own in pairs]


def _curves(table: pd.DataFrame) -> list[dict[str, object]]:
    """Each rule's curve of sites against people covered."""
    keys = ["plan", "rule", "service"]
    return [
        {
            **dict(zip(keys, key, strict=True)),
            "people": rounded(rows["people"])[0],
            "covered": rounded(rows["covered"]),
            "bound": rounded(rows["bound"]),
        }
        for key, rows in table.sort_values("sites", kind="stable").groupby(keys, sort=False)
    ]


def water(results: Results, origin: Origin) -> dict[str, list[str]]:
    """Water as ``areas``, and barriers and streams as ``lines``."""
    table = _drawable(results.inputs.water, _VERTICES_OF_WATER)
    polygonal = of_kind(table.geometry.to_numpy(), AREAS)
    return {
        "areas": pack_shapes(table[polygonal].geometry, origin),
        "lines": pack_shapes(table[~polygonal].geometry, origin),
    }


def _per_service(table: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """The rows of each service."""
    for service, rows in table.groupby("service", sort=True):
        yield str(service), rows


def _drawable(table: gpd.GeoDataFrame, max_vertices: int) -> gpd.GeoDataFrame:
    """The rows that have a shape, simplified together."""
    return _drawable_within(table, max_vertices)[0]


def _drawable_within(table: gpd.GeoDataFrame, max_vertices: int) -> tuple[gpd.GeoDataFrame, int]:
    """The same, and how far off the shapes are at most, in metres."""
    shaped = table[~(table.geometry.isna() | table.geometry.is_empty)]
    shapes, off_m = simplified_within(shaped.geometry, max_vertices=max_vertices)
    return shaped.set_geometry(shapes), off_m


def _on_grid(place: pd.DataFrame, cell_m: float) -> pd.DataFrame:
    """Residents summed per cell, at their mean place."""
    cell = [np.floor(place[axis] / cell_m).rename(f"cell_{axis}") for axis in ("x", "y")]
    return place.groupby(cell).agg(x=("x", "mean"), y=("y", "mean"), residents=("residents", "sum"))


def _left_out(areas: gpd.GeoDataFrame) -> list[float | None]:
    """Street inside each area that is out of reach, as a share of all street inside it."""
    if "unreached_m" not in areas.columns:
        return [None] * len(areas)
    return _share(areas["unreached_m"], areas["reached_m"])


def _share(missed: pd.Series, reached: pd.Series) -> list[float | None]:
    """Missed as a share of missed and reached, in tenths of a percent; None where there is neither."""
    whole = (missed + reached).to_numpy(dtype=np.float64)
    share = np.divide(missed, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return [None if np.isnan(value) else round(float(value), 3) for value in share]


def _capacity_unit(service: str) -> str:
    """What the capacity of a service is counted in."""
    return "beds" if service.startswith(_WITH_BEDS) else "places"


def _loads(results: Results) -> pd.Series:
    """Residents whose nearest facility it is, by service and facility."""
    return results.catchments.set_index(["service", "facility"])["residents"]


def _one_digit(value: float) -> float | None:
    """A figure for the panel: one decimal, unknown as None."""
    return None if pd.isna(value) else round(float(value), 1)
