"""Errors: one root, the natural builtin, all faults at once."""

import pytest

from lifecircle import errors
from lifecircle.errors import Fault, Faults, InputError, MissingInputError


def test_every_error_is_also_a_builtin_and_has_one_root():
    kinds = [
        getattr(errors, name)
        for name in errors.__all__
        if name.endswith("Error") and name != "LifecircleError"
    ]
    assert len(kinds) == 7
    for kind in kinds:
        assert issubclass(kind, errors.LifecircleError)
        assert issubclass(kind, (ValueError, KeyError, TypeError))


def test_a_fault_says_where_what_and_how_to_mend_it():
    fault = Fault("unknown-key", file="s.toml", field="area.boundry", values={"nearest": "boundary"})
    assert fault.render("en") == "s.toml, area.boundry: unknown key\n  fix: valid here: boundary"
    assert fault.render("zh") == "s.toml，area.boundry：未知的键\n  处理办法：此处可用：boundary"


def test_collected_faults_are_raised_together_as_the_kind_asked_for():
    faults = Faults()
    faults.raise_if_any()
    faults.add(Fault("no-file", file="a"))
    faults.extend([Fault("no-file", file="b")])
    with pytest.raises(MissingInputError) as error:
        faults.raise_if_any(MissingInputError)
    assert [fault.file for fault in error.value.faults] == ["a", "b"]
    assert isinstance(error.value, FileNotFoundError)


def test_braces_in_what_a_user_wrote_are_left_alone():
    assert "{evil}" in str(
        InputError(Fault("bad-value", field="{evil}", values={"found": "{0}", "why": "{x}"}))
    )
