"""Every number of a study and of a plan has bounds, and a refusal names its key."""

import re
from pathlib import Path

import pytest
from own_plans import circle, own_plan

import lifecircle as lc
from lifecircle.network.areas import field as fields
from lifecircle.siting import walk_pairs
from lifecircle.sources import regular_grids
from lifecircle.sources.files import (
    delimited,
    geojson,
    opening,
    parquet_sizes,
    raster,
    split_people,
    tangles,
    xlsx,
    xlsx_parts,
)
from lifecircle.sources.osm import soundness
from lifecircle.study import toml
from lifecircle.study.assumptions import Assumptions

WILD = ["1e300", "1e12", "9" * 30, "9" * 5000, "0x" + "f" * 5000, "inf", "nan", "-1", "true", '"far"']
"""What no number of a study may be."""
TINY = ["1e-300", "5e-324"]
BOUNDED = {
    "streets": ["speed_kmh", "tolerance_m"],
    "assumptions": [
        name for name, field in Assumptions.model_fields.items() if field.annotation in (int, float)
    ],
    "map": ["max_zoom"],
    "profiles.elderly": ["speed_kmh", "max_slope"],
    "population": ["street_weights.residential"],
}
KEYS = [(table, key) for table, keys in BOUNDED.items() for key in keys]
ZERO_WILL_DO = {"tolerance_m", "min_component_m", "quality_types_needed", "street_weights.residential"}
STUDY = """
[study]
name = "bounds"
plans = ["mofcom-circle-2021"]
[area]
boundary = "b.gpkg"
[streets]
source = "s.gpkg"
elevation = "e.tif"
{streets}
[population]
{population}
[assumptions]
{assumptions}
[map]
{map}
[profiles.elderly]
{profiles}
"""


def _read(tmp_path, table, line):
    given = dict.fromkeys(["streets", "population", "assumptions", "map", "profiles"], "")
    path = tmp_path / "study.toml"
    path.write_text(STUDY.format(**{**given, table.partition(".")[0]: line}), encoding="utf-8")
    return lc.Study.from_file(path)


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[key for _, key in KEYS])
def test_a_wild_number_is_refused_by_its_name(tmp_path, table, key):
    for wild in WILD + ([] if key in ZERO_WILL_DO | {"covered_share"} else TINY):
        with pytest.raises(lc.InputError) as refused:
            _read(tmp_path, table, f"{key} = {wild}")
        for lang in ("zh", "en"):
            assert refused.value.render(lang)
        if len(wild) < 4000:  # of so many digits the reader of TOML itself says no more
            assert key.split(".")[0] in str(refused.value)


def test_what_people_ask_for_lies_within_the_bounds(tmp_path):
    lines = [
        "walk_speed_kmh = 4.8",
        "max_snap_m = 1500",
        "circle_minutes = 60",
        "station_people = [1, 1000000]",
    ]
    assert _read(tmp_path, "assumptions", "\n".join(lines)).assumptions.max_snap_m == 1500
    with pytest.raises(lc.InputError, match="smaller number"):
        _read(tmp_path, "assumptions", "station_people = [20000, 10000]")


@pytest.mark.parametrize(
    ("key", "wild"),
    [("target", "1e9"), ("target", "-1"), ("target", "nan"), ("target", "0x" + "f" * 5000),
     ("target_year", "1e9"), ("target_year", "9" * 30), ("baseline", "1e300"), ("baseline_year", "-1")],
)  # fmt: skip
def test_a_wild_number_of_a_plan_is_refused_by_its_name(tmp_path, key, wild):
    lines = [
        line for line in own_plan(circle("own", "library")).splitlines() if not line.startswith(f"{key} ")
    ]
    path = tmp_path / "own.toml"
    path.write_text("\n".join([*lines, f"{key} = {wild}"]), encoding="utf-8")
    with pytest.raises(lc.InputError) as refused:
        lc.load_plan(path)
    assert key in refused.value.render("zh") or "限值" in refused.value.render("zh")


