"""Long segments of a projected file, which bow in degrees: given vertices, so that they keep their course."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from lifecircle.sources.streets.drawn import (
    Drawn,
    Places,
    drawn_places,
    metres_per_degree,
    places_in_degrees,
)
from lifecircle.tables import StreetTable

MOST_BOW_M: Final = 0.01
"""Segments leave the straight line of their file by no more than this, metres."""

_LIKELY_BOW: Final = 0.1
"""Share of its length by which no segment bows: one that does jumps from edge to edge of its plane."""

__all__ = ["MOST_BOW_M", "straight_as_drawn"]


def straight_as_drawn(streets: StreetTable, crs: CRS) -> StreetTable:
    """The streets with vertices put in wherever a segment would leave its course by over `MOST_BOW_M`.

    Segments are straight in degrees; those of a projected file were straight in its own system. The new
    nodes belong to their street alone, and are numbered below all others.

    Parameters
    ----------
    streets
        Streets whose lines are final; the rows of a way stand together.
    crs
        The system in which each segment is straight.
    """
    if crs.is_geographic or not len(streets):
        return streets
    # stage 1: how far the middle of each segment lies from where it was drawn
    number = np.arange(len(streets))
    nodes = np.column_stack([streets.lon, streets.lat])
    drawn = Drawn(drawn_places(nodes, crs), crs)
    off, length_m = _off_course(streets, nodes, drawn, number, np.full(len(number), 0.5))
    bow = np.hypot(*off.T)
    bows = np.isfinite(bow) & (bow > MOST_BOW_M) & (bow < _LIKELY_BOW * length_m)
    if not bows.any():
        return streets
    # stage 2: a bow shrinks with the square of the pieces
    pieces = np.ones(len(number), np.int64)
    pieces[bows] = np.ceil(np.sqrt(bow[bows] / MOST_BOW_M))
    of = np.repeat(number, pieces)
    piece = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    later = np.flatnonzero(piece > 0)
    share = piece[later] / pieces[of[later]]
    off, _ = _off_course(streets, nodes, drawn, of[later], share)
    places = _on_chord(streets, nodes, of[later], share)
    places += off / metres_per_degree(places[:, 1])
    places[:, 0] = (places[:, 0] + 180.0) % 360.0 - 180.0
    # stage 3: every piece begins and ends at a new node, the first begins and the last ends as before
    added = np.arange(len(later))
    u, v = streets.u[of], streets.v[of]
    u[later] = v[later - 1] = len(nodes) + added
    before = np.cumsum(pieces - 1) - (pieces - 1)
    first_of_way = np.append(True, streets.way[1:] != streets.way[:-1])
    before -= before[np.maximum.accumulate(np.where(first_of_way, number, 0))]
    columns: dict[str, Any] = {name: column[of] for name, column in streets.per_segment.items()}
    columns |= {"u": u, "v": v, "segment": (columns["segment"] + before[of] + piece).astype(np.int32)}
    return dataclasses.replace(
        streets,
        lon=np.append(streets.lon, places[:, 0]),
        lat=np.append(streets.lat, places[:, 1]),
        node_id=np.append(streets.node_id, min(int(streets.node_id.min()), 0) - 1 - added),
        **columns,
    )


def _off_course(
    streets: StreetTable,
    nodes: Places,
    drawn: Drawn,
    segment: NDArray[np.intp],
    share: NDArray[np.float64],
) -> tuple[Places, NDArray[np.float64]]:
    """Metres east and north from places on segments to where they were drawn, and the segments' lengths."""
    u, v = streets.u[segment], streets.v[segment]
    t = share[:, None]
    xy = drawn.xy
    course = places_in_degrees(xy[u] + t * (xy[v] - xy[u]), drawn.crs)
    # there and back need not lead to the very same place where a datum is changed
    error = _within_half_turn(places_in_degrees(xy, drawn.crs) - nodes)
    chord = _on_chord(streets, nodes, segment, share)
    off = _within_half_turn(course - chord) - (error[u] + t * (error[v] - error[u]))
    scale = metres_per_degree(chord[:, 1])
    length = np.hypot(*(_within_half_turn(nodes[v] - nodes[u]) * scale).T)
    return off * scale, length


def _on_chord(
    streets: StreetTable, nodes: Places, segment: NDArray[np.intp], share: NDArray[np.float64]
) -> Places:
    """Places at shares of segments that are straight in degrees; longitudes may go on past 180."""
    start = nodes[streets.u[segment]]
    return start + share[:, None] * _within_half_turn(nodes[streets.v[segment]] - start)


def _within_half_turn(difference: Places) -> Places:
    """Differences of places with those of longitude within 180 degrees."""
    lon = (difference[:, 0] + 180.0) % 360.0 - 180.0
    return np.column_stack([lon, difference[:, 1]])
