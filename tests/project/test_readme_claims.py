"""Every claim of README is held by a test, and its figures are those of the benchmarks' own pages."""

import ast
import json
import re
import statistics
import sys
import tomllib
from pathlib import Path

import pytest
from shared_data import ROOT

import lifecircle as lc
from lifecircle.outputs.print_maps.sheet_data import MOST_SHEETS

sys.path.insert(0, str(ROOT / "tests" / "fuzz"))
from targets import TARGETS

README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
BENCHMARKS = ROOT / "benchmarks"

HELD_BY = tomllib.loads((Path(__file__).parent / "readme_claims.toml").read_text(encoding="utf-8"))


def named_in(path):
    """Functions and classes of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize("claim", HELD_BY)
def test_a_claim_stands_in_readme_and_is_held_by_a_test(claim):
    assert claim in README
    file, _, name = HELD_BY[claim].partition("::")
    known = named_in(ROOT / "tests" / file)
    assert name in known if name else any(one.startswith("test_") for one in known)


def test_four_plans_national_standards_and_two_for_any_country():
    told = "Four government plans (Hainan, Wuhu, Shijiazhuang, Zhuhai), national standards and two plans"
    assert told in README
    areas = [lc.plan(name).jurisdiction for name in lc.packaged_plans()]
    names = {area.name.en for area in areas if area.country == "CN" and area.code}
    assert names == {"Hainan", "Wuhu", "Shijiazhuang", "Zhuhai"}
    assert [area.country for area in areas].count("any") == 2
    assert any(area.country == "CN" and not area.code for area in areas)


def test_numbers_of_things_are_those_of_the_code():
    assert f"a sheet for each of the {MOST_SHEETS} rules" in README
    assert f"damaged files of {len(TARGETS)} formats" in README


def seconds_each(done, job, engine):
    """Of one result, the fastest run."""
    row = next(one for one in done["jobs"] if (one["job"], one["engine"]) == (job, engine))
    return min(row["seconds"]) / row["units"]


ROWS = {
    "nearest of 20 services, 100 thousand points": ("nearest", "scipy networkx pandana"),
    "the same from raw points": ("nearest-raw", "scipy"),
    "all pairs within 1 km of 2,000 places": ("pairs", "pandana"),
    "cumulative counts, 20 services": ("counts", "pandana"),
    "E2SFCA, 200 clinics": ("e2sfca", "networkx access"),
    "15-minute polygons": ("isochrones", "osmnx buffer-union valhalla"),
    "from PBF to a routable network": ("build", "osmnx pyrosm valhalla"),
}


@pytest.mark.parametrize("row", ROWS)
def test_how_many_times_faster_is_what_was_measured(row):
    done = json.loads((BENCHMARKS / "results.json").read_text(encoding="utf-8"))["cities"]["porto"]
    job, engines = ROWS[row]
    told = re.search(rf"\| {re.escape(row)} \| [^|]* \| ([\d./ ]+) \|", README)[1]
    for engine, times in zip(engines.split(), told.split(" / "), strict=True):
        ran, by = ("buffer-union", "lifecircle") if engine == "buffer-union" else (job, engine)
        measured = seconds_each(done, ran, by) / seconds_each(done, job, "lifecircle")
        assert times == (f"{measured:.1f}" if measured < 10 else f"{measured:.0f}"), engine


def test_figures_of_siting_changes_and_whole_studies_are_those_of_their_pages():
    """Rounded as README rounds them."""

    def page(name):
        return (BENCHMARKS / name).read_text(encoding="utf-8")

    # location models: rows of the table at full size with 2,000 sites
    rows = [
        line.split(" | ")
        for line in page("siting.md").split("## Against")[0].splitlines()
        if "× 2,000" in line
    ]
    gaps, seconds = [float(row[5].strip("%")) for row in rows], [float(row[6]) for row in rows]
    assert (
        f"proven gap of {min(gaps):g} to {max(gaps):g} % in {min(seconds):.0f} to {max(seconds):.0f} s"
        in README
    )
    # a facility more or less
    table = json.loads(page("scenario.json"))["services"]
    every = [one["cpu_s"] for pair in table.values() for one in pair]
    assert (
        f"{statistics.median(every):.2f} s in the median, {max(every):.2f} s for the slowest service"
        in README
    )
    # whole studies
    runs = json.loads(page("end_to_end.json"))["commands"]
    fastest = {name: min(one["seconds"] for one in run["later"]) for name, run in runs.items()}
    assert f"Porto Alegre with all outputs {fastest['Porto Alegre, all outputs']:.0f} s" in README
    assert (
        f"the demo city {fastest['demo']:.0f} s, `lifecircle --help` {fastest['lifecircle --help']:.2f} s"
        in README
    )


def test_the_first_call_takes_what_was_measured_before_and_after_warming_up():
    rounds = json.loads((BENCHMARKS / "first_call.json").read_text(encoding="utf-8"))["processor_s"]
    least = {step: min(one[step] for one in rounds) for step in rounds[0]}
    assert f"fresh installation take {least['empty']:.0f} s of processor time" in README
    assert f"(once, {least['warm_up']:.0f} s) a new process takes {least['warmed']:.1f} s" in README
