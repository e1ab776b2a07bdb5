"""Assumptions of a run in words, as the report and the workbook tell them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from lifecircle.messages import has, text
from lifecircle.outputs.words import service_name
from lifecircle.tables import Results

__all__ = ["assumptions_in_words", "basis_words", "used_assumptions"]

_ON_FOOT: Final = ("walk_speed_kmh", "elderly_speed_kmh")


def used_assumptions(results: Results) -> dict[str, object]:
    """The assumptions of a run by key: without the speeds on foot where everybody goes by bicycle."""
    modes = {results.assumptions.get("mode"), *results.modes["mode"]}
    unused = _ON_FOOT if modes == {"bike"} else ()
    return {name: value for name, value in results.assumptions.items() if name not in unused}


def assumptions_in_words(results: Results, lang: str) -> list[tuple[str, str]]:
    """What each assumption is about, and its value; services by name."""
    return [
        (_assumption_words(name, lang), _value_words(results, name, value, lang))
        for name, value in used_assumptions(results).items()
    ]


def basis_words(results: Results, told: Iterable[str], lang: str) -> list[str]:
    """What findings lean on (``mode=walk; covered_share=0.9``) in words, each assumption once.

    Examples
    --------
    >>> import tempfile
    >>> import lifecircle as lc
    >>> result = lc.run(lc.Study.from_file(lc.example_study(tempfile.mkdtemp())))
    >>> basis_words(result, ["mode=walk; walk_speed_kmh=4"], "en")
    ['How people travel: on foot', 'Walking speed (km/h): 4']
    """
    named = dict.fromkeys(one for words in told for one in words.split("; ") if one)
    said = {}
    for one in named:
        name, _, written = one.partition("=")
        value = results.assumptions.get(name, written)
        said[_assumption_words(name, lang)] = _value_words(results, name, value, lang)
    return [f"{about}{text('report.colon', lang)}{value}" for about, value in said.items()]


def _assumption_words(name: str, lang: str) -> str:
    """What an assumption is about; its name where the catalogue has no words for it."""
    return text(f"report.assumption.{name}", lang) if has(f"report.assumption.{name}") else name


def _value_words(results: Results, name: str, value: object, lang: str) -> str:
    """The value of an assumption: choices in words, shares in per cent, alternatives parted by strokes."""
    if isinstance(value, bool):
        return text(f"workbook.flag.{str(value).lower()}", lang)
    if isinstance(value, (int, float)):
        return f"{100 * value:g}%" if name == "covered_share" else f"{value:,g}"
    if not isinstance(value, (tuple, list)):
        key = f"report.choice.{value}"
        return text(key, lang) if has(key) else service_name(results, str(value), lang)
    if all(isinstance(one, (int, float)) for one in value):
        return " – ".join(f"{one:,g}" for one in value)
    groups = [group if isinstance(group, (tuple, list)) else (group,) for group in value]
    words = (" / ".join(service_name(results, str(one), lang) for one in group) for group in groups)
    return text("report.comma", lang).join(words)
