"""The map being drawn: nodes and ways in city metres, before they are written as OSM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Draft", "Settlement", "Way"]


@dataclass(frozen=True)
class Way:
    """Node numbers of the draft and OSM tags; closed where first and last node agree."""

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass
class Draft:
    """Nodes and ways that drawing functions add to; a node that no way or tag uses is never written."""

    ways: list[Way] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    _x: list[NDArray[np.float64]] = field(default_factory=list)
    _y: list[NDArray[np.float64]] = field(default_factory=list)
    _count: int = 0

    def add_nodes(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
        """Add points (metres, any shape); returns their node numbers in the same shape."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        numbers = self._count + np.arange(x.size, dtype=np.int64).reshape(x.shape)
        self._x.append(x.ravel())
        self._y.append(y.ravel())
        self._count += x.size
        return numbers

    def add_way(self, nodes: Iterable[int], tags: Mapping[str, str]) -> None:
        """Add a way through nodes that are there."""
        self.ways.append(Way(tuple(int(node) for node in nodes), tags))

    def add_ring(self, x: ArrayLike, y: ArrayLike, tags: Mapping[str, str]) -> None:
        """Add an area by its corners (metres, not closed)."""
        corners = self.add_nodes(x, y).tolist()
        self.add_way([*corners, corners[0]], tags)

    def tag_node(self, node: int, **tags: str) -> None:
        """Add tags to a node; a colon is spelt with two underscores."""
        self.node_tags.setdefault(int(node), {}).update(
            {key.replace("__", ":"): value for key, value in tags.items()}
        )

    @property
    def x(self) -> NDArray[np.float64]:
        """Eastings of all nodes, metres."""
        return np.concatenate(self._x)

    @property
    def y(self) -> NDArray[np.float64]:
        """Northings of all nodes, metres."""
        return np.concatenate(self._y)


@dataclass(frozen=True)
class Settlement:
    """A village, the seat of a town, or a hamlet beyond the boundary.

    Attributes
    ----------
    kind : ``village``, ``town`` or ``beyond``
    x, y : its middle, metres
    town : index of the nearest town's seat
    nodes : (columns, rows) node numbers of its lanes' crossings
    """

    kind: str
    x: float
    y: float
    town: int
    nodes: NDArray[np.int64]
