"""The services that a study and its plans define, beside those of the catalogue."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lifecircle.plans.loader import services_defined
from lifecircle.services import OwnService, own_services
from lifecircle.study import Study

__all__ = ["services_of"]


def services_of(study: Study) -> AbstractContextManager[None]:
    """The catalogue with the services that the study and its plans define, for the length of a ``with``."""
    own = [OwnService(**one.model_dump()) for one in study.services]
    of_plans = services_defined(study.memory.get(name, name) for name in study.study.plans)
    return own_services((*own, *of_plans))
