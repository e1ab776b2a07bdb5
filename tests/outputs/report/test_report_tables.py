"""Tables of the reports: no word is broken, words stand to the left, shortfalls keep their certainty."""

import re

import pytest
from results_by_hand import results_by_hand, with_findings

from lifecircle.messages import text
from lifecircle.outputs.report.figures import rule_scores
from lifecircle.outputs.report.needs import need_words, needs
from lifecircle.outputs.report.report_table import table_of_words
from lifecircle.outputs.report.sensitivity import panels, sensitivity_table
from lifecircle.outputs.report.table_layout import column_widths, rows_that_fit
from lifecircle.outputs.report.tables import rules_table

PAGE_CM = 17.0


@pytest.fixture(scope="module")
def results():
    return results_by_hand(rows=5, columns=6)


def test_a_column_is_never_narrower_than_its_longest_word():
    rows = ("Rule", "Residents affected", "n"), [("a short one", "12", "3")]
    roomy = column_widths((1, 1, 1), *rows)
    assert roomy == pytest.approx([PAGE_CM / 3] * 3), "all words fit: the proportions stay"
    tight = column_widths((20, 1, 1), *rows)
    # "Residents": a capital, six letters, an i and a t, bold, of 8.5 points, and the margins of a cell
    assert tight[1] == pytest.approx((0.74 + 6 * 0.63 + 0.32 + 0.41) * 1.13 * 8.5 * 2.54 / 72 + 0.4)
    assert sum(tight) == pytest.approx(PAGE_CM)
    assert tight[0] < 20 * PAGE_CM / 22


def test_chinese_keeps_seven_letters_whole_and_what_cannot_fit_shares_the_page_by_its_words():
    head = ("涉及居民的人数和户数", "n")
    # ten letters part after the seventh: seven of 8.5 points, and the margins of a cell
    name_cm = 7 * 8.5 * 2.54 / 72 + 0.4
    assert column_widths((1, 9), head, []) == pytest.approx([name_cm, PAGE_CM - name_cm])
    hopeless = ("x" * 60, "y" * 180)
    assert column_widths((1, 1), hopeless, []) == pytest.approx([PAGE_CM / 4, PAGE_CM * 3 / 4], rel=0.02)


def test_codes_that_do_not_fit_leave_short_columns_whole():
    head = ("What for", "Order", "Community", "Then met")
    widths = column_widths((1, 1, 1, 1), head, [("word", "1", "8" * 30, "8" * 60)])
    assert sum(widths) == pytest.approx(PAGE_CM)
    # "Order": a capital, and two narrow letters among five
    assert widths[1] == pytest.approx((0.74 + 2 * 0.63 + 2 * 0.41) * 1.13 * 8.5 * 2.54 / 72 + 0.4)


def test_columns_that_tell_nobody_anything_are_left_out():
    rows = [("a", "unknown", "–", "0", "3"), ("b", "unknown", "–", "0", "unknown")]
    made = table_of_words("t", ["rule", "people", "target", "none", "some"], rows, (1,) * 5)
    assert made.headings == ("Rule", "Some")


def test_names_are_parted_before_a_word_is_broken():
    """Eight columns of English words and of names, as the headline targets have them."""
    head = ("Target of the plan", "Target", "Now", "Trend", "Not met", "Residents affected", "Certainty")
    row = ("convenience", "facilities", "facilities", "circles", "catchment", "306,386", "provisional")
    widths = column_widths((1,) * 10, (*head, *["名"] * 3), [(*row, *["银湾社区卫生服务站"] * 3)])
    assert sum(widths) == pytest.approx(PAGE_CM)
    residents_cm = (7 * 0.63 + 0.32 + 0.41) * 1.13 * 8.5 * 2.54 / 72 + 0.4
    assert widths[5] >= residents_cm - 1e-9


def test_rows_of_several_lines_fill_a_page_sooner():
    one, many = ("word", "word"), ("word " * 40, "word")
    assert rows_that_fit((3, 14), [one] * 200) > 4 * rows_that_fit((3, 14), [many] * 200) > 0
    assert rows_that_fit((3, 14), [one] * 5) == 5


def test_words_after_figures_stand_to_the_left_also_where_a_column_fell_away():
    made = table_of_words(
        "t", ["rule", "short", "empty", "certainty"], [("a", "3", "0", "firm")], (1, 1, 1, 1), words_from=3
    )
    assert made.headings == ("Rule", "Short", "Certainty")
    assert [made.holds_figures(place) for place in range(3)] == [False, True, False]


@pytest.mark.parametrize(("lang", "shape"), [("en", r"(\d+) {}"), ("zh", r"(\d+)个{}")])
def test_what_to_build_first_tells_our_thresholds_from_missing_data(results, lang, shape):
    names = {"en": ("by an assumed threshold", "provisional"), "zh": ("按假定标准判定", "暂定")}[lang]
    for need in needs(results, lang):
        words = need_words(results, need, lang)
        firm, assumed = (int(need.places[column].sum()) for column in ("areas_firm", "areas_assumed"))
        for name, count in zip(names, (assumed, need.areas - firm - assumed), strict=True):
            said = re.search(shape.format(name), words)
            assert (int(said.group(1)) if said else 0) == count


def test_a_chart_is_drawn_only_where_an_assumption_moves_something(results):
    table = results.sensitivity.dropna(subset=["met_share"])
    spread = table.groupby(["varied", "plan", "rule"])["met_share"].agg(
        lambda shares: shares.max() - shares.min()
    )
    moving = spread.groupby("varied").max()
    assert len(panels(results, "en")) == int((moving > 0).sum())
    # the table still lists what moves nothing
    assert len(sensitivity_table(results, "en").rows) == min(24, len(spread))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_shortfalls_stand_on_is_told_in_one_column_and_not_in_three_of_noughts(results, lang):
    """All firm is one word; firm and provisional side by side are counted; so are units without data."""
    own = results.findings[results.findings["rule"] == "rule-0"]
    own = own[own["level"] == "community"].assign(status="short", certainty="firm")
    mixed = own.assign(certainty=["provisional", *["firm"] * (len(own) - 1)])
    lacking = own.assign(status=["no-data", *["short"] * (len(own) - 1)])
    said = []
    for rows in (own, mixed, lacking):
        study = with_findings(results, rows.reset_index(drop=True))
        table = rules_table(study, "hand-2025", rule_scores(study), lang)
        said.append(table.rows[0][table.headings.index(text("report.certainty", lang))])
    firm, unsure = text("status.firm", lang), text("status.provisional", lang)
    counted = [
        text("report.priority-certainty", lang, n=str(n), certainty=one)
        for n, one in ((29, firm), (1, unsure))
    ]
    comma = text("report.comma", lang)
    assert said == [firm, comma.join(counted), comma.join([firm, text("report.without-data", lang, n="1")])]
