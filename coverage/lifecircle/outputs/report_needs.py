"""What to build first, and how each township stands: counted within single services, never summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lifecircle.outputs.escape import display_name
from lifecircle.outputs.report_figures import RuleScore, community_findings, priorities, short_rules
from lifecircle.outputs.wording import service_name, title_of
from lifecircle.tables import Results

__all__ = ["Need", "TownshipRow", "needs", "township_rows"]


@dataclass(frozen=True)
class Need:
    """One thing to build: a service (or a rule that names none), judged by the rule that most fall short of.

    Attributes
    ----------
    title : the service in words, or the rule's title
    score : of the rule with most residents concerned
    rules : titles of every rule that asks for it and is missed, `score`'s first
    """

    title: str
    score: RuleScore
    rules: tuple[str, ...]


@dataclass(frozen=True)
class TownshipRow:
    """One township: its communities and residents, how many fall short of anything, and of each need.

    ``shortfalls`` holds, per need, the number of communities short and the residents concerned.
    """

    name: str
    communities: int
    residents: float
    any_short: int
    shortfalls: tuple[tuple[int, float], ...]


def needs(results: Results, lang: str, *, most: int = 6) -> list[Need]:
    """What is missing for most residents, each service once though several rules may ask for it."""
    groups: dict[str, list[RuleScore]] = {}
    for score in priorities(results):
        groups.setdefault(score.service or f"{score.plan} {score.rule}", []).append(score)
    found = []
    for scores in list(groups.values())[:most]:
        first = scores[0]
        rules = dict.fromkeys(title_of(results, score.plan, score.rule, lang) for score in scores)
        title = service_name(results, first.service, lang) if first.service else next(iter(rules))
        found.append(Need(title, first, tuple(rules)))
    return found


def township_rows(results: Results, wanted: Sequence[Need]) -> list[TownshipRow]:
    """Every township of the study, in order of code; none where communities name no township."""
    judged = results.communities[results.communities["inside"]].set_index("code")
    if not (judged["township"] != "").any():
        return []
    counts = short_rules(results).reindex(judged.index)
    short = [_short_of(results, need.score).reindex(judged.index) for need in wanted]
    names = _names(results, judged)
    rows = []
    for code, group in judged.groupby("township", sort=True):
        own = [values.loc[group.index].dropna() for values in short]
        rows.append(
            TownshipRow(
                name=names.get(str(code), str(code)),
                communities=len(group),
                residents=float(group["population"].sum()),
                any_short=int((counts.loc[group.index] > 0).sum()),
                shortfalls=tuple((len(values), float(values.sum())) for values in own),
            )
        )
    return rows


def _short_of(results: Results, score: RuleScore) -> pd.Series:
    """Residents concerned in every community short of one rule and service, by code; 0 where unknown."""
    own = community_findings(results)
    same = (own["plan"] == score.plan) & (own["rule"] == score.rule) & (own["service"] == score.service)
    short = own[same & (own["status"] == "short")].drop_duplicates("code").set_index("code")
    return short["population_short"].fillna(0.0)


def _names(results: Results, judged: pd.DataFrame) -> dict[str, str]:
    """Township codes to names, from the communities or from the units above them."""
    if "township_name" in judged:
        pairs = zip(judged["township"], judged["township_name"], strict=True)
    elif "level" in results.inputs.units:
        units = results.inputs.units.query("level == 'township'")
        pairs = zip(units["code"], units["name"], strict=True)
    else:
        return {}
    return {str(code): display_name(name) for code, name in pairs if name}
