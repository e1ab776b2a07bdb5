"""What to build first, and in which townships: the study's priorities, each service once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import counts_residents, missing_words
from lifecircle.outputs.once import once
from lifecircle.outputs.report.figures import short_rules, shortfalls, worst
from lifecircle.outputs.report.places import has_townships, township_names
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.uncertainty import stand_in_short, stands_on_words
from lifecircle.outputs.words import titled, whole_words
from lifecircle.outputs.workbook.scores import what_to_build
from lifecircle.tables import STUDY_AREA, Results

_LISTED = 2
_PLACES = 2

__all__ = ["Need", "TownshipRow", "need_words", "needs", "township_rows"]


@dataclass(frozen=True)
class Need:
    """One thing to build: a service, or what a rule that names none asks for.

    Attributes
    ----------
    title : the service in words, or the rule's title
    plan, rule, service : of the rule that concerns most people in the study
    clause : title of that rule, under which everything here is counted
    places : `tables.PRIORITIES` of the townships where it is missed, most people concerned first
    people : residents affected in the study, as `tables.SUMMARY` has them; NaN where nobody knows
    """

    title: str
    plan: str
    rule: str
    service: str
    clause: str
    places: pd.DataFrame
    people: float

    @property
    def areas(self) -> int:
        """Communities (or townships themselves) that fall short."""
        return int(self.places["areas"].sum())


@dataclass(frozen=True)
class TownshipRow:
    """One township: its communities and residents, how many fall short of anything, and of each need.

    ``shortfalls`` holds, per need, the areas short and the residents concerned (NaN where nobody knows), also
    those beyond the limit in a township that meets it.
    """

    name: str
    communities: int
    residents: float
    any_short: int
    shortfalls: tuple[tuple[int, float], ...]


@once
def needs(results: Results, lang: str, *, most: int = 3) -> list[Need]:
    """What is missing for most residents, by `Results.priorities`, each service once."""
    table = results.priorities
    named = table["service"] != ""
    target = table["service"].where(named, table["plan"] + " " + table["rule"])
    listed = []
    for _, rows in table.groupby(target, sort=False):
        places = _of_one_rule(rows)
        first = places.iloc[0]
        plan, rule, service = (str(first[name]) for name in ("plan", "rule", "service"))
        listed.append(
            Need(
                title=what_to_build(results, service, plan, rule, lang),
                plan=plan,
                rule=rule,
                service=service,
                clause=titled(results, plan, rule, lang),
                places=places,
                people=_people(results, plan, rule, service, places),
            )
        )
    return sorted(listed, key=lambda need: (-(need.people if need.people > 0 else 0.0), -need.areas))[:most]


def _of_one_rule(rows: pd.DataFrame) -> pd.DataFrame:
    """Of the townships that miss a service those that do under one rule: figures of two do not add up."""
    totals = rows.groupby(["plan", "rule"], sort=False)[["people", "areas"]].sum()
    plan, rule = totals.sort_values(["people", "areas"], ascending=False, kind="stable").index[0]
    own = rows[(rows["plan"] == plan) & (rows["rule"] == rule)]
    return own.sort_values(["people", "areas"], ascending=False, na_position="last", kind="stable")


def _people(results: Results, plan: str, rule: str, service: str, places: pd.DataFrame) -> float:
    """Residents affected under a rule in the study: the number that every other output shows."""
    table = results.summary
    same = (table["scenario"] == "") & (table["area"] == STUDY_AREA) & (table["plan"] == plan)
    own = table[same & (table["rule"] == rule) & (table["service"] == service)]
    own = own[own["level"].isin(["community", "township"]) & own["people"].notna()]
    return float(own["people"].max()) if len(own) else float(places["people"].sum(min_count=1))


def need_words(results: Results, need: Need, lang: str, *, with_communities: bool = True) -> str:
    """How many fall short, in which townships and communities to build first, as sentences."""
    stop, comma = text("report.full-stop", lang), text("report.comma", lang)
    townships = len(need.places)
    words = text("report.colon", lang)
    if need.clause != need.title:
        words += text("report.need-clause", lang, clause=need.clause)
    areas = whole_words(need.areas)
    if has_townships(results, fewest=2):
        words += text("report.need", lang, areas=areas, townships=whole_words(townships))
    else:
        words += text("report.need-alone", lang, areas=areas)
    if uncertain := _uncertain_words(need, lang):
        words += text("report.bracketed", lang, words=uncertain)
    if need.people > 0:
        words += text("report.priority-people", lang, n=whole_words(need.people))
    words += stand_in_short(results, (need.plan, need.rule), lang)
    words += stop
    if has_townships(results, fewest=2):
        first = comma.join(_township_words(row, lang) for row in need.places.head(_LISTED).itertuples())
        words += f"{text('report.first-in', lang)}{first}{stop}"
    lacking = _communities(results, need, lang) if with_communities else []
    if lacking:
        words += f"{text('report.priority-places', lang)}{comma.join(lacking)}{stop}"
    return words


def township_rows(results: Results, wanted: Sequence[Need]) -> list[TownshipRow]:
    """Every township of the study, in order of code; none where communities name no township."""
    judged = results.communities[results.communities["inside"]].set_index("code")
    if not has_townships(results):
        return []
    counts = short_rules(results).reindex(judged.index)
    short = [_by_township(results, need) for need in wanted]
    names = township_names(results)
    return [
        TownshipRow(
            name=names.get(str(code), str(code)),
            communities=len(group),
            residents=float(group["population"].sum(min_count=1)),
            any_short=int((counts.loc[group.index] > 0).sum()),
            shortfalls=tuple(own.get(code, (0, 0.0)) for own in short),
        )
        for code, group in judged.groupby("township", sort=True)
    ]


def _by_township(results: Results, need: Need) -> dict[str, tuple[int, float]]:
    """Areas short and residents concerned by code of the township, also where nothing falls short."""
    table = results.summary
    own = table[(table["scenario"] == "") & (table["plan"] == need.plan) & (table["rule"] == need.rule)]
    own = own[(own["service"] == need.service) & (own["level"] == "community") & (own["area"] != STUDY_AREA)]
    beyond = {str(code): (0, float(people)) for code, people in zip(own["area"], own["people"], strict=True)}
    return beyond | {
        str(row.township): (int(row.areas), float(row.people)) for row in need.places.itertuples()
    }


def _uncertain_words(need: Need, lang: str) -> str:
    """What the shortfalls stand on, which adds up to their number; nothing where all are firm."""
    firm, assumed = (int(need.places[name].sum()) for name in ("areas_firm", "areas_assumed"))
    if firm == need.areas:
        return ""
    said = stands_on_words((firm, assumed, need.areas - firm - assumed), lang)
    return text("report.comma", lang).join(said)


def _township_words(row: object, lang: str) -> str:
    """A township, and how many of its residents are concerned where that is known."""
    name = display_name(row.name) or str(row.township)  # type: ignore[attr-defined]
    people = row.people  # type: ignore[attr-defined]
    known = pd.notna(people)
    return text("report.place-people", lang, name=name, people=whole_words(people)) if known else name


def _amount(results: Results, need: Need, row: Mapping[Hashable, Any], lang: str) -> str:
    """What a community lacks: residents to reach, or what there is too little of."""
    words = missing_words(results, (need.plan, need.rule), row["deficit"], row["deficit_unit"], lang)
    of_people = counts_residents(results, (need.plan, need.rule), row["deficit_unit"])
    return words if of_people else text("report.lacking", lang, amount=words)


def _communities(results: Results, need: Need, lang: str) -> list[str]:
    """The communities where most is missing under the need's rule; none where nobody knows how much is."""
    short = shortfalls(results, of_services=need.service is not None)
    rows = worst(short, need.plan, need.rule, service=need.service).dropna(subset=["deficit"])
    # amounts in different units have no order
    rows = rows[rows["deficit_unit"] == rows["deficit_unit"].iloc[0]] if len(rows) else rows
    rows = rows.head(_PLACES).to_dict("records")
    return [
        text(
            "report.place",
            lang,
            name=display_name(row["name"]) or row["code"],
            amount=_amount(results, need, row, lang),
        )
        for row in rows
    ]
