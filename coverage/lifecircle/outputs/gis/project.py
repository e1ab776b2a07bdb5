"""``study.qgz``: the layers of a run as a QGIS project, drawn and grouped by topic."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from pyproj import CRS

from lifecircle.messages import text
from lifecircle.outputs.gis.layers import GEOMETRY, community_layer
from lifecircle.outputs.gis.rasters import minutes_style
from lifecircle.outputs.gis.styles import LayerStyle, layer_styles
from lifecircle.outputs.safe_text import display_name, plain_text
from lifecircle.outputs.web_map.topics import TOPICS, topic_of
from lifecircle.outputs.words import about_rule, service_name
from lifecircle.tables import WGS84, Results

__all__ = ["write_project"]

_PACKAGE: Final = "./study.gpkg"
_SHAPES: Final = {"MultiPolygon": "Polygon", "LineString": "Line", "Point": "Point"}
_LATER: Final = (
    "circles",
    "routes",
    "isochrones",
    "catchments",
    "facility_areas",
    "gaps",
    "demand",
    "data_quality",
)
"""Layers that are in the project and not drawn when it opens, in the order of its legend."""

_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""Equal results make equal files."""


@dataclass(frozen=True)
class _Layer:
    """One layer of the project.

    Attributes
    ----------
    name : in the legend
    source : relative to the project, as QGIS writes it
    qml : how it is drawn
    geometry : as QGIS names it; blank for a raster
    group : topic, or ``overview``
    shown : whether it is drawn when the project opens
    """

    name: str
    source: str
    qml: str
    geometry: str
    group: str
    shown: bool = False


def write_project(results: Results, path: Path, *, lang: str) -> None:
    """Write the project beside ``study.gpkg`` and ``rasters``, to which its layers point.

    Parameters
    ----------
    results
        The finished study, its layers and rasters written.
    path
        The file, made anew.
    lang
        Language of names and legends, zh or en.
    """
    document = ET.tostring(_project(results, list(_layers(results, lang)), lang), encoding="unicode")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    with zipfile.ZipFile(path, "w") as package:
        entry = zipfile.ZipInfo(f"{path.stem}.qgs", _WHEN)
        entry.compress_type = zipfile.ZIP_DEFLATED
        package.writestr(entry, head + document)


def _layers(results: Results, lang: str) -> Iterator[_Layer]:
    """The overview, then each topic: its rules, facilities and minutes."""
    communities, titles = community_layer(results, lang)
    styles = layer_styles(results, communities, titles, lang)
    first: dict[str, LayerStyle] = {}
    for style in styles:
        first.setdefault(style.layer, style)
    for name in ("proposals", "scenarios", "scenario_streets"):
        yield _of_package(first[name], "overview", shown=name == "proposals")
    yield _of_package(first["communities"], "overview", shown=True)
    for name in _LATER:
        yield _of_package(first[name], "overview")
    of_status = {style.name: style for style in styles if style.layer == "communities"}
    for (plan, rule), title in _missed(results, titles):
        topic = topic_of(rule, about_rule(results, plan, rule).get("services", ()))  # type: ignore[arg-type]
        yield _of_package(of_status[title], topic)
    for service in sorted(set(results.inputs.facilities["service"])):
        name = service_name(results, service, lang)
        quoted = service.replace("'", "''")
        source = f"{_PACKAGE}|layername=facilities|subset=\"service\" = '{quoted}'"
        yield _Layer(name, source, first["facilities"].qml, "Point", topic_of("", [service]))
    minutes = minutes_style(lang)
    for service in results.rasters:
        name = text("layers.band-minutes", lang, service=service_name(results, service, lang))
        yield _Layer(name, f"./rasters/minutes_{service}.tif", minutes, "", topic_of("", [service]))


def _of_package(style: LayerStyle, group: str, *, shown: bool = False) -> _Layer:
    """A layer of ``study.gpkg`` in one of its styles."""
    source = f"{_PACKAGE}|layername={style.layer}"
    return _Layer(style.name, source, style.qml, _SHAPES[GEOMETRY[style.layer]], group, shown)


