"""One county out of finished results: what its own map, report, workbook and layers are made from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lifecircle.assessment import headlines, priorities, scorecard, summarise
from lifecircle.tables import (
    CATCHMENT,
    COMMUNITY_LEVELS,
    WGS84,
    WIDE_LEVELS,
    Inputs,
    Results,
)

__all__ = ["county_names", "county_results", "overview_results", "separate_counties", "write_counties"]

if TYPE_CHECKING:
    from lifecircle import outputs

_Table = TypeVar("_Table", bound=pd.DataFrame)

_MANY_COMMUNITIES: Final = 400
"""Studies of more communities have a page for each county unless they say otherwise."""

_MARGIN_M: Final = 2_000.0
"""How far beyond a county's box streets, water and areas are drawn."""


def county_names(inputs: Inputs) -> dict[str, str]:
    """Counties that the study's own communities lie in: code and name, by code; its code where one has none.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> inputs = lc.check(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> county_names(inputs)
    {'110101': '110101'}
    """
    inside = inputs.communities[inputs.communities["inside"]]
    units = inputs.units[inputs.units["level"] == "county"]
    names = dict(zip(units["code"], units["name"], strict=True))
    return {str(code): str(names.get(code) or code) for code in sorted(inside["county"].unique()) if code}


def separate_counties(inputs: Inputs, *, wanted: bool | None) -> dict[str, str]:
    """Counties that get files of their own, as `county_names`; none where the study is one county.

    Parameters
    ----------
    inputs
        The study's inputs.
    wanted
        Whether the study asks for them; None where it does not say: then those of a large study do.
    """
    names = county_names(inputs)
    large = int(inputs.communities["inside"].sum()) > _MANY_COMMUNITIES
    return names if len(names) > 1 and (large if wanted is None else wanted) else {}


def overview_results(results: Results) -> Results:
    """A large study as the page above those of its counties shows it.

    Verdicts, figures and proposed sites are all there, and the facilities that rules judge one by one. Other
    facilities, service areas, catchments, life circles and walks are on the counties' own pages.

    Parameters
    ----------
    results
        The finished study.
    """
    findings, places = results.findings, results.inputs.facilities
    judged = findings.loc[findings["level"].isin([CATCHMENT, "facility"]), "code"]
    kept = places[places["facility"].isin(judged)].reset_index(drop=True)
    return dataclasses.replace(
        results,
        inputs=dataclasses.replace(results.inputs, facilities=kept),
        circles=results.circles.iloc[:0],
        isochrones=results.isochrones.iloc[:0],
        catchments=results.catchments.iloc[:0],
        routes=None,
    )


def county_results(results: Results, county: str) -> Results:
    """The part of finished results that is about one county. Nothing is judged again.

    Figures of communities, townships, stations and the county itself are those of the whole study: who walks
    to the next county, or comes from there, is counted as he is there. What the study is judged by as a whole
    stays with the study, as do its scenarios, its further modes and its sensitivity.

    Parameters
    ----------
    results
        The finished study.
    county
        Code of one of its counties, see `county_names`.

    Returns
    -------
    Results
        With the county's outline as boundary; counts, headline targets, scorecard and priorities are those
        of its units. Rasters are left out.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> result = lc.run(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> part = county_results(result, "110101")
    >>> part.communities["name"].tolist(), len(part.findings) <= len(result.findings)
    (['West', 'East'], True)
    """
    inputs = _inputs(results, county)
    codes = frozenset(inputs.communities["code"])
    facilities = frozenset(inputs.facilities.loc[inputs.facilities["inside"], "facility"])
    own = _own_findings(results.findings, inputs, facilities)
    findings = results.findings[own].reset_index(drop=True)
    summary = summarise(findings, inputs)
    first = headlines(summary, findings, results.plans)
    seen = shapely.box(*inputs.boundary.total_bounds).buffer(_MARGIN_M, join_style="mitre")
    areas = _clipped(results.isochrones, seen)
    return Results(
        inputs=inputs,
        travel=results.travel.of_demand(inputs.demand["demand"]),
        snaps=results.snaps.iloc[:0],
        findings=findings,
        communities=_rows(results.communities, "code", codes),
        circles=_rows(results.circles, "code", codes),
        # their lengths of streets are those of whole areas
        isochrones=areas.assign(reached_m=np.nan, unreached_m=np.nan),
        catchments=_rows(results.catchments, "facility", facilities),
        gaps=_rows(results.gaps, "community", codes),
        # among how many places sites were chosen, and how well, is said of the whole study
        proposals=_rows(results.proposals, "code", codes).assign(candidates=np.nan),
        rasters={},
        plans=results.plans,
        services=results.services,
        assumptions=results.assumptions,
        settings=results.settings,
        timings={},
        scorecard=scorecard(findings, [str(plan["id"]) for plan in results.plans], first),
        priorities=priorities(findings, inputs),
        summary=summary,
        headlines=first,
        routes=None if results.routes is None else _rows(results.routes, "code", codes),
    )


