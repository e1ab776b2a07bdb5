"""The catalogue says everything in both languages."""

import string
import tomllib
from importlib.resources import files

import pytest

from lifecircle import messages


def _placeholders(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("key", messages.keys())
def test_both_languages_say_it_with_the_same_placeholders(key):
    zh, en = (messages._catalogue()[key].get(lang) for lang in messages.LANGUAGES)
    assert zh, f"{key} has no Chinese"
    assert en, f"{key} has no English"
    assert _placeholders(zh) == _placeholders(en)


def test_every_file_of_the_catalogue_can_be_read():
    names = [file.name for file in files("lifecircle.messages").iterdir() if file.name.endswith(".toml")]
    assert "faults.toml" in names
    for name in names:
        tomllib.loads(files("lifecircle.messages").joinpath(name).read_text(encoding="utf-8"))


def test_a_message_nobody_wrote_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        messages.text("faults.never-written")
