"""Where a key of a plan file stands: `tomllib` does not say, and a fault must name the line."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["LineFinder"]

_HEADER: Final = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")


class LineFinder:
    """Line numbers of tables and keys in the text of a plan file.

    Parameters
    ----------
    text
        The file's text, valid TOML. Lines inside a multi-line string that look like a table header
        or a key would be taken for one: a line number may then be off, never the fault itself.
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, start=1):
            if header := _HEADER.match(line):
                self._starts.setdefault(header.group(1), []).append(number)

    def of_table(self, name: str) -> int:
        """Line of a table's header, or of its first key where it has none; 1 where neither is found."""
        tables = [starts[0] for table, starts in self._starts.items() if table.split(".")[0] == name]
        return min(tables) if tables else self._find(0, len(self._lines), name) or 1

    def of_plan(self, field: str) -> int:
        """Line of a key of ``[plan]`` (dotted where nested), or of the table where the key is not there."""
        return self._within("plan", 0, field)

    def of_rule(self, number: int, field: str) -> int:
        """Line of a key of the rule of that number (from 0), or of the rule where the key is not there."""
        return self._within("rule", number, field)

    def _within(self, table: str, number: int, field: str) -> int:
        """Line of the longest part of a dotted key that a table spells out, else of the table."""
        starts = self._starts.get(table, [])
        if number >= len(starts):
            return 1
        start, stop = starts[number], self._end(table, starts[number])
        steps = field.split(".") if field else []
        # The longest part of the key that the file spells out is the nearest line to point at.
        for count in range(len(steps), 0, -1):
            if line := self._find(start, stop, ".".join(steps[:count])):
                return line
            if line := self._find(start, stop, steps[0], also=".".join(steps[1:count])):
                return line
        return start

    def _end(self, table: str, start: int) -> int:
        """Index of the line after a table and its sub-tables."""
        others = (
            line
            for name, lines in self._starts.items()
            for line in lines
            if line > start and (name == table or name.split(".")[0] != table)
        )
        return min(others, default=len(self._lines) + 1) - 1

    def _find(self, start: int, stop: int, key: str, *, also: str = "") -> int:
        """First line from `start` to `stop` that sets `key` or opens it as a table; 0 where none does."""
        spelt = r"\s*\.\s*".join(re.escape(step) for step in key.split("."))
        sets = re.compile(rf"^\s*{spelt}\s*(\.[^=]*)?=")
        opens = re.compile(rf"^\s*\[\[?[^\]]*\.{spelt}\s*\]")
        for number in range(start, stop):
            line = self._lines[number]
            if (sets.match(line) or opens.match(line)) and also in line:
                return number + 1
        return 0
