"""Two runs compared: each kind of change, each cause, and what is no run, on folders made by hand."""

import json

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point

from lifecircle.analysis.comparison import compare_runs
from lifecircle.errors import InputError
from lifecircle.outputs import write_comparison
from lifecircle.tables import CHANGES, FINDINGS

RULE = {"plan": "p", "rule": "p-1", "clause": "1", "role": "target", "level": "community",
        "scope": "urban", "service": "market", "value": 80.0, "unit": "%", "comparator": ">=", "target": 90.0,
        "status": "short", "certainty": "firm", "deficit": 10.0, "deficit_unit": "persons",
        "population": 100.0, "population_short": 20.0,
        "assumptions": "covered_share=0.9; walk_speed_kmh=4"}  # fmt: skip
MANIFEST = {
    "versions": {"lifecircle": "0.1.0"},
    "settings": {"study": {"name": "a", "covers_whole": False}},
    "inputs": [{"path": "/x/people.tif", "sha256": "1"}],
}


def finding(code, **changes):
    return {**RULE, "code": code, "name": f"Community {code}", **changes}


def a_run(folder, findings, *, facilities=(("market", 0.0, "A"),), **manifest):
    """A results folder with only what a comparison reads."""
    folder.mkdir()
    table = pd.DataFrame(findings).reindex(columns=list(FINDINGS.columns))
    table.to_csv(folder / "deficits.csv", index=False, encoding="utf-8-sig")
    (folder / "run.json").write_text(json.dumps({**MANIFEST, **manifest}), encoding="utf-8")
    points = gpd.GeoDataFrame(
        [{"facility": f"f{at}", "service": name, "name": "", "community": code, "capacity": 5.0,
          "staff": np.nan, "meets_standard": None, "inside": True, **dict(*more)}
         for at, (name, _, code, *more) in enumerate(facilities)],
        geometry=[Point(x, 30) for _, x, *_ in facilities], crs=4326)  # fmt: skip
    points.to_file(folder / "study.gpkg", layer="facilities")
    homes = gpd.GeoDataFrame(
        {"code": list("ABC"), "township": ["T", "T", "U"]}, geometry=[Point(0, 30)] * 3, crs=4326
    )
    homes.to_file(folder / "study.gpkg", layer="communities")
    return folder


@pytest.fixture
def compared(tmp_path):
    """Compares two lists of findings; options of the later run by name."""

    def compare(before, after, **options):
        first, second = a_run(tmp_path / "a", before), a_run(tmp_path / "b", after, **options)
        return compare_runs(first, second)

    return compare


def test_changes_are_as_the_data_dictionary_lists_them(compared):
    changes = compared([finding("A")], [finding("A", status="met", deficit=0.0)]).changes
    assert list(CHANGES.check(changes)) == list(CHANGES.columns)


def causes(result, row=0):
    return [note.key for note in result.changes.loc[row, "causes"]]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({}, {"status": "met", "deficit": 0.0, "value": 95.0}, "improved"),
        ({"status": "met", "deficit": 0.0}, {}, "worsened"),
        ({}, {"deficit": 4.0}, "improved"),
        ({}, {"population_short": 25.0}, "worsened"),
        ({}, {"value": 81.0}, "improved"),
        ({"comparator": "<="}, {"comparator": "<=", "value": 81.0}, "worsened"),
        ({"status": "no-data", "deficit": np.nan, "value": np.nan}, {}, "newly-measured"),
        ({}, {"status": "no-data", "deficit": np.nan, "value": np.nan}, "no-longer-measured"),
    ],
)
def test_each_way_a_verdict_can_change(compared, before, after, change):
    result = compared([finding("A", **before)], [finding("A", **after)])
    assert result.changes["change"].tolist() == [change]
    assert sum(result.counts[name] for name in ("improved", "worsened", "newly", "no_longer")) == 1


def test_what_stays_or_was_never_judged_is_no_change(compared):
    rows = [finding("A"), finding("B", status="report-only", value=5.0), finding("C", status="no-data")]
    later = [
        finding("A"),
        finding("B", status="report-only", value=7.0),
        finding("C", status="not-applicable"),
    ]
    result = compared(rows, later)
    assert result.changes.empty
    assert result.counts == {
        "improved": 0,
        "worsened": 0,
        "newly": 0,
        "newly_short": 0,
        "no_longer": 0,
        "compared": 1,
        "unchanged": 1,
    }


