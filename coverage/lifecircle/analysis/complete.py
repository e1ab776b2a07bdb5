"""One study from its file to its results folder, and what a finished folder says of itself."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from lifecircle import outputs
from lifecircle.analysis.results import Run
from lifecircle.analysis.run import prepare, run
from lifecircle.analysis.study_key import study_key
from lifecircle.extras import require_extra
from lifecircle.sources.scenarios import read_one_scenario
from lifecircle.stages import Listener
from lifecircle.study import Study
from lifecircle.study.quick import study_toml_to_leave

__all__ = ["complete_study", "finished_figures"]


def complete_study(
    study: Study,
    target: Path,
    *,
    scenario: Path | None = None,
    jobs: int | None = None,
    lang: str | None = None,
    tell: Listener | None = None,
) -> Run:
    """Run a study and write its results, whose ``run.json`` carries the key of what they are made from.

    Parameters
    ----------
    study
        The study.
    target
        Folder of the results.
    scenario
        File of a scenario under which the study is run; as things are where None.
    jobs
        Threads.
    lang
        Language of the results; the study's own where None.
    tell
        Told of every stage.

    Raises
    ------
    InputError
        With every fault of the inputs; if the folder cannot be written, another run is writing it, or a
        study file that a run left in it was changed since.
    """
    require_extra("report")
    outputs.require_writable(target, study.input_paths)
    study_file = study_toml_to_leave(study, target.resolve())
    if study_file is not None:
        outputs.require_unedited(target, study_file)

    def write_first(judged: outputs.WithFindings) -> None:
        """Write the findings beside the last run's results, before anything is drawn."""
        with outputs.first_findings(target) as file:
            outputs.write_deficits_csv(judged, file, lang=lang or study.study.language)

    with outputs.reserved_folder(target):
        if scenario is None:
            before = study_key(study, lang=lang)
            results = run(study, jobs=jobs, tell=tell, on_findings=write_first)
            # what was edited while it was read is no content that a key could stand for
            if before == study_key(study, lang=lang):
                results = dataclasses.replace(results, key=before)
        else:
            change = read_one_scenario(study, scenario)
            assessed = prepare(study, jobs=jobs, tell=tell).assess(change, jobs=jobs)
            write_first(assessed)
            results = assessed.run(jobs=jobs, tell=tell)
        results.write(target, lang=lang, tell=tell, jobs=jobs)
    return results


def finished_figures(folder: Path, key: str) -> dict[str, Any] | None:
    """The outcome of results that stand in a folder; None unless they are whole and of this key.

    Parameters
    ----------
    folder
        The results folder.
    key
        As `study_key`; a blank one is that of no results.
    """
    try:
        record = json.loads((folder / outputs.MANIFEST).read_text(encoding="utf-8"))
        whole = all((folder / name).is_file() for name in record["files"])
        kept = key and record["key"] == key and whole
        return {**record["outcome"], "folder": str(folder)} if kept else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
