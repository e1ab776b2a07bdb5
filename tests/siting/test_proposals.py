"""Proposals for a study made by hand."""

from __future__ import annotations

import dataclasses
import re
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from results_by_hand import CRS, results_by_hand
from shapely import Point

from lifecircle.errors import InputError
from lifecircle.network import build_network, nearest_times
from lifecircle.siting import budget, farthest, objectives, propose_sites, walk_pairs
from lifecircle.study import Study

SERVICE = "market"


@pytest.fixture(scope="module")
def result():
    made = results_by_hand(rows=5, columns=6)
    # Minutes to existing markets as the streets give them, so that before and after can be compared.
    streets = build_network(made.inputs.streets, crs=CRS, speed_kmh=4.0, min_component_m=0.0)
    demand = made.inputs.demand.set_index("demand")
    table = made.inputs.facilities
    two = table[table["public"] & (table["service"] == SERVICE)].iloc[:2]
    entries = gpd.GeoDataFrame(
        {"facility": two["facility"], "entry": 0, "how": "point", "delay_s": 0.0},
        geometry=two.geometry,
        crs=CRS,
    )
    inputs = dataclasses.replace(made.inputs, facilities=two, entries=entries)
    minutes = made.travel.minutes.set_axis(demand.index)
    wide = nearest_times(streets, demand, two, max_minutes=None, speed_kmh=4.0)
    minutes[SERVICE] = wide[SERVICE].to_numpy()
    travel = dataclasses.replace(made.travel, minutes=minutes, speed_kmh=4.0)
    study = Study.model_validate(
        {
            "study": {"name": "by hand"},
            "area": {"place": "by hand"},
            "streets": {"source": "osm"},
            "assumptions": {"min_component_m": 0.0},
        }
    )
    return SimpleNamespace(
        study=study, judged_by=(), inputs=inputs, network=streets, travel=travel, findings=made.findings
    )


def covered(result, places, limit):
    """Residents in reach of old and new, found by routing to the new ones alone."""
    streets = build_network(result.inputs.streets, crs=CRS, speed_kmh=4.0, min_component_m=0.0)
    demand = result.inputs.demand.set_index("demand")
    new = gpd.GeoDataFrame(
        {"service": SERVICE}, geometry=places.geometry.to_numpy(), crs=CRS, index=range(len(places))
    )
    wide = nearest_times(streets, demand, new, max_minutes=None, speed_kmh=4.0)[SERVICE].to_numpy()
    best = np.minimum(wide, result.travel.minutes[SERVICE].to_numpy())
    return float(demand["residents"].to_numpy()[best <= limit + 1e-9].sum())


def test_the_people_promised_are_in_reach_when_the_sites_are_there(result):
    proposals = propose_sites(result, SERVICE, 3, spacing_m=450)
    assert len(proposals.sites) == 3
    assert proposals.sites["rank"].tolist() == [1, 2, 3]
    assert proposals.sites["gain"].is_monotonic_decreasing
    before = result.inputs.demand["residents"][result.travel.minutes[SERVICE].to_numpy() <= 15].sum()
    after = covered(result, proposals.sites, 15)
    assert after == pytest.approx(proposals.location.objective)
    assert proposals.sites["gain"].sum() == pytest.approx(after - before)
    assert proposals.communities["gain"].sum() == pytest.approx(after - before)
    assert "no choice of 3 new sites brings more than" in proposals.render()


@pytest.mark.parametrize("declared", [False, True])
def test_where_no_source_lists_any_the_sentence_says_that_none_was_counted(result, declared):
    travel = dataclasses.replace(
        result.travel, minutes=result.travel.minutes.assign(**{SERVICE: np.inf}), speed_kmh=4.0
    )
    inputs = dataclasses.replace(
        result.inputs,
        facilities=result.inputs.facilities.iloc[:0],
        entries=result.inputs.entries.iloc[:0],
        complete_for=frozenset({SERVICE} if declared else ()),
    )
    bare = SimpleNamespace(**{**vars(result), "inputs": inputs, "travel": travel})
    proposals = propose_sites(bare, SERVICE, 1, spacing_m=450)
    words = {"en": "No source lists any market: none counts", "zh": "没有任何来源列出 market"}
    for lang, said in words.items():
        assert (said in proposals.render(lang)) != declared
        assert said not in propose_sites(result, SERVICE, 1, spacing_m=450).render(lang)
    assert proposals.covered == 0


def test_no_pair_of_a_users_candidates_covers_more(result):
    rng = np.random.default_rng(4)
    centres = result.inputs.communities.geometry.representative_point()
    parcels = gpd.GeoSeries(
        centres.to_numpy()[rng.permutation(len(centres))[:7]], index=list("abcdefg"), crs=CRS
    )
    proposals = propose_sites(result, SERVICE, 2, candidates=parcels.to_crs(4326), cutoff_min=20)
    best = max(
        covered(result, parcels.loc[[one, other]], 20)
        for at, one in enumerate(parcels.index)
        for other in parcels.index[at + 1 :]
    )
    assert proposals.location.objective == pytest.approx(best)
    assert proposals.location.proven
    assert set(proposals.sites["proposal"]) <= set(parcels.index)
    listed = gpd.GeoDataFrame({"id": parcels.index}, geometry=parcels.to_numpy(), crs=CRS)
    named = propose_sites(result, SERVICE, 2, candidates=listed, cutoff_min=20)
    assert named.sites["proposal"].tolist() == proposals.sites["proposal"].tolist()


