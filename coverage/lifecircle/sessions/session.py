"""A session: a study read, routed and judged once, of which any number of scenarios can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import pandas as pd

from lifecircle import products
from lifecircle.assessment import changed_findings, who_gains
from lifecircle.plans import Plan
from lifecircle.sessions.preparing import Prepared, prepared
from lifecircle.sessions.run import Run, finished
from lifecircle.sessions.sites import changed_sites, scenario_row
from lifecircle.sessions.situation import Situation, changed, present
from lifecircle.stages import Listener, Stages
from lifecircle.study import Study
from lifecircle.tables import Inputs, Scenario, TravelTimes

__all__ = ["Assessed", "Session", "prepare"]


@dataclass(frozen=True, eq=False)
class Session:
    """A study ready to be asked: plans, inputs, streets, snaps, walks and findings as things are.

    It is never changed, and may be asked from several threads at once.

    Attributes
    ----------
    ready : the study's inputs, joined to the streets
    now : the study as it is
    timings : seconds that each stage took
    """

    ready: Prepared
    now: Situation
    timings: Mapping[str, float]

    @property
    def study(self) -> Study:
        """The study."""
        return self.ready.study

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Scenarios of the study file."""
        return self.ready.scenarios

    @cached_property
    def present(self) -> Assessed:
        """The study as it is."""
        return Assessed(self, Scenario(name="present"), self.now)

    def assess(self, scenario: Scenario, *, jobs: int | None = None) -> Assessed:
        """Assess a scenario, without reading or routing again what it leaves alone.

        Parameters
        ----------
        scenario
            What is different.
        jobs
            Threads; all cores where None. Results do not depend on it.

        Returns
        -------
        Assessed
            Findings and walks equal to those of a study that is read with these facilities and streets.

        Raises
        ------
        InputError
            With everything wrong with the scenario.
        """
        return Assessed(self, scenario, changed(self.ready, self.now, scenario, jobs=jobs))


@dataclass(frozen=True, eq=False)
class Assessed:
    """A study under a scenario.

    Attributes
    ----------
    session : what was asked
    scenario : what is different
    situation : the state that makes
    """

    session: Session
    scenario: Scenario
    situation: Situation

    @property
    def inputs(self) -> Inputs:
        """Facilities and streets as the scenario has them; everything else as it is."""
        return self.situation.inputs

    @property
    def travel(self) -> TravelTimes:
        """Walks of every demand point to the nearest facility of every service."""
        return self.situation.travel

    @property
    def findings(self) -> pd.DataFrame:
        """`tables.FINDINGS` under the scenario."""
        return self.situation.judgements.findings

    @property
    def judged_by(self) -> tuple[Plan, ...]:
        """The plans."""
        return self.session.ready.plans

    @cached_property
    def plans(self) -> tuple[Mapping[str, object], ...]:
        """What outputs say of each plan."""
        return tuple(products.about(plan, self.session.study.assumptions) for plan in self.judged_by)

    @property
    def assumptions(self) -> Mapping[str, object]:
        """The assumptions of the study."""
        found: Mapping[str, object] = self.session.study.assumptions.model_dump()
        return found

    @property
    def settings(self) -> Mapping[str, object]:
        """The study as it was asked for."""
        found: Mapping[str, object] = self.session.study.model_dump(mode="json")
        return found

    @cached_property
    def effects(self) -> pd.DataFrame:
        """`tables.EFFECTS`: findings that the scenario changes."""
        before = self.session.now.judgements.findings
        return changed_findings(self.scenario.name, before, self.findings)

    @cached_property
    def gainers(self) -> pd.DataFrame:
        """`tables.GAINERS`: who gains and who loses, by service and cohort."""
        before, after = self.session.now.judgements.context, self.situation.judgements.context
        return who_gains(self.scenario.name, self.judged_by, before, after, self.situation.services)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """`tables.SCENARIOS`: one row."""
        return scenario_row(self.scenario, self.session.now, self.situation)

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """What the scenario changes on the ground, as `Results.scenario_sites`."""
        return changed_sites(self.scenario, self.session.now, self.situation)

    def run(self, *, jobs: int | None = None, tell: Listener | None = None) -> Run:
        """Everything a run makes, of the study under this scenario.

        Circles, areas, catchments and rasters are made now, which takes as long as in a run.
        """
        beside = () if self.situation is self.session.now else (self,)
        return finished(self, beside, Stages(tell), jobs=jobs)


def prepare(study: Study, *, jobs: int | None = None, tell: Listener | None = None) -> Session:
    """Read, route and judge a study once.

    Parameters
    ----------
    study
        As `Study.from_file` reads it.
    jobs
        Threads; all cores where None. Results do not depend on it.
    tell
        Called at the start of every stage.

    Raises
    ------
    InputError
        With every fault of the inputs at once, those of the study's scenarios among them.
    """
    stage = Stages(tell)
    ready = prepared(study, stage)
    return Session(ready, present(ready, stage, jobs=jobs), stage.timings)
