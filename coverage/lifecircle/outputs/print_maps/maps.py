"""Map sheets for paper: one picture per rule, with title, legend, scale bar, north arrow and sources."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from lifecircle.messages import text
from lifecircle.outputs.fonts import PictureFont, picture_font
from lifecircle.outputs.palette import SERVICE
from lifecircle.outputs.print_maps.furniture import (
    INK,
    INSET,
    SHEET,
    PageLayout,
    draw_legend,
    draw_north,
    draw_scale,
    ems_of,
    write_margin,
)
from lifecircle.outputs.print_maps.sheet_data import Ground, SheetContent, ground, overview, rule_sheets
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import service_name
from lifecircle.tables import WGS84, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as Outline

_DPI: Final = 150
_INSET_DPI: Final = 220
_DATELESS: Final = {"CreationDate": None}
"""Two runs of one study write the same file; the sheets say of which date they are."""

_MOST_SERVICES: Final = 6
_MOST_LETTERS: Final = 12
"""Of a unit's name."""

__all__ = ["MapSheet", "report_maps", "write_static_maps"]


@dataclass(frozen=True)
class MapSheet:
    """One sheet written: the rule (plan blank for the overview), its title, its picture."""

    key: str
    plan: str
    title: str
    png: Path


def write_static_maps(results: Results, folder: Path, *, lang: str) -> list[MapSheet]:
    """Draw an overview and every rule that falls short, each as PNG, and all of them as one PDF.

    Parameters
    ----------
    results
        The finished study.
    folder
        Made anew: ``01_overview.png``, ``02_<rule>.png`` ... and ``maps.pdf``.
    lang
        zh or en.

    Returns
    -------
    list of MapSheet
        In the order of the files; the overview first.
    """
    import matplotlib as mpl  # noqa: PLC0415  # slow to import
    from matplotlib.backends.backend_pdf import PdfPages  # noqa: PLC0415

    folder.mkdir()
    font, below, written = picture_font(), ground(results), []
    with mpl.rc_context(_look(font)), PdfPages(folder / "maps.pdf", metadata=_DATELESS) as pages:
        for number, content in enumerate(_contents(results, lang), 1):
            figure = _drawn(results, content, below, font, lang=lang, layout=SHEET)
            write_margin(figure, results, content, font, lang)
            name = re.sub(r"[^\w.-]+", "_", content.key)[:80]
            path = folder / f"{number:02d}_{name}.png"
            figure.savefig(
                path,
                dpi=_DPI,
                metadata={"Title": font.drawable(content.title)},
                pil_kwargs={"compress_level": 1},
            )
            pages.savefig(figure)
            written.append(MapSheet(content.key, content.plan, content.title, path))
    return written


def report_maps(
    results: Results, rules: Container[tuple[str, str]], *, lang: str
) -> dict[tuple[str, str], bytes]:
    """The overview with the proposed sites, and some rules, small and in letters that a page leaves readable.

    Parameters
    ----------
    results
        The finished study.
    rules
        Plan and id of the rules drawn beside the overview.
    lang
        zh or en.

    Returns
    -------
    dict
        PNG by plan and id of the rule; the overview's are blank.
    """
    import matplotlib as mpl  # noqa: PLC0415  # slow to import

    font, below, drawn = picture_font(), ground(results), {}
    with mpl.rc_context(_look(font)):
        for content in _contents(results, lang):
            key = (content.plan, content.key) if content.plan else ("", "")
            if content.plan and key not in rules:
                continue
            picture = BytesIO()
            figure = _drawn(results, content, below, font, lang=lang, layout=INSET)
            figure.savefig(picture, format="png", dpi=_INSET_DPI)
            drawn[key] = picture.getvalue()
    return drawn


def _look(font: PictureFont) -> dict[str, Any]:
    """Settings of every picture."""
    return {"font.family": list(font.families), "hatch.linewidth": 0.6, "axes.unicode_minus": False}


def _contents(results: Results, lang: str) -> Iterator[SheetContent]:
    """The sheets in order."""
    yield overview(results, lang)
    yield from rule_sheets(results, lang)


def _drawn(
    results: Results,
    content: SheetContent,
    below: Ground,
    font: PictureFont,
    *,
    lang: str,
    layout: PageLayout,
) -> Figure:
    """One map as a figure, with its legend."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=layout.inches, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes(layout.frame)
    _set_extent(axes, below.boundary)
    _draw_units(axes, content)
    _draw_ground(axes, below)
    handles = _draw_facilities(axes, results, content, font, lang)
    if not content.plan:
        handles += _draw_sites(axes, results, lang)
    _draw_names(axes, content, font, layout)
    draw_scale(axes, lang)
    draw_north(axes, lang)
    draw_legend(figure, content, below, layout, facilities=handles, font=font, lang=lang)
    return figure


def _set_extent(axes: Axes, boundary: gpd.GeoSeries) -> None:
    """The boundary and a margin, in the shape of the frame."""
    west, south, east, north = boundary.total_bounds
    width_inches, height_inches = _inches(axes)
    metres = max((east - west) / width_inches, (north - south) / height_inches, 1.0) * 1.06
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - metres * width_inches / 2, x + metres * width_inches / 2)
    axes.set_ylim(y - metres * height_inches / 2, y + metres * height_inches / 2)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfbf9")


def _draw_ground(axes: Axes, below: Ground) -> None:
    """Water, main streets and the boundary, over the units."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415

    layers = (
        (below.water, {"facecolor": "#b9d3e2", "edgecolor": "none", "zorder": 3.5}),
        (below.streets, {"fill": False, "edgecolor": "#4a5258", "linewidth": 0.5, "alpha": 0.6, "zorder": 4}),
        (
            below.boundary.boundary,
            {
                "fill": False,
                "edgecolor": "#222222",
                "linewidth": 1.3,
                "linestyle": (0, (8, 3, 2, 3)),
                "zorder": 5,
            },
        ),
    )
    for shapes, look in layers:
        if len(outline := _outline(np.asarray(shapes, dtype=object))):
            axes.add_artist(PathPatch(outline, **look))


