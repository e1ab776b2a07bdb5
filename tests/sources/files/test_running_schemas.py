"""GeoPackages whose schema would run something when they are read or written."""

import sqlite3
from contextlib import closing

import geopandas as gpd
import pytest
from shapely import box

from lifecircle.cli.files import write_layer
from lifecircle.errors import InputError
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog

LISTED = (
    "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('v', 'features', 4326)",
    "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4326, 0, 0)",
)
TRIGGERS = (
    "CREATE TRIGGER added AFTER INSERT ON a BEGIN DELETE FROM a; END",
    "CREATE TRIGGER changed BEFORE UPDATE ON a BEGIN SELECT load_extension('evil.so'); END",
    "CREATE TRIGGER opened AFTER INSERT ON gpkg_ogr_contents BEGIN DELETE FROM a; END",
)
ENDLESS = "WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n) SELECT * FROM n"
HARMLESS = {
    "triggers": TRIGGERS,
    "a view with a trigger": (
        "CREATE VIEW v AS SELECT * FROM a",
        "CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN DELETE FROM a; END",
        *LISTED,
    ),
    "a view without end": (f"CREATE VIEW v AS {ENDLESS}", *LISTED),
    "a view of itself": ("CREATE VIEW v AS SELECT * FROM a", *LISTED, ("v", "FROM a", "FROM v")),
    "a view that loads code": (
        "CREATE VIEW v AS SELECT load_extension('evil.so') AS fid, geom, code FROM a",
        *LISTED,
    ),
    "a default that loads code": (("a", '"code" TEXT', "\"code\" TEXT DEFAULT (load_extension('evil.so'))"),),
}
REFUSED = {
    "a column that loads code": (("a", '"code" TEXT', "\"code\" TEXT, g AS (load_extension('evil.so'))"),),
    "an index that loads code": (
        "CREATE INDEX i ON a(upper(code))",
        ("i", "upper(code)", "load_extension('evil.so')"),
    ),
    "the layer itself a view": ("ALTER TABLE a RENAME TO b", "CREATE VIEW a AS SELECT * FROM b"),
}
CHANGE = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ?"


@pytest.fixture
def edited_package(tmp_path):
    """A GeoPackage of one layer whose schema was changed by hand."""

    def made(statements):
        path = tmp_path / "a.gpkg"
        layer = gpd.GeoDataFrame({"code": ["1"]}, geometry=[box(114, 38, 114.1, 38.1)], crs=4326)
        layer.to_file(path, layer="a")
        with closing(sqlite3.connect(path)) as book:
            book.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                if isinstance(statement, str):
                    book.execute(statement)
                else:
                    name, said, now = statement
                    assert book.execute(CHANGE, (said, now, name)).rowcount == 1
            book.commit()
        return path

    return made


def codes(path, layer):
    wanted = {"code": ("code",)}
    read = read_vector(path, ReadingLog(), subject="communities", shape="polygon", wanted=wanted, layer=layer)
    return list(read["code"])


@pytest.mark.parametrize("schema", HARMLESS)
def test_a_layer_beside_what_would_run_is_read_and_nothing_runs(edited_package, schema):
    path = edited_package(HARMLESS[schema])
    before = path.read_bytes()
    assert codes(path, None) == codes(path, "a") == ["1"]
    if "view" in schema:
        with pytest.raises(InputError, match="is a view, which runs a query"):
            codes(path, "v")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("schema", REFUSED)
def test_a_layer_that_itself_would_run_something_is_refused(edited_package, schema):
    path = edited_package(REFUSED[schema])
    with pytest.raises(InputError, match=r"a\.gpkg"):
        codes(path, "a")


def test_what_a_file_would_run_goes_with_it_when_a_command_writes_over_it(edited_package):
    path = edited_package(TRIGGERS)
    fresh = gpd.GeoDataFrame({"code": ["2", "3"]}, geometry=[box(0, 0, 1, 1)] * 2, crs=4326)
    write_layer(fresh, path, name="a")
    assert list(gpd.read_file(path)["code"]) == ["2", "3"]
    with closing(sqlite3.connect(path)) as book:
        left = {name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert left.isdisjoint({"added", "changed", "opened"})
