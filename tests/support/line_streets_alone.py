"""Streets of an extract as lines and nothing else, for proofs by a script that knows only lines."""

from dataclasses import replace

import numpy as np

from lifecircle.network import build_network
from lifecircle.sources import read_streets


def lines_alone(path):
    """The walking network without areas, gates, directions of escalators, barriers and rules of joining.

    tests/golden/build_golden.py sees a city so; what it leaves out is proved in tests/sources/streets and
    tests/network/test_snapping.py.
    """
    table = read_streets(path, gates="open")
    lines = table.keep(np.array([*table.highways, ""])[table.highway] != "area")
    everywhere = np.ones(len(lines), bool)
    return build_network(
        replace(
            lines,
            forward=everywhere,
            backward=everywhere,
            joinable=everywhere.astype(np.uint8),
            barriers=np.empty((0, 4)),
            barrier_body=np.empty(0, np.int32),
        )
    )
