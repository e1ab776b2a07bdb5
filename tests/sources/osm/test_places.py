"""Objects of OpenStreetMap as places: nodes within outlines, levels of schools."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from lifecircle.sources.osm.places import merged_outlines, school_levels, with_school_levels

GROUNDS = box(0, 0, 10, 10)


def features(*rows):
    """Rows of ``osm_id, service, name, geometry`` and perhaps tags."""
    table = pd.DataFrame(
        [(*row, {})[:5] for row in rows], columns=["osm_id", "service", "name", "geometry", "tags"]
    )
    return gpd.GeoDataFrame(table.assign(access=""), geometry="geometry", crs=4326)


def kept(*rows):
    """Ids that stay, and how many were merged."""
    places, count = merged_outlines(features(*rows))
    return places["osm_id"].tolist(), count


# --- one place, mapped twice


@pytest.mark.parametrize(
    ("node", "outline"), [("Lakeside", "Lakeside"), ("", "Lakeside"), ("Lakeside", ""), ("", "")]
)
def test_a_node_in_the_outline_of_its_place_is_that_place(node, outline):
    rows = [("n1", "school", node, Point(3, 3)), ("w1", "school", outline, GROUNDS)]
    places, count = merged_outlines(features(*rows))
    assert (places["osm_id"].tolist(), count) == (["w1"], 1)
    assert places["name"].tolist() == [node or outline]


def test_a_node_of_another_name_another_service_or_another_place_stays():
    assert kept(("n1", "school", "Hill", Point(3, 3)), ("w1", "school", "Lake", GROUNDS)) == (["n1", "w1"], 0)
    assert kept(("n1", "library", "", Point(3, 3)), ("w1", "school", "", GROUNDS)) == (["n1", "w1"], 0)
    assert kept(("n1", "school", "", Point(30, 3)), ("w1", "school", "", GROUNDS)) == (["n1", "w1"], 0)


def test_several_shops_in_a_house_without_a_name_are_several():
    rows = [
        ("n1", "cafe", "A", Point(3, 3)), ("n2", "cafe", "B", Point(6, 3)), ("w1", "cafe", "", GROUNDS),
    ]  # fmt: skip
    assert kept(*rows) == (["n1", "n2", "w1"], 0)


def test_an_outline_takes_the_access_of_its_node():
    table = features(("n1", "park", "Lake", Point(3, 3)), ("w1", "park", "Lake", GROUNDS))
    places, _ = merged_outlines(table.assign(access=["private", ""]))
    assert places[["osm_id", "access"]].to_numpy().tolist() == [["w1", "private"]]
    places, _ = merged_outlines(table.assign(access=["private", "yes"]))
    assert places["access"].tolist() == ["yes"]


def test_of_two_outlines_around_a_node_the_smaller_is_its_place():
    house = box(2, 2, 4, 4)
    rows = [("n1", "cafe", "A", Point(3, 3)), ("w1", "cafe", "", GROUNDS), ("w2", "cafe", "", house)]
    places, count = merged_outlines(features(*rows))
    assert (places.set_index("osm_id")["name"].to_dict(), count) == ({"w1": "", "w2": "A"}, 1)


def test_a_school_of_eight_years_is_of_both_levels_and_one_of_seven_is_a_primary_school():
    """Years 7 and 8 are two thirds of the junior level's three, year 7 one."""
    assert school_levels({"grades": "1-8"}, "") == (frozenset({1, 2}), True)
    assert school_levels({"grades": "1-7"}, "") == (frozenset({1}), True)


def test_the_house_of_a_school_within_its_grounds_is_that_school():
    house = box(2, 2, 4, 4)
    assert kept(("w2", "school", "Lake", house), ("w1", "school", "Lake", GROUNDS)) == (["w1"], 1)
    assert kept(("w2", "pitch", "", house), ("w1", "pitch", "", GROUNDS)) == (["w2", "w1"], 0)


def test_the_smallest_outline_stands_for_the_node():
    """A node in a house in grounds of one name: one place, the grounds."""
    rows = [
        ("n1", "school", "Lake", Point(3, 3)),
        ("w2", "school", "Lake", box(2, 2, 4, 4)),
        ("w1", "school", "Lake", GROUNDS),
    ]
    assert kept(*rows) == (["w1"], 2)


