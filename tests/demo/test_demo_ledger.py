"""The officer's forms of the demo city: what an officer would sign, recomputed from deficits.csv."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import range_boundaries

from lifecircle import plans
from lifecircle.messages import text
from lifecircle.outputs import write_monitoring
from lifecircle.tables import WIDE_LEVELS, verdict_rows

pytestmark = pytest.mark.slow

LANGUAGES = ("zh", "en")
A3_INCHES, PIXELS_PER_INCH, FONT_POINTS, LEAST_POINTS = 16.54 - 0.8, 96, 11, 8
SMALL = (
    "community",
    "village",
    "facility",
    "catchment",
    "grid",
    "scenic",
    "new-residential",
    "old-residential",
)
PLANS = ("hainan-2022", "wuhu-2021", "zhuhai-2021", "shijiazhuang-2016")


@pytest.fixture(scope="module")
def deficits(demo_run):
    return demo_run.deficits()


@pytest.fixture(scope="module")
def books(rerun, tmp_path_factory):
    """The forms in both languages."""
    folder = tmp_path_factory.mktemp("forms")
    for lang in LANGUAGES:
        write_monitoring(rerun, folder / f"{lang}.xlsx", lang=lang)
    return {lang: openpyxl.load_workbook(folder / f"{lang}.xlsx") for lang in LANGUAGES}


def table_of(sheet):
    """Lines above the headings, and the rows under them."""
    rows = list(sheet.iter_rows(values_only=True))
    head = next(at for at, row in enumerate(rows) if not any(row)) + 1
    lines = [row[0] for row in rows[:head] if row[0]]
    return lines, pd.DataFrame(rows[head + 1 :], columns=rows[head])


def totals_of_other_cities():
    """Provisions of the cities' plans that ask for a number in all of their own city."""
    return {
        (name, rule.id)
        for name in PLANS
        for rule in plans.plan(name).rules
        if getattr(rule, "of_level", None) and rule.role != "baseline" and rule.target is not None
    }


def test_totals_of_other_cities_are_told_and_no_failure_of_this_one(rerun, deficits):
    keys = totals_of_other_cities()
    assert {rule for _, rule in keys} >= {
        "shijiazhuang-add-rural-stations-900", "shijiazhuang-incubators-10", "zhuhai-old-estates-229",
    }  # fmt: skip
    rows = deficits[[key in keys for key in zip(deficits["plan"], deficits["rule"], strict=True)]]
    assert not set(rows["status"]) & {"met", "short"}
    told = rows[rows["status"] == "not-applicable"]
    assert told["value"].notna().sum() > 5, "the count here is told all the same"
    for table in (rerun.problems, rerun.headlines):
        assert not set(zip(table["plan"], table["rule"], strict=True)) & keys
    counted = rerun.summary[
        [key in keys for key in zip(rerun.summary["plan"], rerun.summary["rule"], strict=True)]
    ]
    assert not counted[[name for name in counted if name.startswith(("met_", "short_"))]].to_numpy().any()


def test_no_progress_stands_anywhere_beside_a_baseline_counted_otherwise(rerun, deficits):
    reported = {
        (name, rule.id) for name in PLANS for rule in plans.plan(name).rules if rule.kind == "indicator"
    }
    measured = [key not in reported for key in zip(deficits["plan"], deficits["rule"], strict=True)]
    rows = deficits[measured]
    assert (rows["baseline"].notna() & rows["value"].notna()).sum() > 10
    assert rows["progress"].isna().all()
    assert not rows["note"].str.contains("按线性进度").any()
    forms = rerun.monitoring
    own = forms[[key not in reported for key in zip(forms["plan"], forms["rule"], strict=True)]]
    assert own[["progress", "expected"]].isna().all().all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_people_of_the_ledger_and_of_the_headlines_are_told_apart_and_add_up(rerun, deficits, books, lang):
    """Both sums from deficits.csv: people of units that are short, and of those that meet the target."""
    lines, table = table_of(books[lang][text("monitoring.sheet-problems", lang)])
    units = verdict_rows(deficits)
    units = units[~units["level"].isin(WIDE_LEVELS)]
    explained = 0
    for row in rerun.headlines.itertuples():
        own = units[(units["plan"] == row.plan) & (units["rule"] == row.rule)]
        short, met = (own.loc[own["status"] == one, "population_short"].sum() for one in ("short", "met"))
        titles = text("monitoring.problem", lang, title=title_of_rule(rerun, row, lang))
        mine = table[text("monitoring.column.problem", lang)].str.startswith(titles)
        assert table.loc[mine, text("monitoring.column.people", lang)].sum() == pytest.approx(short, abs=0.5)
        assert short + met == pytest.approx(row.people, abs=0.5)
        if met >= 0.5:
            [line] = [one for one in lines if f"{row.people:,.0f}" in one]
            assert f"{short:,.0f}" in line
            explained += 1
    assert explained >= 4


def title_of_rule(results, row, lang):
    """The plan's own title of a rule."""
    return next(one for one in results.plans if one["id"] == row.plan)["rules"][row.rule]["title"][lang]


def test_no_gap_of_a_place_stands_twice_and_every_clause_of_it_is_named(rerun, books):
    table = rerun.problems
    keys = ["level", "code", "deficit", "deficit_unit", "people", "missing"]
    first = dict(
        zip(
            zip(rerun.headlines["plan"], rerun.headlines["rule"], strict=True),
            rerun.headlines["also"],
            strict=True,
        )
    )
    pairs = {(key, tuple(one.split("/"))) for key, also in first.items() for one in also.split("; ") if one}
    assert len(pairs) >= 2
    for one, other in pairs:
        mine, theirs = (
            set(table.loc[(table["plan"] == plan) & (table["rule"] == rule), keys].itertuples(index=False))
            for plan, rule in (one, other)
        )
        assert len(mine)
        assert not mine & theirs
    _, shown = table_of(books["zh"]["体检问题台账"])
    several = shown["条款"].str.contains("；")
    assert several.sum() == (table["also"] != "").sum() > 100


def test_places_of_the_ledger_have_a_township_a_department_or_a_word_for_none_and_one_name(rerun, books):
    table = rerun.problems
    small = table[table["level"].isin(SMALL)]
    assert (small["township"] != "").all()
    assert set(table.loc[table["level"].isin(["city", "province"]), "name"]) == {"演示市"}
    for lang in LANGUAGES:
        _, shown = table_of(books[lang][text("monitoring.sheet-problems", lang)])
        assert shown[text("monitoring.column.responsible", lang)].notna().all()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printed_pages_can_be_read(books, lang):
    """Columns that are printed fit the paper at 8 points or more of the 11 that they are written in."""
    for sheet in books[lang].worksheets:
        widths = {}
        for column in sheet.column_dimensions.values():
            widths.update(dict.fromkeys(range(column.min, column.max + 1), column.width))
        last = range_boundaries(sheet.print_area.split("!")[1])[2]
        pixels = sum(int(7 * widths[at] + 0.5) for at in range(1, last + 1))
        room = A3_INCHES * PIXELS_PER_INCH * (sheet.page_setup.fitToWidth or 1)
        assert FONT_POINTS * room / pixels >= LEAST_POINTS, sheet.title
