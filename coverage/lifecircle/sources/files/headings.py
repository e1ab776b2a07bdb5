"""What a file may call a column of ours: our own name, and the headings of ``lifecircle template``."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from lifecircle import messages

__all__ = ["names_of"]

_UNIT: Final = re.compile(r"\s*[（(][^（()）]*[)）]$")


@cache
def names_of(column: str) -> tuple[str, ...]:
    """Our name of a column and its headings in both languages, with their units and without.

    A column of a plan's own has no heading but its name.
    """
    key = f"plans.column.{column}"
    headings = [messages.text(key, lang) for lang in messages.LANGUAGES] if messages.has(key) else []
    return tuple(dict.fromkeys([column, *headings, *(_UNIT.sub("", heading) for heading in headings)]))
