"""The one way to a terminal: words without signs that would move its cursor, colour it or turn a line."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Final

from rich.text import Text

from lifecircle.messages.plain import UNFIT, plain_text

__all__ = ["plain_cell", "tell", "tell_json"]

_UNFIT: Final = re.compile(UNFIT)


def tell(words: str, *, aside: bool = False) -> None:
    """Print words as plain text, at once; `aside` says that they go to standard error."""
    print(plain_text(words), file=sys.stderr if aside else sys.stdout, flush=True)


def tell_json(record: Mapping[str, object]) -> None:
    r"""Print one JSON object, one line, at once; signs that a terminal would obey are escaped, none is lost.

    Examples
    --------
    >>> tell_json({"name": "\x1b[31m \u202eabc"})
    {"name": "\u001b[31m \u202eabc"}
    """
    line = json.dumps(record, ensure_ascii=False)
    print(_UNFIT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line), flush=True)


def plain_cell(words: object) -> Text:
    """A cell of a table, as plain text."""
    return Text(plain_text(words))
