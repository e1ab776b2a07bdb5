"""Several studies at once tell of themselves from several threads: every line stays one line."""

from __future__ import annotations

import io
import json
import sys
import threading
import time

from lifecircle.cli.plain import tell_json


class Slow(io.StringIO):
    """A stream on which another thread has its turn after every writing."""

    def write(self, words):
        written = super().write(words)
        time.sleep(0.001)
        return written


def test_events_of_many_threads_are_a_line_each(monkeypatch):
    stream = Slow()
    monkeypatch.setattr(sys, "stdout", stream)
    threads = [
        threading.Thread(
            target=lambda number=number: [tell_json({"study": number, "of": at}) for at in range(5)]
        )
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [tuple(json.loads(line).values()) for line in stream.getvalue().splitlines()]
    assert sorted(told) == [(number, at) for number in range(8) for at in range(5)]
