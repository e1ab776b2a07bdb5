"""What the sheets of the workbook hold: summary, communities, findings by topic, assumptions, remarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.assumptions import assumptions_in_words, basis_words, used_assumptions
from lifecircle.outputs.gaps_in_words import gap_unit_word
from lifecircle.outputs.remarks import quality_in_words
from lifecircle.outputs.report.figures import rule_scores, short_rules
from lifecircle.outputs.uncertainty import stand_ins
from lifecircle.outputs.web_map.topics import TOPICS, topic_of
from lifecircle.outputs.words import (
    about_rule,
    clause_of,
    code_word,
    criterion_words,
    level_word,
    plan_title,
    service_name,
    setting_words,
    title_of,
    titled,
    unit_word,
)
from lifecircle.outputs.workbook.deficits import each_value, readable_findings
from lifecircle.outputs.workbook.sheets import SheetColumn
from lifecircle.tables import COMMUNITY_LEVELS, STUDY_AREA, Results, verdict_rows

_CODED: Final = ("scope", "role", "status", "certainty")
_FINDING_COLUMNS: Final = [
    "title",
    "level",
    "code",
    "name",
    "service_name",
    "status",
    "certainty",
    "value",
    "unit",
    "comparator",
    "target",
    "deficit",
    "deficit_unit",
    "criterion",
    "turns_at",
    "contribution",
    "population",
    "population_short",
    "target_year",
    "baseline",
    "progress",
    *("scope", "role", "clause", "responsible", "note", "assumptions", "plan", "rule", "service"),
]
"""Every column of ``deficits.csv``, and titles and names in words, in the order a reader needs them."""

_COMMUNITY_COLUMNS: Final = [
    "code", "name", "kind", "scope", "township_name", "township", "county_name", "county", "city_name",
    "city", "population", "reported", "households", "edge", "tier",
]  # fmt: skip
STATUS_COUNTS: Final = (
    "met",
    "short-firm",
    "short-assumed",
    "short-provisional",
    "no-data",
    "not-applicable",
    "report-only",
    "context",
)
"""What a row of a scorecard counts, in the order of its columns."""

_MOST_SHORT_COLUMNS: Final = 20
_SIGNS: Final = {">=": "≥", "<=": "≤", "~": "≈"}
_UNIT_LOOKS: Final = {"share": "share", "persons": "whole"}

__all__ = [
    "STATUS_COUNTS",
    "assumption_columns",
    "community_columns",
    "finding_sheets",
    "quality_columns",
    "short_community_columns",
    "summary_columns",
]


def summary_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per rule and level: how many units stand how, and the residents affected.

    Rules that give a verdict stand first, in the order of the plans; what is only monitored, part of a whole
    or without data follows.
    """
    scores, counts = rule_scores(results), _study_counts(results)
    order = sorted(range(len(scores)), key=lambda place: scores[place].judged == 0)
    scores, counts = [scores[place] for place in order], counts.iloc[order]
    about = [about_rule(results, one.plan, one.rule) for one in scores]
    return [
        _text("plan", [plan_title(results, one.plan, lang) for one in scores], lang, wrapped=True),
        _text("title", [title_of(results, one.plan, one.rule, lang) for one in scores], lang, wrapped=True),
        _text("level", [level_word(results, one.level, lang) for one in scores], lang),
        *(
            SheetColumn(
                _heading(f"n_{name}", lang),
                counts[name].tolist(),
                "whole",
                bars=((0, len(scores)),) if name == "short-firm" else (),
            )
            for name in STATUS_COUNTS
        ),
        SheetColumn(_heading("population_short", lang), counts["people"].tolist(), "whole"),
        *_people_basis(results, [(one.plan, one.rule) for one in scores], lang),
        _text("clause", [clause_of(results, one.plan, one.rule, lang) for one in scores], lang, wrapped=True),
        _text("quote", [str(entry.get("quote", "")) for entry in about], lang, wrapped=True),
        _text("rule", [one.rule for one in scores], lang, hidden=True),
    ]


def _people_basis(results: Results, rules: Sequence[tuple[str, str]], lang: str) -> list[SheetColumn]:
    """Who stands in for the people that a rule is about, beside their number; no column where nobody does."""
    known = stand_ins(results, lang)
    told = [known.get(rule, "") for rule in rules]
    return [_text("people_basis", told, lang, wrapped=True)] if any(told) else []


