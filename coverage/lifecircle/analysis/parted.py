"""Streets that nothing joins to the rest: large parts each with its place, small ones together."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lifecircle.network import Network

__all__ = ["parted_remarks"]

_PART_SHARE: Final = 0.02
_PARTS_TOLD: Final = 20
_SHATTERED_SHARE: Final = 0.05
"""Small parts are told of together where they hold more of the streets than this: islets are usual."""


def parted_remarks(network: Network) -> list[dict[str, object]]:
    """Remarks on parts of a network that no street joins to the largest.

    A part with 2 % of all streets or more (the largest 20 of them) has a remark of its own, with the place
    where it comes nearest to the largest part. The others share one, if they hold more than 5 % of all
    streets: with the place where the largest of them comes nearest to another street.

    Parameters
    ----------
    network
        The streets of a study.

    Returns
    -------
    list of dict
        Rows of the data-quality table: ``remark, item, count, value, severity, x, y``.

    Examples
    --------
    >>> from lifecircle.network.examples import grid_network
    >>> parted_remarks(grid_network())
    []
    """
    length_m = network.component_length_m
    if len(length_m) < 2:
        return []
    # stage 1: the largest part, large ones apart from it, and the small rest, longest first
    order = np.argsort(-length_m, kind="stable")
    others = order[1:]
    large = others[length_m[others] >= _PART_SHARE * length_m.sum()][:_PARTS_TOLD]
    small = others[len(large) :]
    places = np.column_stack([network.node_x, network.node_y])
    rows: list[dict[str, object]] = []
    # stage 2: each large part, where it comes nearest to the largest
    if len(large):
        main = cKDTree(places[network.component == order[0]])
        for part in large.tolist():
            away_m, at = _nearest(places[network.component == part], main)
            rows.append(
                {
                    "remark": "network-parted",
                    "item": f"{length_m[part] / length_m.sum():.0%}",
                    "count": round(float(length_m[part]) / 1000, 1),
                    "value": f"{away_m:,.1f}",
                    "severity": "warning",
                    "x": float(at[0]),
                    "y": float(at[1]),
                }
            )
    # stage 3: the small parts together, where the largest of them comes nearest to any other street
    if length_m[small].sum() > _SHATTERED_SHARE * length_m.sum():
        own = network.component == small[0]
        away_m, at = _nearest(places[own], cKDTree(places[~own]))
        rows.append(
            {
                "remark": "network-shattered",
                "item": f"{length_m[small].sum() / length_m.sum():.0%}",
                "count": float(len(small)),
                "value": f"{away_m:,.1f}",
                "severity": "warning",
                "x": float(at[0]),
                "y": float(at[1]),
            }
        )
    return rows


def _nearest(own: NDArray[np.float64], others: cKDTree) -> tuple[float, NDArray[np.float64]]:
    """The least distance from some nodes to others, and the node where it is."""
    away_m, _ = others.query(own)
    at = int(np.argmin(away_m))
    return float(away_m[at]), own[at]
