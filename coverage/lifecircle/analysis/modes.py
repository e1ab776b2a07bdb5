"""Modes beside each other: the same circles on foot, by bike and by car, each at its own speed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lifecircle.analysis.session import Session
from lifecircle.plans import TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.tables import MODES_BESIDE

__all__ = ["modes_beside"]


def modes_beside(sessions: Sequence[Session]) -> pd.DataFrame:
    """What the circles of the plans find in each mode, one below the other.

    Parameters
    ----------
    sessions
        The study in each of its modes, the first first.

    Returns
    -------
    DataFrame
        `tables.MODES_BESIDE`: rows of time, distance and type circles; no rows where there is one mode.
    """
    if len(sessions) < 2:  # one mode stands beside none
        return MODES_BESIDE.empty()
    return MODES_BESIDE.check(pd.concat([_of_mode(one) for one in sessions], ignore_index=True))


def _of_mode(session: Session) -> pd.DataFrame:
    """The findings of circles in one mode, and its speed; streets have speeds of their own for drivers."""
    circles = [
        (plan.id, rule.id)
        for plan in session.prepared.plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle)
    ]
    findings = session.baseline.judgements.findings
    keys = pd.MultiIndex.from_frame(findings[["plan", "rule"]])
    assumptions = session.study.assumptions
    speed = np.nan if assumptions.mode == "drive" else assumptions.pace_kmh()
    named = findings[keys.isin(circles)].assign(mode=assumptions.mode, speed_kmh=speed)
    return named[list(MODES_BESIDE.columns)]
