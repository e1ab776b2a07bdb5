"""Values as people type them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecircle.sources.files.cell_values import codes, flags, key, numbers, says_unknown, texts, tidy


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("12", 12.0),
        ("１２", 12.0),
        ("１，２３４．５", 1234.5),
        ("1,234", 1234.0),
        ("1，234", 1234.0),
        ("12,345,678", 12345678.0),
        ("1.2万", 12000.0),
        ("３千", 3000.0),
        ("0.5亿", 5e7),
        ("45%", 0.45),
        ("４５％", 0.45),
        (" 7 ", 7.0),
        ("-3", -3.0),
        (".5", 0.5),
        ("1.5e3", 1500.0),
        (8, 8.0),
    ],
)
def test_a_number_is_understood_however_it_is_typed(cell, meant):
    result, wrong = numbers(pd.Series([cell, "x"], dtype=object))
    assert result.iloc[0] == pytest.approx(meant, rel=1e-15)
    assert wrong.tolist() == [False, True]


@pytest.mark.parametrize("cell", ["", " ", "-", "—", "/", "无", "N/A", None, float("nan"), pd.NA])
def test_a_blank_cell_is_unknown_and_not_wrong(cell):
    result, wrong = numbers(pd.Series([cell], dtype=object))
    assert math.isnan(result.iloc[0])
    assert not wrong.iloc[0]


def test_a_word_for_nothing_is_told_from_an_empty_cell_and_from_a_dash():
    cells = pd.Series(["ＮａＮ", "N/A", "无", "null", "", "-", "——", None, float("nan"), "0"], dtype=object)
    assert says_unknown(cells).tolist() == [True] * 4 + [False] * 6


@pytest.mark.parametrize("cell", ["12人", "1,5", "1.2.3", "12,34", "inf", "1e999", "abc", "万", "++1"])
def test_what_is_no_number_is_said_to_be_wrong(cell):
    _, wrong = numbers(pd.Series([cell], dtype=object))
    assert wrong.iloc[0]


def test_an_infinite_float_is_wrong():
    _, wrong = numbers(pd.Series([1.0, np.inf]))
    assert wrong.tolist() == [False, True]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("130102001001.0", "130102001001"),
        (130102001001.0, "130102001001"),
        (130102001001, "130102001001"),
        ("1.30102001001E+11", "130102001001"),
        ("１３０１", "1301"),
        ("010203", "010203"),
        ("A-7", "A-7"),
        ("", ""),
    ],
)
def test_a_code_comes_back_as_text(cell, code):
    result, _, lost = codes(pd.Series([cell], dtype=object))
    assert result.tolist() == [code]
    assert not lost.any()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('="440402001001"', "440402001001"),
        ('=("440402001001")', "440402001001"),
        ("'440402001001", "440402001001"),
        ("’440402001001", "440402001001"),
        ("“440402001001”", "440402001001"),
        ("\u200b440402\u00ad001001\ufeff", "440402001001"),
        ("\t440402001001 ", "440402001001"),
        ("440,402,001,001", "440402001001"),
        ("4404 0200 1001", "440402001001"),
        ("＇４４０４０２００１００１．０", "440402001001"),
        ("4.40402001001E+11", "440402001001"),
        ("A 1,2", "A 1,2"),
        ("007", "007"),
        ("狮山街道", "狮山街道"),
    ],
)
def test_a_code_in_disguise_is_undone(cell, code):
    result, count, lost = codes(pd.Series([cell], dtype=object))
    assert result.tolist() == [code]
    assert not lost.any()
    assert count == (code != tidy(cell))


@pytest.mark.parametrize("cell", ["4.40402E+11", "4.404E+11", "4E+11", 4.404020010011e17, "1.5E+0"])
def test_a_code_whose_digits_are_gone_is_lost(cell):
    assert codes(pd.Series([cell], dtype=object))[2].tolist() == [True]


@given(st.from_regex(r"[0-9]{2,15}", fullmatch=True))
def test_every_disguise_of_a_code_leads_back_to_it(code):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    forms = [f'="{code}"', f"'{code}", f"{code}.0", f" {code}\u200b", wide, f"\ufeff{code}.00"]
    assert codes(pd.Series(forms, dtype=object))[0].tolist() == [code] * len(forms)


@given(st.text(max_size=15))
def test_any_cell_as_a_code_is_itself_again_when_read_twice(cell):
    once = codes(pd.Series([cell], dtype=object))
    if not once[2].iloc[0]:
        reread = codes(once[0])
        assert not reread[2].iloc[0] or any(sign in "eE" for sign in cell)


def test_a_code_rounded_by_scientific_notation_is_lost_and_not_invented():
    result, _, lost = codes(pd.Series(["1.30102E+11"], dtype=object))
    assert lost.tolist() == [True]
    assert result.tolist() == ["1.30102E+11"]


def test_restored_codes_are_counted():
    assert codes(pd.Series(["1.0", "2", "3.00"], dtype=object))[1] == 2


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("是", True),
        ("否", False),
        ("true", True),
        ("0", False),
        (1, True),
        ("", None),
        ("√", True),
        (None, None),
    ],
)
def test_yes_and_no_in_either_language(cell, meant):
    answers, unknown = flags(pd.Series([cell], dtype=object))
    assert answers.iloc[0] is meant
    assert not unknown.any()


def test_a_word_that_is_neither_yes_nor_no_is_unknown():
    assert flags(pd.Series(["也许"], dtype=object))[1].tolist() == [True]


def test_tidy_folds_width_and_drops_control_characters():
    assert tidy("\ufeff Ａ１\t社区\u3000服务\x00") == "A1 社区 服务"
    assert key(" Health  Station ") == "healthstation"


def test_texts_of_a_string_column_hold_no_nulls():
    assert texts(pd.Series(["a", None], dtype="str")).tolist() == ["a", ""]
