"""Compiling ahead: a tiny town goes through every room once, so that the first real job need not wait."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

import shapely

from lifecircle.analysis.examples import example_study
from lifecircle.analysis.run import prepare, run
from lifecircle.analysis.streets import read_streets
from lifecircle.household_grids import household_grids
from lifecircle.network import (
    competing_catchments,
    isochrones,
    nearest_facilities,
    nearest_times,
    snap,
    travel_matrix,
)
from lifecircle.network.examples import grid_network, grid_places
from lifecircle.siting import propose_sites
from lifecircle.siting.solvers.warm_up import compile_kernels
from lifecircle.stages import Listener
from lifecircle.study import Study
from lifecircle.tables.validity import is_certainly_valid

__all__ = ["warm_up"]

_SQUARE: Final = """\
<osm version="0.6">
  <node id="1" lon="110.000" lat="0.000"/><node id="2" lon="110.001" lat="0.000"/>
  <node id="3" lon="110.001" lat="0.001"/><node id="4" lon="110.000" lat="0.001"/>
  <node id="5" lon="109.999" lat="0.000"/><node id="6" lon="110.002" lat="0.001"/>
  <node id="7" lon="109.999" lat="0.002"/><node id="8" lon="110.002" lat="0.002"/>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
    <tag k="highway" v="pedestrian"/><tag k="area" v="yes"/></way>
  <way id="2"><nd ref="5"/><nd ref="1"/><tag k="highway" v="residential"/></way>
  <way id="3"><nd ref="3"/><nd ref="6"/><tag k="highway" v="residential"/></way>
  <way id="4"><nd ref="7"/><nd ref="8"/><tag k="barrier" v="wall"/></way>
</osm>
"""
"""A square between two streets, beside a wall."""


def warm_up(tell: Listener | None = None) -> None:
    """Compile what routing, areas, verdicts and siting run on, and keep it for every later process.

    numba compiles a function when it is first called and keeps the machine code beside the package, or in the
    user's cache folder where the package's own folder cannot be written. A fresh installation has none yet.

    Parameters
    ----------
    tell
        Called at the start of every stage of the tiny study.

    Examples
    --------
    >>> import lifecircle as lc
    >>> lc.warm_up()
    """
    with tempfile.TemporaryDirectory() as folder:
        _warm_routing(Path(folder))
        _warm_study(Path(folder), tell)
    for capacitated in (False, True):
        compile_kernels(capacitated=capacitated)


def _warm_routing(folder: Path) -> None:
    """Streets with a square and a wall; nearest facilities, all pairs and areas on a grid; outlines."""
    (folder / "square.osm").write_text(_SQUARE, encoding="utf-8")
    read_streets(folder / "square.osm")
    streets = grid_network(5, 9, block_m=250.0)
    places = grid_places({"a": (0, 0), "b": (900, 800), "c": (2000, 1000)})
    shops = places.assign(service=["park", "park", "school"])
    nearest_times(streets, places, shops, max_minutes=15, speed_kmh=4)
    nearest_facilities(streets, places, shops, max_minutes=15, speed_kmh=4)
    travel_matrix(streets, places, shops, max_minutes=15, speed_kmh=4)
    isochrones(streets, places, minutes=[5, 10, 15], speed_kmh=4)
    is_certainly_valid(shapely.box(0, 0, 1, 1))
    competing_catchments(streets, snap(streets, places), ["a", "b", "c"], max_minutes=15)


def _warm_study(folder: Path, tell: Listener | None) -> None:
    """The main job with all areas, the route that explains a verdict, and sites for one service."""
    study = Study.from_file(example_study(folder / "study"))
    results = run(study, tell=tell)
    propose_sites(results, "pharmacy", 1)
    household_grids(study)
    prepare(study).explain((110.002, 0.003), "pharmacy")
