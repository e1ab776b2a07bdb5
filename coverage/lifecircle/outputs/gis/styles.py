"""Styles stored in ``study.gpkg``, so that QGIS opens it drawn: the colours of the gap map."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np

from lifecircle.messages import text
from lifecircle.outputs.gis.qml import Symbol, categorised, graduated, single
from lifecircle.outputs.palette import MISSING, REACHED, SERVICE, STATUS, TIER
from lifecircle.outputs.web_map.classes import class_breaks
from lifecircle.outputs.words import code_word, service_name
from lifecircle.tables import Results

__all__ = ["LayerStyle", "layer_styles", "store_styles"]

_SHAPES: Final = ("circle", "square", "triangle", "diamond")
_SHARES: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)
_BANDS: Final = {"15": "#a1d99b", "10": "#41ab5d", "5": "#006d2c"}
_TABLE: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_CONTENTS: Final = (
    "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)"
    " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)"
)
_INSERT: Final = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
    " styleQML, styleSLD, useAsDefault, description, owner, update_time)"
    " VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', ?)"
)


@dataclass(frozen=True)
class LayerStyle:
    """One style of one layer; the first of a layer is the one QGIS opens with."""

    layer: str
    name: str
    qml: str


def layer_styles(
    results: Results, communities: gpd.GeoDataFrame, verdicts: Mapping[str, str], lang: str
) -> list[LayerStyle]:
    """Every style of a study's layers.

    Parameters
    ----------
    results
        The finished study.
    communities
        The layer as written, with ``rules_short`` and the columns that `verdicts` names.
    verdicts
        Column of statuses to the title of its rule.
    lang
        Language of names and legends, zh or en.
    """
    made = [_rules_short(communities, lang)]
    made += [
        LayerStyle("communities", title, categorised(column, _status_classes(lang), label="name"))
        for column, title in verdicts.items()
    ]
    made += [
        _share(column, service_name(results, column.removeprefix("share_"), lang), lang)
        for column in communities.columns
        if column.startswith("share_")
    ]
    return [*made, *_points(results, lang), *_scenarios(lang), *_areas(results, lang)]


def store_styles(path: Path, styles: Iterable[LayerStyle], *, made: str) -> None:
    """Write styles into the ``layer_styles`` table of a GeoPackage, where QGIS looks for them.

    `made` is the time that they say they were made at.
    """
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_TABLE)
        base.execute(_CONTENTS, (made,))
        geometry = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        opened: set[str] = set()
        for style in styles:
            row = (style.layer, geometry[style.layer], style.name, style.qml)
            base.execute(_INSERT, (*row, style.layer not in opened, style.name, made))
            opened.add(style.layer)


def _rules_short(communities: gpd.GeoDataFrame, lang: str) -> LayerStyle:
    """Communities by the number of rules they fall short of."""
    numbers = communities["rules_short"].to_numpy(dtype=np.float64)
    breaks = sorted({float(np.ceil(limit)) for limit in class_breaks(numbers[numbers > 0])} - {1.0})
    # A class holds its upper limit: whole numbers part half-way between the last of one and the next.
    limits = [-0.5, 0.5, *(limit - 0.5 for limit in breaks), max(float(np.nanmax(numbers, initial=1)), 1.0)]
    symbols = [_area(REACHED[0]), *(_area(colour) for colour in MISSING[: len(limits) - 2])]
    words = [text("layers.none-short", lang)]
    for low, high in itertools.pairwise(limits[1:]):
        first, last = int(np.ceil(low)), int(np.floor(high))
        words.append(f"{first}" if first == last else f"{first} – {last}")
    name = text("layers.rules-short", lang)
    return LayerStyle("communities", name, graduated("rules_short", limits, words, symbols, label="name"))


def _status_classes(lang: str) -> dict[str, tuple[str, Symbol]]:
    """One symbol per status; provisional shortfalls hatched, so that they differ without colour."""
    return {
        code: (
            text(f"layers.status.{code}", lang),
            Symbol(
                "fill",
                colour,
                dashed=code in {"no-data", "not-applicable"},
                pattern="b_diagonal" if code == "short-provisional" else "solid",
            ),
        )
        for code, colour in STATUS.items()
    }


def _share(column: str, service: str, lang: str) -> LayerStyle:
    """Communities by the share of residents within reach of a service."""
    colours = [*reversed(MISSING[1:]), REACHED[2]]
    words = [f"{100 * low:.0f} – {100 * high:.0f} %" for low, high in itertools.pairwise(_SHARES)]
    name = text("layers.share", lang, service=service)
    symbols = [_area(colour) for colour in colours]
    return LayerStyle("communities", name, graduated(column, _SHARES, words, symbols, label="name"))


def _points(results: Results, lang: str) -> list[LayerStyle]:
    """Facilities by service, people out of reach by number, the rest plainly."""
    services = sorted(set(results.inputs.facilities["service"]))
    looks = {
        service: (
            service_name(results, service, lang),
            Symbol(
                "marker",
                SERVICE[place % len(SERVICE)],
                outline="#ffffff",
                shape=_SHAPES[place // len(SERVICE) % len(_SHAPES)],
            ),
        )
        for place, service in enumerate(services)
    }
    plain = Symbol("marker", SERVICE[0], outline="#ffffff")
    by_service = categorised("service", looks) if looks else single(plain)
    severities = {
        "warning": (
            text("workbook.severity.warning", lang),
            Symbol("marker", MISSING[3], shape="triangle", size_mm=3),
        ),
        "info": (text("workbook.severity.info", lang), Symbol("marker", REACHED[2], shape="triangle")),
    }
    return [
        LayerStyle("facilities", text("layers.facilities", lang), by_service),
        _by_people("gaps", results.gaps, MISSING[2], text("layers.gaps", lang), lang),
        _by_people("demand", results.inputs.demand, "#7c7b78", text("layers.demand", lang), lang),
        LayerStyle(
            "proposals",
            text("layers.proposals", lang),
            single(Symbol("marker", "#f7e225", outline="#000000", shape="star", size_mm=5), label="rank"),
        ),
        LayerStyle("data_quality", text("layers.data-quality", lang), categorised("severity", severities)),
    ]


def _scenarios(lang: str) -> list[LayerStyle]:
    """Facilities and streets that scenarios change, by what becomes of them."""
    facilities = {
        "added": Symbol("marker", "#1b7837", outline="#000000", shape="star", size_mm=5),
        "moved": Symbol("marker", "#f7e225", outline="#000000", shape="diamond", size_mm=4),
        "closed": Symbol("marker", "#c9560d", outline="#000000", shape="triangle", size_mm=4),
    }
    streets = {
        "street-opened": Symbol("line", "#1b7837", width_mm=1.2),
        "street-closed": Symbol("line", "#c9560d", width_mm=1.2, dashed=True),
    }
    return [
        LayerStyle(
            layer,
            text(f"effects.layer.{layer}", lang),
            categorised(
                "change", {key: (text(f"effects.change.{key}", lang), look) for key, look in looks.items()}
            ),
        )
        for layer, looks in (("scenarios", facilities), ("scenario_streets", streets))
    ]


def _by_people(layer: str, points: gpd.GeoDataFrame, colour: str, name: str, lang: str) -> LayerStyle:
    """Points that grow with the residents they stand for, or with what stands in for them."""
    unknown = len(points) > 0 and bool(points["residents"].isna().all())
    column = "weight" if unknown and "weight" in points else "residents"
    people = points[column].fillna(0.0).to_numpy(dtype=np.float64)
    breaks = class_breaks(people[people > 0])
    limits = [0.0, *breaks, max([*breaks, *people, 1.0])]
    sizes = np.sqrt(np.linspace(1.0, 12.0, len(limits) - 1)) * 0.9
    words = [
        text("layers.weight" if unknown else "layers.people", lang, low=f"{low:,.0f}", high=f"{high:,.0f}")
        for low, high in itertools.pairwise(limits)
    ]
    symbols = [
        Symbol("marker", colour, outline="#ffffff", width_mm=0.1, size_mm=float(size)) for size in sizes
    ]
    return LayerStyle(layer, name, graduated(column, limits, words, symbols))


def _areas(results: Results, lang: str) -> list[LayerStyle]:
    """Life circles by tier, service areas by minutes, catchments by the residents they hold."""
    tiers = {
        code: (
            code_word(code, lang) if code else text("layers.not-judged", lang),
            _area(colour, opacity=0.12, edge=colour),
        )
        for code, colour in TIER.items()
    }
    bands = {
        minutes: (text("layers.minutes", lang, minutes=minutes), _area(colour, opacity=0.3, edge=colour))
        for minutes, colour in _BANDS.items()
    }
    shape = Symbol("fill", "#1b7837", opacity=0.3, outline="#00441b")
    return [
        LayerStyle("circles", text("layers.circles", lang), categorised("tier", tiers)),
        LayerStyle("isochrones", text("layers.isochrones", lang), categorised("minutes", bands)),
        LayerStyle("routes", text("layers.routes", lang), single(Symbol("line", "#c51b7d", width_mm=0.5))),
        _loads(results, lang),
        LayerStyle("facility_areas", text("layers.facility-areas", lang), single(shape, label="name")),
    ]


def _loads(results: Results, lang: str) -> LayerStyle:
    """Catchments below, within and above the people one station may serve."""
    span = results.assumptions.get("station_people")
    low, high = span if isinstance(span, tuple) and len(span) == 2 else (10_000.0, 20_000.0)
    loads = results.catchments["residents"]
    largest = loads.max() if loads.notna().any() else 0.0
    limits = [0.0, float(low), float(high), max(float(largest), float(high) + 1)]
    words = [
        text("layers.people", lang, low=f"{start:,.0f}", high=f"{end:,.0f}")
        for start, end in itertools.pairwise(limits)
    ]
    symbols = [_area(colour, opacity=0.5) for colour in (REACHED[0], REACHED[2], MISSING[3])]
    name = text("layers.catchments", lang)
    return LayerStyle("catchments", name, graduated("residents", limits, words, symbols, label="name"))


def _area(colour: str, *, opacity: float = 1.0, edge: str = "#7a6a58") -> Symbol:
    """A filled area."""
    return Symbol("fill", colour, opacity=opacity, outline=edge)
