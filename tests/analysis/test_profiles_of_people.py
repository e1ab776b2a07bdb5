"""Groups walk their own streets: older people at their speed, wheelchairs around steps and steep streets."""

import shutil

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from own_plans import circle, own_plan, own_rule
from rasterio import Affine
from shapely import LineString, Point, box
from small_study import CRS, study_text, write_layer

import lifecircle as lc


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """A clinic 600 m east by a flight of steps, 1400 m around them; people at (0, 0)."""
    folder = tmp_path_factory.mktemp("steps")
    ways = [
        LineString([(0, 0), (300, 0)]), LineString([(300, 0), (400, 0)]), LineString([(400, 0), (600, 0)]),
        LineString([(0, 0), (0, 400), (600, 400), (600, 0)]),
    ]  # fmt: skip
    write_layer(folder / "streets.gpkg", ways, highway=["footway", "steps", "footway", "footway"])
    write_layer(
        folder / "communities.gpkg", [box(-50, -50, 650, 450)],
        code=["130102001001"], name=["甲社区"], population=[100],
    )  # fmt: skip
    write_layer(folder / "homes.gpkg", [Point(0, 0)], population=[100])
    write_layer(folder / "clinics.gpkg", [Point(600, 0)], id=["c"])
    # heights: level, but for the way north, which climbs 40 m over its 400 m
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=140, height=140, count=1, dtype="float32",
        crs=CRS.to_wkt(), transform=Affine(10, 0, -400, 0, -10, 900),
    ) as raster:  # fmt: skip
        north = 900 - 5 - 10 * np.arange(140)
        rows = np.repeat(np.clip(north * 0.1, 0, 40)[:, None], 140, axis=1)
        raster.write(rows.astype(np.float32), 1)
    return folder


