"""The one way to a terminal: words without signs that would move its cursor, colour it or turn a line."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Mapping
from typing import Final, TextIO

from rich.text import Text

from lifecircle.messages.plain import UNFIT, plain_text

__all__ = ["plain_cell", "tell", "tell_json"]

_UNFIT: Final = re.compile(UNFIT)

_ONE_LINE_AT_A_TIME: Final = threading.Lock()
"""Held while a line is written: several studies at once tell of themselves from several threads."""


def tell(words: str, *, aside: bool = False) -> None:
    """Print words as plain text, at once; `aside` says that they go to standard error."""
    _print(plain_text(words), sys.stderr if aside else sys.stdout)


def tell_json(record: Mapping[str, object]) -> None:
    r"""Print one JSON object, one line, at once; signs that a terminal would obey are escaped, none is lost.

    Examples
    --------
    >>> tell_json({"name": "\x1b[31m \u202eabc"})
    {"name": "\u001b[31m \u202eabc"}
    """
    line = json.dumps(record, ensure_ascii=False)
    _print(_UNFIT.sub(lambda sign: f"\\u{ord(sign[0]):04x}", line), sys.stdout)


def _print(words: str, stream: TextIO) -> None:
    """Print at once; where nobody reads any more (``| head -1``), the work goes on without being told of."""
    with _ONE_LINE_AT_A_TIME:
        try:
            print(words, file=stream, flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def plain_cell(words: object) -> Text:
    """A cell of a table, as plain text."""
    return Text(plain_text(words))
