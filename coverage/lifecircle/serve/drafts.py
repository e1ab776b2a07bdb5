"""A scenario being worked on: its edits in order, undo and redo, and what was refused of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lifecircle.serve.edits import Edit, edited
from lifecircle.study.scenarios import ScenarioChange

__all__ = ["Draft"]

_MOST_STEPS = 1000
"""Steps that can be undone; older ones stay done."""


@dataclass(frozen=True)
class _Step:
    """An edit and the scenario after it."""

    edit: Edit
    after: ScenarioChange


class Draft:
    """A scenario and the way it came about.

    Attributes
    ----------
    version : grows with every change; an answer for an older one is out of date
    """

    def __init__(self, start: ScenarioChange, *, taken: Collection[str]) -> None:
        self._start = start
        self._taken = taken
        self._steps: list[_Step] = []
        self._at = 0
        self.version = 0

    @property
    def change(self) -> ScenarioChange:
        """The scenario as it stands."""
        return self._steps[self._at - 1].after if self._at else self._start

    @property
    def name(self) -> str:
        """Its name."""
        return self.change.name

    @property
    def last_edit(self) -> Edit | None:
        """The edit that led to it; None at the start."""
        return self._steps[self._at - 1].edit if self._at else None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self._at < len(self._steps)

    def apply(self, edit: Edit) -> None:
        """Make an edit; what was undone before it cannot be redone any more.

        Raises
        ------
        InputError
            As `edited` raises it; the scenario stays as it is.
        """
        after = edited(self.change, edit, taken=self._taken)
        self._steps = [*self._steps[: self._at], _Step(edit, after)]
        if len(self._steps) > _MOST_STEPS:
            self._start = self._steps[0].after
            self._steps = self._steps[1:]
        self._at = len(self._steps)
        self.version += 1

    def undo(self) -> bool:
        """Take the last step back; False where there is none."""
        if not self.can_undo:
            return False
        self._at -= 1
        self.version += 1
        return True

    def redo(self) -> bool:
        """Do again what was taken back last; False where there is nothing."""
        if not self.can_redo:
            return False
        self._at += 1
        self.version += 1
        return True

    def rename(self, name: str) -> None:
        """Another name for the scenario at every step."""
        self._start = self._start.model_copy(update={"name": name})
        self._steps = [_Step(step.edit, step.after.model_copy(update={"name": name})) for step in self._steps]
        self.version += 1

    def trail(self) -> list[tuple[int, ScenarioChange]]:
        """The scenarios that led to this one, the latest last, each with the number of its step."""
        return [(at, step.after) for at, step in enumerate(self._steps[: self._at])]

    def drop(self, at: int) -> None:
        """Forget one step that cannot be, and make the later ones without it; they keep what they did."""
        later = [step.edit for number, step in enumerate(self._steps[: self._at]) if number > at]
        self._at = at
        self._steps = self._steps[:at]
        for edit in later:
            after = edited(self.change, edit, taken=self._taken)
            self._steps.append(_Step(edit, after))
            self._at = len(self._steps)
        self.version += 1
