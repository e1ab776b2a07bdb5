"""The main job, in order: read and snap, route, judge; assess scenarios; propose sites and measure; write.

::

    study.toml ─> Study ─> Inputs ─> Network ─> TravelTimes ─> Findings ─> Proposals ─> Measures ─> files

`prepare` is the line up to the findings, `run` goes on to results, and `Run.write` writes the files.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

from lifecircle.analysis.baseline import baseline_state, baseline_travel
from lifecircle.analysis.measure import build_results
from lifecircle.analysis.modes import with_modes
from lifecircle.analysis.prepare import prepare_inputs, with_snap_remarks
from lifecircle.analysis.results import Run
from lifecircle.analysis.session import Assessed, Session
from lifecircle.errors import LifecircleWarning, require_type
from lifecircle.messages import text
from lifecircle.stages import Listener, Stages
from lifecircle.study import Study
from lifecircle.tables import Inputs

__all__ = ["Run", "check", "prepare", "run"]


def run(
    study: Study,
    *,
    jobs: int | None = None,
    tell: Listener | None = None,
    on_findings: Callable[[Assessed], None] | None = None,
) -> Run:
    """Read, route and judge a study and its scenarios, propose sites and measure. Writes nothing.

    Parameters
    ----------
    study, jobs, tell
        As in `prepare`, which says what is refused.
    on_findings
        Called with the study as it is judged, whose ``findings`` are those of the run, as soon as every rule
        is: before scenarios are assessed and anything is drawn.

    Returns
    -------
    Run
        Findings, figures, layers and rasters of the study; `Run.write` writes them.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> result = lc.run(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> result.communities["name"].tolist()
    ['West', 'East']
    >>> pharmacies = result.verdicts.query("rule == 'mofcom-circle-pharmacy-8min' and level == 'community'")
    >>> pharmacies["status"].tolist()
    ['short', 'short']
    """
    # read, snap, route, judge
    session = prepare(study, jobs=jobs, tell=tell)
    if on_findings is not None:
        on_findings(session.present)
    stages = Stages(tell, study.path)
    # the same for every scenario and every further mode
    with stages("scenarios"):
        scenarios = [session.assess(scenario, jobs=jobs) for scenario in session.scenarios]
    with stages("modes"):
        others = [prepare(study.in_mode(mode), jobs=jobs) for mode in study.streets.modes[1:]]
    # propose sites (`where_next`) and measure: figures, life circles, service areas, catchments, rasters
    results = build_results(session.present, scenarios, stages, jobs=jobs)
    return with_modes(results, [session, *others])


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

    Returns
    -------
    Session
        The study as it is, of which any number of scenarios can be asked.

    Raises
    ------
    InputError
        With every fault of the inputs at once, those of the study's scenarios among them.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> session = lc.prepare(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> east = session.assess(lc.Scenario(name="east", add=[("pharmacy", (110.015, 0.004))]))
    >>> bool(east.travel.minutes["pharmacy"].max() < session.present.travel.minutes["pharmacy"].max())
    True
    """
    require_type(study, Study, field="study", wanted="study")
    stages = Stages(tell, study.path)
    # read and snap: plans, inputs (`read_inputs`), network (`study_network`), points on it (`od_points`)
    prepared = prepare_inputs(study, stages)
    _warn_of_people(prepared.inputs)
    # route: from everybody to the nearest facility of every service
    travel = baseline_travel(prepared, stages, jobs=jobs)
    # judge: every rule of every plan
    return Session(prepared, baseline_state(prepared, travel, stages), stages.timings)


def check(study: Study) -> Inputs:
    """Read and validate every input of a study, snap its points, and measure nothing.

    Parameters
    ----------
    study
        As `Study.from_file` reads it.

    Returns
    -------
    Inputs
        With every remark on data quality that a run would make.

    Raises
    ------
    InputError
        With every fault at once.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> inputs = lc.check(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> len(inputs.facilities), round(inputs.demand["residents"].sum())
    (4, 2000)
    """
    require_type(study, Study, field="study", wanted="study")
    prepared = prepare_inputs(study, Stages(None, study.path))
    _warn_of_people(prepared.inputs)
    return with_snap_remarks(prepared.inputs, prepared.od)


def _warn_of_people(inputs: Inputs) -> None:
    """Warn who runs a study in Python of a population that was given under another name and not read."""
    remarks = inputs.quality[inputs.quality["remark"] == "population-column-likely"]
    for value in remarks["value"]:
        words = text("quality.population-column-likely", "en", value=value)
        warnings.warn(words, LifecircleWarning, stacklevel=3)
