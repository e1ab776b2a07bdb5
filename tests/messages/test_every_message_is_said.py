"""Every message is said somewhere, and whatever is said is in the catalogue."""

import re
from typing import get_args

import package_words
import pytest
from pydantic_core import core_schema

from lifecircle import messages

NAMESPACE = {"Fault": "faults", "Note": "notes", "_say": "cli"}
"""Whose first argument is an entry of which file; `text`, `Words` and `has` take the whole key."""


def _plain(words):
    """Tables name things ``floor_area_m2`` or ``areas:scenic``, the catalogue with hyphens alone."""
    return re.sub(r"[_:]", "-", words)


@pytest.fixture(scope="module")
def said():
    pages = package_words.page_sources()
    return frozenset(
        map(
            _plain,
            {
                *(one.words for one in package_words.strings()),
                *(words for _, words in package_words.script_strings()),
                *re.findall(r'"([\w.-]+)"', pages),
                *package_words.data_words(),
                "why.path-type",  # pydantic's own, beside those of its core
                *(_plain(f"why.{error}") for error in get_args(core_schema.ErrorType)),
            },
        )
    )


@pytest.fixture(scope="module")
def made_up():
    """Keys put together from parts: f-strings of the modules, sums of the scripts."""
    sums = [
        re.compile(re.escape(_plain(words)) + "(.+)")
        for _, words in package_words.script_strings()
        if words.endswith(".")
    ]
    patterns = [re.compile(_plain(pattern.pattern)) for pattern in package_words.f_strings()]
    return [*sums, *(one for one in patterns if one.pattern.replace("(.+)", ""))]


def _parts(match):
    return set(match.groups())


def _is_said(key, said, made_up):
    """Whether a key stands somewhere, whole or without its file, or can be put together from what does."""
    namespace, _, entry = _plain(key).partition(".")
    entry = entry.removesuffix(".fix")
    if {entry, f"{namespace}.{entry}"} & said:
        return True
    listed = [one.fullmatch(words) for one in made_up for words in (f"{namespace}.{entry}", entry)]
    return any(_parts(match) <= said for match in listed if match and match.groups()) or any(
        _parts(inner) <= said
        for match in listed
        if match
        for part in match.groups()
        for one in made_up
        if (inner := one.fullmatch(part)) and inner.groups()
    )


def test_every_message_is_said_somewhere(said, made_up):
    unsaid = [key for key in messages._catalogue() if not _is_said(key, said, made_up)]
    assert not unsaid


def test_a_message_nobody_says_would_be_found(said, made_up):
    assert not _is_said("notes.nobody-says-this", said, made_up)
    assert not _is_said("workbook.sheet.nobody-says-this", said, made_up)
    assert _is_said("cli.stage.travel", said, made_up)


def test_whatever_a_module_says_is_in_the_catalogue():
    named = [(NAMESPACE[name], entry) for name, entry in package_words.calls(*NAMESPACE)]
    whole = [
        entry for _, entry in package_words.calls("text", "Words") if re.fullmatch(r"[a-z]+\.\S+", entry)
    ]
    assert len(named) > 100
    assert len(whole) > 100
    wanted = {*whole, *(f"{namespace}.{entry}" for namespace, entry in named)}
    assert not sorted(key for key in wanted if not messages.has(key))


def test_whatever_a_page_or_a_script_says_is_in_the_catalogue():
    pages = package_words.page_sources()
    wanted = {
        *re.findall(r'data-(?:word|label)="([^"]+)"', pages),
        *re.findall(r'\bword\("([^"]+)"[,)]', pages),
        *(f"report.{entry}" for entry in re.findall(r'\bt\("([^"]+)"', pages)),
        *(f"scores.{entry}" for entry in re.findall(r'\bscore\("([^"]+)"', pages)),
        *(f"status.{entry}" for entry in re.findall(r'\bstatus\("([^"]+)"', pages)),
    }
    assert len(wanted) > 80
    assert not sorted(key for key in wanted if not messages.has(key))


def test_every_remark_on_the_data_is_in_the_catalogue():
    remarks = {
        one.words
        for one in package_words.strings()
        if one.within[:1] == ("remark",) and re.fullmatch(r"[a-z]+(-[a-z]+)+", one.words)
    }
    assert len(remarks) > 15
    assert not sorted(key for key in remarks if not messages.has(f"quality.{key}"))
