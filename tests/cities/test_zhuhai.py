"""A part of Zhuhai from openstreetmap.org's own .osm: Chinese names, and a cut-out too small."""

import geopandas as gpd
import pytest
import shapely

import lifecircle as lc
from lifecircle.study.quick import quick_study
from lifecircle.tables import verdict_rows


@pytest.fixture(scope="module")
def run(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zhuhai")
    area = shapely.box(113.525, 22.27, 113.55, 22.285)
    gpd.GeoDataFrame(geometry=[area], crs=4326).to_file(folder / "香洲.geojson")
    source = shared / "zhuhai" / "zhuhai.osm"
    return lc.run(quick_study(folder / "香洲.geojson", source, ["zhuhai-2021"], output=folder / "out"))


def test_street_names_are_read_in_chinese(run):
    names = set(run.inputs.streets.names)
    assert "人民东路" in names
    assert sum(any("\u4e00" <= letter <= "\u9fff" for letter in name) for name in names) > 0.9 * len(names)


def test_cells_whose_surroundings_the_cut_out_ends_in_are_provisional(run):
    cells = run.inputs.communities[run.inputs.communities["inside"]]
    assert cells["edge"].mean() > 0.5
    circle = verdict_rows(run.findings).query("rule == 'zhuhai-fitness-circle-10min'")
    short = circle[circle["status"] == "short"]
    assert (circle["level"] == "community").sum() == len(cells)
    assert (short["certainty"] == "provisional").all()


def test_the_fitness_circle_counts_street_within_ten_minutes(run):
    demand = run.inputs.demand[run.inputs.demand["inside"]].set_index("demand")
    near = run.travel.minutes["sports-ground"].loc[demand.index] <= 10
    share = (demand["weight"] * near).groupby(demand["community"]).sum()
    share = 100 * share / demand.groupby("community")["weight"].sum()
    rows = verdict_rows(run.findings).query("rule == 'zhuhai-fitness-circle-10min' and level == 'community'")
    rows = rows.set_index("code")["value"].dropna()
    assert len(rows) > 3
    assert (rows - share.loc[rows.index]).abs().max() < 1e-6
    assert 0 < rows.mean() < 100
