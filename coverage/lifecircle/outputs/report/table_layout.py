"""Widths of a Word table's columns, and how many of its rows a page holds, from the letters in its cells."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

__all__ = ["CELL_POINTS", "TEXT_CM", "column_widths", "rows_that_fit"]

TEXT_CM: Final = 17.0
"""Width of a page's text."""

CELL_POINTS: Final = 8.5
"""Size of a table's letters."""

_WIDE_LETTER, _LETTER, _BOLD = 1.0, 0.63, 1.13
"""Width of a Chinese character and of a letter or digit, in parts of the font's size, and what bold adds: as
wide as in the fonts that take the place of Calibri where it is not installed."""

_OTHER_LETTERS: Final = dict.fromkeys("ijlI|!.,:;'()[] ", 0.32) | {
    **dict.fromkeys("ftr-/", 0.41),
    **dict.fromkeys("mwMW%@", 0.96),
    **dict.fromkeys("ABCDEFGHKLNOPQRSTUVXYZ", 0.74),
}
"""Letters that are narrower or wider than most."""

_FIRST_WIDE: Final = "\u2e80"
_BREAKS: Final = re.compile(
    r"\s|(?<=[-/])(?!\d)|(?<=–)"
    r"|(?<=[\u2e80-\uffee])(?<![（“])(?![），。、：；”])"
    r"|(?=[\u2e80-\uffee])(?<![（“])(?![（），。、：；”])"
)
"""A line may break at a space, after a hyphen or slash that no digit follows, and on either side of a Chinese
character, but not between a figure and a bracket, nor within a bracket or before a full stop."""

_MOST_WHOLE: Final = 7
"""Letters of a Chinese name that a column holds on one line where there is room."""

_KEPT: Final = 0.65
"""Share of its width that a column keeps beside columns of longer words, where there is room."""

_CM_PER_POINT: Final = 2.54 / 72
_CELL_MARGINS_CM: Final = 0.4
_ROWS_POINTS: Final = 640.0
"""Height that a page leaves to the rows of a table below a chapter's heading and its own."""

_LINE, _WIDE_LINE = 1.2, 1.45
"""Height of a line of letters, and of Chinese characters, in parts of the font's size."""


def column_widths(
    wanted: Sequence[float], headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[float]:
    """Widths in cm that fill the page.

    No word is broken unless all together are wider than it; nor are short Chinese names, while that leaves
    room for the words.

    Examples
    --------
    >>> widths = column_widths((1, 1, 6), ("Residents affected", "n", "what"), [("1", "2", "words")])
    >>> [round(width, 1) for width in widths]
    [2.2, 2.1, 12.7]
    """
    widths = [width * TEXT_CM / sum(wanted) for width in wanted]
    columns = (
        list(zip(headings, zip(*rows, strict=True), strict=True)) if rows else [(one, ()) for one in headings]
    )
    words = [max(_longest_cm(head, bold=True), *map(_longest_cm, cells), 0.0) for head, cells in columns]
    names = [
        max(need, *map(_name_cm, (head, *cells))) for need, (head, cells) in zip(words, columns, strict=True)
    ]
    if sum(names) <= TEXT_CM:
        needs = names
    else:
        floors = [max(word, _KEPT * width) for word, width in zip(words, widths, strict=True)]
        needs = floors if sum(floors) <= TEXT_CM else words
    # What the narrow columns lack is taken from the others, in proportion to what each has to spare.
    lacking = sum(max(need - width, 0.0) for need, width in zip(needs, widths, strict=True))
    spare = sum(max(width - need, 0.0) for need, width in zip(needs, widths, strict=True))
    if lacking > spare:
        return _capped(needs)
    given = lacking / spare if spare else 0.0
    return [
        max(width, need) - given * max(width - need, 0.0) for need, width in zip(needs, widths, strict=True)
    ]


def _capped(needs: Sequence[float]) -> list[float]:
    """Widths where words do not fit: columns under an equal share keep theirs, the others give way."""
    order = sorted(range(len(needs)), key=needs.__getitem__)
    left, widths = TEXT_CM, list(needs)
    while order and needs[order[0]] <= left / len(order):
        left -= needs[order.pop(0)]
    wanted = sum(needs[place] for place in order)
    for place in order:
        widths[place] = needs[place] * left / wanted
    return widths


def rows_that_fit(widths_cm: Sequence[float], rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows stand on one page, by the lines that their cells take.

    Examples
    --------
    >>> rows_that_fit((8.5, 8.5), [("one", "two")] * 100)
    57
    >>> rows_that_fit((2, 15), [("several words in a narrow column", "two")] * 100)
    15
    """
    left = _ROWS_POINTS
    for at, row in enumerate(rows):
        left -= 1 + max(_cell_points(words, width) for words, width in zip(row, widths_cm, strict=True))
        if left < 0:
            return at
    return len(rows)


def _cell_points(words: str, width_cm: float) -> float:
    """Height of a cell."""
    room = max(width_cm - _CELL_MARGINS_CM, 0.1)
    lines, used = 1, 0.0
    for piece in filter(None, _BREAKS.split(words)):
        long = _piece_cm(piece)
        if used and used + long > room:
            lines, used = lines + 1, 0.0
        lines += max(0, math.ceil(long / room) - 1)
        used += long + (0.0 if piece >= _FIRST_WIDE else _piece_cm(" "))
    wide = any(one >= _FIRST_WIDE for one in words)
    return lines * CELL_POINTS * (_WIDE_LINE if wide else _LINE)


def _longest_cm(words: str, *, bold: bool = False) -> float:
    """Width that the longest piece needs that no line breaks."""
    return max(_piece_cm(piece, bold=bold) for piece in _BREAKS.split(words)) + _CELL_MARGINS_CM


def _name_cm(words: str) -> float:
    """Width that a Chinese name needs, as far as it is kept whole."""
    names = "".join(one if one >= _FIRST_WIDE else " " for one in words).split()
    letters = min(max(map(len, names), default=0), _MOST_WHOLE)
    return letters * _WIDE_LETTER * CELL_POINTS * _CM_PER_POINT + _CELL_MARGINS_CM


def _piece_cm(piece: str, *, bold: bool = False) -> float:
    """Width of some letters."""
    ems = sum(_WIDE_LETTER if one >= _FIRST_WIDE else _OTHER_LETTERS.get(one, _LETTER) for one in piece)
    return ems * (_BOLD if bold else 1.0) * CELL_POINTS * _CM_PER_POINT
