"""Where everything came from: each file by its name, and what the study took from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final

from lifecircle.messages import has, text
from lifecircle.outputs.safe_text import display_name
from lifecircle.outputs.web_map.text import source_list
from lifecircle.tables import Results

__all__ = ["sources_in_words"]

_OF_SECTIONS: Final = {
    "area": {"boundary": "sheet.boundary", "communities": "template.sheet.communities"},
    "streets": {"source": "plans.layer.streets", "elevation": "report.source.elevation"},
    "population": {"": "plans.layer.demand"},
    "buildings": {"": "report.choice.buildings"},
    "facilities": {"": "plans.layer.facilities"},
    "ledgers": {"": "report.source.ledgers"},
    "indicators": {"": "template.sheet.indicators"},
    "costs": {"": "report.source.costs"},
}
"""What is read from the files that a section of the study names, by the key where they differ; blank: any."""


def sources_in_words(results: Results, lang: str) -> list[str]:
    """Each file with what it holds, sheets by the name that they have in it; one line a file."""
    holds: dict[str, dict[str, None]] = {}
    for name, what in _named_files(results.settings, lang):
        if what:
            holds.setdefault(name, {})[what] = None
    comma = text("report.comma", lang)
    return [
        name + (text("report.bracketed", lang, words=comma.join(holds[name])) if name in holds else "")
        for name in source_list(results)
    ]


def _named_files(settings: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """Name of every file of a study's settings, and what it holds."""
    for section, table in settings.items():
        entries = table if isinstance(table, list | tuple) else [table]
        for entry in entries:
            if not isinstance(entry, Mapping):
                continue
            for key, value in entry.items():
                if isinstance(value, str) and (name := display_name(PurePath(value).name)):
                    yield name, _holds(section, key, entry, lang)


def _holds(section: str, key: str, entry: Mapping[str, Any], lang: str) -> str:
    """What one file is read for; blank where the setting is no file."""
    if section == "areas":
        label = f"template.sheet.areas-{entry.get('kind')}"
        if key != "source":
            return ""
        level = f"template.sheet.{entry.get('kind')}"
        return text(label, lang) if has(label) else text(level, lang) if has(level) else ""
    named = _OF_SECTIONS.get(section, {})
    label = named.get(key) or named.get("", "")
    if not label:
        return ""
    sheet = display_name(str(entry.get("layer") or "")) if section == "facilities" else ""
    return text(label, lang) + (text("report.colon", lang) + sheet if sheet else "")
