"""study.gpkg: every layer with its own geometry type, nothing lost, and styles that QGIS opens with."""

import dataclasses
import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from results_by_hand import CRS, results_by_hand, with_findings

from lifecircle.outputs.gis.layers import GEOMETRY, community_layer, write_layers
from lifecircle.outputs.web_map.text import study_date
from lifecircle.tables import QUALITY

REMARKS = pd.DataFrame(
    [
        ("streets", "", "street-ways-closed", 12.0, "", "info", np.nan, np.nan),
        ("snapping", "demand 1", "snap-far", 40.0, "", "warning", 10.0, 20.0),
    ],
    columns=list(QUALITY.columns),
)


@pytest.fixture(scope="module")
def results():
    made = results_by_hand()
    communities = made.communities.assign(
        meets=[True, None, False] * 26 + [True, None],
        several=[("a", "b")] * len(made.communities),
        endless=np.inf,
    )
    facilities = made.inputs.facilities.copy()
    facilities.loc[0, "geometry"] = facilities.geometry.iloc[0].buffer(40)
    inputs = dataclasses.replace(made.inputs, quality=REMARKS, facilities=facilities)
    return dataclasses.replace(made, communities=communities, inputs=inputs)


@pytest.fixture(scope="module")
def package(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("layers") / "study.gpkg"
    write_layers(results, path, lang="zh")
    return path


def asked(path, question):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(question).fetchall()


def test_every_layer_of_the_contract_is_there_with_its_type(package):
    kinds = {name: kind for name, kind in pyogrio.list_layers(package) if kind is not None}
    wanted = {
        "communities",
        "circles",
        "facilities",
        "demand",
        "gaps",
        "catchments",
        "isochrones",
        "proposals",
    }
    assert wanted | {"data_quality"} <= set(kinds)
    assert kinds == GEOMETRY
    srs = asked(package, "SELECT DISTINCT srs_id FROM gpkg_geometry_columns")
    assert srs == [(4326,)]


def test_layers_without_rows_keep_their_columns_and_type(results, tmp_path):
    empty = dataclasses.replace(
        results,
        **{
            name: getattr(results, name).iloc[:0]
            for name in ("gaps", "catchments", "isochrones", "proposals")
        },
    )
    write_layers(empty, tmp_path / "study.gpkg", lang="en")
    assert {name: kind for name, kind in pyogrio.list_layers(tmp_path / "study.gpkg") if kind} == GEOMETRY
    table = gpd.read_file(tmp_path / "study.gpkg", layer="catchments")
    assert len(table) == 0
    assert set(results.catchments.columns) == set(table.columns)


def test_nothing_is_lost_and_places_are_those_of_the_study(results, package):
    for name in ("communities", "circles", "gaps", "catchments", "isochrones", "proposals"):
        table, own = gpd.read_file(package, layer=name), getattr(results, name)
        assert set(own.columns) <= set(table.columns)
        assert len(table) == len(own)
        moved = table.to_crs(CRS).geometry.hausdorff_distance(own.geometry.reset_index(drop=True))
        assert moved.max() < 1e-3


def test_marks_lists_and_the_endless_are_kept_as_what_they_are(package):
    table = gpd.read_file(package, layer="communities")
    assert asked(package, "SELECT meets FROM communities LIMIT 3") == [(1,), (None,), (0,)]
    assert (table["several"] == "a; b").all()
    assert table["endless"].isna().all()


def test_communities_carry_each_rules_verdict(results, package):
    table = gpd.read_file(package, layer="communities").set_index("code")
    verdicts = results.findings.query("rule == 'rule-1' and service == ''").set_index("code")
    unsure = (verdicts["status"] == "short") & (verdicts["certainty"] == "provisional")
    expected = verdicts["status"].mask(unsure, "short-provisional")
    assert table["status_rule-1"].to_dict() == expected.to_dict()
    np.testing.assert_allclose(table["deficit_rule-1"], verdicts["deficit"].reindex(table.index))


def test_a_community_that_a_rule_does_not_judge_has_a_blank_status(results):
    own = results.findings["level"].isin(("community", "village"))
    code = results.findings.loc[own, "code"].iloc[0]
    rule = results.findings.loc[own, "rule"].iloc[0]
    of_it = (results.findings["code"] == code) & (results.findings["rule"] == rule)
    layer, titles = community_layer(with_findings(results, results.findings[~of_it]), "en")
    assert f"status_{rule}" in titles
    row = layer.set_index("code").loc[code]
    assert row[f"status_{rule}"] == ""
    assert np.isnan(row[f"deficit_{rule}"])


def test_a_facility_with_an_outline_is_a_point_inside_it_and_an_area(results, package):
    points, areas = (
        gpd.read_file(package, layer=name).to_crs(CRS) for name in ("facilities", "facility_areas")
    )
    outline = results.inputs.facilities.geometry.iloc[0]
    assert len(points) == len(results.inputs.facilities)
    assert len(areas) == 1
    assert outline.contains(points.geometry.iloc[0])
    assert shapely.area(areas.geometry.iloc[0]) == pytest.approx(outline.area, rel=1e-6)


def test_remarks_are_words_and_stand_where_they_belong(package):
    table = gpd.read_file(package, layer="data_quality")
    assert table["severity"].tolist() == ["warning", "info"]
    assert "40" in table["remark"].iloc[0]
    assert "{" not in "".join(table["remark"])
    place = table.to_crs(CRS).geometry.iloc[0]
    assert (place.x, place.y) == pytest.approx((10.0, 20.0), abs=1e-3)
    assert table.geometry.iloc[1] is None


def test_every_layer_opens_with_one_style_that_names_its_columns(package):
    default = asked(
        package, "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault = 1"
    )
    assert sorted(name for name, _, _ in default) == sorted(GEOMETRY)
    for name, geometry, qml in default:
        assert asked(package, f"SELECT {geometry} FROM {name} LIMIT 1") is not None  # noqa: S608
        renderer = ET.fromstring(qml.split("\n", 1)[1]).find("renderer-v2")  # noqa: S314
        attribute = renderer.get("attr")
        assert attribute is None or attribute in {
            row[1] for row in asked(package, f"PRAGMA table_info({name})")
        }
        classes = renderer.findall("categories/category") + renderer.findall("ranges/range")
        symbols = {symbol.get("name") for symbol in renderer.findall("symbols/symbol")}
        assert {one.get("symbol") for one in classes} <= symbols
        assert symbols


def test_every_value_drawn_by_class_has_its_class(package):
    styles = asked(package, "SELECT f_table_name, styleQML FROM layer_styles")
    for layer, qml in styles:
        renderer = ET.fromstring(qml.split("\n", 1)[1]).find("renderer-v2")  # noqa: S314
        if (column := renderer.get("attr")) is None:
            continue
        question = f'SELECT DISTINCT "{column}" FROM {layer} WHERE "{column}" IS NOT NULL'  # noqa: S608
        values = [value for (value,) in asked(package, question)]
        if renderer.get("type") == "categorizedSymbol":
            known = {one.get("value") for one in renderer.findall("categories/category")}
            assert {f"{value:g}" if isinstance(value, float) else value for value in values} <= known
        else:
            ranges = renderer.findall("ranges/range")
            low, high = float(ranges[0].get("lower")), float(ranges[-1].get("upper"))
            assert all(low <= value <= high + 1e-6 for value in values)


def test_the_styles_table_is_known_to_the_package(package):
    assert asked(package, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [
        ("attributes",)
    ]


def test_hostile_titles_stay_within_their_style(results, tmp_path):
    plan = results.plans[0]
    rules = {
        name: {**about, "title": {"zh": '</qgis><!--"&\x00', "en": "x"}}
        for name, about in plan["rules"].items()
    }
    hostile = dataclasses.replace(
        results, plans=({**plan, "rules": rules},), services={"market": {"zh": "<&\x01"}}
    )
    write_layers(hostile, tmp_path / "study.gpkg", lang="zh")
    for (qml,) in asked(tmp_path / "study.gpkg", "SELECT styleQML FROM layer_styles"):
        assert ET.fromstring(qml.split("\n", 1)[1]).tag == "qgis"  # noqa: S314


def test_every_layer_says_what_it_is_in_dublin_core_terms(package, results):
    told = {name: pyogrio.read_info(package, layer=name)["layer_metadata"] for name in GEOMETRY}
    assert all(about["DCTERMS.title"].startswith(results.inputs.name) for about in told.values())
    assert len({about["DCTERMS.title"] for about in told.values()}) == len(GEOMETRY)
    assert all(about["DCTERMS.language"] == "zh" for about in told.values())
    assert all(about["DCTERMS.creator"].startswith("lifecircle ") for about in told.values())
    # the package tells the study's day and nothing of the clock
    for times in (
        "last_change FROM gpkg_contents",
        "timestamp FROM gpkg_metadata_reference",
        "update_time FROM layer_styles",
    ):
        days = {time[:10] for (time,) in asked(package, f"SELECT DISTINCT {times}")}
        assert days == {study_date(results)}, times


def test_geoparquet_holds_the_same_layers(results, tmp_path):
    write_layers(results, tmp_path / "study.gpkg", lang="en", geoparquet=tmp_path / "geoparquet")
    assert {path.stem for path in (tmp_path / "geoparquet").iterdir()} == set(GEOMETRY)
    for name in GEOMETRY:
        package = gpd.read_file(tmp_path / "study.gpkg", layer=name)
        parquet = gpd.read_parquet(tmp_path / "geoparquet" / f"{name}.parquet")
        about = pyogrio.read_info(tmp_path / "study.gpkg", layer=name)["layer_metadata"]
        held = pq.read_schema(tmp_path / "geoparquet" / f"{name}.parquet").metadata
        told = {term: words for term, words in about.items() if term.startswith("DCTERMS")}
        assert {term: held[term.encode()].decode() for term in told} == told
        assert parquet.crs == package.crs
        assert list(parquet.columns) == list(package.columns)
        assert len(parquet) == len(package)
        there = parquet.geometry.notna().to_numpy() & ~parquet.geometry.is_empty.to_numpy()
        assert (parquet.geometry[there].to_wkb() == package.geometry[there].to_wkb()).all()
        for column in parquet.columns.drop("geometry"):
            known = parquet[column].notna()
            assert (known == package[column].notna()).all(), column
            kind = "float64" if pd.api.types.is_bool_dtype(parquet[column]) else "str"
            ours, theirs = (table[column][known].astype(kind) for table in (parquet, package))
            assert (ours == theirs).all(), column


def test_layers_written_a_few_rows_at_a_time_are_the_same(results, package, tmp_path, monkeypatch):
    assert min(len(results.inputs.demand), len(results.communities)) > 20
    monkeypatch.setattr("lifecircle.outputs.gis.layers._MOST_VERTICES", 7)
    few = tmp_path / "study.gpkg"
    write_layers(results, few, lang="zh")
    for name in GEOMETRY:
        (about, ids, shapes, columns), whole = (
            pyogrio.raw.read(path, layer=name, return_fids=True) for path in (few, package)
        )
        assert about["geometry_type"] == whole[0]["geometry_type"]
        assert about["fields"].tolist() == whole[0]["fields"].tolist()
        assert list(about["dtypes"]) == list(whole[0]["dtypes"])
        assert ids.tolist() == whole[1].tolist()
        assert shapes.tolist() == whole[2].tolist()
        for ours, theirs in zip(columns, whole[3], strict=True):
            pd.testing.assert_series_equal(pd.Series(ours), pd.Series(theirs))
        bounds = "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents ORDER BY table_name"
        assert asked(few, bounds) == asked(package, bounds)
