"""Ways drawn on the map: from the middle of each community that is short to what it lacks, and no others."""

import numpy as np
import pandas as pd
import pytest
from own_plans import circle, own_plan, own_rule
from shapely import Point, box
from small_study import lattice, study_text, write_layer

import lifecircle as lc
from lifecircle.analysis import routes
from lifecircle.tables import COMMUNITY_LEVELS


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """Two communities on streets every 250 m: one is near the clinic, neither near the library."""
    folder = tmp_path_factory.mktemp("routes")
    write_layer(folder / "streets.gpkg", lattice(range(-500, 3001, 250), range(-500, 1501, 250)))
    write_layer(
        folder / "communities.gpkg", [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        code=["130102001001", "130102001002"], name=["甲社区", "乙社区"],
    )  # fmt: skip
    write_layer(folder / "homes.gpkg", [Point(510, 490), Point(1510, 490)], population=[100, 100])
    write_layer(
        folder / "places.gpkg", [Point(250, 500), Point(2600, 510)],
        id=["c", "l"], service=["health-station", "library"],
    )  # fmt: skip
    asked = {"units": ["community", "village"], "scope": "both", "comparator": "<=", "unit": "min"}
    asked |= {"target_year": 2030, "share_comparator": "=", "share_target_pct": 100, "tier": "basic"}
    rules = [
        circle("station", "health-station", everywhere=True),
        own_rule("types", "type-circle", types=[["library", "park"]], target=15, **asked),
    ]
    (folder / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    tables = """
[population]
points = "homes.gpkg"
[[facilities]]
source = "places.gpkg"
service_column = "service"
complete_for = ["health-station", "library", "park"]
"""
    (folder / "study.toml").write_text(study_text("routes", tables), encoding="utf-8")
    return lc.run(lc.Study.from_file(folder / "study.toml"))


def test_ways_by_hand(result):
    table = result.routes.set_index(["code", "service"])
    metres = {key: round(value) for key, value in table["distance_m"].to_dict().items()}
    assert metres == {
        ("130102001002", "health-station"): 1270,  # 10 m to the street, 1260 m along it, the door is on it
        ("130102001002", "library"): 1110,  # 1090 m along it, and 10 m to the door
    }
    # 2,110 m from the western homes are farther than the streets read around them can prove
    assert result.travel.minutes["library"].max() == pytest.approx(31.65, abs=0.01)
    assert (table["unit"] == "min").all()
    assert table["rules"].tolist() == ["own/station", "own/types"]
    assert table["minutes"].to_numpy() == pytest.approx(table["distance_m"].to_numpy() * 0.015, rel=1e-6)


def test_a_way_leads_from_the_people_to_the_door_and_is_as_long_as_it_says(result):
    for row in result.routes.itertuples():
        start, end = Point(row.geometry.coords[0]), Point(row.geometry.coords[-1])
        homes = result.inputs.demand.query("community == @row.code").geometry
        places = result.inputs.entries.query("facility == @row.facility").geometry
        assert homes.distance(start).min() < 0.01
        assert places.distance(end).min() < 0.01
        assert row.geometry.length == pytest.approx(row.distance_m, rel=2e-4)


def test_ways_agree_with_the_walks_that_were_judged(result):
    walks = result.travel.minutes
    community = result.inputs.demand.set_index("demand")["community"]
    for row in result.routes.itertuples():
        own = walks.loc[community[community == row.code].index, row.service]
        assert np.isclose(own, row.minutes, atol=1e-6).any()
    rows = result.findings[result.findings["level"].isin(COMMUNITY_LEVELS)]
    short = set(rows.loc[rows["status"] == "short", "code"])
    assert set(result.routes["code"]) <= short


def test_headline_targets_come_first_where_there_are_too_many(result, monkeypatch):
    monkeypatch.setattr(routes, "MOST_ROUTES", 1)
    headlines = pd.DataFrame({"plan": ["own"], "rule": ["types"]})
    state = result.session.baseline
    nearest = routes.nearest_routes(
        result.network, state.od, state.judgements.context, findings=result.findings, plans=result.judged_by,
        headlines=headlines, profile_networks={},
    )  # fmt: skip
    assert nearest["service"].tolist() == ["library"]
