"""Minutes longer than the data read can prove are blank, and so no figure depends on the plans chosen."""

import numpy as np
import pytest
from own_plans import circle, own_plan
from shapely import LineString, Point, box
from small_study import study_text, write_layer

import lifecircle as lc

ROWS = [20.0 * k for k in range(21)]
"""A lane in serpentines of 300 m, 20 m apart: 6.7 km from the home to the clinic 400 m north of it."""


def serpentine():
    """The vertices of the lane."""
    path = []
    for k, y in enumerate(ROWS):
        path += [(0, y), (300, y)] if k % 2 == 0 else [(300, y), (0, y)]
    return path


@pytest.fixture(scope="module")
def lanes(tmp_path_factory):
    """One community around the lane; a road of 3.4 km that leads around it, 1500 m west of it."""
    folder = tmp_path_factory.mktemp("lanes")
    road = [(0, 0), (-1500, 0), (-1500, 400), (300, 400)]
    path = serpentine()
    write_layer(folder / "streets.gpkg", [LineString(path), LineString(road)])
    write_layer(
        folder / "communities.gpkg", [box(-10, -10, 310, 410)],
        code=["130102001001"], name=["甲社区"], population=[100],
    )  # fmt: skip
    write_layer(folder / "homes.gpkg", [Point(0, 0), Point(0, 390)], population=[90, 10])
    write_layer(folder / "clinics.gpkg", [Point(*path[-1])], id=["c"])
    write_layer(folder / "shops.gpkg", [Point(0, 0)], id=["s"])
    return folder


def run(folder, *minutes):
    """Results under plans that ask for a clinic within 7.5 minutes and a shop within some."""
    rules = [circle("clinic", "health-station", everywhere=True).replace("target = 15", "target = 7.5")]
    rules += [
        circle("shop", "pharmacy", everywhere=True).replace("target = 15", f"target = {limit}")
        for limit in minutes
    ]
    (folder / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    tables = """
[population]
points = "homes.gpkg"

[[facilities]]
source = "clinics.gpkg"
service = "health-station"
complete_for = ["health-station"]

[[facilities]]
source = "shops.gpkg"
service = "pharmacy"
complete_for = ["pharmacy"]

[assumptions]
circle_minutes = 7.5
"""
    (folder / "study.toml").write_text(study_text("serpentine", tables), encoding="utf-8")
    return lc.run(lc.Study.from_file(folder / "study.toml"))


def test_a_plan_more_changes_no_published_minutes_but_only_where_they_are_blank(lanes):
    short, long = run(lanes), run(lanes, 60)
    walks = [result.travel.minutes["health-station"].to_numpy() for result in (short, long)]
    # the lane alone takes 100 minutes; the road around it is read by the second study only
    assert walks[0][0] > 99
    assert walks[1][0] < 60
    told = [result.demand["minutes_health-station"].to_numpy() for result in (short, long)]
    assert np.isinf(told[0][0])
    assert told[1][0] == pytest.approx(walks[1][0])
    both = np.isfinite(told[0]) & np.isfinite(told[1])
    assert both.any()
    np.testing.assert_allclose(told[0][both], told[1][both])
    assert short.demand["proven_min"].to_numpy() == pytest.approx([7.5, 7.5], abs=0.3)
    figures = [result.communities.iloc[0] for result in (short, long)]
    assert np.isnan(figures[0]["min50_health-station"])
    assert figures[1]["min50_health-station"] == pytest.approx(walks[1][0])
    assert figures[0]["unreached_health-station"] == pytest.approx(0.9)


def test_verdicts_within_the_limit_stand_and_the_blank_is_explained(lanes):
    short, long = run(lanes), run(lanes, 60)
    for result in (short, long):
        findings = result.findings.set_index(["rule", "level"]).loc[("clinic", "community")]
        assert (findings["status"], findings["population_short"]) == ("short", 90)
    remark = short.inputs.quality.set_index("remark").loc["minutes-beyond-proof"]
    assert remark["count"] == 2
    assert not long.travel.unproven["health-station"].any()
    gaps = short.gaps[short.gaps["service"] == "health-station"]
    assert gaps["minutes"].isna().all()


def test_rasters_hold_the_same_minutes_or_nothing(lanes):
    short, long = (run(lanes, *more).rasters["health-station"].values for more in ((15,), (60,)))
    both = np.isfinite(short) & np.isfinite(long)
    assert both.any()
    assert (np.isfinite(long) & ~np.isfinite(short)).any()
    np.testing.assert_allclose(short[both], long[both], atol=1e-3)
    assert not (np.isfinite(short) & ~np.isfinite(long)).any()
