"""A study of tables, networks and plans in memory finds what the same study of files finds."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from own_plans import circle, own_plan
from shapely import Point, box
from small_study import CRS, lattice, study_text, write_layer

import lifecircle as lc
from lifecircle.errors import LifecircleWarning, StudyError

TICKS = np.arange(-1500, 3501, 250.0)
COMMUNITIES = gpd.GeoDataFrame(
    {"code": ["130102001001", "130102001002"], "name": ["甲社区", "乙社区"], "population": [1200, 800]},
    geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
    crs=CRS,
)
STATIONS = gpd.GeoDataFrame(
    {"service": ["health-station"]}, index=pd.Index(["A"], name="id"), geometry=[Point(440, 500)], crs=CRS
)
HOMES = gpd.GeoDataFrame(
    {"population": [700, 500, 800]}, geometry=[Point(100, 100), Point(900, 900), Point(1900, 900)], crs=CRS
)
RULES = own_plan(circle("own-station-circle", "health-station", everywhere=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same study as files."""
    made = tmp_path_factory.mktemp("files")
    write_layer(made / "streets.gpkg", lattice(TICKS, TICKS))
    write_layer(made / "communities.gpkg", COMMUNITIES.geometry, **COMMUNITIES.drop(columns="geometry"))
    write_layer(made / "stations.gpkg", STATIONS.geometry, id=["A"])
    write_layer(made / "homes.gpkg", HOMES.geometry, population=HOMES["population"])
    (made / "own.toml").write_text(RULES, encoding="utf-8")
    tables = """
[population]
points = "homes.gpkg"
[[facilities]]
source = "stations.gpkg"
service = "health-station"
complete_for = ["health-station"]
"""
    (made / "study.toml").write_text(study_text("files", tables), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def of_files(folder):
    return lc.prepare(lc.Study.from_file(folder / "study.toml")).present


@pytest.fixture(scope="module")
def network(folder):
    return lc.read_streets(folder / "streets.gpkg")


def in_memory(folder, **given):
    """The study in memory, some of it replaced."""
    usual = {
        "name": "memory",
        "communities": COMMUNITIES,
        "population": HOMES,
        "facilities": STATIONS,
        "complete_for": "health-station",
        "plan": lc.load_plan(folder / "own.toml"),
        "as_of": "2025-06-30",
    }
    return lc.Study(**{**usual, **given})


def same(one, other):
    """Findings but for what they call the study's parts."""
    columns = [
        "plan",
        "rule",
        "level",
        "code",
        "service",
        "status",
        "certainty",
        "value",
        "deficit",
        "population",
    ]
    left, right = (made.findings[columns].reset_index(drop=True) for made in (one, other))
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-6)


def test_a_network_in_memory_finds_what_its_file_does(folder, of_files, network):
    made = lc.prepare(in_memory(folder, streets=network)).present
    same(made, of_files)
    assert made.inputs.facilities["facility"].tolist() == ["A"]


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (pd.Index([17], name="station"), "17"),
        (pd.Index(["north"]), "north"),
        (pd.MultiIndex.from_tuples([("way", 8)], names=["element", "id"]), "way/8"),
    ],
)
def test_an_index_that_says_anything_is_the_id_of_a_facility(folder, network, index, name):
    places = STATIONS.set_axis(index)
    made = lc.prepare(in_memory(folder, streets=network, facilities=places)).present
    assert made.inputs.facilities["facility"].tolist() == [name]


@pytest.mark.parametrize("index", [pd.Index(["c", "a", "b"]), pd.RangeIndex(3)])
def test_homes_keep_their_labels(folder, network, index):
    made = lc.prepare(in_memory(folder, streets=network, population=HOMES.set_axis(index))).present
    people = made.inputs.demand.set_index("point")["residents"]
    assert people.to_dict() == dict(zip(map(str, index), HOMES["population"], strict=True))


@pytest.mark.parametrize("kind", ["lines", "graph", "path"])
def test_streets_of_every_kind(folder, of_files, network, kind):
    lines = gpd.GeoDataFrame(geometry=lattice(TICKS, TICKS), crs=CRS)
    streets = {"lines": lines, "graph": lc.to_networkx(network), "path": folder / "streets.gpkg"}[kind]
    same(lc.prepare(in_memory(folder, streets=streets)).present, of_files)


def test_facilities_by_service_and_places_without_a_table(folder, of_files, network):
    places = {"health-station": STATIONS.geometry}
    made = lc.prepare(in_memory(folder, streets=network, facilities=places)).present
    same(made, of_files)
    outline = COMMUNITIES.to_crs(4326).union_all()
    grid = lc.Study(
        area=outline, communities="square:500m", streets=network, facilities=places, plan="hainan-2022"
    )
    assert set(lc.prepare(grid).present.inputs.communities["kind"]) == {"cell"}


def test_a_quick_study_takes_what_is_in_memory(network, folder):
    study = lc.quick_study(
        COMMUNITIES, network, lc.load_plan(folder / "own.toml"), grid="square:500m", facilities=STATIONS
    )
    checked = lc.check(study)
    assert set(checked.communities["kind"]) == {"cell"}
    assert checked.facilities["facility"].tolist() == ["A"]


