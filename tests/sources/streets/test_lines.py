"""Streets from line layers, and lines that cross without meeting."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import LineString, MultiLineString, Point
from shared_data import DATA

import lifecircle as lc
from lifecircle.errors import InputError, MissingInputError
from lifecircle.sources.streets.crossings import crossings_without_node, split_at_crossings
from lifecircle.sources.streets.lines import line_streets, read_line_streets
from lifecircle.sources.streets.reader import read_streets


def layer(*shapes, crs=4326, **columns):
    """A line layer."""
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def ends(streets):
    """Segments as pairs of (lon, lat), rounded to 1e-6 degree."""
    places = np.column_stack([streets.lon, streets.lat]).round(6) + 0.0
    return [
        (tuple(places[u].tolist()), tuple(places[v].tolist()))
        for u, v in zip(streets.u, streets.v, strict=True)
    ]


CROSS = (LineString([(0, 0), (0.002, 0)]), LineString([(0.001, -0.001), (0.001, 0.001)]))


def test_vertices_become_nodes_and_shared_ones_are_one():
    streets = line_streets(
        layer(LineString([(0, 0), (0.001, 0), (0.002, 0)]), LineString([(0.001, 0), (0.001, 0.001)]))
    )
    assert len(streets.lon) == 4
    assert ends(streets) == [
        ((0.0, 0.0), (0.001, 0.0)),
        ((0.001, 0.0), (0.002, 0.0)),
        ((0.001, 0.0), (0.001, 0.001)),
    ]
    assert streets.way.tolist() == [0, 0, 1]
    assert streets.segment.tolist() == [0, 1, 0]
    assert streets.forward.all()
    assert streets.backward.all()


@pytest.mark.parametrize(("gap_degree", "nodes"), [(2e-8, 3), (5e-7, 4)])
def test_vertices_join_where_they_round_to_the_same_place(gap_degree, nodes):
    lines = layer(LineString([(0, 0), (0.001, 0)]), LineString([(0.001 + gap_degree, 0), (0.002, 0)]))
    assert len(line_streets(lines).lon) == nodes


def test_negative_places_are_kept_exactly():
    streets = line_streets(
        layer(LineString([(-51.1234567, -30.7654321), (-51.1, -30.7), (179.9999999, 89.9)]))
    )
    assert sorted(zip(streets.lon.round(7), streets.lat.round(7), strict=True)) == [
        (-51.1234567, -30.7654321),
        (-51.1, -30.7),
        (179.9999999, 89.9),
    ]


def test_multi_lines_are_taken_apart_and_height_is_dropped():
    shape = MultiLineString([[(0, 0, 5), (0.001, 0, 6)], [(0.002, 0, 7), (0.003, 0, 8)]])
    streets = line_streets(layer(shape))
    assert ends(streets) == [((0.0, 0.0), (0.001, 0.0)), ((0.002, 0.0), (0.003, 0.0))]
    assert streets.segment.tolist() == [0, 2]


def test_what_cannot_serve_is_counted():
    with np.errstate(invalid="ignore"):
        torn = shapely.linestrings([[0.01, 0], [np.nan, 0], [0.02, 0], [0.03, 0]])
    shapes = [
        LineString([(0, 0), (0.001, 0)]),
        None,
        LineString(),
        Point(0, 0),
        LineString([(0.005, 0), (0.005, 0)]),
        torn,
    ]
    streets = line_streets(layer(*shapes))
    assert ends(streets) == [((0.0, 0.0), (0.001, 0.0)), ((0.02, 0.0), (0.03, 0.0))]
    assert streets.counts["street-lines-empty"] == 2
    assert streets.counts["street-lines-not-lines"] == 1
    assert streets.counts["street-segments-of-no-length"] == 1
    assert streets.counts["street-vertices-unusable"] == 1


def test_a_projected_layer_lands_where_it_should():
    degrees = layer(LineString([(113.5, 22.2), (113.51, 22.21)]))
    for crs in (32649, 4547, 3857):
        streets = line_streets(degrees.to_crs(crs))
        assert sorted(streets.lon)[:: len(streets)] == pytest.approx([113.5, 113.51], abs=2e-7)
        assert sorted(streets.lat)[:: len(streets)] == pytest.approx([22.2, 22.21], abs=2e-7)


def test_the_columns_of_the_layer_follow_the_rules_of_the_mode():
    lines = layer(
        *[LineString([(0, at / 100), (0.001, at / 100)]) for at in range(5)],
        Name=["甲路", None, "", "丁路", "戊路"],
        fclass=["residential", "steps", "motorway", "primary", None],
        oneway=["B", "B", "F", "T", "F"],
        maxspeed=[30, 0, 120, 0, 50],
        bridge=["F", "F", "F", "T", "F"],
    )
    drive, walk = line_streets(lines, mode="drive"), line_streets(lines)
    assert drive.way.tolist() == [0, 2, 3, 4]
    assert list(zip(drive.forward, drive.backward, strict=True)) == [
        (True, True), (True, False), (False, True), (True, False),
    ]  # fmt: skip
    assert drive.speed_kmh.tolist() == [30, 120, 60, 50]
    assert drive.bridge.tolist() == [False, False, True, False]
    assert drive.highway.tolist()[-1] == -1
    assert walk.way.tolist() == [0, 1, 3, 4]
    assert walk.backward.all()
    assert walk.steps.tolist() == [False, True, False, False]
    assert walk.counts["street-ways-of-other-classes"] == 1
    assert [walk.names[code] if code >= 0 else "" for code in walk.name] == ["甲路", "", "丁路", "戊路"]


def test_columns_may_be_named():
    lines = layer(LineString([(0, 0), (0.001, 0)]), LM=["人民路"], DJ=["steps"])
    streets = line_streets(lines, columns={"name": "LM", "highway": "DJ"})
    assert streets.names == ("人民路",)
    assert streets.steps.all()


def test_every_column_that_is_not_there_is_named():
    lines = layer(LineString([(0, 0), (0.001, 0)]), LM=["人民路"])
    with pytest.raises(InputError) as caught:
        line_streets(lines, columns={"name": "XM", "highway": "DJ"}, source="lines.shp")
    assert len(caught.value.faults) == 2
    assert "lines.shp, XM: there is no such column (found: LM, geometry)" in str(caught.value)


def test_a_layer_without_crs_is_refused():
    with pytest.raises(InputError, match="no coordinate system"):
        line_streets(layer(LineString([(0, 0), (1, 1)]), crs=None))


def test_metres_labelled_as_degrees_are_refused():
    with pytest.raises(InputError, match="said to hold degrees, and holds metres"):
        line_streets(layer(LineString([(500000, 2400000), (500010, 2400000)])))


def test_a_layer_of_points_is_refused():
    with pytest.raises(InputError, match="no line that can serve"):
        line_streets(layer(Point(0, 0)))


def test_lines_that_cross_without_a_vertex_are_counted_and_stay_apart():
    streets = line_streets(layer(*CROSS))
    assert streets.counts["street-crossings-without-node"] == 1
    assert len(streets) == 2


def test_lines_that_cross_are_joined_when_asked():
    streets = line_streets(layer(*CROSS), split_crossings=True)
    middle = (0.001, 0.0)
    assert ends(streets) == [
        ((0.0, 0.0), middle), (middle, (0.002, 0.0)), ((0.001, -0.001), middle), (middle, (0.001, 0.001)),
    ]  # fmt: skip
    assert streets.counts["street-crossings-split"] == 1
    assert len(np.unique(streets.node_id)) == len(streets.lon) == 5
    assert len(crossings_without_node(streets)[0]) == 0


def test_a_line_that_ends_on_another_meets_it_when_asked():
    lines = layer(LineString([(0, 0), (0.003, 0.001)]), LineString([(0.0015, 0.0005), (0.0015, 0.001)]))
    streets = line_streets(lines, split_crossings=True)
    assert len(streets) == 3
    assert len(streets.lon) == 4


@pytest.mark.parametrize(
    ("short_m", "tolerance_m", "joined"), [(0.0, 0.01, 1), (0.005, 0.01, 1), (0.5, 0.01, 0), (0.5, 1.0, 1)]
)
@pytest.mark.parametrize("bridge", ["no", "yes"])
def test_an_end_that_misses_the_middle_of_a_line_by_less_than_the_tolerance_meets_it(
    short_m, tolerance_m, joined, bridge
):
    degree = 1 / 110_574
    lines = layer(
        LineString([(0, 0), (0.003, 0)]),
        LineString([(0.0015, short_m * degree), (0.0015, 0.001)]),
        bridge=[bridge, "no"],
    )
    streets = line_streets(lines, tolerance_m=tolerance_m)
    joined = joined if bridge == "no" else 0
    assert streets.counts["street-ends-joined"] == joined
    assert len(streets) == 2 + joined
    assert len(np.unique(np.concatenate([streets.u, streets.v]))) == 4
    if joined:
        assert ends(streets)[0][1] == (0.0015, 0.0)


@pytest.mark.parametrize("crs", [32632, 3857, 2056, 4326])
@pytest.mark.parametrize("split", [False, True])
def test_lines_meet_where_they_are_straight_in_their_own_system(crs, split):
    # a street of 3 km, one that ends on it, one that stops 0.6 m short of it, one that crosses both
    corner = gpd.GeoSeries([Point(9.0, 46.0)], crs=4326).to_crs(crs).get_coordinates().to_numpy()[0]
    unit = {3857: 1 / np.cos(np.radians(46)), 4326: 1 / 77_000}.get(crs, 1.0)
    shapes = [
        [(0, 0), (3000, 0)],
        [(250, 0), (250, 2000)],
        [(1500, 0.6), (1500, 2000)],
        [(0, 1000), (3000, 1000)],
    ]
    lines = layer(*[LineString(corner + unit * np.array(shape)) for shape in shapes], crs=crs)
    streets = line_streets(lines, split_crossings=split)
    assert streets.counts["street-ends-joined"] == 1
    assert streets.counts["street-ends-short"] == 1
    assert streets.counts["street-crossings-split" if split else "street-crossings-without-node"] == 2
    # the first two meet at one node, exactly where they were drawn to
    shared = [
        set(np.concatenate([at[streets.way == way] for at in (streets.u, streets.v)])) for way in (0, 1)
    ]
    (node,) = shared[0] & shared[1]
    there = gpd.GeoSeries([Point(corner + unit * np.array([250, 0]))], crs=crs).to_crs(4326)
    assert (streets.lon[node], streets.lat[node]) == pytest.approx((there.x[0], there.y[0]), abs=1e-7)
    # in metres of their own, all middles lie on the straight lines; no piece bends
    middles = gpd.GeoSeries(shapely.centroid(streets.segments()), crs=4326).to_crs(crs)
    away = shapely.distance(middles.to_numpy(), lines.geometry.to_numpy()[streets.way]) / unit
    assert away.max() < 0.02
    assert (
        np.bincount(streets.way) == [len(np.unique(streets.segment[streets.way == way])) for way in range(4)]
    ).all()
    assert line_streets(lines, tolerance_m=1).counts["street-ends-short"] == 0


def test_inserted_vertices_join_nothing():
    # two streets that cross in the very middle of both, where each may be given a vertex
    lines = layer(
        LineString([(5e5, 5e6), (506000, 5e6)]), LineString([(503000, 4997000), (503000, 5003000)]), crs=32632
    )
    streets = line_streets(lines)
    assert len(streets) > 4
    assert streets.counts["street-crossings-without-node"] == 1
    assert not set(streets.u[streets.way == 0]) & set(streets.v[streets.way == 1])


def test_two_crossings_on_one_segment_cut_it_in_three():
    lines = layer(*CROSS, LineString([(0.0015, 0.001), (0.0015, -0.001)]))
    streets = line_streets(lines, split_crossings=True)
    assert streets.way.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert streets.segment.tolist() == [0, 1, 2, 0, 1, 0, 1]


def test_overlapping_lines_share_their_ends_when_asked():
    lines = layer(LineString([(0, 0), (0.003, 0)]), LineString([(0.001, 0), (0.002, 0)]))
    streets = line_streets(lines, split_crossings=True)
    assert streets.way.tolist() == [0, 0, 0, 1]


def test_a_bridge_crosses_freely():
    streets = line_streets(layer(*CROSS, bridge=["no", "yes"]), split_crossings=True)
    assert len(streets) == 2
    assert streets.counts["street-crossings-split"] == 0


def test_splitting_keeps_the_total_length_and_the_attributes():
    rng = np.random.default_rng(7)
    shapes = [LineString(rng.uniform(0, 0.01, (2, 2))) for _ in range(60)]
    apart = line_streets(layer(*shapes, name=[f"s{at}" for at in range(60)]))
    joined = split_at_crossings(apart)

    def degrees(streets):
        """Length of every segment, degrees."""
        return np.hypot(
            streets.lon[streets.u] - streets.lon[streets.v], streets.lat[streets.u] - streets.lat[streets.v]
        )

    assert len(joined) > len(apart)
    assert np.bincount(joined.way, degrees(joined)) == pytest.approx(
        np.bincount(apart.way, degrees(apart)), abs=1e-6
    )
    assert (joined.name == joined.way).all()
    brute = sum(one.crosses(other) for at, one in enumerate(shapes) for other in shapes[:at])
    assert joined.counts["street-crossings-split"] == brute


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet"])
def test_every_format_is_read_by_its_name(tmp_path, suffix):
    path = tmp_path / f"道路{suffix}"
    lines = layer(*CROSS, name=["一路", "二路"])
    if suffix == ".parquet":
        lines.to_parquet(path)
    else:
        lines.to_file(path, encoding="UTF-8")
    streets = read_streets(path)
    assert ends(streets) == ends(line_streets(lines))
    assert streets.names == ("一路", "二路")
    assert streets.source == str(path)


def test_bounds_cut_a_layer(tmp_path):
    path = tmp_path / "lines.gpkg"
    layer(*CROSS).to_file(path)
    streets = read_streets(path, bounds=shapely.box(-0.0001, -0.0001, 0.0001, 0.0001))
    assert ends(streets) == [((0.0, 0.0), (0.002, 0.0))]
    with pytest.raises(InputError, match="within the study area"):
        read_streets(path, bounds=shapely.box(10, 10, 11, 11))


def test_a_damaged_layer_is_refused(tmp_path):
    path = tmp_path / "lines.gpkg"
    layer(*CROSS).to_file(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"lines\.gpkg: cannot be read"):
        read_streets(path)
    parquet = tmp_path / "lines.parquet"
    parquet.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match="cannot be read as a line layer"):
        read_streets(parquet)


def test_a_layer_name_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    path = tmp_path / "lines.gpkg"
    layer(*CROSS).to_file(path, layer="streets")
    with pytest.raises(MissingInputError, match='layer "roads"') as caught:
        read_line_streets(path, layer="roads")
    assert "streets" in str(caught.value)


def test_the_one_layer_of_lines_is_taken_and_of_two_none_is_guessed(tmp_path):
    path = tmp_path / "lines.gpkg"
    layer(Point(0, 0)).to_file(path, layer="a_points")
    layer(*CROSS).to_file(path, layer="streets")
    assert len(read_streets(path)) == 2
    layer(CROSS[0]).to_file(path, layer="walks")
    with pytest.raises(MissingInputError, match="streets, walks"):
        read_streets(path)
    assert len(read_line_streets(path, layer="walks")) == 1


def test_a_shapefile_in_gbk_without_cpg_keeps_its_names(tmp_path):
    path = tmp_path / "roads.shp"
    layer(*CROSS, name=["人民东路", "解放路"]).to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert read_streets(path).names == ("人民东路", "解放路")


def test_an_unknown_kind_of_file_names_the_known_ones(tmp_path):
    path = tmp_path / "streets.dwg"
    path.write_bytes(b"AC1032")
    with pytest.raises(InputError, match=r"no reader of streets.*\n.*\.graphml, \.gpkg"):
        read_streets(path)
    with pytest.raises(MissingInputError):
        read_streets(tmp_path / "nowhere.dwg")


def test_wuhan_is_read_and_projected():
    path = DATA / "wuhan" / "wuhan_streets.parquet"
    if not path.is_file():
        pytest.skip(f"wuhan_streets.parquet is not at {path.parent}: real layers are not part of the project")
    streets = read_streets(path)
    assert len(streets) > 80_000
    assert streets.lon.min() > 113
    assert streets.lon.max() < 116
    assert streets.counts["street-crossings-without-node"] > 0


def test_names_of_a_parquet_layer_that_are_no_utf_8_are_a_fault_of_the_file(tmp_path):
    file = tmp_path / "lines.parquet"
    street = shapely.LineString([(114.5, 38.0), (114.51, 38.0)])
    gpd.GeoDataFrame({"name": ["ab"]}, geometry=[street], crs=4326).to_parquet(file)
    sound = pq.read_table(file)
    words = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"a\x94"))
    pq.write_table(sound.set_column(0, sound.schema.field(0).with_type(pa.string()), words), file)
    with pytest.raises(InputError) as error:
        lc.read_streets(file)
    assert [(fault.file, "UTF8" in fault.render("en")) for fault in error.value.faults] == [(str(file), True)]
