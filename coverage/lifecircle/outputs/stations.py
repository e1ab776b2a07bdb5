"""Rules judged station by station: where how many are to be added, and the number in all, as one story."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.once import once
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import sentences, service_name, services_named, whole_words
from lifecircle.tables import CATCHMENT, STUDY_AREA, Results, verdict_rows

MOST_NAMED: Final = 6
"""Catchments that a list names; the others are counted together."""

_BEYOND: Final = "beyond-minutes"
_SHORT = ["short_firm", "short_assumed", "short_provisional"]
_MET = ["met_firm", "met_assumed", "met_provisional"]
_BY_PEOPLE, _BY_COMMITTEES = "by-people", "by-committees"

__all__ = [
    "MOST_NAMED",
    "StationNeed",
    "most_affected_first",
    "over_by_people_words",
    "station_lines",
    "stations_to_add",
    "still_over_words",
    "where_to_add",
]


class StationNeed(NamedTuple):
    """A facility whose catchment is too large, and how many further ones belong in it.

    Attributes
    ----------
    code, name : of the facility
    missing : further facilities that its catchment needs
    residents : whom it is the nearest to
    over : how many of them are above the limit of the rule
    beyond : how many of them live farther away than `minutes`; NaN where none does
    minutes : the walk that stations without a limit of their own are measured by; NaN where nobody is beyond
    """

    code: str
    name: str
    missing: float
    residents: float
    over: float
    beyond: float
    minutes: float


@once
def stations_to_add(results: Results, plan: str, rule: str) -> list[StationNeed]:
    """The catchments that fall short of a rule, most people above the limit first.

    Returns
    -------
    list
        Empty for a rule that does not judge catchments. Their `missing` add up to the gap of the headline
        target.
    """
    findings = results.findings
    own = findings[(findings["plan"] == plan) & (findings["rule"] == rule) & (findings["level"] == CATCHMENT)]
    if own.empty:
        return []
    verdicts = verdict_rows(own).drop_duplicates("code")
    short = most_affected_first(verdicts[verdicts["status"] == "short"])
    # the remark stands beside the measure by people, whichever measures the verdict joins
    remarks = zip(own["code"], own["note"], strict=True)
    far = {str(code): note.values for code, notes in remarks for note in notes if note.key == _BEYOND}  # noqa: PD011  # a note's
    return [
        StationNeed(
            code=str(row.code),
            name=display_name(row.name or row.code),
            missing=float(row.deficit),
            residents=float(row.population),
            over=float(row.population_short),
            beyond=float(far.get(str(row.code), {}).get("residents", math.nan)),
            minutes=float(far.get(str(row.code), {}).get("minutes", math.nan)),
        )
        for row in short.itertuples(index=False)
    ]


def most_affected_first(units: pd.DataFrame) -> pd.DataFrame:
    """Facilities or catchments that fall short, in the order in which every list names them."""
    by = ["population_short", "deficit"]
    return units.sort_values(by, ascending=False, na_position="last", kind="stable")


def where_to_add(stations: Sequence[StationNeed], lang: str) -> str:
    """Every catchment with how many stations it needs, in one line; the last ones together where many do.

    Examples
    --------
    >>> near = StationNeed("1", "A", 2.0, 87_365.0, 67_365.0, 79_553.0, 15.0)
    >>> where_to_add([near, near._replace(name="B", missing=1.0)], "en")
    'A (2), B (1)'
    """
    named = [
        text("report.station-adds", lang, name=one.name, n=whole_words(one.missing))
        for one in stations[:MOST_NAMED]
    ]
    if others := stations[MOST_NAMED:]:
        n, added = whole_words(len(others)), whole_words(sum(one.missing for one in others))
        named.append(text("report.stations-others", lang, n=n, added=added))
    return text("report.comma", lang).join(named)


def station_lines(results: Results, lang: str) -> list[str]:
    """How stations are judged and what that gives, one paragraph per rule among the headline targets."""
    rules = results.headlines[results.headlines["level"] == CATCHMENT]
    told = [_station_words(results, row, lang) for row in rules.itertuples(index=False)]
    return [words for words in told if words]


def _station_words(results: Results, headline: Any, lang: str) -> str:
    """One rule: enough in all by which measure, which stations fall short, and what stays over the limit."""
    own = _of_rule(results, headline.plan, headline.rule)
    verdict = _row(own, "", catchment=True)
    if verdict is None:
        return ""
    names = (
        service_name(results, one, lang) for one in services_named(results, headline.plan, headline.rule)
    )
    service = text("report.comma", lang).join(names)
    people = _row(own, _BY_PEOPLE, catchment=True)
    # a clause without the alternative by committees has no measures beside its verdict
    alone = "-people" if people is None else ""
    said = [text(f"report.stations-each{alone}", lang, service=service)]
    by_people = _row(own, "" if alone else _BY_PEOPLE, catchment=False)
    by_committees = _row(own, _BY_COMMITTEES, catchment=False)
    short = int(verdict[_SHORT].sum())
    if by_people is not None:
        said.append(_number_words(by_people, by_committees, short=short, alone=alone, lang=lang))
    if short:
        words = {"n": whole_words(short), "missing": whole_words(verdict["deficit"])}
        told = {"why": _why_more(by_people, verdict, lang)}
        if not alone:
            told = {"still": still_over_words(stations_to_add(results, headline.plan, headline.rule), lang)}
        said.append(text(f"report.stations-over{alone}", lang, **told, **words))
    if more := over_by_people_words(results, headline.plan, headline.rule, lang):
        said.append(more)
    return sentences(said, lang)


def still_over_words(stations: Sequence[StationNeed], lang: str) -> str:
    """How many catchments stay above the limit of people with the stations they need, and what would do.

    Examples
    --------
    87,365 people make 29,122 for each of three stations, where 20,000 are the limit; five would do.

    >>> near = StationNeed("1", "A", 2.0, 87_365.0, 67_365.0, 79_553.0, 15.0)
    >>> still_over_words([near, near._replace(residents=60_000.0, over=40_000.0)], "en")
    ' (then 1 catchment still has more people per station than the limit: by people 4 more are needed there)'
    >>> still_over_words([near._replace(missing=4.0)], "en")
    ''
    """
    known = [(one, one.residents - one.over) for one in stations if one.over > 0]
    still = [(one, limit) for one, limit in known if one.residents > (1 + one.missing) * limit > 0]
    if not still:
        return ""
    needed = sum(math.ceil(one.residents / limit) - 1 for one, limit in still)
    return text("report.stations-still-over", lang, n=whole_words(len(still)), by_people=whole_words(needed))


def over_by_people_words(results: Results, plan: str, rule: str, lang: str) -> str:
    """Stations that meet a clause by committees alone, and how many more would keep each within its people.

    Returns
    -------
    str
        Blank where there are none, and for a clause that has no alternative by committees.
    """
    own = _of_rule(results, plan, rule)
    verdict, people = _row(own, "", catchment=True), _row(own, _BY_PEOPLE, catchment=True)
    if verdict is None or people is None:
        return ""
    more = int(people[_SHORT].sum()) - int(verdict[_SHORT].sum())
    if more <= 0:
        return ""
    words = {"n": whole_words(more), "all": whole_words(people["deficit"])}
    why = _why_more(_row(own, _BY_PEOPLE, catchment=False), people, lang)
    return text("report.stations-by-people", lang, why=why, **words)


def _of_rule(results: Results, plan: str, rule: str) -> pd.DataFrame:
    """The summary's rows on the whole study, as things are, of one rule."""
    table = results.summary
    own = table[(table["scenario"] == "") & (table["area"] == STUDY_AREA) & (table["plan"] == plan)]
    return own[own["rule"] == rule]


