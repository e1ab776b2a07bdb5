"""``lifecircle explain``: the way to the nearest facility, what was passed over, what the rules say."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pytest
from own_plans import own_plan, own_rule
from pyproj import Geod
from shapely import LineString, Point, box
from small_study import CRS, lattice, study_text, write_layer

import lifecircle as lc

GEOD = Geod(ellps="WGS84")


def degrees(x, y):
    """Longitude and latitude of a place in metres, as one types them."""
    place = gpd.GeoSeries(gpd.points_from_xy([x], [y]), crs=CRS).to_crs(4326).iloc[0]
    return f"{place.x:.7f},{place.y:.7f}"


def test_a_community_is_explained_in_words_and_as_a_line(command, village):
    out = village / "way.geojson"
    said = command(
        "explain", village / "study.toml", "--from", "130102001002", "--service", "health-station",
        "-o", out, "--lang", "en",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "乙社区 (130102001002)" in said.out
    assert "own-station-circle" in said.out
    assert "people beyond the limit" in said.out
    way = gpd.read_file(out).iloc[0]
    assert (way["unit"], way["service"], way["facility"]) == ("130102001002", "health-station", "ledger:A")
    # the line is the whole way, both straight walks among it
    assert GEOD.geometry_length(way.geometry) == pytest.approx(way["distance_m"], abs=0.1)
    assert way["minutes"] == pytest.approx(way["distance_m"] / 1000 * 15, rel=1e-4)
    assert f"{way['distance_m']:,.0f} m" in said.out


def test_a_place_by_degrees_walks_what_the_streets_say(command, village):
    station = gpd.GeoSeries(gpd.points_from_xy([114.505], [38.0045]), crs=4326).to_crs(CRS).iloc[0]
    said = command(
        "explain", village / "study.toml", "--from", degrees(1000, 500), "--service", "health-station",
        "--json",
    )  # fmt: skip
    told = said.events[-1]
    # streets every 250 m: along y = 500, and straight to the station beside it
    assert told["route"]["distance_m"] == pytest.approx(1000 - station.x + abs(station.y - 500), abs=0.5)
    assert told["route"]["unit"] == "130102001001"
    chinese = command(
        "explain", village / "study.toml", "--from", degrees(1000, 500), "--service", "health-station",
        "--lang", "zh",
    )  # fmt: skip
    assert "最近的" in chinese.out
    assert "步行" in chinese.out


def test_a_piece_of_street_that_was_passed_over_is_named(command, village):
    streets = gpd.read_file(village / "streets.gpkg").to_crs(CRS)
    shapes = [*streets.geometry, LineString([(1100, 600), (1150, 600)])]
    write_layer(village / "streets.gpkg", shapes, name=[*[""] * len(streets), "孤巷"])
    said = command(
        "explain", village / "study.toml", "--from", degrees(1120, 605), "--service", "health-station",
        "--lang", "en",
    )  # fmt: skip
    assert "Passed over: 孤巷" in said.out
    assert "5 m away" in said.out


def test_an_unreached_place_says_why(command, village):
    said = command(
        "explain", village / "study.toml", "--from", degrees(1120, 605), "--service", "library",
        "--lang", "en",
    )  # fmt: skip
    assert said.code == 0
    assert "the data hold none" in said.out
    assert "no requirement of the plans" in said.out
    refused = command(
        "explain", village / "study.toml", "--from", degrees(1120, 605), "--service", "library",
        "-o", village / "way.gpkg", "--lang", "en",
    )  # fmt: skip
    assert refused.code == 2
    assert not (village / "way.gpkg").exists()


@pytest.mark.parametrize(
    ("place", "service", "words"),
    [
        ("130102001009", "health-station", "130102001002"),
        ("114.5,38.0", "health-staton", "health-station"),
        ("38.0,114.5", "health-station", "longitude first"),
        ("113.0,38.0", "health-station", "boundary"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_a_way_out(command, village, place, service, words):
    said = command("explain", village / "study.toml", "--from", place, "--service", service, "--lang", "en")
    assert said.code == 2
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_session_explains_what_its_run_found(village):
    study = lc.Study.from_file(village / "study.toml")
    session = lc.prepare(study)
    told = session.explain("130102001002", "health-station")
    row = session.prepared.od.demand
    assert told.route is not None
    walks = session.baseline.travel.minutes["health-station"]
    assert np.isclose(walks.to_numpy(), told.route.minutes).any()
    assert len(row) == len(walks)
    assert set(told.findings["rule"]) == {"own-station-circle"}


def test_rules_that_several_services_meet_and_those_without_data_are_told_in_both_languages(command, village):
    rule = own_rule(
        "either", "type-circle", units=["community"], scope="both", comparator="<=", unit="min", target=15,
        tier="basic", types=[["health-station", "pharmacy"], ["library"]],
    )  # fmt: skip
    (village / "own.toml").write_text(own_plan(rule), encoding="utf-8")
    asked = ("explain", village / "study.toml", "--from", "130102001002", "--service", "health-station")
    english, chinese = (command(*asked, "--lang", lang).out for lang in ("en", "zh"))
    # the walk is the station's; a pharmacy would count as well
    assert "the nearest community health station is" in english
    assert "(either): not met; " in english
    assert "Any one of these counts: Community health station or Pharmacy." in english
    assert "Its limit: 15 min, for at least 90 % of residents." in english
    assert "以下设施有其一即可：社区卫生服务站、药店。" in chinese
    assert "时限：15分钟，居民覆盖率不低于90%。" in chinese
    assert not re.search(r" m[；、。]|persons|residents", chinese)
    # the pharmacy alone is judged by the same rule, the library has no data
    asked = (*asked[:5], "pharmacy")
    assert "Any one of these counts" in command(*asked, "--lang", "en").out
    asked = (*asked[:5], "library")
    assert re.search(r"\(either\): no data \(.+\)\.", command(*asked, "--lang", "en").out)


OSM = """<?xml version="1.0"?><osm version="0.6">
{nodes}
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/>
<tag k="name" v="门前路"/></way>
<way id="2"><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/><tag k="name" v="墙外路"/></way>
<way id="3"><nd ref="6"/><nd ref="7"/><tag k="highway" v="residential"/><tag k="name" v="隧道路"/>
<tag k="tunnel" v="yes"/></way>
<way id="4"><nd ref="8"/><nd ref="9"/><tag k="barrier" v="wall"/></way>
<way id="5"><nd ref="1"/><nd ref="4"/><tag k="highway" v="residential"/></way>
<way id="6"><nd ref="3"/><nd ref="5"/><nd ref="6"/><tag k="highway" v="residential"/></way>
</osm>"""
PLACES = {
    1: (-900, 0), 2: (40, 0), 3: (900, 0), 4: (-900, 90), 5: (900, 90), 6: (900, 45), 7: (-850, 45),
    8: (-800, 75), 9: (800, 75),
}  # fmt: skip


def walled(village):
    """A street 60 m south that a locked gate parts, one 30 m north behind a wall, a tunnel below the home."""
    places = gpd.GeoSeries(gpd.points_from_xy(*np.array(list(PLACES.values())).T), crs=CRS).to_crs(4326)
    gate = '<tag k="barrier" v="gate"/><tag k="locked" v="yes"/>'
    nodes = "\n".join(
        f'<node id="{number}" lon="{place.x:.9f}" lat="{place.y:.9f}">{gate if number == 2 else ""}</node>'
        for number, place in zip(PLACES, places, strict=True)
    )
    (village / "streets.osm").write_text(OSM.format(nodes=nodes), encoding="utf-8")
    write_layer(
        village / "communities.gpkg", [box(-1000, -100, 1000, 200)],
        code=["130102001001"], name=["甲社区"], population=[1200],
    )  # fmt: skip
    write_layer(village / "ledger.gpkg", [Point(800, -5)], id=["A"])
    text = (village / "study.toml").read_text(encoding="utf-8")
    text = text.replace("streets.gpkg", "streets.osm").replace("ledger.csv", "ledger.gpkg")
    (village / "study.toml").write_text(text, encoding="utf-8")


def test_walls_tunnels_and_gates_are_told_apart(command, village):
    walled(village)
    asked = ("explain", village / "study.toml", "--from", degrees(0, 60), "--service", "health-station")
    said = command(*asked, "--lang", "en")
    assert said.code == 0, said.err
    told = {
        line.split("(")[0].split(":")[-1].strip(): line for line in said.out.splitlines() if "Passed" in line
    }
    assert "tunnel" in told["隧道路"]
    assert "15 m away" in told["隧道路"]
    assert "wall" in told["墙外路"]
    assert "30 m away" in told["墙外路"]
    gate = next(line for line in said.out.splitlines() if "gate" in line)
    assert "门前路" in gate
    assert "72 m away" in gate
    chinese = command(*asked, "--lang", "zh").out
    assert "隧道" in chinese
    assert "中间有墙" in chinese
    assert "大门" in chinese


def test_open_gates_are_none(command, village):
    walled(village)
    text = (village / "study.toml").read_text(encoding="utf-8")
    (village / "study.toml").write_text(
        text.replace("[streets]", '[streets]\ngates = "open"'), encoding="utf-8"
    )
    said = command(
        "explain", village / "study.toml", "--from", degrees(0, 60), "--service", "health-station",
        "--lang", "en",
    )  # fmt: skip
    assert "gate parts" not in said.out
    assert "865 m" in said.out  # 60 m south, 800 m east, 5 m to the door


def test_the_limit_and_an_unknown_group_are_told(command, village):
    asked = ("explain", village / "study.toml", "--from", "130102001002", "--service", "health-station")
    assert "Its limit: 15 min, for at least 90 % of residents." in command(*asked, "--lang", "en").out
    refused = command(*asked, "--profile", "pram", "--lang", "en")
    assert refused.code == 2
    assert "[profiles.pram]" in refused.err
    assert "child, elderly, wheelchair" in refused.err


def test_a_wheelchair_that_no_plan_names_goes_round_steps_and_slower(command, village):
    """From (750, 500) to the station at (438, 500): steps between 500 and 750 m cost 500 m round a block."""
    ticks = np.arange(-2000, 4001, 250.0)
    streets = lattice(ticks, ticks)
    steps = LineString([(500, 500), (750, 500)])
    named = ["steps" if one.equals_exact(steps, 1e-6, normalize=True) else "footway" for one in streets]
    assert named.count("steps") == 1
    write_layer(village / "streets.gpkg", streets, highway=named)
    asked = ("explain", village / "study.toml", "--from", degrees(750, 500), "--service", "health-station")
    metres, minutes = {}, {}
    for group in ("", "child", "wheelchair"):
        said = command(*asked, *(("--profile", group) if group else ()), "--json").events[-1]
        way = said["route"]
        metres[group], minutes[group] = way["distance_m"], way["minutes"]
    assert metres["child"] == metres[""]
    assert metres["wheelchair"] == pytest.approx(metres[""] + 500, abs=0.5)
    # 3 km/h are 50 m a minute
    assert minutes["wheelchair"] == pytest.approx(metres["wheelchair"] / 50, rel=1e-3)
    assert minutes["child"] == pytest.approx(metres["child"] / 50, rel=1e-3)


@pytest.fixture
def row_of_homes(tmp_path):
    """A street from a pharmacy at 0 m, and homes along it at 100 (60 people), 300 (25) and 700 m (15)."""
    write_layer(
        tmp_path / "communities.gpkg", [box(-50, -50, 1000, 50)], code=["110101001001"], name=["东里"]
    )
    ticks = np.arange(-200, 1201, 100.0)
    write_layer(tmp_path / "streets.gpkg", [LineString([(a, 0), (a + 100, 0)]) for a in ticks])
    homes = [Point(100, 0), Point(300, 0), Point(700, 0)]
    write_layer(tmp_path / "people.gpkg", homes, population=[60.0, 25.0, 15.0])
    write_layer(tmp_path / "shops.gpkg", [Point(0, 0)], id=["P"], name=["药店"])
    rule = own_rule(
        "shop", "travel-time-circle", units=["community"], scope="both", services=["pharmacy"],
        comparator="<=", target=6, unit="min", share_comparator="=", share_target_pct=100,
    )  # fmt: skip
    (tmp_path / "own.toml").write_text(own_plan(rule), encoding="utf-8")
    tables = (
        '[population]\npoints = "people.gpkg"\n',
        '[[facilities]]\nsource = "shops.gpkg"\nservice = "pharmacy"\ncomplete_for = ["pharmacy"]\n',
        "[assumptions]\nwalk_speed_kmh = 4.0\n",
    )
    (tmp_path / "study.toml").write_text(study_text("row", *tables), encoding="utf-8")
    return tmp_path


def test_a_community_that_is_short_though_its_middle_is_near_says_who_is_beyond_and_where(row_of_homes):
    session = lc.prepare(lc.Study.from_file(row_of_homes / "study.toml"))
    told = session.explain("东里", "pharmacy")
    assert told.origin == "110101001001"
    (beyond,) = told.findings.loc[told.findings["status"] == "short", "beyond"]
    # by hand, at 4 km/h: the residents' mean place is at (60 x 100 + 25 x 300 + 15 x 700) / 100 = 240 m, and
    # the home at 300 m is nearest to it, 4.5 min away; beyond 6 min (400 m) are the 15 people at 700 m: 10.5
    assert (beyond.people, beyond.people_in_all, beyond.points, beyond.points_in_all) == (15, 100, 1, 3)
    assert (beyond.start, beyond.farthest) == (pytest.approx(4.5, abs=0.01), pytest.approx(10.5, abs=0.01))
    place = gpd.GeoSeries([Point(700, 0)], crs=CRS).to_crs(4326).iloc[0]
    assert (beyond.lon, beyond.lat) == (pytest.approx(place.x, abs=1e-6), pytest.approx(place.y, abs=1e-6))
    said = "\n".join(told.lines("en"))
    assert "is within it (4.5 min)" in said
    assert "15 people of 100, at 1 of 3 demand points" in said
    assert "(10.5 min)" in said
    assert str(told) in {said, "\n".join(told.lines("zh"))}
    # the way from any other place is told without the word on the middle
    assert "middle of the residents" not in "\n".join(
        session.explain((place.x, place.y), "pharmacy").lines("en")
    )


def test_a_name_of_several_communities_lists_their_codes(village, command):
    communities = gpd.read_file(village / "communities.gpkg")
    communities.assign(name="甲社区").to_file(village / "communities.gpkg")
    said = command(
        "explain", village / "study.toml", "--from", "甲社区", "--service", "health-station", "--lang", "en"
    )
    assert said.code == 2
    assert '2 communities are called "甲社区"' in said.err
    assert "130102001001, 130102001002" in said.err
