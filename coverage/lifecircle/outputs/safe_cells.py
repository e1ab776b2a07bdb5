"""Outside text on its way into a table: readable, on its own lines, never computed by a spreadsheet."""

from __future__ import annotations

import math
import re
from typing import Final

_ENDINGS: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")
_UNFIT: Final = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""Control characters (most are no XML), marks that force a direction, byte-order marks, non-characters."""

_LIVE: Final = re.compile(r"(^|[;\t\n])([ \t\u00a0\u3000]*)(?=[=+\-@\t＝＋－＠﹢﹣﹦﹫])")
"""Where a spreadsheet might read a formula: a cell's start, and what some locales take for one."""

__all__ = ["decimal_text", "plain_text", "safe_cell"]


def plain_text(value: object) -> str:
    """Text as every file of a run holds it: no control or direction-forcing characters, plain line ends.

    Half characters (lone surrogates) become question marks; tabs and line ends stay.
    """
    words = _UNFIT.sub("", _ENDINGS.sub("\n", str(value)))
    return words.encode("utf-8", "replace").decode("utf-8")


def safe_cell(value: object) -> str:
    """Text for a CSV cell that no spreadsheet computes.

    An apostrophe is put before each ``=``, ``+``, ``-``, ``@`` or tab (full-width ones too) that opens
    the cell, a line of it, or what a spreadsheet that parts cells at semicolons or tabs takes for one.
    """
    return _LIVE.sub(r"\1'\2", plain_text(value))


def decimal_text(value: float) -> str:
    """A number as short as it can be without losing a millionth; blank where unknown or infinite."""
    if not math.isfinite(value):
        return ""
    words = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if words in {"", "-0"} else words
