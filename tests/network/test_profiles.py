"""Streets that some people cannot use."""

import numpy as np
from streets_by_hand import street_table

from lifecircle.network.profiles import PROFILES, Profile, passable
from lifecircle.network.slope import slopes

PLACES = [(113.500 + 0.001 * i, 22.2) for i in range(4)]
STREETS = [(0, 1), (1, 2), (2, 3)]


def test_a_wheelchair_uses_no_steps():
    streets = street_table(PLACES, STREETS, steps=np.array([False, True, False]))
    assert PROFILES["elderly"].walks_everywhere
    assert passable(streets, PROFILES["elderly"]).all()
    assert passable(streets, PROFILES["wheelchair"]).tolist() == [True, False, True]


def test_a_wheelchair_uses_no_street_signed_as_closed_to_it_and_none_steeper_than_one_in_twelve():
    streets = street_table(PLACES, STREETS, no_wheels=np.array([False, False, True]))
    # segments of 103 m: 8.2 m are 8 %, 9.2 m are 9 %
    climb = slopes(streets, np.array([0.0, 8.2, 17.4, 17.4]))
    assert passable(streets, PROFILES["wheelchair"], climb).tolist() == [True, False, False]
    assert passable(streets, Profile(3.0, no_steps=True), climb).all()


def test_streets_too_steep_are_closed_up_and_down_and_unknown_ones_stay_open():
    streets = street_table(PLACES, STREETS)
    climb = slopes(streets, np.array([0.0, 12.0, 0.0, np.nan]))
    assert passable(streets, Profile(3.0, max_slope=0.08), climb).tolist() == [False, False, True]
    assert passable(streets, Profile(3.0, max_slope=0.2), climb).all()
