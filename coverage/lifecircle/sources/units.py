"""Areas above the communities: dissolved from them, or supplied by ``[[areas]]``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api.types import is_float_dtype

from lifecircle.errors import preview
from lifecircle.sources.area_figures import (
    LAYER_OF_LEVEL,
    AreaLedger,
    area_columns,
    area_figures,
    columns_of,
    laid_over,
)
from lifecircle.sources.areas import StudyArea, check_place
from lifecircle.sources.containment import owner_of
from lifecircle.sources.fabric import remark_overlaps
from lifecircle.sources.figures import named_codes
from lifecircle.sources.files.cell_values import texts
from lifecircle.sources.files.shapes import placed_layer
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.place_names import declared_scope, township_kind, unit_kind
from lifecircle.study.area import UnitLayer
from lifecircle.tables import PARENT_LEVELS, UNIT_FIGURES, UNITS
from lifecircle.tables.subdivision import areas_within

__all__ = ["SuppliedUnits", "read_units", "units_table"]

_WHOLE_SHARE = 0.999
_LISTED_CODES = 10
_OF_ITS_OWN_OFFICE = frozenset({"mediators", "disability_commissioners", "staff"})
"""Figures of an area's own office: a township's are not the sum of its communities'."""


@dataclass(frozen=True)
class SuppliedUnits:
    """One ``[[areas]]`` layer as its file has it: ``UNITS`` but `level` and `whole`, and its figures."""

    kind: str
    file: str
    units: gpd.GeoDataFrame


def read_units(layer: UnitLayer, log: ReadingLog, columns: Collection[str] | None = None) -> SuppliedUnits:
    """Read one ``[[areas]]`` layer.

    A layer without a code column is numbered ``<kind>-<row>``; `columns` are those that plans need
    (``layer.column``).

    Raises
    ------
    InputError
        If the file cannot be used; wrong values become faults of the log.
    """
    own = columns_of(_layer_name(layer.kind), columns)
    wanted, named = area_columns(layer.columns, own, place="areas.columns")
    file = str(layer.source)
    raw = read_vector(
        layer.source,
        log,
        subject="communities",
        shape="polygon",
        wanted=wanted,
        required=named,
        layer=layer.layer,
        encoding=layer.encoding,
        datum=layer.datum,
    )
    table = gpd.GeoDataFrame(geometry=raw.geometry, crs=raw.crs)
    if "code" in raw:
        field = layer.columns.code
        table["code"] = named_codes(raw, "code", log, subject="communities", file=file, field=field)
    else:
        table["code"] = [f"{layer.kind}-{row}" for row in raw.index]
    for name in ("name", "kind", "scope"):
        table[name] = texts(raw[name]) if name in raw else ""
    table["scope"] = [declared_scope(value) or "" for value in table["scope"]]
    named_kind = [unit_kind(name) for name in table["name"]]
    table["kind"] = [kind or guess for kind, guess in zip(table["kind"], named_kind, strict=True)]
    figures = area_figures(raw, log, file=file, fields=layer.columns.model_dump(), own=own)
    for name in ("population", "households"):
        table[name] = figures.get(name, np.nan)
    for name in figures.columns:
        table[name] = figures[name]
    return SuppliedUnits(layer.kind, file, table)


def units_table(
    communities: gpd.GeoDataFrame,
    supplied: Sequence[SuppliedUnits],
    demand: gpd.GeoDataFrame,
    area: StudyArea,
    *,
    people_known: bool,
    ledgers: Sequence[AreaLedger] = (),
    columns: Collection[str] | None = None,
    log: ReadingLog | None = None,
) -> gpd.GeoDataFrame:
    """The ``UNITS`` table: figures of a level are the sums over its communities unless it brings its own.

    Marks (yes or no) are no figures: what a township's communities have says nothing about the township.

    Parameters
    ----------
    communities
        With ``population`` filled in, and the names of the units above.
    supplied
        ``[[areas]]``; a level supplied there is not dissolved from the communities.
    demand
        Counts the people of supplied units that bring no population of their own.
    area
        Units that do not touch the boundary are left out.
    people_known
        Whether residents are known, so that they can be counted for a layer that does not say them.
    ledgers, log
        Ledgers of areas, laid over what the layers say; takes the remarks.
    columns
        ``layer.column`` names that plans need: a plan's own figures are summed where it asks for them.
    """
    given = [layer.kind for layer in supplied]
    dissolved = [level for level in PARENT_LEVELS if level not in given]
    tables = [
        _dissolved(communities, level, columns_of(_layer_name(level), columns) or ()) for level in dissolved
    ]
    tables += [
        _placed(layer, demand, area, log or ReadingLog(), people_known=people_known) for layer in supplied
    ]
    for layer, table in zip(supplied, tables[len(dissolved) :], strict=True):
        if layer.kind in PARENT_LEVELS:
            _remark_misfits(layer, table, communities, log or ReadingLog())
    for level, table in zip([*dissolved, *given], tables, strict=True):
        laid_over(table, _layer_name(level), ledgers, log or ReadingLog())
    units = pd.concat(tables, ignore_index=True)
    further = [name for name in units.columns if name not in UNITS.columns]
    checked = gpd.GeoDataFrame(units[[*UNITS.columns, *further]], geometry="geometry", crs=area.crs)
    checked["whole"] = checked["whole"].astype(bool)
    for name in further:
        if name in UNIT_FIGURES and UNIT_FIGURES[name].kind == "flag":
            checked[name] = checked[name].astype(object).where(checked[name].notna(), None)
    return UNITS.check(checked.sort_values(["level", "code"], ignore_index=True))


