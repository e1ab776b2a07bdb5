"""Codes, figures and titles as a reader of tables and reports sees them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

import pandas as pd

from lifecircle.messages import LANGUAGES, has, text
from lifecircle.outputs.once import once
from lifecircle.outputs.safe_text import display_name, plain_text
from lifecircle.tables import Results, gap_unit

__all__ = [
    "about_rule",
    "code_word",
    "criterion_words",
    "figure_beside",
    "figure_words",
    "is_comparable",
    "joined",
    "known_words",
    "level_word",
    "number_beside",
    "of_cells",
    "plan_short",
    "plan_title",
    "sentences",
    "service_name",
    "services_named",
    "setting_words",
    "study_name",
    "study_note",
    "study_place",
    "title_of",
    "titled",
    "unit_word",
    "whole_words",
]

_CLOSE = re.compile(r"[%\u3400-\u9fff]")
"""What stands right behind a figure: a sign of percent, or a Chinese word."""
_BRACKETS = re.compile(r"\s*[（(]([^（()）]+)[)）]\s*$")
_EXACT: Final = 1e15
"""Figures from here on have no decimals left to round."""

_SHARES: Final = ("share", "%")
_POINTS: Final = gap_unit("%")
_MORE_DECIMALS: Final = 6
"""Decimals shown at most beyond the usual ones."""


def about_rule(results: Results, plan: str, rule: str) -> Mapping[str, object]:
    """What the plan says of a rule; empty where the plan is not listed."""
    own = next((entry for entry in results.plans if entry["id"] == plan), None)
    return own["rules"].get(rule, {}) if own else {}


def is_comparable(results: Results, plan: str, rule: str) -> bool:
    """Whether a rule's present figure is counted as its baseline was, so that progress can be told."""
    return bool(about_rule(results, plan, rule).get("comparable"))


def code_word(code: str, lang: str) -> str:
    """A status, level, role or scope in words; other codes as they are."""
    return text(f"status.{code}", lang) if has(f"status.{code}") else code


def level_word(results: Results, level: str, lang: str) -> str:
    """A level at which a rule is judged, in words.

    What a province's plan asks of the whole is judged on the study, which may be one city and no province.
    """
    if level == "province" and _is_one_city(results):
        return text("map.whole-city", lang)
    return code_word(level, lang)


def _is_one_city(results: Results) -> bool:
    """Whether the communities of the study lie in one city, as far as they name theirs."""
    homes = results.inputs.communities
    return len(set(homes.loc[homes["inside"], "city"])) <= 1


def of_cells(results: Results) -> bool:
    """Whether what is judged as communities are cells of a grid, each and all."""
    kinds = results.communities.loc[results.communities["inside"], "kind"]
    return bool(len(kinds) and (kinds == "cell").all())


def unit_word(unit: str, lang: str, number: str = "") -> str:
    """A unit in words, in the singular for a number of 1; blank where there is none."""
    return text(f"status.unit.{unit}", lang, n=number) if has(f"status.unit.{unit}") else unit


def service_name(results: Results, service: str, lang: str) -> str:
    """The name of a service; its id where the catalogue has none."""
    return plain_text(results.services.get(service, {}).get(lang, service))


def services_named(results: Results, plan: str, rule: str) -> tuple[str, ...]:
    """Ids of the services that a rule names; none where it names none or its plan is not listed."""
    named = about_rule(results, plan, rule).get("services", ())
    return tuple(map(str, named)) if isinstance(named, (list, tuple)) else ()


def plan_title(results: Results, plan: str, lang: str) -> str:
    """The title of a plan; its id where it is not listed."""
    titles = {str(entry["id"]): entry["title"] for entry in results.plans}
    return display_name(titles.get(plan, {}).get(lang, plan))


def plan_short(results: Results, plan: str, lang: str) -> str:
    """The place that a plan is of, where no other plan of the run is of it; else the plan's whole title."""
    places = {str(entry["id"]): _in_language(entry.get("place"), lang) for entry in results.plans}
    own = places.get(plan, "")
    alone = own and list(places.values()).count(own) == 1
    return display_name(own) if alone else plan_title(results, plan, lang)


