"""What a rule finds about one unit, before it becomes a row: status, figures, remarks, and its scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from lifecircle.assessment.units import Unit
from lifecircle.tables import Note

__all__ = ["UNKNOWN", "Judgement", "Scale", "as_context", "not_judged", "reported", "without_people"]

UNKNOWN: Final = math.nan


@dataclass(frozen=True)
class Judgement:
    """What a rule finds about one unit, before it becomes a row.

    Attributes
    ----------
    provisional
        It is a failure that better data might undo.
    contribution
        What bringing the unit to the target would add to the whole, in the whole's unit: of a unit that is
        only part of what the plan judges.
    turns_at
        Settings of the sensitivity table under which the verdict would be the other one.
    """

    status: str
    value: float = UNKNOWN
    deficit: float = UNKNOWN
    population: float = UNKNOWN
    population_short: float = UNKNOWN
    provisional: bool = False
    notes: tuple[Note, ...] = ()
    contribution: float = UNKNOWN
    turns_at: str = ""

    def noted(self, *notes: Note) -> Judgement:
        """The same with further notes."""
        return replace(self, notes=(*self.notes, *notes)) if notes else self


@dataclass(frozen=True)
class Scale:
    """What a value is measured in and against.

    Attributes
    ----------
    value_unit, deficit_unit
        Units of value and target, and of the deficit.
    comparator, target
        The test; ``none`` and NaN where there is none.
    baseline
        Where the plan started, in `value_unit`; NaN where it does not say.
    criterion
        The test in words where its threshold is ours: `comparator` and `target` are then none.
    """

    value_unit: str
    comparator: str
    target: float
    deficit_unit: str
    baseline: float = UNKNOWN
    criterion: str = ""


def reported(judgement: Judgement) -> Judgement:
    """What was measured, without a verdict; unknowns stay unknown."""
    if judgement.status not in {"met", "short"}:
        return judgement
    return Judgement("report-only", judgement.value, population=judgement.population, notes=judgement.notes)


def as_context(judgement: Judgement) -> Judgement:
    """A unit's figure under a rule that is judged as a whole: no verdict, no deficit, nobody short."""
    if judgement.status not in {"met", "short"}:
        return judgement
    return Judgement(
        "context",
        judgement.value,
        population=judgement.population,
        notes=judgement.notes,
        contribution=judgement.contribution,
    )


def without_people(judgement: Judgement, scale: Scale) -> Judgement:
    """The same where nobody knows how many people there are: shares stand, counts of people do not.

    Shares are then shares of the floor area or street length that stand in for people.
    """
    of_people, note = not math.isnan(judgement.population_short), Note("people-unknown")
    return replace(
        judgement,
        deficit=UNKNOWN if scale.deficit_unit == "persons" else judgement.deficit,
        population=UNKNOWN,
        population_short=UNKNOWN,
        notes=(*judgement.notes, note) if of_people and note not in judgement.notes else judgement.notes,
    )


def not_judged(unit: Unit) -> Judgement:
    """A unit that was found unfit to be judged when the units were chosen."""
    return Judgement(unit.status, population=unit.population, notes=unit.notes)
