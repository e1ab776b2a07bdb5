"""Names in variants: suggested in a table, edited by the user, read back by the study."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest

import lifecircle as lc
from lifecircle.outputs import write_names
from lifecircle.tables import NameDoubt

LEDGER = """id,name,kind,community,lon,lat
A1,甲站,社区卫生服务站点,甲社区居委会,,
A2,乙站,社区卫生服务站,130102001002,114.512,38.004
A3,丙站,怪名,,114.506,38.006
"""


@pytest.fixture
def variants(town):
    """A ledger with a service in a variant, one that nobody knows, and a community's name for its code."""
    (town / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    path = town / "study.toml"
    said = path.read_text(encoding="utf-8")
    path.write_text(said.replace('service = "health-station"', 'service_column = "kind"'), encoding="utf-8")
    return town


def suggest(command, town, lang="zh"):
    """The table that ``check --suggest`` writes, as rows of text."""
    said = command("check", town / "study.toml", "--suggest", town / "names.xlsx", "--json", "--lang", lang)
    book = openpyxl.load_workbook(town / "names.xlsx")
    return said, [[cell.value or "" for cell in row] for row in book.active.iter_rows()]


def use(town, **meanings):
    """The table edited: for names as they are written, what is to be used."""
    book = openpyxl.load_workbook(town / "names.xlsx")
    for row in book.active.iter_rows(min_row=2):
        if row[1].value in meanings:
            row[5].value = meanings[row[1].value]
    book.save(town / "names.xlsx")
    path = town / "study.toml"
    said = path.read_text(encoding="utf-8")
    if "names =" not in said:
        path.write_text(said.replace("[study]\n", '[study]\nnames = "names.xlsx"\n'), encoding="utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_are_suggested_edited_and_read_back(command, variants, lang):
    said, rows = suggest(command, variants, lang)
    assert said.code == 2
    by_name = {row[1]: row for row in rows[1:]}
    assert by_name["社区卫生服务站点"][2:] == ["ledger.csv", "2", "health-station", "health-station"]
    assert by_name["怪名"][4:] == ["", ""], "nothing is like it"
    use(variants, 怪名="library")
    said, rows = suggest(command, variants, lang)
    assert said.code == 0, "every service is known now"
    [row] = rows[1:]
    assert row[1:] == ["甲社区居委会", "ledger.csv", "2", "130102001001", "130102001001"]
    # The second table holds only what the first left open: the user adds its row to the first.
    use(variants, 甲社区居委会="130102001001")
    book = openpyxl.load_workbook(variants / "names.xlsx")
    kind = book.active.cell(2, 1).value
    service = {"zh": "服务", "en": "service"}[lang]
    for written, meaning in (("社区卫生服务站点", "health-station"), ("怪名", "library")):
        book.active.append([service, written, "", "", "", meaning])
    book.save(variants / "names.xlsx")
    assert kind in {"社区", "community"}
    inputs = lc.check(lc.Study.from_file(variants / "study.toml"))
    table = inputs.facilities.set_index("facility")
    assert table.loc["ledger:A1", ["service", "community"]].tolist() == ["health-station", "130102001001"]
    assert table.loc["ledger:A3", "service"] == "library"
    assert (inputs.quality["remark"] == "names-explained").sum() == 2, "services, and communities"


def test_a_name_in_traditional_signs_is_suggested_and_read_back(command, variants):
    """東莊-style names of an old list: the table suggests, the user agrees, the study reads."""
    lines = LEDGER.replace("社区卫生服务站点", "社區衛生服務站").replace("甲社区居委会", "甲社區居委會")
    (variants / "ledger.csv").write_text(lines.replace("怪名", "社区卫生服务站"), encoding="utf-8")
    said, rows = suggest(command, variants)
    assert said.code == 2
    assert [row[1:] for row in rows[1:] if row[1] == "社區衛生服務站"] == [
        ["社區衛生服務站", "ledger.csv", "2", "health-station", "health-station"]
    ]
    use(variants, 社區衛生服務站="health-station")
    said, rows = suggest(command, variants)
    assert said.code == 0
    assert [row[1:] for row in rows[1:]] == [
        ["甲社區居委會", "ledger.csv", "2", "130102001001", "130102001001"]
    ]


def test_a_name_that_looks_like_a_formula_is_written_as_text(tmp_path):
    write_names([NameDoubt("service", "=1+1", "a.csv", "2", "")], tmp_path / "names.xlsx", lang="en")
    with zipfile.ZipFile(tmp_path / "names.xlsx") as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "=1+1" in book.read("xl/sharedStrings.xml").decode()


def test_a_table_of_names_that_is_not_there_is_refused(command, variants, old_results):
    path = variants / "study.toml"
    said = path.read_text(encoding="utf-8")
    path.write_text(said.replace("[study]\n", '[study]\nnames = "none.xlsx"\n'), encoding="utf-8")
    faults = command("run", path, "--json").faults
    assert {"no-file", "unknown-service"} <= {fault["key"] for fault in faults}
    assert old_results()
