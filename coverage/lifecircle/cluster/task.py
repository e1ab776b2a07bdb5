"""One study as a task: what a worker is told, what it does, and what it answers.

A task holds words alone. A worker opens the study's files itself, maps its stored network from its own cache
and writes the results folder, which is replaced whole or not at all: done twice, a task leaves what it leaves
once.
"""

from __future__ import annotations

import hashlib
import platform
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from lifecircle import outputs
from lifecircle.analysis.complete import complete_study, finished_figures
from lifecircle.analysis.study_key import program_versions, study_key
from lifecircle.errors import Fault, InputError, LifecircleWarning
from lifecircle.study import Study

__all__ = ["TOLD", "StudyTask", "TaskEnd", "differing_versions", "run_task"]

TOLD: Final = "lifecircle-told"
"""Topic under which a worker tells that it begins a study, and each of the study's stages."""

_Tell: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Takes an event and its values."""

_ONE_STUDY: Final = threading.Lock()
"""A study takes the threads and the memory of its worker, however many tasks the worker would take."""


@dataclass(frozen=True)
class StudyTask:
    """A study to be run.

    Attributes
    ----------
    file : its study file
    folder : of its results
    name : of the study
    key : what its results depend on, as `study_key`; blank where nobody can say
    lang : language of its results; the study's own where None
    allow_outside : whether its paths may leave its folder
    jobs : threads; all of the worker's where None
    cache : whether the worker keeps what it can for the next run; as the study says where None
    versions : of the program that asks, as `program_versions`
    """

    file: str
    folder: str
    name: str
    key: str
    lang: str | None
    allow_outside: bool
    jobs: int | None
    cache: bool | None
    versions: Mapping[str, str]

    @property
    def label(self) -> str:
        """Its key in Dask: the study's name, which dashboards show, and a hash of what is made and where."""
        made = f"{self.key}|{self.folder}".encode()
        return f"{self.name}-{hashlib.blake2b(made, digest_size=16).hexdigest()}"


@dataclass(frozen=True)
class TaskEnd:
    """How a study ended.

    Attributes
    ----------
    figures : how it came out, and the folder of its results; None where there are none
    faults : why there are none
    kept : whether its results stood there already
    """

    figures: Mapping[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    kept: bool = False


def run_task(task: StudyTask) -> TaskEnd:
    """Run a study on this worker; what is wrong with its input is part of the answer.

    Results that stand there already, of a worker that died after it had written them, are kept.
    """
    try:
        with _ONE_STUDY, warnings.catch_warnings():
            warnings.simplefilter("ignore", LifecircleWarning)
            tell = _teller(task)
            tell("study-begun", {})
            return _run_task(task, tell)
    except InputError as error:
        return TaskEnd(faults=error.faults)


def _run_task(task: StudyTask, tell: _Tell) -> TaskEnd:
    """`run_task`, with faults raised."""

    def stage_begins(stage: str, number: int, count: int) -> None:
        tell("study-stage", {"stage": stage, "number": number, "of": count})

    # stage 1: this worker is what the scheduler's others are
    if differing := differing_versions(task.versions, program_versions()):
        values = {"worker": platform.node(), "found": ", ".join(differing)}
        raise InputError(Fault("cluster-versions", values=values))
    # stage 2: it sees the files that the one who asks sees
    study = Study.from_file(task.file, allow_outside=task.allow_outside).keeping(cache=task.cache)
    folder = Path(task.folder)
    outputs.recover_folder(folder)
    if study_key(study, lang=task.lang) != task.key:
        raise InputError(Fault("cluster-other-files", file=task.file, values={"worker": platform.node()}))
    # stage 3: the study, from its files to its folder
    if (figures := finished_figures(folder, task.key)) is not None:
        return TaskEnd(figures, kept=True)
    done = complete_study(study, folder, jobs=task.jobs, lang=task.lang, tell=stage_begins)
    return TaskEnd({**outputs.outcome_figures(done), "folder": task.folder})


def differing_versions(wanted: Mapping[str, str], given: Mapping[str, str | None]) -> list[str]:
    """What differs between two sets of versions, as ``numpy 2.4.0 != 2.3.1``; a dash where there is none.

    Examples
    --------
    >>> differing_versions({"numpy": "2.4.0", "scipy": "1.16"}, {"numpy": "2.3.1", "scipy": "1.16"})
    ['numpy 2.4.0 != 2.3.1']
    """
    return [
        f"{name} {version} != {given.get(name) or '–'}"
        for name, version in wanted.items()
        if given.get(name) != version
    ]


def _teller(task: StudyTask) -> _Tell:
    """What tells whoever follows the run; outside of a worker there is nobody."""
    from distributed import get_worker  # noqa: PLC0415  # an extra's

    try:
        worker = get_worker()
    except ValueError:
        return lambda _event, _values: None
    of = {"file": task.file, "worker": worker.address}
    return lambda event, values: worker.log_event(TOLD, {"event": event, **of, **values})
