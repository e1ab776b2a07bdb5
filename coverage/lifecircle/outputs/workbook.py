"""``deficits.xlsx``: the findings for people, one sheet per question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from lifecircle.messages import has, text
from lifecircle.outputs.deficits import readable_findings
from lifecircle.tables import FINDINGS, Results

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_workbook"]

_MOST_TEXT = 32_767
_STATUS_COLOUR = {
    "met": "#DCEAF7",
    "short": "#F7D9C4",
    "no-data": "#EDEDED",
    "not-applicable": "#FFFFFF",
    "report-only": "#FFFFFF",
}


def write_workbook(results: Results, path: Path, *, lang: str) -> None:
    """Write summary, communities, one sheet per kind of rule, assumptions and data quality.

    The rule sheets together hold every row of ``deficits.csv``, number by number. Nothing outside
    text can become a formula or a link.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheets = _Sheets(book, lang)
        findings = readable_findings(results, lang)
        sheets.add("summary", _summary(results, lang))
        sheets.add("communities", _communities(results, lang))
        for kind, rows in _by_kind(findings, results):
            sheets.add(kind, rows, bars=("deficit",))
        assumptions = pd.DataFrame(
            {"assumption": list(results.assumptions), "value": [str(v) for v in results.assumptions.values()]}
        )
        sheets.add("assumptions", assumptions)
        sheets.add("data-quality", _quality(results, lang))


class _Sheets:
    """Writes tables as sheets that look alike: frozen heading, filter, widths, status colours."""

    def __init__(self, book: Workbook, lang: str) -> None:
        self._book, self._lang = book, lang
        self._heading = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6EEF2", "bottom": 1}
        )
        self._formats: dict[str, Format] = {}

    def add(self, key: str, table: pd.DataFrame, *, bars: Sequence[str] = ()) -> None:
        """One sheet named by the catalogue, one row per row of the table."""
        sheet = self._book.add_worksheet(text(f"workbook.sheet.{key}", self._lang)[:31])
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(table.columns):
            sheet.write_string(0, place, self._title(str(name)), self._heading)
            self._column(sheet, place, table.iloc[:, place], str(name))
        if len(table):
            sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
        for name in bars:
            place = list(table.columns).index(name)
            sheet.conditional_format(
                1,
                place,
                max(1, len(table)),
                place,
                {"type": "data_bar", "bar_color": "#C8643C", "bar_solid": True},
            )

    def _column(self, sheet: Worksheet, place: int, values: pd.Series, name: str) -> None:
        """One column, numbers as numbers, unknown as blank."""
        width = min(
            48, max([_width(self._title(name)), *(_width(_shown(value)) for value in values.head(200))]) + 2
        )
        sheet.set_column(place, place, max(6, width))
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        style = self._format("#,##0" if numeric and _whole(values) else "#,##0.00" if numeric else "@")
        for row, value in enumerate(values, 1):
            if numeric and math.isfinite(value):
                sheet.write_number(row, place, float(value), style)
            elif not numeric and not (value is None or value != value or value == ""):  # noqa: PLR0124  # NaN
                sheet.write_string(
                    row, place, self._word(name, str(value))[:_MOST_TEXT], self._status(name, str(value))
                )

    def _title(self, name: str) -> str:
        """A heading in words; columns made of data (a rule's title, a service) stand as they are."""
        return text(f"workbook.column.{name}", self._lang) if has(f"workbook.column.{name}") else name

    def _word(self, name: str, value: str) -> str:
        """Codes of a closed list in words."""
        key = f"status.{value}"
        return (
            text(key, self._lang)
            if name in {"status", "certainty", "level", "role", "tier", "scope"} and has(key)
            else value
        )

    def _status(self, name: str, value: str) -> Format | None:
        """Statuses have their colour as well as their word."""
        if name == "status" or name.startswith("⚑"):
            return self._format(fill=_STATUS_COLOUR.get(value, "#FFFFFF"))
        return None

    def _format(self, number: str = "@", fill: str = "") -> Format:
        """One format object per look."""
        key = number + fill
        if key not in self._formats:
            look: dict[str, object] = {"num_format": number, "valign": "top"}
            self._formats[key] = self._book.add_format({**look, "bg_color": fill} if fill else look)
        return self._formats[key]