def test_nothing_is_written_and_results_can_be(folder, network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = {name: len(table) for name, table in (("homes", HOMES), ("stations", STATIONS))}
    result = lc.run(in_memory(folder, streets=network))
    assert list(tmp_path.iterdir()) == []
    assert {"homes": len(HOMES), "stations": len(STATIONS)} == before
    assert STATIONS.index.name == "id"
    result.write(tmp_path / "out")
    assert (tmp_path / "out" / "run.json").is_file()
    assert "memory:" in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


def test_people_move_as_fast_as_in_the_network_given(folder):
    fast = lc.read_streets(folder / "streets.gpkg", speed_kmh=6)
    assert in_memory(folder, streets=fast).assumptions.walk_speed_kmh == 6
    said = in_memory(folder, streets=fast, assumptions={"walk_speed_kmh": 5})
    assert said.assumptions.walk_speed_kmh == 5
    bike = lc.read_streets(folder / "streets.gpkg", mode="bike")
    study = in_memory(folder, streets=bike)
    assert (study.assumptions.mode, study.assumptions.bike_speed_kmh) == ("bike", 12)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"streets": 3}, "a Network, a networkx graph"),
        ({"streets": "x.gpkg", "facilities": 3}, "tables by service"),
        ({"streets": "x.gpkg", "plan": 3}, "an id, a path or a plan"),
        ({"streets": "x.gpkg", "communites": 3}, "communities"),
        ({}, "streets"),
        ({"streets": "x.gpkg", "communities": ["a"]}, "communities"),
    ],
)
def test_what_cannot_be_meant_is_refused(folder, given, words):
    with pytest.raises(lc.InputError, match=words):
        in_memory(folder, **given)


def test_tables_in_memory_are_checked_as_files_are(folder, network):
    with pytest.raises(lc.InputError, match="memory:communities"):
        lc.check(in_memory(folder, streets=network, communities=COMMUNITIES.drop(columns="code")))
    with pytest.raises(lc.InputError, match="memory:population"):
        lc.check(in_memory(folder, streets=network, population=HOMES.set_crs(None, allow_override=True)))
    with pytest.raises(lc.InputError, match="mode"):
        lc.check(in_memory(folder, streets=network, mode="bike"))


def test_a_network_holds_no_places_and_the_fault_says_what_to_give(folder, network):
    with pytest.raises(lc.InputError) as caught:
        lc.check(in_memory(folder, streets=network, facilities="streets"))
    [fault] = caught.value.faults
    assert 'streets="city.osm.pbf"' in fault.remedy()
    assert "holds streets and no places" in fault.render("en")
    assert "只含道路" in fault.render("zh")


def test_a_study_says_what_it_is_in_one_line(folder, network):
    assert (
        repr(in_memory(folder, streets=network))
        == "<Study 'memory' plans=memory:plan:own streets=memory:streets>"
    )


def test_costs_and_the_terminals_language_reach_a_study_in_memory(monkeypatch):
    given = {"area": box(113, 22, 113.1, 22.1), "streets": "city.osm.pbf", "plan": "walkable-500m"}
    for said, language in (("zh_CN.UTF-8", "zh"), ("de_DE.UTF-8", "en")):
        monkeypatch.setenv("LIFECIRCLE_LANG", said)
        assert lc.Study(**given).study.language == language
    assert lc.Study(**given, language="zh").study.language == "zh"
    priced = lc.Study(**given, costs={"currency": "EUR", "facilities": {"pharmacy": 300_000}})
    assert priced.costs.facilities == {"pharmacy": 300_000}
    with pytest.raises(lc.InputError, match=r"costs\.street_m"):
        lc.Study(**given, costs={"street_m": -1})


@pytest.mark.parametrize("heading", ["EINWOHNER", "pop_2020", "人口"])
def test_a_population_under_another_name_is_warned_of_and_not_silently_unknown(folder, network, heading):
    communities = COMMUNITIES.rename(columns={"population": heading})
    study = lc.Study(communities=communities, streets=network, facilities=STATIONS, plan=folder / "own.toml")
    with pytest.warns(LifecircleWarning, match=heading):
        checked = lc.check(study)
    said = checked.quality.loc[checked.quality["remark"] == "population-column-likely"]
    assert said["value"].tolist() == [heading]
    # with the name it has nothing is said
    named = lc.Study(communities=COMMUNITIES, streets=network, facilities=STATIONS, plan=folder / "own.toml")
    assert "population-column-likely" not in set(lc.check(named).quality["remark"])


@pytest.mark.parametrize("key", ["plan", "plans"])
def test_a_plan_that_nobody_knows_is_refused_when_the_study_is_made(network, key):
    given = {"communities": COMMUNITIES, "streets": network, "facilities": STATIONS}
    with pytest.raises(StudyError) as refused:
        lc.Study(**given, **{key: ["hainan-2022", "circle15"]})
    assert [(fault.key, fault.field) for fault in refused.value.faults] == [("unknown-plan", key)]
    assert "circle-15min" in refused.value.render("en")
