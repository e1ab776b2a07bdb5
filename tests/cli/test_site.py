"""``lifecircle site``: every objective, every output, and what cannot be asked."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

SERVICE = ("--service", "health-station", "--lang", "en")


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        ("population", "of 2,000 people"),
        ("distance", "minutes on average"),
        ("worst", "the farthest person then needs"),
        ("capacity", "find room within 15 minutes"),
    ],
)
def test_every_objective_answers_in_plain_words_with_its_bound(command, village, objective, words):
    said = command("site", village / "study.toml", *SERVICE, "--new", 1, "--objective", objective)
    assert said.code == 0, said.err
    assert words in said.out
    assert "no choice of 1 new site" in said.out
    assert re.search(r"\(proven best of [1-9][\d,]* candidate places\)", said.out)


def test_the_sites_alone_are_written_where_they_can_be_read(command, village):
    for name in ("sites.gpkg", "sites.geojson"):
        said = command("site", village / "study.toml", *SERVICE, "--new", 2, "-o", village / name, "--json")
        assert said.code == 0, said.err
        written = gpd.read_file(village / name)
        event = said.events[-1]
        assert event["event"] == "proposals"
        assert [site["proposal"] for site in event["sites"]] == written["proposal"].tolist()
        assert written.crs == 4326
        assert written.geometry.x.between(114.49, 114.53).all()


def test_a_folder_gets_whole_results_in_which_the_sites_close_the_rule(command, village):
    folder = village / "proposed"
    said = command("site", village / "study.toml", *SERVICE, "--rule", "own-station-circle", "-o", folder)
    assert said.code == 0, said.err
    assert "every deficit that sites can close" in said.out
    effects = pd.read_csv(folder / "effects.csv", encoding="utf-8-sig", dtype={"code": str})
    verdict = effects.query("rule == 'own-station-circle' and level == 'city'").iloc[0]
    assert (verdict["status_before"], verdict["status_after"]) == ("short", "met")
    sites = gpd.read_file(folder / "study.gpkg", layer="proposals")
    assert sites["turned_met"].sum() == 2
    assert "130102001002" in sites["closes"].iloc[0]
    added = gpd.read_file(folder / "study.gpkg", layer="scenarios")
    assert added["change"].tolist() == ["added"]
    assert len(pyogrio.read_dataframe(folder / "study.gpkg", layer="scenario_streets")) == 0


def test_own_parcels_are_chosen_from_with_one_forced_and_one_forbidden(command, village):
    """Four parcels on a line: the one named opens, the one forbidden does not."""
    places = gpd.GeoSeries.from_xy([114.500, 114.505, 114.510, 114.515], [38.0] * 4, crs=4326)
    parcels = gpd.GeoDataFrame(
        {"id": list("abcd")}, geometry=places.to_crs(32650).buffer(20).to_crs(4326), crs=4326
    )
    parcels.to_file(village / "parcels.gpkg")
    said = command(
        "site", village / "study.toml", *SERVICE, "--new", 2, "--json",
        "--candidates", village / "parcels.gpkg", "--force", "d", "--forbid", "b",
    )  # fmt: skip
    assert said.code == 0, said.err
    event = said.events[-1]
    assert "1 of the new sites were given" in event["words"]
    named = {site["proposal"] for site in event["sites"]}
    assert "d" in named
    assert named < {"a", "c", "d"}


def test_candidates_that_cannot_be_read_are_told(command, village):
    said = command(
        "site", village / "study.toml", *SERVICE, "--new", 2, "--candidates", village / "absent.gpkg"
    )
    assert said.code == 2
    assert "absent.gpkg" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--service", "health-staton", "--new", 1), "nearest to it: health-station"),
        (("--service", "library", "--new", 1), "no plan of the study asks for"),
        (("--service", "health-station", "--new", 9999), "9999 sites are wanted and there are"),
        (("--service", "health-station"), "either how many sites"),
        (
            ("--service", "health-station", "--new", 1, "--rule", "own-station-circle"),
            "either how many sites",
        ),
        (("--service", "health-station", "--rule", "own-statio"), "did you mean own-station-circle?"),
        (
            ("--service", "health-station", "--new", 1, "--objective", "best"),
            "population, distance, worst, capacity",
        ),
        (("--service", "health-station", "--new", 1, "-o", "sites.shp"), "cannot write .shp"),
        (("--service", "health-station", "--new", 1, "--force", "site-x"), "no such sites: site-x"),
    ],
)  # fmt: skip
def test_what_cannot_be_proposed_is_refused_with_the_reason(command, village, words, message):
    said = command("site", village / "study.toml", *words, "--lang", "en")
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err


@pytest.fixture
def six_minutes(village):
    """The village under a plan that asks for a station within 6 minutes."""
    plan = village / "own.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("target = 15", "target = 6"), encoding="utf-8")
    return village / "study.toml"


def test_the_limit_is_that_of_the_rule_about_the_service_unless_another_is_asked_for(command, six_minutes):
    asked = ("site", six_minutes, *SERVICE, "--new", 1)
    own, same, wider = (command(*asked, *more).out for more in ((), ("--minutes", 6), ("--minutes", 12)))
    assert "within 6 minutes" in own
    assert "sets for health-station (own-station-circle)" in " ".join(own.split())
    assert own.startswith(same.split("(proven")[0])
    assert "within 12 minutes" in wider
    assert "own-station-circle" not in wider


def test_what_no_study_could_answer_is_refused_before_anything_is_read(command, village):
    (village / "streets.gpkg").unlink()
    said = command(
        "site", village / "study.toml", "--lang", "en",
        "--service", "health-staton", "--new", 1, "--rule", "own-station-circle", "--objective", "best",
    )  # fmt: skip
    assert said.code == 2
    for words in ("--service", "--new, --rule", "--objective", "nearest to it: health-station"):
        assert words in said.err
    assert "streets.gpkg" not in said.err


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_number_of_sites_is_at_least_one(command, village, count):
    said = command("site", village / "study.toml", "--service", "health-station", "--new", count)
    assert said.code == 2
    assert "--new" in said.err


def test_without_a_population_the_shares_are_those_of_street_length(command, village):
    """Nobody's number is known: no word of people, and no dash in their place."""
    communities = gpd.read_file(village / "communities.gpkg").drop(columns="population")
    communities.to_file(village / "communities.gpkg")
    asked = ("site", village / "study.toml", *SERVICE)
    said = command(*asked, "--new", 1)
    assert said.code == 0, said.err
    assert "new site raises the share of street length within 15 minutes from " in said.out
    assert "Newly in reach, of street length" in said.out
    assert "–" not in said.out
    assert "people" not in said.out
    closing = command(*asked, "--rule", "own-station-circle")
    assert "1 new site closes every deficit that sites can close; fewer than 1 cannot" in closing.out
    told = command(*asked, "--new", 1, "--json").events[-1]
    assert told["basis"] == "street-length"
    assert told["sites"][0]["gain"] is None
    assert 0 < told["sites"][0]["gain_share"] < 1
    refused = command(*asked, "--new", 1, "--objective", "capacity")
    assert refused.code == 2
    assert "room for people" in refused.err


def test_without_a_population_criterion_and_explanation_speak_of_street_length(command, village):
    communities = gpd.read_file(village / "communities.gpkg").drop(columns="population")
    # a third one of fields without streets, where nothing stands in for anybody
    fields = communities.iloc[[1]].assign(code="130102001003", name="丙社区")
    fields.geometry = fields.translate(xoff=0.035)
    pd.concat([communities, fields]).to_file(village / "communities.gpkg")
    assert command("run", village / "study.toml", "--output", village / "out").code == 0
    rows = pd.read_csv(village / "out" / "deficits.csv", encoding="utf-8-sig", dtype={"code": str})
    units = rows[(rows["rule"] == "own-station-circle") & (rows["level"] == "community")]
    assert len(units) == 3
    assert set(units["criterion"]) == {">= 90 % of street length"}
    asked = ("explain", village / "study.toml", "--from", "130102001002", "--service", "health-station")
    english = command(*asked, "--lang", "en").out
    assert "for at least 90 % of street length" in english
    assert "short of the target" not in english  # by how many people: nobody knows
    assert "街道长度覆盖率不低于90%" in command(*asked, "--lang", "zh").out
