"""Judges a study by its plans: rules and figures in, findings out.

``assess`` walks the plans; each kind of rule is one function in a module of its own (`judge.KINDS`).
"""

from lifecircle.assessment.figures import catchments, community_figures, community_tiers, gaps
from lifecircle.assessment.judge import KINDS, assess
from lifecircle.assessment.needs import NeededTravel, needed_travel
from lifecircle.assessment.scorecards import priorities, scorecard
from lifecircle.assessment.sensitivity import sensitivity

__all__ = [
    "KINDS",
    "NeededTravel",
    "assess",
    "catchments",
    "community_figures",
    "community_tiers",
    "gaps",
    "needed_travel",
    "priorities",
    "scorecard",
    "sensitivity",
]
