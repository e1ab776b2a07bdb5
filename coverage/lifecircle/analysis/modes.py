"""Modes beside each other: the same circles on foot, by bike and by car, each at its own speed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lifecircle.analysis.results import Run
from lifecircle.analysis.session import Session
from lifecircle.assessment import changed_findings, community_figures, summarise_effects
from lifecircle.plans import TravelDistanceCircle, TravelTimeCircle, TypeCircle
from lifecircle.tables import EFFECTS, MODES_BESIDE

__all__ = ["with_modes"]


def with_modes(run: Run, sessions: Sequence[Session]) -> Run:
    """The same results with what the circles of the plans find in each further mode.

    Parameters
    ----------
    run
        Results of the study in its first mode.
    sessions
        The study in each of its modes, the first first.

    Returns
    -------
    Run
        ``modes``: rows of time, distance and type circles, one mode below the other; ``mode_effects`` and
        ``mode_summary``: what is another finding than in the first mode, and how units then stand;
        ``mode_communities`` and ``mode_travel``: minutes of each further mode, and to which facility. All
        are empty where there is one mode.
    """
    if len(sessions) < 2:  # one mode stands beside none
        return run
    first, *others = sessions
    listed = pd.concat([_of_mode(one) for one in sessions], ignore_index=True)
    changed = [
        changed_findings(_mode(one), _circles(first), _circles(one), binding_only=False) for one in others
    ]
    filled = [table for table in changed if len(table)]
    effects = pd.concat(filled, ignore_index=True) if filled else EFFECTS.empty()
    grown = dataclasses.replace(
        run,
        modes=MODES_BESIDE.check(listed),
        mode_effects=effects,
        mode_communities={_mode(one): _figures(one) for one in others},
        mode_travel={_mode(one): one.present.travel for one in others},
    )
    if not filled:
        return grown
    return dataclasses.replace(grown, mode_summary=summarise_effects(run.findings, run.inputs, effects))


def _mode(session: Session) -> str:
    """The mode that a session is judged in."""
    return str(session.study.assumptions.mode)


def _figures(session: Session) -> pd.DataFrame:
    """Minutes of every community in the mode of a session, without its shape."""
    study = session.study
    state = session.present
    figures = community_figures(state.inputs, state.travel, session.prepared.plans, study.assumptions)
    return pd.DataFrame(figures.drop(columns=figures.geometry.name))


def _circles(session: Session) -> pd.DataFrame:
    """The findings of time, distance and type circles."""
    circles = [
        (plan.id, rule.id)
        for plan in session.prepared.plans
        for rule in plan.rules
        if isinstance(rule, TravelTimeCircle | TravelDistanceCircle | TypeCircle)
    ]
    findings = session.baseline.judgements.findings
    return findings[pd.MultiIndex.from_frame(findings[["plan", "rule"]]).isin(circles)]


def _of_mode(session: Session) -> pd.DataFrame:
    """The findings of circles in one mode, and its speed; streets have speeds of their own for drivers."""
    assumptions = session.study.assumptions
    speed = np.nan if assumptions.mode == "drive" else assumptions.pace_kmh()
    named = _circles(session).assign(mode=assumptions.mode, speed_kmh=speed)
    return named[list(MODES_BESIDE.columns)]
