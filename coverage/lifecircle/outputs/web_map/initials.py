"""The initials of Chinese names, by which a reader finds them with a Latin keyboard."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

__all__ = ["initials"]

_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTWXYZ"
_FIRST: Final = (
    0xB0A1,
    0xB0C5,
    0xB2C1,
    0xB4EE,
    0xB6EA,
    0xB7A2,
    0xB8C1,
    0xB9FE,
    0xBBF7,
    0xBFA6,
    0xC0AC,
    0xC2E8,
    0xC4C3,
    0xC5B6,
    0xC5BE,
    0xC6DA,
    0xC8BB,
    0xC8F6,
    0xCBFA,
    0xCDDA,
    0xCEF4,
    0xD1B9,
    0xD4D1,
)
"""GB/T 2312 sorts its 3,755 common characters by sound: where each letter begins."""

_LAST: Final = 0xD7F9


def initials(words: str) -> str:
    """The first letter of each common Chinese character, Latin letters and figures as they are, lower case.

    Characters beyond GB/T 2312's first level have no letter.

    Examples
    --------
    >>> initials("城市社区 A1")
    'cssqa1'
    """
    return "".join(map(_initial, words))


def _initial(letter: str) -> str:
    """The letter of one character; blank for none."""
    if letter.isascii():
        return letter.lower() if letter.isalnum() else ""
    try:
        code = int.from_bytes(letter.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    return _LETTERS[bisect_right(_FIRST, code) - 1].lower() if _FIRST[0] <= code <= _LAST else ""
