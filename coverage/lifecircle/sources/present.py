"""What was supplied, and how good the streets are: for no-data notes and the data-quality table."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd

from lifecircle.errors import preview
from lifecircle.sources.area_figures import LAYER_OF_LEVEL
from lifecircle.sources.areas import StudyArea
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.street_pieces import street_pieces
from lifecircle.tables import COMMUNITIES, FACILITIES, FACILITY_FIGURES, UNITS, StreetTable, TableSpec
from lifecircle.tables.streets import MOST_NAMED

__all__ = ["facility_layers", "layers_present", "remark_streets"]

_SAYING = frozenset({"scope", "name", "kind", "population", "households"})
_NOT_A_FIGURE = frozenset({"reported", "placement", "township_name", "county_name", "city_name"})
_SPARSE_SHARE = 0.25
_BORDER_PIECE_M = 10.0
_GRAVE = frozenset({"street-datum-rough"})


def layers_present(
    communities: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    people_known: bool,
    further: Iterable[str] = (),
) -> frozenset[str]:
    """Names of the layers and columns (``table.column``) that hold anything.

    Layers: ``communities`` or ``grid``, ``population``, ``households``, ``buildings``, ``facilities``,
    ``cohort:<name>``, ``townships``, ``counties``, ``cities``, ``areas:<kind>``, and `further`.
    """
    names = {"grid" if (communities["kind"] == "cell").all() else "communities", *further}
    names |= {f"communities.{name}" for name in _told(communities, COMMUNITIES, _NOT_A_FIGURE)}
    if people_known:
        names.add("population")
    if "communities.households" in names:
        names.add("households")
    for level, table in units.groupby("level", sort=True):
        layer = LAYER_OF_LEVEL.get(str(level), f"areas:{level}")
        names |= {layer, *(f"{layer}.{name}" for name in _told(table, UNITS))}
    if "dwellings" in demand:
        names.add("buildings")
    for cohort in ("over60", "under3"):
        if cohort in demand:
            names |= {f"cohort:{cohort}", f"demand.{cohort}"}
    return frozenset(names) | facility_layers(facilities)


def facility_layers(facilities: gpd.GeoDataFrame) -> frozenset[str]:
    """``facilities`` and those of its columns that hold anything; nothing where there are none."""
    if not len(facilities):
        return frozenset()
    further = (name for name in facilities.columns if name not in FACILITIES.columns)
    plain = pd.DataFrame(facilities)
    told = (name for name in (*FACILITY_FIGURES, *further) if plain[name].notna().any())
    return frozenset(("facilities", *(f"facilities.{name}" for name in told)))


def _told(table: pd.DataFrame, spec: TableSpec, besides: frozenset[str] = frozenset()) -> list[str]:
    """Columns about areas that say anything: what every area has, and every figure."""
    further = (name for name in table.columns if name not in spec.columns and name not in besides)
    return [name for name in (*sorted(_SAYING), *further) if _holds(table[name])]


def _holds(values: pd.Series) -> bool:
    """Whether a column says anything: text that is not blank, numbers that are known."""
    if pd.api.types.is_numeric_dtype(values):
        return bool(values.notna().any())
    return bool((values.notna() & (values != "")).any())


def remark_streets(
    communities: gpd.GeoDataFrame, streets: StreetTable, area: StudyArea, log: ReadingLog
) -> None:
    """Street density: the median over the communities judged, and those with under a quarter of their kind's.

    Towns and villages are compared among themselves (by ``scope``): fields hold few streets.
    """
    for reason, count in streets.counts.items():
        if count:
            severity = "warning" if reason in _GRAVE else "info"
            item = preview(streets.named.get(reason, ()), MOST_NAMED)
            log.remark("streets", reason, item=item, count=count, severity=severity)
    # Kilometres of street per square kilometre of each community.
    length_m = (
        street_pieces(streets, communities, area.crs, at_border_m=_BORDER_PIECE_M)
        .groupby("owner")["weight"]
        .sum()
    )
    km = length_m.reindex(range(len(communities)), fill_value=0.0).to_numpy() / 1e3
    density = km / (communities.area.to_numpy() / 1e6)
    judged = communities["inside"].to_numpy()
    if not judged.any():
        return
    usual = float(np.median(density[judged]))
    log.remark("streets", "street-density", count=int(judged.sum()), value=f"{usual:.1f}")
    # Each is held against the median of its own scope, town or country.
    alike = pd.Series(density).where(judged).groupby(communities["scope"].to_numpy()).transform("median")
    for row in np.flatnonzero(judged & (density < _SPARSE_SHARE * alike.to_numpy())):
        centre = communities.geometry.iloc[row].representative_point()
        log.remark(
            "streets",
            "streets-sparse",
            item=str(communities["code"].iloc[row]),
            value=f"{density[row]:.1f}",
            severity="warning",
            xy=(centre.x, centre.y),
        )
    if edge := int((judged & communities["edge"].to_numpy()).sum()):
        log.remark("streets", "edge", count=edge, severity="warning")
