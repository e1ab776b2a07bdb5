"""Streets that some people cannot use."""

import numpy as np
from streets_by_hand import street_table

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
