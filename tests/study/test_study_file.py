"""The study file: what it may say, and how every fault of it is reported."""

import os
import textwrap

import pytest

from lifecircle.errors import MissingInputError, StudyError
from lifecircle.study import Assumptions, Study

GOOD = """
    [study]
    name = "演示"
    plans = ["hainan-2022", "own.toml"]
    output = "results"
    [area]
    boundary = "b.geojson"
    communities = "c.gpkg"
    [streets]
    source = "s.osm.pbf"
    [[facilities]]
    source = "streets"
    [assumptions]
    covered_share = 0.8
"""


@pytest.fixture
def write(tmp_path):
    def written(words):
        path = tmp_path / "study.toml"
        path.write_text(textwrap.dedent(words), encoding="utf-8")
        return path

    return written


def _fault_keys(error):
    return [(fault.key, fault.field) for fault in error.value.faults]


def test_paths_become_absolute_and_keywords_stay(write, tmp_path):
    study = Study.from_file(write(GOOD))
    assert study.area.boundary == tmp_path / "b.geojson"
    assert study.streets.source == str(tmp_path / "s.osm.pbf")
    assert study.facilities[0].source == "streets"
    assert study.study.plans == ("hainan-2022", str(tmp_path / "own.toml"))
    assert study.study.output == tmp_path / "results"
    assert study.root == tmp_path


def test_assumptions_keep_their_defaults_where_the_study_is_silent(write):
    study = Study.from_file(write(GOOD))
    assert study.assumptions.covered_share == 0.8
    assert study.assumptions.walk_speed_kmh == 4.0
    assert study.speed_kmh == 4.0


def test_every_fault_is_named_at_once_with_the_nearest_key(write):
    bad = (
        GOOD.replace("plans", "plan")
        .replace("covered_share = 0.8", "coverd_share = 0.8")
        .replace("s.osm", "../s.osm")
    )
    with pytest.raises(StudyError) as error:
        Study.from_file(write(bad))
    assert set(_fault_keys(error)) == {
        ("unknown-key", "study.plan"),
        ("unknown-key", "assumptions.coverd_share"),
        ("outside-path", "streets.source"),
    }
    assert "valid here: plans" in str(error.value)
    assert "valid here: covered_share" in str(error.value)
    assert "超出研究文件夹" in error.value.render("zh")


def test_paths_may_leave_the_folder_when_allowed(write, tmp_path):
    study = Study.from_file(write(GOOD.replace("s.osm", "../s.osm")), allow_outside=True)
    assert study.streets.source == str(tmp_path.parent / "s.osm.pbf")


@pytest.mark.skipif(os.name != "posix", reason="links of folders need rights there")
def test_a_results_folder_that_is_a_link_out_of_the_study_is_refused(write, tmp_path):
    # as it may come with somebody else's study: results would be written wherever it leads
    path = write(GOOD)
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (tmp_path / "results").symlink_to(elsewhere)
    with pytest.raises(StudyError) as error:
        Study.from_file(path)
    assert _fault_keys(error) == [("outside-path", "study.output")]
    assert Study.from_file(path, allow_outside=True).study.output == elsewhere


@pytest.mark.parametrize(
    ("old", "new", "key", "field"),
    [
        ('name = "演示"', "", "missing-key", "study.name"),
        ("covered_share = 0.8", "covered_share = 1.2", "bad-value", "assumptions.covered_share"),
        ("covered_share = 0.8", "walk_speed_kmh = 0", "bad-value", "assumptions.walk_speed_kmh"),
        ("covered_share = 0.8", "walk_speed_kmh = inf", "bad-value", "assumptions.walk_speed_kmh"),
        ('communities = "c.gpkg"', 'communities = "c.gpkg"\n    grid = "h3:8"', "bad-value", "area"),
        ('communities = "c.gpkg"', 'grid = "hex:8"', "bad-value", "area.grid"),
        ('source = "streets"', 'source = "ledger.csv"', "bad-value", "facilities[1]"),
        ('source = "s.osm.pbf"', 'source = "s.osm.pbf"\n    mode = "fly"', "bad-value", "streets.mode"),
    ],
)
def test_each_broken_contract_names_its_field(write, old, new, key, field):
    assert old in GOOD
    with pytest.raises(StudyError) as error:
        Study.from_file(write(GOOD.replace(old, new)))
    assert (key, field) in _fault_keys(error)