def _draw_units(axes: Axes, content: SheetContent) -> None:
    """The units, one drawing per class; as artists, since the extent is set and need not be searched for."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415

    shapes = content.units.geometry.to_numpy()
    for one in content.classes:
        look = {"facecolor": one.colour, "edgecolor": "#7a6a58", "linewidth": 0.35, "hatch": one.hatch}
        axes.add_artist(PathPatch(_outline(shapes[one.rows]), zorder=3, **look))


def _draw_facilities(
    axes: Axes, results: Results, content: SheetContent, font: PictureFont, lang: str
) -> list[tuple[Any, str]]:
    """Facilities that count for the rule; the lines of the legend they need."""
    table = results.inputs.facilities
    own = table[table["public"] & table["service"].isin(content.services)]
    if own.empty:
        return []
    services = [name for name in content.services if (own["service"] == name).any()]
    few = len(services) <= _MOST_SERVICES
    lines: list[tuple[Any, str]] = []
    for place, service in enumerate(services):
        spots = shapely.get_coordinates(
            shapely.point_on_surface(own.loc[own["service"] == service, "geometry"].to_numpy())
        )
        drawn = axes.scatter(
            spots[:, 0],
            spots[:, 1],
            s=11 if len(own) < 400 else 4,
            color=SERVICE[place % len(SERVICE)] if few else SERVICE[0],
            edgecolors="white",
            linewidths=0.4,
            zorder=6,
        )
        lines.append((drawn, f"{font.drawable(service_name(results, service, lang))} ({len(spots):,})"))
    return lines if few else [(lines[0][0], text("sheet.other-facilities", lang, n=len(services)))]


def _inches(axes: Axes) -> tuple[float, float]:
    """Width and height of the map on paper."""
    box = axes.get_window_extent()
    return box.width / axes.figure.dpi, box.height / axes.figure.dpi


def _draw_sites(axes: Axes, results: Results, lang: str) -> list[tuple[Any, str]]:
    """Proposed sites, each place once; the line of the legend they need."""
    table = results.proposals
    if "x" not in table or table.empty:
        return []
    places = gpd.GeoSeries.from_xy(table["x"], table["y"], crs=WGS84).to_crs(results.inputs.crs)
    spots = np.unique(shapely.get_coordinates(places.to_numpy()).round(1), axis=0)
    drawn = axes.scatter(
        spots[:, 0], spots[:, 1], s=46, marker="*", color="#f7e225", edgecolors=INK, linewidths=0.6, zorder=7
    )
    return [(drawn, text("sheet.sites", lang, n=len(spots)))]


def _draw_names(axes: Axes, content: SheetContent, font: PictureFont, layout: PageLayout) -> None:
    """Names of the units that miss most, as many as do not run into each other."""
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    halo = [withStroke(linewidth=2.2, foreground="white")]
    west, east = axes.get_xlim()
    metres_per_point = (east - west) / (72 * _inches(axes)[0])
    high = 1.3 * layout.name_points * metres_per_point
    taken: list[shapely.Polygon] = []
    named = content.units[(content.units["weight"] > 0) & (content.units["label"] != "")]
    first = named.sort_values("weight", ascending=False, kind="stable")
    for row in first.head(4 * layout.names).itertuples():
        words = (font.drawable(display_name(row.label)) or font.drawable(row.code))[:_MOST_LETTERS]
        [(x, y)] = shapely.get_coordinates(row.geometry.representative_point())
        wide = (ems_of(words) + 0.5) * layout.name_points * metres_per_point
        box = shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if len(taken) >= layout.names or any(box.intersects(other) for other in taken):
            continue
        taken.append(box)
        axes.text(
            x,
            y,
            words,
            fontsize=layout.name_points,
            color=INK,
            ha="center",
            va="center",
            path_effects=halo,
            zorder=8,
            parse_math=False,
        )


def _outline(shapes: NDArray[np.object_]) -> Outline:
    """Polygons with their holes, or lines, as one path: a page draws one path faster than a thousand."""
    from matplotlib.path import Path as Outline  # noqa: PLC0415

    parts = shapely.orient_polygons(shapely.get_parts(shapes))
    areal = shapely.get_dimensions(parts) == 2
    rings = np.concatenate([shapely.get_rings(parts[areal]), parts[shapely.get_dimensions(parts) == 1]])
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.r_[True, ring[1:] != ring[:-1]][: len(ring)]
    return Outline(spots, np.where(first, Outline.MOVETO, Outline.LINETO))
