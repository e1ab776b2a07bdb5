"""Text from outside made plain, as every file and the terminal show it."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UNFIT", "plain_text"]

_ENDINGS: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")
UNFIT: Final = (
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""Control characters (most are no XML), marks that force a direction, byte-order marks, non-characters."""

_UNFIT: Final = re.compile(UNFIT)


def plain_text(value: object) -> str:
    """Text as every file of a run holds it: no control or direction-forcing characters, plain line ends.

    Half characters (lone surrogates) become question marks; tabs and line ends stay.
    """
    words = _UNFIT.sub("", _ENDINGS.sub("\n", str(value)))
    return words.encode("utf-8", "replace").decode("utf-8")
