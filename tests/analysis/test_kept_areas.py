"""Areas and rasters kept from run to run: equal to the bit to those drawn anew, whatever has changed."""

from __future__ import annotations

import json
import shutil

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from small_study import write_layer

import lifecircle as lc
from lifecircle import content_store, outputs
from lifecircle.analysis import areas

BOTH = {"health-station", "school"}


@pytest.fixture(scope="module")
def first(town, tmp_path_factory):
    """The town drawn once: its folder, a cache in which all of it is kept, and what was drawn."""
    folder = tmp_path_factory.mktemp("first")
    shutil.copytree(town.parent, folder / "town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECIRCLE_CACHE", str(folder / "kept"))
        result, told = drawn(folder / "town" / "study.toml", folder / "rasters")
    assert {stage: set(one.computed) for stage, one in told.items()} == {
        "network": {"streets"},
        "isochrones": BOTH,
        "rasters": BOTH,
    }
    return folder, result


@pytest.fixture
def own_town(first, tmp_path, monkeypatch):
    """A copy of the town that a test may change, with a copy of its cache."""
    shutil.copytree(first[0] / "town", tmp_path / "town")
    shutil.copytree(first[0] / "kept", tmp_path / "kept")
    monkeypatch.setenv("LIFECIRCLE_CACHE", str(tmp_path / "kept"))
    return tmp_path / "town" / "study.toml"


def drawn(study_file, folder, *, cache=True):
    """What a run of the study draws, as bytes, by stage and service; and what it says of what was kept."""
    run = lc.run(lc.Study.from_file(study_file).keeping(cache=cache), jobs=1)
    store = run.session.prepared.store
    rasters = outputs.write_rasters(run, folder, lang="en", jobs=1, store=store)
    table = pd.DataFrame(run.isochrones.drop(columns="geometry"))
    table["wkb"] = shapely.to_wkb(run.isochrones.geometry.to_numpy())
    rows = {service: own.to_dict("list") for service, own in table.groupby("service")}
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    reused = run.reused if store is None else {**run.reused, "rasters": rasters}
    return (rows, files, run.isochrones.dtypes.to_dict(), run.isochrones.crs), reused


def write(folder, name, was, now):
    """Replace words of a file of the town."""
    text = (folder / name).read_text(encoding="utf-8")
    assert was in text
    (folder / name).write_text(text.replace(was, now, 1), encoding="utf-8")


def move_a_facility(folder):
    lines = (folder / "ledger.csv").read_text(encoding="utf-8").splitlines()
    name, service, _, _ = lines[1].split(",")
    other = lines[2].split(",")
    lines[1] = f"{name},{service},{float(other[2]) - 0.001},{other[3]}"
    (folder / "ledger.csv").write_text("\n".join(lines), encoding="utf-8")


def let_people_wait_at_a_facility(folder):
    lines = (folder / "ledger.csv").read_text(encoding="utf-8").splitlines()
    waits = ["entry_delay_min", "1.5", "0", "0", "0"]
    lines = [f"{line},{wait}" for line, wait in zip(lines, waits, strict=True)]
    (folder / "ledger.csv").write_text("\n".join(lines), encoding="utf-8")


def take_a_facility_away(folder):
    lines = (folder / "ledger.csv").read_text(encoding="utf-8").splitlines()
    (folder / "ledger.csv").write_text("\n".join([*lines[:1], *lines[2:]]), encoding="utf-8")


def close_a_street(folder):
    streets = gpd.read_file(folder / "streets.gpkg")
    streets.drop(index=7).to_file(folder / "streets.gpkg")


def move_a_border(folder):
    places = gpd.read_file(folder / "communities.gpkg")
    moved = shapely.transform(places.geometry.iloc[0], lambda xy: xy - [0.0005, 0.0])
    places.loc[0, "geometry"] = moved
    places.to_file(folder / "communities.gpkg")


def build_a_wall(folder):
    write_layer(folder / "walls.gpkg", [shapely.box(210, 150, 230, 400)])
    streets_are('barriers = "walls.gpkg"')(folder)


def streets_are(words):
    return lambda folder: write(folder, "study.toml", '"streets.gpkg"', f'"streets.gpkg"\n{words}')


