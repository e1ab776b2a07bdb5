"""deficits.csv: the published columns, read back equal, and nothing in it that a spreadsheet would run."""

import csv
import dataclasses
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from results_by_hand import with_findings

from lifecircle.outputs.safe_text import decimal_text, plain_text, safe_cell
from lifecircle.outputs.workbook.deficits import write_deficits_csv
from lifecircle.tables import FINDINGS, Note

CONTRACT = (
    "plan,rule,clause,role,level,scope,code,name,service,value,unit,comparator,target,target_year,baseline,"
    "progress,status,certainty,deficit,deficit_unit,population,population_short,assumptions,note,"
    "criterion,turns_at,contribution,responsible,title,cutoff_min,cutoff_m"
)
LIVE = tuple("=+-@\t＝＋－＠")


def written(results, folder, lang="zh"):
    write_deficits_csv(results, folder / "deficits.csv", lang=lang)
    return pd.read_csv(folder / "deficits.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_columns_are_those_of_the_contract_in_its_order(results, tmp_path):
    assert ",".join(written(results, tmp_path).columns) == CONTRACT


def test_the_file_starts_with_a_byte_order_mark_and_has_plain_line_ends(results, tmp_path):
    written(results, tmp_path)
    raw = (tmp_path / "deficits.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfplan,")
    assert b"\r" not in raw


def test_every_figure_reads_back_to_six_decimals(results, tmp_path):
    table = written(results, tmp_path)
    assert len(table) == len(results.findings)
    for name, column in FINDINGS.columns.items():
        if column.kind == "number":
            figures = pd.to_numeric(table[name].replace("", np.nan)).astype(float)
            np.testing.assert_allclose(figures, results.findings[name], atol=5e-7)
        elif column.kind != "object":
            assert table[name].tolist() == results.findings[name].tolist()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_notes_stand_in_the_readers_language(results, tmp_path, lang):
    note = Note("missing-layer", {"layer": "grid"})
    findings = results.findings.assign(note=[(note, note), *[()] * (len(results.findings) - 1)])
    table = written(with_findings(results, findings), tmp_path, lang)
    between = "；" if lang == "zh" else "; "
    assert table["note"].iloc[0] == between.join([note.render(lang)] * 2)
    assert (table["note"].iloc[1:] == "").all()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-1e-9, "0"),
        (100.0, "100"),
        (1.23456789, "1.234568"),
        (-2.5, "-2.5"),
        (1e7, "10000000"),
        (float("inf"), ""),
        (float("nan"), ""),
    ],
)
def test_a_number_is_as_short_as_a_millionth_allows(value, shown):
    assert decimal_text(value) == shown


@pytest.mark.parametrize(
    ("words", "safe"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("  @SUM(1)", "'  @SUM(1)"),
        ("-12", "'-12"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("桥头;=1+1", "桥头;'=1+1"),
        ("一\r\n+2", "一\n'+2"),
        ("和平-新民", "和平-新民"),
        ("\x00\u202e=1", "'=1"),
        ("a\ud800b", "a?b"),
    ],
)
def test_text_that_would_be_a_formula_is_quoted(words, safe):
    assert safe_cell(words) == safe


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_no_cell_opens_with_a_sign_of_a_formula_and_plain_text_survives(words):
    cell = safe_cell(words)
    assert not any(part.lstrip(" \u00a0\u3000").startswith(LIVE) for part in [cell, *cell.split("\n")])
    assert cell.replace("'", "") == plain_text(words).replace("'", "")
    assert plain_text(plain_text(words)) == plain_text(words)


def test_hostile_names_neither_run_nor_break_the_rows(results, tmp_path):
    hostile = ["=1+1", 'a"b,c', "x\r\ny", "\u202egnp", "长" * 40_000, "@SUM(A1)", "+1;=2"]
    findings = results.findings.copy()
    findings["name"] = [hostile[at % len(hostile)] for at in range(len(findings))]
    written(with_findings(results, findings), tmp_path)
    text = (tmp_path / "deficits.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["name"] for row in rows] == [safe_cell(name) for name in findings["name"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_row_says_its_rule_and_how_far_that_reaches(results, tmp_path, lang):
    """The title in the reader's language; minutes or metres of circles alone."""
    first, *_ = results.findings["rule"]
    plan = dict(results.plans[0])
    far = {"title": {"zh": "药店", "en": "=Pharmacy"}, "cutoff_min": None, "cutoff_m": 500.0}
    plan["rules"] = {**plan["rules"], first: {**plan["rules"][first], **far}}
    table = written(dataclasses.replace(results, plans=(plan,)), tmp_path, lang)
    rows = table[table["rule"] == first]
    assert set(rows["title"]) == {"药店" if lang == "zh" else "'=Pharmacy"}
    assert set(rows["cutoff_m"]) == {"500"}
    assert set(rows["cutoff_min"]) == {""}
    others = table[table["rule"] != first]
    assert others["title"].tolist() == [plan["rules"][rule]["title"][lang] for rule in others["rule"]]
    limits = [plan["rules"][rule].get("cutoff_min") for rule in others["rule"]]
    assert others["cutoff_min"].tolist() == ["" if limit is None else f"{limit:g}" for limit in limits]
    assert any(limits)
