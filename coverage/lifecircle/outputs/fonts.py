"""A font for pictures that has the characters of the study, found among those of this computer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

__all__ = ["PictureFont", "picture_font"]

_MUST_HAVE: Final = "缺口审图号社区街道乡镇"
_LATIN: Final = "DejaVu Sans"
_WANTED: Final = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Arial Unicode MS",
    "SimSun",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
)
"""In the order of liking; simplified forms before others."""


@dataclass(frozen=True)
class PictureFont:
    """What a picture is written in.

    Attributes
    ----------
    families : names for matplotlib, tried in turn for every character
    letters : code points that one of them has
    chinese : whether Chinese can be written
    """

    families: tuple[str, ...]
    letters: frozenset[int]
    chinese: bool

    def drawable(self, words: str) -> str:
        """The words without what would become an empty box."""
        return "".join(letter for letter in words if letter == "\n" or ord(letter) in self.letters).strip()


@cache
def picture_font() -> PictureFont:
    """The best font of this computer that has Chinese, beside one that ships with matplotlib."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415  # slow to import

    installed = {entry.name: entry.fname for entry in fontManager.ttflist}
    latin = _letters(installed[_LATIN])
    needed = {ord(letter) for letter in _MUST_HAVE}
    for name in _WANTED:
        if name in installed and needed <= (letters := _letters(installed[name])):
            return PictureFont((name, _LATIN), letters | latin, chinese=True)
    return PictureFont((_LATIN,), latin, chinese=False)


def _letters(path: str) -> frozenset[int]:
    """Code points of a font file."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    return frozenset(FT2Font(path).get_charmap())
