"""A study's state made again from nothing but its inputs, to hold a session's answers against."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from lifecircle.analysis.baseline import neighbour_walks
from lifecircle.assessment import assess, limited_in_metres
from lifecircle.network import build_network, central_points, od_points, travel_times


def rebuilt(session, inputs):
    """Walks and findings of some inputs: streets built, points joined, everything routed and judged anew."""
    study, plans = session.study, session.prepared.plans
    assumptions = study.assumptions
    network = build_network(
        inputs.streets,
        crs=inputs.crs,
        speed_kmh=study.speed_kmh,
        min_component_m=assumptions.min_component_m,
    )
    od = od_points(network, inputs, session.baseline.od.services, max_snap_m=assumptions.max_snap_m)
    travel = travel_times(network, od, in_metres=limited_in_metres(plans))
    findings = assess(
        plans,
        inputs,
        travel,
        assumptions,
        covers_whole=study.study.covers_whole,
        jurisdiction=study.study.jurisdiction,
        as_of=study.study.as_of or dt.datetime.now(tz=dt.UTC).date(),
        neighbours=neighbour_walks(network, inputs, plans, assumptions),
        centres=inputs.demand["demand"].iloc[central_points(inputs, od.demand.reached)].tolist(),
    )
    return od, travel, findings


def assert_equal_to_a_rebuild(session, assessed):
    """Bit for bit: every distance, owner and minute, every finding, every join."""
    od, travel, findings = rebuilt(session, assessed.inputs)
    assert_same_travel(assessed.travel, travel)
    pd.testing.assert_frame_equal(assessed.findings, findings, check_exact=True)
    pd.testing.assert_frame_equal(assessed.state.od.frame(), od.frame(), check_exact=True)


def assert_same_travel(one, other):
    """The same distances, minutes and facilities, exactly."""
    for name in ("distance_m", "nearest_m", "minutes", "facility"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.speed_kmh == other.speed_kmh
