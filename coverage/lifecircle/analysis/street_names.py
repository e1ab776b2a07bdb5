"""Streets with names near places: what a site, or a cell of a grid, is called by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import KDTree

from lifecircle.messages import text
from lifecircle.network import Network
from lifecircle.tables import Inputs

__all__ = ["streets_near", "with_cells_named"]

_CELL_NAMED_WITHIN_M: Final = 1_000.0
"""A cell is called by a street that passes within this of its middle."""


def streets_near(places: gpd.GeoSeries, network: Network, *, within_m: float) -> Sequence[str]:
    """Name of the street whose crossings or bends are nearest to each place; '' where none is near.

    Parameters
    ----------
    places
        Points in the network's coordinate system.
    network
        Its streets.
    within_m
        How far they may be away, metres.
    """
    named = np.flatnonzero(network.name >= 0)
    if not len(named) or places.empty:
        return [""] * len(places)
    nodes = np.concatenate([network.u[named], network.v[named]])
    code = np.concatenate([network.name[named], network.name[named]])
    tree = KDTree(np.column_stack([network.node_x[nodes], network.node_y[nodes]]))
    away, nearest = tree.query(np.column_stack([places.x, places.y]), distance_upper_bound=within_m)
    return [
        network.names[code[at]] if np.isfinite(distance) else ""
        for distance, at in zip(away, nearest, strict=True)
    ]


def with_cells_named(inputs: Inputs, network: Network, lang: str) -> Inputs:
    """Cells of a grid called by the nearest street with a name; the code stays where there is none.

    Several cells near one street are numbered in the order of their codes. The communities' column
    ``street`` holds the bare name, for readers of another language.
    """
    table = inputs.communities
    cells = (table["kind"] == "cell") & (table["name"] == table["code"])
    if not cells.any():
        return inputs
    middles = table[cells].geometry.representative_point().to_crs(network.crs)
    streets = streets_near(middles, network, within_m=_CELL_NAMED_WITHIN_M)
    often, met = Counter(streets), Counter[str]()
    names = []
    for code, street in zip(table.loc[cells, "code"], streets, strict=True):
        met[street] += 1
        key = "status.cell-near" if often[street] == 1 else "status.cell-near-of-several"
        names.append(text(key, lang, street=street, n=met[street]) if street else code)
    told = table.assign(street="")
    told.loc[cells, "street"], told.loc[cells, "name"] = list(streets), names
    return dataclasses.replace(inputs, communities=told)
