"""The main job on one screen: study → inputs → network → travel times → findings → results → files."""

from __future__ import annotations

from lifecircle import products
from lifecircle.sessions import Run, prepare, prepared
from lifecircle.sessions.run import finished
from lifecircle.stages import Listener, Stages
from lifecircle.study import Study
from lifecircle.tables import Inputs

__all__ = ["Run", "check", "run"]


def run(study: Study, *, jobs: int | None = None, tell: Listener | None = None) -> Run:
    """Read, route, measure and assess a study and its scenarios. Writes nothing.

    Parameters
    ----------
    study, jobs, tell
        As in `prepare`, which says what is refused.
    """
    session = prepare(study, jobs=jobs, tell=tell)
    stage = Stages(tell)
    with stage("scenarios"):
        beside = [session.assess(scenario, jobs=jobs) for scenario in session.scenarios]
    return finished(session.present, beside, stage, jobs=jobs)


def check(study: Study) -> Inputs:
    """Read and validate every input of a study, join its points to the streets, and measure nothing.

    Returns
    -------
    Inputs
        With every remark on data quality that a run would make.

    Raises
    ------
    InputError
        With every fault at once.
    """
    ready = prepared(study, Stages(None))
    return products.with_snap_remarks(ready.inputs, ready.walks)
