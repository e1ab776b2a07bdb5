"""What a user reads stands in the catalogue alone: modules, scripts and pages are searched for words."""

import re

import package_words
import pytest

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
SENTENCE = re.compile(r"[A-Za-z]{2,}[,:;.)]? +\(?[a-z]{2,}")
WORD = re.compile(r"[A-Za-z]{2,}")

SCRIPTS = {"use strict", "Escape", "Enter", "ArrowDown", "ArrowUp"}
"""A directive, and keys of keyboards."""

CHINESE_READ_OR_MADE = {
    "assessment/jurisdictions.py": "endings of names of places that it recognises in studies",
    "demo/": "names and ledgers of the synthetic city: data that it writes, as a bureau would",
    "sources/": "words of other people's files that the readers recognise; nobody is shown them",
    "outputs/web_map/basemap.py": "the credit that the owner of the tiles asks for",
    "plans/clause_places.py": "numbers of chapters and tables that it recognises in plans",
}
ENGLISH = {
    "sources/osm/soundness.py": {
        ": the file ends in its middle": "of a RuntimeError, as osmium's own: the reader makes a fault of it"
    },
    "assessment/circles.py": {"% of": "the criterion as scripts read it in deficits.csv"},
    "outputs/web_map/basemap.py": {"© OpenStreetMap contributors": "the credit that the licence asks for"},
    "outputs/report/chart.py": {"offset points": "a unit of matplotlib's"},
    "errors.py": {
        "is called": "a warning to programmers that a name has changed",
        "now; the former name goes with lifecircle": "the rest of that warning",
    },
    "demo/osm.py": {
        "lifecircle demo (synthetic)": "the generator named in the extract, as OSM files name it"
    },
    "network/areas/banded.py": {"upper left": "a place of matplotlib's"},
    "outputs/print_maps/furniture.py": {"upper left": "a place of matplotlib's"},
    "study/quick.py": {"# lifecircle run --allow-outside study.toml": "a command, to be typed as it is"},
}
"""What looks like a sentence and is none."""
MARKUP = re.compile(r"[<>{}]|``|'none'|^\s*(SELECT|CREATE|INSERT|PRAGMA) ", re.IGNORECASE)
"""HTML, templates, docstrings, content policies, SQL."""

PROGRAMMER = {
    "AttributeError",
    "ContractError",
    "KeyError",
    "MismatchedIndexError",
    "RuntimeError",
    "TypeError",
    "ValueError",
}
"""Errors of whoever calls from Python: faults of a program, in the language of its documentation."""
FOR_PROGRAMMERS = {
    "info": "a line of the log, which a program turns on",
    "Column": "says what a column of a contract holds: the data dictionary of the documentation",
    "asked =": "keys of what a context remembers",
    "PydanticCustomError": "pydantic's own wording; its key is rendered from the catalogue in its stead",
    "require_same_index": "names the table in a MismatchedIndexError",
}
PROGRAMMERS_MODULES = {
    "measures/indexes.py": "words of MismatchedIndexError",
    "tables/spec.py": "words of ContractError",
}
SINKS = {"print", "echo", "secho", "Option", "Argument", "Typer", "add_column", "add_row"}
"""Whatever these are given, a user reads, be it one word."""
NO_WORDS = re.compile(r"-{1,2}[a-z][a-z-]*(/--no-[a-z-]+)?|[A-Z_]+|lifecircle|fold|help_option_names")
KEYS_OF_ROWS = {("cli/terminal.py", "rule"), ("cli/terminal.py", "gain"), ("cli/services.py", "id")}
"""Compared with or looked up, not shown."""


def _is_for_programmers(one):
    return bool(set(one.within) & (PROGRAMMER | set(FOR_PROGRAMMERS))) or one.module in PROGRAMMERS_MODULES


def _allowed(one):
    return one.words.strip() in ENGLISH.get(one.module, {})


def test_chinese_stands_in_the_catalogue_alone():
    listed = [
        str(one)
        for one in package_words.strings()
        if CHINESE.search(one.words) and not one.module.startswith(tuple(CHINESE_READ_OR_MADE))
    ]
    assert not listed, "\n".join(listed)


def test_sentences_stand_in_the_catalogue_alone():
    listed = [
        str(one)
        for one in package_words.strings()
        if SENTENCE.search(one.words)
        and not MARKUP.search(one.words)
        and not _is_for_programmers(one)
        and not _allowed(one)
    ]
    assert not listed, "\n".join(listed)


def test_the_command_line_says_no_word_of_its_own():
    listed = [
        str(one)
        for one in package_words.strings()
        if one.module.startswith("cli/")
        and one.within
        and one.within[0] in SINKS
        and WORD.search(one.words)
        and not NO_WORDS.fullmatch(one.words)
        and (one.module, one.words) not in KEYS_OF_ROWS
    ]
    assert not listed, "\n".join(listed)


def test_scripts_of_the_map_say_nothing_of_their_own():
    """No Chinese, no sentence, no word with a capital; class names, selectors, events and fonts are none."""
    scripts = package_words.page_sources()
    style = (package_words.ASSETS[0] / "gap_map.css").read_text(encoding="utf-8")
    listed = [
        f"{file}: {words}"
        for file, words in package_words.script_strings()
        if (CHINESE.search(words) or SENTENCE.search(words) or re.fullmatch(r"[A-Z][a-z]+", words))
        and words not in SCRIPTS
        and not words.startswith(("#", "."))
        and f'.on("{words}"' not in scripts
        and f'.off("{words}"' not in scripts
        and not words.endswith("sans-serif")
        and not all(f".{name}" in style for name in words.split())
    ]
    assert not listed, "\n".join(listed)


def test_pages_hold_no_words_between_their_tags():
    assert len(package_words.page_texts()) > 100
    listed = [f"{file}: {words}" for file, words in package_words.page_texts() if WORD.search(words)]
    assert not listed, "\n".join(listed)


def test_what_is_allowed_is_still_there():
    """An exception nobody needs any more is taken off the list."""
    said = {(one.module, one.words.strip()) for one in package_words.strings()}
    assert {(module, words) for module, all_words in ENGLISH.items() for words in all_words} <= said
    calls = {name for one in package_words.strings() for name in one.within}
    assert set(FOR_PROGRAMMERS) <= calls
    modules = {one.module for one in package_words.strings() if CHINESE.search(one.words)}
    assert all(any(module.startswith(start) for module in modules) for start in CHINESE_READ_OR_MADE)


@pytest.mark.parametrize(
    "words", ["No facility within reach", "the study, as it is", "Pick a rule (or none)", "rules met"]
)
def test_a_sentence_is_known_for_one(words):
    assert SENTENCE.search(words)