@pytest.mark.parametrize("objective", ["distance", "worst", "capacity"])
def test_more_sites_are_never_worse_and_capacity_is_never_exceeded(result, objective):
    options = {"spacing_m": 900, "capacity": 2_000.0, "time_limit_s": 600}
    one, two = (propose_sites(result, SERVICE, new, objective, **options).location for new in (1, 2))
    if objective == "capacity":
        assert two.objective >= one.objective - 1e-6
        assert two.loads.max() <= 2_000 + 1e-6
    else:
        assert two.objective <= one.objective + 1e-6


def test_arguments_that_name_nothing_of_the_run_are_refused_together(result):
    with pytest.raises(InputError) as caught:
        propose_sites(result, "markets", 2, "people", rule="no-such-rule")
    assert [fault.key for fault in caught.value.faults] == [
        "unknown-service",
        "propose-objective",
        "propose-new-or-rule",
        "propose-rule",
    ]


def own_candidates(result, count=12):
    """Some homes as places that a user might name, called by letters."""
    places = result.inputs.demand.geometry.iloc[::7].iloc[:count]
    return places.set_axis(list("abcdefghijklmnop"[: len(places)]))


@pytest.mark.parametrize("objective", ["population", "distance", "worst", "capacity"])
def test_forced_sites_open_forbidden_ones_never_and_the_sentence_says_so(result, objective):
    places = own_candidates(result)
    free = propose_sites(result, SERVICE, 2, objective, candidates=places)
    never = free.sites["proposal"].iloc[0]
    must = next(name for name in places.index if name not in set(free.sites["proposal"]))
    proposals = propose_sites(
        result, SERVICE, 2, objective, candidates=places, forced=[must], forbidden=[never]
    )
    assert must in set(proposals.sites["proposal"])
    assert never not in set(proposals.sites["proposal"])
    assert len(proposals.sites) == 2
    assert proposals.location.proven
    assert "1 of the new sites were given: only choices with them are compared" in proposals.render()
    assert "given" not in free.render()


def test_the_best_partner_of_a_forced_site_is_found_by_trying_all(result):
    places = own_candidates(result)
    proposals = propose_sites(result, SERVICE, 2, candidates=places, forced=["c"])
    best = max(covered(result, places[["c", other]], 15.0) for other in places.index if other != "c")
    assert covered(result, places[proposals.sites["proposal"]], 15.0) == pytest.approx(best)


@pytest.mark.parametrize(
    ("wish", "keys"),
    [
        ({"candidates": ["a"]}, ["propose-candidates"]),
        ({"crs": None}, ["propose-candidates-crs"]),
        ({"index": ["a", "a", None]}, ["propose-candidates-blank", "propose-candidates-twice"]),
        ({"index": ["existing", "b", "c"]}, ["propose-candidates-taken"]),
        ({"geometry": [None, Point(), Point(1, 1)]}, ["propose-candidates-nowhere"]),
        ({"forced": ["z"], "forbidden": "a"}, ["site-unknown", "site-no-list"]),
        ({"forced": ["a"], "forbidden": ["a"]}, ["site-forced-and-forbidden"]),
        ({"forced": ["a", "b", "c"]}, ["propose-too-many-forced"]),
        ({"forbidden": ["a", "b", "c"]}, ["propose-no-candidates"]),
        ({"new": "2"}, ["propose-new"]),
        (
            {"service": "x", "cutoff_min": np.nan, "capacity": -1, "spacing_m": 0, "time_limit_s": "x"},
            ["unknown-service", *["propose-amount"] * 3, "site-time-limit"],
        ),
    ],
)
def test_what_cannot_be_asked_is_told_together(result, wish, keys):
    asked = {"service": SERVICE, "new": 2, **wish}
    crs, index = asked.pop("crs", CRS), asked.pop("index", ["a", "b", "c"])
    shapes = asked.pop("geometry", result.inputs.demand.geometry.to_list()[:3])
    asked.setdefault("candidates", gpd.GeoSeries(shapes, index=index, crs=crs))
    with pytest.raises(InputError) as caught:
        propose_sites(result, **asked)
    assert sorted(fault.key for fault in caught.value.faults) == sorted(keys)
    for lang in ("en", "zh"):
        assert caught.value.render(lang)


def walks_to(result, places):
    """Minutes of everybody to the nearest of some places and of the existing markets."""
    streets, demand = result.network, result.inputs.demand.set_index("demand")
    new = gpd.GeoDataFrame(
        {"service": SERVICE}, geometry=places.to_numpy(), crs=CRS, index=range(len(places))
    )
    wide = nearest_times(streets, demand, new, max_minutes=None, speed_kmh=4.0)[SERVICE].to_numpy()
    return np.minimum(wide, result.travel.minutes[SERVICE].to_numpy())


