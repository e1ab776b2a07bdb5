"""What scenarios and proposals change: ``effects.csv``, and the sheets of ``deficits.xlsx`` that say it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.gaps_in_words import gap_unit_word
from lifecircle.outputs.safe_text import decimal_text, safe_cell
from lifecircle.outputs.words import code_word, level_word, mode_titles, service_name, titled, unit_word
from lifecircle.outputs.workbook.sheets import SheetColumn
from lifecircle.tables import EFFECTS, MODES_BESIDE, Results, TableSpec

__all__ = [
    "effect_columns",
    "effect_sheets",
    "gainer_columns",
    "mode_columns",
    "scenario_columns",
    "write_effects_csv",
    "write_modes_csv",
]

_FIGURES: Final = {"value": "decimal", "deficit": "decimal", "people": "whole"}
_REACHED: Final = ("people", "reached_before", "reached_after", "newly_reached", "no_longer_reached")
_EVENNESS: Final = ("gini_before", "gini_after", "palma_before", "palma_after")


def effect_sheets(results: Results, lang: str) -> dict[str, list[SheetColumn]]:
    """Scenarios, who gains, and every finding they change; nothing where there are none."""
    if not len(results.scenarios):
        return {}
    sheets = {"scenarios": scenario_columns(results, lang)}
    if len(results.gainers):
        sheets["gainers"] = gainer_columns(results, lang)
    if len(results.effects):
        sheets["effects"] = effect_columns(results, lang)
    return sheets


def scenario_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per scenario: what it changes, which verdicts turn, whom it reaches, what it costs."""
    table = results.scenarios
    counts = ("facilities_added", "facilities_closed", "streets_opened_m", "streets_closed_m")
    gains = ["turned_met", "turned_short", "people_reached"]
    gains += [name for name in ("cost", "cost_per_person") if table[name].notna().any()]
    rare = ("verdicts_kept", "newly_judged", "newly_short")
    gains += [name for name in rare if name in table and table[name].any()]
    kinds = [text(f"effects.kind.{kind}", lang) for kind in table["kind"]]
    return [
        _column("scenario", list(table["scenario"]), lang),
        _column("kind", kinds, lang),
        *(_column(name, table[name].tolist(), lang, looks="whole") for name in (*counts, *gains)),
    ]


def gainer_columns(results: Results, lang: str) -> list[SheetColumn]:
    """Per scenario, service and cohort: people in reach before and after, and how evenly minutes fall."""
    table = results.gainers
    services = [service_name(results, name, lang) for name in table["service"]]
    cohorts = [text(f"effects.cohort.{name}", lang) for name in table["cohort"]]
    return [
        _column("scenario", list(table["scenario"]), lang),
        _column("service", services, lang),
        _column("cohort", cohorts, lang),
        _column("cutoff_min", table["cutoff_min"].tolist(), lang, looks="whole"),
        *(_column(name, table[name].tolist(), lang, looks="whole") for name in _REACHED),
        *(_column(name, table[name].tolist(), lang, looks="decimal") for name in _EVENNESS),
    ]


def effect_columns(results: Results, lang: str) -> list[SheetColumn]:
    """Every finding that a scenario changes, those that help most people first."""
    table = results.effects
    rows = list(zip(table["plan"], table["rule"], strict=True))
    titles = {pair: titled(results, *pair, lang) for pair in set(rows)}
    units = [gap_unit_word(unit, lang) for unit in table["deficit_unit"]]
    columns = [
        _column("scenario", list(table["scenario"]), lang),
        _column("title", [titles[pair] for pair in rows], lang, wrapped=True),
        _column("level", [level_word(results, level, lang) for level in table["level"]], lang),
        _column("code", list(table["code"]), lang),
        _column("name", list(table["name"]), lang),
        _column("service", list(table["service"]), lang),
        _column("newly_reached", table["newly_reached"].tolist(), lang, looks="whole"),
    ]
    for when in ("before", "after"):
        statuses = table[f"status_{when}"].tolist()
        words = [code_word(status, lang) if status else "" for status in statuses]
        columns.append(_column(f"status_{when}", words, lang, fills=statuses))
    for figure, looks in _FIGURES.items():
        for when in ("before", "after"):
            values = table[f"{figure}_{when}"].tolist()
            columns.append(_column(f"{figure}_{when}", values, lang, looks=looks))
    return [
        *columns,
        _column("deficit_unit", units, lang),
        _column("rule", list(table["rule"]), lang, hidden=True),
    ]


