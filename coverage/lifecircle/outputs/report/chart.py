"""The chart of sensitivity as pictures for a document: the panels that the page draws as shapes."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from unicodedata import east_asian_width

from lifecircle.outputs.fonts import picture_font
from lifecircle.outputs.report.sensitivity import Panel

_INCHES: Final = 6.7
_ROW_INCHES: Final = 0.24
_MARGIN_INCHES: Final = 0.45
_TITLE_SHARE: Final = 0.42
"""Of the width, for the titles of rules beside the axis."""

_TITLE_LETTERS: Final = 50
"""That many Latin letters fit beside the axis."""

_LINE, _GRID, _INK = "#14506e", "#d5dade", "#22303a"
_DPI: Final = 170

__all__ = ["panel_png"]


def panel_png(panel: Panel) -> bytes:
    """One panel as a PNG: a line per rule, a mark per setting, the study's own filled."""
    import matplotlib as mpl  # noqa: PLC0415  # slow to import
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    font = picture_font()
    rows = len(panel.tracks)
    height = rows * _ROW_INCHES + _MARGIN_INCHES
    with mpl.rc_context({"font.family": list(font.families), "font.size": 7.5}):
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
                _fitting(font.drawable(track.title)),
                (panel.width, place),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
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


def _fitting(words: str) -> str:
    """A title cut to the room beside the axis; Chinese characters are two wide."""
    width = 0
    for place, letter in enumerate(words):
        width += 2 if east_asian_width(letter) in "WF" else 1
        if width > _TITLE_LETTERS:
            return f"{words[: place - 1]}…"
    return words
