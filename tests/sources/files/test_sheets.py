"""Ledgers as offices keep them: titles, merged headings, totals, several sheets."""

from __future__ import annotations

import datetime as dt
import tracemalloc
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecircle.errors import InputError
from lifecircle.messages import Words
from lifecircle.sources.files import delimited, sheet_rows, xlsx
from lifecircle.sources.files.sheets import read_sheet, sheet_names
from lifecircle.sources.files.vector import read_table
from lifecircle.sources.log import ReadingLog

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


def sheets(path, tables, *, hidden=()):
    """A workbook of several sheets, each its rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def table(path, wanted=("编号", "名称", "总人口"), **options):
    """The table as a reader takes it, and its remarks by key."""
    log = ReadingLog()
    columns = {"id": ("编号",), "name": ("名称",), "population": ("总人口",)}
    plan = {ours: names for ours, names in columns.items() if names[0] in wanted}
    table = read_table(path, log, subject="area", wanted=plan, required=set(plan), **options)
    return table, log.quality().set_index("remark")


def refusal(path, **options):
    """The faults of a refusal by key."""
    with pytest.raises(InputError) as refused:
        table(path, **options)
    return {fault.key: fault for fault in refused.value.faults}


def told(fault):
    """What a fault's message tells of."""
    return dict(vars(fault)["values"])


HEAD = ["编号", "名称", "总人口"]


def test_sheets_with_the_same_headings_are_one_table_and_rows_name_their_sheet(tmp_path):
    path = sheets(
        tmp_path / "a.xlsx",
        {
            "封面": [["说明"]],
            "香洲区": [HEAD, ["1", "a", 5]],
            "斗门区": [["区级台账"], HEAD, ["2", "b", 6], ["3", "c", 7]],
        },
    )
    rows, quality = table(path)
    assert rows.index.tolist() == ["香洲区!2", "斗门区!3", "斗门区!4"]
    assert rows["population"].tolist() == ["5", "6", "7"]
    assert quality.loc["sheets-joined", ["count", "value", "severity"]].tolist() == [
        2,
        "香洲区, 斗门区",
        "warning",
    ]
    assert quality.loc["sheets-unread", "value"] == "封面"
    assert len(table(path, layer="斗门区")[0]) == 2


@pytest.mark.parametrize(
    ("first", "second"), [("2019年", "2024年"), ("台账", "台账 (2)"), ("台账", "台账旧")]
)
def test_sheets_that_may_be_versions_of_one_another_are_not_joined(tmp_path, first, second):
    path = sheets(tmp_path / "a.xlsx", {first: [HEAD, ["1", "a", 5]], second: [HEAD, ["1", "a", 6]]})
    assert told(refusal(path)["several-sheets"])["choices"] == f"{first}, {second}"
    assert table(path, layer=second)[0]["population"].tolist() == ["6"]


def test_sheets_that_hold_the_columns_among_different_others_are_not_joined(tmp_path):
    tables = {"甲": [HEAD, ["1", "a", 5]], "乙": [[*HEAD, "去年"], ["1", "a", 6, 7]]}
    assert "several-sheets" in refusal(sheets(tmp_path / "a.xlsx", tables))


def test_a_hidden_sheet_is_passed_over_and_said_to_be(tmp_path):
    tables = {"2019旧": [HEAD, ["1", "a", 5]], "台账": [HEAD, ["1", "a", 6]]}
    path = sheets(tmp_path / "a.xlsx", tables, hidden=["2019旧"])
    rows, quality = table(path)
    assert rows["population"].tolist() == ["6"]
    assert quality.loc["hidden-sheets-unread", ["value", "severity"]].tolist() == ["2019旧", "warning"]
    rows, quality = table(path, layer="2019旧")
    assert rows["population"].tolist() == ["5"]
    assert quality.loc["hidden-sheet-read", "value"] == "2019旧"


def test_a_table_that_stands_on_a_hidden_sheet_alone_is_refused_with_its_name(tmp_path):
    path = sheets(tmp_path / "a.xlsx", {"封面": [["说明"]], "底表": [HEAD, ["1", "a", 5]]}, hidden=["底表"])
    assert told(refusal(path)["only-hidden-sheets"])["choices"] == "底表"


def two_years(path):
    """Floor area under two years."""
    rows = [
        ["编号", "名称", "2019年", None, "2024年", None],
        [None, None, "总人口", "户数", "总人口", "户数"],
    ]
    return workbook(path, [*rows, ["1", "a", 5, 2, 6, 3]], merges=["A1:A2", "B1:B2", "C1:D1", "E1:F1"])


def test_a_heading_that_stands_twice_is_refused_with_what_stands_above_it(tmp_path):
    fault = refusal(two_years(tmp_path / "a.xlsx"))["several-columns"]
    assert (fault.field, told(fault)["choices"]) == ("population", "2019年/总人口, 2024年/总人口")


def test_a_heading_that_stands_twice_is_read_where_the_study_says_which(tmp_path):
    table = read_table(
        two_years(tmp_path / "a.xlsx"),
        ReadingLog(),
        subject="area",
        wanted={"id": ("编号",), "population": ("2024年/总人口",)},
        required={"id", "population"},
    )
    assert table["population"].tolist() == ["6"]