def study(folder, *tables, streets=""):
    """A study with four rules: everybody, older people, wheelchairs, and children."""
    rules = [
        circle("all", "health-station", everywhere=True),
        circle("old", "health-station", everywhere=True, speed="elderly_speed_kmh"),
        circle("wheels", "health-station", everywhere=True, profile="wheelchair"),
    ]
    (folder / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    ledger = """
[population]
points = "homes.gpkg"

[[facilities]]
source = "clinics.gpkg"
service = "health-station"
complete_for = ["health-station"]
"""
    text = study_text("steps", ledger, *tables).replace("[streets]", f"[streets]\n{streets}")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return lc.Study.from_file(folder / "study.toml")


def verdicts(result):
    """Status of the community by rule, and the notes of the rule about wheelchairs."""
    rows = result.findings[result.findings["level"] == "community"].set_index("rule")
    return rows["status"].to_dict(), rows.loc["wheels", "note"]


def test_a_wheelchair_goes_around_the_steps(steps):
    result = lc.run(study(steps))
    walks = result.travel.profiles["wheelchair"]
    # 600 m at 4 km/h; 1400 m at 3 km/h
    assert result.travel.minutes["health-station"].iloc[0] == pytest.approx(9, abs=0.01)
    assert walks.distance_m["health-station"].iloc[0] == pytest.approx(1400, abs=0.2)
    assert walks.minutes["health-station"].iloc[0] == pytest.approx(28, abs=0.01)
    status, _ = verdicts(result)
    assert status == {"all": "met", "old": "met", "wheels": "short"}


def test_minutes_lost_at_the_entrance_are_no_metres_and_the_same_for_every_group(steps, tmp_path):
    folder = shutil.copytree(steps, tmp_path / "delayed")
    write_layer(folder / "clinics.gpkg", [box(600, -20, 640, 20)], id=["c"], entry_delay_min=[2.0])
    session = lc.prepare(study(folder, "\n[profiles.elderly]\nspeed_kmh = 2\n"))
    walks = session.baseline.travel
    one = {"": walks, **walks.profiles}
    metres = {name: table.distance_m["health-station"].iloc[0] for name, table in one.items()}
    minutes = {name: table.minutes["health-station"].iloc[0] for name, table in one.items()}
    # 600 m by the steps, 1400 m around them; at 4, 2 and 3 km/h, and 2 minutes at the door
    assert metres == pytest.approx({"": 600, "elderly": 600, "wheelchair": 1400}, abs=0.2)
    assert minutes == pytest.approx({"": 9 + 2, "elderly": 18 + 2, "wheelchair": 28 + 2}, abs=0.01)
    told = session.explain("130102001001", "health-station").lines("en")
    assert "Of this time 2.0 min are lost at the entrance." in told
    assert any("For older people at 2 km/h: 600 m, 20.0 min." in line for line in told)


def test_a_study_says_how_fast_and_where_each_group_walks(steps):
    fast = "\n[profiles.wheelchair]\nspeed_kmh = 6\nno_steps = true\n[profiles.elderly]\nspeed_kmh = 2\n"
    made = study(steps, fast)
    assert made.assumptions.elderly_speed_kmh == 2
    result = lc.run(made)
    # 1400 m at 6 km/h are 14 minutes; 600 m at 2 km/h are 18
    assert verdicts(result)[0] == {"all": "met", "old": "short", "wheels": "met"}


def test_streets_too_steep_are_none_for_a_group(steps):
    steep = "\n[profiles.wheelchair]\nspeed_kmh = 6\nno_steps = true\nmax_slope = 0.08\n"
    steep += "[assumptions]\nmax_snap_m = 100\n"
    with pytest.raises(lc.InputError, match="max_slope"):
        study(steps, steep)
    result = lc.run(study(steps, steep, streets='elevation = "dem.tif"'))
    assert np.isinf(result.travel.profiles["wheelchair"].minutes["health-station"].iloc[0])
    assert verdicts(result)[0]["wheels"] == "short"


def test_a_scenario_moves_every_group(steps):
    session = lc.prepare(study(steps))
    new = gpd.GeoDataFrame(
        {"facility": ["n"], "service": ["health-station"], "name": ["新站"]},
        geometry=[Point(0, 200)],
        crs=CRS,
    )
    after = session.assess(lc.Scenario(name="new", add=new))
    assert after.travel.profiles["wheelchair"].minutes["health-station"].iloc[0] == pytest.approx(4, abs=0.01)
    rows = after.findings[after.findings["level"] == "community"].set_index("rule")
    assert rows.loc["wheels", "status"] == "met"


def test_distances_and_circles_of_types_are_walked_by_the_group_too(steps):
    made = study(steps)
    asked = {"units": ["community", "village"], "scope": "both", "comparator": "<=", "profile": "wheelchair"}
    asked |= {"target_year": 2030, "share_comparator": "=", "share_target_pct": 100}
    every = circle("all", "health-station", everywhere=True)

    def wheels(metres, minutes):
        """A plan that sets wheelchair users so many metres, and so many minutes to every type."""
        far = {"services": ["health-station"], "unit": "m", "target": metres}
        types = {"types": [["health-station"]], "tier": "basic", "unit": "min", "target": minutes}
        return own_plan(
            every,
            own_rule("metres", "travel-distance-circle", **asked, **far),
            own_rule("types", "type-circle", **asked, **types),
        )

    (steps / "own.toml").write_text(wheels(1000, 20), encoding="utf-8")
    result = lc.run(made)
    rows = result.verdicts[result.verdicts["level"] == "community"].set_index("rule")
    # 600 m for everybody, 1400 m around the steps: more than 1000 m, and 28 minutes at 3 km/h
    assert rows["status"].to_dict() == {"all": "met", "metres": "short", "types": "short"}
    assert "profile=wheelchair:3" in rows.loc["types", "assumptions"]
    assert "profile" not in rows.loc["all", "assumptions"]
    (steps / "own.toml").write_text(wheels(1500, 28.1), encoding="utf-8")
    rerun = lc.run(made).verdicts.query("level == 'community'")
    assert set(rerun["status"]) == {"met"}


def test_sites_are_found_on_the_streets_that_the_group_can_use(steps):
    session = lc.prepare(study(steps))
    proposed = lc.propose_sites(session.present, "health-station", rule="wheels", spacing_m=100)
    new = proposed.sites.assign(facility=["n"] * len(proposed.sites), service="health-station", name="")
    after = session.assess(lc.Scenario(name="new", add=new[["facility", "service", "name", "geometry"]]))
    minutes = after.travel.profiles["wheelchair"].minutes["health-station"].iloc[0]
    assert minutes <= 15
    own = session.present.run().proposals.set_index("rule")
    assert len(own.loc[["wheels"]])
    for place in own.loc[["wheels"]].geometry:
        new = session.assess(lc.Scenario(name="p", add=gpd.GeoDataFrame(
            {"facility": ["n"], "service": ["health-station"], "name": [""]}, geometry=[place],
            crs=session.present.inputs.crs,
        )))  # fmt: skip
        assert new.travel.profiles["wheelchair"].minutes["health-station"].iloc[0] <= 15 + 1e-6


def test_a_walk_is_explained_for_everybody_and_for_each_group(steps):
    session = lc.prepare(study(steps))
    told = session.explain("130102001001", "health-station")
    assert told.route.distance_m == pytest.approx(600, abs=0.2)
    (wheels,) = told.groups
    assert (wheels.profile, wheels.speed_kmh) == ("wheelchair", 3)
    assert wheels.distance_m == pytest.approx(1400, abs=0.2)
    assert "For wheelchair users at 3 km/h: 1,400 m, 28.0 min." in told.lines("en")
    own = session.explain("130102001001", "health-station", profile="wheelchair")
    assert own.route.distance_m == pytest.approx(1400, abs=0.2)
    assert own.frame()["profile"].tolist() == ["wheelchair"]
    with pytest.raises(lc.InputError, match="wheelchair"):
        session.explain("130102001001", "health-station", profile="pram")


def test_a_way_says_how_steep_it_is(steps):
    # a wheelchair's usual limit of 1 in 12 would close the way
    strong = "\n[profiles.wheelchair]\nno_steps = true\n"
    session = lc.prepare(study(steps, strong, streets='elevation = "dem.tif"'))
    told = session.explain("130102001001", "health-station", profile="wheelchair")
    # north over 400 m that rise a tenth, level, and down again
    assert told.heights.climb_m == pytest.approx(40, abs=1)
    assert told.heights.descent_m == pytest.approx(40, abs=1)
    assert told.heights.steepest == pytest.approx(0.1, abs=0.01)
    assert told.frame()["steepest"].iloc[0] == told.heights.steepest


def test_nobody_has_a_profile_unless_one_is_named(steps):
    made = study(steps)
    own = (steps / "own.toml").read_text(encoding="utf-8").replace('profile = "wheelchair"\n', "")
    (steps / "own.toml").write_text(own, encoding="utf-8")
    assert lc.run(made).travel.profiles == {}


@pytest.mark.parametrize(
    ("profile", "metres", "assumed"),
    [
        ("", 600, False),
        ("\n[profiles.elderly]\nspeed_kmh = 2\n", 600, True),
        ("\n[profiles.elderly]\nno_steps = true\n", 1400, True),
    ],
)
def test_metres_to_a_day_care_centre_are_walked_as_the_study_says_older_people_walk(
    steps, profile, metres, assumed
):
    made = study(steps, profile)
    text = (steps / "study.toml").read_text(encoding="utf-8")
    text = text.replace("health-station", "home-care").replace('"own.toml"', '"gb50180-2018"')
    (steps / "study.toml").write_text(text, encoding="utf-8")
    made = lc.Study.from_file(steps / "study.toml")
    result = lc.run(made)
    rows = result.findings.query("rule == 'gb50180-day-care-elderly-radius' and level == 'community'")
    walked = result.travel.profiles["elderly"] if assumed else result.travel
    assert walked.distance_m["home-care"].iloc[0] == pytest.approx(metres, abs=0.2)
    assert set(result.travel.profiles) == ({"elderly"} if assumed else set())
    assert rows["assumptions"].str.contains("elderly").tolist() == [assumed]


def test_streets_are_read_for_whoever_walks_them(steps):
    """Minutes of every call are then those of the group: around the steps, never over steep streets."""
    home, clinic = (gpd.read_file(steps / name) for name in ("homes.gpkg", "clinics.gpkg"))
    heights = {"elevation": steps / "dem.tif"}

    def minutes(**more):
        streets = lc.read_streets(steps / "streets.gpkg", **more)
        return float(lc.nearest_times(streets, home, clinic, max_minutes=None).iloc[0, 0])

    assert minutes() == pytest.approx(600 / 4000 * 60, rel=1e-3)
    assert minutes(profile="elderly") == pytest.approx(600 / 3000 * 60, rel=1e-3)
    assert minutes(profile="wheelchair") == pytest.approx(1400 / 3000 * 60, rel=1e-3)
    assert minutes(profile="wheelchair", speed_kmh=6) == pytest.approx(1400 / 6000 * 60, rel=1e-3)
    assert minutes(profile="elderly", **heights) == pytest.approx(600 / 3000 * 60, rel=1e-2)
    # the way round climbs and falls 1 in 10 at its ends: of it, only the level middle is left
    level = lc.read_streets(steps / "streets.gpkg", profile="wheelchair", **heights)
    assert level.counts["profile-closed"] == 3
    assert level.to_gdf()["edge"].tolist() == ["0-0", "2-0", "3-1"]
    # a graph says which of its streets are steps
    graph = lc.to_networkx(lc.read_streets(steps / "streets.gpkg"))
    wheels = lc.from_networkx(graph, profile="wheelchair")
    assert wheels.counts["profile-closed"] == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"profile": "wheelchairs"}, "wheelchair"),
        ({"profile": "child", "mode": "bike"}, "on foot"),
        ({"profile": 3}, "type"),
    ],
)
def test_a_group_that_nobody_knows_or_that_rides_is_refused(steps, wanted, words):
    with pytest.raises(lc.InputError, match=words) as caught:
        lc.read_streets(steps / "streets.gpkg", **wanted)
    assert "profile" in str(caught.value)