def _summary(results: Results, lang: str) -> pd.DataFrame:
    """One row per rule: how many units are met, short, without data, and how many people are concerned."""
    rows = []
    units = results.findings[results.findings["service"] == ""]
    for (plan, rule), group in units.groupby(["plan", "rule"], sort=False):
        about = _about(results, plan, rule)
        short = group[group["status"] == "short"]
        rows.append(
            {
                "plan": plan,
                "rule": rule,
                "title": about.get("title", {}).get(lang, rule),
                "clause": group["clause"].iloc[0],
                "n_met": int((group["status"] == "met").sum()),
                "n_short_firm": int((short["certainty"] == "firm").sum()),
                "n_short_provisional": int((short["certainty"] == "provisional").sum()),
                "n_no_data": int((group["status"] == "no-data").sum()),
                "n_not_applicable": int((group["status"] == "not-applicable").sum()),
                "quote": about.get("quote", ""),
            }
        )
    return pd.DataFrame(rows)


def _communities(results: Results, lang: str) -> pd.DataFrame:
    """One wide row per community: its figures, then each rule's status and deficit."""
    judged = results.communities[results.communities["inside"]]
    wide = pd.DataFrame(
        judged.drop(columns=["geometry", "inside", "scope_source"], errors="ignore")
    ).set_index("code")
    wide.columns = [_service_heading(str(name), results.services, lang) for name in wide.columns]
    verdicts = results.findings[
        (results.findings["service"] == "") & results.findings["code"].isin(wide.index)
    ]
    for (plan, rule), group in verdicts.groupby(["plan", "rule"], sort=False):
        own = group[group["level"].isin(["community", "village"])].drop_duplicates("code").set_index("code")
        if own.empty:
            continue
        title = _about(results, plan, rule).get("title", {}).get(lang, rule)
        words = own["status"].map(lambda status: text(f"status.{status}", lang))
        wide[f"⚑ {title}"] = words.reindex(wide.index).fillna("")
        wide[f"{title} – {text('workbook.column.deficit', lang)}"] = own["deficit"].reindex(wide.index)
    return wide.reset_index()


def _service_heading(name: str, services: Mapping[str, Mapping[str, str]], lang: str) -> str:
    """``min50_health-station`` in words; other names are headings of the catalogue."""
    figure, _, service = name.partition("_")
    if service in services and has(f"workbook.figure.{figure}"):
        return text(f"workbook.figure.{figure}", lang, service=services[service][lang])
    return name


def _by_kind(findings: pd.DataFrame, results: Results) -> list[tuple[str, pd.DataFrame]]:
    """The findings split by kind of rule, kinds in order of appearance."""
    kinds = [
        str(_about(results, plan, rule).get("kind", "other"))
        for plan, rule in zip(findings["plan"], findings["rule"], strict=True)
    ]
    columns = [name for name in FINDINGS.columns if name in findings]
    return [
        (kind, rows[columns])
        for kind, rows in findings.groupby(pd.Series(kinds, index=findings.index), sort=False)
    ]


def _quality(results: Results, lang: str) -> pd.DataFrame:
    """Remarks on the data, in words."""
    table = results.inputs.quality
    words = [
        text(f"quality.{remark}", lang, count=_shown(count), value=value, item=item)
        for remark, count, value, item in zip(
            table["remark"], table["count"], table["value"], table["item"], strict=True
        )
    ]
    return pd.DataFrame(
        {"subject": table["subject"], "item": table["item"], "severity": table["severity"], "remark": words}
    )


def _about(results: Results, plan: str, rule: str) -> Mapping[str, Any]:
    """What a plan says of one of its rules."""
    for known in results.plans:
        if known["id"] == plan:
            return known["rules"].get(rule, {})
    return {}


def _whole(values: pd.Series) -> bool:
    """Whether every known number is whole."""
    known = values[pd.notna(values)]
    return bool((known == known.round()).all())


def _shown(value: object) -> str:
    """A value as it will look."""
    if isinstance(value, float):
        return (
            f"{value:,.0f}"
            if math.isfinite(value) and value == round(value)
            else f"{value:,.2f}"
            if math.isfinite(value)
            else ""
        )
    return str(value)


def _width(words: str) -> int:
    """Columns a text takes: a Chinese character is two wide."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in words[:60])
