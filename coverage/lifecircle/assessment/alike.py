"""Targets that are one: what several provisions ask of the same units is told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from lifecircle.tables import WIDE_LEVELS, is_circle, verdict_rows

__all__ = ["RuleKey", "asked_alike"]

RuleKey: TypeAlias = tuple[str, str]
"""A plan and a provision of it."""


def asked_alike(
    rows: Iterable[Mapping[str, Any]], findings: pd.DataFrame, rules: Mapping[RuleKey, Mapping[str, Any]]
) -> dict[RuleKey, RuleKey]:
    """The first of the provisions that ask the same, for each of them.

    They ask the same where they read and stand alike, or where they are of one kind and time, about the same
    services, and every unit has the same verdict and figure under them.

    Parameters
    ----------
    rows
        ``plan, rule, met, short`` of each provision, in the order in which they are told.
    findings
        `tables.FINDINGS`.
    rules
        What is said of each provision: ``title`` (with ``zh``), ``kind``, ``cutoff_min``, ``services``.
    """
    first_of: dict[RuleKey, RuleKey] = {}
    known: dict[object, RuleKey] = {}
    units = _Units(findings)
    for row in rows:
        key = (str(row["plan"]), str(row["rule"]))
        about = rules.get(key, {})
        words = (about.get("title", {}).get("zh", key[1]), row["met"], row["short"])
        kind, services = str(about.get("kind", "")), frozenset(about.get("services", ()))
        # figures of ledgers are about columns that are not told here: they are one only by their words
        told = is_circle(kind) or bool(services)
        content = (kind, about.get("cutoff_min"), services, units.of(key)) if told else key
        first_of[key] = known.get(words) or known.get(content) or key
        known.setdefault(words, first_of[key])
        known.setdefault(content, first_of[key])
    return first_of


class _Units:
    """The verdict and figure of every unit below the whole, of any rule that is asked about."""

    def __init__(self, findings: pd.DataFrame) -> None:
        own = verdict_rows(findings[~findings["level"].isin(WIDE_LEVELS[1:])])
        figures = own[["value", "population_short"]].round(6).fillna(-1.0)
        self._told = own[["level", "code", "status"]].astype(object).join(figures)
        self._rows = own.groupby(["plan", "rule"], sort=False).indices

    def of(self, key: RuleKey) -> object:
        """Those of one rule; of a rule without any what no other has."""
        if key not in self._rows:
            return key
        return frozenset(self._told.iloc[self._rows[key]].itertuples(index=False, name=None))
