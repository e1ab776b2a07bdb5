"""Rules judged facility by facility: the number in all and each one's own catchment, told as one story."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.words import about_rule, sentences, service_name, whole_words
from lifecircle.tables import CATCHMENT, STUDY_AREA, Results

_SHORT = ["short_firm", "short_assumed", "short_provisional"]
_BY_PEOPLE, _BY_COMMITTEES = "by-people", "by-committees"

__all__ = ["station_lines"]


def station_lines(results: Results, lang: str) -> list[str]:
    """How stations are judged and what that gives, one paragraph per rule among the headline targets."""
    rules = results.headlines[results.headlines["level"] == CATCHMENT]
    told = [_station_words(results, row, lang) for row in rules.itertuples(index=False)]
    return [words for words in told if words]


def _station_words(results: Results, headline: Any, lang: str) -> str:
    """One rule: enough in all by which measure, which stations fall short, and what stays over the limit."""
    table = results.summary
    own = table[(table["scenario"] == "") & (table["area"] == STUDY_AREA) & (table["plan"] == headline.plan)]
    own = own[own["rule"] == headline.rule]
    verdict = _row(own, "", catchment=True)
    if verdict is None:
        return ""
    services = about_rule(results, headline.plan, headline.rule).get("services", ())
    service = text("report.comma", lang).join(service_name(results, str(one), lang) for one in services)  # type: ignore[attr-defined]
    people = _row(own, _BY_PEOPLE, catchment=True)
    # a clause without the alternative by committees has no measures beside its verdict
    alone = "-people" if people is None else ""
    said = [text(f"report.stations-each{alone}", lang, service=service)]
    by_people = _row(own, "" if alone else _BY_PEOPLE, catchment=False)
    by_committees = _row(own, _BY_COMMITTEES, catchment=False)
    if by_people is not None:
        values = {"there": by_people["value"], "people": by_people["target"]}
        values |= {} if by_committees is None else {"committees": by_committees["target"]}
        words = {name: whole_words(value) for name, value in values.items()}
        said.append(text(f"report.stations-in-all{alone}", lang, **words))
    short = int(verdict[_SHORT].sum())
    if short:
        words = {"n": whole_words(short), "missing": whole_words(verdict["deficit"])}
        said.append(text(f"report.stations-over{alone}", lang, **words))
    if people is not None and (more := int(people[_SHORT].sum()) - short) > 0:
        words = {"n": whole_words(more), "all": whole_words(people["deficit"])}
        said.append(text("report.stations-by-people", lang, **words))
    return sentences(said, lang)


def _row(own: pd.DataFrame, service: str, *, catchment: bool) -> pd.Series | None:
    """The row of one measure, of the stations or of their number in all."""
    rows = own[(own["service"] == service) & ((own["level"] == CATCHMENT) == catchment)]
    return rows.iloc[-1] if len(rows) else None