def mode_columns(results: Results, lang: str) -> list[SheetColumn]:
    """What each circle finds in every mode of the study, a row per area; nothing where there is one mode."""
    titles = mode_titles(results, lang)
    if not titles:
        return []
    key = ["plan", "rule", "level", "code", "service"]
    by_mode = {mode: rows.set_index(key) for mode, rows in results.modes.groupby("mode", sort=False)}
    index = pd.MultiIndex.from_frame(results.modes[key].drop_duplicates())
    told = {mode: rows.reindex(index) for mode, rows in by_mode.items()}
    first = results.modes.drop_duplicates(key).set_index(key).reindex(index)
    plans, rules, levels, codes, services = (list(index.get_level_values(name)) for name in key)
    columns = [
        _column("title", [titled(results, *pair, lang) for pair in zip(plans, rules, strict=True)], lang,
                wrapped=True),
        _column("level", [level_word(results, level, lang) for level in levels], lang),
        _column("code", codes, lang),
        _column("name", list(first["name"]), lang),
        _column("service", [service_name(results, one, lang) if one else "" for one in services], lang),
    ]  # fmt: skip
    for mode, words in titles.items():
        statuses = list(told[mode]["status"].fillna(""))
        said = [code_word(status, lang) if status else "" for status in statuses]
        columns.append(_of_mode("status", words, said, lang, fills=statuses))
    for figure, looks in {"value": "decimal", "deficit": "decimal", "population_short": "whole"}.items():
        columns += [
            _of_mode(figure, words, told[mode][figure].tolist(), lang, looks=looks)
            for mode, words in titles.items()
        ]
    units = [
        [say(unit, lang) for unit in first[name].fillna("")]
        for name, say in (("unit", unit_word), ("deficit_unit", gap_unit_word))
    ]
    return [
        *columns,
        _column("unit", units[0], lang),
        _column("deficit_unit", units[1], lang),
        _column("rule", rules, lang, hidden=True),
    ]


def _of_mode(
    name: str,
    mode: str,
    values: Sequence[object],
    lang: str,
    *,
    looks: str = "text",
    fills: Sequence[str] = (),
) -> SheetColumn:
    """One column of one mode."""
    return SheetColumn(f"{text(f'effects.of-mode.{name}', lang)} · {mode}", values, looks, fills)


def write_effects_csv(results: Results, path: Path) -> None:
    """Write every finding that a scenario changes: UTF-8 with BOM, written as ``deficits.csv`` is."""
    _write_plain(results.effects, EFFECTS, path)


def write_modes_csv(results: Results, path: Path) -> None:
    """Write what circles find in each mode of the study, written as ``deficits.csv`` is."""
    _write_plain(results.modes, MODES_BESIDE, path)


def _write_plain(table: pd.DataFrame, spec: TableSpec, path: Path) -> None:
    """A table as UTF-8 with BOM; no text of it is computed by a spreadsheet."""
    written = pd.DataFrame(
        {
            name: [decimal_text(value) for value in table[name]]
            if column.kind == "number"
            else [safe_cell(str(value)) for value in table[name]]
            for name, column in spec.columns.items()
        }
    )
    written.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _column(
    name: str,
    values: Sequence[object],
    lang: str,
    *,
    looks: str = "text",
    fills: Sequence[str] = (),
    wrapped: bool = False,
    hidden: bool = False,
) -> SheetColumn:
    """One column under its heading."""
    return SheetColumn(
        text(f"effects.column.{name}", lang), values, looks, fills, wrapped=wrapped, hidden=hidden
    )
