"""Streets that some people cannot use, and streets that nobody gets along any more."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets_by_hand import street_table

from lifecircle.errors import NetworkError
from lifecircle.network.barriers import cut_by_barriers
from lifecircle.network.profiles import PROFILES, streets_for

PLACES = [(113.500 + 0.001 * i, 22.2) for i in range(4)]
STREETS = [(0, 1), (1, 2), (2, 3)]


def test_a_wheelchair_uses_no_steps_and_they_are_counted():
    streets = street_table(PLACES, STREETS, steps=np.array([False, True, False]))
    assert streets_for(streets, PROFILES["adult"]) is streets
    rolled = streets_for(streets, PROFILES["wheelchair"])
    assert rolled.way.tolist() == [1, 3]
    assert rolled.counts == {"profile-steps": 1}
    assert streets.way.tolist() == [1, 2, 3]


def test_a_wall_cuts_the_segment_it_crosses_and_no_other():
    wall = gpd.GeoSeries([shapely.LineString([(113.5015, 22.1), (113.5015, 22.3)]), None], crs=4326)
    cut = cut_by_barriers(street_table(PLACES, STREETS), wall.to_crs(3857))
    assert cut.way.tolist() == [1, 3]
    assert cut.counts == {"barrier-segments": 1}


def test_a_street_inside_a_closed_ground_is_cut_and_one_beside_it_is_not():
    ground = gpd.GeoSeries([shapely.box(113.4999, 22.19, 113.5005, 22.21)], crs=4326)
    assert cut_by_barriers(street_table(PLACES, STREETS), ground).way.tolist() == [2, 3]


def test_a_bridge_gets_across_unless_told_otherwise():
    streets = street_table(PLACES, STREETS, bridge=np.array([False, True, False]))
    river = gpd.GeoSeries([shapely.LineString([(113.5015, 22.1), (113.5015, 22.3)])], crs=4326)
    assert cut_by_barriers(streets, river).way.tolist() == [1, 2, 3]
    assert cut_by_barriers(streets, river, bridges_cross=False).way.tolist() == [1, 3]


def test_barriers_of_no_known_system_are_refused():
    with pytest.raises(NetworkError, match="coordinate system"):
        cut_by_barriers(street_table(PLACES, STREETS), gpd.GeoSeries([shapely.Point(0, 0)]))
