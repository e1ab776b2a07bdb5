"""Bars that show how far a job is, or several at the same time: on a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from lifecircle.messages import text
from lifecircle.stages import Listener

__all__ = ["progress_bar", "progress_bars"]


@contextmanager
def progress_bar(*, lang: str = "en") -> Iterator[Listener]:
    """Show a bar on standard error while a job runs; it is gone when the job ends.

    Parameters
    ----------
    lang
        Language of the stages' names: zh or en.

    Yields
    ------
    Listener
        What `run`, `prepare` and `Run.write` take as ``tell``.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> study = lc.Study.from_file(lc.example_study(tempfile.mkdtemp()))
    >>> with lc.progress_bar() as tell:
    ...     session = lc.prepare(study, tell=tell)
    >>> session
    <Session 'Example' plans=mofcom-circle-2021>
    """
    with _bars() as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, number, count: bar.update(
            task, description=text(f"cli.stage.{stage}", lang), completed=number - 1, total=count
        )


@contextmanager
def progress_bars(*, lang: str = "en") -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """Show a bar for every study that runs, on standard error; each is gone when its study ends.

    Parameters
    ----------
    lang
        Language of the stages' names: zh or en.

    Yields
    ------
    callable
        What `run_studies` takes as ``tell``.

    Examples
    --------
    >>> import lifecircle as lc
    >>> with lc.progress_bars() as tell:
    ...     tell("study-begun", {"file": "east.toml"})
    ...     tell("study-stage", {"file": "east.toml", "stage": "travel", "number": 4, "of": 15})
    ...     tell("study-ended", {"file": "east.toml"})
    """
    with _bars() as bars:
        running: dict[str, TaskID] = {}

        def told(event: str, values: Mapping[str, Any]) -> None:
            file = values["file"]
            if event in ("study-begun", "study-stage") and file not in running:
                running[file] = bars.add_task(file, total=None)
            if event == "study-stage":
                number, count = values["number"], values["of"]
                words = f"{file}: {text('cli.stage.' + values['stage'], lang)}"
                bars.update(running[file], description=words, completed=number - 1, total=count)
            elif event != "study-begun" and file in running:
                bars.remove_task(running.pop(file))

        yield told


def _bars() -> Progress:
    """Bars on standard error that leave nothing behind."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