def assume(words):
    return lambda folder: write(folder, "study.toml", "[population]", f"[assumptions]\n{words}\n[population]")


CHANGES = {
    "a facility moved": (move_a_facility, {"health-station"}, {"health-station"}),
    "a facility less": (take_a_facility_away, {"health-station"}, {"health-station"}),
    "a wait at an entrance": (let_people_wait_at_a_facility, {"health-station"}, {"health-station"}),
    "a street less": (close_a_street, BOTH, BOTH),
    "a wall": (build_a_wall, BOTH, BOTH),
    "another speed": (streets_are("speed_kmh = 5"), BOTH, BOTH),
    "another mode": (streets_are('mode = "bike"'), BOTH, BOTH),
    "a shorter walk to the street": (assume("max_snap_m = 40"), BOTH, BOTH),
    "another least island": (assume("min_component_m = 100"), BOTH, BOTH),
    "another border": (move_a_border, set(), BOTH),
    "another name of the study": (lambda f: write(f, "study.toml", "Two banks", "Both banks"), set(), BOTH),
    "a plan of other minutes": (lambda f: write(f, "own.toml", "15", "12"), None, None),
    "nothing": (lambda _: None, set(), set()),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_depends_on_a_change_is_drawn_anew_and_nothing_kept_differs(own_town, tmp_path, change):
    alter, areas_anew, rasters_anew = CHANGES[change]
    alter(own_town.parent)
    with_cache, told = drawn(own_town, tmp_path / "kept-results")
    without, nothing = drawn(own_town, tmp_path / "anew", cache=False)
    assert with_cache == without
    assert nothing == {}
    if areas_anew is not None:
        assert set(told["isochrones"].computed) == areas_anew
        assert set(told["isochrones"].taken) == BOTH - areas_anew
        assert set(told["rasters"].computed) == rasters_anew
        assert set(told["rasters"].taken) == BOTH - rasters_anew


@pytest.mark.parametrize("what", ["program", "bands", "thinning"])
def test_nothing_of_another_program_is_taken(own_town, tmp_path, monkeypatch, what):
    if what == "program":
        monkeypatch.setattr(content_store, "_program", lambda: "another release")
    elif what == "bands":
        monkeypatch.setattr(areas, "BANDS_MIN", (3.0, 10.0, 15.0))
    else:
        monkeypatch.setattr(areas, "AREAS_THINNED_M", 1.0)
    with_cache, told = drawn(own_town, tmp_path / "second")
    assert set(told["isochrones"].computed) == BOTH
    assert with_cache == drawn(own_town, tmp_path / "anew", cache=False)[0]


def test_what_is_damaged_is_told_and_made_anew(first, own_town, tmp_path, caplog):
    whole = first[1]
    for file in (tmp_path / "kept").glob("*.kept"):
        content = bytearray(file.read_bytes())
        content[-70] ^= 0x55
        content[len(content) // 2] ^= 0x55
        file.write_bytes(content)
    repeated, told = drawn(own_town, tmp_path / "second")
    assert repeated == whole
    for stage in ("isochrones", "rasters"):
        assert set(told[stage].damaged) == set(told[stage].computed) == BOTH
    assert "damaged" in caplog.text
    third, told = drawn(own_town, tmp_path / "third")
    assert third == whole
    assert set(told["isochrones"].taken) == BOTH


def test_without_a_cache_nothing_is_written_whatever_the_study_says(own_town, tmp_path):
    shutil.rmtree(tmp_path / "kept")
    write(own_town.parent, "study.toml", "language", "cache = true\nlanguage")
    drawn(own_town, tmp_path / "first", cache=False)
    assert not (tmp_path / "kept").exists()
    drawn(own_town, tmp_path / "second", cache=None)
    assert (tmp_path / "kept").is_dir()


def test_the_manifest_says_what_was_taken(own_town, tmp_path):
    study = lc.Study.from_file(own_town).keeping(cache=True)
    folder = lc.run(study, jobs=1).write(tmp_path / "results", jobs=1)
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))["reused"]
    everything = {"taken": sorted(BOTH), "computed": [], "damaged": []}
    assert told["isochrones"] == told["rasters"] == everything
    # the copy of the town lies elsewhere: a network knows its source
    assert told["network"] == {"taken": [], "computed": ["streets"], "damaged": []}
