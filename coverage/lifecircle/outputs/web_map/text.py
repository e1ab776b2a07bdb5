"""The words of a page: the catalogue's entries in both languages, placeholders left for it to fill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import PurePath

from lifecircle.messages import LANGUAGES, has, keys, template, text
from lifecircle.outputs.safe_text import display_name
from lifecircle.tables import Note, Results

__all__ = ["note_words", "page_words", "source_list", "study_date", "study_setting"]


def page_words(*namespaces: str) -> dict[str, dict[str, str]]:
    """Every message of some namespaces, per language, with its ``{placeholders}`` as they are."""
    wanted = [key for key in keys() if key.partition(".")[0] in namespaces]
    return {lang: {key: template(key, lang) for key in wanted} for lang in LANGUAGES}


def note_words(note: Note, lang: str) -> str:
    """A remark on a finding as the page tells it: a planner reads no id of a rule and no name of a column.

    Examples
    --------
    >>> note_words(Note("missing-column", {"column": "facilities.barrier_free"}), "en")
    'not recorded here: made barrier-free'
    >>> note_words(Note("no-indicator", {"rule": "plan-rule"}), "en")
    'no reported value: give it in the table of indicators'
    """
    if note.key == "missing-column":
        label = f"plans.column.{str(note.values['column']).rpartition('.')[2]}"
        if has(label):
            return text("map.note.not-recorded", lang, name=text(label, lang))
        return text("map.note.nothing-recorded", lang)
    level = note.values.get("level")
    if level is not None and has(f"status.{level}"):
        return Note(note.key, {**note.values, "level": text(f"status.{level}", lang)}).render(lang)
    return note.render(lang)


def study_setting(results: Results, name: str) -> str:
    """A setting of the run, or of its ``[study]`` table, as text; blank where it is not set."""
    head = results.settings.get("study")
    within = head.get(name) if isinstance(head, Mapping) else None
    value = results.settings.get(name, within)
    return "" if value is None else str(value)


def review_number(results: Results) -> str | None:
    """The map review number (审图号); blank where a map of China has none, None where no plan is China's."""
    number = display_name(study_setting(results, "map_review_number"))
    chinese = any(plan.get("country", "CN") == "CN" for plan in results.plans) or not results.plans
    return number if number or chinese else None


def study_date(results: Results) -> str:
    """The date the study speaks for, or today's, as YYYY-MM-DD."""
    return study_setting(results, "as_of") or date.today().isoformat()  # noqa: DTZ011  # the reader's own day


def source_list(results: Results) -> list[str]:
    """Names of the files read, and where the streets come from."""
    named = [display_name(PurePath(str(file.get("path", ""))).name) for file in results.inputs.files]
    sources = [name for name in named if name]
    return list(dict.fromkeys(sources)) or [
        name for name in [display_name(results.inputs.streets.source)] if name
    ]
