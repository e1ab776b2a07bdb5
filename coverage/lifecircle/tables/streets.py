"""Streets as they come from any source: every edge one straight segment between two nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.errors import ContractError
from lifecircle.tables.degrees import straight_pieces

MODES: Final = ("walk", "bike", "drive")

MODE_SPEED_KMH: Final[Mapping[str, float]] = {"walk": 4.0, "bike": 12.0, "drive": 4.0}
"""Speed of each mode where nobody names one; drivers' is that of the walk to the street."""

JOIN_NEVER: Final = 0
"""Code of a segment that no point joins: a tunnel, a motorway."""

JOIN_ANYWHERE: Final = 1
"""Code of a segment that points join anywhere along it."""

JOIN_ON_IT: Final = 2
"""Code of a segment that only points standing on it join: a bridge."""

AREA_CLASS: Final = "area"
"""Class of the lines on which people cross an area, and of the sides of its outline: they are no street."""

MOST_NAMED: Final = 8
"""Objects of `StreetTable.named` that a message lists."""

__all__ = [
    "AREA_CLASS",
    "JOIN_ANYWHERE",
    "JOIN_NEVER",
    "JOIN_ON_IT",
    "MODES",
    "MODE_SPEED_KMH",
    "MOST_NAMED",
    "StreetTable",
]

_PER_NODE: Final = {"per": "node"}
_PER_SEGMENT: Final = {"per": "segment"}

_FEW_BOXES: Final = 64


