"""Where to build first: one list of places for the map, both reports and the workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.once import once
from lifecircle.outputs.site_words import gain_words, site_place, with_shares
from lifecircle.outputs.stations import MOST_NAMED, StationNeed, stations_to_add
from lifecircle.outputs.uncertainty import stand_in_short
from lifecircle.outputs.words import about_rule, service_name, services_named, titled, whole_words
from lifecircle.tables import Results, verdict_rows

_KINDS = ("community", "village", "cell")

__all__ = ["FirstPlace", "first_block", "first_lead", "first_places", "named_place", "place_words"]


class FirstPlace(NamedTuple):
    """Where to build first for one or several headline targets.

    Attributes
    ----------
    place : community, or street, that a site stands in; or the station whose catchment needs more
    targets : plan and rule of each target that it is the first for, most residents gained first
    services : to be sited there, each once
    gain, gain_share : whom a site newly brings within reach under the first of those targets; NaN of stations
    residents, beyond, minutes : residents there, and how many of them live beyond so many minutes; NaN where
        nobody knows or nobody does
    kind : of the community that a site stands in; blank where that is unknown, and of a station
    station : what the catchment needs; None of a site
    others : further catchments that are counted here together, with what they need; 0 of a place
    """

    place: str
    targets: tuple[tuple[str, str], ...]
    services: tuple[str, ...]
    gain: float = math.nan
    gain_share: float = math.nan
    residents: float = math.nan
    beyond: float = math.nan
    minutes: float = math.nan
    kind: str = ""
    station: StationNeed | None = None
    others: int = 0


@once
def first_places(results: Results) -> list[FirstPlace]:
    """Of each headline target the catchments that need more stations, else its first proposed site.

    Catchments come first, those with most people above the limit before others; then sites, most residents
    gained first, each place once.
    """
    return [*_first_stations(results), *_first_sites(results)]


def _first_stations(results: Results) -> list[FirstPlace]:
    """Catchments too large under a headline target; the last ones together where there are many."""
    made = []
    for plan, rule in zip(results.headlines["plan"], results.headlines["rule"], strict=True):
        needs = stations_to_add(results, plan, rule)
        bare = FirstPlace("", ((plan, rule),), services_named(results, plan, rule))
        made += [
            bare._replace(
                place=one.name,
                residents=one.residents,
                beyond=one.beyond,
                minutes=one.minutes,
                station=one,
            )
            for one in needs[:MOST_NAMED]
        ]
        if others := needs[MOST_NAMED:]:
            rest = others[0]._replace(code="", name="", missing=sum(one.missing for one in others))
            made.append(bare._replace(station=rest, others=len(others)))
    return made


def _first_sites(results: Results) -> list[FirstPlace]:
    """The first proposed site of each headline target, most residents gained first; each place once."""
    table = with_shares(results)
    if "rule" not in table or not len(table):
        return []
    by_place: dict[str, list[dict[str, Any]]] = {}
    for plan, rule in zip(results.headlines["plan"], results.headlines["rule"], strict=True):
        own = table[(table["plan"] == plan) & (table["rule"] == rule)]
        for row in own.sort_values("rank").head(1).to_dict("records"):
            by_place.setdefault(str(row["proposal"]), []).append(row)
    made = []
    for rows in by_place.values():
        rows.sort(key=_gained, reverse=True)
        made.append(
            FirstPlace(
                place=site_place(rows[0]),
                targets=tuple((str(row["plan"]), str(row["rule"])) for row in rows),
                services=tuple(dict.fromkeys(str(row["service"]) for row in rows)),
                gain=float(rows[0]["gain"]),
                gain_share=float(rows[0]["gain_share"]),
                **_beyond_there(results, rows[0]),
            )
        )
    return sorted(made, key=lambda one: _gained(one._asdict()), reverse=True)


def _gained(site: Mapping[str, Any]) -> tuple[float, float]:
    """Whom a site brings within reach, unknown numbers last."""
    return tuple(-1.0 if pd.isna(site[name]) else float(site[name]) for name in ("gain", "gain_share"))  # type: ignore[return-value]


def _beyond_there(results: Results, site: Mapping[str, Any]) -> dict[str, Any]:
    """Residents of the community that a site stands in, those beyond the limit of its rule, and the limit."""
    minutes = about_rule(results, str(site["plan"]), str(site["rule"])).get("cutoff_min")
    findings = results.findings
    own = (findings["plan"] == site["plan"]) & (findings["rule"] == site["rule"])
    here = verdict_rows(findings[own & (findings["code"] == site.get("code"))])
    kinds = results.communities.loc[results.communities["code"] == site.get("code"), "kind"]
    if here.empty or kinds.empty or minutes is None or pd.isna(minutes):
        return {}
    row = here.iloc[0]
    figures = {"residents": float(row["population"]), "beyond": float(row["population_short"])}
    kind = kinds.iloc[0] if kinds.iloc[0] in _KINDS else _KINDS[0]
    return {**figures, "minutes": float(minutes), "kind": kind}  # type: ignore[arg-type]


def first_block(results: Results, lang: str) -> list[str]:
    """What stands above the list, then a line for each of `first_places`; nothing where there is none."""
    places, colon = first_places(results), text("report.colon", lang)
    lines = [f"{named_place(one, lang)}{colon}{place_words(results, one, lang)}" for one in places]
    return [first_lead(places, lang), *lines] if places else []


def first_lead(places: Sequence[FirstPlace], lang: str) -> str:
    """What is in the list, and in which order."""
    stations = sum(one.station is not None for one in places)
    if len(places) == 1:
        return text("report.first-one", lang)
    if not stations:
        return text("report.first-sites", lang)
    return text("report.first-stations" if stations == len(places) else "report.first-places", lang)


def named_place(one: FirstPlace, lang: str) -> str:
    """The place; of catchments that are counted together, how many there are."""
    return text("report.other-catchments", lang, n=whole_words(one.others)) if one.others else one.place


def place_words(results: Results, one: FirstPlace, lang: str) -> str:
    """What to build at a place, for whom, and how many residents there are beyond the limit."""
    said = _station_words(results, one, lang) if one.station is not None else _site_words(results, one, lang)
    return text("map.semicolon", lang).join(said)


def _services(results: Results, one: FirstPlace, lang: str) -> str:
    """What is to be built, one service after the other."""
    return text("report.comma", lang).join(service_name(results, service, lang) for service in one.services)


def _station_words(results: Results, one: FirstPlace, lang: str) -> list[str]:
    """How many stations a catchment needs, whom it serves, and how far some of them walk."""
    station, service = one.station, _services(results, one, lang)
    if station is None:
        return []
    said = [text("report.first-station", lang, n=whole_words(station.missing), service=service)]
    if not one.others:
        residents = whole_words(one.residents)
        if one.beyond > 0:
            far = {"beyond": whole_words(one.beyond), "minutes": f"{one.minutes:g}"}
            said.append(text("report.station-serves-beyond", lang, residents=residents, **far))
        else:
            over = whole_words(station.over)
            said.append(text("report.station-serves", lang, residents=residents, over=over))
    return said


def _site_words(results: Results, one: FirstPlace, lang: str) -> list[str]:
    """What a site is for, whom it brings within reach, and who lives beyond the limit around it."""
    titles = text("report.comma", lang).join(titled(results, *key, lang) for key in one.targets)
    gain = gain_words(results, one.gain, one.gain_share, lang)
    values = {
        "service": _services(results, one, lang),
        "gain": gain if pd.isna(one.gain) else text("map.site-gain-short", lang, n=gain),
        "for_what": titles if len(one.targets) == 1 else text("map.serves-both", lang, name=titles),
    }
    said = [text("report.first-site", lang, **values)]
    if one.beyond > 0:
        values = {"residents": whole_words(one.residents), "beyond": whole_words(one.beyond)}
        everybody = "all-" if values["beyond"] == values["residents"] else ""
        words = text(f"report.beyond-{everybody}{one.kind}", lang, minutes=f"{one.minutes:g}", **values)
        said.append(words + stand_in_short(results, one.targets[0], lang))
    return said
