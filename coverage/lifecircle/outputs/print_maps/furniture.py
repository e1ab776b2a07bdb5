"""What stands on a map sheet beside the map: scale bar, north arrow, legend, title and sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from lifecircle.messages import text
from lifecircle.outputs.fonts import PictureFont
from lifecircle.outputs.print_maps.sheet_data import Ground, SheetContent
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.text import review_number, source_list, study_date
from lifecircle.tables import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#1d2329"
_MILD: Final = "#5c6670"
_LAST_NARROW: Final = "\u2e7f"
_PIECES: Final = re.compile(r"[\u2e80-\uffee] *|[^\s\u2e80-\uffee]+ *| +")
"""What a line keeps together: a word with the blank behind it, a Chinese character."""
_MOST_LETTERS: Final = 210
"""Of one line of the margin."""


@dataclass(frozen=True)
class PageLayout:
    """Where things stand on a picture: letters have the same size on every one.

    Attributes
    ----------
    inches : width and height
    frame : left, bottom, width and height of the map, as shares of the page
    legend : left and top of the legend, as shares of the page
    legend_columns : letters of a line of the legend, a Chinese character taking two
    names : units named at most
    name_points : size of their names
    """

    inches: tuple[float, float]
    frame: tuple[float, float, float, float]
    legend: tuple[float, float]
    legend_columns: int
    names: int
    name_points: float


SHEET: Final = PageLayout((11.69, 8.27), (0.025, 0.085, 0.715, 0.80), (0.747, 0.885), 30, 14, 6.5)
"""A page of A4, lying."""

INSET: Final = PageLayout((6.7, 4.7), (0.004, 0.008, 0.735, 0.984), (0.747, 0.995), 22, 10, 7.5)
"""A picture among a report's lines, which has its title and sources elsewhere."""

__all__ = [
    "INK",
    "INSET",
    "SHEET",
    "PageLayout",
    "draw_legend",
    "draw_north",
    "draw_scale",
    "ems_of",
    "scale_length_m",
    "write_margin",
]


def scale_length_m(width_m: float) -> float:
    """Length of a scale bar: the largest of 1, 2 or 5 times a power of ten within a fifth of the map."""
    power = 10.0 ** np.floor(np.log10(width_m / 5))
    return float(max(step * power for step in (1, 2, 5) if step * power <= width_m / 5))


def draw_scale(axes: Axes, lang: str) -> None:
    """A scale bar of a round length in the lower left corner."""
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    length = scale_length_m(east - west)
    x, y, height = west + (east - west) * 0.02, south + (north - south) * 0.03, (north - south) * 0.008
    for half, colour in enumerate(("#222222", "#ffffff")):
        axes.fill(
            x + length / 2 * (half + np.array([0, 1, 1, 0])),
            y + height * np.array([0, 0, 1, 1]),
            facecolor=colour,
            edgecolor="#222222",
            linewidth=0.7,
            zorder=9,
        )
    key, number = ("kilometres", length / 1000) if length >= 1000 else ("metres", length)
    axes.text(x, y + 1.8 * height, "0", fontsize=7, ha="center", zorder=9)
    words = text(f"sheet.{key}", lang, n=f"{number:g}")
    axes.text(x + length, y + 1.8 * height, words, fontsize=7, ha="center", zorder=9)


def draw_north(axes: Axes, lang: str) -> None:
    """An arrow: the study's projection has north up at its centre."""
    box = axes.transAxes
    for side, colour in ((1, "#222222"), (-1, "#ffffff")):
        axes.fill(
            [0.965, 0.965 + side * 0.012, 0.965],
            [0.955, 0.885, 0.905],
            transform=box,
            facecolor=colour,
            edgecolor="#222222",
            linewidth=0.8,
            zorder=9,
        )
    axes.text(0.965, 0.96, text("sheet.north", lang), transform=box, fontsize=9, ha="center", zorder=9)