def test_an_inner_field_of_the_model_is_not_a_key_of_the_file(write):
    with pytest.raises(StudyError) as error:
        Study.from_file(write('root = "/"\n' + textwrap.dedent(GOOD)))
    assert ("unknown-key", "root") in _fault_keys(error)


def test_a_file_that_is_not_there_or_not_toml_or_not_utf8(tmp_path, write):
    with pytest.raises(MissingInputError, match="no such file"):
        Study.from_file(tmp_path / "none.toml")
    with pytest.raises(FileNotFoundError):
        Study.from_file(tmp_path / "none.toml")
    with pytest.raises(StudyError, match="cannot be read as TOML"):
        Study.from_file(write("[study\n"))
    (tmp_path / "gbk.toml").write_bytes('[study]\nname = "演示"'.encode("gbk"))
    with pytest.raises(StudyError, match="not UTF-8"):
        Study.from_file(tmp_path / "gbk.toml")


def test_a_study_cannot_be_changed(write):
    study = Study.from_file(write(GOOD))
    with pytest.raises(ValueError, match="frozen"):
        study.root = None


def test_the_assumptions_said_in_a_finding_read_like_the_study_file():
    said = Assumptions(basic_types=("a", ("b", "c"))).said(
        "covered_share", "basic_types", "quality_types_needed"
    )
    assert said == "covered_share=0.9; basic_types=a,b|c; quality_types_needed=4"


def test_why_a_value_is_refused_is_said_in_either_language(write):
    bad = GOOD.replace("covered_share = 0.8", "covered_share = 1.2").replace('grid = "h3:8"', "")
    with pytest.raises(StudyError) as error:
        Study.from_file(write(bad.replace('source = "s.osm.pbf"', 'source = "s.osm.pbf"\n    mode = "fly"')))
    assert "found 1.2: it must be at most 1" in error.value.render("en")
    assert "值为 'fly'：应为 'walk', 'bike' or 'drive' 之一" in error.value.render("zh")
    assert "Input should" not in error.value.render("zh")


def test_results_go_to_the_studys_folder_also_where_it_names_none(write, tmp_path):
    study = Study.from_file(write(GOOD.replace('output = "results"', "")))
    assert study.study.output == tmp_path / "results"


def test_one_word_stands_for_a_list_of_one(write):
    """In every list of words of the study file; and one name of a service for both languages."""
    study = Study.from_file(
        write(
            GOOD.replace('plans = ["hainan-2022", "own.toml"]', 'plans = "own.toml"').replace(
                '[[facilities]]\n    source = "streets"',
                """[[facilities]]
    source = "streets"
    services = "park"
    complete_for = "park"
    [[services]]
    id = "tea-house"
    en = "Tea house"
    osm = "amenity=cafe & cuisine=tea"
    amap = "050600"
    [[scenarios]]
    name = "shut"
    close = "ledger:17"
    """,
            )
        )
    )
    assert [name.rsplit("/", 1)[-1] for name in study.study.plans] == ["own.toml"]
    (places,) = study.facilities
    assert (places.services, places.complete_for) == (("park",), ("park",))
    (own,) = study.services
    assert (own.zh, own.en) == ("Tea house", "Tea house")
    assert (own.osm, own.amap) == (("amenity=cafe & cuisine=tea",), ("050600",))
    assert study.scenarios[0].close == ("ledger:17",)
