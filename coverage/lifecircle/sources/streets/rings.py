"""Areas of an OpenStreetMap file as rings of node ids: closed ways, and relations put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lifecircle.sources.streets.way_use import WayUse

__all__ = ["RELATION_FROM", "Outline", "closed_rings"]

RELATION_FROM = 10**12
"""The edges across the area of relation ``n`` carry the way id ``-(RELATION_FROM + n)``."""


@dataclass(frozen=True)
class Outline:
    """An area of the file.

    Attributes
    ----------
    way : id that its edges carry: the way's, or one made of the relation's (`RELATION_FROM`)
    rings : node ids of every ring, the first not repeated at the end; outer and inner ones in any order
    use : what the mode may do there
    name : code of its name, -1 for none
    """

    way: int
    rings: tuple[tuple[int, ...], ...]
    use: WayUse
    name: int


def closed_rings(ways: Iterable[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Rings that ways close, joined at their ends; nothing where a piece is left over.

    Parameters
    ----------
    ways
        Node ids of the members of a multipolygon.
    """
    rings: list[tuple[int, ...]] = []
    at_end: dict[int, list[list[int]]] = defaultdict(list)
    left = 0
    for way in ways:
        if len(way) > 3 and way[0] == way[-1]:
            rings.append(tuple(way[:-1]))
        elif len(way) > 1:
            piece = list(way)
            at_end[piece[0]].append(piece)
            at_end[piece[-1]].append(piece)
            left += 1
    for node in list(at_end):
        while at_end[node]:
            chain = at_end[node].pop()
            if chain[-1] == node:
                chain = chain[::-1]
            _drop(at_end[chain[-1]], chain)
            left -= 1
            while chain[-1] != chain[0] and at_end[chain[-1]]:
                following = at_end[chain[-1]].pop()
                if following[0] != chain[-1]:
                    following = following[::-1]
                _drop(at_end[following[-1]], following)
                chain = [*chain, *following[1:]]
                left -= 1
            if chain[-1] != chain[0] or len(chain) < 4:
                return ()
            rings.append(tuple(chain[:-1]))
    return tuple(rings) if left == 0 else ()


def _drop(pieces: list[list[int]], piece: list[int]) -> None:
    """Take a piece off the list of those that end at a node, whichever way round it is held."""
    for at, held in enumerate(pieces):
        if held == piece or held == piece[::-1]:
            del pieces[at]
            return
