"""Judges a study by its plans: rules and figures in, findings out.

``assess`` walks the plans; each kind of rule is one function in a module of its own (`judge.KINDS`).
"""

from lifecircle.assessment.circle_units import LIFE_CIRCLE
from lifecircle.assessment.circles import cutoff_of
from lifecircle.assessment.context import Context
from lifecircle.assessment.context_cache import Cutoff
from lifecircle.assessment.effects import (
    VerdictChanges,
    changed_findings,
    circle_of_service,
    cutoff_minutes,
    who_gains,
)
from lifecircle.assessment.figures import catchments, community_figures, community_tiers, gaps
from lifecircle.assessment.headlines import headlines
from lifecircle.assessment.judge import KINDS, Judgements, assess
from lifecircle.assessment.monitoring import (
    circle_sheet,
    complete_communities,
    monitoring_table,
)
from lifecircle.assessment.needs import NeededTravel, limited_in_metres, needed_travel, services_judged
from lifecircle.assessment.problems import problem_ledger
from lifecircle.assessment.rule_verdicts import widest_verdict
from lifecircle.assessment.scorecards import priorities, scorecard
from lifecircle.assessment.sensitivity import sensitivity
from lifecircle.assessment.summary import CountedFindings, summarise, summarise_effects
from lifecircle.assessment.variants import paces_kmh

__all__ = [
    "KINDS",
    "LIFE_CIRCLE",
    "Context",
    "CountedFindings",
    "Cutoff",
    "Judgements",
    "NeededTravel",
    "VerdictChanges",
    "assess",
    "catchments",
    "changed_findings",
    "circle_of_service",
    "circle_sheet",
    "community_figures",
    "community_tiers",
    "complete_communities",
    "cutoff_minutes",
    "cutoff_of",
    "gaps",
    "headlines",
    "limited_in_metres",
    "monitoring_table",
    "needed_travel",
    "paces_kmh",
    "priorities",
    "problem_ledger",
    "scorecard",
    "sensitivity",
    "services_judged",
    "summarise",
    "summarise_effects",
    "who_gains",
    "widest_verdict",
]
