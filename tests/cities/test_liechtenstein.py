"""Liechtenstein: its communes and pharmacies from the extract itself."""

import pytest

import lifecircle as lc
from lifecircle.sources.osm.layers import read_osm_layers
from lifecircle.tables import verdict_rows

COMMUNES = {
    "Balzers", "Eschen", "Gamprin", "Mauren", "Planken", "Ruggell", "Schaan", "Schellenberg", "Triesen",
    "Triesenberg", "Vaduz",
}  # fmt: skip


@pytest.fixture(scope="module")
def extract(shared):
    return shared / "osm" / "liechtenstein.osm.pbf"


@pytest.fixture(scope="module")
def communes(extract):
    """Administrative areas of level 8, as the extract's relations draw them."""
    areas = read_osm_layers(extract).boundaries
    return areas[areas["admin_level"] == 8].assign(code=areas["osm_id"])[["code", "name", "geometry"]]


@pytest.fixture(scope="module")
def run(extract, communes, circle_plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("liechtenstein")
    communes.assign(scope="urban").to_file(folder / "communes.gpkg")
    (folder / "own.toml").write_text(circle_plan("pharmacy"), encoding="utf-8")
    (folder / "study.toml").write_text(
        f"""
        [study]
        name = "Liechtenstein"
        plans = ["own.toml"]
        [area]
        communities = "communes.gpkg"
        [streets]
        source = "{extract.as_posix()}"
        [[facilities]]
        source = "streets"
        services = ["pharmacy"]
        """,
        encoding="utf-8",
    )
    return lc.run(lc.Study.from_file(folder / "study.toml", allow_outside=True))


def test_the_eleven_communes_are_found_with_their_area(communes):
    assert set(communes["name"]) == COMMUNES
    km2 = communes.to_crs(2056).set_index("name").area / 1e6
    assert km2.sum() == pytest.approx(160.5, abs=1)
    assert km2.idxmax() == "Triesenberg"
    assert km2["Vaduz"] == pytest.approx(17.3, abs=0.3)


@pytest.mark.slow
def test_every_commune_is_judged_and_every_failure_is_provisional(run):
    verdicts = verdict_rows(run.findings)
    communes = verdicts[verdicts["level"] == "community"].set_index("name")
    assert set(communes.index) == COMMUNES
    assert (communes.loc[communes["status"] == "short", "certainty"] == "provisional").all()
    assert communes.loc["Vaduz", "value"] > communes.loc["Planken", "value"]
    assert communes.loc["Planken", "value"] == 0, "the village in the wood has no pharmacy within 15 minutes"


@pytest.mark.slow
def test_every_share_is_the_share_of_street_within_1000_m(run):
    demand = run.inputs.demand[run.inputs.demand["inside"]].set_index("demand")
    near = run.travel.distance_m["pharmacy"].loc[demand.index] <= 1000
    share = (demand["weight"] * near).groupby(demand["community"]).sum()
    share = 100 * share / demand.groupby("community")["weight"].sum()
    rows = verdict_rows(run.findings).query("level == 'community'").set_index("code")["value"]
    assert (rows - share.loc[rows.index]).abs().max() < 1e-6


@pytest.mark.slow
def test_life_circles_lie_around_their_communes(run):
    circles = run.circles.set_index("name").to_crs(2056)
    areas = run.inputs.communities.set_index("name").to_crs(2056)
    assert (circles.distance(areas.loc[circles.index]) == 0).all()
    assert circles["area_km2"].between(0.05, 3.3).all(), "1 km on foot is a disc of 3.14 km² at most"
