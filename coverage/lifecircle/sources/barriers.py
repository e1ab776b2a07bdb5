"""Walls, rivers and railways that the study supplies: nobody walks through them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lifecircle.sources.areas import StudyArea
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.streets.walls import barrier_pieces
from lifecircle.tables import WGS84, StreetTable
from lifecircle.tables.reprojection import reprojected
from lifecircle.tables.subdivision import pairs_meeting

__all__ = ["close_barriers", "read_barriers"]


def read_barriers(path: Path, log: ReadingLog, *, datum: str = "wgs84") -> gpd.GeoDataFrame:
    """Lines and polygons of a barrier layer, in its own coordinate system or, out of a web map's, in degrees.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    return read_vector(path, log, subject="streets", shape="any", wanted={}, datum=datum)


def close_barriers(
    streets: StreetTable, barriers: gpd.GeoDataFrame, area: StudyArea, log: ReadingLog
) -> StreetTable:
    """Streets without the segments that a barrier crosses; bridges and tunnels pass it.

    The barriers stay with the streets: no straight walk to a street gets through them either.
    """
    lines = reprojected(barriers.geometry, WGS84)[0].to_numpy()
    near = shapely.intersects(lines, shapely.box(*area.bounds()))
    # Segments that cross a barrier near the study are closed, unless they pass over or under it.
    _, crossed = pairs_meeting(lines[near], streets.segments())
    closed = np.zeros(len(streets), dtype=bool)
    closed[crossed] = True
    closed &= ~streets.bridge
    pieces, body = barrier_pieces(lines[near])
    # Bodies of water or ground are numbered on after those of the streets' own file.
    bodies = int(streets.barrier_body.max(initial=-1)) + 1
    streets = dataclasses.replace(
        streets,
        barriers=np.concatenate([streets.barriers, pieces]),
        barrier_body=np.concatenate([streets.barrier_body, np.where(body < 0, body, body + bodies)]).astype(
            np.int32
        ),
    )
    if not closed.any():
        return streets
    log.remark("streets", "closed-by-barriers", count=int(closed.sum()))
    return streets.keep(~closed)