def draw_legend(
    figure: Figure,
    content: SheetContent,
    below: Ground,
    layout: PageLayout,
    *,
    facilities: list[tuple[Any, str]],
    font: PictureFont,
    lang: str,
) -> None:
    """What colours, dots and lines mean."""
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.patches import Patch  # noqa: PLC0415

    areas = [
        (Patch(facecolor=one.colour, edgecolor="#7a6a58", linewidth=0.5, hatch=one.hatch), one.words)
        for one in content.classes
    ]
    lines: list[tuple[Any, str]] = [
        (
            Line2D([], [], color="#222222", linewidth=1.3, linestyle=(0, (6, 2, 1, 2))),
            text("sheet.boundary", lang),
        )
    ]
    if len(below.streets):
        lines.append((Line2D([], [], color="#4a5258", linewidth=0.8), text("sheet.streets", lang)))
    if len(below.water):
        lines.append((Patch(facecolor="#b9d3e2"), text("sheet.water", lang)))
    left, top = layout.legend
    for title, entries in (
        (content.legend_title, areas),
        (text("sheet.facilities", lang), facilities),
        (text("sheet.ground", lang), lines),
    ):
        if entries:
            marks, words = zip(*entries, strict=True)
            legend = figure.legend(
                marks,
                [_folded(font.drawable(word), layout.legend_columns) for word in words],
                title=_folded(title, layout.legend_columns),
                loc="upper left",
                bbox_to_anchor=(left, top),
                frameon=False,
                fontsize=8,
                title_fontsize=9,
                alignment="left",
                handlelength=2.2,
                handleheight=1.1,
            )
            box = legend.get_window_extent()
            top -= box.height / figure.bbox.height + 0.012


def write_margin(
    figure: Figure, results: Results, content: SheetContent, font: PictureFont, lang: str
) -> None:
    """Title above; sources, date and review number below."""
    name = font.drawable(display_name(results.inputs.name))
    title = font.drawable(content.title)
    number = review_number(results)
    review = "" if number is None else text("map.no-review-number", lang)
    if number:
        review = text("map.review-number", lang, number=font.drawable(number))
    sources = font.drawable(text("sheet.sources", lang, sources=", ".join(source_list(results))))
    lines = [
        (0.955, f"{name} · {title}" if name else title, 15, INK),
        (0.915, font.drawable(content.subtitle), 9, _MILD),
        (0.053, sources, 7, _MILD),
        (0.028, f"{text('sheet.date', lang, date=study_date(results))}  {review}", 7, _MILD),
    ]
    for y, words, size, colour in lines:
        shown = words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…"
        figure.text(
            SHEET.frame[0],
            y,
            shown,
            fontsize=_fitting(shown, size),
            color=colour,
            va="center",
            parse_math=False,
        )


def _fitting(words: str, size: float) -> float:
    """A size at which the words fit the page."""
    return min(size, 72 * SHEET.inches[0] * 0.94 / max(ems_of(words), 1.0))


def ems_of(words: str) -> float:
    """Width of a line in parts of the font's size: a Chinese character is one em, others about half."""
    return sum(1.0 if letter > _LAST_NARROW else 0.55 for letter in words)


def _folded(words: str, columns: int) -> str:
    """Words over several lines of at most so many columns, a Chinese character taking two.

    A line ends at a blank or beside a Chinese character; a longer word is parted where it must.
    """
    lines, used = [""], 0
    for piece in _PIECES.findall(words):
        wide = sum(2 if letter > _LAST_NARROW else 1 for letter in piece)
        if used + len(piece.rstrip()) * wide // len(piece) > columns and used:
            lines.append("")
            used = 0
        for letter in piece:
            step = 2 if letter > _LAST_NARROW else 1
            if used + step > columns and letter != " ":
                lines.append("")
                used = 0
            lines[-1] += letter
            used += step
    return "\n".join(line.strip() for line in lines[:4])
