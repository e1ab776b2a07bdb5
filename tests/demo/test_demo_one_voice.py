"""One verdict per rule of the demo, at the level at which it is judged, and the same in every place."""

import re

import numpy as np
import pytest
import shown_figures
from demo_page import choose, judged_units, verdicts, wide

from lifecircle.messages import text

pytestmark = pytest.mark.browser

ONE_BY_ONE = ("catchment", "facility")


@pytest.fixture(scope="module")
def rules(deficits):
    """Plan, rule and level of every rule with a verdict on stations or other facilities."""
    told = verdicts(deficits)
    told = told[told["status"].isin(["met", "short"]) & told["level"].isin(ONE_BY_ONE)]
    return list(told[["plan", "rule", "level"]].drop_duplicates().itertuples(index=False, name=None))


def theme_of(data, plan, rule):
    own = [one for one in data["themes"] if (one["plan"], one["rule"]) == (plan, rule)]
    return next((one for one in own if not one["service"]), own[0])


def names_of_verdicts(page):
    """What the verdicts above communities are about, in the panel."""
    return page.locator("#place .verdict strong").all_inner_texts()


def test_people_count_and_gap_of_every_headline_are_of_the_same_units(data, deficits):
    for one in data["headlines"]:
        theme = data["themes"][one["theme"]]
        units = judged_units(deficits, theme["plan"], theme["rule"])
        short = units[units["status"] == "short"]
        assert (one["met"] + one["short"], one["short"]) == (len(units), len(short)), theme["rule"]
        # a gap of the whole where it has one of its own, else of the units counted, in their one unit
        whole = wide(deficits).query(
            "plan == @theme['plan'] and rule == @theme['rule'] and status == 'short'"
        )
        if len(whole):
            assert one["deficit"] == pytest.approx(whole["deficit"].iloc[-1], abs=0.01), theme["rule"]
        elif short["deficit_unit"].nunique() == 1:
            assert one["deficit"] == pytest.approx(short["deficit"].sum(), abs=0.01), theme["rule"]
        people = units["population_short"].sum(min_count=1)
        told = np.nan if one["people"] is None else one["people"]
        assert told == pytest.approx(people, abs=0.51, nan_ok=True), theme["rule"]
        assert one["people"] == theme["people_sum"] or one["short"] == one["met"] + one["short"] == 1
        # the figure is the verdict's own, or the share of these units
        if one["status"] == "":
            assert one["value"] == pytest.approx(100 * (1 - len(short) / len(units)), abs=0.01)
            assert one["target"] is None


def test_what_is_met_at_the_top_is_no_second_verdict_beside_units_that_fall_short(page, data, deficits):
    """Stations are enough in number: the panel does not call the city met beside those that fall short."""
    twofold = []
    for (plan, rule), whole in wide(deficits).groupby(["plan", "rule"]):
        units = judged_units(deficits, plan, rule)
        if set(whole["status"]) & {"met", "short"} == {"met"} and (units["status"] == "short").any():
            twofold.append((plan, rule))
            choose(page, rule=(plan, rule), tab="place")
            assert text("map.whole-city", "zh") not in names_of_verdicts(page), rule
            line = page.locator("#place .verdict-line").first.inner_text()
            short = units["code"][units["status"] == "short"].nunique()
            assert str(short) in re.findall(r"\d+", line), line
            assert theme_of(data, plan, rule)["judged"] == "catchment", rule
            # under one measure alone the clause stands as it does under either
            themes = [(one["plan"], one["rule"], one["service"]) for one in data["themes"]]
            for measure in ("by-committees", "by-people"):
                number = themes.index((plan, rule, measure))
                page.evaluate(f"lifecircle.choose({{theme: lifecircle.data.themes[{number}], tab: 'place'}})")
                told = page.locator("#place").inner_text()
                assert "总数达标" in told, measure
                assert "总数未达标" not in told, measure
    assert len(twofold) == 1