def _study_counts(results: Results) -> pd.DataFrame:
    """The rows of `rule_scores` as `tables.SUMMARY` has them, by the headings of the sheet."""
    table = results.summary
    rows = table[
        (table["scenario"] == "") & (table["area"] == STUDY_AREA) & table["verdict"] & (table["rule"] != "")
    ]
    met = rows[["met_firm", "met_assumed", "met_provisional"]].sum(axis=1)
    return rows.assign(met=met).rename(columns=lambda name: name.replace("_", "-"))


def community_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One wide row per community: who lives there, each rule's status and deficit, minutes per service."""
    judged = results.communities[results.communities["inside"]]
    judged = pd.DataFrame(judged.drop(columns="geometry")).set_index("code", drop=False)
    known = [name for name in _COMMUNITY_COLUMNS if name in judged and judged[name].astype(str).ne("").any()]
    columns = [_community_fact(judged[name], lang) for name in known]
    columns.append(
        SheetColumn(
            _heading("rules_short", lang),
            short_rules(results).reindex(judged.index).to_numpy(dtype=np.float64),
            "whole",
            bars=((0, len(judged)),),
        )
    )
    columns += _rule_columns(results, judged.index, lang)
    rest = [name for name in judged.columns if name not in {*_COMMUNITY_COLUMNS, "inside", "scope_source"}]
    return columns + [_figure(results, judged[name], lang) for name in rest]


def short_community_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One short row per community: who and where it is, how many rules it misses, the headline targets.

    Of very many headline targets those are shown that leave the sheet twenty columns; the wide sheet has all.
    """
    judged = results.communities[results.communities["inside"]]
    judged = pd.DataFrame(judged.drop(columns="geometry")).set_index("code", drop=False)
    wanted = ("code", "name", "township_name", "population")
    columns = [_community_fact(judged[name], lang) for name in wanted if name in judged]
    short = short_rules(results).reindex(judged.index).to_numpy(dtype=np.float64)
    columns.append(SheetColumn(_heading("rules_short", lang), short, "whole", bars=((0, len(judged)),)))
    own = results.headlines[results.headlines["level"] == "community"]
    keys = list(zip(own["plan"], own["rule"], strict=True))[: (_MOST_SHORT_COLUMNS - len(columns)) // 3]
    return [*columns, *_rule_columns(results, judged.index, lang, only=keys)]


def finding_sheets(results: Results, lang: str) -> list[tuple[str, list[SheetColumn]]]:
    """The findings split by topic, in the order of the gap map: every row of ``deficits.csv`` once."""
    table = readable_findings(results, lang)
    rules = pd.Series(list(zip(table["plan"], table["rule"], strict=True)), index=table.index)
    topics = rules.map({rule: _topic(results, *rule) for rule in set(rules)})
    return [
        (topic, _finding_columns(results, rows.sort_values(["plan", "rule"], kind="stable"), lang))
        for topic in TOPICS
        if len(rows := table[topics == topic])
    ]


def _topic(results: Results, plan: str, rule: str) -> str:
    """What a rule is about."""
    return topic_of(rule, about_rule(results, plan, rule).get("services", ()))  # type: ignore[arg-type]


def assumption_columns(results: Results, lang: str) -> list[SheetColumn]:
    """Named assumptions and their values in words, and as a study file names them."""
    told, used = assumptions_in_words(results, lang), used_assumptions(results)
    written = [_as_written(value) for value in used.values()]
    return [
        _text("meaning", [row[0] for row in told], lang, wrapped=True),
        _text("used", [row[1] for row in told], lang, wrapped=True),
        _text("assumption", list(used), lang),
        _text("written", written, lang, wrapped=True),
    ]


def _as_written(value: object) -> str:
    """A value of the study file: a list separated by commas, alternatives by a stroke."""
    if not isinstance(value, tuple):
        return str(value)
    return ", ".join("|".join(one) if isinstance(one, tuple) else str(one) for one in value)


def quality_columns(results: Results, lang: str) -> list[SheetColumn]:
    """Remarks on the data, in words, warnings first."""
    table = quality_in_words(results.inputs.quality, lang, results.services, results.communities)
    subjects = [_message(f"workbook.subject.{name}", name, lang) for name in table["subject"]]
    severities = [_message(f"workbook.severity.{name}", name, lang) for name in table["severity"]]
    marks = ["short-provisional" if name == "warning" else "" for name in table["severity"]]
    return [
        SheetColumn(_heading("severity", lang), severities, fills=marks),
        _text("subject", subjects, lang),
        _text("item", table["item"].tolist(), lang),
        SheetColumn(_heading("count", lang), table["count"].tolist(), "whole"),
        _text("remark", table["words"].tolist(), lang, wrapped=True),
    ]


def _finding_columns(results: Results, rows: pd.DataFrame, lang: str) -> list[SheetColumn]:
    """The columns of one topic's sheet."""
    plan_rule = list(zip(rows["plan"], rows["rule"], strict=True))
    titles = {key: titled(results, *key, lang) for key in set(plan_rule)}
    clauses = {key: clause_of(results, *key, lang) for key in titles}
    names = {name: service_name(results, name, lang) for name in rows["service"].unique()}
    between = text("map.semicolon", lang)
    table = rows.assign(
        title=[titles[key] for key in plan_rule],
        clause=[clauses[key] for key in plan_rule],
        plan=each_value(rows["plan"], lambda plan: plan_title(results, plan, lang)),
        service_name=rows["service"].map(names).fillna(""),
        assumptions=each_value(
            rows["assumptions"], lambda told: between.join(basis_words(results, [told], lang))
        ),
        turns_at=each_value(rows["turns_at"], lambda told: _settings(told, lang)),
        level=each_value(rows["level"], lambda level: level_word(results, level, lang)),
        criterion=each_value(rows["criterion"], lambda told: criterion_words(told, lang)),
        comparator=rows["comparator"].map(
            lambda sign: _SIGNS.get(sign) or _message(f"workbook.comparator.{sign}", sign, lang)
        ),
        # what has no verdict stands on nothing, but a reported share of units on their verdicts
        certainty=rows["certainty"].where(
            rows["status"].isin(["met", "short"]) | (rows["certainty"] != "firm"), ""
        ),
    )
    return [_finding_column(table, name, _blocks(plan_rule), lang) for name in _FINDING_COLUMNS]