def _remark_misfits(
    layer: SuppliedUnits, units: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, log: ReadingLog
) -> None:
    """Say where units above the communities overlap, and where either names codes that the other has not."""
    remark_overlaps(units, "parent-overlap", log)
    named = communities.loc[communities["inside"], layer.kind].astype(str)
    named = named[named != ""]
    astray = named[~named.isin(units["code"])]
    # a unit that only reaches into the boundary may have its communities elsewhere
    empty = units.loc[units["whole"] & ~units["code"].isin(named), "code"]
    for remark, count, codes in (
        ("parent-unknown", len(astray), sorted(astray.unique())),
        ("parent-empty", len(empty), list(empty)),
    ):
        if count:
            value = preview(codes, _LISTED_CODES)
            log.remark("communities", remark, item=layer.file, count=count, value=value, severity="warning")


def _layer_name(level: str) -> str:
    """What rules call the layer of a level or kind."""
    return LAYER_OF_LEVEL.get(level, f"areas:{level}")


def _summed(communities: gpd.GeoDataFrame, own: Iterable[str]) -> list[str]:
    """Figures that add up over communities, `own` being those of a plan of the user's own."""
    ours = [
        name
        for name, column in UNIT_FIGURES.items()
        if column.kind == "number" and name not in _OF_ITS_OWN_OFFICE
    ]
    figures = [name for name in own if name in communities and is_float_dtype(communities[name])]
    return [*(name for name in ours if name in communities), *figures]


def _dissolved(communities: gpd.GeoDataFrame, level: str, own: Iterable[str]) -> gpd.GeoDataFrame:
    """Units of one level as the union of their communities; whole where no member is mere context.

    A figure is known for a unit only where it is known for each of its communities.
    """
    members = communities[communities[level] != ""]
    names = members.get(f"{level}_name", pd.Series("", index=members.index))
    summed = ["population", "households", *_summed(communities, own)]
    rows = []
    for code, group in members.groupby(level, sort=True):
        if not group["inside"].any():
            continue
        called = next((name for name in names[group.index] if name), "")
        called = called or ("" if str(code).isdigit() else str(code))
        scopes = set(group["scope"])
        rows.append(
            {
                "level": level,
                "code": str(code),
                "name": called,
                "kind": unit_kind(called) or (township_kind(str(code)) if level == "township" else ""),
                "scope": scopes.pop() if len(scopes) == 1 else "",
                **{name: float(group[name].sum(skipna=False)) for name in summed},
                "whole": bool(group["inside"].all()),
                "geometry": shapely.union_all(group.geometry.to_numpy()),
            }
        )
    table = pd.DataFrame(rows) if rows else UNITS.empty()
    return gpd.GeoDataFrame(table, geometry="geometry", crs=communities.crs)


def _placed(
    layer: SuppliedUnits, demand: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog, *, people_known: bool
) -> gpd.GeoDataFrame:
    """A supplied layer in the study's system, with the share that lies within the boundary judged."""
    check_place(layer.units, area, file=layer.file)
    units = placed_layer(layer.units, area.crs, log, subject="communities", file=layer.file)
    units = units[shapely.intersects(area.outline, units.geometry.to_numpy())]
    units = units.sort_values("code", ignore_index=True)
    shapes = units.geometry.to_numpy()
    within = areas_within(shapes, area.outline)
    units["whole"] = within >= _WHOLE_SHARE * shapely.area(shapes)
    units["level"] = layer.kind
    if units["population"].isna().all() and people_known and len(units):
        owner = owner_of(demand.geometry.to_numpy(), units)
        inside = owner >= 0
        people = np.bincount(owner[inside], demand["residents"].to_numpy()[inside], minlength=len(units))
        units["population"] = people
    return units