def test_a_heading_that_stands_twice_over_the_same_figures_is_no_choice(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["编号", "名称", "总人口", "总人口"], ["1", "a", 5, 5]])
    assert table(path)[0]["population"].tolist() == ["5"]


def test_figures_under_a_second_heading_row_are_seen_where_only_the_code_is_needed(tmp_path):
    rows = [["编号", "2019年", "2024年"], [None, "总人口", "总人口"], ["1", 5, 6]]
    path = workbook(tmp_path / "a.xlsx", rows, merges=["A1:A2"])
    with pytest.raises(InputError) as refused:
        read_table(
            path,
            ReadingLog(),
            subject="area",
            wanted={"id": ("编号",), "population": ("总人口",)},
            required={"id"},
        )
    assert [fault.key for fault in refused.value.faults] == ["several-columns"]


def test_headings_of_a_csv_that_stand_twice_are_told_apart_by_the_row_above(tmp_path):
    (tmp_path / "a.csv").write_text(
        ",,2019年,,2024年,\n编号,名称,总人口,户数,总人口,户数\n1,a,5,2,6,3\n", encoding="utf-8"
    )
    assert told(refusal(tmp_path / "a.csv")["several-columns"])["choices"] == "2019年/总人口, 2024年/总人口"


def test_columns_without_a_heading_notes_and_repeated_headings_are_left_out_and_said(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [
            HEAD,
            ["1", "a", 5, None, "待核"],
            HEAD,
            ["2", "b", 6],
            ["合计", None, 11],
            ["注：截至2023年底"],
            ["填表人：张三"],
        ],
    )
    rows, quality = table(path)
    assert rows["population"].tolist() == ["5", "6"]
    assert quality.loc["cells-without-heading", ["count", "value"]].tolist() == [1, "2"]
    assert quality.loc["heading-rows", "value"] == "3"
    assert quality.loc["total-rows", "value"] == "5"
    assert quality.loc["note-rows", "value"] == "6, 7"


def test_a_row_of_units_below_the_heading_belongs_to_it(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [HEAD, [None, None, "（万人）"], ["1", "a", 1.2]])
    assert read_sheet(path, headings=HEADINGS).frame.columns.tolist() == ["编号", "名称", "总人口（万人）"]
    assert table(path)[0]["population"].tolist() == ["1.2"]


def test_filtered_rows_and_hidden_columns_are_read_and_said(tmp_path):
    book = openpyxl.Workbook()
    for row in (HEAD, ["1", "a", 5], ["2", "b", 6], ["3", "c", 7]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.save(tmp_path / "a.xlsx")
    rows, quality = table(tmp_path / "a.xlsx")
    assert len(rows) == 3
    assert quality.loc["hidden-rows-read", ["value", "severity"]].tolist() == ["3", "warning"]
    assert quality.loc["hidden-columns-read", "value"] == "总人口"


def test_merged_texts_are_what_every_row_shows_and_merged_figures_are_nobodys(tmp_path):
    rows = [["编号", "名称", "总人口"], ["1", "甲街道", 5], ["2", None, 6]]
    read, quality = table(workbook(tmp_path / "a.xlsx", rows, merges=["B2:B3"]))
    assert read["name"].tolist() == ["甲街道", "甲街道"]
    assert quality.loc["merged-cells-filled", "value"] == "名称"
    fault = refusal(workbook(tmp_path / "b.xlsx", [*rows[:2], ["2", "乙", None]], merges=["C2:C3"]))
    assert fault["figure-in-merged-cells"].row == "3"


def test_formulas_that_nobody_worked_out_are_named_by_their_cells(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [HEAD, ["1", "a", "=2+3"], ["2", "b", "=2+4"]])
    fault = refusal(path)["formula-without-value"]
    assert (fault.field, told(fault)["cells"], told(fault)["count"]) == ("总人口", "C2, C3", 2)
    assert len(table(path, wanted=("编号", "名称"))[0]) == 2


@pytest.mark.parametrize("said", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "Err:502"])
def test_errors_of_formulas_are_refused_with_their_rows(tmp_path, said):
    path = workbook(tmp_path / "a.xlsx", [HEAD, ["1", "a", 5], ["2", "b", said]])
    fault = refusal(path)["error-cell"]
    assert (fault.row, fault.field, told(fault)["found"]) == ("3", "总人口", said)
    assert table(workbook(tmp_path / "b.xlsx", [HEAD, ["#1", "E栋", 5]]))[0]["name"].tolist() == ["E栋"]


