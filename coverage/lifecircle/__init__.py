"""Who can walk to what, which community falls short of its plan, by how much, and where to build next.

>>> import lifecircle as lc
>>> streets = lc.read_streets("city.osm.pbf", mode="walk")
>>> wide = lc.nearest_times(streets, origins, facilities, max_minutes=15, speed_kmh=4)
>>> result = lc.run(lc.Study.from_file("study.toml"))
>>> result.write("data/processed/mine")

Names are imported when first used, so that ``import lifecircle`` and ``lifecircle --help`` are quick.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lifecircle.analysis.results import Run
    from lifecircle.analysis.run import check, prepare, run
    from lifecircle.analysis.session import Assessed, Session
    from lifecircle.analysis.streets import read_streets
    from lifecircle.errors import InputError, LifecircleError
    from lifecircle.measures import floating_catchment
    from lifecircle.network import Network, isochrones, nearest_facilities, nearest_times, snap, travel_matrix
    from lifecircle.plans import load_plan, packaged_plans, plan
    from lifecircle.siting import capacity_catchments, propose_sites
    from lifecircle.siting.locate import locate
    from lifecircle.study import Assumptions, Study
    from lifecircle.tables import Scenario

__version__ = version("lifecircle")

__all__ = [
    "Assessed",
    "Assumptions",
    "InputError",
    "LifecircleError",
    "Network",
    "Run",
    "Scenario",
    "Session",
    "Study",
    "__version__",
    "capacity_catchments",
    "check",
    "floating_catchment",
    "isochrones",
    "load_plan",
    "locate",
    "nearest_facilities",
    "nearest_times",
    "packaged_plans",
    "plan",
    "prepare",
    "propose_sites",
    "read_streets",
    "run",
    "snap",
    "travel_matrix",
]

_HOME = {
    "Assessed": "analysis.session",
    "Assumptions": "study",
    "InputError": "errors",
    "LifecircleError": "errors",
    "Network": "network",
    "Run": "analysis.results",
    "Scenario": "tables",
    "Session": "analysis.session",
    "Study": "study",
    "capacity_catchments": "siting",
    "check": "analysis.run",
    "floating_catchment": "measures",
    "isochrones": "network",
    "load_plan": "plans",
    "locate": "siting.locate",
    "nearest_facilities": "network",
    "nearest_times": "network",
    "packaged_plans": "plans",
    "plan": "plans",
    "prepare": "analysis.run",
    "propose_sites": "siting",
    "read_streets": "analysis.streets",
    "run": "analysis.run",
    "snap": "network",
    "travel_matrix": "network",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lifecircle' has no attribute {name!r}")
    return getattr(import_module(f"lifecircle.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