def _settings(told: str, lang: str) -> str:
    """Settings under which a verdict turns, in words."""
    return text("map.semicolon", lang).join(setting_words(one, lang) for one in told.split("; ") if one)


def _finding_column(
    table: pd.DataFrame, name: str, blocks: Sequence[tuple[int, int]], lang: str
) -> SheetColumn:
    """One column of findings: codes in words, figures in the look of their unit."""
    values, heading = table[name], _heading(name, lang)
    if pd.api.types.is_numeric_dtype(values):
        bars = blocks if name == "deficit" else ()
        return SheetColumn(heading, values.tolist(), _figure_looks(table, name), bars=bars)
    say = {"unit": unit_word, "deficit_unit": gap_unit_word}.get(name, code_word if name in _CODED else None)
    words = each_value(values, lambda value: str(value) if say is None else say(value, lang))
    fills = _marks(table) if name == "status" else ()
    return SheetColumn(heading, words, fills=fills, hidden=name in {"rule", "service"})


def _figure_looks(table: pd.DataFrame, name: str) -> str | list[str]:
    """How one column of figures looks, by what it is and by the unit of each row."""
    fixed = {
        "population": "whole",
        "population_short": "whole",
        "progress": "share",
        "target_year": "year",
    }
    if name in fixed:
        return fixed[name]
    return _looks(table[name], table["deficit_unit" if name == "deficit" else "unit"])


def _rule_columns(
    results: Results, codes: pd.Index, lang: str, *, only: Container[tuple[str, str]] | None = None
) -> list[SheetColumn]:
    """Status and deficit of every rule that judges communities, along `codes`; of some, their value too."""
    verdicts = verdict_rows(results.findings)
    own = verdicts[verdicts["level"].isin(COMMUNITY_LEVELS) & verdicts["code"].isin(codes)]
    groups = [
        (key, rows) for key, rows in own.groupby(["plan", "rule"], sort=False) if only is None or key in only
    ]
    # Titles that several rules share get their plan's place beside them, within a plan the rule's id.
    often = Counter(titled(results, str(plan), str(rule), lang) for (plan, rule), _ in groups)
    columns = []
    for (plan, rule), group in groups:
        rows = group.drop_duplicates("code").set_index("code")
        title = titled(results, str(plan), str(rule), lang)
        title = title if often[title] == 1 else f"{title} [{rule}]"
        words = rows["status"].map(lambda status: code_word(status, lang))
        marks = pd.Series(_marks(rows), index=rows.index)
        deficit = rows["deficit"].reindex(codes)
        unit = next((name for name in rows["deficit_unit"] if name), "")
        if only is not None:
            value, measured = rows["value"].reindex(codes), next((name for name in rows["unit"] if name), "")
            heading = text("workbook.rule-value", lang, title=title, unit=unit_word(measured, lang))
            columns.append(SheetColumn(heading, value.tolist(), _looks(value)))
        columns.append(
            SheetColumn(
                text("workbook.rule-status", lang, title=title),
                words.reindex(codes).fillna("").tolist(),
                fills=marks.reindex(codes).fillna("").tolist(),
            )
        )
        columns.append(
            SheetColumn(
                text("workbook.rule-deficit", lang, title=title, unit=gap_unit_word(unit, lang)),
                deficit.tolist(),
                _UNIT_LOOKS.get(unit) or _looks(deficit),
                bars=((0, len(codes)),),
            )
        )
    return columns


