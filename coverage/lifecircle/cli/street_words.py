"""What commands say of streets and of points on them, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from lifecircle.messages import has, text
from lifecircle.network import Network, Snaps
from lifecircle.network.routing.reasons import snap_counts as snap_counted
from lifecircle.tables.streets import JOIN_ANYWHERE

__all__ = ["pace", "snap_counts", "street_counts", "street_pieces", "unreached"]


def pace(streets: Network, speed_kmh: float | None, *, lang: str) -> None:
    """The mode and speed that minutes stand on, and how slopes were taken, on standard error."""
    speed = streets.speed_kmh if speed_kmh is None else speed_kmh
    print(text(f"cli.pace-{streets.mode}", lang, speed=f"{speed:g}"), file=sys.stderr)
    if "slope-unknown" in streets.counts:
        print(text("cli.pace-slope", lang, count=streets.counts["slope-unknown"]), file=sys.stderr)


def street_counts(streets: Network, *, lang: str) -> None:
    """What the reader of the streets left out, closed or joined, on standard error."""
    for reason, count in streets.counts.items():
        if count and has(f"quality.{reason}") and reason != "slope-unknown":
            print(text(f"quality.{reason}", lang, count=count, item="", value=""), file=sys.stderr)


def street_pieces(streets: Network, *, lang: str) -> None:
    """Pieces too short to be joined to, and segments that no point joins, on standard error."""
    small = streets.small_component
    if small.any():
        km = f"{streets.component_length_m[small].sum() / 1000:.1f}"
        metres = f"{streets.min_component_m:g}"
        told = text("cli.street-islands", lang, count=int(small.sum()), km=km, metres=metres)
        print(told, file=sys.stderr)
    if barred := int((streets.joinable != JOIN_ANYWHERE).sum()):
        print(text("cli.street-unjoinable", lang, count=barred), file=sys.stderr)


def snap_counts(kind: str, snaps: Snaps, *, lang: str) -> None:
    """How many of a kind of points joined no street, or not their nearest, and why, on standard error."""
    who, limit = text(f"cli.points-of.{kind}", lang), f"{snaps.max_snap_m:g}"
    for status, count in snap_counted(snaps).items():
        if status != "ok":
            word = status.replace("_", "-")
            told = text(f"cli.snapped.{word}", lang, who=who, count=count, all=len(snaps), metres=limit)
            print(told, file=sys.stderr)


def unreached(reasons: Mapping[str, int], *, lang: str) -> None:
    """How many rows reach no facility, by reason, on standard error."""
    for reason, count in reasons.items():
        if reason:
            print(text(f"cli.unreached.{reason}", lang, count=count), file=sys.stderr)