# --- levels


@pytest.mark.parametrize(
    ("tags", "name", "levels", "guessed"),
    [
        ({"isced:level": "1"}, "翠香中学", {1}, False),
        ({"isced:level": "1;2"}, "", {1, 2}, False),
        ({"isced:level": "0-3"}, "", {1, 2, 3}, False),
        ({"school": "primary"}, "", {1}, False),
        ({"school:type": "primary;secondary"}, "", {1, 2, 3}, False),
        ({"school:primary": "yes"}, "", {1}, False),
        ({"isced:level": "1", "grades": "1-9"}, "", {1}, False),
        ({"grades": "1-6"}, "翠香中学", {1}, True),
        ({"grades": "7;8;9"}, "", {2}, True),
        ({"grades": "10–12"}, "", {3}, True),
        ({"grades": "K-12"}, "", {1, 2, 3}, True),
        # half of the years and more: grade 6 alone makes no primary school, grade 9 alone no junior one
        ({"grades": "6-8"}, "", {2}, True),
        ({"grades": "9-12"}, "", {3}, True),
        # a village's school of two years is a primary school all the same
        ({"grades": "1-2"}, "", {1}, True),
        ({"grades": "PK"}, "翠香小学", {1}, True),
        ({"min_age": "6", "max_age": "12"}, "", {1}, True),
        ({"min_age": "11", "max_age": "18"}, "Hill Primary School", {2, 3}, True),
        ({"min_age": "3", "max_age": "6"}, "", set(), True),
        ({"min_age": "6"}, "", set(), True),
        ({}, "翠香小学", {1}, True),
        ({}, "珠海市第一中学", {2, 3}, True),
        ({}, "文园初级中学", {2}, True),
        ({}, "珠海高级中学", {3}, True),
        ({}, "某某初中", {2}, True),
        ({}, "九年一贯制学校", {1, 2}, True),
        ({}, "Pestalozzi-Grundschule", {1}, True),
        ({}, "Lakeside Primary School", {1}, True),
        ({}, "EMEF Dom João", {1, 2}, True),
        ({}, "EB1 da Ponte", {1}, True),
        ({}, "EB 2,3 de Paranhos", {2}, True),
        ({}, "中学路小学", {1}, True),
        ({}, "小学街初级中学", {2}, True),
        ({}, "海口职业中学", {3}, True),
        ({}, "中等职业学校", {3}, True),
        ({}, "职业技术学校", {3}, True),
        ({"school:FR": "élémentaire"}, "", {1}, False),
        ({"school:FR": "collège"}, "Saint-Charles", {2}, False),
        ({"school:FR": "maternelle"}, "Saint-Charles", set(), True),
        ({}, "Bunsen-Gymnasium", {2, 3}, True),
        ({}, "Hill Junior High", {2}, True),
        ({}, "实验学校", set(), True),
        ({}, "", set(), True),
    ],
)
def test_a_schools_levels_come_from_its_tags_else_its_grades_ages_or_name(tags, name, levels, guessed):
    assert school_levels(tags, name) == (frozenset(levels), guessed)


def test_schools_are_places_of_their_levels_and_what_was_guessed_is_counted():
    table = features(
        ("n1", "school", "翠香小学", Point(0, 0)),
        ("n2", "school", "", Point(1, 0), {"isced:level": "1-2"}),
        ("n2", "primary-school", "", Point(1, 0), {"isced:level": "1-2"}),
        ("n3", "school", "学校", Point(2, 0)),
        ("n4", "cafe", "", Point(3, 0)),
    )
    rows, guessed, unknown = with_school_levels(table, {"primary-school", "junior-middle-school", "cafe"})
    result = sorted(zip(rows["osm_id"], rows["service"], strict=True))
    assert result == [
        ("n1", "primary-school"),
        ("n2", "junior-middle-school"),
        ("n2", "primary-school"),
        ("n4", "cafe"),
    ]
    assert (guessed, unknown) == (1, 1)
