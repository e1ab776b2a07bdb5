"""``lifecircle run``: one study, or several one after another, each to its own folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from lifecircle import outputs
from lifecircle.analysis.complete import complete_study
from lifecircle.analysis.results import Run
from lifecircle.cli import terminal
from lifecircle.cli.clustered import run_clustered
from lifecircle.cli.run_options import RunOptions
from lifecircle.cli.run_summary import run_summary
from lifecircle.errors import Fault, InputError
from lifecircle.study import Study
from lifecircle.study.several import result_folder_names

__all__ = ["run_files", "run_several", "run_study"]


def run_study(
    study: Study, options: RunOptions, *, target: Path | None = None, scenario: Path | None = None
) -> tuple[Run, Path]:
    """Run one study and write its results.

    Parameters
    ----------
    study
        The study.
    options
        What the run was asked for.
    target
        Folder of the results; where None, the study's own, under a scenario one beside it.
    scenario
        File of a scenario under which the study is run; as things are where None.

    Returns
    -------
    Run, Path
        The results and their folder.
    """
    made = study.keeping(cache=options.cache)
    folder = target or _own_folder(made, scenario)
    with terminal.listener(as_json=options.as_json, lang=options.spoken) as tell:
        results = complete_study(
            made, folder, scenario=scenario, jobs=options.jobs, lang=options.lang, tell=tell
        )
    run_summary(
        results, folder, under_scenario=scenario is not None, as_json=options.as_json, lang=options.spoken
    )
    return results, folder


def run_files(files: Sequence[Path], options: RunOptions, *, scenario: Path | None, scheduler: str) -> None:
    """Run several studies, or any number of them on a cluster.

    Parameters
    ----------
    files
        Study files.
    options
        What the run was asked for.
    scenario
        A scenario, which only a run of one study takes.
    scheduler
        ``local``, or the address of a scheduler; one study after another where empty.

    Raises
    ------
    InputError
        If a scenario is asked of them.
    Exit
        Where a study has no results.
    """
    if scenario is not None:
        if scheduler:
            raise InputError(Fault("scheduler-scenario", field="--scheduler, --scenario"))
        raise InputError(Fault("scenario-one-study", field="--scenario", values={"found": len(files)}))
    if scheduler:
        code = run_clustered(files, options, scheduler=scheduler)
    else:
        code = 0 if run_several(files, options) else 2
    if code:
        raise typer.Exit(code)


def run_several(files: Sequence[Path], options: RunOptions) -> bool:
    """Run studies one after another, going on after a study whose input is at fault.

    Results go to each study's own folder, or to ``output/<name of the study file>``.

    Returns
    -------
    bool
        Whether every study was run. The faults of those that were not are printed where they occur.
    """
    rows: list[terminal.StudyLine] = []
    for number, (file, name) in enumerate(zip(files, result_folder_names(files), strict=True), 1):
        terminal.study_begins(file, number, len(files), as_json=options.as_json, lang=options.spoken)
        try:
            study = Study.from_file(file, allow_outside=options.allow_outside)
            target = None if options.output is None else options.output / name
            results, folder = run_study(study, options, target=target)
        except InputError as error:
            terminal.faults(error, as_json=options.as_json, lang=options.spoken)
            rows.append(terminal.StudyLine(str(file), faults=len(error.faults)))
        else:
            figures = {**outputs.outcome_figures(results), "folder": str(folder)}
            rows.append(terminal.StudyLine(str(file), figures))
    terminal.studies(rows, as_json=options.as_json, lang=options.spoken)
    return all(row.figures is not None for row in rows)


def _own_folder(study: Study, scenario: Path | None) -> Path:
    """Where results go unless told otherwise: those of a scenario stand beside those of the study."""
    own = study.study.output
    return own if scenario is None else own.with_name(f"{own.resolve().name}-{scenario.stem}")
