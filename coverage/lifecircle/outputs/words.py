"""Codes, figures and titles as a reader of tables and reports sees them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lifecircle.messages import has, text
from lifecircle.outputs.safe_cells import plain_text
from lifecircle.outputs.web_map.themes import about_rule
from lifecircle.tables import Results

__all__ = ["code_word", "figure_words", "service_name", "title_of", "unit_word", "whole_words"]


def code_word(code: str, lang: str) -> str:
    """A status, level, role or scope in words; other codes as they are."""
    return text(f"status.{code}", lang) if has(f"status.{code}") else code


def unit_word(unit: str, lang: str) -> str:
    """A unit in words; blank where there is none."""
    return text(f"status.unit.{unit}", lang) if has(f"status.unit.{unit}") else unit


def service_name(results: Results, service: str, lang: str) -> str:
    """The name of a service; its id where the catalogue has none."""
    return plain_text(results.services.get(service, {}).get(lang, service))


def title_of(results: Results, plan: str, rule: str, lang: str) -> str:
    """The title of a rule; its id where the plan says none."""
    titles = about_rule(results, plan, rule).get("title", {})
    return plain_text(titles.get(lang, rule) if isinstance(titles, Mapping) else rule)


def figure_words(value: float | None, unit: str, lang: str) -> str:
    """A figure with its unit; shares as percentages; a dash where unknown."""
    if value is None or pd.isna(value):
        return text("map.unknown", lang)
    if unit == "share":
        return f"{100 * value:.1f}%"
    if unit == "%":
        return f"{value:,.1f}%"
    number = whole_words(value) if float(value).is_integer() or abs(value) >= 100 else f"{value:,.2f}"
    return f"{number} {unit_word(unit, lang)}".strip()


def whole_words(value: float | None) -> str:
    """A number with thousands marked and no decimals; blank where unknown."""
    return "" if value is None or pd.isna(value) else f"{value:,.0f}"
