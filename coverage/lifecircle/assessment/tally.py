"""Which communities a circle covers: groups of services counted for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff, Group

__all__ = ["Checklist", "ChecklistTally", "Tally", "tally_checklist", "tally_groups"]


@dataclass(frozen=True)
class Checklist:
    """What one circle asks for.

    Attributes
    ----------
    required, quality
        Groups that must all be there, and groups of which `quality_needed` must be.
    cutoff
        How far the circle goes.
    """

    required: tuple[Group, ...]
    quality: tuple[Group, ...]
    quality_needed: int
    cutoff: Cutoff


@dataclass(frozen=True)
class Tally:
    """How many groups cover each community of the boundary, and how many are missing or unknown.

    Attributes
    ----------
    met, short : one count per community, in the order of `Context.communities`
    unknown : groups that no source says anything about; the same everywhere
    """

    met: NDArray[np.int64]
    short: NDArray[np.int64]
    unknown: int


def tally_groups(ctx: Context, groups: Sequence[Group], cutoff: Cutoff) -> Tally:
    """Count the groups of services that cover each community.

    A group covers a community when at least ``covered_share`` of its people reach one of its services.
    """
    known = [group for group in groups if ctx.knows(group)]
    met = np.zeros(len(ctx.communities), dtype=np.int64)
    for group in known:
        met += ctx.covers(group, cutoff)
    return Tally(met, len(known) - met, len(groups) - len(known))


@dataclass(frozen=True)
class ChecklistTally:
    """How each community of the boundary stands against a checklist, in the order of `Context.communities`.

    Attributes
    ----------
    status : ``met``, ``short``, ``no-data`` or ``not-applicable``
    required, quality : groups of either kind that are met
    missing : groups missing for sure, whatever the unknown ones may be
    """

    status: NDArray[np.object_]
    required: NDArray[np.int64]
    quality: NDArray[np.int64]
    missing: NDArray[np.int64]


def tally_checklist(ctx: Context, asked: Checklist) -> ChecklistTally:
    """Whether each community of the boundary has what a circle asks for.

    Short where a required group surely misses, or too few quality groups can be there; met where all are
    there; else no-data. Where nobody lives and any required group is known the circle does not apply.
    """
    required = tally_groups(ctx, asked.required, asked.cutoff)
    quality = tally_groups(ctx, asked.quality, asked.cutoff)
    # Missing for sure: what unknown groups could not make up for either.
    wanted = asked.quality_needed
    missing = required.short + np.maximum(0, wanted - quality.met - quality.unknown)
    complete = (required.met == len(asked.required)) & (quality.met >= wanted)
    status = np.where(complete, "met", np.where(missing > 0, "short", "no-data")).astype(object)
    # Where nobody lives, everybody is covered: nothing is counted there.
    inhabited = ctx.covered((), asked.cutoff)["residents"].to_numpy() != 0
    if required.unknown < len(asked.required):
        status[~inhabited] = "not-applicable"
    return ChecklistTally(status, required.met * inhabited, quality.met * inhabited, missing)
