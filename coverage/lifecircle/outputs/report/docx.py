"""``report.docx``: what to build first in plain words, then plans, places, maps and method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from lifecircle.messages import text
from lifecircle.outputs.first_places import first_block
from lifecircle.outputs.print_maps.maps import MapSheet, report_maps
from lifecircle.outputs.remarks import quality_by_kind
from lifecircle.outputs.report.brief import (
    front_words,
    headline_table,
    headlines_how,
    uncertain_lines,
    without_data_words,
    worst_townships,
)
from lifecircle.outputs.report.docx_chapters import (
    write_counties,
    write_effects,
    write_needs,
    write_proposals,
    write_scorecards,
    write_sensitivity,
    write_table,
    write_townships,
    write_worst,
)
from lifecircle.outputs.report.effects import changes
from lifecircle.outputs.report.figures import (
    WHOLE,
    RuleScore,
    community_totals,
    grid_words,
    rule_scores,
    scope_words,
    short_words,
)
from lifecircle.outputs.report.needs import Need, needs
from lifecircle.outputs.report.sources import sources_in_words
from lifecircle.outputs.report.tables import assumptions_table
from lifecircle.outputs.report.word import WordReport
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.web_map.text import study_date
from lifecircle.outputs.words import plan_title, sentences, study_name
from lifecircle.tables import Results

_METHOD: Final = ("method-network", "method-covered", "method-minutes", "method-status", "method-files")
_MOST_MAPS: Final = 6
_MAP_CM: Final = 14.8
"""Two sheets and their heading fit one page."""

_OVERVIEW_CM: Final = 11.5
"""The overview fits below the summary, on the second page."""

_BRIEF_NEEDS: Final = 2
"""Needs told on the first two pages where no site is proposed; else the chapter on townships tells them."""

__all__ = ["write_report_docx"]


def write_report_docx(
    results: Results, path: Path, *, maps: Sequence[MapSheet], lang: str, counties: Sequence[CountyPage] = ()
) -> None:
    """Write the report.

    Parameters
    ----------
    results
        The finished study.
    path
        The file, made anew.
    maps
        What `write_static_maps` wrote: the rules that are missed are shown, in letters for this page.
    lang
        zh or en.
    counties
        Those that have pages of their own: the report lists them and leads there.
    """
    name = study_name(display_name(results.inputs.name), lang)
    title = text("report.title", lang, name=name)
    report = WordReport(lang=lang, title=title, footer=name, date=study_date(results))
    wanted, scores = needs(results, lang), rule_scores(results)
    _front(report, results, title, lang)
    _summary(report, results, wanted, lang)
    missed = {(score.plan, score.rule) for score in scores if score.short}
    sheets = _shown_sheets([sheet for sheet in maps if (sheet.plan, sheet.key) in missed], scores)
    pictures = report_maps(results, {(sheet.plan, sheet.key) for sheet in sheets}, lang=lang)
    if community_totals(results).judged:
        title = text("sheet.overview", lang)
        _picture(report, pictures["", ""], title, lang, width_cm=_OVERVIEW_CM)
    report.contents(text("docx.contents", lang))
    write_counties(report, results, counties, lang)
    write_townships(report, results, wanted, lang)
    write_proposals(report, results, lang)
    write_effects(report, results, lang)
    write_scorecards(report, results, scores, lang)
    _sheets(report, sheets, pictures, lang)
    write_worst(report, results, scores, lang)
    write_sensitivity(report, results, lang)
    _method(report, results, lang)
    _data(report, results, lang)
    report.save(path)


def _front(report: WordReport, results: Results, title: str, lang: str) -> None:
    """Title, date and review number."""
    report.title(title)
    report.text("  ·  ".join(front_words(results, lang)), mild=True)


def _summary(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """Who was judged, how the plans stand, what to build first and where, what scenarios would change."""
    totals = community_totals(results)
    report.heading(text("report.summary", lang), 1)
    lead = [scope_words(totals, rule_scores(results), lang), *grid_words(results, lang)]
    lead += [short_words(results, lang), *worst_townships(results, lang), *without_data_words(results, lang)]
    report.text(sentences(lead, lang))
    headlines = headline_table(results, lang)
    if headlines.rows:
        write_table(report, headlines, lang)
        for line in headlines_how(results, lang):
            report.text(line, mild=True)
    _build_first(report, results, wanted, lang)
    lines = uncertain_lines(results, lang)
    if lines:
        report.heading(text("report.uncertain", lang), 2)
    for line in lines:
        report.text(line, style="List Bullet")
    for change in (*changes(results, "proposal", lang), *changes(results, "study", lang)):
        report.text(text("report.colon", lang) + change.words, strong=change.name)
    if results.inputs.quality["severity"].eq("warning").any():
        report.text(text("docx.see-quality", lang), mild=True)


def _build_first(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """Places to build at first; where none is proposed, what most residents need and in which townships."""
    first = first_block(results, lang)
    if wanted or first:
        report.heading(text("report.build-first", lang), 2)
    if first:
        report.text(first[0], kept=True)
        for line in first[1:]:
            report.text(line, style="List Bullet")
    else:
        write_needs(report, results, wanted[:_BRIEF_NEEDS], lang)


def _shown_sheets(missed: Sequence[MapSheet], scores: Sequence[RuleScore]) -> list[MapSheet]:
    """Of the sheets of rules that are missed, those that concern most residents, by the tables' own number.

    Rules that as many units miss with as many residents concerned are one picture: the first is shown.
    """
    told: dict[tuple[str, str], tuple[int, int]] = {}
    for score in scores:
        if score.short and score.level not in WHOLE:
            own = (round(score.people_short or 0.0), score.short)
            told[score.plan, score.rule] = max(own, told.get((score.plan, score.rule), own))
    ranked = sorted(missed, key=lambda sheet: -told.get((sheet.plan, sheet.key), (0, 0))[0])
    first: dict[object, MapSheet] = {}
    for sheet in ranked:
        people, short = told.get((sheet.plan, sheet.key), (0, 0))
        first.setdefault((people, short) if people else sheet, sheet)
    return list(first.values())[:_MOST_MAPS]


def _sheets(
    report: WordReport,
    shown: Sequence[MapSheet],
    pictures: Mapping[tuple[str, str], bytes],
    lang: str,
) -> None:
    """Maps of rules that are missed."""
    if not shown:
        return
    report.heading(text("docx.maps", lang), 1, new_page=True)
    report.text(text("docx.maps-how", lang), mild=True)
    for sheet in shown:
        _picture(report, pictures[sheet.plan, sheet.key], sheet.title, lang, width_cm=_MAP_CM)


def _picture(report: WordReport, png: bytes, title: str, lang: str, *, width_cm: float) -> None:
    """A map with its title below."""
    report.picture(png, (text("docx.figure", lang), title), described=title, width_cm=width_cm)


def _method(report: WordReport, results: Results, lang: str) -> None:
    """How figures were made, and what was assumed."""
    report.heading(text("report.method", lang), 1, new_page=True)
    for key in _METHOD:
        report.text(text(f"report.{key}", lang))
    report.heading(text("report.assumptions", lang), 1)
    report.text(text("report.assumptions-why", lang), kept=True)
    write_table(report, assumptions_table(results, lang), lang)


def _data(report: WordReport, results: Results, lang: str) -> None:
    """Remarks on the data, each kind once, and where everything came from."""
    report.heading(text("report.quality", lang), 1)
    remarks = quality_by_kind(results, lang)
    for one in remarks:
        more = f" {text('report.and-more', lang, n=one.times - 1)}" if one.times > 1 else ""
        strong = text("report.warning", lang) + " " if one.severity == "warning" else ""
        report.text(one.words + more, style="List Bullet", strong=strong)
    if not remarks:
        report.text(text("report.no-remarks", lang))
    report.heading(text("report.sources", lang), 1)
    for source in sources_in_words(results, lang):
        report.text(source, style="List Bullet")
    for plan in results.plans:
        report.text(plan_title(results, str(plan["id"]), lang), style="List Bullet")
    report.text(text("report.made-with", lang), mild=True)
