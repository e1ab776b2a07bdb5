"""Isochrones draw themselves with the narrower areas on top, graded by minutes, and stay in their order."""

from __future__ import annotations

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest

from lifecircle.network import isochrones
from lifecircle.network.areas.banded import BandedAreas
from lifecircle.network.examples import grid_network, grid_places

mpl.use("Agg")
LIMITS = [0.75, 1.5, 3.0]


@pytest.fixture
def areas():
    """Two points of a grid of streets, three limits each, narrow ones first."""
    return isochrones(grid_network(), grid_places({"a": (0.0, 0.0), "b": (200.0, 200.0)}), minutes=LIMITS)


def drawn_sizes(axes):
    """Areas in the order in which they were drawn, by the extent of their outlines."""
    (patches,) = axes.collections
    return [np.ptp(path.vertices, axis=0).prod() for path in patches.get_paths()]


def test_the_widest_areas_are_drawn_first_and_the_rows_stay_as_they_were(areas):
    assert areas["minutes"].tolist() == LIMITS * 2
    axes = areas.plot()
    sizes = drawn_sizes(axes)
    assert sizes == sorted(sizes, reverse=True)
    assert areas["minutes"].tolist() == LIMITS * 2
    assert [one.get_text() for one in axes.get_legend().get_texts()] == ["0.75 min", "1.5 min", "3 min"]
    # a colour for each limit, graded
    (patches,) = axes.collections
    colours = [tuple(one) for one in patches.get_facecolor()]
    assert len(set(colours)) == 3
    assert colours[0] == colours[1] == mpl.colormaps["viridis"](1.0)
    assert colours[-1] == mpl.colormaps["viridis"](0.0)


def test_parts_and_copies_draw_in_that_order_too(areas):
    for part in (areas[areas["point"] == "a"], areas.to_crs(4326), areas.set_index(["point"])):
        assert isinstance(part, BandedAreas)
        sizes = drawn_sizes(part.plot("minutes"))
        assert sizes == sorted(sizes, reverse=True)
    assert not isinstance(areas[["point"]], gpd.GeoDataFrame)


def test_other_columns_and_colours_are_geopandas_own(areas):
    assert areas.plot(color="red").get_legend() is None
    labels = areas.plot("point", legend=True).get_legend().get_texts()
    assert {one.get_text() for one in labels} == {"a", "b"}
    values = areas["minutes"] * 2
    (patches,) = areas.plot(values).collections
    assert patches.get_array().tolist() == sorted(values, reverse=True)
    assert areas.plot(kind="scatter", x="minutes", y="area_m2") is not None


def test_a_map_to_explore_lays_the_narrow_areas_over_the_wide(areas):
    made = areas.set_crs(32631, allow_override=True).explore()
    layer = next(one for one in made._children.values() if hasattr(one, "data"))
    minutes = [one["properties"]["minutes"] for one in layer.data["features"]]
    assert minutes == sorted(LIMITS * 2, reverse=True)
    page = made.get_root().render()
    told = [page.index(f"{limit:g} min</li>") for limit in LIMITS]
    assert told == sorted(told)


def backgrounds(made):
    """Tile layers of a folium map."""
    return [one for one in made._children.values() if "tile_layer" in one.get_name()]


def test_a_map_to_explore_fetches_no_background_unless_one_is_asked_for(areas):
    placed = areas.set_crs(32631, allow_override=True)
    for made in (placed.explore(), placed.explore("point"), placed.explore(color="red")):
        assert not backgrounds(made)
        assert "openstreetmap" not in made.get_root().render()
    assert backgrounds(placed.explore(tiles="OpenStreetMap"))
    assert backgrounds(placed.explore("point", None, None, None, "OpenStreetMap"))


def test_the_legend_lies_beside_the_map_unless_it_is_put_elsewhere(areas):
    axes = areas.plot()
    axes.figure.canvas.draw()
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1
    inner = areas.plot(legend_kwds={"loc": "lower left"})
    inner.figure.canvas.draw()
    assert inner.get_legend().get_window_extent().x1 < inner.get_window_extent().x1


def test_many_limits_are_a_scale():
    many = isochrones(grid_network(), grid_places({"a": (0.0, 0.0)}), minutes=np.arange(1, 15) / 5)
    axes = many.plot()
    assert axes.get_legend() is None
    assert len(axes.figure.axes) == 2  # the scale has axes of its own
