"""Public docstrings follow numpydoc, and show an example that is run with the tests."""

import importlib
import inspect

import pytest
from numpydoc.validate import validate

import lifecircle as lc

NAMES = sorted(name for name in lc.__all__ if not name.startswith("_"))
FUNCTIONS = [name for name in NAMES if not isinstance(getattr(lc, name), type)]

CHECKED = {
    "GL08": "no docstring",
    "SS01": "no summary",
    "SS02": "the summary starts with a small letter",
    "SS03": "the summary does not end with a period",
    "SS06": "the summary is longer than a line",
    "PR01": "a parameter is not documented",
    "PR02": "a documented parameter does not exist",
    "PR07": "a parameter has no description",
    "YD01": "no section on what is yielded",
    "EX01": "no example",
}


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(FUNCTIONS)))
def test_classes_and_their_methods_are_described(name):
    public = getattr(lc, name)
    assert inspect.getdoc(public)
    bare = [
        member
        for member, value in vars(public).items()
        if not member.startswith(("_", "model_"))
        and (callable(value) or isinstance(value, property | classmethod))
        and not inspect.getdoc(getattr(public, member))
    ]
    assert bare == []


SHOWN = ("lifecircle", "lifecircle.measures", "lifecircle.network", "lifecircle.household_grids")
"""What is copied from: the public face, every measure, and the rooms whose names notebooks reach for."""


def _public_callables():
    for module in SHOWN:
        room = importlib.import_module(module)
        for name in room.__all__:
            if inspect.isclass(value := getattr(room, name)) or inspect.isfunction(value):
                yield pytest.param(value, id=f"{module}.{name}")


PUBLIC = list(_public_callables())


@pytest.mark.parametrize("public", PUBLIC)
def test_every_public_name_shows_an_example(public):
    assert ">>>" in inspect.getdoc(public)


@pytest.mark.parametrize("name", [case.id for case in PUBLIC if inspect.isfunction(case.values[0])])
def test_functions_say_what_they_take_and_show_how(name):
    wrong = {code for code, _ in validate(name)["errors"]} & set(CHECKED)
    assert {code: CHECKED[code] for code in wrong} == {}
