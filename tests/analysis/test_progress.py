"""What a job says while it runs: to a bar, to the log; and what it says of former names."""

import logging

import pytest

import lifecircle as lc
from lifecircle.stages import STAGES


def test_stages_are_logged_with_their_seconds_and_a_bar_leaves_nothing_behind(tmp_path, caplog, capsys):
    study = lc.Study.from_file(lc.example_study(tmp_path))
    with caplog.at_level(logging.INFO, logger="lifecircle"), lc.progress_bar(lang="zh") as tell:
        lc.prepare(study, tell=tell)
    begun = [record.getMessage().split()[0] for record in caplog.records if "begins" in record.getMessage()]
    assert begun == [stage for stage in STAGES if stage in begun]
    assert {"inputs", "network", "travel", "assessment"} <= set(begun)
    assert sum("took" in record.getMessage() for record in caplog.records) == len(begun)
    assert capsys.readouterr().out == ""


def test_former_names_still_work_and_say_until_when(tmp_path):
    session = lc.prepare(lc.Study.from_file(lc.example_study(tmp_path)))
    with pytest.warns(lc.LifecircleDeprecationWarning, match=r"Session\.prepared now.*lifecircle 1\.0"):
        assert session.ready is session.prepared
    with pytest.warns(lc.LifecircleDeprecationWarning, match=r"Session\.baseline"):
        assert session.now is session.baseline
    with pytest.warns(lc.LifecircleDeprecationWarning, match=r"Assessed\.state") as caught:
        assert session.present.situation is session.present.state
    assert caught[0].filename == __file__
