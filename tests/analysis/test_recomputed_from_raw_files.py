"""A town's findings against a second program that reads the raw files with networkx and pandas alone."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from shared_data import ROOT
from small_study import CRS, lattice, study_text, write_layer

import lifecircle as lc

_TOWN = study_text(
    "Second opinion",
    """
[population]
points = "people.csv"
column = "people"

[[facilities]]
source = "ledger.csv"
service_column = "service"
complete_for = ["library", "pharmacy", "food-market", "health-station", "community-service-facility"]
""",
)
_PLAN = """
[plan]
id = "own"
title = { zh = "规划", en = "plan" }
issued = 2024-01-01
period = [2024, 2030]
level = "city"
jurisdiction = { code = "130102", name = { zh = "镇", en = "town" } }
source = "by hand"
"""
_RULE = """
[[rule]]
id = "{id}"
kind = "{kind}"
clause = "1"
role = "standing"
title = {{ zh = "条", en = "clause" }}
quote = "条"
units = {units}
scope = "both"
comparator = "{comparator}"
target = {target}
unit = "{unit}"
{more}
"""
_TYPES = 'tier = "basic"\ntypes = [["library"], ["pharmacy"], ["food-market"]]'
_BOTH = '["community", "village"]'
_RULES = [
    ("own-circle", "travel-time-circle", "<=", 10, "min", 'services = ["library"]'),
    ("own-distance", "travel-distance-circle", "<=", 700, "m", 'services = ["pharmacy", "food-market"]'),
    (
        "own-types",
        "type-circle",
        "<=",
        12,
        "min",
        _TYPES,
    ),
    ("own-one-each", "at-least-n-per-area", ">=", 1, "facilities", 'services = ["pharmacy"]'),
    ("own-share", "coverage-share-of-areas", ">=", 80, "%", 'services = ["library"]'),
    (
        "own-area",
        "area-per-100-households",
        ">=",
        30,
        "m2/100hh",
        'services = ["community-service-facility"]',
    ),
]
_STATIONS = (
    "own-stations",
    "population-per-facility",
    "<=",
    150,
    "persons/facility",
    'services = ["health-station"]',
)


def write_town(folder, seed):
    """Four communities of a lattice town, people and facilities thrown down at random."""
    rng = np.random.default_rng(seed)
    side = 1000.0
    shapes = [box(x, y, x + side, y + side) for x in (0, side) for y in (0, side)]
    codes = [f"13010200100{row}" for row in range(1, 5)]
    write_layer(folder / "communities.gpkg", shapes, code=codes, name=codes, kind=["community"] * 4,
                scope=["urban"] * 4, households=rng.integers(200, 900, 4).astype(float))  # fmt: skip
    ticks = np.arange(-200, 2 * side + 201, 200.0)
    write_layer(
        folder / "streets.gpkg", lattice(ticks, ticks), highway=["residential"] * len(lattice(ticks, ticks))
    )

    def scattered(count):
        """Points well inside a community, so that no rounding moves them across a border."""
        corner = side * rng.integers(0, 2, (count, 2))
        places = gpd.GeoSeries(
            [Point(*xy) for xy in corner + rng.uniform(20, side - 20, (count, 2))], crs=CRS
        )
        degrees = places.to_crs(4326)
        return pd.DataFrame({"x": degrees.x, "y": degrees.y})

    scattered(60).assign(people=rng.integers(1, 20, 60)).to_csv(folder / "people.csv", index=False)
    services = ["library"] * 2 + ["pharmacy"] * 4 + ["food-market"] * 3 + ["health-station"] * 3
    services += ["community-service-facility"] * 3
    ledger = scattered(len(services)).assign(
        service=services, floor_area_m2=rng.integers(50, 400, len(services))
    )
    ledger.insert(0, "id", [f"f{row}" for row in range(len(services))])
    ledger.to_csv(folder / "ledger.csv", index=False)
    fields = ("id", "kind", "comparator", "target", "unit", "more")
    rules = [_RULE.format(units=_BOTH, **dict(zip(fields, rule, strict=True))) for rule in _RULES]
    rules.append(_RULE.format(units='["catchment"]', **dict(zip(fields, _STATIONS, strict=True))))
    (folder / "own.toml").write_text(_PLAN + "".join(rules), encoding="utf-8")
    (folder / "study.toml").write_text(_TOWN, encoding="utf-8")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_second_program_finds_the_same_in_the_raw_files(tmp_path, monkeypatch, seed):
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "golden"))
    import recompute_study  # noqa: PLC0415  a script of its own, which imports nothing of ours

    assert "lifecircle" not in (ROOT / "tests" / "golden" / "recompute_study.py").read_text(encoding="utf-8")
    write_town(tmp_path, seed)
    expected = recompute_study.recompute(tmp_path)
    findings = lc.run(lc.Study.from_file(tmp_path / "study.toml")).findings
    verdicts = findings[(findings["service"] == "") | ~findings["rule"].isin({"own-distance", "own-types"})]
    codes = verdicts["code"].str.removeprefix("ledger:").where(verdicts["level"] != "city", "study")
    verdicts = verdicts.assign(code=codes)
    rows = verdicts.set_index(["rule", "code"])[["status", "value"]]
    assert set(expected) <= set(rows.index)
    assert len(expected) > 30
    for key, (status, value) in expected.items():
        assert rows.loc[key, "status"] == status, key
        assert rows.loc[key, "value"] == pytest.approx(value, abs=1e-6), key