def _number_words(
    by_people: pd.Series, by_committees: pd.Series | None, *, short: int, alone: str, lang: str
) -> str:
    """How many there are and are needed in all by each measure; and whether they are unevenly placed."""
    words = {"there": whole_words(by_people["value"])}
    for name, row in (("people", by_people), ("committees", by_committees)):
        if row is not None:
            words |= {name: whole_words(row["target"]), f"by_{name}": _enough(row, lang)}
    uneven = text("report.stations-uneven", lang) if short else ""
    return text(f"report.stations-in-all{alone}", lang, uneven=uneven, **words)


def _too_few(whole: pd.Series) -> int:
    """By how many all stations together are too few."""
    return max(0, round(float(whole["target"] - whole["value"])))


def _enough(whole: pd.Series, lang: str) -> str:
    """Whether all stations together are enough, else how many are missing."""
    missing = _too_few(whole)
    if not missing:
        return text("report.stations-enough", lang)
    return text("report.stations-lacking", lang, n=whole_words(missing))


def _why_more(whole: pd.Series | None, each: pd.Series, lang: str) -> str:
    """Why single catchments need more stations than are missing in all; blank where they do not."""
    if whole is None or not each["deficit"] > _too_few(whole):
        return ""
    missing, room = _too_few(whole), whole_words(int(each[_MET].sum()))
    key = "report.stations-why" if missing else "report.stations-why-enough"
    return text(key, lang, missing=whole_words(missing), room=room)


def _row(own: pd.DataFrame, service: str, *, catchment: bool) -> pd.Series | None:
    """The row of one measure, of the stations or of their number in all."""
    rows = own[(own["service"] == service) & ((own["level"] == CATCHMENT) == catchment)]
    return rows.iloc[-1] if len(rows) else None
