"""The study as a whole: what share of a rule's units pass, judged by the interval rule."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lifecircle.assessment.judgement import UNKNOWN, Judgement, Scale, reported
from lifecircle.assessment.rows import Case, Row, finding, study_place
from lifecircle.assessment.units import Selection
from lifecircle.measures import share_of_areas
from lifecircle.plans import Rule
from lifecircle.tables import Note

__all__ = [
    "Share",
    "deficit_unit_of",
    "nothing_to_judge",
    "share_judgement",
    "share_row",
    "share_status",
    "with_contributions",
]


@dataclass(frozen=True)
class Share:
    """What the plan asks of a share of units: percent, comparator, and where it started.

    Attributes
    ----------
    target
        Percent that must pass; None where the plan names no share, so that it is only reported.
    """

    target: float | None
    comparator: str = ">="
    baseline: float = UNKNOWN

    @classmethod
    def of_rule(cls, rule: Rule, *, default: float | None = None) -> Share:
        """The share a rule names, or a default where its words leave no other."""
        baseline = UNKNOWN if rule.share_baseline_pct is None else rule.share_baseline_pct
        if rule.share_target_pct is None:
            hedged = rule.share_comparator == "none"
            return cls(None if hedged else default, baseline=baseline)
        return cls(rule.share_target_pct, rule.share_comparator or ">=", baseline)

    def scale(self, deficit_unit: str) -> Scale:
        """Percent against the target, where there is one."""
        if self.target is None:
            return Scale("%", "none", UNKNOWN, deficit_unit, self.baseline)
        return Scale("%", self.comparator, self.target, deficit_unit, self.baseline)

    @property
    def strict(self) -> bool:
        """More than the share, not merely the share."""
        return self.comparator == ">"


def share_judgement(judgements: Sequence[Judgement], share: Share) -> Judgement:
    """Judge a share of units.

    A failure is provisional where it would not stand if every provisional failure were undone. The
    deficit is the number of units that must still pass, those without data counted as passing.

    Parameters
    ----------
    judgements
        One per unit; those that are not applicable do not count.
    share
        What is asked.
    """
    # The share of units that pass, as an interval over those without data.
    counted = [one for one in judgements if one.status != "not-applicable"]
    asked = 100.0 if share.target is None else share.target
    verdict = share_of_areas([one.status for one in counted], asked / 100.0, strict=share.strict)
    # Provisional: with every provisional failure undone enough units would pass.
    open_failures = sum(one.provisional for one in counted if one.status == "short")
    value = 100.0 * verdict.low if verdict.status in {"met", "short"} else UNKNOWN
    provisional = verdict.passing + verdict.unknown + open_failures >= verdict.needed
    notes: tuple[Note, ...] = ()
    if provisional and verdict.status == "short":
        # A ledger that lost rows is mended by whoever keeps it: the whole says so as its units do.
        torn = (note for one in counted if one.status == "short" for note in one.notes)
        notes = tuple(dict.fromkeys(note for note in torn if note.key == "ledger-lost-rows"))
    if verdict.areas and verdict.unknown == verdict.areas:
        notes += (Note("share-unknown", {"areas": verdict.areas}),)
    elif verdict.unknown:
        values = {
            "low": verdict.low,
            "high": verdict.high,
            "unknown": verdict.unknown,
            "areas": verdict.areas,
        }
        notes += (Note("share-interval", values),)
    if not verdict.areas:
        notes = (Note("no-unit-to-judge"),)
    judgement = Judgement(
        status=verdict.status,
        value=value,
        deficit=float(verdict.missing) if verdict.status == "short" else UNKNOWN,
        population=_total(one.population for one in counted),
        population_short=_total(
            one.population_short for one in counted if not math.isnan(one.population_short)
        ),
        provisional=provisional,
        notes=notes,
    )
    if share.target is None:
        return _reported_share(
            judgement, value_known=verdict.unknown == 0 and verdict.areas > 0, low=verdict.low
        )
    return judgement


def share_status(statuses: NDArray[np.object_], share: Share) -> str:
    """How a share of units stands by their statuses alone: the status of `share_judgement`."""
    # as `share_judgement`, without people and remarks: fast enough for every variant
    counted = statuses[statuses != "not-applicable"]
    asked = 100.0 if share.target is None else share.target
    return share_of_areas(counted.tolist(), asked / 100.0, strict=share.strict).status


def with_contributions(judgements: Mapping[str, Judgement], whole: Judgement) -> dict[str, Judgement]:
    """The units of a share that is short, each that misses with what it would add to the share if it passed.

    Parameters
    ----------
    judgements
        By code of the unit.
    whole
        As `share_judgement` of them.
    """
    counted = sum(one.status != "not-applicable" for one in judgements.values())
    if whole.status != "short" or not counted:
        return dict(judgements)
    # percent of the share that one unit is
    step = 100.0 / counted
    return {
        code: replace(one, contribution=step if one.status == "short" else 0.0)
        if one.status in {"met", "short"}
        else one
        for code, one in judgements.items()
    }


def share_row(
    case: Case[Rule],
    judgements: Sequence[Judgement],
    share: Share,
    *,
    service: str,
    deficit_unit: str,
) -> Row:
    """The verdict on a share of units as a row of the study's own level."""
    return finding(
        case,
        share_judgement(judgements, share),
        study_place(case),
        share.scale(deficit_unit),
        service,
        whole=True,
    )


def nothing_to_judge(case: Case[Rule], selection: Selection, *, service: str = "") -> Row:
    """One row that says why a rule finds no unit at all."""
    rule = case.rule
    target = rule.target if isinstance(rule.target, float) else UNKNOWN
    return finding(
        case,
        Judgement(selection.status, notes=selection.notes),
        study_place(case),
        Scale(rule.unit, rule.comparator, target, ""),
        service,
        whole=True,
    )


def deficit_unit_of(levels: Iterable[str]) -> str:
    """What a number of units of these levels is counted in."""
    return {frozenset({"community"}): "communities", frozenset({"village"}): "villages"}.get(
        frozenset(levels), "units"
    )


def _reported_share(judgement: Judgement, *, value_known: bool, low: float) -> Judgement:
    """A share the plan sets no target for: reported where every unit could be judged."""
    people, note = judgement.population_short, Note("no-share-stated")
    status = judgement.status if judgement.status == "not-applicable" or not value_known else "met"
    if status == "met":
        shown = reported(
            Judgement("met", 100.0 * low, population=judgement.population, notes=judgement.notes)
        )
        return replace(
            shown,
            population_short=people,
            provisional=judgement.provisional and low < 1.0,
            notes=(*shown.notes, note),
        )
    status = "not-applicable" if status == "not-applicable" else "no-data"
    return Judgement(status, UNKNOWN, UNKNOWN, judgement.population, people, notes=(*judgement.notes, note))


def _total(values: Iterable[float]) -> float:
    """Sum of what is known; unknown if nothing is."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) if known else UNKNOWN