def test_a_unit_that_only_one_run_has_is_measured_newly_or_no_longer(compared):
    result = compared([finding("A"), finding("B")], [finding("A"), finding("C")])
    assert result.changes[["code", "change"]].to_numpy().tolist() == [
        ["B", "no-longer-measured"],
        ["C", "newly-measured"],
    ]


def test_a_new_market_in_the_community_is_the_cause_and_elsewhere_said_so(compared):
    result = compared(
        [finding("A"), finding("C")],
        [finding("A", deficit=0.0, status="met"), finding("C", deficit=3.0)],
        facilities=(("market", 0.0, "A"), ("market", 0.5, "A"), ("school", 0.7, "C")),
    )
    assert causes(result, 0) == ["cause-facility"]
    assert dict(result.changes["causes"][0][0].values) == {"added": 1, "removed": 0, "changed": 0}
    assert causes(result, 1) == ["cause-facility-elsewhere"]
    assert result.changes["cause"].tolist() == ["facility", "facility-elsewhere"]


def test_only_what_was_read_of_a_facility_is_a_cause(compared):
    """Unknown figures stay unknown, and what a run derives of a facility is nobody's change of it."""
    derived = {"facility": "other:1", "source": "other", "inside": False, "site_from_outline": True}
    slower = finding("A", deficit=12.0, assumptions="covered_share=0.9; walk_speed_kmh=3")
    result = compared([finding("A")], [slower], facilities=(("market", 0.0, "A", derived),))
    assert causes(result) == ["cause-assumption"]


@pytest.mark.parametrize("read", [{"capacity": 6.0}, {"staff": 1.0}, {"meets_standard": True}, {"name": "M"}])
def test_another_figure_of_a_facility_is_a_cause(compared, read):
    result = compared([finding("A")], [finding("A", deficit=12.0)], facilities=(("market", 0.0, "A", read),))
    assert dict(result.changes["causes"][0][0].values) == {"added": 0, "removed": 0, "changed": 1}


def about(facility, **changes):
    return finding(facility, level="catchment", service="", name=facility, **changes)


def test_findings_per_facility_are_of_the_same_facility_whatever_its_id(tmp_path):
    """Ids are row numbers of files: another file, another order, and one of two at one place renamed."""
    was = [("market", 0.0, "A", {"facility": "old:1", "name": "one"}),
           ("market", 0.0, "A", {"facility": "old:2", "name": "two"}),
           ("market", 0.5, "B", {"facility": "old:3"}),
           ("market", 0.7, "C", {"facility": "new:9"})]  # fmt: skip
    now = [("market", 0.0, "A", {"facility": "new:1", "name": "two"}),
           ("market", 0.0, "A", {"facility": "new:2", "name": "first"}),
           ("market", 0.5, "B", {"facility": "new:3"}),
           ("market", 0.9, "C", {"facility": "new:9"})]  # fmt: skip
    before = [about("old:1", value=1), about("old:2", value=2), about("old:3", value=3), about("new:9")]
    after = [about("new:1", value=2), about("new:2", value=1.5), about("new:3", value=3), about("new:9")]
    first = a_run(tmp_path / "a", before, facilities=was)
    changes = compare_runs(first, a_run(tmp_path / "b", after, facilities=now)).changes
    elsewhere = {"added": 1, "removed": 1, "changed": 0}
    renamed = {"added": 0, "removed": 0, "changed": 1}
    assert changes[["code", "change", "value_before"]].fillna(0).to_numpy().tolist() == [
        ["new:9", "no-longer-measured", 80],
        ["new:2", "improved", 1],
        ["new:9", "newly-measured", 0],
    ]
    assert [dict(why[0].values) for why in changes["causes"]] == [elsewhere, renamed, elsewhere]


def test_a_named_facility_that_moved_keeps_its_id(tmp_path):
    at = {"facility": "h:1", "name": "Clinic"}
    runs = [a_run(tmp_path / name, [about("h:1", deficit=deficit)], facilities=(("market", x, "A", at),))
            for name, x, deficit in (("a", 0.0, 9.0), ("b", 0.3, 4.0))]  # fmt: skip
    changes = compare_runs(*runs).changes
    assert changes[["code", "change", "cause"]].to_numpy().tolist() == [["h:1", "improved", "facility"]]


def test_a_township_answers_for_its_communities(compared):
    rows = [finding("T", level="township")]
    closed = {"facilities": (("school", 0.7, "C"),)}
    result = compared(rows, [finding("T", level="township", deficit=30.0)], **closed)
    assert result.changes["cause"].tolist() == ["facility"]
    assert dict(result.changes["causes"][0][0].values) == {"added": 0, "removed": 1, "changed": 0}


