"""What the sheets on scores hold: the scorecard, what each township is to build first, the sensitivity."""

from __future__ import annotations

import math

import numpy as np

from lifecircle.messages import has, text
from lifecircle.outputs.gaps_in_words import counts_residents, gap_unit_word, gap_words, missing_words
from lifecircle.outputs.words import code_word, plan_title, service_name, titled, whole_words
from lifecircle.outputs.workbook.sheets import SheetColumn
from lifecircle.outputs.workbook.tables import STATUS_COUNTS
from lifecircle.tables import WHOLE_LEVELS, Results, Shortfall, verdict_rows

_LARGEST = 3

__all__ = [
    "priority_columns",
    "scorecard_columns",
    "sensitivity_columns",
    "setting_word",
    "shortfall_words",
    "what_to_build",
]


def scorecard_columns(results: Results, lang: str) -> list[SheetColumn]:
    """How many rules stand how: plans, then communities, each with its three largest deficits."""
    card = results.scorecard
    names = [row.name or plan_title(results, row.code, lang) for row in card.itertuples(index=False)]
    about = [text(f"scores.subject.{subject}", lang) for subject in card["subject"]]
    columns = [
        SheetColumn(text("scores.column.subject", lang), about),
        SheetColumn(text("workbook.column.code", lang), list(card["code"])),
        SheetColumn(text("scores.column.name", lang), names),
    ]
    columns += [
        SheetColumn(text(f"workbook.column.n_{name}", lang), card[name.replace("-", "_")].tolist(), "whole")
        for name in STATUS_COUNTS
    ]
    for place in range(_LARGEST):
        words = [
            shortfall_words(results, shortfall[place], lang) if place < len(shortfall) else ""
            for shortfall in card["largest"]
        ]
        heading = text("scores.column.largest", lang, number=place + 1)
        columns.append(SheetColumn(heading, words, wrapped=True))
    return columns


def priority_columns(results: Results, lang: str) -> list[SheetColumn]:
    """What each township is to build first, ranked."""
    table = results.priorities
    rows = list(table.itertuples(index=False))
    townships = [row.name or row.township for row in rows]
    what = [what_to_build(results, row.service, row.plan, row.rule, lang) for row in rows]
    titles = [titled(results, row.plan, row.rule, lang) for row in rows]
    units = [gap_unit_word(row.deficit_unit, lang) for row in rows]
    return [
        SheetColumn(code_word("township", lang), townships),
        SheetColumn(text("scores.column.rank", lang), table["rank"].tolist(), "whole"),
        SheetColumn(text("scores.column.what", lang), what, wrapped=True),
        SheetColumn(text("scores.column.people-there", lang), table["people"].tolist(), "whole"),
        SheetColumn(text("scores.column.areas", lang), table["areas"].tolist(), "whole"),
        SheetColumn(text("scores.column.areas_firm", lang), table["areas_firm"].tolist(), "whole"),
        SheetColumn(text("scores.column.areas_assumed", lang), table["areas_assumed"].tolist(), "whole"),
        SheetColumn(text("workbook.column.deficit", lang), table["deficit"].tolist(), "decimal"),
        SheetColumn(text("workbook.column.deficit_unit", lang), units),
        SheetColumn(text("workbook.column.title", lang), titles, wrapped=True),
        SheetColumn(text("scores.column.rules", lang), table["rules"].tolist(), "whole"),
        SheetColumn(text("workbook.column.rule", lang), list(table["rule"]), hidden=True),
    ]


def sensitivity_columns(results: Results, lang: str) -> list[SheetColumn]:
    """Every circle rule under every setting of every assumption varied."""
    table = results.sensitivity
    keys = list(zip(table["plan"], table["rule"], strict=True))
    titles = {key: titled(results, *key, lang) for key in set(keys)}
    counted = [
        SheetColumn(text(f"workbook.column.n_{name}", lang), table[column].tolist(), "whole")
        for name, column in (("met", "met"), ("no-data", "no_data"), ("not-applicable", "not_applicable"))
    ]
    return [
        SheetColumn(text("workbook.column.title", lang), [titles[key] for key in keys], wrapped=True),
        SheetColumn(
            text("scores.column.varied", lang),
            [text(f"scores.varied.{name}", lang) for name in table["varied"]],
        ),
        SheetColumn(
            text("scores.column.setting", lang), [setting_word(one, lang) for one in table["setting"]]
        ),
        SheetColumn(
            text("scores.column.own", lang), [text("scores.yes", lang) if own else "" for own in table["own"]]
        ),
        SheetColumn(text("scores.column.met_share", lang), table["met_share"].tolist(), "decimal"),
        counted[0],
        SheetColumn(text("status.short", lang), table["short"].tolist(), "whole"),
        *counted[1:],
        SheetColumn(
            text("scores.column.verdict", lang),
            [code_word(one, lang) if one else "" for one in table["verdict"]],
        ),
        SheetColumn(text("scores.column.people", lang), table["people_short"].tolist(), "whole"),
        SheetColumn(text("workbook.column.rule", lang), list(table["rule"]), hidden=True),
    ]


def shortfall_words(results: Results, shortfall: Shortfall, lang: str) -> str:
    """One of the largest deficits as a reader sees it."""
    title = titled(results, shortfall.plan, shortfall.rule, lang)
    deficit = gap_words(shortfall.deficit, shortfall.unit, lang)
    if math.isnan(shortfall.people):
        if math.isnan(shortfall.deficit):
            return title
        return text("scores.largest", lang, title=title, deficit=deficit)
    people = whole_words(shortfall.people)
    rule = (shortfall.plan, shortfall.rule)
    if counts_residents(results, rule, shortfall.unit):
        missing = missing_words(results, rule, shortfall.deficit, shortfall.unit, lang)
        return text("scores.to-reach-people", lang, title=title, missing=missing, people=people)
    if _counts_everybody(results, shortfall):
        return text("scores.largest-whole", lang, title=title, deficit=deficit, people=people)
    return text("scores.largest-people", lang, title=title, deficit=deficit, people=people)


def _counts_everybody(results: Results, shortfall: Shortfall) -> bool:
    """Whether a rule is missed by the study as a whole alone, of which every resident counts."""
    short = results.short_by_rule.get((shortfall.plan, shortfall.rule))
    # of every unit that is short one row is its verdict: units of another level have one, too
    if short is None or not short["level"].isin(WHOLE_LEVELS).all():
        return False
    short = verdict_rows(short)
    return bool(
        np.allclose(short["population"], short["population_short"], rtol=0, atol=0.5)
        and shortfall.people >= short["population"].max() - 1
    )


def what_to_build(results: Results, service: str, plan: str, rule: str, lang: str) -> str:
    """The service (or the services any of which will do) that is missing; else the rule that is missed."""
    if not service:
        return titled(results, plan, rule, lang)
    return " / ".join(service_name(results, one, lang) for one in service.split("|"))


def setting_word(setting: str, lang: str) -> str:
    """A setting in words; numbers as they are."""
    return text(f"scores.setting.{setting}", lang) if has(f"scores.setting.{setting}") else setting
