"""Every how-to page run as it stands, from an empty folder: its commands, its Python, what it prints."""

import contextlib
import io
import re
import shlex

import pytest
from shared_data import ROOT
from typer.testing import CliRunner

from lifecircle import outputs
from lifecircle.cli.app import app

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
MOST_LINES = 9
"""Of one block, beside those that import and the one that writes the town: under ten, as promised."""


def _blocks(path):
    return re.findall(r"^```(\w+)\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def _command(line):
    """What one line of a terminal prints; one that fails is a fault of the page."""
    program, *words = shlex.split(line)
    if program == "python":
        assert words[0] == "-c", line
        exec(words[1], {})  # noqa: S102  our own pages
        return ""
    assert program == "lifecircle", line
    done = CliRunner().invoke(app, words, env={"COLUMNS": "400"})
    assert done.exit_code == 0, (line, done.output)
    return done.stdout


def _words(text):
    return [" ".join(line.split()) for line in text.strip().splitlines()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_does_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    if page.stem != "study-from-files":  # one page draws the map sheets; no other speaks of them
        monkeypatch.setattr(outputs, "write_static_maps", lambda *_, **__: ())
    space, printed, ran = {}, "", 0
    for language, block in _blocks(page):
        if language == "text":
            assert _words(printed) == _words(block)
        elif language == "sh":
            printed = "".join(_command(line) for line in block.splitlines())
            ran += 1
        elif language == "python":
            own = [
                line for line in block.splitlines() if not re.match(r"$|import |from |lc.example_study", line)
            ]
            assert len(own) <= MOST_LINES
            with contextlib.redirect_stdout(io.StringIO()) as said:
                exec(block, space)  # noqa: S102  our own pages
            printed = said.getvalue()
            ran += 1
        elif language == "toml" and (
            name := re.search(r"`([\w/-]+\.toml)`:\n\n```toml\n" + re.escape(block), page.read_text("utf-8"))
        ):
            (tmp_path / name.group(1)).write_text(block, encoding="utf-8")
    assert ran


def test_the_front_page_leads_to_every_job():
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert not [page.stem for page in PAGES if f"](how-to/{page.name})" not in front]
