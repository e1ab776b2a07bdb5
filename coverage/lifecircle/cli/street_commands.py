"""Commands on streets and points alone, without a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lifecircle.cli.options import (
    LANG,
    Elevation,
    GateOption,
    GateRule,
    Mode,
    Modes,
    PointsCrs,
    Result,
    Speed,
    SplitCrossings,
    Tolerance,
    TurnOption,
    TurnRule,
    finite,
    say,
)
from lifecircle.errors import Fault, InputError

__all__ = ["isochrones", "streets", "times"]


def streets(
    source: Annotated[str, typer.Argument(help=say("streets-file"))],
    output: Result,
    mode: Mode = "walk",
    boundary: Annotated[Path | None, typer.Option(help=say("boundary"))] = None,
    elevation: Elevation = None,
    gates: GateOption = GateRule.AS_MAPPED,
    turns: TurnOption = TurnRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Build the routable network and write its edges."""
    from lifecircle.cli import networks

    reading = {
        "gates": gates.value,
        "turns": turns.value,
        "tolerance_m": tolerance_m,
        "split_crossings": split_crossings,
    }
    networks.write_streets(
        source, output, mode=mode, boundary=boundary, elevation=elevation, reading=reading, lang=LANG
    )


def times(
    source: Annotated[str, typer.Argument(metavar="STREETS", help=say("streets-file"))],
    origins: Annotated[Path, typer.Option("--from", help=say("from"))],
    facilities: Annotated[Path, typer.Option("--to", help=say("to"))],
    output: Result,
    minutes: Annotated[float, typer.Option(min=0, max=1440, callback=finite, help=say("limit"))] = 15.0,
    speed_kmh: Speed = None,
    mode: Modes = "walk",
    elevation: Elevation = None,
    crs: PointsCrs = None,
    every: Annotated[bool, typer.Option("--all", help=say("all"))] = False,
    gates: GateOption = GateRule.AS_MAPPED,
    turns: TurnOption = TurnRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Nearest facility per origin and service, or every pair within the limit."""
    from lifecircle.cli import networks

    reading = {
        "gates": gates.value,
        "turns": turns.value,
        "tolerance_m": tolerance_m,
        "split_crossings": split_crossings,
    }
    networks.write_times(
        source,
        origins,
        facilities,
        output,
        minutes=minutes,
        speed_kmh=speed_kmh,
        mode=mode,
        every=every,
        elevation=elevation,
        crs=crs,
        reading=reading,
        lang=LANG,
    )


def isochrones(
    source: Annotated[str, typer.Argument(metavar="STREETS", help=say("streets-file"))],
    points: Annotated[Path, typer.Option(help=say("points"))],
    output: Result,
    minutes: Annotated[str, typer.Option(help=say("minutes"))] = "5,10,15",
    speed_kmh: Speed = None,
    mode: Modes = "walk",
    elevation: Elevation = None,
    crs: PointsCrs = None,
    gates: GateOption = GateRule.AS_MAPPED,
    turns: TurnOption = TurnRule.AS_MAPPED,
    tolerance_m: Tolerance = 0.01,
    split_crossings: SplitCrossings = False,
) -> None:
    """Service areas of a list of points."""
    from lifecircle.cli import networks

    reading = {
        "gates": gates.value,
        "turns": turns.value,
        "tolerance_m": tolerance_m,
        "split_crossings": split_crossings,
    }
    networks.write_isochrones(
        source,
        points,
        output,
        minutes=_minutes(minutes),
        speed_kmh=speed_kmh,
        mode=mode,
        elevation=elevation,
        crs=crs,
        reading=reading,
        lang=LANG,
    )


def _minutes(said: str) -> list[float]:
    """``5,10,15`` as numbers."""
    try:
        minutes = [float(part) for part in said.split(",")]
    except ValueError:
        minutes = [-1.0]
    if not all(0 < value <= 1440 for value in minutes):
        raise InputError(Fault("minutes-list", field="--minutes", values={"found": said}))
    return minutes