def test_a_plan_that_is_no_plain_file_or_too_large_is_refused(tmp_path):
    (tmp_path / "own.toml").mkdir()
    with pytest.raises(lc.InputError, match="directory"):
        lc.load_plan(tmp_path / "own.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 10_000_001)
    with pytest.raises(lc.InputError, match="large"):
        lc.load_plan(tmp_path / "large.toml")


def test_the_page_of_limits_tells_the_bounds_that_hold():
    page = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    told: dict[str, str] = {}
    for row, bounds in re.findall(r"^\| (`.*`) \| ([\d.]+ to [\d.]+) \|$", page, re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"`(\w+)`", row), bounds)
    for name, field in Assumptions.model_fields.items():
        if field.annotation in (int, float) and name != "covered_share":
            least = next(one.ge for one in field.metadata if hasattr(one, "ge"))
            most = next(one.le for one in field.metadata if hasattr(one, "le"))
            assert told[name] == f"{least:.10g} to {most:.10g}", name


SIZES = {
    "study file": (f"{toml.BYTES_LIMIT / 1e6:.0f} MB",),
    "workbook": (
        f"{xlsx.CELLS_LIMIT / 1e6:.0f} million cells",
        f"{xlsx_parts.TEXT_LIMIT / 1e6:.0f} million characters",
        f"{xlsx._COLUMNS_LIMIT:,} columns",
        f"{xlsx._ROWS_LIMIT:,} rows",
        f"{xlsx._MERGED_LIMIT / 1e3:.0f} thousand merged cells",
        f"{xlsx_parts.TAGS_LIMIT / 1e6:.0f} million XML elements",
    ),
    "archive": (
        f"{opening._UNPACKED_LIMIT_BYTES / 1024**3:.0f} GB unpacked",
        f"{opening._RATIO_LIMIT:,} times its size",
    ),
    "CSV": (
        f"{delimited.BYTES_LIMIT / 1e6:.0f} MB",
        f"{delimited.CELLS_LIMIT / 1e6:.0f} million cells",
        f"{delimited.COLUMNS_LIMIT:,} columns",
    ),
    "Parquet": (
        f"{parquet_sizes.ROWS_LIMIT / 1e6:.0f} million rows",
        f"{parquet_sizes.CELLS_LIMIT / 1e6:.0f} million cells",
        f"{parquet_sizes.BYTES_LIMIT / 1e6:.0f} million bytes",
    ),
    "GeoJSON": (f"{geojson.BYTES_LIMIT / 1e9:.0f} GB", f"{geojson.CONVERTED_LIMIT / 1e6:.0f} MB"),
    "layer of any format": (
        f"{tangles.LAYER_VERTICES_LIMIT / 1e6:.0f} million vertices",
        f"{tangles.SHAPE_VERTICES_LIMIT / 1e6:.0f} million in one shape",
        f"{tangles.CROSSINGS_LIMIT / 1e6:.0f} million places",
    ),
    "streets as lines": (f"{tangles.LINE_PAIRS_LIMIT / 1e6:.0f} million pairs",),
    "OpenStreetMap PBF": (f"blobs of {soundness._BLOB_LIMIT / 1024**2:.0f} MB",),
    "any raster": (f"{raster.BLOCK_LIMIT / 1e6:.0f} MB",),
    "population raster": (
        f"{raster.CELL_LIMIT / 1e6:.0f} million cells",
        f"{split_people._MOST_BORDER_CELLS / 1e6:.0f} million that borders",
    ),
    "grid in place of communities": (f"{regular_grids.CELL_LIMIT / 1e3:.0f} thousand cells",),
    "candidates of `site`": (f"{walk_pairs.MOST_PAIRS / 1e6:.0f} million walks",),
    "areas and catchments that are drawn": (f"{fields.MAX_VERTICES / 1e6:.0f} million vertices",),
}
"""Rows of the table of what files may hold, and what each has to say."""


def test_the_page_of_limits_tells_the_sizes_that_hold():
    page = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")
    table = page[: page.index("## Memory and time")]
    for name, told in SIZES.items():
        [row] = [line for line in table.splitlines() if line.startswith(f"| {name}")]
        assert [size for size in told if size not in row] == [], name
