"""Figures of sites, scores, priorities and sensitivity that outputs show, against the table of findings.

As in `shown_figures`, nothing here asks the package how it counts.
"""

import json

import numpy as np
import openpyxl
import pytest
from shown_figures import CERTAINTIES, OWN_LEVELS, judged_rows, records, verdicts_of

from lifecircle.messages import text


def assert_scores(path, results, deficits, lang):
    """Scorecard, what townships build first, sensitivity, sites and their curve, cell by cell."""
    book, verdicts = openpyxl.load_workbook(path), verdicts_of(deficits)
    sheets = {
        name: records(book[text(f"workbook.sheet.{name}", lang)])
        for name in ("scorecard", "township-priorities", "sensitivity", "proposals", "coverage-curve")
    }

    def head(name):
        return text(f"workbook.column.{name}", lang)

    assert_scorecard(sheets["scorecard"], results, verdicts, head, lang)
    assert_priorities(sheets["township-priorities"], results, deficits, head, lang)
    assert_own_setting(sheets["sensitivity"], verdicts, head, lang)
    assert_sites(sheets, verdicts, head, lang)


def assert_scorecard(rows, results, verdicts, head, lang):
    """Every community: how many rules stand how. Every plan: no rule is lost, and whom the worst concern."""
    own = verdicts[verdicts["level"].isin(OWN_LEVELS)]
    compared = 0
    for row in rows:
        code = row[head("code")]
        counts = {name: row[head(f"n_short-{name}")] for name in CERTAINTIES}
        others = {name: row[head(f"n_{name}")] for name in ("met", "no-data", "not-applicable", "context")}
        if code not in set(own["code"]):
            rules = verdicts.loc[verdicts["plan"] == code, "rule"].nunique()
            assert sum(counts.values()) + sum(others.values()) + row[head("n_report-only")] == rules
            assert_largest(row, results, verdicts[verdicts["plan"] == code], lang)
            continue
        mine = own[own["code"] == code]
        for name, count in counts.items():
            assert count == ((mine["status"] == "short") & (mine["certainty"] == name)).sum(), (code, name)
        for name, count in others.items():
            assert count == (mine["status"] == name).sum(), (code, name)
        compared += 1
    assert compared == own["code"].nunique()


def assert_largest(row, results, verdicts, lang):
    """Residents whom the worst rules concern: of the whole where it is short, else of all units judged."""
    about = next(one for one in results.plans if one["id"] == verdicts["plan"].iloc[0])["rules"]
    concerned = {}
    for rule, group in verdicts.groupby("rule"):
        short, whole = group[group["status"] == "short"], group.iloc[-1]
        if whole["level"] not in OWN_LEVELS and whole["status"] == "short":
            short = group.tail(1)
        elif set(short["level"]) - {*OWN_LEVELS}:
            continue  # parts of the whole are judged as well
        judged = group[group["level"].isin(short["level"]) & group["status"].isin(["met", "short"])]
        counted = judged if set(short["level"]) <= {*OWN_LEVELS} else short
        people = counted["population_short"].sum(min_count=1)
        if people > 0:
            concerned[about[rule]["title"][lang]] = f"{people:,.0f}"
    for number in (1, 2, 3):
        words = row[text("scores.column.largest", lang, number=number)] or ""
        told = [people for title, people in concerned.items() if words.startswith(title)]
        assert not told or any(people in words for people in told), (words, told)


def assert_priorities(rows, results, deficits, head, lang):
    """Places short, what they lack and whom it concerns, township by township and need by need."""
    township = results.communities.set_index("code")["township"]
    names = results.inputs.units.query("level == 'township'").set_index("name")["code"]
    judged = deficits[deficits["status"].isin(["met", "short"])]
    judged = judged[judged["level"].isin((*OWN_LEVELS, "township"))]
    home = judged["code"].map(township).where(judged["level"].isin(OWN_LEVELS), judged["code"])
    judged = judged.assign(place=home)
    short = judged[judged["status"] == "short"]
    ranks = {}
    for row in rows:
        town, rule = names[row[text("status.township", lang)]], row[head("rule")]
        own = short[(short["place"] == town) & (short["rule"] == rule)]
        there = judged[(judged["place"] == town) & (judged["rule"] == rule)]
        what = text("scores.column.what", lang)
        parts = [group for _, group in own.groupby("service")]
        fitting = [
            group
            for group in parts
            if len(group) == row[text("scores.column.areas", lang)]
            and group["deficit"].sum() == pytest.approx(row[head("deficit")], abs=0.01)
        ]
        assert fitting, (row[what], rule, town)
        people = row[text("scores.column.people-there", lang)]
        # whoever lives in a township that is short, with villages in it that are, counts once
        # of a circle the few beyond it in communities that are met count as well: one number everywhere
        alike = [there[there["service"] == group["service"].iloc[0]] for group in fitting]
        kinds = [group.groupby(group["level"] == "township")["population_short"] for group in alike]
        shown = [kind.sum(min_count=1).max() for kind in kinds]
        assert any(
            (people is None and np.isnan(sum_)) or people == pytest.approx(sum_, abs=0.01) for sum_ in shown
        )
        for name in ("firm", "assumed"):
            areas = row[text(f"scores.column.areas_{name}", lang)]
            assert any((group["certainty"] == name).sum() == areas for group in fitting)
        ranks.setdefault(town, []).append(row[text("scores.column.rank", lang)])
    assert len(rows) > 50
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in ranks.values())


