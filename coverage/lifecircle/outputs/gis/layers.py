"""``study.gpkg``: every layer of a run, in WGS 84, drawn when QGIS opens it; and the same as GeoParquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from lifecircle.messages import text
from lifecircle.outputs.dublin_core import dublin_core
from lifecircle.outputs.gis.geoparquet import rows_by_file, write_geoparquet
from lifecircle.outputs.gis.styles import layer_styles, store_styles
from lifecircle.outputs.remarks import quality_in_words
from lifecircle.outputs.report.figures import short_rules
from lifecircle.outputs.safe_text import plain_text
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import mode_titles, title_of
from lifecircle.tables import (
    COMMUNITY_LEVELS,
    COMMUNITY_VERDICTS,
    ROUTES,
    SCENARIO_SITES,
    WGS84,
    Results,
    verdict_rows,
)
from lifecircle.tables.degrees import parted_degrees
from lifecircle.tables.shapes import AREAS, of_kind

GEOMETRY: Final = {
    "communities": "MultiPolygon",
    "circles": "MultiPolygon",
    "facilities": "Point",
    "facility_areas": "MultiPolygon",
    "demand": "Point",
    "gaps": "Point",
    "catchments": "MultiPolygon",
    "isochrones": "MultiPolygon",
    "routes": "LineString",
    "proposals": "Point",
    "scenarios": "Point",
    "scenario_streets": "LineString",
    "data_quality": "Point",
}
"""Layers in the order of writing, and what each holds; all are there, also where they have no rows."""

_MOST_VERTICES: Final = 1_000_000
"""Vertices that are brought into degrees and handed to the file at once."""

_CLOCK: Final = "OGR_CURRENT_DATE"
"""GDAL's setting of the time that files say they were made at."""

_VERSION: Final = "1.2"
"""Of GeoPackage: older programs warn about later ones."""

__all__ = ["GEOMETRY", "community_layer", "write_layers"]


def write_layers(
    results: Results,
    path: Path,
    *,
    lang: str,
    geoparquet: Path | None = None,
    counties: Mapping[str, str] | None = None,
) -> None:
    """Write the GeoPackage: one layer per table, ids as in the tables, remarks in words, styles for QGIS.

    ``communities`` carries ``rules_short`` and each rule's ``status_<rule>`` and ``deficit_<rule>`` beside
    its figures, those of further modes with the mode behind them. ``facilities`` are points (inside the
    outline, where the source has one); ``facility_areas`` are the outlines. Every layer says in Dublin Core
    terms what it is, of which day and by whom. Into the folder `geoparquet`, where one is named, the same
    layers go as ``<layer>.parquet``; where `counties` names files for them, those whose rows lie in counties
    as ``<layer>/<county>.parquet``.
    """
    inputs = results.inputs
    communities, verdicts = community_layer(results, lang)
    shapes = inputs.facilities
    outlined = of_kind(shapes.geometry.to_numpy(), AREAS)
    changed = _changed(results)
    lines = changed.geometry.geom_type == "LineString"
    layers = {
        "communities": communities,
        "circles": results.circles,
        "facilities": shapes.set_geometry(
            shapely.point_on_surface(shapes.geometry.to_numpy()), crs=inputs.crs
        ),
        "facility_areas": shapes[outlined],
        "demand": inputs.demand,
        "gaps": results.gaps,
        "catchments": results.catchments,
        "isochrones": results.isochrones,
        "routes": ROUTES.empty_layer(inputs.crs) if results.routes is None else results.routes,
        "proposals": results.proposals,
        "scenarios": changed[~lines],
        "scenario_streets": changed[lines],
        "data_quality": _quality(results, lang),
    }
    if geoparquet is not None:
        geoparquet.mkdir()
    made = f"{study_date(results)}T00:00:00.000Z"
    for name, layer in layers.items():
        placed = layer if layer.crs is not None else layer.set_crs(inputs.crs)
        title = text(f"layers.{name.replace('_', '-')}", lang)
        about = dublin_core(results, lang, of=title, epsg=4326)
        with _made_at(made):
            _write(placed, path, name, about)
        if geoparquet is not None:
            facts = _facts(placed)
            for file, (rows, county) in rows_by_file(placed, name, results, counties or {}).items():
                part = _published(placed.iloc[rows], facts.iloc[rows], name)
                write_geoparquet(part, geoparquet / file, about, county)
    store_styles(path, layer_styles(results, communities, verdicts, lang), made=made)


@contextmanager
def _made_at(time: str) -> Iterator[None]:
    """Within this, GeoPackages say that they were made at a time of ours: two runs write the same."""
    before = pyogrio.get_gdal_config_option(_CLOCK)
    pyogrio.set_gdal_config_options({_CLOCK: time})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_CLOCK: before})


