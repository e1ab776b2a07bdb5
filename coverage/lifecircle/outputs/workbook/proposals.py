"""The sheets on where to build next: proposed sites one by one, and how far each further one goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from lifecircle.messages import text
from lifecircle.outputs.report.places import closed_verdicts, gainer_words, townships_of
from lifecircle.outputs.site_words import with_shares
from lifecircle.outputs.told_once import RuleKey, rows_once
from lifecircle.outputs.words import service_name, titled
from lifecircle.outputs.workbook.sheets import SheetColumn
from lifecircle.tables import Results

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

__all__ = ["add_curve_chart", "curve_columns", "proposal_columns"]

_CURVE_COLUMNS: Final = {"sites": 2, "share": 4}
"""Where `curve_columns` has what its chart draws."""

_SAME_SITES: Final = ["service", "rank", "proposal", "gain"]
"""What makes the sites of two rules the same."""

_SAME_CURVE: Final = ["service", "sites", "covered"]
"""What makes the curves of two rules the same."""

_WORDS: Final = ("code", "name", "township_name")


def proposal_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per proposed site: for which rule, where it stands, whom it reaches, what it closes.

    Sites that serve what several plans ask alike stand there once, under all their titles.
    """
    table = _sorted(with_shares(results), "rank")
    table, asked = rows_once(results, table, _SAME_SITES)
    townships = townships_of(results)
    places = {name: _blank(table, name) for name in ("code", "name", "street")}
    places["township_name"] = [townships.get(code, "") for code in places["code"]]
    share = _figures(table, "covered") / _figures(table, "people").where(lambda people: people > 0)
    share = share.fillna(table["share"])
    return [
        _column("title", _titles(results, table, asked, lang), lang, wrapped=True),
        _column("service_name", [service_name(results, one, lang) for one in table["service"]], lang),
        SheetColumn(text("report.rank", lang), table["rank"].tolist(), "whole"),
        *(_column(name, places[name], lang) for name in _WORDS),
        SheetColumn(text("report.street", lang), places["street"]),
        SheetColumn(text("workbook.column.longitude", lang), _figures(table, "x").tolist(), "degrees"),
        SheetColumn(text("workbook.column.latitude", lang), _figures(table, "y").tolist(), "degrees"),
        SheetColumn(text("report.gain", lang), _figures(table, "gain").tolist(), "whole", bars=_runs(table)),
        _column("covered", _figures(table, "covered").tolist(), lang, looks="whole"),
        _column("covered_share", share.tolist(), lang, looks="share"),
        _column("bound", _figures(table, "bound").tolist(), lang, looks="whole"),
        _column("candidates", _figures(table, "candidates").tolist(), lang, looks="whole"),
        _column("turned_met", _figures(table, "turned_met").tolist(), lang, looks="whole"),
        _column("closed", closed_verdicts(results, table, lang), lang, wrapped=True),
        _column("rule", _blank(table, "rule"), lang, hidden=True),
        _column("gainers", gainer_words(results, table, lang), lang, wrapped=True),
    ]


def curve_columns(results: Results, lang: str) -> list[SheetColumn]:
    """One row per rule, service and number of new sites: people in reach, and the most that could be."""
    table, asked = _curve(results)
    return [
        _column("title", _titles(results, table, asked, lang), lang, wrapped=True),
        _column("service_name", [service_name(results, one, lang) for one in table["service"]], lang),
        _column("sites", table["sites"].tolist(), lang, looks="whole"),
        _column("covered", table["covered"].tolist(), lang, looks="whole"),
        _column("covered_share", table["share"].tolist(), lang, looks="share"),
        _column("bound", table["bound"].tolist(), lang, looks="whole"),
        _column("people", table["people"].tolist(), lang, looks="whole"),
        _column("rule", _blank(table, "rule"), lang, hidden=True),
        _column("candidates", _figures(table, "candidates").tolist(), lang, looks="whole"),
    ]


def add_curve_chart(book: Workbook, name: str, results: Results, lang: str) -> None:
    """A line per rule and service beside the table of `curve_columns`: share of people in reach by sites."""
    table, asked = _curve(results)
    chart = book.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    titles = _titles(results, table, asked, lang)
    places, shares = _CURVE_COLUMNS["sites"], _CURVE_COLUMNS["share"]
    for first, last in _runs(table):
        service = service_name(results, str(table["service"].iloc[first]), lang)
        chart.add_series(
            {
                "name": f"{titles[first]} ({service})" if titles[first] else service,
                "categories": [name, first + 1, places, last, places],
                "values": [name, first + 1, shares, last, shares],
                "marker": {"type": "circle", "size": 4},
            }
        )
    chart.set_x_axis({"name": text("workbook.column.sites", lang), "major_unit": 5, "min": 0})
    chart.set_y_axis({"name": text("workbook.column.covered_share", lang), "num_format": "0%", "max": 1})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 720, "height": 420})
    book.get_worksheet_by_name(name).insert_chart(1, len(curve_columns(results, lang)) + 1, chart)


def _curve(results: Results) -> tuple[pd.DataFrame, Mapping[RuleKey, list[RuleKey]]]:
    """Rows of the curve as they are shown, and the rules that each of them stands for."""
    return rows_once(results, _sorted(results.coverage_curve, "sites"), _SAME_CURVE)


def _sorted(table: pd.DataFrame, number: str) -> pd.DataFrame:
    """Rows of one rule and service side by side, in the order of building."""
    keys = [name for name in ("plan", "rule", "service", number) if name in table]
    return pd.DataFrame(table).sort_values(keys, kind="stable").reset_index(drop=True)


def _titles(
    results: Results, table: pd.DataFrame, asked: Mapping[RuleKey, list[RuleKey]], lang: str
) -> list[str]:
    """Titles of the rules that ask for each row; blank where none does."""
    pairs = list(zip(_blank(table, "plan"), _blank(table, "rule"), strict=True))
    semicolon = text("map.semicolon", lang)
    told = {
        key: semicolon.join(dict.fromkeys(titled(results, *one, lang) for one in asked.get(key, [key])))
        for key in dict.fromkeys(pairs)
        if key[1]
    }
    return [told.get(key, "") for key in pairs]


def _blank(table: pd.DataFrame, name: str) -> list[str]:
    """A column of text; blank where the table has none."""
    if name not in table:
        return [""] * len(table)
    return table[name].fillna("").astype(str).tolist()


def _figures(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of figures; unknown where the table has none."""
    known = table[name] if name in table else pd.Series(np.nan, index=table.index)
    return known.astype(np.float64)


def _runs(table: pd.DataFrame) -> list[tuple[int, int]]:
    """Rows that share a scale of bars: those of one rule and service."""
    keys = list(zip(_blank(table, "plan"), _blank(table, "rule"), _blank(table, "service"), strict=True))
    starts = [at for at, key in enumerate(keys) if at == 0 or key != keys[at - 1]]
    return list(zip(starts, [*starts[1:], len(keys)], strict=True))


def _column(
    name: str,
    values: Sequence[object],
    lang: str,
    *,
    looks: str = "text",
    wrapped: bool = False,
    hidden: bool = False,
) -> SheetColumn:
    """One column under its heading."""
    return SheetColumn(text(f"workbook.column.{name}", lang), values, looks, wrapped=wrapped, hidden=hidden)
