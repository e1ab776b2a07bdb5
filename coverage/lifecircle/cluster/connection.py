"""A connection to a Dask scheduler whose workers can be trusted to give this program's results."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from lifecircle.analysis.study_key import RESULTS_DEPEND_ON, program_versions
from lifecircle.cluster.task import differing_versions
from lifecircle.errors import Fault, Faults, InputError
from lifecircle.extras import require_extra

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["LOCAL", "connected", "require_scheduler"]

LOCAL: Final = "local"
"""In place of an address: workers on this computer, for this run alone."""

_ADDRESS: Final = re.compile(r"(tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[\w.-]+):[0-9]{1,5}")
_CONNECT_S: Final = 10.0
_WORKERS_S: Final = 30.0


def require_scheduler(scheduler: str | Client) -> None:
    """Refuse what is no scheduler, before anything is read.

    Raises
    ------
    InputError
        If it is neither ``local`` nor an address, or the extra ``cluster`` is not installed.
    """
    named = scheduler == LOCAL or not isinstance(scheduler, str) or _ADDRESS.fullmatch(scheduler)
    if not named:
        raise InputError(Fault("scheduler-address", field="--scheduler", values={"found": scheduler}))
    require_extra("cluster")


@contextmanager
def connected(scheduler: str | Client, *, tasks: int, jobs: int | None = None) -> Iterator[Client]:
    """A client of a scheduler that has workers, every one with this program's versions.

    Parameters
    ----------
    scheduler
        ``local``, the address of a scheduler that runs (``tcp://host:port``), or a client of one, which stays
        open.
    tasks
        How many studies are to be run: so many workers are started here at most.
    jobs
        Threads of each study, which share out this computer's cores among workers started here.

    Raises
    ------
    InputError
        If nothing answers at the address, no worker joins within half a minute, or versions differ.
    """
    require_scheduler(scheduler)
    if not isinstance(scheduler, str):
        _require_workers(scheduler, scheduler.scheduler.address)
        yield scheduler
        return
    import dask  # noqa: PLC0415  # an extra's
    from distributed import Client, LocalCluster  # noqa: PLC0415

    # what is lost is told in our words: the library's own log stays silent
    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    cluster: Any = None
    try:
        with dask.config.set({"distributed.comm.timeouts.connect": _CONNECT_S}):
            if scheduler == LOCAL:
                cores = os.cpu_count() or 1
                cluster = LocalCluster(
                    n_workers=max(1, min(tasks, cores // (jobs or 1))),
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL + 1,
                )
            try:
                client = Client(cluster or scheduler, timeout=_CONNECT_S, set_as_default=False)
            except (OSError, ValueError) as error:
                raise _unreachable(scheduler, error) from None
            try:
                _require_workers(client, scheduler)
                yield client
            finally:
                with suppress(Exception):  # a scheduler that is gone cannot be taken leave of
                    client.close(timeout=2)
    finally:
        if cluster is not None:
            cluster.close()
        log.setLevel(level)


def _require_workers(client: Client, scheduler: str) -> None:
    """Wait for a worker, and refuse workers whose versions are not this program's."""
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
        workers: Mapping[str, Any] = client.get_versions(packages=list(RESULTS_DEPEND_ON))["workers"]
    except TimeoutError:
        values = {"address": scheduler}
        raise InputError(Fault("scheduler-no-workers", field="--scheduler", values=values)) from None
    except OSError as error:
        raise _unreachable(scheduler, error) from None
    wanted = program_versions()
    faults = Faults()
    for address, told in sorted(workers.items()):
        given = {**told["packages"], "python": ".".join(told["host"]["python"].split(".")[:3])}
        if differing := differing_versions(wanted, given):
            values = {"worker": address, "found": ", ".join(differing)}
            faults.add(Fault("cluster-versions", field="--scheduler", values=values))
    faults.raise_if_any()


def _unreachable(scheduler: str, error: Exception) -> InputError:
    """The fault of a scheduler that does not answer."""
    values = {"address": scheduler, "why": str(error) or type(error).__name__}
    return InputError(Fault("scheduler-unreachable", field="--scheduler", values=values))
