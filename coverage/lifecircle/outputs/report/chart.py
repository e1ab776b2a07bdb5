"""Pictures for a document of what the page draws as shapes: charts of sensitivity, maps of townships."""

from __future__ import annotations

from io import BytesIO
from typing import Final

from lifecircle.outputs.fonts import picture_font
from lifecircle.outputs.report.picture import Picture
from lifecircle.outputs.report.sensitivity import Panel

_INCHES: Final = 6.7
_ROW_INCHES: Final = 0.24
_MARGIN_INCHES: Final = 0.45
_TITLE_SHARE: Final = 0.42
"""Of the width, for the titles of rules beside the axis."""

_ONE_LINE_POINTS, _LINE_POINTS = 7.5, 6.8
"""Size of a title that fits one line, and of one that takes more."""

_LINE, _GRID, _INK = "#14506e", "#d5dade", "#22303a"
_DPI: Final = 170

_SHADES: Final = ("#cfe3f1", "#fde0a6", "#fdbb63", "#f08a2c", "#c9560d", "#7f2c04")
_UNJUDGED: Final = "#f6f4ef"
_SMALL_INCHES: Final = 2.6

__all__ = ["panel_png", "picture_png"]


def panel_png(panel: Panel) -> bytes:
    """One panel as a PNG: a line per rule, a mark per setting, the study's own filled."""
    import matplotlib as mpl  # noqa: PLC0415  # slow to import
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    font = picture_font()
    rows = len(panel.tracks)
    most_lines = max(len(track.lines) for track in panel.tracks)
    height = rows * _ROW_INCHES * max(1.0, most_lines / 2) + _MARGIN_INCHES
    with mpl.rc_context({"font.family": list(font.families), "font.size": _ONE_LINE_POINTS}):
        figure = Figure(figsize=(_INCHES, height), facecolor="white")
        FigureCanvasAgg(figure)
        foot = _MARGIN_INCHES / height * 0.7
        axes = figure.add_axes((0.03, foot, 1.0 - _TITLE_SHARE - 0.05, 1.0 - foot - 0.02))
        for place, track in enumerate(panel.tracks):
            axes.plot([track.first, track.last], [place, place], color=_LINE, lw=1.6, alpha=0.45, zorder=1)
            for own in (False, True):
                marks = [mark.x for mark in track.marks if mark.own == own]
                fill = _LINE if own else "white"
                axes.scatter(
                    marks, [place] * len(marks), s=26, facecolor=fill, edgecolor=_LINE, lw=1.1, zorder=2 + own
                )
            axes.annotate(
                "\n".join(map(font.drawable, track.lines)),
                (panel.width, place),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
                size=_ONE_LINE_POINTS if len(track.lines) == 1 else _LINE_POINTS,
                linespacing=1.05,
                color=_INK,
                annotation_clip=False,
            )
        axes.set_xlim(-0.02 * panel.width, 1.02 * panel.width)
        axes.set_ylim(rows - 0.4, -0.6)
        axes.set_yticks([])
        axes.set_xticks([x for x, _ in panel.ticks], [says for _, says in panel.ticks])
        axes.grid(axis="x", color=_GRID, lw=0.7, zorder=0)
        axes.tick_params(length=0, colors=_INK)
        for spine in axes.spines.values():
            spine.set_visible(False)
        drawn = BytesIO()
        figure.savefig(drawn, dpi=_DPI, format="png")
    return drawn.getvalue()


def picture_png(picture: Picture) -> bytes:
    """A picture of communities as a PNG: shaded as in the page, proposed sites as stars, numbers beside."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    tall = min(1.4, max(0.35, picture.height / picture.width))
    figure = Figure(figsize=(_SMALL_INCHES, _SMALL_INCHES * tall), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    for shape in picture.shapes:
        corners: list[list[float]] = []
        codes: list[int] = []
        for ring in filter(None, shape.path.replace("Z", "").split("M")):
            points = [[float(one) for one in pair.split(",")] for pair in ring.split()]
            corners += points
            steps = [Path.MOVETO, *[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY]
            codes += map(int, steps)
        colour = _UNJUDGED if shape.shade < 0 else _SHADES[min(shape.shade, 5)]
        axes.add_patch(PathPatch(Path(corners, codes), fc=colour, ec="#7a6a58", lw=0.5))
    if picture.pins:
        x, y = zip(*picture.pins, strict=True)
        axes.scatter(x, y, s=70, marker="*", facecolor="#f7e225", edgecolor="#111111", lw=0.8, zorder=3)
    for at, (across, down) in enumerate(picture.numbers, 1):
        axes.text(
            across, down, str(at), ha="center", va="center", size=9, weight="bold", zorder=4,
            path_effects=[withStroke(linewidth=2, foreground="#ffffff")],
        )  # fmt: skip
    axes.set_xlim(-4, picture.width + 4)
    axes.set_ylim(picture.height + 4, -4)
    axes.set_aspect("equal")
    axes.set_axis_off()
    drawn = BytesIO()
    figure.savefig(drawn, dpi=_DPI, format="png")
    return drawn.getvalue()
