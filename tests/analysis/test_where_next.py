"""Where to build next: what a run proposes by itself holds when the sites are opened and judged anew."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import lifecircle as lc
from lifecircle.analysis.where_next import where_next
from lifecircle.tables import COVERAGE_CURVE, PROPOSALS


@pytest.fixture(scope="module")
def proposed(session):
    return where_next(session.present)


def test_every_circle_that_is_short_has_sites_and_a_curve(session, proposed):
    sites, curve = proposed
    PROPOSALS.check(sites)
    COVERAGE_CURVE.check(curve)
    findings = session.present.findings
    rules = [rule for plan in session.present.judged_by for rule in plan.rules]
    circles = {rule.id for rule in rules if rule.kind == "travel-time-circle"}
    short = set(findings.loc[findings["status"] == "short", "rule"]) & circles
    assert set(curve["rule"]) == short
    assert short
    for _, own in curve.groupby("rule"):
        assert own["sites"].tolist() == list(range(len(own)))
        assert own["covered"].is_monotonic_increasing
        assert (own["bound"] >= own["covered"]).all()
        assert (own["covered"] <= own["people"] * (1 + 1e-12)).all()
    ranked = sites.merge(curve, left_on=["rule", "rank"], right_on=["rule", "sites"], suffixes=("", "_curve"))
    assert len(ranked) == len(sites)
    assert (ranked["covered"] == ranked["covered_curve"]).all()


def test_people_gained_and_verdicts_turned_are_those_of_a_scenario(session, proposed):
    sites, _ = proposed
    joint = 0
    for (plan, rule), own in sites.groupby(["plan", "rule"]):
        before = session.present.findings
        people_before = None
        for rank in own["rank"]:
            opened = session.assess(lc.Scenario(add=own[own["rank"] <= rank][["service", "geometry"]]))
            after = opened.findings
            keys = ["plan", "rule", "level", "code", "service"]
            both = before.merge(after, on=keys, suffixes=("", "_after"))
            both = both[(both["plan"] == plan) & (both["rule"] == rule)]
            both = both[both["level"].isin(["community", "village"])]
            turned = both[(both["status"] == "short") & (both["status_after"] == "met")]
            row = own[own["rank"] == rank].iloc[0]
            assert row["closes"] == "; ".join(f"{rule} {code}" for code in sorted(turned["code"]))
            assert row["turned_met"] == len(turned)
            beyond = both.loc[both["status_after"].isin(["met", "short"]), "population_short_after"].sum()
            if people_before is not None:
                assert people_before - beyond == pytest.approx(row["gain"])
            assert row["people"] - row["covered"] == pytest.approx(beyond)
            people_before = beyond
            # who gains is told by community: everybody newly in reach, and nobody else
            left = both.set_index("code")[["population_short", "population_short_after"]].fillna(0.0)
            gained = (left["population_short"] - left["population_short_after"]).round()
            told = dict(one.split(" ") for one in row["gainers"].split("; "))
            assert {code: int(count) for code, count in told.items()} == gained[gained > 0].to_dict()
            assert row["candidates"] >= len(own)
            # whom it brings into reach under other rules for the same service is what the scenario finds
            for told in filter(None, row["joint_gains"].split("; ")):
                (other_plan, _, other), gain = told.partition(" ")[0].partition("/"), told.partition(" ")[2]
                assert (other_plan, other) != (plan, rule)
                sides = [one[(one["plan"] == other_plan) & (one["rule"] == other)] for one in (before, after)]
                then, now = (
                    one[one["level"].isin(["community", "village"])]["population_short"].sum()
                    for one in sides
                )
                assert then - now == pytest.approx(int(gain), abs=0.51)
                joint += 1
            before = after
    assert joint


def test_sites_say_where_they_are(session, proposed):
    sites, _ = proposed
    own = session.present.inputs.communities.set_index("code")
    for row in sites.itertuples():
        assert own.geometry[row.code].buffer(1).covers(row.geometry)
        assert row.name == own["name"][row.code]
    back = sites.geometry.to_crs(4326)
    assert np.allclose(back.x, sites["x"])
    assert np.allclose(back.y, sites["y"])


def test_a_run_proposes_sites_unless_the_study_says_no(session):
    run = session.present.run(jobs=1)
    assert len(run.proposals)
    assert len(run.coverage_curve)
    study = session.study.model_copy(
        update={"study": session.study.study.model_copy(update={"proposals": False})}
    )
    without = lc.prepare(study, jobs=1).present.run(jobs=1)
    assert PROPOSALS.check(without.proposals).empty
    assert COVERAGE_CURVE.check(without.coverage_curve).empty


def test_sites_asked_for_take_their_place_with_their_own_curve(session):
    asked = lc.propose_sites(session.present, "school", 2)
    told = session.present.run(jobs=1).with_proposals(asked)
    PROPOSALS.check(told.proposals)
    assert told.proposals["service"].tolist() == ["school"] * 2
    assert told.proposals["rule"].tolist() == ["", ""]
    assert told.coverage_curve["sites"].tolist() == [0, 1, 2]
    assert told.coverage_curve["covered"].iloc[-1] == pytest.approx(asked.location.objective)
    assert told.coverage_curve["bound"].iloc[-1] >= told.coverage_curve["covered"].iloc[-1]


def test_where_nobody_knows_how_many_people_there_are_only_shares_are_told(town, tmp_path):
    folder = tmp_path / "town"
    shutil.copytree(town.parent, folder)
    study = folder / "study.toml"
    text = study.read_text(encoding="utf-8")
    begin, end = text.index("[population]"), text.index("[[facilities]]")
    study.write_text(text[:begin] + text[end:], encoding="utf-8")
    session = lc.prepare(lc.Study.from_file(study))
    assert not session.baseline.inputs.people_known
    sites, curve = where_next(session.present)
    assert len(sites)
    assert sites[["gain", "covered", "people", "bound"]].isna().all(axis=None)
    assert curve[["covered", "people", "bound"]].isna().all(axis=None)
    assert curve["share"].between(0, 1).all()
    assert (curve.groupby("rule")["share"].diff().dropna() >= 0).all()
