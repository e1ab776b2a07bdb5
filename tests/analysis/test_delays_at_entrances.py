"""Minutes lost at an entrance (`entry_delay_min` of a ledger) are in every figure, and once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from own_plans import own_plan, own_rule
from rasterio import Affine
from shapely import LineString, Point, box
from small_study import CRS, study_text, write_layer

import lifecircle as lc
from lifecircle.errors import InputError

LEDGERS = """
[population]
points = "homes.gpkg"

[[facilities]]
source = "clinics.csv"
service = "health-station"
complete_for = ["health-station"]
"""


def circle_rule(rule, minutes, **keys):
    """A circle of so many minutes that every community must have."""
    asked = {"units": ["community", "village"], "scope": "both", "services": ["health-station"]}
    asked |= {"comparator": "<=", "target_year": 2030, "share_comparator": "=", "share_target_pct": 100}
    return own_rule(rule, "travel-time-circle", target=minutes, unit="min", **asked, **keys)


RULES = [
    circle_rule("within-12", 12.1),
    circle_rule("within-11", 11),
    circle_rule("older", 11, profile="elderly"),
]


def clinics(folder, **delay):
    """A ledger of clinics along the street: metres east, and what its cell of the delay holds."""
    places = {name: Point(east, 0) for name, (east, _) in delay.items()}
    degrees = gpd.GeoSeries(places, crs=CRS).to_crs(4326)
    table = pd.DataFrame({"id": degrees.index, "lon": degrees.x, "lat": degrees.y})
    table.assign(entry_delay_min=[cell for _, cell in delay.values()]).to_csv(
        folder / "clinics.csv", index=False
    )


@pytest.fixture
def folder(tmp_path):
    """People at 0 on a street from 800 m west of them to 800 m east."""
    write_layer(tmp_path / "streets.gpkg", [LineString([(-800, 0), (800, 0)])], highway=["residential"])
    write_layer(
        tmp_path / "communities.gpkg", [box(-50, -50, 50, 50)],
        code=["130102001001"], name=["甲社区"], population=[100],
    )  # fmt: skip
    write_layer(tmp_path / "homes.gpkg", [Point(0, 0)], population=[100])
    (tmp_path / "own.toml").write_text(own_plan(*RULES), encoding="utf-8")
    (tmp_path / "study.toml").write_text(study_text("delays", LEDGERS), encoding="utf-8")
    return tmp_path


def test_a_run_counts_the_delay_once_everywhere(folder):
    # 600 m at 4 km/h are 9 minutes, and 3 at the door
    clinics(folder, east=(600, 3))
    result = lc.run(lc.Study.from_file(folder / "study.toml"))
    service, code = "health-station", "130102001001"
    assert result.travel.distance_m[service].iloc[0] == pytest.approx(600, abs=0.2)
    assert result.travel.minutes[service].iloc[0] == pytest.approx(12, abs=0.005)
    # verdicts: 12.0 minutes; older people walk 12 minutes and wait as long
    status = result.findings.query("level == 'community'").set_index("rule")["status"]
    assert status.to_dict() == {"within-12": "met", "within-11": "short", "older": "short"}
    own = result.communities.set_index("code").loc[code]
    assert own[f"min50_{service}"] == pytest.approx(12, abs=0.005)
    assert result.gaps.set_index("service").loc[service, "minutes"] == pytest.approx(12, abs=0.005)
    # the map's line
    routes = result.routes.set_index("rules")["minutes"]
    assert routes.to_dict() == pytest.approx({"own/within-11": 12, "own/older": 15}, abs=0.005)
    # within 10 minutes of the door 7 are walked: 466.7 m west of it, and 200 m east to the end
    reached = result.isochrones.set_index("minutes")["reached_m"]
    assert reached.to_dict() == pytest.approx({5: 266.7, 10: 666.7, 15: 1000}, abs=0.5)
    circles = result.circles.set_index("code")
    assert circles.loc[code, f"n_{service}"] == 1
    raster = result.rasters[service]
    values = pd.Series(raster.values.ravel()).dropna()  # noqa: PD011  a grid, no table
    # cells of the community lie 550 to 650 m from the door
    assert 9.5 * 1.2 < values.min() < values.max() < 13
    told = lc.prepare(lc.Study.from_file(folder / "study.toml")).explain(code, service)
    assert told.lines("en")[0].endswith("600 m and 12.0 min away (on foot at 4 km/h).")
    assert "Of this time 3.0 min are lost at the entrance." in told.lines("en")
    assert "其中入口处耗时3.0分钟。" in told.lines("zh")
    clinics(folder, east=(600, 7))
    later = lc.run(lc.Study.from_file(folder / "study.toml"))
    assert later.circles.set_index("code").loc[code, f"n_{service}"] == 0


def test_who_walks_slowly_waits_no_longer_and_may_have_another_nearest(folder):
    # at 4 km/h 6 + 3 east, 8.4 west; at 3 km/h 8 + 3 east, 11.2 west
    clinics(folder, east=(400, 3), west=(-560, ""))
    session = lc.prepare(lc.Study.from_file(folder / "study.toml"))
    walks = session.baseline.travel
    assert walks.minutes["health-station"].iloc[0] == pytest.approx(8.4, abs=0.005)
    older = walks.profiles["elderly"].minutes["health-station"].iloc[0]
    assert older == pytest.approx(11.0, abs=0.005)
    assert walks.minutes_at(4.8)["health-station"].iloc[0] == pytest.approx(7.0, abs=0.005)
    # a scenario counts alike
    east = next(name for name in session.baseline.inputs.facility_ids if name.endswith("east"))
    west = next(name for name in session.baseline.inputs.facility_ids if name.endswith("west"))
    for closed, minutes in ((east, 11.2), (west, 11.0)):
        after = session.assess(lc.Scenario(close=[closed])).travel.profiles["elderly"]
        assert after.minutes["health-station"].iloc[0] == pytest.approx(minutes, abs=0.005)


def test_on_slopes_too_the_delay_is_the_same_at_any_speed(folder):
    clinics(folder, east=(600, 3))
    with rasterio.open(
        folder / "dem.tif", "w", driver="GTiff", width=200, height=200, count=1, dtype="float32",
        crs=CRS.to_wkt(), transform=Affine(10, 0, -1000, 0, -10, 1000),
    ) as raster:  # fmt: skip
        raster.write(np.zeros((200, 200), np.float32), 1)
    text = study_text("delays", LEDGERS).replace("[streets]", '[streets]\nelevation = "dem.tif"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    walks = lc.prepare(lc.Study.from_file(folder / "study.toml")).baseline.travel
    assert not walks.one_speed
    assert walks.profiles["elderly"].minutes["health-station"].iloc[0] == pytest.approx(15, abs=0.01)


def test_where_to_build_waits_at_the_doors_there_are(folder):
    # 50 older people reach the clinic in 8 + 2 minutes, 10 others live 1,050 m from it
    clinics(folder, east=(400, 2))
    write_layer(
        folder / "communities.gpkg", [box(-800, -300, 300, 300)],
        code=["130102001001"], name=["甲社区"], population=[60],
    )  # fmt: skip
    write_layer(folder / "homes.gpkg", [Point(0, 0), Point(-650, 0)], population=[50, 10])
    (folder / "own.toml").write_text(
        own_plan(circle_rule("older", 10.1, profile="elderly")), encoding="utf-8"
    )
    result = lc.run(lc.Study.from_file(folder / "study.toml"))
    assert result.findings.query("level == 'community'")["population_short"].tolist() == [10]
    assert result.proposals["gain"].tolist() == [10]
    sites = lc.propose_sites(result, service="health-station", rule="older", spacing_m=50)
    assert sites.sites["gain"].tolist() == [10]


@pytest.mark.parametrize(
    ("cell", "key"),
    [("-2", "negative"), ("soon", "not-a-number"), ("1e9", "over-the-most"), ("inf", "not-a-number")],
)
def test_a_delay_that_cannot_be_is_refused_with_its_row_and_column(folder, cell, key):
    clinics(folder, east=(600, 3), west=(-600, cell))
    with pytest.raises(InputError) as refused:
        lc.prepare(lc.Study.from_file(folder / "study.toml"))
    (fault,) = refused.value.faults
    assert (fault.key, fault.field) == (key, "entry_delay_min")
    assert fault.file.endswith("clinics.csv")
    assert fault.row.startswith("3")


def test_a_blank_delay_is_none(folder):
    clinics(folder, east=(600, ""))
    walks = lc.prepare(lc.Study.from_file(folder / "study.toml")).baseline.travel
    assert walks.minutes["health-station"].iloc[0] == pytest.approx(9, abs=0.005)
