"""Instances whose optima are known: San Francisco stores, OR-Library's p-medians."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import floyd_warshall
from shared_data import DATA

from lifecircle.siting import locate

STORES = DATA / "sf_stores"
ORLIB = DATA / "orlib"
needs_stores = pytest.mark.skipif(
    not STORES.exists(), reason="the San Francisco stores are not at ../shared/data"
)
needs_orlib = pytest.mark.skipif(
    not ORLIB.exists(), reason="the OR-Library instances are not at ../shared/data"
)


@pytest.fixture(scope="module")
def stores():
    """Costs as a table, and people by tract."""
    read = pd.read_csv(STORES / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    table = read.rename(columns={"demand": "people", "name": "site", "distance": "cost"})
    table = table.assign(demand=table["DestinationName"].astype(str))
    people = table.drop_duplicates("demand").set_index("demand")["people"]
    return table[["demand", "site", "cost"]], people


@needs_stores
def test_stores_p_median(stores):
    location = locate(*stores, model="p-median", new=4)
    assert location.objective == pytest.approx(2_848_268_129.7145, abs=1e-3)
    assert location.proven
    assert len(location.sites) == 4


@needs_stores
def test_stores_p_centre(stores):
    location = locate(*stores, model="p-center", new=4)
    assert location.objective == pytest.approx(7_403.0638, abs=1e-4)
    assert location.proven


@needs_stores
def test_stores_mclp_in_the_words_a_planner_reads(stores):
    location = locate(*stores, model="mclp", new=4, cutoff=5000)
    assert location.objective == 875_247
    assert location.render() == (
        "covers 91.6% of people (875,247 of 955,113); "
        "no choice of 4 new sites covers more than 91.6% (875,247) (proven best of 16 candidate places)"
    )
    assert "任何4处" in location.render("zh")


@needs_stores
def test_stores_lscp(stores):
    location = locate(*stores, model="lscp", cutoff=5000)
    assert len(location.sites) == 8
    assert location.bound == 8
    assert location.served == location.people


@needs_orlib
@pytest.mark.parametrize(("name", "optimum"), [(1, 5819), (2, 4093), (3, 4250), (4, 3034), (5, 1355)])
def test_orlib_p_median(name, optimum):
    first, *edges = (ORLIB / f"pmed{name}.txt").read_text().splitlines()
    vertices, _, new = map(int, first.split())
    lengths = np.full((vertices, vertices), np.inf)
    for line in filter(str.strip, edges):
        u, v, cost = map(int, line.split())
        lengths[u - 1, v - 1] = lengths[v - 1, u - 1] = cost
    location = locate(floyd_warshall(lengths), model="p-median", new=new)
    assert location.objective == optimum
    assert location.gap == 0
    assert len(location.sites) == new
