"""A process that was asked to end does, also where a library swallowed the exit."""

import signal
from contextlib import suppress

import pytest

from lifecircle import stages
from lifecircle.outputs.folder import replaced_folder

TERMINATED = 128 + signal.SIGTERM


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setattr(stages, "_EXIT_CODES", [])
    # as a library does that lets no exception out of a call of its own
    with suppress(SystemExit):
        stages.ask_to_end(TERMINATED)


@pytest.mark.usefixtures("asked")
def test_the_next_stage_does_not_begin():
    told = []
    with pytest.raises(SystemExit) as ended, stages.Stages(lambda *stage: told.append(stage))("plans"):
        pytest.fail("the stage began")
    assert ended.value.code == TERMINATED
    assert told == []


@pytest.mark.usefixtures("asked")
def test_old_results_stay(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "deficits.csv").write_text("old", encoding="utf-8")
    (folder / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit) as ended, replaced_folder(folder) as fresh:
        (fresh / "deficits.csv").write_text("new", encoding="utf-8")
    assert ended.value.code == TERMINATED
    assert (folder / "deficits.csv").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
