"""The least walk of the farthest, by rows that join one by one, against every choice of as many sites."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import lifecircle as lc
from lifecircle.siting import farthest


@pytest.fixture(scope="module")
def candidates(session):
    """Some homes on both banks."""
    homes = session.baseline.inputs.demand.set_index("demand").geometry
    return homes.iloc[::5].set_axis([f"home-{number}" for number in range(len(homes.iloc[::5]))])


@pytest.fixture(scope="module")
def minutes(session, candidates):
    """Candidates, everybody's minutes to each of them, and to the nearest school there is."""
    demand = session.baseline.inputs.demand.set_index("demand")
    places = candidates.to_frame("geometry").assign(service="school")
    wide = lc.travel_matrix(session.baseline.network, demand, places, max_minutes=600)
    table = wide.pivot_table(index="origin", columns="facility", values="minutes")
    table = table.reindex(index=demand.index, columns=candidates.index).to_numpy()
    existing = session.baseline.travel.minutes["school"].loc[demand.index].to_numpy()
    return candidates, np.where(np.isnan(table), np.inf, table), existing


@pytest.mark.parametrize("added", [1, 8])
@pytest.mark.parametrize("new", [1, 2, 3])
def test_no_choice_of_as_many_sites_has_a_shorter_longest_walk(session, minutes, new, added, monkeypatch):
    monkeypatch.setattr(farthest, "_ADDED", added)
    candidates, table, existing = minutes
    best = min(
        np.minimum(table[:, list(choice)].min(axis=1), existing).max()
        for choice in combinations(range(len(candidates)), new)
    )
    proposals = lc.propose_sites(session.present, "school", new, "worst", candidates=candidates)
    assert proposals.location.objective == pytest.approx(best)
    assert proposals.location.proven
    opened = candidates.index.get_indexer(proposals.sites["proposal"])
    assert np.minimum(table[:, opened].min(axis=1), existing).max() == pytest.approx(best)
    assert proposals.location.flows["cost"].max() == pytest.approx(best)
    assert proposals.location.served == pytest.approx(proposals.location.people)


def test_a_part_of_the_people_is_enough(session, candidates, monkeypatch):
    """Walks to every candidate are asked for a few of the 72 homes, eight at the most in one round."""
    asked = []
    measure = farthest.minutes_to_rows

    def counting(request, rows):
        asked.append(len(rows))
        return measure(request, rows)

    monkeypatch.setattr(farthest, "minutes_to_rows", counting)
    lc.propose_sites(session.present, "school", 2, "worst", candidates=candidates)
    assert max(asked) <= 8
    assert sum(asked) < 72
