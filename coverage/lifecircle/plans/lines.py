"""Where a key of a plan file stands: `tomllib` does not say, and a fault must name the line."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

__all__ = ["LineFinder"]

_Path = tuple[str | int, ...]

_BLANK: Final = re.compile(r"(?:[\s,]|#[^\n]*)*")
"""What parts statements and items: white space, commas and comments."""
_KEY: Final = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))[ \t]*(\.?)')
"""One step of a dotted key, and whether another follows."""
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?!")|\'\'\'.*?\'\'\'(?!\')|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL
)
_SCALAR: Final = re.compile(r"[^,\]}\n#]+")
_GAP: Final = re.compile(r"[ \t=]*")


class LineFinder:
    """Line numbers of tables and keys in the text of a plan file, inline tables and lists too.

    Parameters
    ----------
    text
        The file's text, valid TOML.
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._starts = [0, *(match.end() for match in re.finditer("\n", self._text))]
        self._lines: dict[_Path, int] = {}
        self._sizes: dict[_Path, int] = {}
        self._read()

    def of_table(self, name: str) -> int:
        """Line of a table's header, or of its first key where it has none; 1 where neither is found."""
        return self._lines.get((name,), 1)

    def of_plan(self, field: str) -> int:
        """Line of a key of ``[plan]`` (dotted where nested), or of the table where the key is not there."""
        return self._within(("plan",), field)

    def of_rule(self, number: int, field: str) -> int:
        """Line of a key of the rule of that number (from 0), or of the rule where the key is not there."""
        return self._within(("rule", number), field)

    def _within(self, table: _Path, field: str) -> int:
        """Line of the longest part of a dotted key that a table spells out, else of the table."""
        steps = tuple(field.split(".")) if field else ()
        for count in range(len(steps), -1, -1):
            if line := self._lines.get((*table, *steps[:count])):
                return line
        return 1

    def _read(self) -> None:
        """Every statement: headers of tables, and keys with their values."""
        table: _Path = ()
        at = _after(_BLANK, self._text, 0)
        while at < len(self._text):
            if self._text[at] == "[":
                several = self._text.startswith("[[", at)
                steps, end = self._key(at + 1 + several)
                table = self._opened(steps, at, several=several)
                at = end + 1 + several
            else:
                at = self._pair(table, at)
            at = _after(_BLANK, self._text, at)

    def _opened(self, steps: tuple[str, ...], at: int, *, several: bool) -> _Path:
        """The place of a table by its header, in the last of every list of tables on the way."""
        place: _Path = ()
        for depth, step in enumerate(steps, start=1):
            place = (*place, step)
            if several and depth == len(steps):
                self._sizes[place] = self._sizes.get(place, 0) + 1
            self._note(place, at)
            if place in self._sizes:
                place = (*place, self._sizes[place] - 1)
                self._note(place, at)
        return place

    def _pair(self, table: _Path, at: int) -> int:
        """One ``key = value``; where it ends."""
        steps, end = self._key(at)
        for count in range(1, len(steps) + 1):
            self._note((*table, *steps[:count]), at)
        return self._value((*table, *steps), _after(_GAP, self._text, end))

    def _value(self, place: _Path, at: int) -> int:
        """A value and what stands in it; where it ends."""
        if self._text[at] not in "[{":
            return (
                _after(_STRING, self._text, at)
                if self._text[at] in "\"'"
                else _after(_SCALAR, self._text, at)
            )
        closing = "]" if self._text[at] == "[" else "}"
        listed, number = closing == "]", 0
        at = _after(_BLANK, self._text, at + 1)
        while self._text[at] != closing:
            if listed:
                self._note((*place, number), at)
                at, number = self._value((*place, number), at), number + 1
            else:
                at = self._pair(place, at)
            at = _after(_BLANK, self._text, at)
        return at + 1

    def _key(self, at: int) -> tuple[tuple[str, ...], int]:
        """The steps of a dotted key, and where it ends."""
        steps: list[str] = []
        while match := _KEY.match(self._text, at):
            steps.append(next(part for part in match.groups()[:3] if part is not None))
            at = match.end()
            if not match.group(4):
                break
        return tuple(steps), at

    def _note(self, place: _Path, at: int) -> None:
        """The first line of a place, and of it as a fault names it: without positions in a rule's lists."""
        line = bisect_right(self._starts, at)
        self._lines.setdefault(place, line)
        head = 2 if place[0] == "rule" else 1
        self._lines.setdefault(
            (*place[:head], *(step for step in place[head:] if isinstance(step, str))), line
        )


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern that begins at a position ends; the next character where it does not."""
    match = pattern.match(text, at)
    return at + 1 if match is None else match.end()
