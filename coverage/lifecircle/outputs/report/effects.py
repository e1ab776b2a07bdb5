"""What the reports say of scenarios and proposals: verdicts before and after, and who is newly reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.report_table import ReportTable
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.words import code_word, figure_words, sentences, titled, whole_words
from lifecircle.tables import WIDE_LEVELS, Results, gap_unit

_COUNTED: Final = ("facilities_added", "facilities_closed", "streets_opened_m", "streets_closed_m")
_MOST_AREAS: Final = 25

__all__ = ["Change", "changes"]


@dataclass(frozen=True)
class Change:
    """One scenario: what it does, what comes of it under each rule, and in which areas verdicts turn.

    ``further`` counts the areas that turn beyond those listed.
    """

    name: str
    words: str
    by_rule: ReportTable
    by_area: ReportTable
    further: int


def changes(results: Results, kind: str, lang: str) -> list[Change]:
    """The scenarios of a kind (``study`` or ``proposal``) and their effects, in the order of the run."""
    verdicts = _verdicts(results)
    listed = []
    for row in results.scenarios[results.scenarios["kind"] == kind].to_dict("records"):
        own = verdicts[verdicts["scenario"] == row["scenario"]]
        turned = own[own["turned_met"] | own["turned_short"]]
        listed.append(
            Change(
                name=display_name(row["scenario"]),
                words=_words(results, row, lang),
                by_rule=_by_rule(results, own, lang),
                by_area=_by_area(results, turned.head(_MOST_AREAS), lang),
                further=max(0, len(turned) - _MOST_AREAS),
            )
        )
    return listed


def _verdicts(results: Results) -> pd.DataFrame:
    """Effects on verdicts, not on single services of a rule that is judged over several."""
    effects, findings = results.effects, results.findings
    over_all = findings.loc[findings["service"] == "", ["plan", "rule"]].drop_duplicates()
    several = set(over_all.itertuples(index=False, name=None))
    rules = zip(effects["plan"], effects["rule"], strict=True)
    single = np.array([rule not in several for rule in rules], dtype=bool)
    kept = effects[(effects["service"] == "").to_numpy() | single]
    before, after = kept["status_before"], kept["status_after"]
    return kept.assign(
        turned_met=(before == "short") & (after == "met"), turned_short=(before == "met") & (after == "short")
    )


def _words(results: Results, row: Mapping[str, float], lang: str) -> str:
    """What a scenario does, how many verdicts it turns, and what it costs where the study says so."""
    turned = _counted_words(row, ("turned_met", "turned_short"), lang)
    told = [words for words in (_counted_words(row, _COUNTED, lang), turned) if words]
    if not turned:
        told.append(text("report.change-no-turn", lang))
    if row.get("verdicts_kept", 0) > 0:
        told.append(text("report.change-kept", lang, n=whole_words(row["verdicts_kept"])))
    if row.get("newly_judged", 0) > 0:
        counts = {"n": whole_words(row["newly_judged"]), "short": whole_words(row["newly_short"])}
        told.append(text("effects.newly-judged", lang, **counts))
    cost, each = row["cost"], row["cost_per_person"]
    if not cost > 0:
        return sentences(told, lang)
    costs: Mapping[str, str] = results.settings.get("costs", {})  # type: ignore[assignment]
    values = {"cost": whole_words(cost), "currency": display_name(costs.get("currency", ""))}
    if not each > 0:
        return sentences([*told, text("report.change-cost", lang, **values)], lang)
    people = whole_words(row["people_reached"])
    words = text("report.change-cost-each", lang, each=whole_words(each), people=people, **values)
    return sentences([*told, words], lang)


def _counted_words(row: Mapping[str, float], names: Sequence[str], lang: str) -> str:
    """What is counted under these names, as a sentence without noughts; blank where all are noughts."""
    said = [text(f"report.change-{name}", lang, n=whole_words(row[name])) for name in names if row[name] > 0]
    words = text("report.change-comma", lang).join(said)
    return text("report.change", lang, what=words[:1].upper() + words[1:]) if said else ""


def _by_rule(results: Results, rows: pd.DataFrame, lang: str) -> ReportTable:
    """Every rule that changes: verdicts turned, people newly reached, and how the study stands under it."""
    lines = []
    for (plan, rule), group in rows.groupby(["plan", "rule"], sort=False):
        wide = group["level"].isin(WIDE_LEVELS)
        areas = group[~wide] if (~wide).any() else group
        lines.append(
            (
                titled(results, str(plan), str(rule), lang),
                whole_words(int(areas["turned_met"].sum())),
                whole_words(int(areas["turned_short"].sum())),
                whole_words(areas["newly_reached"].sum(min_count=1)),
                _whole(group[wide], lang),
            )
        )
    heads = (
        text("report.rule", lang),
        text("report.turned-met", lang),
        text("report.turned-short", lang),
        text("report.newly-reached", lang),
        text("report.on-the-whole", lang),
    )
    return ReportTable(text("report.change-by-rule", lang), heads, tuple(lines), (6.4, 2.4, 2.4, 2.4, 3.4))


def _by_area(results: Results, rows: pd.DataFrame, lang: str) -> ReportTable:
    """The areas whose verdict turns, those where most people gain first, as the effects have them."""
    lines = tuple(
        (
            display_name(row.name) or row.code,
            titled(results, row.plan, row.rule, lang),
            _turn(code_word(row.status_before, lang), code_word(row.status_after, lang), lang),
            _turn(
                figure_words(row.deficit_before, "", lang),
                figure_words(row.deficit_after, gap_unit(row.deficit_unit), lang),
                lang,
            ),
            whole_words(row.newly_reached),
        )
        for row in rows.itertuples(index=False)
    )
    heads = (
        text("report.area", lang),
        text("report.rule", lang),
        text("report.verdict", lang),
        text("report.deficit", lang),
        text("report.newly-reached", lang),
    )
    return ReportTable(text("report.change-by-area", lang), heads, lines, (4, 5.4, 2.8, 3, 2), figures_from=3)


def _whole(rows: pd.DataFrame, lang: str) -> str:
    """The verdict on the widest level that changes, before and after; blank where none does."""
    if rows.empty:
        return ""
    row = rows.iloc[rows["level"].map(WIDE_LEVELS.index).to_numpy().argmax()]
    before, after = (code_word(row[f"status_{when}"], lang) for when in ("before", "after"))
    return after if before == after else _turn(before, after, lang)


def _turn(before: str, after: str, lang: str) -> str:
    """From one thing to another."""
    return f"{before}{text('report.arrow', lang)}{after}"
