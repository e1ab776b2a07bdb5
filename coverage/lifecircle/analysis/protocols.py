"""What results need of the session and of the judged state that they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.baseline import StudyState
from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.analysis.where_next import SnappedStudy
from lifecircle.tables import (
    Scenario,
)

__all__ = ["AskedSession", "AssessedState"]


class AskedSession(Protocol):
    """What results need of the session they come from."""

    @property
    def prepared(self) -> PreparedStudy:
        """The study's inputs, snapped to the streets."""

    @property
    def baseline(self) -> StudyState:
        """The study as it is."""

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds that each stage took."""

    def assess(self, scenario: Scenario, *, jobs: int | None = None) -> AssessedState:
        """Assess a scenario."""


class AssessedState(SnappedStudy, Protocol):
    """What results need of a baseline or scenario that was judged."""

    @property
    def session(self) -> AskedSession:
        """Where it was asked."""

    @property
    def state(self) -> StudyState:
        """The study in that state."""

    @property
    def plans(self) -> tuple[Mapping[str, object], ...]:
        """What outputs say of each plan."""

    @property
    def assumptions(self) -> Mapping[str, object]:
        """The assumptions of the study."""

    @property
    def settings(self) -> Mapping[str, object]:
        """The study as it was asked for."""

    @property
    def effects(self) -> pd.DataFrame:
        """`tables.EFFECTS`."""

    @property
    def gainers(self) -> pd.DataFrame:
        """`tables.GAINERS`."""

    @property
    def summary(self) -> pd.DataFrame:
        """`tables.SCENARIOS`, one row."""

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """`Results.scenario_sites`."""
