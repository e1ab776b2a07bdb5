"""Tables of a report that say what is to be built where: townships and proposed sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import gap_words
from lifecircle.outputs.report.figures import community_totals
from lifecircle.outputs.report.links import map_link
from lifecircle.outputs.report.needs import Need, TownshipRow, township_rows
from lifecircle.outputs.report.places import closed_verdicts, townships_of
from lifecircle.outputs.report.report_table import MOST_ROWS, ReportTable, said_once, table_of_words
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.site_words import chosen_words, gain_words, joint_gains, with_shares
from lifecircle.outputs.told_once import asked_as
from lifecircle.outputs.uncertainty import people_words
from lifecircle.outputs.words import code_word, known_words, service_name, titled, whole_words
from lifecircle.outputs.workbook.scores import what_to_build
from lifecircle.tables import Results

__all__ = ["build_table", "chosen_lines", "joint_lines", "proposals_table", "township_table"]

_TOWNSHIP_LINES = 3


def township_table(results: Results, wanted: Sequence[Need], lang: str) -> ReportTable:
    """How each township stands on what is needed most; the whole study in the last row."""
    townships = township_rows(results, wanted) if wanted else []
    rows = [
        (
            row.name,
            whole_words(row.communities),
            known_words(row.residents, lang),
            whole_words(row.any_short),
            *(_shortfall(number, people) for number, people in row.shortfalls),
        )
        for row in townships
    ]
    rows += [_total_row(results, townships, wanted, lang)] if rows else []
    heads = (
        code_word("township", lang),
        text("report.communities", lang),
        text("report.residents", lang),
        text("report.any-short", lang),
        *(need.title for need in wanted),
    )
    made = table_of_words(
        text("report.townships", lang), heads, rows, (2.6, 1.9, 1.9, 1.9, *[2.6] * len(wanted))
    )
    return replace(made, total=bool(rows)).cut(MOST_ROWS)


def _total_row(
    results: Results, townships: Sequence[TownshipRow], wanted: Sequence[Need], lang: str
) -> tuple[str, ...]:
    """The study itself: what the rows of all townships come to."""
    totals = community_totals(results)
    return (
        text("report.total", lang),
        whole_words(totals.communities),
        known_words(totals.residents, lang),
        whole_words(sum(row.any_short for row in townships)),
        *(_shortfall(need.areas, need.people) for need in wanted),
    )


def build_table(results: Results, lang: str) -> ReportTable:
    """The first few things that each township is to build, by `Results.priorities`."""
    rows = []
    for code, group in results.priorities.groupby("township", sort=False):
        for row in group.head(_TOWNSHIP_LINES).itertuples():
            name = display_name(group["name"].iloc[0]) or str(code) if row.rank == 1 else ""
            what = what_to_build(results, row.service, row.plan, row.rule, lang)
            people = people_words(results, (row.plan, row.rule), row.people, lang)
            missing = gap_words(row.deficit, row.deficit_unit, lang)
            rows.append((name, f"{row.rank}. {what}", whole_words(row.areas), people, missing))
    heads = (
        code_word("township", lang),
        text("scores.column.what", lang),
        text("scores.column.areas", lang),
        text("scores.column.people-there", lang),
        text("report.deficit", lang),
    )
    title = text("scores.report.townships", lang)
    return table_of_words(title, heads, rows, (3.4, 6, 2.2, 2.4, 3), figures_from=2).cut(MOST_ROWS)


def proposals_table(results: Results, lang: str) -> ReportTable:
    """Proposed sites in order of building: where each stands, whom it brings within reach, what it closes.

    Rules that share their sites share a line.
    """
    table = with_shares(results)
    keys = [name for name in ("plan", "rule", "service") if name in table]
    # Rules whose sites are the very same share their lines.
    shared: dict[tuple[object, ...], tuple[pd.DataFrame, list[str], str]] = {}
    for _, own in table.sort_values([*keys, "rank"], kind="stable").groupby(keys, sort=False):
        first = own.iloc[0]
        plan, rule = (str(first[name]) if name in own else "" for name in ("plan", "rule"))
        sites = tuple(own[["service", "proposal", "gain"]].itertuples(index=False, name=None))
        title = titled(results, plan, rule, lang) if rule else ""
        link = map_link(results, lang, plan=plan, rule=rule) if rule else ""
        shared.setdefault(sites, (own, [], link))[1].append(title)
    rows, links = [], []
    townships = townships_of(results)
    for own, titles, link in shared.values():
        asked = text("report.comma", lang).join(dict.fromkeys(filter(None, titles)))
        what = service_name(results, str(own["service"].iloc[0]), lang)
        closed = closed_verdicts(results, own, lang)
        for row, closes in zip(own.to_dict("records"), closed, strict=True):
            names = (townships.get(str(row.get("code"))), row.get("name"))
            rows.append(
                (
                    what + (text("report.bracketed", lang, words=asked) if asked else ""),
                    whole_words(row["rank"]),
                    " ".join(display_name(str(name)) for name in names if name),
                    display_name(str(row.get("street") or "")),
                    f"{row['x']:.5f}, {row['y']:.5f}" if "x" in row else "",
                    gain_words(results, row["gain"], row["gain_share"], lang),
                    closes or "–",
                )
            )
            links.append(link)
    keys = ["rank", "place-name", "street", "coordinates", "gain", "closes"]
    heads = (text("report.for-what", lang), *(text(f"report.{name}", lang) for name in keys))
    made = table_of_words(
        text("report.proposals", lang),
        heads,
        said_once(rows),
        (5, 1, 2.9, 2, 2.4, 1.9, 2.4),
        figures_from=5,
        words_from=6,
    )
    return replace(made, links=tuple(links) if any(links) else ()).cut(MOST_ROWS)


def chosen_lines(results: Results, lang: str) -> list[str]:
    """Per service and rule with proposed sites: among how many places they were chosen, and how well."""
    table = pd.DataFrame(results.proposals)
    keys = [name for name in ("plan", "rule", "service") if name in table]
    told: dict[str, None] = {}
    for _, own in table.sort_values([*keys, "rank"], kind="stable").groupby(keys, sort=False):
        first, words = own.iloc[0], chosen_words(own, lang)
        rule = titled(results, str(first["plan"]), str(first["rule"]), lang) if first.get("rule") else ""
        what = service_name(results, str(first["service"]), lang)
        lead = what + (text("report.bracketed", lang, words=rule) if rule else "")
        if words:
            told[lead + text("report.colon", lang) + words] = None
    return list(told)


def joint_lines(results: Results, lang: str) -> list[str]:
    """Per rule with proposed sites: whom they bring within reach under other rules for the same service.

    Of rules that several plans ask alike the headline target is told.
    """
    table = with_shares(results)
    if "joint_gains" not in table or not len(table):
        return []
    alike = asked_as(results)
    own_gain = table.groupby(["plan", "rule"])["gain"].sum()
    told: dict[str, None] = {}
    for (plan, rule, service), own in table.groupby(["plan", "rule", "service"], sort=False):
        if (plan, rule) in alike:
            continue
        sums: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
        for words in own["joint_gains"]:
            for other_plan, other_rule, persons in joint_gains(words):
                other = (other_plan, other_rule)
                of_alike = sums.setdefault(alike.get(other, other), {})
                of_alike[other] = of_alike.get(other, 0) + persons
        lead = service_name(results, str(service), lang)
        lead += text("report.bracketed", lang, words=titled(results, str(plan), str(rule), lang))
        for other, of_rules in sums.items():
            values = {
                "lead": lead + text("report.colon", lang),
                "n": whole_words(len(own)),
                "title": titled(results, *other, lang),
                "people": whole_words(next(iter(of_rules.values()))),
                "own": whole_words(own_gain.get(other, 0.0)),
            }
            told[text("report.joint", lang, **values)] = None
    return list(told)


def _shortfall(areas: int, people: float) -> str:
    """Areas short and people concerned; a dash where there are neither."""
    if not areas and not people > 0:
        return "–"
    return whole_words(areas) if pd.isna(people) else f"{areas} / {whole_words(people)}"