def test_every_facility_that_falls_short_of_a_rule_judged_one_by_one_is_listed(page, data, deficits, rules):
    assert {level for *_, level in rules} == set(ONE_BY_ONE)
    assert len(rules) > 5
    listed = 0
    for plan, rule, level in rules:
        units = judged_units(deficits, plan, rule)
        units = units[units["level"] == level].drop_duplicates("code")
        short = units[units["status"] == "short"]
        told = theme_of(data, plan, rule)["units"]
        assert (told["level"], told["judged"]) == (level, len(units)), rule
        assert {one["code"] for one in told["short"]} == set(short["code"]), rule
        for one in told["short"]:
            row = short[short["code"] == one["code"]].iloc[0]
            assert (one["name"], one["unit"]) == (row["name"], row["unit"])
            for name, column in (("value", "value"), ("deficit", "deficit"), ("people", "population_short")):
                known = np.nan if one[name] is None else one[name]
                assert known == pytest.approx(row[column], abs=0.01, nan_ok=True), (rule, name)
        choose(page, rule=(plan, rule), tab="place")
        line = page.locator("#place .verdict-line").first.inner_text()
        figures = [len(units), len(short)] if len(short) else [len(units)]
        assert sorted(int(one) for one in re.findall(r"\d+", line)) == sorted(figures), line
        names = page.locator(
            "#place .units li > button, #place .units li > span:first-child"
        ).all_text_contents()
        assert len(names) == len(short)
        assert set(names) == set(short["name"])
        listed += len(names)
    assert listed > 10


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_panel_of_stations_gives_their_verdict_and_tells_the_number_beside_it(
    page, deficits, rules, lang
):
    [(plan, rule)] = [(plan, rule) for plan, rule, level in rules if level == "catchment"]
    choose(page, rule=(plan, rule), tab="place", lang=lang)
    units = judged_units(deficits, plan, rule)
    short = units[units["status"] == "short"]
    assert 0 < len(short) < len(units)
    place = page.locator("#place")
    said = place.inner_text()
    assert text("map.units-line.catchment", lang, n=str(len(short)), number=str(len(units))) in said
    assert text("map.whole-city", lang) not in names_of_verdicts(page)
    assert place.locator(".badge").count() == 0, "no second verdict beside the stations'"
    assert text("map.number-of-stations", lang) in said
    # by which measure how many are needed in all, and what those to be added leave above the limit
    own = deficits[(deficits["rule"] == rule) & deficits["level"].isin(["city", "province"])]
    needed = own.set_index("service")["target"]
    number = place.locator(".verdict").first.inner_text()
    asked = [wide(deficits).query("rule == @rule")["value"].iloc[-1], *needed[["by-committees", "by-people"]]]
    assert [int(one) for one in re.findall(r"\d+", number)] == asked
    stations = deficits[(deficits["rule"] == rule) & (deficits["level"] == "catchment")]
    by_people = stations[stations["service"] == "by-people"].set_index("code")
    people = by_people.loc[short["code"], "value"].to_numpy()
    each = people / (short["deficit"].to_numpy() + 1)
    over = each > by_people["target"].iloc[0]
    added = {"n": str(len(short)), "added": f"{short['deficit'].sum():.0f}"}
    after = {
        **added,
        "number": str(int(over.sum())),
        "from": f"{each[over].min():,.0f}",
        "to": f"{each[over].max():,.0f}",
        "most": f"{by_people['target'].iloc[0]:,.0f}",
        "needed": str(int(np.ceil(people[over] / by_people["target"].iloc[0] - 1).sum())),
    }
    assert over.any()
    assert text("map.stations-still-over", lang, **after) in said
    spared = (by_people["status"] == "short").sum() - len(short)
    # more than are missing in all: the room at stations below the limit is of no use elsewhere
    missing = int(needed["by-people"] - asked[0])
    all_needed = int(np.ceil(by_people["value"] / by_people["target"] - 1).clip(lower=0).sum())
    assert missing < all_needed == by_people["deficit"].sum()
    room = str(int((by_people["status"] == "met").sum()))
    why = text("report.stations-why", lang, missing=str(missing), room=room)
    assert text("report.stations-by-people", lang, n=str(spared), all=str(all_needed), why=why) in said
    assert text("map.stations-after", lang, **added) in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_rule_rests_on_is_never_a_key(data, deficits, lang):
    leaning = 0
    for theme in data["themes"]:
        if theme["assumptions"] >= 0:
            words = data["notes"][theme["assumptions"]][lang]
            assert not re.search(r"[a-z]_[a-z]|=|True|False", words), words
            leaning += 1
    assert leaning > 40
    assert deficits["assumptions"].str.contains("station_minutes=15").any(), "the table keeps the keys"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_reports_and_workbook_say_of_stations_whether_there_are_enough_and_not_that_the_city_is_met(
    papers, deficits, data, rules, lang
):
    [(plan, rule)] = [(plan, rule) for plan, rule, level in rules if level == "catchment"]
    about = next(one for one in data["plans"] if one["id"] == plan)["rules"][rule]
    short = judged_units(deficits, plan, rule).query("status == 'short'")
    people, seen = f"{short['population_short'].sum():,.0f}", 0
    for tables in (
        shown_figures.html_tables((papers[lang] / "report.html").read_text(encoding="utf-8")),
        shown_figures.docx_tables(papers[lang] / "report.docx"),
    ):
        for table in tables:
            if table[0][:2] == [text("report.rule", lang), text("report.judged-per", lang)]:
                for row in table[1:]:
                    if row[0].startswith(about["title"][lang]):
                        assert text("report.number-enough", lang) in row
                        assert text("status.met", lang) not in row
                        assert people in row
                        seen += 1
    assert seen == 2
