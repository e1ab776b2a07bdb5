"""The demo's communities: how many, how coded, and that they divide the city without gap or overlap."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely


def test_there_are_120_communities_and_40_villages_of_about_900_thousand_people(communities):
    assert communities["类型"].value_counts().to_dict() == {"社区": 120, "村": 40}
    assert 880_000 < communities["常住人口"].sum() < 910_000
    assert (communities["常住人口"] > 0).all()
    assert communities.loc[communities["类型"] == "社区", "常住人口"].between(3000, 16000).all()


def test_people_of_the_table_are_people_of_the_grid_in_every_village(communities, homes):
    """Villages stand clear of their borders, so the grid counts each of them to the person."""
    villages = communities[communities["类型"] == "村"].set_index("代码")["常住人口"]
    counted = homes.groupby("代码")["residents"].sum()
    assert (counted.reindex(villages.index) == villages).all()


def test_people_of_the_grid_within_the_boundary_are_people_of_the_table(communities, homes):
    assert homes.loc[homes["代码"].notna(), "residents"].sum() == pytest.approx(
        communities["常住人口"].sum(), rel=2e-4
    )


def test_codes_are_twelve_digits_unique_and_nest(communities):
    assert communities["代码"].is_unique
    assert communities["代码"].str.fullmatch(r"9901\d{8}").all()
    assert (communities["代码"].str[:9] == communities["乡镇代码"]).all()
    assert (communities["代码"].str[:6] == communities["区县代码"]).all()
    assert communities.groupby("乡镇代码")["乡镇街道"].nunique().eq(1).all()
    assert communities["乡镇代码"].nunique() == communities["乡镇街道"].nunique() == 16
    assert communities["区县代码"].nunique() == 4


def test_the_code_alone_tells_community_from_village(communities):
    committee = communities["代码"].str[9:].astype(int)
    assert ((committee < 200) == (communities["类型"] == "社区")).all()
    assert committee.between(1, 399).all()


def test_names_are_unique_and_end_as_committees_do(communities):
    assert communities["名称"].is_unique
    urban = communities["类型"] == "社区"
    assert communities.loc[urban, "名称"].str.endswith("社区居委会").all()
    assert communities.loc[~urban, "名称"].str.endswith("村委会").all()


def test_ten_streets_and_six_towns(communities):
    ending = communities.drop_duplicates("乡镇代码")["乡镇街道"].str[-1]
    assert ending.value_counts().to_dict() == {"道": 10, "镇": 4, "乡": 2}


def test_communities_divide_the_city_without_gap_or_overlap(communities, raw):
    shapes = communities.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    assert whole.geom_type in {"Polygon", "MultiPolygon"}
    assert len(shapely.get_parts(whole)) == 1
    assert len(shapely.get_parts(whole)[0].interiors) == 0
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-12)
    boundary = gpd.read_file(raw / "boundary.geojson").to_crs(communities.crs).geometry.iloc[0]
    assert boundary.symmetric_difference(whole).area < 0.0005 * whole.length, "half a millimetre all around"


def test_every_community_is_one_piece(communities):
    assert (shapely.get_num_geometries(communities.geometry.to_numpy()) == 1).all()


def test_the_old_town_is_denser_than_the_villages(communities):
    density = communities["常住人口"] / communities.to_crs(32648).area * 1e6
    urban = communities["类型"] == "社区"
    assert density[urban].median() > 5000
    assert density[~urban].median() < 1000
