"""Scenarios of the demo city: what a session answers equals the whole city routed and judged anew."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import pandas as pd
import pytest
from rebuilt import assert_equal_to_a_rebuild
from shapely import LineString

import lifecircle as lc
from lifecircle.assessment import services_judged
from lifecircle.assessment.judge import parts_of
from lifecircle.assessment.levels import at_the_plan_s_levels, counts_by_table
from lifecircle.assessment.rows import Case
from lifecircle.tables import findings_frame

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session(demo_run):
    return lc.prepare(lc.Study.from_file(demo_run.folder / "study.toml"))


def test_a_session_finds_what_the_run_wrote(session, demo_run):
    written = demo_run.deficits()
    findings = session.present.findings
    assert len(findings) == len(written)
    for name in ("plan", "rule", "level", "code", "service", "status", "certainty"):
        assert findings[name].tolist() == written[name].tolist()


def test_facilities_and_streets_changed_together_equal_a_rebuild(session):
    """Shops, a station and a service centre come, go and move; a bridge opens and streets close."""
    inputs = session.baseline.inputs
    middle = inputs.communities[inputs.communities["inside"]].geometry.representative_point()
    services = ["health-station", "convenience-store", "childcare", "community-service-facility"]
    new = gpd.GeoDataFrame(
        {"service": services, "capacity": [20.0, 1.0, 60.0, 1.0]},
        geometry=middle.iloc[[3, 40, 77, 120]].to_numpy(),
        crs=inputs.crs,
    )
    first = inputs.facilities[inputs.facilities["public"]].drop_duplicates("service").set_index("service")
    closed = [first.loc[name, "facility"] for name in ("health-station", "sports-ground")]
    moved = gpd.GeoDataFrame(
        {"facility": [first.loc["pharmacy", "facility"]]}, geometry=[middle.iloc[9]], crs=inputs.crs
    )
    x, y = session.baseline.network.node_x, session.baseline.network.node_y
    bridge = gpd.GeoSeries([LineString([(x[100], y[100]), (x[-100], y[-100])])], crs=inputs.crs)
    shut = gpd.GeoSeries([middle.iloc[30].buffer(150)], crs=inputs.crs)
    change = lc.Scenario(add=new, close=closed, move=moved, open_streets=bridge, close_streets=shut)
    findings = session.assess(change)
    assert_equal_to_a_rebuild(session, findings)
    assert len(findings.effects) > 0
    assert set(findings.effects["rule"]) <= set(findings.findings["rule"])


def test_no_part_of_a_rule_looks_at_a_service_that_it_does_not_name(session):
    """Each part finds the same where all other facilities and walks are taken away."""
    inputs, travel, known = session.baseline.inputs, session.baseline.travel, session.present.findings
    everything = set(inputs.facilities["service"]) | set(travel.minutes.columns)
    ctx = session.baseline.judgements.context
    for plan in session.prepared.plans:
        own = at_the_plan_s_levels(ctx, plan)
        for rule in plan.rules:
            at = own if counts_by_table(rule) else ctx
            before = known[(known["plan"] == plan.id) & (known["rule"] == rule.id)]
            start = 0
            for number, part in enumerate(parts_of(Case(at, plan, rule))):
                named = part.services
                assert named <= services_judged(rule, session.study.assumptions)
                fewer = dataclasses.replace(
                    inputs, facilities=inputs.facilities[inputs.facilities["service"].isin(named)]
                )
                columns = [name for name in travel.minutes.columns if name in named]
                tables = ("distance_m", "minutes", "facility")
                walks = dataclasses.replace(
                    travel, **{name: getattr(travel, name)[columns] for name in tables}
                )
                alone = at.with_services_changed(fewer, walks, session.baseline.neighbours, everything)
                tried = session.baseline.judgements.variants.with_services_changed(fewer, walks, everything)
                rows = findings_frame(list(parts_of(Case(alone, plan, rule, tried)))[number].rows())
                expected = before.iloc[start : start + len(rows)].reset_index(drop=True)
                pd.testing.assert_frame_equal(rows, expected, check_exact=True)
                start += len(rows)
            assert start == len(before)


def test_one_facility_changes_only_its_own_service(session):
    service = "childcare"
    there = session.baseline.inputs.facilities.query("service == @service and public")["facility"].iloc[0]
    findings = session.assess(lc.Scenario(name="less", close=[there]))
    others = [name for name in findings.travel.minutes.columns if name not in findings.state.services]
    pd.testing.assert_frame_equal(findings.travel.minutes[others], session.baseline.travel.minutes[others])
    assert service in findings.state.services
    assert set(findings.gainers["service"]) <= findings.state.services
    assert (findings.gainers["newly_reached"] == 0).all()
