"""``lifecircle monitor``: several years' runs side by side, from the results that the studies published."""

from __future__ import annotations

import json
import re
import shutil

import openpyxl
import pytest


@pytest.fixture
def two_years(ran, tmp_path):
    """The village judged at the end of 2023, and again a year later with a station for the east."""
    folder, _ = ran
    later = shutil.copytree(folder, tmp_path / "later")
    for place, day in ((folder, "2023-12-31"), (later, "2024-12-31")):
        manifest = json.loads((place / "results" / "run.json").read_text(encoding="utf-8"))
        manifest["settings"]["study"]["as_of"] = day
        (place / "results" / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    table = later / "results" / "deficits.csv"
    words = table.read_text(encoding="utf-8-sig").replace(",short,", ",met,")
    table.write_text(words, encoding="utf-8-sig")
    return later / "study.toml", folder / "study.toml"


@pytest.mark.parametrize(("lang", "met", "short"), [("zh", "达标", "未达标"), ("en", "met", "not met")])
def test_years_stand_from_left_to_right_whatever_the_order_of_the_studies(command, two_years, tmp_path, lang, met, short):  # fmt: skip  # noqa: E501, PLR0917
    said = command("monitor", *two_years, "-o", tmp_path / "years.xlsx", "--lang", lang)
    assert (said.code, said.err) == (0, "")
    assert "2023, 2024" in said.out
    [sheet] = openpyxl.load_workbook(tmp_path / "years.xlsx").worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    at = next(number for number, row in enumerate(rows) if row[5] and "2023" in str(row[5]))
    heads, [row] = rows[at], rows[at + 1 :]
    said_of = {str(head): str(cell) for head, cell in zip(heads, row, strict=True)}

    def verdict(year):
        """What the column of conclusions says of a year."""
        own = [
            words for head, words in said_of.items() if year in head and re.search("结论|conclusion", head)
        ]
        return own[0]

    first, second = verdict("2023"), verdict("2024")
    assert first.startswith(short)
    assert second.startswith(met)


def test_a_study_without_a_finished_run_is_refused_with_every_other_fault(
    command, village, two_years, tmp_path
):
    missing = tmp_path / "nowhere.toml"
    said = command("monitor", two_years[0], village / "study.toml", missing, "-o", tmp_path / "years.xlsx")
    assert said.code == 2
    assert "run.json" in said.err
    assert "nowhere.toml" in said.err
    assert not (tmp_path / "years.xlsx").exists()


def test_the_table_is_a_workbook(command, two_years, tmp_path):
    said = command("monitor", *two_years, "-o", tmp_path / "years.csv")
    assert said.code == 2
