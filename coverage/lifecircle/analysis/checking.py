"""Check a study: read and snap everything, and keep what is said of it even where it cannot be run."""

from __future__ import annotations

from lifecircle.analysis.prepare import prepare_inputs, with_snap_remarks
from lifecircle.errors import InputError
from lifecircle.plans import services_of
from lifecircle.services import service_names
from lifecircle.sources.log import ReadingLog
from lifecircle.stages import Stages
from lifecircle.study import Study
from lifecircle.tables import Checked

__all__ = ["check_everything"]


def check_everything(study: Study) -> Checked:
    """Every fault and every remark on a study's data; nothing is raised for a fault of the input.

    Returns
    -------
    Checked
        With the inputs where there is no fault, and what could be placed otherwise.
    """
    log = ReadingLog()
    try:
        prepared = prepare_inputs(study, Stages(None, study.path), log=log)
    except InputError as error:
        return Checked(
            name=study.study.name,
            faults=error.faults,
            quality=log.quality(),
            files=tuple(log.files),
            boundary=log.placed.get("boundary"),
            communities=log.placed.get("communities"),
            inputs=None,
            doubts=tuple(log.doubts),
            services=service_names(),
        )
    with services_of(study):
        names = service_names()
    inputs = with_snap_remarks(prepared.inputs, prepared.od)
    return Checked(
        name=inputs.name,
        faults=(),
        quality=inputs.quality,
        files=inputs.files,
        boundary=inputs.boundary,
        communities=inputs.communities,
        inputs=inputs,
        doubts=tuple(log.doubts),
        services=names,
    )
