"""Studies as tasks of a Dask cluster: workers write whole results folders, by paths that all of them see."""

from lifecircle.cluster.studies import StudiesListener, run_studies
from lifecircle.cluster.task import TaskEnd

__all__ = ["StudiesListener", "TaskEnd", "run_studies"]
