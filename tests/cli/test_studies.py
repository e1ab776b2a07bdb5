"""``lifecircle run`` with several studies: each to its own folder, one table, no stop at a fault."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture
def province(village):
    """A folder of two sound studies, one whose streets are missing, and a plan file that is no study."""
    words = (village / "study.toml").read_text(encoding="utf-8")
    (village / "west.toml").write_text(words, encoding="utf-8")
    (village / "broken.toml").write_text(words.replace("streets.gpkg", "nowhere.gpkg"), encoding="utf-8")
    return village


def test_studies_of_a_folder_are_run_past_one_with_faults(command, province):
    said = command("run", province, "--output", province / "all", "--json")
    assert said.code == 2
    (table,) = (event["studies"] for event in said.events if event["event"] == "studies")
    by_name = {row["study"].rpartition("/")[2]: row for row in table}
    assert set(by_name) == {"broken.toml", "study.toml", "west.toml"}
    assert by_name["broken.toml"]["faults"] == 1
    assert by_name["west.toml"]["residents"] == 2000
    assert sorted(path.name for path in (province / "all").iterdir()) == ["study", "west"]
    first, second = ((province / "all" / name / "deficits.csv").read_bytes() for name in ("study", "west"))
    assert first == second
    assert [event["file"] for event in said.events if event["event"] == "fault"] == [
        str(province / "nowhere.gpkg")
    ]


def test_a_run_of_sound_studies_ends_well_and_prints_one_table(command, province):
    said = command(
        "run", province / "study.toml", province / "west.toml", "-o", province / "all", "--lang", "zh"
    )
    assert said.code == 0
    assert "居民人数" in said.out
    assert f"第2项研究（共2项）：{province / 'west.toml'}" in said.err
    assert said.out.count("2,000") == 2 * 2


def test_a_folder_without_studies_and_a_study_named_twice_are_refused(command, village, tmp_path):
    (tmp_path / "empty").mkdir()
    study = village / "study.toml"
    said = command("run", study, study, tmp_path / "empty")
    assert said.code == 2
    assert "empty" in said.err
    said = command("run", study, study)
    assert said.code == 2
    assert str(study) in said.err


def test_studies_that_share_a_name_go_to_folders_apart(command, village, tmp_path):
    east = shutil.copytree(village, tmp_path / "east")
    said = command("run", village / "study.toml", east / "study.toml", "-o", tmp_path / "all")
    assert said.code == 0
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["east-study", "村 village-study"]


def test_the_version_is_told(command):
    import lifecircle  # noqa: PLC0415  the command line's own tests count what it imports

    said = command("--version")
    assert (said.code, said.out.strip()) == (0, f"lifecircle {lifecircle.__version__}")
