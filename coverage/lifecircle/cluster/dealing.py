"""Tasks dealt to the workers of a cluster, and how each of them ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from lifecircle.cluster.task import BEGUN, StudyTask, TaskEnd, run_task
from lifecircle.errors import Fault
from lifecircle.program_faults import note_work, program_fault

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["ended_tasks"]


def ended_tasks(
    client: Client, tasks: Sequence[StudyTask], *, begun: Callable[[str, str], None] | None = None
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
    begun
        Called with a study's file and the worker that begins it, from another thread.

    Yields
    ------
    StudyTask, TaskEnd
        One pair a task.
    """
    from distributed import as_completed  # noqa: PLC0415  # an extra's

    if begun is not None:
        client.subscribe_topic(BEGUN, lambda event: begun(event[1]["file"], event[1]["worker"]))
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
