"""The planted deficits, found again in the files with geopandas and nothing of how they were planted."""

from __future__ import annotations

import math

import geopandas as gpd
import pandas as pd
import pytest

from lifecircle.services import catalogue
from lifecircle.tables.datum import gcj02_to_wgs84

METRES = "EPSG:32648"
LEVEL_DIGITS = {"community": 12, "village": 12, "township": 9, "county": 6}


@pytest.fixture(scope="module")
def offered(raw, ledger, extract) -> gpd.GeoDataFrame:
    """Every facility of the three sources: service and place."""
    by_name = {service.zh: key for key, service in catalogue().items()}
    by_code = {code: key for key, service in catalogue().items() for code in service.amap}
    listed = ledger[["geometry"]].assign(service=ledger["类别"].map(lambda name: by_name.get(name, name)))
    table = pd.read_csv(raw / "pois_gcj02_gbk.csv", encoding="gbk", dtype={"typecode": str})
    places = gpd.points_from_xy(*gcj02_to_wgs84(table["lon"], table["lat"]))
    points = gpd.GeoDataFrame({"service": table["typecode"].map(by_code)}, geometry=places, crs=4326)
    pitches = extract.areas("leisure", "pitch")
    pitches = gpd.GeoDataFrame({"service": "sports-ground"}, geometry=pitches.centroid, index=pitches.index)
    return pd.concat([listed, points.to_crs(METRES), pitches], ignore_index=True)


@pytest.fixture(scope="module")
def hosts(offered, communities) -> pd.DataFrame:
    """Service and code of the unit for every facility."""
    units = communities[["代码", "geometry"]].to_crs(METRES)
    return offered.sjoin(units, predicate="within")[["service", "代码"]]


def test_a_unit_listed_as_missing_has_none_and_its_neighbours_in_the_rule_have_one(
    planted, hosts, communities
):
    kinds = {"community": "社区", "village": "村"}
    for row in planted["missing"]:
        digits = LEVEL_DIGITS[row["level"]]
        served = set(hosts.loc[hosts["service"] == row["service"], "代码"].str[:digits])
        assert row["code"] not in served, row
        listed = {other["code"] for other in planted["missing"] if other["rule"] == row["rule"]}
        listed |= {other["code"] for other in planted["exempt"] if other["rule"] == row["rule"]}
        level = communities
        if row["level"] in kinds:
            level = communities[communities["类型"] == kinds[row["level"]]]
        elif row["rule"] in {"hainan-elderly-institution-per-street", "shijiazhuang-centre-per-street"}:
            level = communities[communities["乡镇街道"].str.endswith("街道")]
        listed = {code for code in listed if len(code) == digits}
        assert set(level["代码"].str[:digits]) - served == listed & set(level["代码"].str[:digits]), row


def test_rules_that_a_reader_would_look_for_have_a_planted_deficit(planted):
    rules = {row["rule"] for rows in planted.values() for row in rows}
    assert {
        "hainan-village-clinic-over-800", "hainan-elderly-institution-per-street",
        "hainan-sports-park-per-county",
        "hainan-facility-coverage-urban", "hainan-facility-coverage-rural", "hainan-fitness-circle-15min",
        "hainan-health-station-per-10-20k", "hainan-basic-convenience-circle-15min",
        "wuhu-employment-circle-3km", "zhuhai-home-care-circle-15min", "shijiazhuang-centre-per-street",
    } <= rules  # fmt: skip


def test_villages_owed_a_clinic_have_over_800_people_and_the_exempt_have_not(planted, communities):
    people = communities.set_index("代码")["常住人口"]
    owed = [row["code"] for row in planted["missing"] if row["rule"] == "hainan-village-clinic-over-800"]
    assert (people[owed] > 800).all()
    assert 801 in people[owed].tolist()
    exempt = {row["code"]: row["population"] for row in planted["exempt"]}
    assert people[list(exempt)].to_dict() == exempt
    assert 800 in exempt.values()
    assert max(exempt.values()) == 800


def test_villages_near_the_limit_of_800_share_no_inhabited_cell_with_a_neighbour(planted, communities, homes):
    """Else a grid's share of a neighbour's people would move a village across the limit."""
    near = communities[communities["常住人口"].between(600, 850)].to_crs(METRES)
    assert len(near) == 4
    cells = homes.set_geometry(homes.buffer(50, cap_style="square"))
    touching = cells.sjoin(near[["代码", "geometry"]], predicate="intersects", lsuffix="of", rsuffix="in")
    assert (touching["代码_of"] == touching["代码_in"]).all()
    assert set(planted["exempt"][0]) == {"rule", "service", "level", "code", "population"}


def test_health_stations_fall_short_of_one_per_20_thousand_urban_residents(planted, hosts, communities):
    [row] = planted["too_few"]
    urban = int(communities.loc[communities["类型"] == "社区", "常住人口"].sum())
    stations = int((hosts["service"] == "health-station").sum())
    assert (row["residents"], row["built"], row["needed"]) == (urban, stations, math.ceil(urban / 20_000))
    assert row["missing"] == row["needed"] - row["built"] > 0
    assert 1000 < urban % 20_000 < 19_000, "a few people at the border must not move the verdict"


def test_out_of_reach_communities_are_so_by_straight_line_from_their_cells(planted, offered, homes):
    """Counted anew from the grid's cells: over a tenth of the residents live beyond the cutoff."""
    result = 0
    for key in {(row["service"], row["reach_m"]) for row in planted["out_of_reach"]}:
        service, reach_m = key
        places = offered.loc[offered["service"] == service, "geometry"].union_all()
        far = homes.distance(places) > reach_m
        share = (
            homes["residents"].where(far, 0).groupby(homes["代码"]).sum()
            / homes.groupby("代码")["residents"].sum()
        )
        listed = {row["code"] for row in planted["out_of_reach"] if (row["service"], row["reach_m"]) == key}
        assert (share[list(listed)] > 0.1).all(), key
        result += len(listed)
    assert result > 20


def test_most_of_what_is_out_of_reach_lies_in_the_new_district(planted, communities):
    new = set(communities.loc[communities["区县"] == "演新区", "代码"])
    fitness = [row["code"] for row in planted["out_of_reach"] if row["rule"] == "hainan-fitness-circle-15min"]
    assert fitness
    assert set(fitness) <= new
