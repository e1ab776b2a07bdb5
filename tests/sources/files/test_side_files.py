"""Files that would have another one opened: by what lies beside them, their first bytes, their tables."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import from_origin
from shapely import box

from lifecircle.errors import InputError
from lifecircle.sources.files.opening import local_file
from lifecircle.sources.files.raster import check_raster, people_raster
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog

ZONE = box(114.49, 37.99, 114.54, 38.01)


def write_raster(path, value=5, dtype="float32"):
    profile = {"count": 1, "dtype": dtype, "crs": "EPSG:4326", "width": 60, "height": 45}
    turn = from_origin(114.49, 38.02, 0.001, 0.001)
    with rasterio.open(path, "w", driver="GTiff", transform=turn, **profile) as file:
        file.write(np.full((45, 60), value, dtype), 1)
    return path


def write_layer(path, code="1"):
    gpd.GeoDataFrame({"code": [code]}, geometry=[box(114, 38, 114.1, 38.1)], crs=4326).to_file(path)
    return path


@pytest.fixture
def secret(tmp_path):
    """A raster, a layer and a table that no study names."""
    folder = tmp_path / "secret"
    folder.mkdir()
    write_raster(folder / "s.tif", 0, "uint8")
    write_layer(folder / "s.shp", "9")
    table = 'code,WKT\n9,"POLYGON ((114 38,114.1 38,114.1 38.1,114 38))"\n'
    (folder / "s.csv").write_text(table, encoding="utf-8")
    return folder


def virtual_raster(secret):
    source = f'<SourceFilename relativeToVRT="0">{secret}/s.tif</SourceFilename><SourceBand>1</SourceBand>'
    band = f'<VRTRasterBand dataType="Byte" band="1"><SimpleSource>{source}</SimpleSource></VRTRasterBand>'
    flags = '<Metadata><MDI key="INTERNAL_MASK_FLAGS_1">2</MDI></Metadata>'
    return f'<VRTDataset rasterXSize="60" rasterYSize="45">{flags}{band}</VRTDataset>'


def virtual_layer(secret):
    said = f"<SrcDataSource>{secret}/s.csv</SrcDataSource><LayerSRS>EPSG:4326</LayerSRS>"
    said += '<GeometryField encoding="WKT" field="WKT"/>'
    return f'<OGRVRTDataSource><OGRVRTLayer name="s">{said}</OGRVRTLayer></OGRVRTDataSource>'


def people(path):
    """The residents of a raster."""
    log = ReadingLog()
    check_raster(path, log)
    return people_raster(path, ZONE, CRS(4326), log).people.sum()


def codes(path):
    """The codes of a layer."""
    return list(
        read_vector(path, ReadingLog(), subject="communities", shape="polygon", wanted={"code": ("code",)})[
            "code"
        ]
    )


def refusal(read, path):
    with pytest.raises(InputError) as refused:
        read(path)
    return str(refused.value)


def notes(inside):
    return f'<PAMDataset><PAMRasterBand band="1">{inside}</PAMRasterBand></PAMDataset>'


# --- beside a raster


@pytest.mark.parametrize("name", ["a.tif.msk", "A.TIF.MSK"])
def test_a_mask_beside_a_raster_is_neither_opened_nor_passed_over(tmp_path, secret, name):
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / name).write_text(virtual_raster(secret), encoding="utf-8")
    assert f"{name} beside it says in part" in refusal(people, path)


@pytest.mark.parametrize(
    "inside",
    [
        "<NoDataValue>5</NoDataValue>",
        "<Scale>2</Scale>",
        "<Offset>1</Offset>",
        "<UnitType>people/km2</UnitType>",
    ],
)
def test_notes_that_change_what_cells_say_are_not_passed_over(tmp_path, inside):
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text(notes(inside), encoding="utf-8")
    assert "a.tif.aux.xml beside it says in part" in refusal(people, path)


def test_overviews_and_statistics_beside_a_raster_say_nothing(tmp_path, secret):
    path = write_raster(tmp_path / "a.tif")
    alone = people(path)
    (tmp_path / "a.tif.ovr").write_text(virtual_raster(secret), encoding="utf-8")
    said = '<Metadata><MDI key="STATISTICS_MAXIMUM">5</MDI></Metadata>'
    overview = f'<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{secret}/s.tif</MDI></Metadata>'
    (tmp_path / "a.tif.aux.xml").write_text(notes(said + overview), encoding="utf-8")
    assert people(path) == alone > 0


def test_a_world_file_counts_where_the_raster_does_not_say_where_it_lies(tmp_path):
    path = write_raster(tmp_path / "a.tif")
    (tmp_path / "a.tfw").write_text("1\n0\n0\n-1\n0\n0\n", encoding="ascii")
    assert people(path) > 0
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(
            path, "w", driver="GTiff", count=1, dtype="uint8", crs="EPSG:4326", width=5, height=5
        ) as file,
    ):
        file.write(np.ones((5, 5), "uint8"), 1)
    (tmp_path / "a.tfw").write_text("1\n0\n0\n-1\n0\n0\n", encoding="ascii")
    assert "a.tfw beside it" in refusal(people, path)


# --- a layer of another kind than its first bytes say


@pytest.mark.parametrize("head", [b"fgb ", b"fgb\x03fgb\x01", b"fgb\x03fgb\x01 <!-- -->"])
def test_a_virtual_layer_that_begins_like_flatgeobuf_is_refused(tmp_path, secret, head):
    (tmp_path / "a.fgb").write_bytes(head + virtual_layer(secret).encode())
    assert "does not begin like a .fgb file" in refusal(codes, tmp_path / "a.fgb")


def test_flatgeobuf_of_any_length_of_its_head_is_read(tmp_path):
    for columns in (1, 300):
        wide = {f"field_number_{number:04d}": [1] for number in range(columns)}
        table = gpd.GeoDataFrame({"code": ["1"], **wide}, geometry=[box(114, 38, 115, 39)], crs=4326)
        table.to_file(tmp_path / "a.fgb", driver="FlatGeobuf")
        assert codes(tmp_path / "a.fgb") == ["1"]
        assert local_file(tmp_path / "a.fgb", suffixes=(".fgb",))


# --- tables of a GeoPackage

MODULES = {
    "shapefile": "VirtualShape('{secret}/s','UTF-8',4326)",
    "text": "VirtualText('{secret}/s.csv','UTF-8')",
    "any layer": "VirtualOGR('{secret}/s.shp')",
    "comments between": "/* USING rtree( */ VirtualText('{secret}/s.csv','UTF-8')",
}


def write_virtual_table(path, made):
    """A GeoPackage one layer of which is a virtual table that its schema makes."""
    write_layer(path)
    with closing(sqlite3.connect(path)) as book:
        book.execute("PRAGMA writable_schema = ON")
        book.execute("INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, ?)", (made,))
        book.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('v', 'features', 4326)"
        )
        book.execute("INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4326, 0, 0)")
        book.commit()
    return path


@pytest.mark.parametrize("create", ["CREATE VIRTUAL TABLE v", "CREATE/**/VIRTUAL/**/TABLE v"])
@pytest.mark.parametrize("module", MODULES)
def test_a_table_that_is_read_from_elsewhere_is_refused(tmp_path, secret, module, create):
    made = f"{create} USING {MODULES[module].format(secret=secret)}"
    said = refusal(codes, write_virtual_table(tmp_path / "a.gpkg", made))
    assert "computed from other files or by other programs (virtual tables; found: v)" in said


# --- a GeoPackage that is being written


def write_last(path, journal_mode):
    """A GeoPackage of code 1, open in a program that has written code 77 last; the program."""
    write_layer(path)
    book = sqlite3.connect(path, isolation_level=None)
    book.execute(f"PRAGMA journal_mode = {journal_mode}")
    for (trigger,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        book.execute(f'DROP TRIGGER "{trigger}"')
    return book


def test_what_another_program_wrote_last_is_read_and_its_files_are_left_alone(tmp_path):
    path = tmp_path / "a.gpkg"
    with closing(write_last(path, "WAL")) as book:
        book.execute("UPDATE a SET code = '77'")
        before = {item.name: item.read_bytes() for item in tmp_path.iterdir()}
        assert codes(path) == ["77"]
        assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == before
        assert "a.gpkg-wal" in before
        archive = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path)
    assert codes(Path(archive)) == ["77"]


def test_a_geopackage_whose_writer_was_cut_off_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "a.gpkg"
    with closing(write_last(path, "DELETE")) as book:
        book.execute("PRAGMA cache_size = 1")
        book.execute("BEGIN")
        book.execute("CREATE TABLE more (x)")
        book.executemany("INSERT INTO more VALUES (zeroblob(?))", [(1000,)] * 2000)
        (tmp_path / "cut").mkdir()
        for part in tmp_path.glob("a.gpkg*"):
            shutil.copy(part, tmp_path / "cut")
        book.execute("ROLLBACK")
    before = {item.name: item.read_bytes() for item in (tmp_path / "cut").iterdir()}
    assert "not written to its end: a.gpkg-journal" in refusal(codes, tmp_path / "cut" / "a.gpkg")
    assert {item.name: item.read_bytes() for item in (tmp_path / "cut").iterdir()} == before


# --- parts of a shapefile


@pytest.mark.parametrize("part", [".dbf", ".shx", ".prj", ".cpg"])
def test_a_part_that_is_a_link_is_refused_where_the_shapefile_is_none(tmp_path, secret, part):
    write_layer(tmp_path / "a.shp")
    (tmp_path / f"a{part}").unlink()
    (tmp_path / f"a{part}").symlink_to(secret / f"s{part}")
    assert f"its part a{part} is a link" in refusal(codes, tmp_path / "a.shp")


def test_a_shapefile_that_is_a_link_may_have_linked_parts(tmp_path, secret):
    for part in secret.glob("s.*"):
        (tmp_path / part.name.replace("s.", "a.")).symlink_to(part)
    assert codes(tmp_path / "a.shp") == ["9"]


# --- seen from outside

READER = """
import sys
from pathlib import Path
from test_side_files import codes, people
from lifecircle.errors import InputError
for path in map(Path, sys.argv[1:]):
    try:
        people(path) if path.suffix == ".tif" else codes(path)
    except InputError:
        pass
