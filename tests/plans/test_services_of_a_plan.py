"""``[[services]]`` of a plan file: known to its rules and to every study under the plan."""

import geopandas as gpd
import pytest
from own_plans import circle, own_plan
from shapely import Point, box
from small_study import CRS, lattice

import lifecircle as lc
from lifecircle.cli.general_commands import template
from lifecircle.services import catalogue

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


def test_a_template_lists_it(file, tmp_path):
    template([str(file)], tmp_path / "ledgers.xlsx", lang="en")
    assert (tmp_path / "ledgers.xlsx").is_file()
