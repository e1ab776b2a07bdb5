"""Under which settings of the sensitivity table a verdict would be the other one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lifecircle.assessment.context import Context
from lifecircle.assessment.judgement import Judgement
from lifecircle.assessment.rows import Case
from lifecircle.assessment.tally import Checklist, tally_checklist
from lifecircle.assessment.units import Selection
from lifecircle.assessment.variants import Circle, Variant
from lifecircle.assessment.verdicts import Share, share_status
from lifecircle.tables import Note

__all__ = ["statuses_under", "with_turns"]

_VERDICTS: Final = ("met", "short")


def with_turns(
    case: Case[Circle],
    selection: Selection,
    judgements: Mapping[str, Judgement],
    whole: Judgement,
    *,
    asked: Callable[[Context], Checklist],
    share: Share,
) -> tuple[dict[str, Judgement], Judgement]:
    """The verdicts on communities and on all of them, each with the settings under which it turns.

    Parameters
    ----------
    judgements
        By code, in the order of the selection.
    whole
        As `share_judgement` of them.
    asked
        What the circle asks for under the assumptions of a variant.
    share
        What is asked of the communities as a whole.
    """
    if case.variants is None or case.rule.is_report_only or not case.rule.our_thresholds:
        return dict(judgements), whole
    # Status under the study's own assumptions.
    own = np.array([one.status for one in judgements.values()], dtype=object)
    judged = np.isin(own, _VERDICTS)
    turning: list[list[Variant]] = [[] for _ in own]
    of_whole: list[Variant] = []
    settled: dict[str, Variant] = {}
    for variant in case.variants.of(case.rule):
        if variant.own:
            settled[variant.varied] = variant
            continue
        # A verdict turns where both are verdicts and differ; no data turns nothing.
        status = statuses_under(variant, selection, asked)
        turned = judged & np.isin(status, _VERDICTS) & (status != own)
        for place in np.flatnonzero(turned):
            turning[place].append(variant)
        # The verdict on all of them, from the same statuses.
        other = share_status(status, share)
        if whole.status in _VERDICTS and other in _VERDICTS and other != whole.status:
            of_whole.append(variant)
    told = {
        code: _told(one, variants, settled)
        for (code, one), variants in zip(judgements.items(), turning, strict=True)
    }
    return told, _told(whole, of_whole, settled, about="-whole")


def statuses_under(
    variant: Variant, selection: Selection, asked: Callable[[Context], Checklist]
) -> NDArray[np.object_]:
    """Status of every unit of a selection under a variant.

    Communities that the variant leaves without anybody are no-data under it.
    """
    rows = variant.ctx.communities.index.get_indexer(selection.codes)
    status = tally_checklist(variant.ctx, asked(variant.ctx)).status[rows]
    if variant.silent:
        status[[code in variant.silent for code in selection.codes]] = "no-data"
    # what made a unit unfit holds under every setting
    return np.where(selection.unfit == "", status, selection.unfit)


def _told(
    judgement: Judgement, turning: list[Variant], settled: Mapping[str, Variant], *, about: str = ""
) -> Judgement:
    """A verdict with its settings, and one sentence that names the first of them and what it is about."""
    if judgement.status not in _VERDICTS:
        return judgement
    verdict = judgement.status + about
    if not turning:
        return judgement.noted(Note(f"holds-{verdict}"))
    first = turning[0]
    own = settled.get(first.varied)
    values = {"own": own.words if own is not None else Note("set-as-is"), "other": first.words}
    said = "; ".join(variant.said for variant in turning)
    return replace(judgement, turns_at=said).noted(Note(f"turns-{verdict}", values))
