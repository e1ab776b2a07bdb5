"""The one catalogue of everything a user reads, in Chinese and in English.

Every ``*.toml`` file beside this one is a namespace: the entry ``[short]`` of ``status.toml`` is the
message ``status.short``. An entry holds ``en`` and ``zh`` with the same ``{named}`` placeholders; a
nested entry (``[missing-column.fix]``) is reached as ``faults.missing-column.fix``. A number and the words
that follow it are written ``{count:row is|rows are}``: "1 row is", "12 rows are".
"""

from __future__ import annotations

import os
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("zh", "en")

__all__ = ["LANGUAGES", "Words", "has", "keys", "spoken_language", "template", "text"]


@dataclass(frozen=True)
class Words:
    """A message not yet in any language: put into another's placeholder, it is read in that one's."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def render(self, lang: str) -> str:
        """The message in one language."""
        return text(self.key, lang, **self.values)


def spoken_language() -> str:
    """The language of the user's terminal: of LIFECIRCLE_LANG, else its locale; else English.

    Examples
    --------
    >>> spoken_language() in LANGUAGES
    True
    """
    said = os.environ.get("LIFECIRCLE_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if said.lower().startswith("zh") else "en"


def text(key: str, lang: str = "en", /, **values: object) -> str:
    """One message, its placeholders filled in; its singular (``key.one``), if it has one, where ``n`` is 1.

    Parameters
    ----------
    key
        ``namespace.entry``, for example ``status.short``.
    lang
        ``zh`` or ``en``.
    **values
        What the placeholders stand for. Values are put in as they are: escape at the sink.

    Raises
    ------
    KeyError
        If the catalogue has no such message or a placeholder has no value: a fault of the program.
    """
    said = {name: value.render(lang) if isinstance(value, Words) else value for name, value in values.items()}
    single = f"{key}.one"
    chosen = single if str(values.get("n")) == "1" and single in _catalogue() else key
    template = _catalogue()[chosen][lang]
    return _WITH_PLURALS.vformat(template, (), said) if "|" in template else template.format(**said)


def template(key: str, lang: str) -> str:
    """One message with its placeholders as they stand, for a page that fills them in itself."""
    return _catalogue()[key][lang]


def has(key: str) -> bool:
    """Whether the catalogue holds the message."""
    return key in _catalogue()


def keys() -> tuple[str, ...]:
    """Every message key, sorted."""
    return tuple(sorted(_catalogue()))


class _WithPlurals(string.Formatter):
    """``str.format``, and a specification ``one|many`` that follows a number by the words that fit it."""

    def format_field(self, value: object, format_spec: str) -> str:
        """The value; with ``one|many``, the value and the word for one thing or for several."""
        one, divided, many = format_spec.partition("|")
        if not divided:
            return str(super().format_field(value, format_spec))
        return f"{value} {one if str(value) == '1' else many}"


_WITH_PLURALS: Final = _WithPlurals()


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    """Read every namespace once."""
    entries: dict[str, Mapping[str, str]] = {}
    for file in files(__package__).iterdir():
        if file.name.endswith(".toml"):
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
            entries.update(_leaves(file.name.removesuffix(".toml"), tree))
    return MappingProxyType(entries)


def _leaves(prefix: str, tree: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Walk one namespace down to its messages."""
    words = {lang: value for lang in LANGUAGES if isinstance(value := tree.get(lang), str)}
    if words:
        yield prefix, MappingProxyType(words)
    for name, branch in tree.items():
        if isinstance(branch, dict):
            yield from _leaves(f"{prefix}.{name}", branch)