@once
def titled(results: Results, plan: str, rule: str, lang: str) -> str:
    """The title of a rule; and its plan where another plan of the run has one of the same title."""
    own = title_of(results, plan, rule, lang)
    said = _in_language(about_rule(results, plan, rule).get("title"), lang)
    others = (entry["rules"].values() for entry in results.plans if entry["id"] != plan)
    if not said or not any(_in_language(one.get("title"), lang) == said for rules in others for one in rules):
        return own
    return own + text("report.bracketed", lang, words=plan_short(results, plan, lang))


def title_of(results: Results, plan: str, rule: str, lang: str) -> str:
    """The title of a rule; its id where the plan says none."""
    titles = about_rule(results, plan, rule).get("title", {})
    return plain_text(titles.get(lang, rule) if isinstance(titles, Mapping) else rule)


def _in_language(names: object, lang: str) -> str:
    """A name in a language; blank where there is none."""
    return str(names.get(lang, "")) if isinstance(names, Mapping) else ""


def clause_of(results: Results, plan: str, rule: str, lang: str) -> str:
    """Where a rule stands in its plan, in words of the language; blank where that is but its id."""
    about = about_rule(results, plan, rule)
    words = about.get("clause_words")
    said = words.get(lang, "") if isinstance(words, Mapping) else str(about.get("clause", ""))
    return "" if said == rule else display_name(said)


def study_note(name: str) -> dict[str, str]:
    """What the name of a study says of it in brackets at its end, by language; empty where it says nothing.

    Examples
    --------
    >>> study_note("演示市 (合成数据)")
    {'zh': '合成数据', 'en': 'synthetic data'}
    >>> study_note("Porto Alegre")
    {}
    """
    bracket = _BRACKETS.search(name)
    if bracket is None:
        return {}
    told = bracket[1].strip()
    known = {lang: text("report.synthetic", lang) for lang in LANGUAGES}
    return known if told in known.values() else dict.fromkeys(LANGUAGES, told)


def study_place(name: str) -> str:
    """The name of a study without what it says in brackets at its end.

    Examples
    --------
    >>> study_place("演示市 (合成数据)")
    '演示市'
    """
    return _BRACKETS.sub("", name) or name


def study_name(name: str, lang: str) -> str:
    """The name of a study with what it says in brackets, as a language writes it.

    Examples
    --------
    >>> study_name("演示市 (合成数据)", "en"), study_name("演示市 (合成数据)", "zh")
    ('演示市 (synthetic data)', '演示市（合成数据）')
    """
    note = study_note(name).get(lang, "")
    return study_place(name) + text("report.bracketed", lang, words=note) if note else name


def mode_titles(results: Results, lang: str) -> dict[str, str]:
    """The modes of a study of several, the judged one first, each with its speed; empty for one mode."""
    listed = results.modes.drop_duplicates("mode")
    return {
        mode: text(f"effects.mode.{mode}", lang, speed=f"{speed:g}")
        for mode, speed in zip(listed["mode"], listed["speed_kmh"], strict=True)
    }


def figure_words(value: float | None, unit: str, lang: str) -> str:
    """A figure with its unit; shares as percentages, people whole; a dash where unknown."""
    if value is None or pd.isna(value):
        return text("map.unknown", lang)
    return _with_unit(_number(value, unit), unit, lang)


def figure_beside(value: float | None, target: float | None, unit: str, lang: str) -> str:
    """A figure as `figure_words` shows it, with as many decimals more as keep it on its side of the target.

    Examples
    --------
    >>> figure_beside(89.988, 90.0, "%", "en"), figure_beside(89.94, 90.0, "%", "en")
    ('89.98%', '89.9%')
    >>> figure_beside(90.0, 90.0, "%", "en"), figure_beside(20_000.4, 20_000.0, "persons", "en")
    ('90%', '20,001 people')
    """
    if value is None or target is None or pd.isna(value) or pd.isna(target):
        return figure_words(value, unit, lang)
    return _with_unit(number_beside(value, target, unit), unit, lang)


def _with_unit(number: str, unit: str, lang: str) -> str:
    """A number as it is shown, with the unit behind it."""
    return number + "%" if unit in _SHARES else joined(number, unit_word(unit, lang, number))


