"""Ledgers from file to finding: a column that is missing, a plan's own column under another name."""

from __future__ import annotations

import openpyxl
from own_plans import own_plan, own_rule

import lifecircle as lc
from lifecircle.messages import text

CODES = ("130102001001", "130102001002")
BENCHES = own_rule(
    "own-benches",
    "figure-per-area",
    units=["township", "street"],
    scope="both",
    column="benches",
    per="population",
    per_number=100,
    comparator=">=",
    target=5,
    unit="persons",
)
"""Five for every hundred residents of a township."""


def marked(rule, column):
    """Every community must bear a mark."""
    options = {"units": ["community"], "scope": "both", "comparator": "=", "target": 100, "unit": "%"}
    return own_rule(rule, "attribute-share-of-areas", column=column, **options)


def test_a_missing_column_leaves_its_own_rule_without_data_and_names_it(village):
    """Two communities of 1,200 and 800 people with 40 and 50 benches: 90 of the 100 that are asked for."""
    rules = (
        marked("own-adviser", "legal_adviser"),
        marked("own-director", "child_director"),
        BENCHES,
    )
    (village / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "communities"
    for row in (("code", "legal adviser", "benches"), (CODES[0], "yes", 40), (CODES[1], "no", 50)):
        book.active.append(row)
    book.save(village / "ledgers.xlsx")
    study = village / "study.toml"
    study.write_text(
        study.read_text(encoding="utf-8") + '\n[[ledgers]]\nsource = "ledgers.xlsx"\n', encoding="utf-8"
    )
    findings = lc.run(lc.Study.from_file(study)).findings.set_index(["rule", "code"])
    assert findings.loc[("own-adviser", CODES[0]), "status"] == "met"
    assert findings.loc[("own-adviser", CODES[1]), ["status", "deficit"]].tolist() == ["short", 1.0]
    absent = findings.loc["own-director"]
    assert set(absent["status"]) == {"no-data"}
    [note] = absent.loc[CODES[0], "note"]
    assert note.values["column"] == "communities.child_director"
    assert text("plans.column.child_director", "en") in note.render("en")
    township = findings.loc[("own-benches", "130102001")]
    assert township[["status", "value", "deficit"]].tolist() == ["short", 4.5, 10.0]
