"""``lifecircle run STUDY… --scheduler``: studies as tasks of a Dask cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lifecircle import outputs
from lifecircle.analysis.complete import finished_figures
from lifecircle.analysis.study_key import program_versions, study_key
from lifecircle.cli import terminal
from lifecircle.cli.run_options import RunOptions
from lifecircle.cluster import StudyTask, TaskEnd, connected, ended_tasks, require_address
from lifecircle.errors import Fault, InputError
from lifecircle.extras import require_extra
from lifecircle.program_faults import PROGRAM_FAILED
from lifecircle.study import Study

__all__ = ["run_clustered"]


class StudyBoard:
    """What the terminal is told of studies that run at the same time."""

    def __init__(self, count: int, *, as_json: bool, lang: str) -> None:
        self._count = count
        self._as_json, self._lang = as_json, lang
        self._ends: dict[str, TaskEnd] = {}

    def begun(self, file: str, worker: str) -> None:
        """A worker began a study."""
        terminal.study_progress(
            "study-begun", {"file": file, "worker": worker}, as_json=self._as_json, lang=self._lang
        )

    def ended(self, file: str, end: TaskEnd) -> None:
        """A study ended, or needed no run."""
        self._ends[file] = end
        if end.figures is None:
            terminal.faults(InputError(list(end.faults)), as_json=self._as_json, lang=self._lang)
        event = "study-kept" if end.kept else "study-failed" if end.figures is None else "study-ended"
        values: Mapping[str, Any] = {"file": file, "number": len(self._ends), "count": self._count}
        terminal.study_progress(event, values, as_json=self._as_json, lang=self._lang)

    def told(self, files: Sequence[str]) -> int:
        """Print the table of all studies in their order; with what to end."""
        ends = [(file, self._ends[file]) for file in files]
        terminal.studies(
            [terminal.StudyLine(file, end.figures, len(end.faults), kept=end.kept) for file, end in ends],
            as_json=self._as_json,
            lang=self._lang,
        )
        broken = [file for file, end in ends if end.figures is None]
        if broken:
            terminal.study_progress(
                "studies-left",
                {"files": broken if self._as_json else ", ".join(broken), "count": len(broken)},
                as_json=self._as_json,
                lang=self._lang,
            )
        keys = {fault.key for _, end in ends for fault in end.faults}
        return 1 if PROGRAM_FAILED in keys else 2 if broken else 0


def run_clustered(files: Sequence[tuple[Path, str]], options: RunOptions, *, scheduler: str) -> int:
    """Run studies on a cluster; results that stand already and depend on nothing new are left as they are.

    Parameters
    ----------
    files
        Study files, at paths under which the workers see them, too, each with a name of its own.
    options
        What the run was asked for; its folder is above a folder of that name for each study.
    scheduler
        ``local``, or the address of a scheduler.

    Returns
    -------
    int
        With what to end: 0 where every study has its results, 2 where an input or the cluster is at fault, 1
        where the program is. The faults of studies without results are printed as they end.
    """
    require_address(scheduler)
    require_extra("report")
    board = StudyBoard(len(files), as_json=options.as_json, lang=options.spoken)
    # stage 1: what can be said without a cluster: studies at fault, results that are as new as their inputs
    tasks = []
    for file, name in files:
        try:
            tasks.append(_task(file.resolve(), name, options))
        except InputError as error:
            board.ended(str(file.resolve()), TaskEnd(faults=error.faults))
    _require_own_folders(tasks)
    waiting = []
    for task in tasks:
        figures = finished_figures(Path(task.folder), task.key)
        if figures is None:
            waiting.append(task)
        else:
            board.ended(task.file, TaskEnd(figures, kept=True))
    # stage 2: all others, on the cluster
    if waiting:
        with connected(scheduler, tasks=len(waiting), jobs=options.jobs) as client:
            for task, end in ended_tasks(client, waiting, begun=board.begun):
                board.ended(task.file, end)
    return board.told([str(file.resolve()) for file, _ in files])


def _task(file: Path, name: str, options: RunOptions) -> StudyTask:
    """A study file as a task.

    Raises
    ------
    InputError
        With every fault of the study file, or of its results folder.
    """
    study = Study.from_file(file, allow_outside=options.allow_outside)
    target = (study.study.output if options.output is None else options.output / name).resolve()
    outputs.recover_folder(target)
    outputs.require_writable(target, study.input_paths)
    return StudyTask(
        file=str(file),
        folder=str(target),
        name=study.study.name,
        key=study_key(study, lang=options.lang),
        lang=options.lang,
        allow_outside=options.allow_outside,
        jobs=options.jobs,
        cache=options.cache,
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
