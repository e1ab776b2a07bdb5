"""Time lost at an entrance is the same however fast people walk."""

import numpy as np
import pytest

from lifecircle.network import explain, nearest_facilities, nearest_times, travel_matrix
from lifecircle.network.examples import grid_network, grid_places


@pytest.mark.parametrize("speed_kmh", [None, 2.0, 4.0, 6.0])
def test_an_entrances_delay_does_not_grow_for_those_who_walk_slowly(speed_kmh):
    homes = grid_places({"a": (0.0, 0.0)})
    clinics = grid_places({"near": (200.0, 0.0), "far": (300.0, 0.0)}, service="clinic")
    clinics["delay_s"] = [120.0, 0.0]
    walked = 0.06 / (speed_kmh or 4.0)  # minutes of a metre
    minutes = {"near": 200 * walked + 2, "far": 300 * walked}
    first = min(minutes, key=minutes.get)
    streets = grid_network()
    assert nearest_times(streets, homes, clinics, speed_kmh=speed_kmh).to_numpy() == pytest.approx(
        minutes[first], abs=1e-3
    )
    row = nearest_facilities(streets, homes, clinics, speed_kmh=speed_kmh).iloc[0]
    assert (row["facility"], row["distance_m"]) == (first, {"near": 200.0, "far": 300.0}[first])
    path = explain(streets, homes, clinics, service="clinic", speed_kmh=speed_kmh)
    assert (path.facility, path.minutes) == (first, pytest.approx(minutes[first], abs=1e-3))
    matrix = travel_matrix(streets, homes, clinics, speed_kmh=speed_kmh).set_index("facility")["minutes"]
    assert matrix.to_dict() == pytest.approx(minutes, abs=1e-3)
    too_short = nearest_times(streets, homes, clinics, 0.9 * minutes[first], speed_kmh)
    assert np.isinf(too_short.to_numpy()).all()
