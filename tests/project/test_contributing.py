"""CONTRIBUTING.md names files and names that are there, so that its recipes can be followed."""

import re

import pytest
from shared_data import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = TEXT.partition("## Recipes")[2].partition("\n## ")[0]
PACKAGE = ROOT / "coverage" / "lifecircle"
NAMED = sorted(set(re.findall(r"`([\w.]+/[\w./]*)`", RECIPES)))
IN_FILES = re.findall(r"`(\w+)`\s+(?:in|of)\s+`([\w./]+\.py)`", RECIPES)


def test_there_are_four_recipes():
    assert len(re.findall(r"^\*\*A new [a-z ]+\.\*\*", RECIPES, re.MULTILINE)) == 4


@pytest.mark.parametrize("path", NAMED)
def test_every_path_that_is_named_is_there(path):
    assert (ROOT / path).exists() or (PACKAGE / path).exists()


def test_every_name_stands_in_the_file_that_it_is_said_to_stand_in():
    assert len(IN_FILES) >= 4
    missing = [
        f"{file}: {name}"
        for name, file in IN_FILES
        if not re.search(rf"\b{name}\b", (PACKAGE / file).read_text(encoding="utf-8"))
    ]
    assert not missing
