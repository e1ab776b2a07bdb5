"""run.json: strict JSON that stays small and says what was run, on what, with what."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from results_by_hand import results_by_hand

from lifecircle.outputs.manifest import write_manifest
from lifecircle.tables import QUALITY


@pytest.fixture(scope="module")
def results():
    made = results_by_hand()
    rows = [("streets", f"{at}", "streets-sparse", 2.0, "0.4", "warning", 1.0, np.nan) for at in range(3000)]
    rows += [("communities", "", "edge", np.nan, "", "warning", np.nan, np.nan)]
    rows += [("streets", "", "street-ways-closed", 5.0, "", "info", np.nan, np.nan)]
    quality = QUALITY.check(pd.DataFrame(rows, columns=list(QUALITY.columns)))
    files = ({"path": "a.gpkg", "bytes": 10, "sha256": "0" * 64, "rows": np.int64(3)},)
    inputs = dataclasses.replace(made.inputs, quality=quality, files=files)
    settings = {
        "study": {"name": "x\ud800", "as_of": None},
        "odd": float("nan"),
        "many": (1, float("inf")),
        "set": {"b", "a"},
    }
    return dataclasses.replace(made, inputs=inputs, settings=settings, timings={"travel": 1.23456})


@pytest.fixture(scope="module")
def record(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("manifest") / "run.json"
    write_manifest(results, path)
    assert path.stat().st_size < 20_000

    def refuse(word):
        raise AssertionError(word)

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_unknown_figures_are_null_and_half_characters_gone(record):
    assert record["settings"] == {
        "study": {"name": "x?", "as_of": None},
        "odd": None,
        "many": [1, None],
        "set": ["a", "b"],
    }


def test_it_names_versions_inputs_and_timings(record):
    assert {"lifecircle", "numba", "python", "shapely"} <= set(record["versions"])
    assert record["inputs"] == [{"path": "a.gpkg", "bytes": 10, "sha256": "0" * 64, "rows": 3}]
    assert record["timings_s"] == {"travel": 1.235}
    assert record["plans"] == ["hand-2025"]


def test_counts_are_those_of_the_tables(results, record):
    counts = record["counts"]
    assert counts["communities"] == len(results.communities)
    assert sum(counts["findings"].values()) == len(results.findings)
    assert sum(counts["short_by_certainty"].values()) == counts["findings"]["short"]
    assert counts["residents"] == results.inputs.demand["residents"].sum()


def test_warnings_are_counted_by_kind_with_their_first_places(record):
    edge, sparse = record["warnings"]
    assert (edge["remark"], edge["times"], edge["count"]) == ("edge", 1, None)
    assert (sparse["remark"], sparse["times"], sparse["count"]) == ("streets-sparse", 3000, 6000.0)
    assert [place["item"] for place in sparse["first"]] == ["0", "1", "2", "3", "4"]
    assert sparse["first"][0]["x"] == 1.0
    assert sparse["first"][0]["y"] is None
