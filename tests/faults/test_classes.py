"""The list of kinds of faults names tests that are there, and the documentation shows the list."""

import ast
import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
LIST = runpy.run_path(str(HERE / "classes.py"))
CLASSES = LIST["CLASSES"]


def test_there_are_forty_eight_kinds_each_told_once():
    assert len(CLASSES) == 48
    assert len({(one.group, one.what) for one in CLASSES}) == 48
    assert all(one.becomes for one in CLASSES)


@pytest.mark.parametrize("one", CLASSES, ids=[f"{one.group}: {one.what}" for one in CLASSES])
def test_every_kind_names_tests_that_are_there(one):
    assert one.tests
    for test in one.tests:
        file, _, name = test.partition("::")
        source = (TESTS / file).read_text(encoding="utf-8")
        if not name:
            continue
        function, _, case = name.partition("[")
        tree = ast.parse(source)
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        # cases that are numbered by pytest hold the names of their parameters
        words = case.removesuffix("]")
        assert words in source or all(part.rstrip("0123456789") in source for part in words.split("-"))


def test_the_documentation_shows_the_list():
    page = (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8")
    assert LIST["table"]() in page