@dataclass(frozen=True)
class StreetTable:
    """Street segments in WGS 84, not yet a network.

    Curved streets are chains of segments, so a segment's length is the geodesic between its ends and a
    point can join it anywhere. Arrays are parallel; text is coded into `names` and `highways`.

    Attributes
    ----------
    lon, lat : float64, one per node, degrees
    node_id : int64, one per node, unique (OSM id, or a running number)
    u, v : int32, one per segment, index of its first and last node
    way, segment : int64 and int32; ``f"{way}-{segment}"`` is the edge's stable id, unique
    forward, backward : bool, open to the mode from `u` to `v`, from `v` to `u`
    name, highway : int32, code into `names` and `highways`; -1 where there is none
    speed_kmh : float32, legal or usual speed of driving from `u` to `v`; NaN where the mode's own holds
    speed_back_kmh : the same from `v` to `u`; as `speed_kmh` if not given
    steps, bridge : bool, a flight of steps; a bridge or tunnel (slope is interpolated between its ends)
    joinable : uint8, whether points may join it (`JOIN_NEVER`, `JOIN_ANYWHERE`, `JOIN_ON_IT`); anywhere
        if not given
    destination : bool, open only to those who start or end their journey there; to everybody if not given
    no_wheels : bool, signed as closed to wheelchairs, or over a raised kerb; none if not given
    kerbs : int64, `node_id` of nodes with a raised kerb
    turns : int64, n × 4, turn restrictions, a row for each way in the order driven: number of the restriction
        (from 0), way, `node_id` at which it is left for the next (0 of the last way), and 1 where that is the
        only way on, 0 where it is forbidden
    turn_relation : int64, one per restriction, id of the relation that maps it
    barriers : float64, n × 4, straight pieces (lon, lat, lon, lat) of what no straight walk to a street
        gets through
    barrier_body : int32, number of the area that a piece bounds; -1 for a line. Who is inside an area is
        let out of it

    Examples
    --------
    >>> import numpy as np
    >>> from lifecircle.network.examples import grid_streets
    >>> streets = grid_streets(rows=2, columns=2)
    >>> len(streets), len(streets.keep(np.array([True, False, False, False])))
    (4, 1)
    """

    lon: NDArray[np.float64] = field(metadata=_PER_NODE)
    lat: NDArray[np.float64] = field(metadata=_PER_NODE)
    node_id: NDArray[np.int64] = field(metadata=_PER_NODE)
    u: NDArray[np.int32] = field(metadata=_PER_SEGMENT)
    v: NDArray[np.int32] = field(metadata=_PER_SEGMENT)
    way: NDArray[np.int64] = field(metadata=_PER_SEGMENT)
    segment: NDArray[np.int32] = field(metadata=_PER_SEGMENT)
    forward: NDArray[np.bool_] = field(metadata=_PER_SEGMENT)
    backward: NDArray[np.bool_] = field(metadata=_PER_SEGMENT)
    name: NDArray[np.int32] = field(metadata=_PER_SEGMENT)
    highway: NDArray[np.int32] = field(metadata=_PER_SEGMENT)
    speed_kmh: NDArray[np.float32] = field(metadata=_PER_SEGMENT)
    steps: NDArray[np.bool_] = field(metadata=_PER_SEGMENT)
    bridge: NDArray[np.bool_] = field(metadata=_PER_SEGMENT)
    speed_back_kmh: NDArray[np.float32] = field(
        default_factory=lambda: np.empty(0, np.float32), metadata=_PER_SEGMENT
    )
    joinable: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8), metadata=_PER_SEGMENT)
    destination: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool), metadata=_PER_SEGMENT)
    no_wheels: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool), metadata=_PER_SEGMENT)
    kerbs: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    turns: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 4), np.int64))
    turn_relation: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    barriers: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    barrier_body: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    names: tuple[str, ...] = ()
    highways: tuple[str, ...] = ()
    mode: str = "walk"
    source: str = ""
    extent: tuple[float, float, float, float] | None = None
    """Bounding box the source declares it covers (west, south, east, north), where it can be believed."""
    counts: dict[str, int] = field(default_factory=dict)
    """What was left out or repaired while reading, by reason: for the run's log."""
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Under some of these reasons the objects meant, as their source calls them."""

    def __post_init__(self) -> None:
        if not len(self.joinable):
            object.__setattr__(self, "joinable", np.full(len(self.u), JOIN_ANYWHERE, np.uint8))
        if not len(self.speed_back_kmh):
            object.__setattr__(self, "speed_back_kmh", self.speed_kmh)
        for name in ("destination", "no_wheels"):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(len(self.u), bool))
        size = {"node": len(self.lon), "segment": len(self.u)}
        wrong = [name for per, count in size.items() for name, column in self._columns(per).items()
                 if len(column) != count]  # fmt: skip
        if wrong:
            raise ContractError(f"StreetTable: {', '.join(wrong)} differ in length from lon or u")
        if len(self.u) and max(int(self.u.max()), int(self.v.max())) >= len(self.lon):
            raise ContractError("StreetTable: an edge names a node that is not there")

    def __len__(self) -> int:
        return len(self.u)

    def _columns(self, per: str) -> dict[str, NDArray[Any]]:
        """The columns that hold one value per node or per segment."""
        return {
            column.name: getattr(self, column.name)
            for column in dataclasses.fields(self)
            if column.metadata.get("per") == per
        }

    @property
    def per_segment(self) -> dict[str, NDArray[Any]]:
        """The columns with one value per segment, by name."""
        return self._columns("segment")

    @property
    def on_areas(self) -> NDArray[np.bool_]:
        """Which segments lead across an area or along its outline."""
        return np.array([name == AREA_CLASS for name in (*self.highways, "")], bool)[self.highway]

    def keep(self, mask: NDArray[np.bool_], *, orphans: bool = False, counted_as: str = "") -> StreetTable:
        """The segments that a mask marks, in their order.

        Parameters
        ----------
        mask
            bool, one per segment.
        orphans
            Keep nodes, too, that no segment needs any more.
        counted_as
            Reason under which `counts` lists how many segments were left out; blank for none.
        """
        columns: dict[str, Any] = {name: values[mask] for name, values in self._columns("segment").items()}
        if not orphans:
            used = np.zeros(len(self.lon), bool)
            used[columns["u"]] = used[columns["v"]] = True
            number = np.cumsum(used, dtype=np.int32) - np.int32(1)
            columns |= {"u": number[columns["u"]], "v": number[columns["v"]]}
            columns |= {name: values[used] for name, values in self._columns("node").items()}
        counts = {**self.counts, counted_as: len(mask) - int(mask.sum())} if counted_as else self.counts
        return dataclasses.replace(self, **columns, counts=counts)

    def segments(self, rows: NDArray[np.integer] | NDArray[np.bool_] | None = None) -> NDArray[np.object_]:
        """Segments as lines in WGS 84, from u to v: all, or those of some rows."""
        u, v = (self.u, self.v) if rows is None else (self.u[rows], self.v[rows])
        start, end = (np.column_stack([self.lon[node], self.lat[node]]) for node in (u, v))
        return straight_pieces(start, end)

    def rows_near(
        self, x: NDArray[np.float64], y: NDArray[np.float64], bounds: NDArray[np.float64], within_m: float
    ) -> NDArray[np.intp]:
        """Segments whose box comes within some metres of any of several boxes: those worth drawing.

        Parameters
        ----------
        x, y
            float64, one per node, metres.
        bounds
            float64, n × 4, boxes (west, south, east, north), metres; those with NaN are of nothing. Of more
            than a few their common box counts.
        within_m
            How near, >= 0.

        Examples
        --------
        >>> import numpy as np
        >>> from lifecircle.network.examples import grid_streets
        >>> streets = grid_streets(rows=2, columns=2)  # a square; any plane will do here
        >>> x, y = 1e5 * streets.lon, 1e5 * streets.lat
        >>> at_the_first = np.array([[x[0], y[0], x[0], y[0]]])
        >>> len(streets.rows_near(x, y, at_the_first, 1.0))
        2
        """
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        if len(bounds) > _FEW_BOXES:
            bounds = np.concatenate([bounds[:, :2].min(0), bounds[:, 2:].max(0)])[None]
        # the box of every segment against each box in turn
        west, east = np.minimum(x[self.u], x[self.v]), np.maximum(x[self.u], x[self.v])
        south, north = np.minimum(y[self.u], y[self.v]), np.maximum(y[self.u], y[self.v])
        near = np.zeros(len(self), bool)
        for left, bottom, right, top in bounds:
            beside = (east >= left - within_m) & (west <= right + within_m)
            near |= beside & (north >= bottom - within_m) & (south <= top + within_m)
        return np.flatnonzero(near)
