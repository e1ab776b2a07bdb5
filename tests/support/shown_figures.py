"""Figures seen in workbook, reports, sheets and terminal, against the published table of findings.

The table is read as a stranger reads it: nothing here asks the package how it counts.
"""

import html
import re

import docx
import numpy as np
import openpyxl
import pytest

from lifecircle.messages import text

MISSING = ("#fde0a6", "#fdbb63", "#f08a2c", "#c9560d", "#7f2c04")
"""Colours of what is missing on every map."""

OWN_LEVELS = ("community", "village")
CERTAINTIES = ("firm", "assumed", "provisional")


def verdicts_of(deficits):
    """The one finding that says how each unit stands under each rule."""
    blank = deficits["service"] == ""
    unit = [deficits[name] for name in ("plan", "rule", "level", "code")]
    return deficits[blank | ~blank.groupby(unit).transform("any")]


def judged_rows(verdicts, plan, rule, level):
    """Verdicts of a rule at one level that are met or short; villages are communities."""
    own = verdicts[(verdicts["plan"] == plan) & (verdicts["rule"] == rule)]
    own = own[own["level"].isin(OWN_LEVELS if level == "community" else (level,))]
    return own[own["status"].isin(["met", "short"])]


def _bare(cell):
    """A cell without what stands in brackets behind its figure."""
    return cell.split(" (")[0].split("（")[0]


def people_words(rows, lang):
    """Residents affected under one rule as they are shown: the table's own column, added up."""
    people = rows["population_short"].sum(min_count=1)
    return text("status.unknown", lang) if np.isnan(people) else f"{people:,.0f}"


def headline_lines(results, deficits, lang):
    """Per headline target, what a table of them says: units short, people, the figure now, gap, certainty."""
    verdicts, lines = verdicts_of(deficits), []
    for row in results.headlines.itertuples():
        judged = judged_rows(verdicts, row.plan, row.rule, row.level)
        short = int((judged["status"] == "short").sum())
        of = text("report.of", lang, n=f"{short:,}", judged=f"{len(judged):,}")
        wide = verdicts[(verdicts["rule"] == row.rule) & verdicts["level"].isin(["city", "province"])]
        if len(judged) == 1 and row.level in ("city", "province") and short:
            of = text("map.whole-city", lang)
        now = {100 * (1 - short / len(judged)), len(judged) - short, len(judged)}
        if row.level != "catchment" or not short:
            # how many stations there are in all says nothing of how each of them stands
            now |= {*wide["value"].dropna()}
        missing, sure = gap_and_certainty(verdicts[verdicts["rule"] == row.rule], judged)
        certainty = text(f"status.{sure}", lang) if sure else ""
        lines.append((of, people_words(judged, lang), now, missing, certainty))
    return lines


def gap_and_certainty(rows, units):
    """What the whole lacks where it has a verdict, else its units; and what that failure stands on."""
    short = units[units["status"] == "short"]
    whole = rows[rows["level"].isin(["city", "province"]) & rows["status"].isin(["met", "short"])].tail(1)
    failed = whole[whole["status"] == "short"]
    lacking = failed if failed["deficit"].notna().any() else short
    known = lacking["deficit"].sum(min_count=1) if lacking["deficit_unit"].nunique() == 1 else np.nan
    stands_on = failed if len(failed) else short
    # one unit that surely falls short is enough for the whole to fall short
    surest_first = [name for name in CERTAINTIES if (stands_on["certainty"] == name).any()]
    return known, surest_first[0] if surest_first else ""


def first_number(words):
    """The figure that a phrase begins with."""
    return float(re.search(r"-?[\d,]+(?:\.\d+)?", words)[0].replace(",", ""))


def assert_headlines(rows, results, deficits, lang):
    """Rows of a table of headline targets say what the findings say."""
    lines = headline_lines(results, deficits, lang)
    assert len(rows) == len(lines) >= 5
    for cells, (of, people, now, missing, certainty) in zip(rows, lines, strict=True):
        short_of = text("report.bracketed", lang, words=certainty)
        counted = [cell for cell in cells if cell.removesuffix(short_of) == of or cell.startswith(f"{of} · ")]
        assert counted, (of, cells)
        # of those who stand in for others it is said beside their number
        assert people in [_bare(cell) for cell in cells], (people, cells)
        shown = first_number(cells[2])
        assert any(shown == pytest.approx(value, abs=0.051) for value in now), cells
        assert all(cell.endswith(short_of) for cell in counted) or not certainty, cells
        if not np.isnan(missing) and missing > 0:
            assert first_number(cells[4]) == pytest.approx(missing, abs=0.51), cells


