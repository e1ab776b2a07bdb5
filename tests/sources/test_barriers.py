"""A supplied wall or closed ground cuts the segments it touches, and those only."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets_by_hand import street_table

from lifecircle.sources import ReadingLog
from lifecircle.sources.areas import study_area
from lifecircle.sources.barriers import close_barriers

PLACES = [(113.500 + 0.001 * i, 22.2) for i in range(4)]
STREETS = [(0, 1), (1, 2), (2, 3)]
WALL = gpd.GeoDataFrame(geometry=[shapely.LineString([(113.5015, 22.1), (113.5015, 22.3)]), None], crs=4326)


@pytest.fixture
def area():
    """The ground around the three streets."""
    boundary = gpd.GeoDataFrame(geometry=[shapely.box(113.49, 22.19, 113.52, 22.21)], crs=4326)
    return study_area(boundary, None, reach_m=500.0)


def ways_left(area, barriers, **fields):
    """Ways that a barrier leaves, and what the log says of it."""
    log = ReadingLog()
    left = close_barriers(street_table(PLACES, STREETS, **fields), barriers, area, log)
    remarks = log.quality().set_index("remark")["count"].to_dict()
    return left.way.tolist(), remarks


def test_a_wall_in_another_system_cuts_the_segment_it_crosses_and_no_other(area):
    assert ways_left(area, WALL.to_crs(3857)) == ([1, 3], {"closed-by-barriers": 1})


def test_a_street_inside_a_closed_ground_is_cut_and_one_beside_it_is_not(area):
    ground = gpd.GeoDataFrame(geometry=[shapely.box(113.4999, 22.19, 113.5005, 22.21)], crs=4326)
    assert ways_left(area, ground)[0] == [2, 3]


def test_a_bridge_gets_across(area):
    assert ways_left(area, WALL, bridge=np.array([False, True, False])) == ([1, 2, 3], {})