class Hours:
    """A clock on which an hour passes whenever somebody looks."""

    def __init__(self):
        self.looks = 0

    def __call__(self):
        self.looks += 1
        return 3600.0 * self.looks


@pytest.mark.parametrize("objective", ["population", "distance", "worst", "capacity"])
def test_when_time_is_up_at_once_there_is_an_answer_and_a_bound_all_the_same(result, objective, monkeypatch):
    free = propose_sites(result, SERVICE, 3, objective, spacing_m=450, capacity=2_000.0)
    monkeypatch.setattr(budget, "monotonic", Hours())
    solved = []

    def counting(asked):
        def solve(*task, **limits):
            solved.append(1)
            return asked(*task, **limits)

        return solve

    for module in (farthest, objectives):
        monkeypatch.setattr(module, "solve", counting(module.solve))
    hasty = propose_sites(result, SERVICE, 3, objective, spacing_m=450, capacity=2_000.0, time_limit_s=1)
    assert len(solved) <= 1
    assert len(hasty.sites) == 3
    best = free.location.objective
    worse, bound = hasty.location.objective, hasty.location.bound
    if objective in {"distance", "worst"}:
        assert bound <= best * (1 + 1e-9) <= worse * (1 + 2e-9)
    else:
        assert bound >= best * (1 - 1e-9) >= worse * (1 - 2e-9)


def test_too_many_walks_are_refused_or_bounded_and_never_held(result, monkeypatch):
    free = propose_sites(result, SERVICE, 2, "distance", spacing_m=450)
    monkeypatch.setattr(walk_pairs, "MOST_PAIRS", 15)
    monkeypatch.setattr(walk_pairs, "_FIRST_BLOCK", 3)
    with pytest.raises(InputError) as caught:
        propose_sites(result, SERVICE, 2, spacing_m=450)
    assert [fault.key for fault in caught.value.faults] == ["propose-too-large"]
    assert all(caught.value.render(lang) for lang in ("en", "zh"))
    short = propose_sites(result, SERVICE, 2, "distance", spacing_m=450)
    assert short.location.bound < free.location.objective * (1 + 1e-9)
    assert short.location.objective >= free.location.objective * (1 - 1e-9)
    people = result.inputs.demand["residents"].to_numpy()
    places = short.sites.set_index("proposal").geometry
    walked = np.minimum(walks_to(result, places), short.farthest_min)
    assert short.location.objective == pytest.approx((walked * people).sum())


def test_weights_that_stand_in_for_people_are_told_as_shares_and_never_as_persons(result):
    demand = result.inputs.demand
    weights = demand.assign(residents=np.nan, weight=demand["residents"] * 3.0)
    unknown = SimpleNamespace(
        **{**vars(result), "inputs": dataclasses.replace(result.inputs, demand=weights)}
    )
    counted, weighed = (propose_sites(one, SERVICE, 2, spacing_m=400) for one in (result, unknown))
    assert list(weighed.sites["proposal"]) == list(counted.sites["proposal"])
    persons = ["covered", "people", "bound"]
    assert counted.curve[persons[:2]].notna().all().all()
    assert weighed.curve[persons].isna().all().all()
    assert np.isnan([weighed.people, weighed.covered]).all()
    assert weighed.curve["share"].tolist() == pytest.approx(counted.curve["share"].tolist())
    # the shares gained add up to what the curve says, people counted or not
    assert weighed.sites["gain_share"].tolist() == pytest.approx(np.diff(weighed.curve["share"]).tolist())
    assert counted.sites["gain_share"].tolist() == pytest.approx(weighed.sites["gain_share"].tolist())


def weighed_by(result, basis):
    """The same study, its people unknown and weighed by street length or by floor area."""
    demand = result.inputs.demand
    weights = demand.assign(residents=np.nan, weight=demand["residents"] * 3.0, origin=basis)
    inputs = dataclasses.replace(result.inputs, demand=weights)
    return SimpleNamespace(**{**vars(result), "inputs": inputs})


@pytest.mark.parametrize("objective", ["population", "distance", "worst"])
@pytest.mark.parametrize(("origin", "words"), [("street", "street length"), ("building", "floor area")])
def test_a_sentence_about_weights_says_what_was_weighed_and_counts_nobody(result, objective, origin, words):
    proposals = propose_sites(weighed_by(result, origin), SERVICE, 2, objective, spacing_m=400)
    said = proposals.render("en")
    assert f"{words}" in said
    assert "No population was given" in said
    assert not re.search(r"–|people|person", said)
    assert "人" not in proposals.render("zh").replace("人口", "")


def test_room_for_people_is_not_asked_for_where_nobody_counted_them(result):
    with pytest.raises(InputError) as refused:
        propose_sites(weighed_by(result, "street"), SERVICE, 2, "capacity", spacing_m=400)
    assert [fault.key for fault in refused.value.faults] == ["propose-room-for-nobody"]
