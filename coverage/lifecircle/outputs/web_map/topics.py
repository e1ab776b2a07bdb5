"""What a rule is about, in the words a planner looks for it by: fitness, health, elderly care and so on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["TOPICS", "topic_of"]

TOPICS: Final = (
    "fitness",
    "health",
    "elderly",
    "childcare",
    "commerce",
    "party",
    "facilities",
    "safety",
    "culture",
    "staff",
    "environment",
    "other",
)
"""In the order of the page."""

_OF_SERVICE: Final[Mapping[str, tuple[str, ...]]] = {
    "fitness": ("sports", "fitness", "farmer-fitness"),
    "health": ("health-station", "health-centre", "clinic", "pharmacy", "hospital"),
    "elderly": ("elderly", "home-care", "nursing"),
    "childcare": ("childcare", "child", "children", "youth", "kindergarten"),
    "party": ("party", "committee"),
    "safety": ("police", "shelter", "mediation", "legal", "fire"),
    "culture": ("culture", "cultural", "library", "reading", "museum"),
    "facilities": ("community-service", "self-service", "social-work", "volunteer"),
    "environment": ("recycling", "sewage", "park", "toilet"),
    "commerce": ("market", "store", "shop", "convenience", "laundry", "repair", "express", "restaurant"),
}
"""Beginnings or parts of the ids of services, the first topic that fits."""

_OF_RULE: Final[Mapping[str, tuple[str, ...]]] = {
    "fitness": ("fitness", "sport", "exercise"),
    "health": ("health", "clinic", "doctor", "-gp-", "psych", "public-health"),
    "elderly": ("elderly", "home-care", "aged", "yuezhizhu", "kangyuan", "disability"),
    "childcare": ("childcare", "child", "children", "youth"),
    "commerce": ("convenience", "commercial", "life-service", "errands", "employment"),
    "party": ("party", "secretary", "cadre", "leader", "committee-office"),
    "safety": (
        "police",
        "safety",
        "security",
        "disaster",
        "shelter",
        "legal",
        "law",
        "mediat",
        "grid",
        "estates",
    ),
    "culture": ("cultur", "library", "reading"),
    "environment": ("recycl", "sewage", "waste", "toilet", "beautiful"),
    "staff": ("worker", "staff", "graduate", "social-org", "volunteer", "training", "trained"),
    "facilities": (
        "facility",
        "facilities",
        "self-service",
        "centre",
        "station",
        "platform",
        "area-",
        "service",
        "agency",
        "office",
        "online",
    ),
}
"""Parts of the ids of rules that name no service."""

_SEVERAL: Final = 3
"""A rule over more services than this is about none of them alone."""


def topic_of(rule: str, services: Iterable[str]) -> str:
    """The topic of a rule, by the one service that it is about, else by its id.

    Examples
    --------
    >>> topic_of("hainan-fitness-circle-15min", ["sports-ground"])
    'fitness'
    >>> topic_of("own-rule", [])
    'other'
    """
    about = list(services)
    named = (_first(_OF_SERVICE, service) for service in about[: 1 if len(about) < _SEVERAL else 0])
    return next((topic for topic in named if topic), None) or _first(_OF_RULE, rule) or "other"


def _first(table: Mapping[str, tuple[str, ...]], name: str) -> str:
    """The first topic one of whose words is in a name; blank for none."""
    return next((topic for topic, words in table.items() if any(word in name for word in words)), "")
