"""``report.docx``: what to build first in plain words, then plans, places, maps and method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lifecircle.messages import text
from lifecircle.outputs.escape import display_name
from lifecircle.outputs.fonts import picture_font
from lifecircle.outputs.map_text import source_list, study_date, study_setting
from lifecircle.outputs.remarks import quality_in_words
from lifecircle.outputs.report_figures import RuleScore, rule_title, scorecard, short_rules, worst
from lifecircle.outputs.report_needs import Need, needs, township_rows
from lifecircle.outputs.static_maps import MapSheet
from lifecircle.outputs.word import WordReport
from lifecircle.outputs.wording import code_word, figure_words, service_name, title_of, whole_words
from lifecircle.tables import Results

_METHOD: Final = ("method-network", "method-covered", "method-minutes", "method-status", "method-files")
_MOST_MAPS: Final = 10
_MAP_CM: Final = 14.8
"""Two sheets and their heading fit one page."""

_MOST_WORST: Final = 16
_TOWNSHIP_NEEDS: Final = 4

__all__ = ["write_report_docx"]


def write_report_docx(results: Results, path: Path, *, maps: Sequence[MapSheet], lang: str) -> None:
    """Write the report.

    Parameters
    ----------
    results
        The finished study.
    path
        The file, made anew.
    maps
        What `write_static_maps` wrote: the overview, and the sheets of rules that are missed, are shown.
    lang
        zh or en.
    """
    name = display_name(results.inputs.name)
    title = text("report.title", lang, name=name)
    report = WordReport(lang=lang, title=title, footer=name)
    wanted = needs(results, lang)
    _front(report, results, title, lang)
    _summary(report, results, wanted, lang)
    _overview(report, maps, lang)
    _scorecards(report, results, lang)
    _townships(report, results, wanted[:_TOWNSHIP_NEEDS], lang)
    _sheets(report, results, maps, wanted, lang)
    _worst_units(report, results, lang)
    _proposals(report, results, lang)
    _method(report, results, lang)
    _data(report, results, lang)
    report.save(path)


def _front(report: WordReport, results: Results, title: str, lang: str) -> None:
    """Title, date, review number and contents."""
    report.title(title)
    number = display_name(study_setting(results, "map_review_number"))
    review = (
        text("report.review-number", lang, number=number) if number else text("sheet.no-review-number", lang)
    )
    report.text(f"{study_date(results)}  ·  {review}", mild=True)
    report.contents(text("docx.contents", lang))


def _summary(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """Who was judged, how many fall short, and what to build first and where."""
    judged = results.communities[results.communities["inside"]]
    rules = len(results.findings[["plan", "rule"]].drop_duplicates())
    counts = {"communities": whole_words(len(judged)), "residents": whole_words(judged["population"].sum())}
    short = whole_words(int((short_rules(results) > 0).sum()))
    report.heading(text("report.summary", lang), 1, new_page=True)
    report.text(text("report.summary-scope", lang, rules=rules, **counts))
    report.text(text("report.summary-short", lang, n=short, communities=counts["communities"]))
    report.heading(text("report.build-first", lang), 2)
    for need in wanted:
        report.text(_need_words(results, need, lang), style="List Number", strong=need.title)
    report.text(text("report.never-summed" if wanted else "report.none-short", lang), mild=bool(wanted))
    if results.inputs.quality["severity"].eq("warning").any():
        report.text(text("docx.see-quality", lang), mild=True)


def _need_words(results: Results, need: Need, lang: str) -> str:
    """Why one thing is needed, where most, and which rules ask for it."""
    score, colon = need.score, text("report.colon", lang)
    words = colon + text(
        "report.priority", lang, n=whole_words(score.short), judged=whole_words(score.judged)
    )
    if score.people_short is not None:
        words += text("report.priority-people", lang, n=whole_words(score.people_short))
    if score.short_provisional:
        words += text("report.priority-provisional", lang, n=whole_words(score.short_provisional))
    places = text("report.comma", lang).join(
        text(
            "docx.place",
            lang,
            name=display_name(row["name"]) or row["code"],
            amount=figure_words(row["deficit"], row["deficit_unit"], lang),
        )
        for row in worst(results, score, listed=3).to_dict("records")
    )
    stop = text("report.full-stop", lang)
    words += f"{stop} {text('report.priority-places', lang)}{places}{stop}"
    if need.title not in need.rules:
        words += (
            " " + text("docx.asked-by", lang, rules=text("report.comma", lang).join(need.rules[:3])) + stop
        )
    return words


def _overview(report: WordReport, maps: Sequence[MapSheet], lang: str) -> None:
    """The map of everything, with the summary."""
    for sheet in maps:
        if not sheet.plan:
            report.picture(
                sheet.png, (text("docx.figure", lang), sheet.title), described=sheet.title, width_cm=_MAP_CM
            )


def _scorecards(report: WordReport, results: Results, lang: str) -> None:
    """One table per plan: how the units stand under each rule."""
    report.heading(text("report.scorecard", lang), 1, new_page=True)
    scores = _verdicts(scorecard(results))
    headings = [
        text("report.rule", lang),
        text("report.judged-per", lang),
        code_word("met", lang),
        text("report.short-firm", lang),
        text("report.short-provisional", lang),
        code_word("no-data", lang),
        text("report.people-short", lang),
    ]
    for plan in results.plans:
        own = [score for score in scores if score.plan == plan["id"] and score.judged]
        rest = [score for score in scores if score.plan == plan["id"] and not score.judged]
        title = display_name(plan["title"].get(lang, plan["id"]))
        report.heading(title, 2)
        report.table(
            (text("docx.table", lang), text("docx.scorecard-of", lang, plan=title)),
            headings,
            [_score_row(results, score, lang) for score in own],
            widths_cm=(6.4, 2.2, 1.4, 1.5, 2.2, 1.5, 2.2),
            figures_from=2,
        )
        names = dict.fromkeys(title_of(results, score.plan, score.rule, lang) for score in rest)
        if names:
            listed = text("docx.semicolon", lang).join(names)
            report.text(text("docx.not-judged", lang, n=len(names), rules=listed), mild=True)


def _score_row(results: Results, score: RuleScore, lang: str) -> list[str]:
    """One rule of a scorecard."""
    title = f"{title_of(results, score.plan, score.rule, lang)} ({display_name(score.clause)})"
    numbers = (score.met, score.short_firm, score.short_provisional, score.no_data, score.people_short)
    return [title, code_word(score.level, lang), *map(whole_words, numbers)]


def _verdicts(scores: Sequence[RuleScore]) -> list[RuleScore]:
    """Scores of verdicts: of a rule judged per service only the one over all of them."""
    whole = {(score.plan, score.rule, score.level) for score in scores if not score.service}
    return [
        score for score in scores if not score.service or (score.plan, score.rule, score.level) not in whole
    ]


def _townships(report: WordReport, results: Results, wanted: Sequence[Need], lang: str) -> None:
    """How each township stands on what is needed most."""
    rows = township_rows(results, wanted)
    if not rows:
        return
    report.heading(text("docx.townships", lang), 1, new_page=True)
    report.text(text("docx.townships-how", lang), mild=True)
    report.table(
        (text("docx.table", lang), text("docx.townships", lang)),
        [
            code_word("township", lang),
            text("docx.communities", lang),
            text("report.residents", lang),
            text("docx.any-short", lang),
            *(need.title for need in wanted),
        ],
        [
            [
                row.name,
                whole_words(row.communities),
                whole_words(row.residents),
                whole_words(row.any_short),
                *(
                    f"{number} / {whole_words(people)}" if number else "–"
                    for number, people in row.shortfalls
                ),
            ]
            for row in rows
        ],
        widths_cm=(2.6, 2.2, 1.9, 1.9, *[2.5] * len(wanted)),
    )


def _sheets(
    report: WordReport, results: Results, maps: Sequence[MapSheet], wanted: Sequence[Need], lang: str
) -> None:
    """Map sheets of rules that are missed, those of the greatest needs first."""
    order = {(need.score.plan, need.score.rule): place for place, need in enumerate(wanted)}
    missed = {(score.plan, score.rule) for score in scorecard(results) if score.short}
    shown = [sheet for sheet in maps if (sheet.plan, sheet.key) in missed]
    shown = sorted(shown, key=lambda sheet: order.get((sheet.plan, sheet.key), len(order)))[:_MOST_MAPS]
    if not shown:
        return
    report.heading(text("docx.maps", lang), 1, new_page=True)
    report.text(text("docx.maps-how", lang), mild=True)
    if not picture_font().chinese:
        report.text(text("sheet.no-font", lang), mild=True)
    for sheet in shown:
        report.picture(
            sheet.png, (text("docx.figure", lang), sheet.title), described=sheet.title, width_cm=_MAP_CM
        )


def _worst_units(report: WordReport, results: Results, lang: str) -> None:
    """The units furthest from each rule, by rule."""
    missed = [score for score in _verdicts(scorecard(results)) if score.short and score.level != "province"]
    missed.sort(key=lambda score: -(score.people_short or 0.0))
    if not missed:
        return
    report.heading(text("report.worst", lang), 1, new_page=True)
    headings = [
        text("report.value", lang),
        text("report.target", lang),
        text("report.deficit", lang),
        text("report.people-short", lang),
        text("report.certainty", lang),
    ]
    for score in missed[:_MOST_WORST]:
        title = rule_title(results, score, lang)
        report.table(
            (text("docx.table", lang), f"{title} ({display_name(score.clause)})"),
            [code_word(score.level, lang), *headings],
            [
                [
                    display_name(row["name"]) or display_name(row["code"]),
                    figure_words(row["value"], row["unit"], lang),
                    figure_words(row["target"], row["unit"], lang),
                    figure_words(row["deficit"], row["deficit_unit"], lang),
                    whole_words(row["population_short"]),
                    code_word(row["certainty"], lang),
                ]
                for row in worst(results, score, listed=5).to_dict("records")
            ],
            widths_cm=(4.6, 3.0, 2.6, 2.8, 2.4, 1.6),
        )


def _proposals(report: WordReport, results: Results, lang: str) -> None:
    """Proposed sites and the residents each brings within reach, where a run proposes any."""
    if not len(results.proposals):
        return
    report.heading(text("docx.proposals", lang), 1)
    rows = results.proposals.sort_values(["service", "rank"]).to_dict("records")
    report.table(
        (text("docx.table", lang), text("docx.proposals", lang)),
        [text("workbook.column.service_name", lang), text("docx.rank", lang), text("docx.gain", lang)],
        [
            [service_name(results, row["service"], lang), whole_words(row["rank"]), whole_words(row["gain"])]
            for row in rows
        ],
        widths_cm=(8, 3, 6),
    )


def _method(report: WordReport, results: Results, lang: str) -> None:
    """How figures were made, and what was assumed."""
    report.heading(text("report.method", lang), 1, new_page=True)
    for key in _METHOD:
        report.text(text(f"report.{key}", lang))
    report.heading(text("report.assumptions", lang), 1)
    report.text(text("report.assumptions-why", lang))
    report.table(
        (text("docx.table", lang), text("report.assumptions", lang)),
        [text("workbook.column.assumption", lang), text("workbook.column.value", lang)],
        [[name, _value_words(results, value, lang)] for name, value in results.assumptions.items()],
        widths_cm=(5, 12),
        figures_from=2,
    )


def _value_words(results: Results, value: object, lang: str) -> str:
    """The value of an assumption; services by name."""
    several = value if isinstance(value, (tuple, list)) else (value,)
    return text("report.comma", lang).join(service_name(results, str(one), lang) for one in several)


def _data(report: WordReport, results: Results, lang: str) -> None:
    """Remarks on the data, each kind once, and where everything came from."""
    report.heading(text("report.quality", lang), 1)
    table = quality_in_words(results, lang)
    for (severity, _), rows in table.groupby(["severity", "kind"], sort=False):
        more = f" {text('report.and-more', lang, n=len(rows) - 1)}" if len(rows) > 1 else ""
        strong = text("report.warning", lang) + " " if severity == "warning" else ""
        report.text(display_name(rows["words"].iloc[0]) + more, style="List Bullet", strong=strong)
    if table.empty:
        report.text(text("report.no-remarks", lang))
    report.heading(text("report.sources", lang), 1)
    for source in source_list(results):
        report.text(source, style="List Bullet")
    for plan in results.plans:
        report.text(display_name(plan["title"].get(lang, plan["id"])), style="List Bullet")
    report.text(text("report.made-with", lang), mild=True)
