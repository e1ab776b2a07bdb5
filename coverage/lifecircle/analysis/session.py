"""A session: a study read, routed and judged once, of which any number of scenarios can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import geopandas as gpd
import pandas as pd

from lifecircle.analysis.baseline import StudyState
from lifecircle.analysis.explaining import explain_place
from lifecircle.analysis.explanation import RouteExplanation
from lifecircle.analysis.measure import build_results
from lifecircle.analysis.prepare import PreparedStudy
from lifecircle.analysis.protocols import ServedPage
from lifecircle.analysis.results import Run
from lifecircle.analysis.scenario import RoutedScenario, route_scenario, scenario_sites, scenario_summary
from lifecircle.assessment import VerdictChanges, changed_findings, who_gains
from lifecircle.errors import warn_deprecated
from lifecircle.extras import load_part
from lifecircle.network import Network, ODPoints
from lifecircle.plans import Plan, plan_summary, services_of
from lifecircle.stages import Listener, Stages
from lifecircle.study import Study
from lifecircle.tables import Inputs, Scenario, TravelTimes, verdict_rows

__all__ = ["Assessed", "Routed", "Session", "remember_page"]


@dataclass(frozen=True, eq=False, repr=False)
class Session:
    """A study ready to be asked: plans, inputs, streets, snaps, walks and findings as things are.

    It is never changed, and may be asked from several threads at once.

    Attributes
    ----------
    prepared : the study's inputs, snapped to the streets
    baseline : the study as it is, routed and judged
    timings : seconds that each stage took

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> session
    <Session 'Example' plans=mofcom-circle-2021>
    >>> session.communities["code"].tolist()
    ['110101001001', '110101001002']
    >>> more = lc.Scenario(name="more", add=[("pharmacy", (110.015, 0.005))])
    >>> session.assess(more).effects["rule"].drop_duplicates().tolist()
    ['mofcom-circle-basic-15min', 'mofcom-circle-pharmacy-8min']
    """

    prepared: PreparedStudy
    baseline: StudyState
    timings: Mapping[str, float]

    def __repr__(self) -> str:
        """One line: the study and its plans."""
        plans = ", ".join(plan.id for plan in self.prepared.plans)
        return f"<{type(self).__name__} {self.study.study.name!r} plans={plans}>"

    @property
    def ready(self) -> PreparedStudy:
        """Former name of `prepared`."""
        warn_deprecated("Session.ready", "Session.prepared", removed_in="1.0")
        return self.prepared

    @property
    def now(self) -> StudyState:
        """Former name of `baseline`."""
        warn_deprecated("Session.now", "Session.baseline", removed_in="1.0")
        return self.baseline

    @property
    def study(self) -> Study:
        """The study."""
        return self.prepared.study

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Scenarios of the study file."""
        return self.prepared.scenarios

    @property
    def communities(self) -> gpd.GeoDataFrame:
        """The communities or cells that are judged, with their ``code``: what `explain` takes."""
        return self.baseline.inputs.communities

    @property
    def facilities(self) -> gpd.GeoDataFrame:
        """Facilities as things are, one row per service they offer; scenarios name them by ``facility``."""
        return self.baseline.inputs.facilities

    @cached_property
    def present(self) -> Assessed:
        """The study as it is."""
        return Assessed(self, Scenario(name="present"), self.baseline)

    @property
    def scenario(self) -> Scenario:
        """The scenario on the page that `serve` opened; an empty one before any change, or without a page."""
        page = _PAGES.get(self)
        return Scenario(name="present") if page is None else page.scenario

    def serve(self, *, port: int = 0) -> ServedPage:
        """Open the what-if page of the study on this computer, in a notebook in the cell itself.

        Parameters
        ----------
        port
            To listen on; any free one where 0.

        Returns
        -------
        ServedPage
            Its ``url`` opens the page, ``stop()`` ends it; `scenario` is what stands on it.

        Raises
        ------
        InputError
            If the extra ``serve`` is missing, or the port cannot be had.
        """
        page: ServedPage = load_part("serve").serve(self, port=port, framed=True)
        return page

    def explain(
        self, origin: str | tuple[float, float], service: str, *, profile: str = ""
    ) -> RouteExplanation:
        """Explain the walk from a place to its nearest facility of a service, and what the rules say there.

        Parameters
        ----------
        origin
            Code or name of a community, whose central demand point is taken; or longitude and latitude
            (WGS 84).
        service
            A service of the catalogue, whether a plan asks for it or not.
        profile
            Group that walks: ``elderly``, ``child``, ``wheelchair``, or one of the study's own
            ``[profiles]``; everybody if blank.

        Returns
        -------
        RouteExplanation
            Printed or ``.lines("en")`` in words, ``.frame()`` as a line.

        Raises
        ------
        InputError
            A code, service or place that the study does not know.
        """
        with services_of(self.study):
            return explain_place(self.prepared, self.baseline, origin, service, profile=profile)

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
        return self.route(scenario, jobs=jobs).assess()

    def route(self, scenario: Scenario, *, jobs: int | None = None) -> Routed:
        """Walk the study under a scenario, which takes a part of the time that its judgement takes.

        Parameters
        ----------
        scenario
            What is different.
        jobs
            Threads; all cores where None.

        Returns
        -------
        Routed
            ``.travel``, and ``.assess()`` for the findings.

        Raises
        ------
        InputError
            With everything wrong with the scenario.
        """
        with services_of(self.study):
            routed = route_scenario(self.prepared, self.baseline, scenario, jobs=jobs)
        return Routed(self, scenario, routed)


