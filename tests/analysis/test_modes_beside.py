"""``mode = ["walk", "bike"]``: the circles of both, each at its own speed, beside each other."""

import geopandas as gpd
import pandas as pd
import pytest
from own_plans import circle, own_plan
from shapely import Point, box
from small_study import lattice, study_text, write_layer

import lifecircle as lc
from lifecircle.outputs.web_map.gap_map import map_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """People 1,500 m from the only station: 22.5 minutes on foot, 7.5 by bike."""
    made = tmp_path_factory.mktemp("modes")
    write_layer(made / "streets.gpkg", lattice(range(-3000, 5001, 500), range(-3000, 4001, 500)))
    write_layer(
        made / "communities.gpkg", [box(-250, -250, 250, 250)],
        code=["130102001001"], name=["甲社区"],
    )  # fmt: skip
    write_layer(made / "homes.gpkg", [Point(0, 0)], population=[100])
    write_layer(made / "stations.gpkg", [Point(1500, 0)], id=["A"])
    (made / "own.toml").write_text(
        own_plan(circle("station", "health-station", everywhere=True)), encoding="utf-8"
    )
    tables = """
[population]
points = "homes.gpkg"
[[facilities]]
source = "stations.gpkg"
service = "health-station"
complete_for = ["health-station"]
"""
    text = study_text("modes", tables).replace("[streets]", '[streets]\nmode = ["walk", "bike"]')
    (made / "study.toml").write_text(text, encoding="utf-8")
    return made


def test_each_mode_is_judged_at_its_own_speed(folder, tmp_path):
    result = lc.run(lc.Study.from_file(folder / "study.toml"))
    rows = result.modes[result.modes["level"] == "community"].set_index("mode")
    assert rows["speed_kmh"].to_dict() == {"walk": 4, "bike": 12}
    assert rows["status"].to_dict() == {"walk": "short", "bike": "met"}
    assert rows["population_short"].to_dict() == {"walk": 100, "bike": 0}
    # the first mode is the study's own
    own = result.verdicts.query("level == 'community'")["status"].tolist()
    assert own == ["short"]
    result.write(tmp_path / "out")
    written = pd.read_csv(tmp_path / "out" / "modes.csv", encoding="utf-8-sig")
    assert set(written["mode"]) == {"walk", "bike"}
    assert len(written) == len(result.modes)
    # the workbook has a row per area and a column per mode
    sheet = pd.read_excel(tmp_path / "out" / "deficits.xlsx", sheet_name="Modes beside each other")
    row = sheet[sheet["Code"].astype(str) == "130102001001"].iloc[0]
    assert row["Residents affected · on foot, 4 km/h"] == 100
    assert row["Residents affected · by bike, 12 km/h"] == 0
    assert row["Verdict · on foot, 4 km/h"] != row["Verdict · by bike, 12 km/h"]
    # the layer of communities has columns of the further mode, with the style of each
    layer = gpd.read_file(tmp_path / "out" / "study.gpkg", layer="communities").iloc[0]
    assert (layer["status_station"], layer["deficit_station"]) == ("short", 90)
    assert (layer["status_station_bike"], layer["deficit_station_bike"]) == ("met", 0)


def test_the_map_shows_a_further_mode_as_the_other_side(folder):
    result = lc.run(lc.Study.from_file(folder / "study.toml"))
    page = map_data(result, lang="en")
    (mode,) = page["scenarios"]
    assert mode["kind"] == "mode"
    assert mode["title"] == {"zh": "骑行（12公里/小时）", "en": "by bike, 12 km/h"}
    assert mode["title_before"]["en"] == "on foot, 4 km/h"
    assert (mode["turned_met"], mode["turned_short"]) == (2, 0), "the community, and the study as a whole"
    (theme,) = [one for one in mode["themes"] if page["themes"][one["theme"]]["rule"] == "station"]
    before = page["themes"][theme["theme"]]
    assert (before["status"], theme["status"]) in {("s", "m"), ("t", "n")}
    assert (before["people"], theme["people"], theme["newly_reached"]) == ([100], [0], 100)
    assert page["totals"]["bike"]["counts"] != page["totals"][""]["counts"]


def test_one_mode_leaves_every_table_as_it_was(folder):
    study = lc.Study.from_file(folder / "study.toml").in_mode("walk")
    result = lc.run(study)
    assert not len(result.modes)
    assert not len(result.mode_effects)
    assert map_data(result, lang="en")["scenarios"] == []


def test_one_mode_alone_finds_what_it_finds_beside_another(folder):
    study = lc.Study.from_file(folder / "study.toml")
    by_bike = lc.prepare(study.in_mode("bike"))
    rows = by_bike.present.findings.query("level == 'community'")
    assert rows["status"].tolist() == ["met"]
    assert by_bike.study.streets.modes == ()


@pytest.mark.parametrize(
    ("modes", "words"), [('["walk", "walk"]', "twice"), ('["walk", "fly"]', "fly"), ("[]", "mode")]
)
def test_a_list_that_is_none_is_refused(folder, tmp_path, modes, words):
    text = (folder / "study.toml").read_text(encoding="utf-8").replace('["walk", "bike"]', modes)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(lc.InputError, match=words):
        lc.Study.from_file(tmp_path / "study.toml")


def test_the_map_tells_minutes_of_every_mode(folder):
    """1,500 m are 7.5 minutes by bike; 22.5 on foot are more than the streets read can prove."""
    result = lc.run(lc.Study.from_file(folder / "study.toml"))
    page = map_data(result, lang="zh")
    (mode,) = page["scenarios"]
    assert page["mode"] == "walk"
    assert page["minutes"]["health-station"]["p50"] == [None]
    assert page["minutes"]["health-station"]["unreached"] == [1]
    assert mode["minutes"]["health-station"]["p50"] == [7.5]
    assert mode["minutes"]["health-station"]["nearest"] == page["minutes"]["health-station"]["nearest"] == [0]
