"""Studies run at the same time by the workers of a cluster, each to a results folder of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from lifecircle import outputs
from lifecircle.analysis.complete import finished_figures
from lifecircle.analysis.study_key import program_versions, study_key
from lifecircle.cluster.connection import LOCAL, connected, require_scheduler
from lifecircle.cluster.dealing import ended_tasks
from lifecircle.cluster.task import StudyTask, TaskEnd
from lifecircle.errors import Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.study import Study
from lifecircle.study.several import result_folder_names, study_files

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["StudiesListener", "run_studies"]

StudiesListener: TypeAlias = Callable[[str, Mapping[str, Any]], None]
"""Told ``study-begun``, ``study-stage``, ``study-ended``, ``study-kept`` or ``study-failed``, with values."""


def run_studies(
    studies: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    scheduler: str | Client = LOCAL,
    output: str | PathLike[str] | None = None,
    jobs: int | None = None,
    lang: str | None = None,
    cache: bool | None = None,
    allow_outside: bool = False,
    tell: StudiesListener | None = None,
) -> dict[str, TaskEnd]:
    """Run studies at the same time on a Dask cluster, and write the results folder of each.

    Results that stand already, whole and made from the same content, are kept and not computed again. A study
    whose input is at fault does not stop the others.

    Parameters
    ----------
    studies
        Study files, or a folder of them, at paths under which the workers see them, too.
    scheduler
        ``local`` for workers on this computer, for this call alone; the address of a scheduler that runs
        (``tcp://host:port``); or a client of one, which stays open.
    output
        Folder that gets one of results for each study, named as its file; each study's own where None.
    jobs
        Threads of each study; all of its worker's where None.
    lang
        Language of the results, zh or en; each study's own where None.
    cache
        Whether workers keep what they can for the next run; as each study says where None.
    allow_outside
        Whether the paths of a study may leave its folder.
    tell
        Called with an event and its values, among them the study's ``file``. Begun studies and their stages
        are told from another thread.

    Returns
    -------
    dict
        By study file, in the order given, how it ended: ``figures`` of the outcome with the ``folder`` of the
        results, or None and the ``faults``; whether the results were ``kept``.

    Raises
    ------
    InputError
        If a folder holds no study, two studies would write one folder, the scheduler does not answer, has no
        workers, or has workers of another version.

    Examples
    --------
    >>> import tempfile
    >>> from distributed import Client
    >>> import lifecircle as lc
    >>> study = lc.example_study(tempfile.mkdtemp())
    >>> with Client(processes=False, dashboard_address=None) as client:
    ...     ends = lc.run_studies(study, scheduler=client)
    >>> [(end.figures["communities"], end.kept) for end in ends.values()]
    [(2, False)]
    """
    require_scheduler(scheduler)
    require_extra("report")
    named = [studies] if isinstance(studies, (str, PathLike)) else studies
    files = study_files([Path(one) for one in named])
    told = tell or (lambda _event, _values: None)
    ends: dict[str, TaskEnd] = {}

    def ended(file: str, end: TaskEnd) -> None:
        ends[file] = end
        event = "study-kept" if end.kept else "study-failed" if end.figures is None else "study-ended"
        told(event, {"file": file, "number": len(ends), "count": len(files), "faults": end.faults})

    # stage 1: what can be said without a cluster: studies at fault, results that are as new as their inputs
    tasks = []
    for file, name in zip(files, result_folder_names(files), strict=True):
        try:
            study = Study.from_file(file.resolve(), allow_outside=allow_outside)
            target = study.study.output if output is None else Path(output) / name
            task = _task(study, file, target, jobs=jobs, lang=lang, cache=cache, allow_outside=allow_outside)
        except InputError as error:
            ended(str(file.resolve()), TaskEnd(faults=error.faults))
        else:
            tasks.append(task)
    _require_own_folders(tasks)
    waiting = []
    for task in tasks:
        figures = finished_figures(Path(task.folder), task.key)
        if figures is None:
            waiting.append(task)
        else:
            ended(task.file, TaskEnd(figures, kept=True))
    # stage 2: all others, on the cluster
    if waiting:
        with connected(scheduler, tasks=len(waiting), jobs=jobs) as client:
            for task, end in ended_tasks(client, waiting, tell=told):
                ended(task.file, end)
    return {str(file.resolve()): ends[str(file.resolve())] for file in files}


def _task(
    study: Study,
    file: Path,
    target: Path,
    *,
    jobs: int | None,
    lang: str | None,
    cache: bool | None,
    allow_outside: bool,
) -> StudyTask:
    """A study as a task.

    Raises
    ------
    InputError
        With every fault of its results folder.
    """
    folder = target.resolve()
    outputs.recover_folder(folder)
    outputs.require_writable(folder, study.input_paths)
    return StudyTask(
        file=str(file.resolve()),
        folder=str(folder),
        name=study.study.name,
        key=study_key(study, lang=lang),
        lang=lang,
        allow_outside=allow_outside,
        jobs=jobs,
        cache=cache,
        versions=program_versions(),
    )


def _require_own_folders(tasks: Sequence[StudyTask]) -> None:
    """Refuse studies that would write the same folder at the same time.

    Raises
    ------
    InputError
        Naming each such folder and its studies.
    """
    shared = [folder for folder, count in Counter(task.folder for task in tasks).items() if count > 1]
    faults = [
        Fault(
            "output-shared",
            file=folder,
            values={"found": ", ".join(task.file for task in tasks if task.folder == folder)},
        )
        for folder in shared
    ]
    if faults:
        raise InputError(faults)
