"""QGIS layer styles (QML): symbols, categories and classes, as QGIS 3.10 and later read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal
from xml.etree import ElementTree as ET

from lifecircle.outputs.safe_text import plain_text

_HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_CLASS: Final = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_GEOMETRY: Final = {"marker": "0", "line": "1", "fill": "2"}

Kind = Literal["marker", "line", "fill"]

__all__ = ["Symbol", "categorised", "graduated", "minutes_raster", "single"]


@dataclass(frozen=True)
class Symbol:
    """How one class is drawn.

    Attributes
    ----------
    kind : ``marker`` for points, ``line`` for lines, ``fill`` for areas
    colour, outline : ``#rrggbb``
    opacity : of the colour, 0 to 1
    width_mm : of the line or outline; 0 for none
    size_mm, shape : of a marker: circle, square, triangle, diamond, star
    pattern : of a fill: solid, no, b_diagonal, dense6
    dashed : the line or outline is
    """

    kind: Kind
    colour: str
    outline: str = "#5c6670"
    opacity: float = 1.0
    width_mm: float = 0.2
    size_mm: float = 2.0
    shape: str = "circle"
    pattern: str = "solid"
    dashed: bool = False


@dataclass
class _Style:
    """A QML document that grows."""

    kind: Kind
    label: str = ""
    symbols: list[Symbol] = field(default_factory=list)

    def document(self, renderer: ET.Element) -> str:
        """The finished text."""
        root = ET.Element(
            "qgis",
            version="3.10.0",
            styleCategories="Symbology|Labeling",
            labelsEnabled="1" if self.label else "0",
        )
        within = ET.SubElement(renderer, "symbols")
        for number, symbol in enumerate(self.symbols):
            _add_symbol(within, str(number), symbol)
        root.append(renderer)
        if self.label:
            _add_labels(root, self.label)
        ET.SubElement(root, "layerGeometryType").text = _GEOMETRY[self.kind]
        return _HEAD + ET.tostring(root, encoding="unicode")


def single(symbol: Symbol, *, label: str = "") -> str:
    """Every feature drawn alike; `label` names a column to write beside it."""
    style = _Style(symbol.kind, label, [symbol])
    return style.document(_renderer("singleSymbol"))


def categorised(column: str, classes: Mapping[str, tuple[str, Symbol]], *, label: str = "") -> str:
    """One symbol per value of a column: value to its words in the legend and its symbol."""
    symbols = [symbol for _, symbol in classes.values()]
    style = _Style(symbols[0].kind, label, symbols)
    renderer = _renderer("categorizedSymbol", {"attr": column})
    within = ET.SubElement(renderer, "categories")
    for number, (value, (words, _)) in enumerate(classes.items()):
        ET.SubElement(
            within,
            "category",
            value=plain_text(value),
            symbol=str(number),
            label=plain_text(words),
            render="true",
        )
    return style.document(renderer)


def graduated(
    column: str, limits: Sequence[float], words: Sequence[str], symbols: Sequence[Symbol], *, label: str = ""
) -> str:
    """One symbol per class of a figure.

    Parameters
    ----------
    column
        Name of the column.
    limits
        Ascending, one more than there are classes.
    words, symbols
        Legend and look of each class.
    label
        Column to write beside each feature; none where blank.
    """
    style = _Style(symbols[0].kind, label, list(symbols))
    renderer = _renderer("graduatedSymbol", {"attr": column, "graduatedMethod": "GraduatedColor"})
    within = ET.SubElement(renderer, "ranges")
    for number, (words_here, (lower, upper)) in enumerate(zip(words, pairwise(limits), strict=True)):
        ET.SubElement(
            within,
            "range",
            lower=f"{lower:.6f}",
            upper=f"{upper:.6f}",
            symbol=str(number),
            label=plain_text(words_here),
            render="true",
        )
    return style.document(renderer)


def minutes_raster(limits: Sequence[float], words: Sequence[str], colours: Sequence[str]) -> str:
    """A grid of figures in classes: each colour up to and with its limit, the last one beyond all."""
    root = ET.Element("qgis", version="3.10.0", styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    renderer = ET.SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="0.8",
        alphaBand="-1",
        classificationMin=f"{limits[0]:g}",
        classificationMax=f"{limits[-1]:g}",
    )
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="DISCRETE",
        classificationMode="1",
        clip="0",
    )
    for limit, colour, label in zip([*limits, float("inf")], colours, words, strict=True):
        ET.SubElement(shader, "item", value=f"{limit:g}", color=colour, label=plain_text(label), alpha="255")
    return _HEAD + ET.tostring(root, encoding="unicode")


def _renderer(kind: str, attributes: Mapping[str, str] = MappingProxyType({})) -> ET.Element:
    """The element that says which symbol a feature gets."""
    fixed = {"type": kind, "symbollevels": "0", "forceraster": "0", "enableorderby": "0"}
    return ET.Element("renderer-v2", {**fixed, **attributes})


def _add_symbol(within: ET.Element, name: str, symbol: Symbol) -> None:
    """One symbol of one layer; its properties in the form of QGIS 3.26 and in that of earlier versions."""
    element = ET.SubElement(
        within, "symbol", type=symbol.kind, name=name, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    layer = ET.SubElement(
        element,
        "layer",
        {"class": _CLASS[symbol.kind]},
        enabled="1",
        locked="0",
    )
    layer.set("pass", "0")
    values = _properties(symbol)
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in values.items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)
    for key, value in values.items():
        ET.SubElement(layer, "prop", k=key, v=value)


def _properties(symbol: Symbol) -> dict[str, str]:
    """What QGIS is told of a symbol's one layer."""
    line = "no" if symbol.width_mm == 0 else "dash" if symbol.dashed else "solid"
    colour, width = _rgba(symbol.colour, symbol.opacity), f"{symbol.width_mm:g}"
    if symbol.kind == "line":
        return {"line_color": colour, "line_style": line, "line_width": width, "line_width_unit": "MM"}
    values = {
        "color": colour,
        "outline_color": _rgba(symbol.outline, 1.0),
        "outline_style": line,
        "outline_width": width,
        "outline_width_unit": "MM",
    }
    if symbol.kind == "marker":
        return {**values, "name": symbol.shape, "size": f"{symbol.size_mm:g}", "size_unit": "MM"}
    return {**values, "style": symbol.pattern}


def _add_labels(root: ET.Element, column: str) -> None:
    """Names beside the features, on a white halo."""
    settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings")
    style = ET.SubElement(
        settings, "text-style", fieldName=column, isExpression="0", fontSize="8", textColor="29,35,41,255"
    )
    ET.SubElement(
        style,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )


def _rgba(colour: str, opacity: float) -> str:
    """A colour as QGIS writes it: red, green, blue, alpha of 255."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
