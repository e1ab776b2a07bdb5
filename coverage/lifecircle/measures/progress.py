"""Progress of a target: how far from baseline to target, and how far a straight line would be by a day."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from lifecircle.measures.rounding import at_least

__all__ = ["Progress", "expected_value", "progress_of", "progress_share"]


@dataclass(frozen=True)
class Progress:
    """Where a target stands.

    Attributes
    ----------
    share
        Of the way from baseline to target, not below 0; NaN where the target is not above the baseline.
    expected
        Value on the straight line from baseline to target on the day judged; NaN where there is none.
    pace
        ``reached``; ``on-track`` or ``behind`` the straight line; ``overdue`` where the deadline has
        passed without it; ``unknown`` where a figure that is needed is.

    Examples
    --------
    >>> Progress(share=0.25, expected=70.0, pace="behind").pace
    'behind'
    """

    share: float
    expected: float
    pace: str


def progress_share(value: float, baseline: float, target: float) -> float:
    """Share of the way from baseline to target, not below 0; NaN where the target is not above it.

    Parameters
    ----------
    value, baseline, target
        Figures in one unit; NaN where unknown.

    Examples
    --------
    >>> progress_share(60, 50, 90)
    0.25
    """
    # a target that is not above its baseline has no way to go
    if math.isnan(value) or math.isnan(baseline) or math.isnan(target) or target <= baseline:
        return math.nan
    return max(0.0, (value - baseline) / (target - baseline))


def expected_value(
    baseline: float, target: float, *, baseline_year: int, target_year: int, as_of: dt.date
) -> float:
    """Value on the straight line between the ends of two years.

    Parameters
    ----------
    baseline, target
        Figures at the ends of their years; NaN where unknown.
    baseline_year, target_year
        The years at whose ends the line begins and ends.
    as_of
        The day asked for; before the line it is the baseline, beyond it the target.

    Returns
    -------
    float
        NaN where a figure is unknown, or where the deadline does not lie after the baseline.

    Examples
    --------
    >>> import datetime as dt
    >>> expected_value(50, 90, baseline_year=2020, target_year=2024, as_of=dt.date(2024, 12, 31))
    90.0
    """
    if math.isnan(baseline) or math.isnan(target) or target_year <= baseline_year:
        return math.nan
    # straight in days between the ends of both years, flat before and after
    start, end = dt.date(baseline_year, 12, 31), dt.date(target_year, 12, 31)
    along = (as_of - start).days / (end - start).days
    return baseline + (target - baseline) * min(1.0, max(0.0, along))


def progress_of(
    value: float,
    baseline: float,
    target: float,
    *,
    baseline_year: int | None,
    target_year: int | None,
    as_of: dt.date,
    issued: dt.date | None = None,
) -> Progress:
    """Judge the pace of a target whose larger values are better.

    Parameters
    ----------
    value
        What was measured; NaN where unknown.
    baseline, target
        NaN where the plan does not say.
    baseline_year, target_year
        Ends of these years are meant; None where the plan does not say.
    as_of
        The day of judgement.
    issued
        The plan's date of issue: a deadline that lies before it is judged as of that day at the earliest,
        since nobody was bound by it sooner.

    Examples
    --------
    >>> import datetime as dt
    >>> now = progress_of(60, 50, 90, baseline_year=2020, target_year=2024, as_of=dt.date(2022, 12, 31))
    >>> now.share, round(now.expected), now.pace
    (0.25, 70, 'behind')
    """
    share = progress_share(value, baseline, target)
    # the line needs both years, and a target above its baseline
    expected = math.nan
    if baseline_year is not None and target_year is not None and target > baseline:
        expected = expected_value(
            baseline, target, baseline_year=baseline_year, target_year=target_year, as_of=as_of
        )
    # the order decides: reached beats overdue, overdue beats the straight line
    if math.isnan(value) or math.isnan(target):
        return Progress(share, expected, "unknown")
    if at_least(value, target):
        return Progress(share, expected, "reached")
    if target_year is not None and as_of > _due(target_year, issued):
        return Progress(share, expected, "overdue")
    if math.isnan(expected):
        return Progress(share, expected, "unknown")
    return Progress(share, expected, "on-track" if at_least(value, expected) else "behind")


def _due(target_year: int, issued: dt.date | None) -> dt.date:
    """The day a target is due: the end of its year, or the day of issue where that is later."""
    end = dt.date(target_year, 12, 31)
    return end if issued is None else max(end, issued)
