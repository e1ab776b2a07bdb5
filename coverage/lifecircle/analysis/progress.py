"""A bar that shows how far a job is: on a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lifecircle.messages import text
from lifecircle.stages import Listener

__all__ = ["progress_bar"]


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
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, number, count: bar.update(
            task, description=text(f"cli.stage.{stage}", lang), completed=number - 1, total=count
        )
