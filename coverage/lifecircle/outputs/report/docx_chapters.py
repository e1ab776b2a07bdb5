"""Chapters of ``report.docx`` that are tables: plans, townships, sensitivity, proposals, scenarios, rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lifecircle.messages import text
from lifecircle.outputs.report.building_tables import (
    chosen_lines,
    joint_lines,
    proposals_table,
    township_table,
)
from lifecircle.outputs.report.chart import panel_png, picture_png
from lifecircle.outputs.report.counties import county_table
from lifecircle.outputs.report.effects import Change, changes
from lifecircle.outputs.report.figures import RuleScore, most_missed, shortfalls
from lifecircle.outputs.report.needs import Need, need_words
from lifecircle.outputs.report.report_table import ReportTable
from lifecircle.outputs.report.sensitivity import panels, sensitivity_table, unmoved_words
from lifecircle.outputs.report.table_layout import column_widths, rows_that_fit
from lifecircle.outputs.report.tables import (
    community_table,
    largest_table,
    rules_table,
    standing_table,
    worst_table,
)
from lifecircle.outputs.report.townships import profiles
from lifecircle.outputs.report.word import WordReport
from lifecircle.outputs.web_map.county_pages import CountyPage
from lifecircle.outputs.words import plan_title, whole_words
from lifecircle.tables import Results

_TOWNSHIP_NEEDS: Final = 4
_PROFILE_CM: Final = 4.8

__all__ = [
    "write_counties",
    "write_effects",
    "write_needs",
    "write_proposals",
    "write_scorecards",
    "write_sensitivity",
    "write_table",
    "write_townships",
    "write_worst",
]


def write_table(report: WordReport, table: ReportTable, lang: str, *, whole: bool = False) -> None:
    """One table with its caption: as many of its rows as a page holds, or the whole, its rows as links."""
    widths = column_widths(table.widths, table.headings, table.rows)
    if not whole:
        table = table.cut(rows_that_fit(widths, table.rows))
    report.table(
        (text("docx.table", lang), table.title),
        table.headings,
        table.rows,
        widths_cm=widths,
        figures=[table.holds_figures(place) for place in range(len(table.headings))],
        links=table.links if whole else (),
    )
    if table.further:
        report.text(text("report.rest-in-workbook", lang, n=whole_words(table.further)), mild=True)


def write_scorecards(report: WordReport, results: Results, scores: Sequence[RuleScore], lang: str) -> None:
    """What most people lack under each plan, the communities short of most, and each plan rule by rule."""
    report.heading(text("report.scorecard", lang), 1, new_page=True)
    for table in (
        standing_table(results, lang),
        largest_table(results, lang),
        community_table(results, lang),
    ):
        if table.rows:
            write_table(report, table, lang)
    for plan in (str(entry["id"]) for entry in results.plans):
        own = [score for score in scores if score.plan == plan]
        judged = [score for score in own if score.judged]
        rules, missed = {score.rule for score in judged}, {score.rule for score in judged if score.short}
        report.heading(plan_title(results, plan, lang), 2)
        table = rules_table(results, plan, judged, lang)
        if table.rows:
            write_table(report, table, lang)
        met, rest = len(rules - missed), len({score.rule for score in own} - rules)
        report.text(text("report.not-judged", lang, met=whole_words(met), n=whole_words(rest)), mild=True)


def write_counties(report: WordReport, results: Results, counties: Sequence[CountyPage], lang: str) -> None:
    """How each county stands, each with the way to its own report."""
    if not counties:
        return
    report.heading(text("report.counties", lang), 1, new_page=True)
    report.text(text("report.counties-how", lang), mild=True)
    write_table(report, county_table(results, counties, lang), lang, whole=True)


def write_townships(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """How each township stands on what is needed most, and a profile of each with a small map."""
    standing = township_table(results, wanted[:_TOWNSHIP_NEEDS], lang)
    told = profiles(results, lang)
    if not standing.rows and not told:
        return
    report.heading(text("report.townships", lang), 1, new_page=True)
    if len(results.proposals):  # else the brief tells them
        write_needs(report, results, wanted, lang)
    if standing.rows:
        report.text(text("report.townships-how", lang), mild=True, kept=True)
        write_table(report, standing, lang)
    for profile in told:
        report.heading(profile.name, 2)
        report.text(profile.words, kept=True)
        lines = [("", line) for line in profile.gaps]
        lines += [(text("report.profile-build", lang), line) for line in profile.sites]
        if profile.worst:
            lines.append((text("report.profile-most", lang), profile.worst))
        caption = (text("docx.figure", lang), profile.caption)
        report.beside(lines, picture_png(profile.picture), caption, width_cm=_PROFILE_CM)


def write_needs(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """What most residents need, each with the townships where most of them live."""
    with_communities = not len(results.proposals)
    for need in wanted:
        words = need_words(results, need, lang, with_communities=with_communities)
        report.text(words, style="List Number", strong=need.title)
    if any(need.people > 0 for need in wanted):
        report.text(text("report.never-summed", lang), mild=True)


def write_sensitivity(report: WordReport, results: Results, lang: str) -> None:
    """How verdicts of circles move with assumptions: a picture per assumption, and the table."""
    table = sensitivity_table(results, lang)
    if not table.rows:
        return
    report.heading(text("scores.report.sensitivity", lang), 1, new_page=True)
    report.text(text("scores.report.sensitivity-why", lang))
    for panel in panels(results, lang):
        words = text("scores.report.panel", lang, varied=panel.heading)
        report.picture(panel_png(panel), (text("docx.figure", lang), words), described=words)
    write_table(report, table, lang)
    if still := unmoved_words(results, lang):
        report.text(still, mild=True)


def write_proposals(report: WordReport, results: Results, lang: str) -> None:
    """Proposed sites, and what they would close."""
    if not len(results.proposals):
        return
    report.heading(text("report.proposals", lang), 1, new_page=True)
    write_table(report, proposals_table(results, lang), lang)
    for line in (*chosen_lines(results, lang), *joint_lines(results, lang)):
        report.text(line, style="List Bullet")
    for change in changes(results, "proposal", lang):
        _write_change(report, change, lang)


def write_effects(report: WordReport, results: Results, lang: str) -> None:
    """The study's own scenarios, before and after."""
    listed = changes(results, "study", lang)
    if not listed:
        return
    report.heading(text("report.effects", lang), 1, new_page=True)
    report.text(text("report.effects-why", lang), mild=True)
    for change in listed:
        _write_change(report, change, lang)


def write_worst(report: WordReport, results: Results, scores: Sequence[RuleScore], lang: str) -> None:
    """The units furthest from each rule, by rule, those that concern most people first."""
    missed = most_missed(scores)
    if not missed:
        return
    report.heading(text("report.worst", lang), 1, new_page=True)
    short = shortfalls(results)
    for score in missed:
        write_table(report, worst_table(results, short, score, lang), lang)


def _write_change(report: WordReport, change: Change, lang: str) -> None:
    """One scenario: what it does, each rule, and the areas whose verdict turns."""
    report.heading(change.name, 2)
    report.text(change.words)
    for table in (change.by_rule, change.by_area):
        if table.rows:
            write_table(report, table, lang)
    if change.further:
        report.text(text("report.further-areas", lang, n=change.further), mild=True)
