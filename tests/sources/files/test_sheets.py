"""Ledgers as offices keep them: titles, merged headings, totals, several sheets."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from lifecircle.errors import InputError
from lifecircle.sources.files.sheets import read_sheet

HEADINGS = [("编号",), ("名称",), ("总人口",)]


def workbook(path, rows, *, merges=(), title="台账", before=()):
    """A workbook of one sheet (and others `before` it)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in before:
        book.create_sheet(name)["A1"] = "说明"
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def test_the_heading_row_is_found_below_a_title(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [["社区台账"], [], ["编号", "名称", "总人口"], ["1", "光华路", 5]],
        merges=["A1:C1"],
    )
    sheet = read_sheet(path, headings=HEADINGS)
    assert sheet.frame.to_dict("records") == [{"编号": "1", "名称": "光华路", "总人口": "5"}]
    assert sheet.frame.index.tolist() == ["4"]


def test_headings_merged_over_two_rows_are_joined(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [["编号", "名称", "人口", None], [None, None, "总人口", "户数"], ["1", "光华路", 5, 2]],
        merges=["A1:A2", "B1:B2", "C1:D1"],
    )
    sheet = read_sheet(path, headings=HEADINGS)
    assert sheet.frame.columns.tolist() == ["编号", "名称", "总人口", "户数"]
    assert len(sheet.frame) == 1


def test_the_sheet_that_holds_the_columns_is_taken(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["编号", "名称", "总人口"], ["1", "a", 5]], before=["封面", "说明"])
    assert read_sheet(path, headings=HEADINGS).layer == "台账"
    assert read_sheet(path, layer="台账").frame.shape == (1, 3)


def test_an_unknown_sheet_names_those_there_are(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["编号"]], before=["封面"])
    with pytest.raises(InputError, match=r"there is no such layer \(found: 封面, 台账\)"):
        read_sheet(path, layer="设施")


def test_rows_of_totals_are_left_out_and_counted(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", [["编号", "名称", "总人口"], ["1", "a", 5], ["合 计", "", 5], ["合计", "", 5]]
    )
    sheet = read_sheet(path, headings=HEADINGS)
    assert sheet.frame["编号"].tolist() == ["1"]
    assert sheet.totals == 2


def test_cells_come_as_a_user_sees_them(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [["编号", "名称", "总人口"], [130102001001.0, dt.datetime(2024, 5, 1), 0.25], [True, None, "007"]],  # noqa: DTZ001
    )
    rows = read_sheet(path, headings=HEADINGS).frame.to_numpy().tolist()
    assert rows == [["130102001001", "2024-05-01", "0.25"], ["true", "", "007"]]


def test_a_formula_is_text_and_never_run(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["编号", "名称", "总人口"], ["1", "=1+1", 5]])
    assert read_sheet(path, headings=HEADINGS).frame["名称"].tolist() == [""]


def test_a_heading_given_twice_keeps_both_columns(tmp_path):
    (tmp_path / "a.csv").write_text("编号,名称,名称\n1,a,b\n", encoding="utf-8")
    assert read_sheet(tmp_path / "a.csv").frame.columns.tolist() == ["编号", "名称 (1)", "名称 (2)"]


def test_quoted_separators_and_line_breaks_stay_in_their_cell(tmp_path):
    (tmp_path / "a.csv").write_bytes('编号,名称\r\n1,"甲,乙\r\n丙"\r\n'.encode("gb18030"))
    sheet = read_sheet(tmp_path / "a.csv", headings=[("编号",), ("名称",)])
    assert sheet.frame["名称"].tolist() == ["甲,乙\r\n丙"]
    assert sheet.encoding == "gb18030"