def _community_fact(values: pd.Series, lang: str) -> SheetColumn:
    """One plain column of the communities."""
    name = str(values.name)
    if pd.api.types.is_bool_dtype(values):
        return _text(name, [text(f"workbook.flag.{str(value).lower()}", lang) for value in values], lang)
    if pd.api.types.is_numeric_dtype(values):
        return SheetColumn(_heading(name, lang), values.tolist(), "whole")
    return _text(name, [code_word(str(value), lang) if value else "" for value in values], lang)


def _figure(results: Results, values: pd.Series, lang: str) -> SheetColumn:
    """One figure of a service, such as ``min50_health-station``; other columns as they are."""
    figure, _, service = str(values.name).partition("_")
    if service in results.services and has(f"workbook.figure.{figure}"):
        heading = text(
            f"workbook.figure.{figure}",
            lang,
            service=service_name(results, service, lang),
            minutes=f"{results.assumptions.get('circle_minutes', 15):g}",
            mode=text(f"map.by.{results.assumptions.get('mode', 'walk')}", lang),
        )
        return SheetColumn(
            heading, values.tolist(), "share" if figure in {"share", "unreached", "dwellings"} else "decimal"
        )
    heading = _heading(str(values.name), lang)
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return SheetColumn(heading, values.tolist(), _looks(values))
    words = each_value(values, lambda value: "" if pd.isna(value) else _fact_words(values.name, value, lang))
    return SheetColumn(heading, words)


def _fact_words(name: object, value: object, lang: str) -> str:
    """A fact of a community: yes or no, and where its residents start from, in words; others as they are."""
    said = str(value)
    if said in {"True", "False"}:
        return text(f"workbook.flag.{said.lower()}", lang)
    return _message(f"report.choice.{said}", said, lang) if name == "placement" else said


def _marks(table: pd.DataFrame) -> list[str]:
    """The status that colours each finding; shortfalls that are provisional apart."""
    provisional = (table["status"] == "short") & (table["certainty"] == "provisional")
    return table["status"].mask(provisional, "short-provisional").tolist()


def _blocks(keys: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Runs of equal keys: one rule's rows share the scale of their bars."""
    starts = [place for place, key in enumerate(keys) if place == 0 or key != keys[place - 1]]
    return list(pairwise([*starts, len(keys)]))


def _looks(values: pd.Series, units: pd.Series | None = None) -> str | list[str]:
    """How numbers look: shares as percentages, people and whole ones without decimals."""
    if units is None:
        known = values.dropna()
        return "whole" if (known == known.round()).all() else "decimal"
    plain = np.where(values.isna() | (values == values.round()) | (units == "persons"), "whole", "decimal")
    return np.where(units == "share", "share", plain).tolist()


def _text(
    name: str, values: Sequence[str], lang: str, *, wrapped: bool = False, hidden: bool = False
) -> SheetColumn:
    """A column of text under a heading of the catalogue."""
    return SheetColumn(_heading(name, lang), values, wrapped=wrapped, hidden=hidden)


def _heading(name: str, lang: str) -> str:
    """A heading in words, those of ledgers too; columns that only the user's layer has stand as they are."""
    return _message(f"workbook.column.{name}", _message(f"plans.column.{name}", name, lang), lang)


def _message(key: str, otherwise: str, lang: str) -> str:
    """A message, or a word where the catalogue has none."""
    return text(key, lang) if has(key) else otherwise