def assert_own_setting(rows, verdicts, head, lang):
    """Under the study's own settings the sensitivity shows what the findings say."""
    compared = 0
    for row in rows:
        if not row[text("scores.column.own", lang)]:
            continue
        own = verdicts[(verdicts["rule"] == row[head("rule")]) & verdicts["level"].isin(OWN_LEVELS)]
        if not own["status"].isin(["met", "short"]).any():
            continue
        assert row[head("n_met")] == (own["status"] == "met").sum(), row
        assert row[text("status.short", lang)] == (own["status"] == "short").sum(), row
        people = row[text("scores.column.people", lang)]
        wanted = own.loc[own["status"].isin(["met", "short"]), "population_short"].sum(min_count=1)
        assert (people is None) == np.isnan(wanted), row
        assert people is None or people == pytest.approx(wanted, abs=0.51), row
        compared += 1
    assert compared > 10


def assert_sites(sheets, verdicts, head, lang):
    """Sites reach whom the findings leave out: nobody twice, nobody who is within reach already."""
    sites, curve = sheets["proposals"], sheets["coverage-curve"]
    plan_of = verdicts.drop_duplicates("rule").set_index("rule")["plan"]
    gain = text("report.gain", lang)
    compared = 0
    for row in curve:
        if row[head("sites")]:
            continue
        key = (row[head("rule")], row[head("service_name")])
        beyond = judged_rows(verdicts, plan_of[key[0]], key[0], "community")["population_short"].sum()
        assert row[head("people")] - row[head("covered")] == pytest.approx(beyond, abs=0.51), key
        reached, out = row[head("covered")], beyond
        named = {
            one[head("sites")]: one for one in curve if (one[head("rule")], one[head("service_name")]) == key
        }
        for site in (one for one in sites if (one[head("rule")], one[head("service_name")]) == key):
            assert 0 < site[gain] <= out + 0.51, key
            reached, out = reached + site[gain], out - site[gain]
            assert site[head("covered")] == pytest.approx(reached, abs=0.51), key
            assert named[site[text("report.rank", lang)]][head("covered")] == pytest.approx(reached, abs=0.51)
            compared += 1
    assert compared == len(sites) > 5
    short = set(verdicts.loc[verdicts["status"] == "short", "name"])
    for site in sites:
        closed = [name for name in (site[head("closed")] or "").split(text("report.comma", lang)) if name]
        assert all(any(name in one for name in short) for one in closed), site


def assert_worst(tables, deficits, lang):
    """Rows of the tables of largest shortfalls name a unit that is short, by its people."""
    verdicts = verdicts_of(deficits)
    short = verdicts[verdicts["status"] == "short"]
    people = text("report.people-short", lang)
    known = {
        (row.name, "" if np.isnan(row.population_short) else f"{row.population_short:,.0f}")
        for row in short.itertuples(index=False)
    }
    compared = 0
    for table in tables:
        if text("report.deficit", lang) not in table[0] or people not in table[0]:
            continue
        at = table[0].index(people)
        for row in table[1:]:
            if len(row) == len(table[0]) and row[0] in set(short["name"]):
                assert (row[0], row[at]) in known, row
                compared += 1
    assert compared > 20


def assert_townships(tables, results, deficits, lang):
    """Communities, residents and communities short of every township, and of all of them together."""
    own = verdicts_of(deficits)
    bad = set(own.loc[own["level"].isin(OWN_LEVELS) & (own["status"] == "short"), "code"])
    head = [text("status.township", lang), text("report.communities", lang), text("report.residents", lang)]
    [table] = [
        one for one in tables if [words.lower() for words in one[0][:3]] == [words.lower() for words in head]
    ]
    names = results.inputs.units.query("level == 'township'").set_index("code")["name"]
    judged = results.communities[results.communities["inside"]]
    wanted = {
        (
            name,
            f"{len(group):,}",
            f"{group['population'].sum():,.0f}",
            f"{group['code'].isin(bad).sum():,}",
        )
        for name, group in [
            *((names[code], group) for code, group in judged.groupby("township")),
            (text("report.total", lang), judged),
        ]
    }
    assert {tuple(row[:4]) for row in table[1:]} == wanted
    assert table[-1][0] == text("report.total", lang)


def assert_json(words, deficits):
    """The last line of a run, for machines."""
    told, verdicts = json.loads(words.strip().splitlines()[-1]), verdicts_of(deficits)
    short = verdicts[verdicts["status"] == "short"]
    wanted = {name: int((short["certainty"] == name).sum()) for name in CERTAINTIES}
    wanted |= {"met": int((verdicts["status"] == "met").sum())}
    wanted |= {"nodata": int((verdicts["status"] == "no-data").sum())}
    assert {name: told[name] for name in wanted} == wanted
