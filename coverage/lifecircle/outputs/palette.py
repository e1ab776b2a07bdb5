"""The colours of every map: told apart by people who see no red or no green, and in grey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["MINUTES", "MISSING", "REACHED", "SERVICE", "STATUS", "STATUS_ORDER", "TIER"]

MISSING: Final = ("#fde0a6", "#fdbb63", "#f08a2c", "#c9560d", "#7f2c04")
"""Amounts missing, least to most."""

REACHED: Final = ("#cfe3f1", "#9ecae1", "#6aaed6", "#3585bf", "#0d559c")
"""AllocationState and figures reached, least to most."""

MINUTES: Final = ("#08306b", "#2879b9", "#73b2d8", "#c8dcf0", "#fdd0a2", "#e6741b", "#8c2d04")
"""Walking minutes, near to far: blue within the usual 15 minutes, orange beyond."""

SERVICE: Final = ("#0b3c5d", "#8c2d6f", "#1b7837", "#5e3c99", "#00707a", "#a50f15", "#4d4d4d", "#3f5f00")
"""Kinds of service, in turn; shapes tell them apart where colours repeat."""

STATUS: Final[Mapping[str, str]] = {
    "met": "#9ecae1",
    "short": "#c9560d",
    "short-provisional": "#fdbb63",
    "no-data": "#e4e4e4",
    "not-applicable": "#ffffff",
    "report-only": "#e3dfea",
    "context": "#eef1e6",
}
STATUS_ORDER: Final = tuple(STATUS)

TIER: Final[Mapping[str, str]] = {"quality": "#0d559c", "basic": "#6aaed6", "below": "#f08a2c", "": "#9a9a9a"}
