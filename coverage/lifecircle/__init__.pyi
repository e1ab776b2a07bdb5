# The public names, each with the module it comes from; lazy_loader reads this file.
from .analysis.results import Run as Run
from .analysis.run import check as check
from .analysis.run import prepare as prepare
from .analysis.run import run as run
from .analysis.session import Assessed as Assessed
from .analysis.session import Session as Session
from .analysis.streets import read_streets as read_streets
from .errors import InputError as InputError
from .errors import LifecircleError as LifecircleError
from .measures import floating_catchment as floating_catchment
from .network import Network as Network
from .network import isochrones as isochrones
from .network import nearest_facilities as nearest_facilities
from .network import nearest_times as nearest_times
from .network import snap as snap
from .network import travel_matrix as travel_matrix
from .plans import load_plan as load_plan
from .plans import packaged_plans as packaged_plans
from .plans import plan as plan
from .siting import capacity_catchments as capacity_catchments
from .siting import propose_sites as propose_sites
from .siting.locate import locate as locate
from .study import Assumptions as Assumptions
from .study import Study as Study
from .study.quick import quick_study as quick_study
from .tables import Scenario as Scenario

__version__: str