def community_layer(results: Results, lang: str) -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Communities with the status and deficit of every rule that judges them; columns of status to titles."""
    table = results.communities
    codes = pd.Index(table["code"])
    verdicts = verdict_rows(results.findings)
    own = verdicts[verdicts["level"].isin(COMMUNITY_LEVELS) & verdicts["code"].isin(codes)]
    pairs = list(own.groupby(["plan", "rule"], sort=False))
    often = Counter(rule for (_, rule), _ in pairs)
    titles = {}
    columns: dict[str, object] = {
        "code": codes.to_numpy(dtype=object),
        "rules_short": short_rules(results).reindex(codes).to_numpy(dtype=np.float64),
    }
    for (plan, rule), group in pairs:
        name = str(rule) if often[rule] == 1 else f"{plan}_{rule}"
        columns |= _standing(group, codes, name)
        titles[f"status_{name}"] = title_of(results, str(plan), str(rule), lang)
    for mode, words in list(mode_titles(results, lang).items())[1:]:
        for (plan, rule), group in _of_mode(results, mode, codes):
            name = f"{rule if often[rule] == 1 else f'{plan}_{rule}'}_{mode}"
            columns |= _standing(group, codes, name)
            titles[f"status_{name}"] = f"{title_of(results, plan, rule, lang)} · {words}"
    judged = COMMUNITY_VERDICTS.check(pd.DataFrame(columns, index=table.index)).drop(columns="code")
    grown = pd.concat([table, judged], axis=1)
    return grown.set_geometry(table.geometry.name, crs=results.inputs.crs), titles


def _of_mode(results: Results, mode: str, codes: pd.Index) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """The verdicts on communities in one mode, by plan and rule."""
    rows = verdict_rows(results.modes[results.modes["mode"] == mode])
    own = rows[rows["level"].isin(COMMUNITY_LEVELS) & rows["code"].isin(codes)]
    for (plan, rule), group in own.groupby(["plan", "rule"], sort=False):
        yield (str(plan), str(rule)), group


def _standing(verdicts: pd.DataFrame, codes: pd.Index, name: str) -> dict[str, object]:
    """Columns of status and deficit of one rule along the communities."""
    rows = verdicts.drop_duplicates("code").set_index("code")
    provisional = (rows["status"] == "short") & (rows["certainty"] == "provisional")
    status = rows["status"].mask(provisional, "short-provisional")
    # a community that a rule does not judge has no status: blank, as every unknown text is
    return {
        f"status_{name}": status.reindex(codes).fillna("").to_numpy(dtype=object),
        f"deficit_{name}": rows["deficit"].reindex(codes).to_numpy(dtype=np.float64),
    }


def _changed(results: Results) -> gpd.GeoDataFrame:
    """What scenarios change on the ground; no rows where there are none."""
    if results.scenario_sites is not None:
        return results.scenario_sites
    return SCENARIO_SITES.empty_layer(results.inputs.crs)


def _published(layer: gpd.GeoDataFrame, facts: pd.DataFrame, name: str) -> gpd.GeoDataFrame:
    """A layer as files hold it: degrees and one type of geometry, beside its `facts`."""
    shapes = parted_degrees(layer.geometry)
    if GEOMETRY[name] == "MultiPolygon":
        shapes = shapes.map(_multi)
    return gpd.GeoDataFrame(facts, geometry=shapes.to_numpy(), crs=WGS84)


def _facts(layer: gpd.GeoDataFrame) -> pd.DataFrame:
    """The columns of a layer beside its geometry, as plain values."""
    facts = pd.DataFrame(layer.drop(columns=layer.geometry.name))
    return pd.DataFrame({column: _storable(facts[column]) for column in facts}, index=range(len(facts)))


def _write(layer: gpd.GeoDataFrame, path: Path, name: str, about: dict[str, str]) -> None:
    """One layer, some rows at a time; an empty one is written too, so that a project file finds it."""
    facts, begun = _facts(layer), False
    for rows in _few_vertices(layer.geometry.to_numpy()):
        part = _published(layer.iloc[rows], facts.iloc[rows], name)
        part.to_file(
            path,
            layer=name,
            driver="GPKG",
            engine="pyogrio",
            geometry_type=GEOMETRY[name],
            mode="a" if begun else "w",
            **({} if begun else {"layer_metadata": about, "VERSION": _VERSION}),
        )
        begun = True


def _few_vertices(shapes: NDArray[np.object_]) -> Iterator[slice]:
    """Rows one after another: those that have `_MOST_VERTICES` together, or one. At least one slice."""
    through = np.cumsum(shapely.get_num_coordinates(shapes))
    first = 0
    while first < len(shapes) or first == 0:
        before = through[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(through, before + _MOST_VERTICES, side="right")))
        yield slice(first, last)
        first = last


def _multi(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """A polygon as a multipolygon of one: a layer holds one type."""
    return (
        shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) and not shape.is_empty else shape
    )


def _storable(values: pd.Series) -> pd.Series:
    """A column a GeoPackage can hold: infinite as unknown, marks as booleans, anything else as text."""
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_integer_dtype(values):
        return values.reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(values):
        return values.where(np.isfinite(values)).reset_index(drop=True)
    known = values.dropna()
    if len(known) and known.map(lambda value: isinstance(value, (bool, np.bool_))).all():
        return values.astype("boolean").reset_index(drop=True)
    words = [None if _unknown(value) else _words(value) for value in values]
    return pd.Series(words, dtype="object")


def _unknown(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _words(value: object) -> str:
    """A cell as text; several values side by side."""
    several = isinstance(value, (tuple, list, set, frozenset))
    return "; ".join(plain_text(one) for one in value) if several else plain_text(value)  # type: ignore[attr-defined]


def _quality(results: Results, lang: str) -> gpd.GeoDataFrame:
    """Remarks on the data, warnings first, as points; those without a place keep an empty geometry."""
    table = quality_in_words(results.inputs.quality, lang, results.services, results.communities)
    placed = table[["x", "y"]].notna().all(axis=1).to_numpy()
    points = np.full(len(table), None, dtype=object)
    points[placed] = shapely.points(table.loc[placed, ["x", "y"]].to_numpy(dtype=np.float64))
    facts = table.drop(columns=["x", "y"]).rename(columns={"words": "remark"})
    return gpd.GeoDataFrame(facts, geometry=points, crs=results.inputs.crs)
