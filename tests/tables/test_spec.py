"""Tables are checked where they are made."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from lifecircle.errors import ContractError
from lifecircle.tables import FINDINGS, PROPOSALS, Column, TableSpec, findings_frame, local_crs, utm_crs

SPEC = TableSpec(
    "things",
    {
        "id": Column("id", "its id"),
        "size": Column("number", "its size", "m", nullable=True),
        "count": Column("count", "how many"),
        "open": Column("flag", "whether it is open"),
    },
    key=("id",),
)


def _things(**changes):
    table = {"id": ["a", "b"], "size": [1.0, np.nan], "count": [1, 2], "open": [True, False]}
    return pd.DataFrame({**table, **changes})


def test_a_right_table_comes_back_unchanged():
    table = _things()
    assert SPEC.check(table) is table


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": ["a", "a"]}, "not unique"),
        ({"id": ["a", ""]}, "blank ids"),
        ({"size": ["1", "2"]}, "not number"),
        ({"count": [1.0, 2.0]}, "not count"),
        ({"open": [1, 0]}, "not flag"),
    ],
)
def test_a_wrong_column_is_named(changes, words):
    with pytest.raises(ContractError, match=words):
        SPEC.check(_things(**changes))


def test_everything_wrong_is_named_at_once():
    with pytest.raises(ContractError, match=r"no column 'open'.*'count' is"):
        SPEC.check(_things(count=[0.5, 1.0]).drop(columns="open"))


def test_a_family_of_columns_is_held_to_its_kind():
    spec = TableSpec(
        "figures", {"id": Column("id", "its id")}, patterns={"min_<service>": Column("number", "m")}
    )
    spec.check(pd.DataFrame({"id": ["a"], "min_market": [1.0], "other": ["x"]}))
    with pytest.raises(ContractError, match="'min_market' is int64, not number"):
        spec.check(pd.DataFrame({"id": ["a"], "min_market": [1]}))


def test_a_layer_of_no_rows_has_its_columns_and_a_coordinate_system():
    layer = PROPOSALS.empty_layer("EPSG:32649")
    assert list(layer) == list(PROPOSALS.columns)
    assert layer.crs.to_epsg() == 32649
    assert len(PROPOSALS.check(layer)) == 0


def test_a_geometry_needs_a_geodataframe():
    spec = TableSpec("places", {"geometry": Column("geometry", "where")})
    assert len(spec.check(gpd.GeoDataFrame(geometry=[Point(0, 0)]))) == 1
    with pytest.raises(ContractError, match="GeoDataFrame"):
        spec.check(pd.DataFrame({"geometry": [Point(0, 0)]}))


def test_findings_fill_what_a_rule_leaves_out_with_unknown():
    row = {"plan": "p", "rule": "r", "level": "city", "code": "1", "status": "met", "certainty": "firm"}
    table = findings_frame([row])
    assert list(table.columns) == list(FINDINGS.columns)
    assert table.loc[0, "note"] == ()
    assert np.isnan(table.loc[0, "deficit"])
    assert findings_frame([]).empty


def test_the_local_crs_is_true_to_scale_near_its_centre():
    line = gpd.GeoSeries(gpd.points_from_xy([110.34, 110.35], [19.95, 19.95]), crs=4326)
    here = line.to_crs(local_crs(110.3, 20.0))
    geodesic = line.crs.get_geod().inv(110.34, 19.95, 110.35, 19.95)[2]
    assert here.iloc[0].distance(here.iloc[1]) == pytest.approx(geodesic, rel=1e-6)
    assert utm_crs(110.3, 20.0).to_epsg() == 32649
    assert utm_crs(-51.2, -30.0).to_epsg() == 32722
