"""The font of pictures: Noto Sans SC, which an installed package ships, so that Chinese never disappears."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

__all__ = ["PictureFont", "picture_font"]

_PACKAGE: Final = "zhplot"
_FILE: Final = "zhplot/fonts/NotoSansSC-Regular.ttf"
_LATIN: Final = "fonts/ttf/DejaVuSans.ttf"
"""Ships with matplotlib: for letters that the Chinese font lacks."""


@dataclass(frozen=True)
class PictureFont:
    """What a picture is written in.

    Attributes
    ----------
    families : names for matplotlib, tried in turn for every character
    letters : code points that one of them has
    """

    families: tuple[str, ...]
    letters: frozenset[int]

    def drawable(self, words: str) -> str:
        """The words without what would become an empty box."""
        return "".join(letter for letter in words if letter == "\n" or ord(letter) in self.letters).strip()


@cache
def picture_font() -> PictureFont:
    """Noto Sans SC (SIL Open Font License), registered with matplotlib by its path.

    Neither the fonts of the computer nor matplotlib's cache of them matter.
    """
    from matplotlib import get_data_path  # noqa: PLC0415
    from matplotlib.font_manager import fontManager, get_font  # noqa: PLC0415  # slow to import

    families: list[str] = []
    letters: set[int] = set()
    # the file alone is wanted: importing the package would change matplotlib's settings
    chinese = str(distribution(_PACKAGE).locate_file(_FILE))
    fontManager.addfont(chinese)
    # matplotlib's own data, not where its cache says that a font lies
    latin = str(Path(get_data_path()) / _LATIN)
    fontManager.addfont(latin)
    for file in (chinese, latin):
        font = get_font(file)
        families.append(font.family_name)
        letters |= set(font.get_charmap())
    return PictureFont(tuple(families), frozenset(letters))
