"""Standard output and error that take no words: on a full disk, read by nobody."""

import os
import sys

import pytest
from commands import caller

from lifecircle.cli.plain import tell, tell_json

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /dev/full")
NOWHERE = ("check", "nowhere.toml", "--lang", "en")


@pytest.fixture
def full(monkeypatch):
    """Have a stream of the process go to a full disk."""
    opened = []

    def made(name):
        opened.append(open("/dev/full", "w", encoding="utf-8"))  # noqa: PTH123, SIM115  # closed below
        monkeypatch.setattr(sys, name, opened[-1])

    yield made
    for file in opened:
        file.close()


@pytest.mark.parametrize("words", [NOWHERE, (*NOWHERE, "--json")], ids=["text", "json"])
def test_a_fault_is_told_on_standard_error_where_standard_output_is_full(monkeypatch, capsys, full, words):
    full("stdout")
    done = caller(monkeypatch, capsys)(*words)
    assert done.code == 2
    assert "nowhere.toml" in done.err


def test_a_command_whose_words_nobody_can_hear_ends_all_the_same(monkeypatch, capsys, full):
    full("stdout")
    full("stderr")
    assert caller(monkeypatch, capsys)(*NOWHERE, "--json").code == 2


def test_who_stops_reading_ends_no_work(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        tell("first")
        tell_json({"event": "second"})
