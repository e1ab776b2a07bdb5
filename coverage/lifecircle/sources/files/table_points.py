"""Tables with columns x and y, made into points."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lifecircle.errors import Fault, InputError, preview
from lifecircle.sources.files.cell_values import degrees, numbers, texts
from lifecircle.sources.files.columns import Wanted, choose_columns, heading_of
from lifecircle.sources.log import ReadingLog
from lifecircle.tables import WGS84
from lifecircle.tables.crs import known_crs

__all__ = ["table_points"]

_PAIR: Final = re.compile(r"[(\[]?-?\d{1,3}\.\d+\s*[,;、 ]\s*-?\d{1,3}\.\d+[)\]]?")
"""Longitude and latitude in one cell, as AMap's ``location`` has them."""


def table_points(
    frame: pd.DataFrame,
    plan: Wanted,
    log: ReadingLog,
    *,
    subject: str,
    file: str,
    layer: str,
    required: Collection[str],
    crs: str = "",
) -> gpd.GeoDataFrame:
    """A table with x and y as points, its other columns kept: in `crs`, else in WGS 84 degrees.

    Raises
    ------
    InputError
        If it has no columns of coordinates; cells that are no numbers become faults of the log.
    """
    system = known_crs(crs) if crs else WGS84
    axes = {axis: plan[axis] for axis in ("x", "y")}
    lacking = {ours: plan[ours] for ours in required if ours not in axes}
    try:
        chosen = choose_columns(
            frame,
            {**lacking, **axes},
            required={*required, "x", "y"},
            file=file,
            layer=layer,
            log=log,
            subject=subject,
        )
    except InputError as error:
        raise _told_of_pairs(error, frame, file, layer) from None
    places = {}
    for axis in axes:
        if system.is_geographic:
            places[axis], wrong, worded = degrees(chosen[axis], axis)
        else:
            places[axis], wrong = numbers(chosen[axis])
            worded = wrong & False
        if worded.any():
            count, said = int(worded.sum()), preview(texts(chosen.loc[worded, axis]), 3)
            value = f"{heading_of(chosen, axis)}: {said}"
            log.remark(subject, "angles-read", item=file, count=count, value=value)
        if wrong.any():
            rows, given = preview(frame.index[wrong]), preview(chosen.loc[wrong, axis])
            log.fault("not-a-number", place=(file, layer, rows, heading_of(chosen, axis)), found=given)
    shapes = shapely.points(places["x"].to_numpy(), places["y"].to_numpy())
    shapes[np.isnan(places["x"]) | np.isnan(places["y"])] = None
    points = gpd.GeoDataFrame(frame, geometry=shapes, crs=system)
    points.attrs = dict(frame.attrs)
    return points


def _told_of_pairs(error: InputError, frame: pd.DataFrame, file: str, layer: str) -> InputError:
    """The refusal of a table without coordinates, naming the column whose cells hold both of them, if any."""
    for name in frame.columns:
        cells = [cell for cell in texts(frame[name]) if cell]
        if cells and sum(_PAIR.fullmatch(cell) is not None for cell in cells) > len(cells) / 2:
            others = [fault for fault in error.faults if not _is_axis(fault)]
            values = {"found": cells[0]}
            both = Fault("coordinates-in-one-cell", file=file, layer=layer, field=str(name), values=values)
            return InputError([*others, both])
    return error


def _is_axis(fault: Fault) -> bool:
    """Whether a fault is about a coordinate's column that is not there."""
    return fault.key == "missing-column" and fault.values.get("ours") in {"x", "y"}  # noqa: PD011  # a mapping
