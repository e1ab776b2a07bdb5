"""A profile of each township: its people, what they lack, the sites proposed in it, a small map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import missing_words
from lifecircle.outputs.once import once
from lifecircle.outputs.report.figures import short_rules_judged
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.picture import LegendLine, Picture, draw
from lifecircle.outputs.report.places import township_names
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.site_words import gain_words, with_shares
from lifecircle.outputs.uncertainty import stand_in_short
from lifecircle.outputs.words import known_words, service_name, whole_words
from lifecircle.outputs.workbook.scores import what_to_build
from lifecircle.tables import STUDY_AREA, Results

__all__ = ["Profile", "profiles"]

_GAPS: Final = 4
_SITES: Final = 4
_COMMUNITIES: Final = 3
_CIRCLED_ONE: Final = ord("①")
_MOST: Final = 40
"""Profiles of a report: the workbook lists every township."""


@dataclass(frozen=True)
class Profile:
    """One township.

    Attributes
    ----------
    name : as the communities or their units have it
    link : address of the gap map that opens it
    words : how many communities and residents, and how many fall short of anything
    gaps : what most of its residents lack, each in one line
    sites : proposed sites in it, each in one line
    worst : communities short of most rules
    picture : its communities, shaded by the rules each falls short of, and the sites
    caption : what it shows: its classes of colour, and sites and numbers where there are any
    """

    name: str
    link: str
    words: str
    gaps: tuple[str, ...]
    sites: tuple[str, ...]
    worst: str
    picture: Picture
    caption: str


@once
def profiles(results: Results, lang: str) -> list[Profile]:
    """Every township in which anything falls short, the one with most residents affected first.

    People are those of `tables.SUMMARY` over all rules: who lives in communities that fall short of any.
    """
    table = results.summary
    rows = table[(table["scenario"] == "") & (table["rule"] == "") & (table["area"] != STUDY_AREA)]
    short = rows[["short_firm", "short_assumed", "short_provisional"]].sum(axis=1)
    rows = rows.assign(short=short)[short > 0]
    rows = rows.sort_values(["people", "short"], ascending=False, na_position="last", kind="stable")
    judged = results.communities[results.communities["inside"]]
    names, counts = township_names(results), short_rules_judged(results)
    made = []
    for row in rows.head(_MOST).itertuples(index=False):
        own = judged[judged["township"] == row.area]
        if own.empty:
            continue
        sites, worst = _sites(results, set(own["code"])), _worst(own, counts)
        words = text(
            "report.profile",
            lang,
            communities=whole_words(len(own)),
            residents=known_words(own["population"].sum(min_count=1), lang),
            short=whole_words(row.short),
            people=known_words(row.people, lang),
        )
        name = names.get(str(row.area), str(row.area))
        picture = draw(results, counts, within=set(own["code"]), sites=sites, numbered=worst["code"].tolist())
        made.append(
            Profile(
                name=name,
                link=map_link(results, lang, township=str(row.area)),
                words=words,
                gaps=tuple(_gaps(results, str(row.area), lang)),
                sites=tuple(
                    _site_words(results, site, lang) for site in sites.head(_SITES).to_dict("records")
                ),
                worst=_worst_words(worst, lang),
                picture=picture,
                caption=_caption(name, picture, lang),
            )
        )
    return made


def _caption(name: str, picture: Picture, lang: str) -> str:
    """What a township's map shows: its classes from light to dark, sites and numbers where it has any."""
    key = "report.profile-shades" if len(picture.legend) > 1 else "report.profile-one-shade"
    classes = text("report.comma", lang).join(_class_words(line, lang) for line in picture.legend)
    told = [text(key, lang, classes=classes)]
    told += [text("report.profile-stars", lang)] if picture.pins else []
    told += [text("report.profile-numbers", lang)] if picture.numbers else []
    return text("report.profile-map", lang, name=name, told=text("map.semicolon", lang).join(told))


def _class_words(line: LegendLine, lang: str) -> str:
    """One class of colour, and how many communities are in it."""
    if line.shade <= 0:
        words = text("report.no-verdict" if line.shade < 0 else "report.short-of-none", lang)
    elif line.fewest == line.most:
        words = text("report.short-of", lang, n=whole_words(line.fewest))
    else:
        words = text("report.short-of-range", lang, fewest=line.fewest, most=line.most)
    return text("report.profile-class", lang, words=words, n=whole_words(line.communities))


def _gaps(results: Results, township: str, lang: str) -> list[str]:
    """What the township is to build first, by `tables.PRIORITIES`."""
    rows = results.priorities[results.priorities["township"] == township].sort_values("rank")
    return [
        text(
            "report.profile-gap",
            lang,
            what=what_to_build(results, row.service, row.plan, row.rule, lang),
            areas=whole_words(row.areas),
            people=known_words(row.people, lang),
            stand_in=stand_in_short(results, (row.plan, row.rule), lang),
            missing=missing_words(results, (row.plan, row.rule), row.deficit, row.deficit_unit, lang),
        )
        for row in rows.head(_GAPS).itertuples(index=False)
    ]


def _sites(results: Results, codes: set[str]) -> pd.DataFrame:
    """Proposed sites in some communities, those that reach most people first, each place once per service."""
    table = with_shares(results)
    if "code" not in table:
        return table.iloc[:0]
    most = ["gain", "gain_share"]
    own = table[table["code"].isin(codes)].sort_values(most, ascending=False, na_position="last")
    return own.drop_duplicates(["service", "proposal"])


def _site_words(results: Results, site: dict[str, object], lang: str) -> str:
    """A site in one line: service, community, street, coordinates, people."""
    place = text("report.comma", lang).join(
        display_name(str(site[name])) for name in ("name", "street") if site.get(name)
    )
    spot = f"{site['x']:.5f}, {site['y']:.5f}"
    service = service_name(results, str(site["service"]), lang)
    people, share = float(str(site["gain"])), float(str(site["gain_share"]))
    if math.isnan(people) and not math.isnan(share):
        gain = gain_words(results, people, share, lang)
        return text("report.profile-site-share", lang, service=service, place=place, spot=spot, gain=gain)
    gain = known_words(people, lang)
    return text("report.profile-site", lang, service=service, place=place, spot=spot, people=gain)


def _worst(own: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """The communities that fall short of most rules: name, code and how many rules."""
    table = pd.DataFrame({**own[["name", "code"]], "rules": counts.reindex(own["code"]).to_numpy()})
    table = table[table["rules"] > 0].sort_values("rules", ascending=False, kind="stable")
    return table.head(_COMMUNITIES)


def _worst_words(table: pd.DataFrame, lang: str) -> str:
    """Those communities in words, each with its number on the map and how many rules; blank where none is."""
    told = [
        text(
            "report.profile-worst",
            lang,
            at=chr(_CIRCLED_ONE + at - 1),
            name=display_name(row.name) or row.code,
            n=whole_words(row.rules),
        )
        for at, row in enumerate(table.itertuples(index=False), 1)
    ]
    return text("report.comma", lang).join(told)
