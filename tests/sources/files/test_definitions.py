"""Coordinate systems that name files: refused in every format before anything opens what they name."""

import json
import os
import sqlite3
import subprocess
import time

import geopandas as gpd
import networkx as nx
import pyarrow.parquet
import pytest
from pydantic import TypeAdapter, ValidationError
from shapely import LineString, box

from lifecircle import read_streets
from lifecircle.errors import InputError
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.study.sections import TableCrs

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes with names are POSIX")

_METRE, _DEGREE = 'UNIT["Meter",1]', "0.0174532925199433"
DATUM = 'DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]'
AFTER = f'],PRIMEM["Greenwich",0],UNIT["Degree",{_DEGREE}]'
PLAIN = DATUM + AFTER
_AXES = f'CS[ellipsoidal,2],AXIS["lat",north],AXIS["lon",east],ANGLEUNIT["degree",{_DEGREE}]'
_WGS84 = 'GEOGCRS["WGS 84",DATUM["WGS 84",ELLIPSOID["WGS 84",6378137,298.257223563]],' + _AXES
_GRID = 'METHOD["NTv2",ID["EPSG",9615]],PARAMETERFILE["grid","{}"]'
SYSTEMS = {
    "a file of definitions": "+init={}:1",
    "a grid beside a datum": f'GEOGCS["x",{DATUM},EXTENSION["PROJ4_GRIDS","{{}}"]{AFTER}]',
    "a string of PROJ": f'PROJCS["x",GEOGCS["y",{PLAIN}],PROJECTION["Transverse_Mercator"],{_METRE},'
    'EXTENSION["PROJ4","+proj=tmerc +nadgrids={} +no_defs"]]',
    "a grid of a transformation": 'BOUNDCRS[SOURCECRS[GEOGCRS["x",'
    'DATUM["x",ELLIPSOID["GRS 1980",6378137,298]],'
    f'{_AXES}]],TARGETCRS[{_WGS84}]],ABRIDGEDTRANSFORMATION["NTv2",{_GRID}]]',
}


@pytest.fixture
def trap(tmp_path):
    """A named pipe, and whether anybody has opened it: who writes into it waits for that."""
    pipe, opened = tmp_path / "trap", tmp_path / "opened"
    os.mkfifo(pipe)
    with subprocess.Popen(
        ["sh", "-c", f"while :; do echo x > {pipe}; touch {opened}; done"], start_new_session=True
    ) as writer:
        yield pipe
        time.sleep(0.2)
        was_opened = opened.exists()
        writer.kill()
    assert not was_opened, "the file that the system names was opened"


def layer(path, **options):
    shapes = [box(114, 38, 114.1, 38.1)]
    made = gpd.GeoDataFrame({"code": ["1"]}, geometry=shapes, crs=options.pop("crs", 4326))
    made.to_parquet(path) if path.suffix == ".parquet" else made.to_file(path, **options)
    return path


def shapefile(folder, system):
    path = layer(folder / "a.shp")
    path.with_suffix(".prj").write_text(system, encoding="utf-8")
    return path


def geopackage(folder, system):
    path = layer(folder / "a.gpkg")
    with sqlite3.connect(path) as book:
        book.execute(
            "UPDATE gpkg_spatial_ref_sys SET definition = ?, srs_id = 70001 WHERE srs_id = 4326", (system,)
        )
        book.execute("UPDATE gpkg_geometry_columns SET srs_id = 70001")
        book.execute("UPDATE gpkg_contents SET srs_id = 70001")
    book.close()
    return path


def geojson(folder, system):
    path = layer(folder / "a.geojson")
    tree = json.loads(path.read_text(encoding="utf-8"))
    tree["crs"] = {"type": "name", "properties": {"note": "", "name": system}}
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def flatgeobuf(folder, system):
    """One whose system has a name as long as another system, which then takes its place."""
    path = layer(folder / "a.fgb", crs=f'GEOGCS["{"N" * len(system)}",{PLAIN}]')
    whole = path.read_bytes()
    begin = whole.index(b"GEOGCRS[")
    length = int.from_bytes(whole[begin - 4 : begin], "little")
    path.write_bytes(whole[:begin] + system.encode().ljust(length) + whole[begin + length :])
    return path


def geoparquet(folder, system):
    path = layer(folder / "a.parquet")
    table = pyarrow.parquet.read_table(path)
    noted = json.loads(table.schema.metadata[b"geo"])
    noted["columns"]["geometry"]["crs"] = system
    pyarrow.parquet.write_table(table.replace_schema_metadata({b"geo": json.dumps(noted).encode()}), path)
    return path


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
@pytest.mark.parametrize("write", [shapefile, geopackage, geojson, flatgeobuf, geoparquet])
def test_a_file_that_a_system_names_is_not_opened(tmp_path, trap, write, system):
    path = write(tmp_path, system.replace("{}", str(trap)))
    with pytest.raises(InputError) as refused:
        read_vector(path, ReadingLog(), subject="communities", shape="polygon", wanted={"code": ("code",)})
    assert [fault.key for fault in refused.value.faults] == ["crs-names-file"]
    assert refused.value.faults[0].file == str(path)


def test_nor_by_a_graph(tmp_path, trap):
    graph = nx.MultiDiGraph(crs=f"+init={trap}:1")
    graph.add_nodes_from([(1, {"x": 114.0, "y": 38.0}), (2, {"x": 114.01, "y": 38.0})])
    graph.add_edge(1, 2, geometry=LineString([(114, 38), (114.01, 38)]).wkt)
    nx.write_graphml(graph, tmp_path / "a.graphml")
    with pytest.raises(InputError) as refused:
        read_streets(tmp_path / "a.graphml")
    assert [fault.key for fault in refused.value.faults] == ["crs-names-file"]


def test_nor_by_a_study(trap):
    with pytest.raises(ValidationError, match="registered system"):
        TypeAdapter(TableCrs).validate_python(f"+init={trap}:1")


def test_a_system_by_its_old_spelling_is_known_and_warns_of_nothing(recwarn):
    assert TypeAdapter(TableCrs).validate_python("+init=epsg:4547")
    assert not list(recwarn)
