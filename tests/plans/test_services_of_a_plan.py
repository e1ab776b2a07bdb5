"""``[[services]]`` of a plan file: known to its rules and to every study under the plan."""

import geopandas as gpd
import pytest
from own_plans import circle, own_plan
from shapely import Point, box
from small_study import CRS, lattice

import lifecircle as lc
from lifecircle.cli.general_commands import template
from lifecircle.plans import find_plans
from lifecircle.plans.ledgers import ledger_columns
from lifecircle.plans.loader import services_defined
from lifecircle.services import catalogue, own_services

TEA = """
[[services]]
id = "tea-house"
zh = "茶馆"
en = "Tea house"
osm = ["amenity=cafe & cuisine=tea"]
amap = ["050400"]
"""
COMMUNITY = gpd.GeoDataFrame(
    {"code": ["130102001001"], "name": ["甲社区"], "population": [100]},
    geometry=[box(0, 0, 500, 500)],
    crs=CRS,
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tea.toml"
    path.write_text(own_plan(circle("tea-15min", "tea-house", everywhere=True)) + TEA, encoding="utf-8")
    return path


def test_a_plan_defines_a_service_that_its_rules_name(file):
    plan = lc.load_plan(file)
    assert [one.id for one in plan.services] == ["tea-house"]
    assert plan.rules[0].services == ("tea-house",)
    assert "tea-house" not in catalogue()


@pytest.mark.parametrize("as_file", [True, False])
def test_a_study_under_the_plan_knows_it(file, as_file):
    streets = gpd.GeoDataFrame(geometry=lattice(range(-500, 1001, 250), range(-500, 1001, 250)), crs=CRS)
    study = lc.Study(
        communities=COMMUNITY,
        streets=streets,
        facilities={"tea-house": gpd.GeoSeries([Point(250, 250)], crs=CRS)},
        complete_for="tea-house",
        plan=file if as_file else lc.load_plan(file),
    )
    result = lc.run(study)
    assert result.verdicts.query("level == 'community'")["status"].tolist() == ["met"]
    assert result.services["tea-house"] == {"zh": "茶馆", "en": "Tea house"}
    assert result.session.explain("130102001001", "tea-house").route is not None


def test_a_study_may_define_it_in_the_same_words_and_not_in_others(file):
    same = {
        "id": "tea-house",
        "zh": "茶馆",
        "en": "Tea house",
        "osm": ["amenity=cafe & cuisine=tea"],
        "amap": ["050400"],
    }
    streets = gpd.GeoDataFrame(geometry=lattice(range(-500, 1001, 250), range(-500, 1001, 250)), crs=CRS)
    given = {"communities": COMMUNITY, "streets": streets, "plan": file}
    lc.check(lc.Study(**given, services=[same]))
    with pytest.raises(lc.InputError, match="tea-house"):
        lc.check(lc.Study(**given, services=[{**same, "en": "Tea shop"}]))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "tea-house"\nzh', 'id = "Tea House"\nzh', "Tea House"),
        ('id = "tea-house"\nzh', 'id = "pharmacy"\nzh', "pharmacy"),
        ("050400", "5040", "5040"),
        ("zh = ", "ch = ", "ch"),
    ],
)
def test_a_service_defined_wrongly_is_told_with_its_line(file, old, new, words):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(lc.InputError, match=words) as caught:
        lc.load_plan(file)
    assert "tea.toml:" in caught.value.render("en")


