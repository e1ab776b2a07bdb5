"""Services that large enough facilities of other services offer: parks of a hectare or more."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lifecircle.errors import preview
from lifecircle.services import Service, selected_services
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import concat_nonempty

__all__ = ["complete_selected", "remark_unmeasured", "with_selected"]

Rows = TypeVar("Rows", bound=pd.DataFrame)


def with_selected(rows: Rows) -> Rows:
    """Facilities, and a further row of each for every service that it is large enough for.

    A facility whose size nobody says is not taken for large. One that is listed under the service itself
    keeps that row alone.

    Parameters
    ----------
    rows
        ``facility``, ``service``, and ``site_area_m2`` or ``floor_area_m2`` where they are known.
    """
    listed = set(zip(rows["facility"], rows["service"], strict=True))
    further = []
    for service in selected_services():
        enough = rows[_of(rows, service) & _measures(rows, service)].drop_duplicates("facility")
        new = [(facility, service.id) not in listed for facility in enough["facility"]]
        further.append(enough[new].assign(service=service.id))
    if not any(len(part) for part in further):
        return rows
    return concat_nonempty([rows, *further]).reset_index(drop=True)


def remark_unmeasured(rows: pd.DataFrame, log: ReadingLog) -> None:
    """Facilities that may be large enough for a service and of which nobody says how large they are."""
    for service in selected_services():
        unknown = rows[_of(rows, service) & ~_measured(rows, service)].drop_duplicates("facility")
        if len(unknown):
            log.remark(
                "facilities",
                "size-unknown",
                item=service.id,
                count=len(unknown),
                value=preview(sorted(unknown["facility"])),
                severity="warning",
            )


def complete_selected(rows: pd.DataFrame, complete: Collection[str]) -> frozenset[str]:
    """Selected services of which every facility is known: those selected from are complete and measured."""
    return frozenset(
        service.id
        for service in selected_services()
        if set(service.of) <= set(complete) and bool(_measured(rows, service)[_of(rows, service)].all())
    )


def _of(rows: pd.DataFrame, service: Service) -> NDArray[np.bool_]:
    """Rows of the services that one is selected from."""
    return rows["service"].isin(service.of).to_numpy(bool)


def _measures(rows: pd.DataFrame, service: Service) -> NDArray[np.bool_]:
    """Rows whose every size is known and large enough."""
    enough = np.ones(len(rows), dtype=bool)
    for column, least in service.least.items():
        enough &= _sizes(rows, column) >= least
    return enough


def _measured(rows: pd.DataFrame, service: Service) -> NDArray[np.bool_]:
    """Rows of which it is known whether they are large enough: all sizes are known, or one is too small."""
    sizes = {column: _sizes(rows, column) for column in service.least}
    known = np.logical_and.reduce([~np.isnan(size) for size in sizes.values()])
    return known | np.logical_or.reduce([sizes[column] < least for column, least in service.least.items()])


def _sizes(rows: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """A column of sizes, unknown where no source has it."""
    return rows[column].to_numpy(float) if column in rows else np.full(len(rows), np.nan)
