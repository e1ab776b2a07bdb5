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
from lifecircle.errors import Fault, Faults, InputError
from lifecircle.study import Study
from lifecircle.study.toml import read_bounded, tables_of

__all__ = ["run_files", "run_several", "run_study", "study_files"]


def study_files(named: Sequence[Path]) -> list[Path]:
    """Return the study files that arguments name: a file as it is, of a folder every study in it.

    Where a folder holds none itself, those of the folders in it: a folder for each city.

    Raises
    ------
    InputError
        If a folder holds no study file, or one study is named twice.
    """
    files: list[Path] = []
    faults = Faults()
    for path in named:
        if not path.is_dir():
            files.append(path)
            continue
        here, below = (
            [file for file in sorted(path.glob(at)) if _is_study(file)] for at in ("*.toml", "*/*.toml")
        )
        inside = here or below
        if not inside:
            faults.add(Fault("no-study-in-folder", file=str(path)))
        files += inside
    places = [file.resolve() for file in files]
    twice = sorted({str(file) for file, place in zip(files, places, strict=True) if places.count(place) > 1})
    if twice:
        faults.add(Fault("study-twice", values={"found": ", ".join(twice)}))
    faults.raise_if_any()
    return files


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
        named = list(zip(files, _folder_names(files), strict=True))
        code = run_clustered(named, options, scheduler=scheduler)
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
    for number, (file, name) in enumerate(zip(files, _folder_names(files), strict=True), 1):
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


def _folder_names(files: Sequence[Path]) -> list[str]:
    """One folder name per study: its file's name, with the folder before it where two share a name."""
    stems = [file.stem for file in files]
    return [
        stem if stems.count(stem) == 1 else f"{file.resolve().parent.name}-{stem}"
        for file, stem in zip(files, stems, strict=True)
    ]


def _is_study(file: Path) -> bool:
    """Whether a TOML file has the table ``[study]``; the reader tells what is wrong with a broken one."""
    try:
        return "study" in tables_of(read_bounded(file).decode("utf-8-sig"))
    except (OSError, ValueError):
        return True