def html_tables(page):
    """Every table of a page, as rows of cells."""
    tables = []
    for body in re.findall(r"<table.*?</table>", page, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
        tables.append([[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells])
    return tables


def docx_tables(path):
    """Every table of a document, as rows of cells."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(path).tables]


def assert_report(tables, words, results, deficits, lang):
    """Headline targets, rules missed and worst units of a report are those of the findings."""
    verdicts = verdicts_of(deficits)
    head = text("report.headline", lang)
    [headlines] = [table[1:] for table in tables if table[0][0] == head]
    assert_headlines(headlines, results, deficits, lang)
    own = verdicts[verdicts["level"].isin(OWN_LEVELS)]
    short = own.loc[own["status"] == "short", "code"].nunique()
    judged, every = own.loc[own["status"].isin(["met", "short"]), "code"].nunique(), own["code"].nunique()
    figures = {"n": f"{short:,}", "communities": f"{every:,}"}
    if judged == every:
        lead = text("report.summary-short", lang, **figures)
    else:
        lead = text("report.summary-partly", lang, judged=f"{judged:,}", **figures)
    assert lead in words
    titles = rule_titles(results, verdicts, lang)
    compared = 0
    for table in tables:
        if table[0][:2] != [text("report.rule", lang), text("report.judged-per", lang)]:
            continue
        for row in table[1:]:
            plan, rule, level = titles[row[0], row[1]]
            judged = judged_rows(verdicts, plan, rule, level)
            bad = int((judged["status"] == "short").sum())
            assert row[2] == text("report.of", lang, n=f"{bad:,}", judged=f"{len(judged):,}"), row
            if bad:
                assert people_words(judged, lang) in [_bare(cell) for cell in row], row
            compared += 1
    assert compared > 40
    assert_profiles(words, results, own, lang)


def level_words(level, lang):
    """A level as it is shown of a study of one city, where nothing is judged on a whole province."""
    return text("map.whole-city" if level == "province" else f"status.{level}", lang)


def rule_titles(results, verdicts, lang):
    """Plan, rule and level by a rule's title with its clause and the level in words."""
    known = {}
    for plan, rule, clause, level in (
        verdicts[["plan", "rule", "clause", "level"]].drop_duplicates().itertuples(index=False)
    ):
        about = next(one for one in results.plans if one["id"] == plan)["rules"][rule]
        shown = "community" if level in OWN_LEVELS else level
        place = about.get("clause_words", {}).get(lang, clause)
        known[f"{about['title'][lang]} ({place})", level_words(shown, lang)] = (plan, rule, shown)
    return known


def assert_profiles(words, results, own, lang):
    """People and communities of every township's profile."""
    bad = set(own.loc[own["status"] == "short", "code"])
    judged = results.communities[results.communities["inside"]]
    towns = 0
    for _, group in judged.groupby("township"):
        short = group[group["code"].isin(bad)]
        if len(short):
            line = text(
                "report.profile",
                lang,
                communities=f"{len(group):,}",
                residents=f"{group['population'].sum():,.0f}",
                short=f"{len(short):,}",
                people=f"{short['population'].sum():,.0f}",
            )
            assert line in words
            towns += 1
    assert towns > 5


def assert_workbook(path, results, deficits, lang):
    """Cover, summary and communities of the workbook, cell by cell."""
    book = openpyxl.load_workbook(path)
    cover = [
        ["" if cell is None else str(cell) for cell in row]
        for row in book.worksheets[0].iter_rows(values_only=True)
    ]
    [top] = [at for at, row in enumerate(cover) if row[0] == text("report.headline", lang)]
    assert_headlines(cover[top + 1 : top + 1 + len(results.headlines)], results, deficits, lang)
    verdicts = verdicts_of(deficits)
    assert_summary_sheet(book[text("workbook.sheet.summary", lang)], verdicts, lang)
    assert_community_sheet(book[text("workbook.sheet.communities", lang)], results, verdicts, lang)


def records(sheet):
    """Rows of a sheet by their headings."""
    rows = list(sheet.iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def assert_summary_sheet(sheet, verdicts, lang):
    """Counts of every rule and level, and residents affected."""
    levels = {level_words(name, lang): name for name in {*verdicts["level"]} - {"village"}}
    rows = records(sheet)
    assert len(rows) > 200
    for row in rows:
        level = levels[row[text("workbook.column.level", lang)]]
        own = verdicts[verdicts["rule"] == row[text("workbook.column.rule", lang)]]
        own = own[own["level"].isin(OWN_LEVELS if level == "community" else (level,))]
        counted = {
            f"short-{name}": ((own["status"] == "short") & (own["certainty"] == name)).sum()
            for name in CERTAINTIES
        }
        counted |= {
            name: (own["status"] == name).sum()
            for name in ("met", "no-data", "not-applicable", "report-only", "context")
        }
        for name, count in counted.items():
            assert row[text(f"workbook.column.n_{name}", lang)] == count, (row, name)
        judged = own[own["status"].isin(["met", "short"])]
        people = judged["population_short"].sum(min_count=1)
        shown = row[text("workbook.column.population_short", lang)]
        assert (shown is None) if np.isnan(people) else shown == pytest.approx(people, abs=0.01), row


def assert_community_sheet(sheet, results, verdicts, lang):
    """Residents, rules short and the headline statuses of every community."""
    own = verdicts[verdicts["level"].isin(OWN_LEVELS)]
    short = own[own["status"] == "short"].groupby("code").size()
    population = results.communities.set_index("code")["population"]
    status = {(row.rule, row.code): text(f"status.{row.status}", lang) for row in own.itertuples()}
    values = own.set_index(["rule", "code"])["value"].dropna()
    rules = results.headlines.loc[results.headlines["level"] == "community", "rule"]
    rows = records(sheet)
    assert len(rows) == own["code"].nunique()
    assert len(rows[0]) <= 20
    first = [
        text(f"workbook.column.{name}", lang) for name in ("code", "name", "township_name", "population")
    ]
    assert list(rows[0])[:5] == [*first, text("workbook.column.rules_short", lang)]
    assert len(rows[0]) == 5 + 3 * len(set(rules)), "value, status and deficit of every headline target"
    for row in rows:
        code = row[text("workbook.column.code", lang)]
        figures = [value for value in row.values() if isinstance(value, int | float)]
        for rule in set(rules):
            known = values.get((rule, code))
            assert known is None or any(value == pytest.approx(known, abs=1e-6) for value in figures)
        assert row[text("workbook.column.population", lang)] == pytest.approx(population[code])
        assert row[text("workbook.column.rules_short", lang)] == short.get(code, 0)
        shown = set(row.values())
        assert all(
            status.get((rule, code), text("status.met", lang)) in shown
            for rule in rules
            if (rule, code) in status
        )


def assert_sheets(contents, deficits):
    """The legends of map sheets count every unit short and met, and say so in their words."""
    verdicts, drawn = verdicts_of(deficits), 0
    for content in contents:
        for one in content.classes:
            assert re.search(rf"(?<!\d){len(one.rows)}(?!\d)", one.words.replace(",", "")), one.words
        if content.plan:
            own = verdicts[(verdicts["plan"] == content.plan) & (verdicts["rule"] == content.key)]
            own = own[own["code"].isin(content.units["code"])]
            bad = sum(len(one.rows) for one in content.classes if one.colour in MISSING)
            assert bad == own.loc[own["status"] == "short", "code"].nunique(), content.key
            drawn += 1
    assert drawn > 10


def assert_terminal(words, deficits, lang):
    """The last line of a run."""
    verdicts = verdicts_of(deficits)
    short = verdicts[verdicts["status"] == "short"]
    counts = [(short["certainty"] == name).sum() for name in CERTAINTIES]
    counts += [(verdicts["status"] == name).sum() for name in ("met", "no-data")]
    numbers = re.findall(r"\d[\d,]*", words)
    plain = [number.replace(",", "") for number in numbers]
    own = verdicts[verdicts["level"].isin(OWN_LEVELS)]
    # how many communities fall short of anything, as the report and the cover begin
    counts += [own.loc[own["status"] == "short", "code"].nunique(), own["code"].nunique()]
    for count in counts:
        assert str(count) in plain, (lang, count)
