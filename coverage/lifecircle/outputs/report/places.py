"""Names of places for tables: the township of a community, and the verdicts that a site turns."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import titled
from lifecircle.tables import Results

__all__ = [
    "closed_verdicts",
    "gainer_words",
    "has_townships",
    "township_names",
    "townships_of",
]

_MOST_NAMED: Final = 6


def has_townships(results: Results, *, fewest: int = 1) -> bool:
    """Whether the study's own communities name townships, so many or more; cells of a grid name none."""
    own = results.communities[results.communities["inside"]]
    return bool(own.loc[own["township"] != "", "township"].nunique() >= fewest)


def township_names(results: Results) -> dict[str, str]:
    """Township codes to names, from the units above the communities or from the communities themselves."""
    judged, units = results.communities, results.inputs.units
    pairs: list[tuple[object, object]] = []
    if "level" in units:
        rows = units[units["level"] == "township"]
        pairs += zip(rows["code"], rows["name"], strict=True)
    if "township_name" in judged:
        pairs += zip(judged["township"], judged["township_name"], strict=True)
    return {str(code): display_name(name) for code, name in pairs if code and name}


def townships_of(results: Results) -> dict[str, str]:
    """Community codes to the names of their townships, the code where a township has no name."""
    names = township_names(results)
    judged = results.communities
    pairs = zip(judged["code"], judged["township"], strict=True)
    return {str(code): names.get(str(township), str(township)) for code, township in pairs if township}


def closed_verdicts(results: Results, sites: pd.DataFrame, lang: str) -> list[str]:
    """Per site, the places whose verdicts it turns from short to met, by name and rule by rule.

    Parameters
    ----------
    results
        The finished study.
    sites
        Rows of `tables.PROPOSALS`.
    lang
        zh or en.
    """
    closes = [str(words or "") for words in sites["closes"]] if "closes" in sites else [""] * len(sites)
    codes = {one.partition(" ")[2] for words in closes for one in words.split("; ")}
    findings = results.findings[results.findings["code"].isin(codes)].drop_duplicates(["rule", "code"])
    about = {
        (rule, code): (plan, display_name(name) or code)
        for plan, rule, code, name in findings[["plan", "rule", "code", "name"]].itertuples(index=False)
    }
    return [_closed(results, words, about, lang) for words in closes]


def gainer_words(results: Results, sites: pd.DataFrame, lang: str) -> list[str]:
    """Per site, the communities whose people it newly reaches, each with how many; the first few by name."""
    names = dict(zip(results.communities["code"], results.communities["name"], strict=True))
    told = sites["gainers"].fillna("").astype(str) if "gainers" in sites else [""] * len(sites)
    lines = []
    for words in told:
        pairs = [one.rpartition(" ") for one in words.split("; ") if one]
        said = [
            text(
                "report.place-people",
                lang,
                name=display_name(names.get(code, "")) or code,
                people=f"{int(people):,}",
            )
            for code, _, people in pairs[:_MOST_NAMED]
        ]
        listed = text("report.comma", lang).join(said)
        many = len(pairs)
        lines.append(text("report.and-others", lang, names=listed, n=many) if many > _MOST_NAMED else listed)
    return lines


def _closed(results: Results, closes: str, about: dict[tuple[str, str], tuple[str, str]], lang: str) -> str:
    """One site's verdicts in words: of each rule its places, the first few by name."""
    places: dict[tuple[str, str], list[str]] = {}
    for one in filter(None, closes.split("; ")):
        rule, _, code = one.partition(" ")
        plan, name = about.get((rule, code), ("", code))
        places.setdefault((plan, rule), []).append(name)
    told = []
    for (plan, rule), names in places.items():
        listed = text("report.comma", lang).join(names[:_MOST_NAMED])
        if len(names) > _MOST_NAMED:
            listed = text("report.and-others", lang, names=listed, n=len(names))
        lead = "" if len(places) == 1 else titled(results, plan, rule, lang) + text("report.colon", lang)
        told.append(lead + listed)
    return text("workbook.separator", lang).join(told)
