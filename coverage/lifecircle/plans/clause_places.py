"""Where a clause of a Chinese plan stands, in English: chapters, tables and boxes by their numbers."""

from __future__ import annotations

import re
from typing import Final

from lifecircle.messages import text

__all__ = ["english_clause"]

_NUMERALS: Final = "一二三四五六七八九十"
_PART: Final = re.compile(
    rf"第([{_NUMERALS}]+)([章节])|(表|专栏|附录)\s*([A-Z]?[\d.]*)|（([{_NUMERALS}]+)）|([{_NUMERALS}]+)(?=[、（])、?|(\d+)"
)
_KEY_OF_PART: Final = {"章": "chapter", "节": "section", "表": "table", "专栏": "box", "附录": "annex"}


def english_clause(clause: str) -> str:
    """Where a clause stands, in English: its numbers; as it is where it begins with other words.

    Examples
    --------
    >>> english_clause("第三章第二节（一）"), english_clause("专栏5.6"), english_clause("二、总体要求（二）")
    ('chapter 3, section 2 (1)', 'box 5.6', '2 (2)')
    >>> english_clause("三（五）16"), english_clause("布局")
    ('3 (5) 16', '布局')
    """
    parts: list[str] = []
    at = 0
    while at < len(clause):
        part = _PART.match(clause, at)
        if part is None and (not parts or clause[0].isdigit()):
            return clause
        # words that a place bears beside its number are passed over
        parts += [_in_english(part)] if part else []
        at = part.end() if part else at + 1
    return re.sub(r" (?=section|table)", ", ", " ".join(parts))


def _in_english(part: re.Match[str]) -> str:
    """One part of the place of a clause."""
    number, of, kind, label, bracketed, leading, digits = part.groups()
    if of or kind:
        values = {"n": label if kind else _counted(number)}
        return text(f"plans.clause-part.{_KEY_OF_PART[of or kind]}", "en", **values).strip()
    return f"({_counted(bracketed)})" if bracketed else (digits or str(_counted(leading)))


def _counted(numeral: str) -> int:
    """A Chinese numeral up to 99."""
    tens, ten, ones = numeral.rpartition("十")
    value = _NUMERALS.index(ones) + 1 if ones else 0
    return value + (10 * (_NUMERALS.index(tens) + 1 if tens else 1) if ten else 0)
