"""The run's summary as the page holds it: counts per rule and township, and the headline targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from lifecircle.messages import LANGUAGES
from lifecircle.outputs.site_words import why_no_sites
from lifecircle.outputs.stations import over_by_people_words, stations_to_add, where_to_add
from lifecircle.outputs.web_map.geometry import rounded
from lifecircle.tables import STUDY_AREA, Results, gap_unit

MARK_OF_COUNT: Final[Mapping[str, str]] = {
    "short_firm": "s",
    "short_assumed": "t",
    "short_provisional": "p",
    "met_firm": "m",
    "met_assumed": "n",
    "met_provisional": "q",
    "no_data": "d",
    "not_applicable": "a",
    "report_only": "r",
    "context": "c",
}
"""Column of the summary to the page's character for a status."""

_TOLD: Final = ("scenario", "plan", "rule", "service", "level", "area", *MARK_OF_COUNT, "people", "deficit")

Key = tuple[str, str, str, str, str]

__all__ = ["MARK_OF_COUNT", "Key", "headline_targets", "tallies", "totals"]


def tallies(results: Results, townships: Sequence[str]) -> dict[Key, dict[str, object]]:
    """Counts of every rule, by scenario or further mode, plan, rule, service and level.

    Each is ``{counts, people_sum, deficit_sum, townships}``: ``counts`` by the page's characters;
    ``townships`` maps the place of a township in `townships` to its own three figures.
    """
    place = {code: at for at, code in enumerate(townships)}
    made: dict[Key, dict[str, object]] = {}
    for row in _counted(results):
        if not row["rule"]:
            continue
        key = (row["scenario"], row["plan"], row["rule"], row["service"], row["level"])
        entry = made.setdefault(key, {"townships": {}})
        if row["area"] == STUDY_AREA:
            entry.update(_figures(row))
        elif row["area"] in place:
            entry["townships"][place[row["area"]]] = _figures(row)  # type: ignore[index]
    return made


def totals(results: Results, townships: Sequence[str]) -> dict[str, dict[str, object]]:
    """Over all rules, by scenario or mode: communities by their worst verdict, who lives in those short."""
    place = {code: at for at, code in enumerate(townships)}
    made: dict[str, dict[str, object]] = {}
    for row in _counted(results):
        if row["rule"]:
            continue
        entry = made.setdefault(row["scenario"], {"townships": {}})
        if row["area"] == STUDY_AREA:
            entry.update(_figures(row))
        elif row["area"] in place:
            entry["townships"][place[row["area"]]] = _figures(row)  # type: ignore[index]
    return made


def headline_targets(results: Results, themes: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The targets of the first screen, each with the theme that colours the map by it."""
    number = {(one["plan"], one["rule"], one["service"]): at for at, one in enumerate(themes)}
    # of other rules that ask the same: the theme over all services comes first
    number_of = {f"{one['plan']}/{one['rule']}": at for at, one in reversed(list(enumerate(themes)))}
    levels = results.findings.groupby(["plan", "rule"], sort=False)["level"].agg(set)
    figures = ("people", "deficit", "value", "target", "target_year", "baseline")
    words = ("level", "certainty", "unit", "comparator", "status")
    return [
        {
            "theme": number[row["plan"], row["rule"], row["service"]],
            "met": row["met"],
            "short": row["short"],
            **{name: row[name] for name in words},
            "deficit_unit": gap_unit(row["deficit_unit"], levels[row["plan"], row["rule"]]),
            **{name: rounded([row[name]])[0] for name in figures},
            "also": [number_of[of] for of in str(row["also"] or "").split("; ") if of in number_of],
            "no_sites": why_no_sites(results, row["plan"], row["rule"]),
            **_station_words(results, row["plan"], row["rule"]),
        }
        for row in results.headlines.to_dict("records")
        if (row["plan"], row["rule"], row["service"]) in number
    ]


def _station_words(results: Results, plan: str, rule: str) -> dict[str, dict[str, str] | None]:
    """In which catchments stations are to be added, and what those over by people alone would take.

    By language; None where nothing is to be said.
    """
    needs = stations_to_add(results, plan, rule)
    more = {lang: over_by_people_words(results, plan, rule, lang) for lang in LANGUAGES}
    return {
        "stations": {lang: where_to_add(needs, lang) for lang in LANGUAGES} if needs else None,
        "by_people": more if all(more.values()) else None,
    }


def _counted(results: Results) -> Iterator[dict[str, Any]]:
    """Rows of the summary, and of what is counted in further modes where there are any."""
    for table in (results.summary, results.mode_summary):
        columns = [table[name].tolist() for name in _TOLD]
        yield from (dict(zip(_TOLD, row, strict=True)) for row in zip(*columns, strict=True))


def _figures(row: Mapping[str, object]) -> dict[str, object]:
    """Counts by the page's characters, people and deficit; what is zero or unknown is left out or None."""
    counts = {mark: row[name] for name, mark in MARK_OF_COUNT.items() if row[name]}
    people, deficit = (rounded(np.array([row[name]], np.float64))[0] for name in ("people", "deficit"))
    return {"counts": counts, "people_sum": people, "deficit_sum": deficit}
