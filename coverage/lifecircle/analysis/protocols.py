"""What the analysis needs of what it does not know: a session and its states, the page that shows one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.baseline import StudyState
from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.analysis.where_next import SnappedStudy
from lifecircle.tables import (
    Scenario,
)

__all__ = ["AskedSession", "AssessedState", "ServedPage"]


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


class ServedPage(Protocol):
    """The what-if page of a session while it is served."""

    url: str
    """Its link, with the token without which nothing answers."""
    folder: Path
    """Where its scenarios are kept."""

    @property
    def running(self) -> bool:
        """Whether it still answers."""

    @property
    def scenario(self) -> Scenario:
        """The scenario that was changed last on it; an empty one before the first change."""

    def wait(self) -> None:
        """Return when it ends."""

    def stop(self) -> None:
        """End it; scenarios are kept."""