@pytest.mark.parametrize(
    ("row", "options", "expected"),
    [
        ({"target": 95.0}, {}, "cause-rule"),
        ({"assumptions": "covered_share=0.9; walk_speed_kmh=3"}, {}, "cause-assumption"),
        ({"population": 120.0}, {}, "cause-residents"),
        ({}, {"settings": {"study": {"name": "b", "covers_whole": True}}}, "cause-setting"),
        ({}, {"inputs": [{"path": "/y/people.tif", "sha256": "2"}]}, "cause-data"),
        ({}, {"versions": {"lifecircle": "0.2.0"}}, "cause-program"),
        ({}, {}, "cause-unknown"),
    ],
)
def test_each_cause_is_told_in_both_languages(compared, row, options, expected):
    result = compared([finding("A")], [finding("A", deficit=12.0, **row)], **options)
    assert causes(result) == [expected]
    for lang in ("zh", "en"):
        assert result.changes["causes"][0][0].render(lang)


def test_the_same_file_in_another_folder_is_no_cause(compared):
    result = compared(
        [finding("A")], [finding("A", deficit=12.0)], inputs=[{"path": "/z/people.tif", "sha256": "1"}]
    )
    assert causes(result) == ["cause-unknown"]


def test_swapping_the_runs_swaps_what_improved(tmp_path):
    first = a_run(tmp_path / "a", [finding("A"), finding("B", status="no-data")])
    second = a_run(tmp_path / "b", [finding("A", deficit=2.0), finding("B")])
    there, back = compare_runs(first, second).counts, compare_runs(second, first).counts
    assert (there["improved"], there["newly"]) == (back["worsened"], back["no_longer"]) == (1, 1)


def test_every_fault_of_both_folders_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    broken = a_run(tmp_path / "broken", [finding("A")])
    (broken / "run.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        compare_runs(tmp_path / "empty", broken)
    assert [fault.key for fault in caught.value.faults] == ["no-run", "run-unreadable"]
    assert "run.json" in str(caught.value)


def test_runs_of_different_plans_are_refused_with_both_named(tmp_path):
    first, second = a_run(tmp_path / "a", [finding("A")]), a_run(tmp_path / "b", [finding("A", plan="q")])
    with pytest.raises(InputError) as caught:
        compare_runs(first, second)
    assert caught.value.faults[0].key == "runs-of-different-plans"
    assert "judges by q" in str(caught.value)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_files_hold_every_change_and_no_formula(compared, tmp_path, lang):
    name = "=cmd|' /C calc'!A0"
    result = compared([finding("A", name=name)], [finding("A", name=name, deficit=4.0)])
    write_comparison(result.changes, tmp_path / "c.csv", lang=lang)
    write_comparison(result.changes, tmp_path / "c.xlsx", lang=lang)
    table = pd.read_csv(tmp_path / "c.csv", encoding="utf-8-sig")
    assert table.loc[0, ["change", "deficit_before", "deficit_after"]].tolist() == ["improved", 10, 4]
    assert table.loc[0, "name"] == "'" + name
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx").active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert {10, 4} <= {cell.value for cell in cells}


@pytest.mark.parametrize("wrong", ["x", None, [[]], 1, [None], ["x"]])
@pytest.mark.parametrize("key", ["inputs", "settings", "versions"])
def test_a_record_that_no_run_writes_is_told(tmp_path, key, wrong):
    first = a_run(tmp_path / "a", [finding("A")])
    second = a_run(tmp_path / "b", [finding("A")])
    record = json.loads((second / "run.json").read_text(encoding="utf-8"))
    (second / "run.json").write_text(json.dumps({**record, key: wrong}), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        compare_runs(first, second)
    assert [(fault.key, fault.file) for fault in refused.value.faults] == [("run-unreadable", str(second))]


@pytest.mark.parametrize("record", ["[]", "1", '"x"', "null"])
def test_a_record_that_is_no_table_is_told(tmp_path, record):
    first = a_run(tmp_path / "a", [finding("A")])
    second = a_run(tmp_path / "b", [finding("A")])
    (second / "run.json").write_text(record, encoding="utf-8")
    with pytest.raises(InputError, match="run the study again"):
        compare_runs(first, second)


def test_words_among_the_figures_of_a_run_are_told(tmp_path):
    first = a_run(tmp_path / "a", [finding("A")])
    second = a_run(tmp_path / "b", [finding("A", deficit="many")])
    with pytest.raises(InputError, match="many"):
        compare_runs(first, second)