@dataclass(frozen=True, eq=False)
class Routed:
    """A scenario whose walks are known.

    Attributes
    ----------
    session : what was asked
    scenario : what is different
    state : facilities, streets and walks under it
    """

    session: Session
    scenario: Scenario
    state: RoutedScenario

    def assess(self) -> Assessed:
        """Judge it."""
        with services_of(self.session.study):
            return Assessed(self.session, self.scenario, self.state.judge())


@dataclass(frozen=True, eq=False, repr=False)
class Assessed:
    """A study under a scenario.

    Attributes
    ----------
    session : what was asked
    scenario : what is different
    state : the study with that difference

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> without = session.assess(lc.Scenario(name="without", close=["facilities:A"]))
    >>> without.summary[["facilities_closed", "turned_short"]].to_dict("records")
    [{'facilities_closed': 1, 'turned_short': 0}]
    """

    session: Session
    scenario: Scenario
    state: StudyState

    def __repr__(self) -> str:
        """One line: the study, the scenario, and how many findings it changes."""
        study = self.session.study.study.name
        told = f"scenario={self.scenario.name!r} changed={len(self.effects)}"
        fresh = VerdictChanges.between(*self.state.judgements.rejudged).newly_judged
        told += f" newly_judged={len(fresh)}" if len(fresh) else ""
        return f"<{type(self).__name__} {study!r} {told}>"

    @property
    def situation(self) -> StudyState:
        """Former name of `state`."""
        warn_deprecated("Assessed.situation", "Assessed.state", removed_in="1.0")
        return self.state

    @property
    def inputs(self) -> Inputs:
        """Facilities and streets as the scenario has them; everything else as it is."""
        return self.state.inputs

    @property
    def travel(self) -> TravelTimes:
        """Walks of every demand point to the nearest facility of every service."""
        return self.state.travel

    @property
    def findings(self) -> pd.DataFrame:
        """`tables.FINDINGS` under the scenario."""
        return self.state.judgements.findings

    @property
    def verdicts(self) -> pd.DataFrame:
        """The one finding that says how each unit stands under each rule."""
        return verdict_rows(self.findings)

    @property
    def study(self) -> Study:
        """The study."""
        return self.session.study

    @property
    def network(self) -> Network:
        """The streets, as the scenario has them."""
        return self.state.network

    @property
    def profile_networks(self) -> Mapping[str, Network]:
        """The streets of groups that cannot use all of them."""
        return self.state.profile_networks

    @property
    def od(self) -> ODPoints:
        """Demand points and facilities, snapped to the streets."""
        return self.state.od

    @property
    def judged_by(self) -> tuple[Plan, ...]:
        """The plans."""
        return self.session.prepared.plans

    @cached_property
    def plans(self) -> tuple[Mapping[str, object], ...]:
        """What outputs say of each plan."""
        return tuple(plan_summary(plan, self.session.study.assumptions) for plan in self.judged_by)

    @property
    def assumptions(self) -> Mapping[str, object]:
        """The assumptions of the study."""
        values: Mapping[str, object] = self.session.study.assumptions.model_dump()
        return values

    @property
    def settings(self) -> Mapping[str, object]:
        """The study as it was asked for."""
        values: Mapping[str, object] = self.session.study.model_dump(mode="json")
        return values

    @cached_property
    def effects(self) -> pd.DataFrame:
        """`tables.EFFECTS`: findings that the scenario changes."""
        # rules that no service touches cannot differ
        return changed_findings(self.scenario.name, *self.state.judgements.rejudged)

    @cached_property
    def gainers(self) -> pd.DataFrame:
        """`tables.GAINERS`: who gains and who loses, by service and cohort."""
        before, after = self.session.baseline.judgements.context, self.state.judgements.context
        return who_gains(self.scenario.name, self.judged_by, before, after, self.state.services)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """`tables.SCENARIOS`: one row."""
        session = self.session
        return scenario_summary(session.prepared, self.scenario, session.baseline, self.state, self.sites)

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """What the scenario changes on the ground, as `Results.scenario_sites`."""
        return scenario_sites(self.scenario, self.session.baseline, self.state)

    def explain(
        self, origin: str | tuple[float, float], service: str, *, profile: str = ""
    ) -> RouteExplanation:
        """Explain a walk under the scenario: see `Session.explain`."""
        with services_of(self.study):
            return explain_place(self.session.prepared, self.state, origin, service, profile=profile)

    def run(self, *, jobs: int | None = None, tell: Listener | None = None) -> Run:
        """Everything a run makes, of the study under this scenario.

        Circles, areas, catchments and rasters are made now, which takes as long as in a run.
        """
        scenarios = () if self.state is self.session.baseline else (self,)
        return build_results(self, scenarios, Stages(tell, self.study.path), jobs=jobs)


_PAGES: WeakKeyDictionary[Session, ServedPage] = WeakKeyDictionary()


def remember_page(session: Session, page: ServedPage) -> None:
    """Tell a session of the page that shows it, the last where there are several."""
    _PAGES[session] = page
