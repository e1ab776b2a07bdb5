"""The backdrop of streets: lines joined end to end, very long ones drawn in pieces."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hard_shapes import zigzag

from lifecircle.outputs.web_map.streets import merged_lines
from lifecircle.sources.streets.lines import line_streets
from lifecircle.tables import local_crs
from lifecircle.tables.shapes import MANY_VERTICES


def test_what_is_simplified_at_once_is_bounded_and_all_of_a_long_street_is_drawn(monkeypatch):
    sizes, own = [], shapely.simplify

    def counted(lines, tolerance):
        sizes.extend(shapely.get_num_coordinates(lines).tolist())
        return own(lines, tolerance)

    monkeypatch.setattr(shapely, "simplify", counted)
    street = shapely.LineString(shapely.get_coordinates(zigzag(2 * MANY_VERTICES))[:-2])
    streets = line_streets(gpd.GeoDataFrame(geometry=[street], crs=local_crs(114.5, 38.0)))
    lines = merged_lines(streets, np.arange(len(streets)))
    assert max(sizes) == MANY_VERTICES + 1
    drawn = shapely.line_merge(shapely.multilinestrings(lines))
    assert shapely.get_num_geometries(drawn) == 1
    exact = shapely.linestrings(
        streets.lon[[*streets.u, streets.v[-1]]], streets.lat[[*streets.u, streets.v[-1]]]
    )
    assert shapely.length(drawn) == pytest.approx(shapely.length(exact), rel=0.1)
