"""What a page is told of faults: of its input, of libraries, and of the program itself."""

from __future__ import annotations

import logging
from typing import Final

from lifecircle.errors import Fault, InputError
from lifecircle.libraries import fault_of_library
from lifecircle.messages import LANGUAGES, spoken_language
from lifecircle.program_faults import note_work, program_fault

__all__ = ["failure_told", "faults_told"]

_MOST: Final = 20
_STAGE: Final = "serve"
_LOG: Final = logging.getLogger("lifecircle")


def faults_told(error: InputError) -> list[dict[str, str]]:
    """Faults in every language."""
    return [{lang: fault.render(lang) for lang in LANGUAGES} for fault in error.faults[:_MOST]]


def failure_told(error: Exception, *, page: Fault | None = None) -> list[dict[str, str]]:
    """Whatever ended a piece of work, in every language; the terminal hears of all but faults of the input.

    Parameters
    ----------
    error
        What was raised.
    page
        What the page is told in place of a fault of the program, which only the terminal is told then.
    """
    if isinstance(error, InputError):
        return faults_told(error)
    fault = fault_of_library(error, stage=_STAGE)
    if fault is None:
        note_work(error, stage=_STAGE)
        fault = program_fault(error)
    else:
        page = None
    _LOG.error("%s", fault.render(spoken_language()))
    return faults_told(InputError(page or fault))
