"""The catalogue says everything in both languages."""

import re
import string
import tomllib
from importlib.resources import files

import pytest
from chinese import spaced_figures

from lifecircle import messages
from lifecircle.errors import Fault, closest


def _placeholders(words):
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_every_message_is_said_in_both_languages_with_the_same_placeholders():
    catalogue = messages._catalogue()
    assert len(catalogue) > 1000
    silent = [key for key in catalogue if not all(catalogue[key].get(lang) for lang in messages.LANGUAGES)]
    assert not silent
    unlike = [
        key for key, said in catalogue.items() if _placeholders(said["zh"]) != _placeholders(said["en"])
    ]
    assert not unlike


def test_every_file_of_the_catalogue_can_be_read():
    names = [file.name for file in files("lifecircle.messages").iterdir() if file.name.endswith(".toml")]
    assert "faults.toml" in names
    for name in names:
        tomllib.loads(files("lifecircle.messages").joinpath(name).read_text(encoding="utf-8"))


def test_a_message_nobody_wrote_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        messages.text("faults.never-written")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 row has no code"),
        ("1", "1 row has no code"),
        (0, "0 rows have no code"),
        (12, "12 rows have no code"),
        ("1,201", "1,201 rows have no code"),
    ],
)
def test_words_follow_the_number_they_stand_beside(count, said):
    assert messages.text("faults.blank-code", "en", count=count) == said
    assert str(count) in messages.text("faults.blank-code", "zh", count=count)


def test_no_number_is_put_before_a_pronoun():
    """`{count:it|them}` is read as "18 them"."""
    pronoun = re.compile(r"\{\w+:(it|its|they|them|their|this|these|that|those)\b")
    assert not [key for key, said in messages._catalogue().items() if pronoun.search(said["en"])]


def test_figures_stand_beside_chinese_without_a_blank():
    """A placeholder whose English has a singular (`{count:row|rows}`) stands for a figure."""
    spaced = []
    for key, said in messages._catalogue().items():
        figures = [name for _, name, form, _ in string.Formatter().parse(said["en"]) if form and "|" in form]
        words = re.sub(rf"\{{({'|'.join(figures) or '-'})\}}", "1", said["zh"])
        spaced += [(key, figure) for figure in spaced_figures(words)]
    assert not spaced


@pytest.mark.parametrize(
    ("words", "spaced"),
    [
        ("共 12 个社区", 1),
        ("共12个社区", 0),
        ("58.1% 的居民", 1),
        ("不是 UTF-8 编码", 0),
        ("GB 50180 附录", 0),
        ("第 3a 栋", 0),
    ],
)
def test_a_blank_beside_a_figure_is_found(words, spaced):
    assert len(spaced_figures(words)) == spaced


def test_no_message_says_one_thing_in_the_plural():
    plain = re.compile(
        r"\{(\w+)\} (rows|cells|communities|facilities|residents|people|places|verdicts|rules)\b"
    )
    catalogue = messages._catalogue()
    plural = [
        key
        for key, said in catalogue.items()
        if plain.search(said["en"]) and f"{key}.one" not in catalogue and not key.endswith(".one")
    ]
    assert not plural


def test_a_fault_stays_readable_however_long_the_words_of_a_file_are():
    long = "长" * 1_000_000
    fault = Fault("no-layer", file="a.gpkg", layer=long, row=long, field=long, values={"found": long})
    for lang in ("zh", "en"):
        assert len(fault.render(lang)) < 10_000
        assert len(fault.remedy(lang)) < 10_000
    assert closest(long, ["长城"]) == []