def write_counties(
    results: Results,
    names: Mapping[str, str],
    fresh: Path,
    *,
    page: Path,
    lang: str,
    basemap: Callable[[Path], outputs.Basemap | None],
) -> list[outputs.CountyPage]:
    """Write the folder of each county: map, report, workbook, layers.

    Parameters
    ----------
    results
        The finished study.
    names
        Its counties, from `separate_counties`.
    fresh
        The results folder that is being written.
    page
        Where the map of the whole study will lie.
    lang
        zh or en.
    basemap
        What lies under the map at a place that it will have.

    Returns
    -------
    list of CountyPage
        What the map of the whole study says of each.
    """
    from lifecircle import outputs  # noqa: PLC0415  folium is slow to import

    made = []
    for place, (code, name) in enumerate(names.items(), 1):
        folder = outputs.county_folder(code, place)
        county = outputs.write_county(
            county_results(results, code),
            fresh / folder,
            code=code,
            name=name,
            address=folder,
            lang=lang,
            basemap=basemap(page.parent / folder / page.name),
        )
        made.append(county)
    return made


def _inputs(results: Results, county: str) -> Inputs:
    """Communities, people, facilities, streets and outline of one county."""
    whole = results.inputs
    communities = whole.communities[whole.communities["inside"] & (whole.communities["county"] == county)]
    communities = communities.reset_index(drop=True)
    codes = frozenset(communities["code"])
    outline = _outline(whole, communities, county)
    boundary = gpd.GeoDataFrame(
        whole.boundary.drop(columns="geometry").head(1), geometry=[outline], crs=whole.crs
    )
    demand = _rows(whole.demand, "community", codes)
    # those that its people walk to may stand beyond its border
    places = whole.facilities
    own = _within(places, outline, codes)
    walked_to = pd.unique(results.travel.facility.reindex(demand["demand"]).to_numpy().ravel())
    facilities = places[own | places["facility"].isin(walked_to)].assign(
        inside=lambda table: own[table.index]
    )
    seen = outline.buffer(_MARGIN_M)
    near = whole.streets.keep(_segments_within(results, seen.bounds))
    return dataclasses.replace(
        whole,
        name=f"{whole.name} · {county_names(whole)[county]}",
        boundary=boundary,
        communities=communities,
        units=_units(whole, outline, communities, county),
        demand=demand,
        facilities=facilities.reset_index(drop=True),
        entries=_rows(whole.entries, "facility", frozenset(facilities["facility"])),
        streets=near,
        water=_clipped(whole.water, shapely.box(*seen.bounds)),
    )


def _outline(inputs: Inputs, communities: gpd.GeoDataFrame, county: str) -> shapely.Geometry:
    """The county's own outline, else that of its communities."""
    units = inputs.units
    own = units.loc[(units["level"] == "county") & (units["code"] == county), "geometry"]
    own = own[~(own.isna() | own.is_empty)]
    return own.iloc[0] if len(own) else communities.geometry.union_all()


def _within(places: gpd.GeoDataFrame, outline: shapely.Geometry, codes: frozenset[str]) -> pd.Series:
    """Which places lie in the county: in one of its communities or, outside every one, in its outline."""
    known = places["community"].isin(codes)
    open_ground = places["inside"] & (places["community"].fillna("") == "")
    if open_ground.any():
        points = places.geometry[open_ground].representative_point()
        known[open_ground] = shapely.contains_properly(outline, points.to_numpy())
    return known & places["inside"]


def _units(
    inputs: Inputs, outline: shapely.Geometry, communities: gpd.GeoDataFrame, county: str
) -> gpd.GeoDataFrame:
    """The county, its townships, and whatever else lies in it; not what it is a part of."""
    units = inputs.units
    level, code = units["level"], units["code"]
    kept = (level == "county") & (code == county) | (level == "township") & code.isin(communities["township"])
    others = ~level.isin(WIDE_LEVELS) & ~(units.geometry.isna() | units.geometry.is_empty)
    if others.any():
        points = units.geometry[others].representative_point()
        kept[others] = shapely.contains_properly(outline, points.to_numpy())
    return units[kept].reset_index(drop=True)


def _own_findings(findings: pd.DataFrame, inputs: Inputs, facilities: frozenset[str]) -> NDArray[np.bool_]:
    """Which findings are about the county's communities, units and facilities."""
    level = findings["level"]
    units = inputs.units
    own = level.isin(COMMUNITY_LEVELS) & findings["code"].isin(inputs.communities["code"])
    own |= level.isin([CATCHMENT, "facility"]) & findings["code"].isin(facilities)
    for name, codes in units.groupby("level")["code"]:
        own |= (level == name) & findings["code"].isin(codes)
    return own.to_numpy()


def _segments_within(results: Results, bounds: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which street segments touch a box of the study's CRS."""
    streets = results.inputs.streets
    corners = gpd.GeoSeries([shapely.box(*bounds)], crs=results.inputs.crs).to_crs(WGS84)
    west, south, east, north = corners.total_bounds
    inside = (streets.lon >= west) & (streets.lon <= east) & (streets.lat >= south) & (streets.lat <= north)
    return inside[streets.u] | inside[streets.v]


def _rows(table: _Table, column: str, wanted: frozenset[str]) -> _Table:
    """The rows that name one of some codes."""
    return table[table[column].isin(wanted)].reset_index(drop=True)


def _clipped(table: gpd.GeoDataFrame, box: shapely.Geometry) -> gpd.GeoDataFrame:
    """What of each shape lies in a box; rows of which nothing does are left out."""
    if table.empty:
        return table
    cut = table.set_geometry(shapely.clip_by_rect(table.geometry.to_numpy(), *box.bounds), crs=table.crs)
    return cut[~(cut.geometry.isna() | cut.geometry.is_empty)].reset_index(drop=True)