"""


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="system calls are watched with strace, which is not here"
)
def test_the_system_sees_no_other_file_opened_and_no_connection(tmp_path, secret):
    asked = []
    for number, text in enumerate([virtual_raster(secret), f"{secret}/s.tif"]):
        for beside in ("msk", "ovr", "aux.xml"):
            folder = tmp_path / f"raster-{number}-{beside}"
            folder.mkdir()
            asked.append(write_raster(folder / "a.tif"))
            (folder / f"a.tif.{beside}").write_text(text, encoding="utf-8")
    with rasterio.open(asked[0], "r+") as file:
        file.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=str(secret / "s.tif"))
    for number, module in enumerate(MODULES.values()):
        made = f"CREATE VIRTUAL TABLE v USING {module.format(secret=secret)}"
        asked.append(write_virtual_table(tmp_path / f"v{number}.gpkg", made))
    pixel = f"gdal_get_pixel_value('{secret}/s.tif', 1, 'georef', 114.5, 38.0)"
    asked.append(write_layer(tmp_path / "generated.gpkg"))
    with closing(sqlite3.connect(asked[-1])) as book:
        book.execute("PRAGMA writable_schema = ON")
        column = f'"code" TEXT, "g" TEXT GENERATED ALWAYS AS ({pixel}) VIRTUAL'
        change = "UPDATE sqlite_master SET sql = replace(sql, '\"code\" TEXT', ?) WHERE name = 'generated'"
        book.execute(change, (column,))
        book.commit()
    for number, head in enumerate((b"fgb ", b"fgb\x03fgb\x01")):
        asked.append(tmp_path / f"{number}.fgb")
        asked[-1].write_bytes(head + virtual_layer(secret).encode())
    seen = tmp_path / "seen.txt"
    watched = ["strace", "-f", "-qq", "-e", "trace=open,openat,connect", "-s", "300", "-o", str(seen)]
    done = subprocess.run(
        [*watched, sys.executable, "-c", READER, *map(str, asked)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("this system lets nobody watch a process")
    assert done.returncode == 0, done.stderr
    calls = seen.read_text(errors="replace").splitlines()
    assert sum(f'"{path}"' in call for path in asked for call in calls) >= len(asked)
    assert not [call for call in calls if f'"{secret}' in call or "AF_INET" in call]
