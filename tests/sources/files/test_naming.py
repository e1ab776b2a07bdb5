"""A file that takes long is named while it is read."""

import logging
import threading

import pytest

from lifecircle.sources.files import naming


class Heard(logging.Handler):
    """What is told, and an event once anything is."""

    def __init__(self):
        super().__init__()
        self.words, self.once = [], threading.Event()

    def emit(self, record):
        self.words.append(record.getMessage())
        self.once.set()


@pytest.fixture
def heard(monkeypatch):
    """What is told of a file, a minute taking an instant."""
    monkeypatch.setattr(naming, "SLOW_S", 0.001)
    handler = Heard()
    logging.getLogger("lifecircle").addHandler(handler)
    yield handler
    logging.getLogger("lifecircle").removeHandler(handler)


def test_a_file_that_takes_long_is_named_and_read_on(heard):
    read = naming.naming_its_file(lambda file, *, waits: (heard.once.wait(waits), file)[1])
    assert read("坏\x1b[31m.pbf", waits=60) == "坏\x1b[31m.pbf"
    assert "坏" in heard.words[0]
    assert "\x1b" not in heard.words[0]


def test_a_file_that_is_read_at_once_is_not_named(caplog):
    assert naming.naming_its_file(str)("a.gpkg") == "a.gpkg"
    assert "a.gpkg" not in caplog.text


def test_a_reader_that_fails_leaves_no_thread_behind(monkeypatch):
    monkeypatch.setattr(naming, "SLOW_S", 60.0)

    def read(file):
        raise ValueError(file)

    with pytest.raises(ValueError, match="x"):
        naming.naming_its_file(read)("x")
    for thread in threading.enumerate():
        if thread.name == "slow-file":
            thread.join(10)
    assert "slow-file" not in {thread.name for thread in threading.enumerate()}
