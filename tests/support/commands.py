"""The command line, called in this process as a user calls it, and what it leaves behind."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

from lifecircle import cli


@dataclass(frozen=True)
class Said:
    """What a command left behind: exit code, standard output and error."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict]:
        """Events of ``--json``: every line is one."""
        return [json.loads(line) for line in self.out.splitlines()]


def caller(monkeypatch, capsys, said=Said):
    """A function that calls the command line's own entry point with some words."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["lifecircle", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            if isinstance(stop.__cause__, Exception):
                raise stop.__cause__ from None  # what nobody expected
            code = stop.code or 0
        return said(code, *capsys.readouterr())

    return call
