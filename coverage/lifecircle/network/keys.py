"""How costs are packed into integers, and what stands for unreached."""

from __future__ import annotations

from typing import Final

__all__ = ["FAR", "NARROW_LIMIT", "OWNER_BITS", "UNREACHED", "WIDE_LIMIT"]

OWNER_BITS: Final = 24
"""Bits of a 64-bit key that hold an owner's rank: 16 million owners, costs below `FAR`."""

FAR: Final = 1 << 37
"""A cost beyond every path: of an edge closed in one direction, of a point that is unreached."""

NARROW_LIMIT: Final = (1 << 30) - 1
"""What an unreached node holds where keys are 32-bit; one more arc can be added without overflow."""

WIDE_LIMIT: Final = (1 << 62) - 1
"""The same where keys are 64-bit."""

UNREACHED: Final = (1 << 63) - 1
"""Cost of a place that is not reached, in results."""