def _number(value: float, unit: str) -> str:
    """A figure as it is shown, without its unit."""
    if unit in _SHARES or unit == _POINTS:
        return _rounded(value * (100 if unit == "share" else 1), 1).removesuffix(".0")
    return whole_words(value) if _stands_whole(value, unit) else f"{value:,.2f}"


def number_beside(value: float, target: float, unit: str) -> str:
    """The same, on its side of the target."""
    number = _number(value, unit)
    if math.isclose(value, target, rel_tol=1e-9, abs_tol=1e-9) or not abs(value) < _EXACT:
        return number
    own, asked = (Decimal(repr(float(one))) * (100 if unit == "share" else 1) for one in (value, target))
    decimals = 1 if unit in _SHARES or unit == _POINTS else 0 if _stands_whole(value, unit) else 2
    shown = own.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if (shown < asked) == (own < asked) and shown != asked:
        return number
    # people stay whole: the next one on the figure's side
    side, first = (ROUND_FLOOR if own < asked else ROUND_CEILING), decimals + (unit != "persons")
    for places in range(first, first + _MORE_DECIMALS):
        shown = own.quantize(Decimal(1).scaleb(-places), side)
        if shown != asked:
            break
    return f"{shown:,}"


def _stands_whole(value: float, unit: str) -> bool:
    """Whether a figure is shown without decimals."""
    return float(value).is_integer() or abs(value) >= 100 or (unit == "persons" and abs(value) >= 1)


def criterion_words(criterion: str, lang: str) -> str:
    """A threshold of ours (``>= 90 % of residents``) in words.

    Examples
    --------
    >>> criterion_words(">= 90 % of residents", "en"), criterion_words("<= 200 m", "en")
    ('at least 90% of residents', 'at most 200 m')
    """
    if share := re.fullmatch(r">= ([\d.]+) % of (.+)", criterion):
        basis = text(f"status.basis.{share[2].replace(' ', '-')}", lang)
        return text("map.criterion-share", lang, n=share[1], basis=basis)
    if types := re.fullmatch(r">= (\d+) types", criterion):
        return text("map.criterion-types", lang, n=types[1])
    if metres := re.fullmatch(r"<= ([\d.]+) m", criterion):
        return text("report.criterion-metres", lang, n=metres[1])
    return criterion


def joined(number: str, unit: str) -> str:
    """A figure and its unit: with a blank between, none before a Chinese word or a sign of percent.

    Examples
    --------
    >>> joined("8", "people"), joined("8", "人"), joined("8", "")
    ('8 people', '8人', '8')
    """
    return number + ("" if not unit or _CLOSE.match(unit) else " ") + unit


def sentences(words: Iterable[str], lang: str) -> str:
    """Whole sentences one after another: with a blank between, none in Chinese."""
    return ("" if lang == "zh" else " ").join(words)


def whole_words(value: float | None) -> str:
    """A number with thousands marked and no decimals; blank where unknown."""
    return "" if value is None or pd.isna(value) else _rounded(value, 0)


def _rounded(value: float, decimals: int) -> str:
    """A number with thousands marked, halves away from nought: what stands on the map's page stands here."""
    if not abs(value) < _EXACT:
        return f"{value:,.{decimals}f}"
    shown = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{shown:,}"


def known_words(value: float | None, lang: str) -> str:
    """A number with thousands marked; the word for unknown where it is not known."""
    return whole_words(value) or text("status.unknown", lang)


def setting_words(setting: str, lang: str) -> str:
    """A setting of the sensitivity table, such as ``walk_speed_kmh=4.8``, in words.

    Examples
    --------
    >>> setting_words("walk_speed_kmh=4.8", "en")
    'at 4.8 km/h on foot'
    """
    name, _, value = setting.partition("=")
    if has(f"map.setting.{name}.{value}"):
        return text(f"map.setting.{name}.{value}", lang)
    shown = f"{100 * float(value):.0f}%" if name == "covered_share" else value
    return text(f"map.setting.{name}", lang, value=shown) if has(f"map.setting.{name}") else setting
