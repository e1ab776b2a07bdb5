"""Studies as tasks of a Dask cluster: workers write whole results folders, by paths that all of them see."""

from lifecircle.cluster.connection import LOCAL, connected, require_address
from lifecircle.cluster.dealing import ended_tasks
from lifecircle.cluster.task import StudyTask, TaskEnd

__all__ = ["LOCAL", "StudyTask", "TaskEnd", "connected", "ended_tasks", "require_address"]