def test_a_service_that_nobody_defines_is_refused_with_what_it_may_mean(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(own_plan(circle("rule", "clinic", everywhere=True)), encoding="utf-8")
    with pytest.raises(lc.InputError, match="health-centre"):
        lc.load_plan(path)


LARGE = """
[[services]]
id = "large-park"
zh = "大公园"
en = "Large park"
of = "park"
min_site_area_m2 = 10000
"""


@pytest.fixture
def parks(tmp_path):
    """A plan that asks for a large park within 15 minutes, in a town that it finds only in the west."""
    file = tmp_path / "parks.toml"
    file.write_text(own_plan(circle("large-park-15min", "large-park")) + LARGE, encoding="utf-8")
    halves = gpd.GeoDataFrame(
        {"code": ["130102001001", "130102001002"], "name": ["西社区", "东社区"], "population": [100, 100]},
        geometry=[box(0, 0, 500, 500), box(2000, 0, 2500, 500)],
        crs=CRS,
    )
    streets = gpd.GeoDataFrame(geometry=lattice(range(-500, 3001, 250), range(-500, 1001, 250)), crs=CRS)
    # 100 m by 110 m in the west, 90 m by 90 m in the east: 1.10 and 0.81 hectares
    squares = gpd.GeoDataFrame(geometry=[box(200, 200, 300, 310), box(2200, 200, 2290, 290)], crs=CRS)
    return {"communities": halves, "streets": streets, "plan": file, "facilities": {"park": squares}}


def statuses(**given):
    """Verdict of each community."""
    verdicts = lc.run(lc.Study(**given)).verdicts.query("level == 'community'")
    return dict(zip(verdicts["name"], verdicts["status"], strict=True))


def test_only_parks_of_a_least_size_count_in_a_circle(parks):
    assert statuses(**parks, complete_for="park") == {"西社区": "met", "东社区": "short"}
    # nobody says that these are all the parks: the one missing may be there
    result = lc.run(lc.Study(**parks))
    east = result.verdicts.query("name == '东社区'").iloc[0]
    assert (east["status"], east["certainty"]) == ("short", "provisional")
    assert "site_area_from_outline" in east["assumptions"]
    offered = result.facilities.groupby("service")["facility"].count().to_dict()
    assert offered == {"park": 2, "large-park": 1}


def test_a_park_of_unknown_size_is_not_taken_for_large_and_is_told(parks):
    parks["facilities"] = {"park": gpd.GeoSeries([Point(250, 250), Point(2250, 250)], crs=CRS)}
    result = lc.run(lc.Study(**parks, complete_for="park"))
    assert set(result.verdicts.query("level == 'community'")["status"]) == {"no-data"}
    told = result.inputs.quality.query("remark == 'size-unknown'")
    assert told[["item", "count"]].to_numpy().tolist() == [["large-park", 2.0]]


def test_a_scenario_that_adds_a_large_park_serves_the_circle(parks):
    new = gpd.GeoDataFrame(
        {"service": ["park"], "site_area_m2": [12_000.0]}, geometry=[Point(2250, 250)], crs=CRS
    )
    session = lc.prepare(lc.Study(**parks, complete_for="park"))
    after = session.assess(lc.Scenario(name="park", add=new)).findings
    assert set(after.loc[after["level"] == "community", "status"]) == {"met"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('of = "park"', 'of = "parks-of-mine"', "parks-of-mine"),
        ('of = "park"', 'of = "large-park"', "large-park"),
        ('of = "park"\n', "", "of and a least size"),
        ("min_site_area_m2 = 10000", "", "of and a least size"),
        ("min_site_area_m2 = 10000", "min_site_area_m2 = 10000\namap = ['110101']", "of and a least size"),
        ("min_site_area_m2 = 10000", "min_site_area_m2 = -1", "greater than 0"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(parks, old, new, words):
    text = parks["plan"].read_text(encoding="utf-8")
    assert old in text
    parks["plan"].write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(lc.InputError) as caught:
        lc.load_plan(parks["plan"])
    assert words in caught.value.render("en")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('zh = "大公园"\nen = "Large park"\n', "", ('large-park: "zh" is missing', "add zh = …")),
        (
            "min_site_area_m2 = 10000",
            "min_site_area_ha = 1",
            ('"min_site_area_ha" is not a key of [[services]]', "did you mean: min_site_area_m2"),
        ),
    ],
)
def test_a_key_of_a_service_is_told_with_its_fix_and_the_service_is_not_called_unknown(parks, old, new, told):
    text = parks["plan"].read_text(encoding="utf-8")
    assert old in text
    parks["plan"].write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(lc.InputError) as caught:
        lc.load_plan(parks["plan"])
    words = caught.value.render("en")
    assert all(one in words for one in told)
    assert "in the catalogue" not in words
    assert "Field required" not in words


def test_a_unit_may_be_written_out(parks):
    text = parks["plan"].read_text(encoding="utf-8")
    parks["plan"].write_text(text.replace('unit = "min"', 'unit = "minutes"'), encoding="utf-8")
    assert lc.load_plan(parks["plan"]).rules[0].unit == "min"


def test_a_plan_in_another_format_is_told_to_be_toml(parks):
    for ask in (lc.load_plan, lambda file: find_plans([str(file)])):
        with pytest.raises(lc.InputError, match=r"a plan is a \.toml file"):
            ask(parks["plan"].with_suffix(".yaml"))


def test_a_template_asks_for_what_it_is_selected_from(parks):
    with own_services(services_defined([str(parks["plan"])])):
        columns = ledger_columns([lc.load_plan(parks["plan"])])["facilities"]
    choices = {column.name: column.choices for column in columns}
    assert choices["service"] == ("park",)
    assert "site_area_m2" in choices


def test_a_template_lists_it(file, tmp_path):
    template([str(file)], tmp_path / "ledgers.xlsx", lang="en")
    assert (tmp_path / "ledgers.xlsx").is_file()
