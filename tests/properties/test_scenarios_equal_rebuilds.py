"""Random changes to a small town: what a session answers equals the town rebuilt with them.

What is kept of such towns, one after another in one store, equals what is drawn anew.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rebuilt import assert_equal_to_a_rebuild
from shapely import LineString, Point, box

import lifecircle as lc
from lifecircle.analysis.areas import minute_rasters, raster_keys, service_isochrones
from lifecircle.content_store import ContentStore
from lifecircle.errors import InputError
from lifecircle.tables import local_crs

CRS = local_crs(114.5, 38.0)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """The town of tests/sessions."""
    path = Path(__file__).parents[1] / "analysis" / "conftest.py"
    spec = importlib.util.spec_from_file_location("town_of_sessions", path)
    town = sys.modules.setdefault("town_of_sessions", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(town)
    study = town.write_town(tmp_path_factory.mktemp("town"), ledger=town.LEDGER)
    return lc.prepare(lc.Study.from_file(study))


# on a lattice of 50 m, so that places repeat, coincide with crossings, and distances tie
STEPS = st.tuples(st.integers(-1, 45), st.integers(-1, 21))
PLACES = st.builds(lambda at: Point(50.0 * at[0], 50.0 * at[1]), STEPS)
SERVICES = st.sampled_from(["health-station", "school", "library"])
FACILITIES = ["ledger:A", "ledger:B", "ledger:C", "ledger:D"]
NAMES = st.sampled_from(["ledger:0", "ledger:AA", "ledger:BB", "zz"])


@st.composite
def scenarios(draw):
    """Facilities added, closed, moved; streets opened and closed."""
    new = draw(st.lists(st.tuples(NAMES, SERVICES, PLACES), max_size=3, unique_by=lambda row: row[0]))
    closed = draw(st.lists(st.sampled_from(FACILITIES), max_size=2, unique=True))
    movable = [name for name in FACILITIES if name not in closed]
    moves = draw(
        st.lists(st.tuples(st.sampled_from(movable), PLACES), max_size=2, unique_by=lambda row: row[0])
    )
    lines = draw(st.lists(st.lists(STEPS, min_size=2, max_size=3, unique=True), max_size=2))
    opened = [LineString([(50.0 * x + 3, 50.0 * y - 2) for x, y in line]) for line in lines]
    corners = draw(st.lists(STEPS, max_size=2))
    shut = [box(50.0 * x - 20, 50.0 * y - 20, 50.0 * x + 30, 50.0 * y + 30) for x, y in corners]

    def table(rows, columns):
        """Rows with a place as a table, or nothing."""
        if not rows:
            return ()
        *facts, shapes = zip(*rows, strict=True)
        return gpd.GeoDataFrame(dict(zip(columns, facts, strict=True)), geometry=list(shapes), crs=CRS)

    return lc.Scenario(
        add=table(new, ["facility", "service"]),
        close=closed,
        move=table(moves, ["facility"]),
        open_streets=gpd.GeoSeries(opened, crs=CRS) if opened else None,
        close_streets=gpd.GeoSeries(shut, crs=CRS) if shut else None,
    )


def answered(session, scenario):
    """What the session says; None where a line lies in the river or a shape touches no street."""
    try:
        return session.assess(scenario)
    except InputError as error:
        if {fault.key for fault in error.faults} <= {"scenario-street-apart", "scenario-closes-nothing"}:
            return None
        raise


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios())
def test_any_change_equals_a_rebuild(session, scenario):
    result = answered(session, scenario)
    assume(result is not None)
    assert_equal_to_a_rebuild(session, result)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(SERVICES, PLACES), min_size=1, max_size=4))
def test_more_facilities_never_lengthen_a_walk(session, rows):
    services, places = zip(*rows, strict=True)
    new = gpd.GeoDataFrame({"service": services}, geometry=list(places), crs=CRS)
    findings = session.assess(lc.Scenario(add=new))
    assert (findings.travel.minutes <= session.present.travel.minutes).to_numpy().all()
    assert (findings.gainers["no_longer_reached"] == 0).all()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store, and the digests of rasters by key, of all examples together."""
    return ContentStore.opened(tmp_path_factory.mktemp("kept")), {}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenario=scenarios())
def test_areas_that_are_kept_equal_those_drawn_anew_and_one_key_stands_for_one_raster(
    session, kept, scenario
):
    result = answered(session, scenario)
    assume(result is not None)
    store, rasters = kept
    network, inputs, od = result.state.network, result.state.inputs, result.state.od
    drawn, _ = service_isochrones(network, inputs, od, jobs=1)
    first, _ = service_isochrones(network, inputs, od, jobs=1, store=store)
    kept_ones, reused = service_isochrones(network, inputs, od, jobs=1, store=store)
    assert set(reused.taken) == set(od.service)
    for table in (first, kept_ones):
        assert table.columns.tolist() == drawn.columns.tolist()
        for name in ("service", "minutes", "reached_m", "unreached_m", "area_m2"):
            assert table[name].tolist() == drawn[name].tolist()
        assert [one.wkb for one in table.geometry] == [one.wkb for one in drawn.geometry]
        assert table.crs == drawn.crs
    prepared = session.prepared
    keys = raster_keys(network, inputs, od, assumptions=prepared.study.assumptions, reach_m=prepared.reach_m)
    computed = minute_rasters(
        network,
        inputs,
        od,
        assumptions=prepared.study.assumptions,
        proven_min=lambda points: prepared.proven_min(network, points),
        jobs=1,
    )
    assert set(keys) == set(computed)
    for service, key in keys.items():
        values = hash(computed[service].values.tobytes())
        assert rasters.setdefault(key, values) == values
