"""Streets handed over in Python: what of them is not taken as it was given is said."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

import lifecircle as lc
from lifecircle.network.examples import grid_network


def test_a_length_that_is_not_that_of_the_shape_is_warned_of():
    graph = lc.to_networkx(grid_network(rows=2, columns=2))
    lc.from_networkx(graph)  # as long as they are drawn: nothing is said, or the test would fail
    for _, _, arc in graph.edges(data=True):
        arc["length"] *= 3
    with pytest.warns(lc.LifecircleWarning, match=r"4 graph edges state a length over 1 %"):
        longer = lc.from_networkx(graph)
    assert longer.length_mm.tolist() == lc.from_networkx(lc.to_networkx(longer)).length_mm.tolist()


def test_heights_of_another_place_are_refused(tmp_path):
    path = tmp_path / "elsewhere.tif"
    cells = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32", "crs": 4326}
    with rasterio.open(path, "w", transform=from_origin(-70, -30, 0.1, 0.1), **cells) as raster:
        raster.write(np.ones((1, 2, 2), np.float32))
    graph = lc.to_networkx(grid_network(rows=2, columns=2))
    with pytest.raises(lc.InputError, match=r"elsewhere\.tif.*no height at any of the streets"):
        lc.from_networkx(graph, elevation=path)
