"""Options that several commands share, in the language of the terminal."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lifecircle.errors import Fault, Faults, InputError
from lifecircle.messages import LANGUAGES, spoken_language, text

__all__ = [
    "LANG",
    "Cache",
    "Elevation",
    "GateOption",
    "GateRule",
    "Jobs",
    "Json",
    "Lang",
    "Mode",
    "Modes",
    "Output",
    "Outside",
    "PointsCrs",
    "Result",
    "Speed",
    "SplitCrossings",
    "Tolerance",
    "finite",
    "modes_asked",
    "say",
]


LANG = spoken_language()


def say(key: str) -> str:
    """A help text in the user's language."""
    return text(f"cli.{key}", LANG)


def modes_asked(said: str) -> list[str]:
    """The modes of ``walk`` or ``walk,bike``.

    Raises
    ------
    InputError
        A mode that is none, or one named twice.
    """
    from lifecircle.tables import MODES  # noqa: PLC0415  # slow to import, and options are read for --help

    modes = [mode.strip() for mode in said.split(",")]
    faults = Faults()
    for mode in modes:
        if mode not in MODES:
            faults.add(
                Fault("unknown-mode", field="--mode", values={"mode": mode, "known": ", ".join(MODES)})
            )
    if len(set(modes)) < len(modes):
        faults.add(Fault("modes-twice", field="--mode", values={"found": said}))
    faults.raise_if_any()
    return modes


def _known_language(lang: str | None) -> str | None:
    """Refuse a language that the catalogue does not speak, before anything is read or written."""
    if lang is not None and lang not in LANGUAGES:
        raise InputError(
            Fault("unknown-language", field="--lang", values={"found": lang, "valid": ", ".join(LANGUAGES)})
        )
    return lang


def finite(given: float | None) -> float | None:
    """Refuse what is no number, which passes every bound."""
    if given is not None and not math.isfinite(given):
        raise typer.BadParameter(str(given))
    return given


Output = Annotated[Path | None, typer.Option("--output", "-o", help=say("output"))]
Result = Annotated[Path, typer.Option("-o", "--output", "--out", help=say("result"))]
Lang = Annotated[
    str | None, typer.Option("--lang", help=say("lang"), show_default=False, callback=_known_language)
]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, max=1024, help=say("jobs"), show_default=False)]
Cache = Annotated[bool | None, typer.Option("--cache/--no-cache", help=say("keep"), show_default=False)]
Json = Annotated[bool, typer.Option("--json", help=say("json"))]
Mode = Annotated[str, typer.Option("--mode", help=say("mode"))]
Modes = Annotated[str, typer.Option("--mode", help=say("modes"))]
Speed = Annotated[
    float | None,
    typer.Option("--speed-kmh", min=0.1, max=200, callback=finite, help=say("speed"), show_default=False),
]


class GateRule(StrEnum):
    """Whether gates close streets."""

    AS_MAPPED = "as-mapped"
    OPEN = "open"


class TurnRule(StrEnum):
    """Whether turn restrictions bind."""

    AS_MAPPED = "as-mapped"
    OPEN = "open"


GateOption = Annotated[GateRule, typer.Option("--gates", help=say("gates"))]
TurnOption = Annotated[TurnRule, typer.Option("--turns", help=say("turns"))]
Tolerance = Annotated[
    float, typer.Option("--tolerance-m", min=0, max=100, callback=finite, help=say("tolerance"))
]
SplitCrossings = Annotated[bool, typer.Option("--split-crossings", help=say("split-crossings"))]
Elevation = Annotated[Path | None, typer.Option(help=say("elevation"), show_default=False)]
PointsCrs = Annotated[str | None, typer.Option("--crs", help=say("points-crs"), show_default=False)]
Outside = Annotated[bool, typer.Option("--allow-outside", help=say("allow-outside"))]