def _missed(results: Results, titles: Mapping[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Rules that communities fall short of, with the title of their column of statuses."""
    table = results.summary
    rows = table[(table["scenario"] == "") & (table["area"] == "study") & table["verdict"]]
    rows = rows[(rows["level"] == "community") & (rows["rule"] != "")]
    short = rows[["short_firm", "short_assumed", "short_provisional"]].sum(axis=1) > 0
    for row in rows[short].itertuples(index=False):
        title = titles.get(f"status_{row.rule}") or titles.get(f"status_{row.plan}_{row.rule}")
        if title:
            yield (str(row.plan), str(row.rule)), title


def _project(results: Results, layers: Sequence[_Layer], lang: str) -> ET.Element:
    """The document: title, extent, tree of layers, the layers."""
    root = ET.Element("qgis", projectname=display_name(results.inputs.name), version="3.10.0")
    ET.SubElement(root, "title").text = display_name(results.inputs.name)
    _add_crs(ET.SubElement(root, "projectCrs"), "EPSG:3857")
    tree = ET.SubElement(root, "layer-tree-group")
    shelf = ET.SubElement(root, "projectlayers")
    groups: dict[str, ET.Element] = {}
    for group in ("overview", *TOPICS):
        own = [(number, layer) for number, layer in enumerate(layers) if layer.group == group]
        if not own:
            continue
        words = text("layers.group-overview" if group == "overview" else f"map.topic.{group}", lang)
        opened = "1" if group == "overview" else "0"
        groups[group] = ET.SubElement(
            tree, "layer-tree-group", name=words, checked="Qt::Checked", expanded=opened
        )
        for number, layer in own:
            mark = f"lifecircle_layer_{number:04d}"  # QGIS makes new ones of ids that are shorter than 11
            ET.SubElement(
                groups[group],
                "layer-tree-layer",
                id=mark,
                name=plain_text(layer.name),
                source=layer.source,
                providerKey="ogr" if layer.geometry else "gdal",
                checked="Qt::Checked" if layer.shown else "Qt::Unchecked",
                expanded="0",
            )
            shelf.append(_map_layer(layer, mark))
    _add_canvas(root, results)
    properties = ET.SubElement(root, "properties")
    paths = ET.SubElement(properties, "Paths")
    ET.SubElement(paths, "Absolute", type="bool").text = "false"
    # without it QGIS passes over the project's own system and draws degrees, which stretches every shape
    system = ET.SubElement(properties, "SpatialRefSys")
    ET.SubElement(system, "ProjectionsEnabled", type="int").text = "1"
    return root


def _map_layer(layer: _Layer, mark: str) -> ET.Element:
    """One layer with its source and the elements of its style."""
    style = ET.fromstring(layer.qml.split("\n", 1)[1])  # noqa: S314  # made by this package
    kind = {"type": "vector", "geometry": layer.geometry} if layer.geometry else {"type": "raster"}
    made = ET.Element("maplayer", {**kind, "labelsEnabled": style.get("labelsEnabled", "0")})
    ET.SubElement(made, "id").text = mark
    ET.SubElement(made, "datasource").text = layer.source
    ET.SubElement(made, "layername").text = plain_text(layer.name)
    _add_crs(ET.SubElement(made, "srs"), "EPSG:4326" if layer.geometry else "")
    provider = ET.SubElement(made, "provider", encoding="UTF-8")
    provider.text = "ogr" if layer.geometry else "gdal"
    made.extend(list(style))
    return made


def _add_crs(within: ET.Element, authority: str) -> None:
    """A coordinate system by its code; blank for that of the file."""
    system = ET.SubElement(within, "spatialrefsys")
    if authority:
        # QGIS reads the definition; the code alone it passes over unless its own database's number stands by
        ET.SubElement(system, "wkt").text = CRS.from_user_input(authority).to_wkt()
        ET.SubElement(system, "authid").text = authority


def _add_canvas(root: ET.Element, results: Results) -> None:
    """What is in view when the project opens: the area judged, with a margin."""
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas")
    ET.SubElement(canvas, "units").text = "meters"
    extent = ET.SubElement(canvas, "extent")
    outline = results.inputs.boundary.to_crs(WGS84).to_crs("EPSG:3857")
    west, south, east, north = outline.total_bounds
    margin = 0.04 * max(east - west, north - south)
    for name, value in (
        ("xmin", west - margin),
        ("ymin", south - margin),
        ("xmax", east + margin),
        ("ymax", north + margin),
    ):
        ET.SubElement(extent, name).text = f"{value:.3f}"
    _add_crs(ET.SubElement(canvas, "destinationsrs"), "EPSG:3857")
