"""What to build first, and in which townships: the study's priorities, each service once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.figures import short_rules, shortfalls, worst
from lifecircle.outputs.report.places import has_townships, township_names
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import code_word, figure_words, titled, whole_words
from lifecircle.outputs.workbook.scores import what_to_build
from lifecircle.tables import Results

_LISTED = 2
_PLACES = 2

__all__ = ["Need", "TownshipRow", "need_words", "needs", "township_rows"]


@dataclass(frozen=True)
class Need:
    """One thing to build: a service, or what a rule that names none asks for.

    Attributes
    ----------
    title : the service in words, or the rule's title
    plan, rule, service : of the rule that concerns most people where most of them live
    rules : titles of the rules that ask for it, the one that concerns most people first
    places : `tables.PRIORITIES` of the townships where it is missing, most people concerned first
    """

    title: str
    plan: str
    rule: str
    service: str
    rules: tuple[str, ...]
    places: pd.DataFrame

    @property
    def areas(self) -> int:
        """Communities (or townships themselves) that fall short."""
        return int(self.places["areas"].sum())

    @property
    def people(self) -> float:
        """Residents concerned: of each township under one rule, so that nobody counts twice; or NaN."""
        return float(self.places["people"].sum(min_count=1))


@dataclass(frozen=True)
class TownshipRow:
    """One township: its communities and residents, how many fall short of anything, and of each need.

    ``shortfalls`` holds, per need, the areas short and the residents concerned (NaN where nobody knows).
    """

    name: str
    communities: int
    residents: float
    any_short: int
    shortfalls: tuple[tuple[int, float], ...]


def needs(results: Results, lang: str, *, most: int = 5) -> list[Need]:
    """What is missing for most residents, by `Results.priorities`, each service once."""
    table = results.priorities
    named = table["service"] != ""
    target = table["service"].where(named, table["plan"] + " " + table["rule"])
    listed = []
    for _, rows in table.groupby(target, sort=False):
        places = rows.sort_values(["people", "areas"], ascending=False, na_position="last", kind="stable")
        first = places.iloc[0]
        asked = zip(places["plan"], places["rule"], strict=True)
        listed.append(
            Need(
                title=what_to_build(results, first["service"], first["plan"], first["rule"], lang),
                plan=str(first["plan"]),
                rule=str(first["rule"]),
                service=str(first["service"]),
                rules=tuple(dict.fromkeys(titled(results, plan, rule, lang) for plan, rule in asked)),
                places=places,
            )
        )
    return sorted(listed, key=lambda need: (-(need.people if need.people > 0 else 0.0), -need.areas))[:most]


def need_words(results: Results, need: Need, lang: str) -> str:
    """How many fall short, in which townships and communities to build first, as sentences."""
    stop, comma = text("report.full-stop", lang), text("report.comma", lang)
    townships = len(need.places)
    words = text("report.colon", lang)
    areas = whole_words(need.areas)
    if has_townships(results, fewest=2):
        words += text("report.need", lang, areas=areas, townships=whole_words(townships))
    else:
        words += text("report.need-alone", lang, areas=areas)
    if uncertain := _uncertain_words(need, lang):
        words += text("report.bracketed", lang, words=uncertain)
    if need.people > 0:
        words += text("report.priority-people", lang, n=whole_words(need.people))
    words += stop
    if has_townships(results, fewest=2):
        first = comma.join(_township_words(row, lang) for row in need.places.head(_LISTED).itertuples())
        words += f"{text('report.first-in', lang)}{first}{stop}"
    if lacking := _communities(results, need, lang):
        words += f"{text('report.priority-places', lang)}{comma.join(lacking)}{stop}"
    return words


def township_rows(results: Results, wanted: Sequence[Need]) -> list[TownshipRow]:
    """Every township of the study, in order of code; none where communities name no township."""
    judged = results.communities[results.communities["inside"]].set_index("code")
    if not has_townships(results):
        return []
    counts = short_rules(results).reindex(judged.index)
    short = [
        {row.township: (int(row.areas), float(row.people)) for row in need.places.itertuples()}
        for need in wanted
    ]
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


def _uncertain_words(need: Need, lang: str) -> str:
    """How many shortfalls are firm, assumed and provisional, which add up; nothing where all are firm."""
    firm, assumed = (int(need.places[name].sum()) for name in ("areas_firm", "areas_assumed"))
    if firm == need.areas:
        return ""
    counts = (("firm", firm), ("assumed", assumed), ("provisional", need.areas - firm - assumed))
    said = [
        text("report.priority-certainty", lang, n=whole_words(count), certainty=code_word(certainty, lang))
        for certainty, count in counts
        if count
    ]
    return text("report.comma", lang).join(said)


def _township_words(row: object, lang: str) -> str:
    """A township, and how many of its residents are concerned where that is known."""
    name = display_name(row.name) or str(row.township)  # type: ignore[attr-defined]
    people = row.people  # type: ignore[attr-defined]
    known = pd.notna(people)
    return text("report.township-people", lang, name=name, people=whole_words(people)) if known else name


def _communities(results: Results, need: Need, lang: str) -> list[str]:
    """The communities where most is missing under the need's rule; none where nobody knows how much is."""
    short = shortfalls(results, of_services=need.service is not None)
    rows = worst(short, need.plan, need.rule, service=need.service).dropna(subset=["deficit"])
    rows = rows.head(_PLACES).to_dict("records")
    return [
        text(
            "report.place",
            lang,
            name=display_name(row["name"]) or row["code"],
            amount=figure_words(row["deficit"], row["deficit_unit"], lang),
        )
        for row in rows
    ]
