"""Compiled work on several threads: results come back in the order of the tasks, whatever the number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from lifecircle.arguments import require

Task = TypeVar("Task")
Tool = TypeVar("Tool")
Result = TypeVar("Result")

__all__ = ["each", "thread_count"]


def thread_count(threads: int | None, tasks: int) -> int:
    """How many threads to use: as many as asked for, or as the machine has, never more than tasks."""
    require("count", optional=True, threads=threads)
    wanted = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(wanted or 1, tasks))


def each(
    work: Callable[[Task, Tool], Result],
    tasks: Iterable[Task],
    *,
    tool: Callable[[], Tool],
    threads: int | None = None,
) -> list[Result]:
    """Do every task, each thread with a tool (workspace) of its own.

    Parameters
    ----------
    work
        What to do with a task and a tool.
    tasks
        The tasks.
    tool
        Makes a tool; called once per thread.
    threads
        Number of threads; the machine's if None.
    """
    tasks = list(tasks)
    count = thread_count(threads, len(tasks))
    if count == 1:
        own = tool()
        return [work(task, own) for task in tasks]
    # each thread takes an idle workspace and puts it back
    idle: SimpleQueue[Tool] = SimpleQueue()
    for _ in range(count):
        idle.put(tool())

    def take_and_work(task: Task) -> Result:
        """One task with whichever tool is idle."""
        held = idle.get()
        try:
            return work(task, held)
        finally:
            idle.put(held)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(take_and_work, tasks))
