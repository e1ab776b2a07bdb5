"""Judges a study by its plans: rules and figures in, findings out.

``assess`` walks the plans; each kind of rule is one function in a module of its own (`judge.KINDS`).
"""

from lifecircle.assessment.circle_units import LIFE_CIRCLE
from lifecircle.assessment.context import Context
from lifecircle.assessment.effects import changed_findings, turned, who_gains
from lifecircle.assessment.figures import catchments, community_figures, community_tiers, gaps
from lifecircle.assessment.judge import KINDS, Judgements, assess
from lifecircle.assessment.needs import NeededTravel, needed_travel, services_judged
from lifecircle.assessment.scorecards import priorities, scorecard
from lifecircle.assessment.sensitivity import sensitivity
from lifecircle.assessment.summary import headlines, summarise

__all__ = [
    "KINDS",
    "LIFE_CIRCLE",
    "Context",
    "Judgements",
    "NeededTravel",
    "assess",
    "catchments",
    "changed_findings",
    "community_figures",
    "community_tiers",
    "gaps",
    "headlines",
    "needed_travel",
    "priorities",
    "scorecard",
    "sensitivity",
    "services_judged",
    "summarise",
    "turned",
    "who_gains",
]