def test_formats_show_what_a_user_sees(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append([10203, dt.datetime(2024, 5, 1, 8, 30), 0.455])  # noqa: DTZ001
    book.active["A2"].number_format, book.active["C2"].number_format = "000000", "0.0%"
    book.save(tmp_path / "a.xlsx")
    row = read_sheet(tmp_path / "a.xlsx", headings=HEADINGS).frame.iloc[0].tolist()
    assert row == ["010203", "2024-05-01 08:30:00", "45.5%"]


@pytest.mark.parametrize(
    ("number", "said"), [(440402001001, "440402001001"), (123456789012345678, "1.23456789012346E+17")]
)
def test_a_number_of_more_digits_than_excel_keeps_shows_that_it_lost_some(tmp_path, number, said):
    path = workbook(tmp_path / "a.xlsx", [HEAD, [number, "a", 5]])
    assert read_sheet(path, headings=HEADINGS).frame["编号"].tolist() == [said]


def test_one_cell_in_the_last_corner_costs_one_cell(tmp_path):
    book = openpyxl.Workbook()
    for row in (HEAD, ["1", "a", 5]):
        book.active.append(row)
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    tracemalloc.start()
    table = read_sheet(tmp_path / "a.xlsx", headings=HEADINGS).frame
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert table.shape == (1, 3)
    assert peak < 50_000_000


def test_a_workbook_of_more_cells_than_a_table_may_hold_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", [HEAD, *(["1", "a", 5] for _ in range(20))])
    monkeypatch.setattr(xlsx, "CELLS_LIMIT", 30)
    assert told(refusal(path)["table-too-large"]) == {"what": Words("faults.amount.cells"), "limit": "30"}


def test_merged_cells_that_cover_more_than_a_table_holds_are_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", [HEAD, *(["1", "a", 5] for _ in range(20))], merges=["B2:B21"])
    monkeypatch.setattr(sheet_rows, "CELLS_LIMIT", 10)
    assert told(refusal(path)["table-too-large"])["what"] == Words("faults.amount.merged")


def test_a_csv_of_more_columns_cells_or_bytes_than_a_table_may_hold_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("编号,名称,总人口\n" + "1,a,5\n" * 50, encoding="utf-8")
    for limit, what in (("COLUMNS_LIMIT", "columns"), ("CELLS_LIMIT", "cells"), ("BYTES_LIMIT", "bytes")):
        with monkeypatch.context() as patched:
            patched.setattr(delimited, limit, 2)
            assert told(refusal(path)["table-too-large"])["what"] == Words(f"faults.amount.{what}")


def test_a_document_type_in_a_part_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [HEAD, ["1", "a", 5]])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + part
            new.writestr(name, part)
    assert "unreadable" in refusal(tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    ("name", "start", "key"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-workbook"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old-workbook"),
        (
            "b.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted-workbook",
        ),
        ("a.et", b"x", "old-workbook"),
        ("a.csv", b"PK\x03\x04", "not-its-format"),
    ],
)
def test_other_workbooks_are_refused_with_the_way_out(tmp_path, name, start, key):
    (tmp_path / name).write_bytes(start)
    fault = refusal(tmp_path / name)[key]
    assert fault.render("zh") != fault.render("en")
    if key != "not-its-format":
        assert "fix:" in fault.render("en")


def test_semicolons_inside_quoted_cells_part_nothing(tmp_path):
    rows = "".join(f'"{number}","餐饮;中餐厅;中餐厅|购物;超市;超市","5"\n' for number in range(5))
    (tmp_path / "a.csv").write_text(f'"编号","名称","总人口"\n{rows}', encoding="utf-8")
    assert len(table(tmp_path / "a.csv")[0]) == 5


def test_a_declared_separator_is_used(tmp_path):
    (tmp_path / "a.csv").write_text("sep=;\n编号;名称;总人口\n1;a,b,c;5\n", encoding="utf-8")
    rows = table(tmp_path / "a.csv")[0]
    assert rows["name"].tolist() == ["a,b,c"]
    assert rows.index.tolist() == ["3"]


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_row(tmp_path):
    (tmp_path / "a.csv").write_text('编号,名称,总人口\n1,a,5\n2,"b,6\n3,c,7\n', encoding="utf-8")
    assert refusal(tmp_path / "a.csv")["quote-not-closed"].row == "3"


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), max_codepoint=0xFFFF), max_size=8)
ROWS = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6)


@settings(max_examples=40)
@given(ROWS)
def test_a_csv_and_a_workbook_of_the_same_cells_read_alike(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("sheets")
    kept = [(f"x{first}", f"y{second}") for first, second in rows]
    pd.DataFrame(kept, columns=["编号", "名称"]).to_csv(folder / "a.csv", index=False)
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称"])
    for number, row in enumerate(kept, 2):
        for column, cell in enumerate(row, 1):
            book.active.cell(number, column, cell).data_type = "s"
    book.save(folder / "a.xlsx")
    groups = [("编号",), ("名称",)]
    read_as = [
        read_sheet(folder / name, headings=groups).frame.to_numpy().tolist() for name in ("a.csv", "a.xlsx")
    ]
    assert read_as[0] == read_as[1] == [[cell.strip() for cell in row] for row in kept]


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_named_like_a_table_are_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.csv", "a.xlsx"):
        (folder / name).write_bytes(data)
        try:
            table(folder / name)
        except InputError:
            continue


def test_names_of_sheets_are_read_without_their_cells(tmp_path):
    assert sheet_names(sheets(tmp_path / "a.xlsx", {"甲": [HEAD], "乙": [HEAD]}, hidden=["乙"])) == [
        "甲",
        "乙",
    ]
