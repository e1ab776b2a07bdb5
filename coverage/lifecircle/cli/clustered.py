"""``lifecircle run STUDY… --scheduler``: studies as tasks of a Dask cluster, told on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lifecircle.cli import terminal
from lifecircle.cli.run_options import RunOptions
from lifecircle.cluster import run_studies
from lifecircle.errors import InputError
from lifecircle.program_faults import PROGRAM_FAILED

__all__ = ["run_clustered"]


def run_clustered(files: Sequence[Path], options: RunOptions, *, scheduler: str) -> int:
    """Run studies on a cluster; results that stand already and depend on nothing new are left as they are.

    Parameters
    ----------
    files
        Study files, at paths under which the workers see them, too.
    options
        What the run was asked for; its folder is above a folder for each study.
    scheduler
        ``local``, or the address of a scheduler.

    Returns
    -------
    int
        With what to end: 0 where every study has its results, 2 where an input or the cluster is at fault, 1
        where the program is. The faults of studies without results are printed as they end.
    """
    as_json, lang = options.as_json, options.spoken
    with terminal.studies_listener(as_json=as_json, lang=lang) as progress:

        def tell(event: str, values: Mapping[str, Any]) -> None:
            if event == "study-failed":
                terminal.faults(InputError(list(values["faults"])), as_json=as_json, lang=lang)
            progress(event, {name: value for name, value in values.items() if name != "faults"})

        ends = run_studies(
            files,
            scheduler=scheduler,
            output=options.output,
            jobs=options.jobs,
            lang=options.lang,
            cache=options.cache,
            allow_outside=options.allow_outside,
            tell=tell,
        )
    terminal.studies(
        [terminal.StudyLine(file, end.figures, len(end.faults), kept=end.kept) for file, end in ends.items()],
        as_json=as_json,
        lang=lang,
    )
    broken = [file for file, end in ends.items() if end.figures is None]
    if broken:
        left = {"files": broken if as_json else ", ".join(broken), "count": len(broken)}
        terminal.study_progress("studies-left", left, as_json=as_json, lang=lang)
    keys = {fault.key for end in ends.values() for fault in end.faults}
    return 1 if PROGRAM_FAILED in keys else 2 if broken else 0
