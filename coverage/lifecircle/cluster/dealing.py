"""Tasks dealt to the workers of a cluster, and how each of them ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecircle.cluster.task import TOLD, StudyTask, TaskEnd, run_task
from lifecircle.errors import Fault
from lifecircle.program_faults import note_work, program_fault

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["ended_tasks"]


def ended_tasks(
    client: Client,
    tasks: Sequence[StudyTask],
    *,
    tell: Callable[[str, Mapping[str, Any]], None] | None = None,
) -> Iterator[tuple[StudyTask, TaskEnd]]:
    """Have tasks run by workers, and yield each with its end, as they end.

    A task whose worker dies is given to another, as often as the scheduler allows
    (``distributed.scheduler.allowed-failures``, three times unless set); then it ends with a fault. So do all
    that have not ended when the connection to the scheduler is lost.

    Parameters
    ----------
    client
        A client of the cluster.
    tasks
        Studies, each with a folder of its own.
    tell
        Called, from another thread, with ``study-begun`` and with ``study-stage``, and what of: the study's
        ``file``, the ``worker``, the ``stage``, its ``number`` and ``of`` how many.

    Yields
    ------
    StudyTask, TaskEnd
        One pair a task.
    """
    from distributed import as_completed  # noqa: PLC0415  # an extra's

    own = {task.file for task in tasks}

    def told(event: tuple[Any, Mapping[str, Any]]) -> None:
        values = dict(event[1])
        if tell is not None and values["file"] in own:  # others may ask the same cluster
            tell(values.pop("event"), values)

    client.subscribe_topic(TOLD, told)
    dealt = {client.submit(run_task, task, key=task.label, pure=False): task for task in tasks}
    with client.as_current():
        ended = as_completed(list(dealt))
    for future in ended:
        yield dealt[future], _end(future, dealt[future])


def _end(future: Future, task: StudyTask) -> TaskEnd:
    """How a task ended: its worker's answer, or why there is none."""
    from distributed import KilledWorker  # noqa: PLC0415  # an extra's

    if future.status == "finished":
        answer: TaskEnd = future.result()
        return answer
    if future.status != "error":  # the client gives up what it waits for when it loses the scheduler
        return TaskEnd(faults=(Fault("scheduler-lost", file=task.file),))
    error = future.exception()
    if isinstance(error, KilledWorker):
        fault = Fault("cluster-worker-died", file=task.file, values={"times": error.allowed_failures + 1})
    else:
        note_work(error, file=task.file)
        fault = program_fault(error)
    return TaskEnd(faults=(fault,))
