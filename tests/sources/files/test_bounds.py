"""What files may hold at most is held to, whatever a few bytes of theirs would unpack to."""

from __future__ import annotations

import errno
import json
import tempfile
import zipfile
from contextlib import nullcontext
from functools import partial

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from lifecircle.errors import InputError
from lifecircle.messages import Words
from lifecircle.sources.files import opening, parquet_sizes, raster, xlsx, xlsx_parts
from lifecircle.sources.files.sheets import read_sheet
from lifecircle.sources.files.vector import _parquet
from lifecircle.sources.streets.lines import read_line_streets

CELLS = (
    '<c r="A1" t="str"><v>编号</v></c><c r="B1" t="str"><v>名称</v></c><c r="C1" t="str"><v>总人口</v></c>'
)
ROW = '<c t="str"><v>1</v></c><c t="str"><v>甲</v></c><c><v>5</v></c>'


def workbook(path, rows, *, before="", after=""):
    """A workbook whose sheet has the rows, as XML, below its headings."""
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.save(path.with_name("plain.xlsx"))
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{name}">{before}<sheetData><row r="1">{CELLS}</row>{rows}</sheetData>{after}'
    with zipfile.ZipFile(path.with_name("plain.xlsx")) as old, zipfile.ZipFile(path, "w") as new:
        for part in old.namelist():
            mine = part == "xl/worksheets/sheet1.xml"
            new.writestr(part, f"{sheet}</worksheet>" if mine else old.read(part))
    return path


def refused(read, key="table-too-large"):
    """What there is too much of, and the most of it that may be."""
    with pytest.raises(InputError) as caught:
        read()
    (fault,) = caught.value.faults
    assert fault.key == key
    assert fault.file
    what = fault.values["what"]
    assert isinstance(what, Words)
    assert fault.render("zh")
    return what.key.rpartition(".")[2], fault.values["limit"]


SHEETS = {
    "text of cells": ("TEXT_LIMIT", 1000, f'<row><c t="str"><v>{"x" * 900}</v></c>{ROW}</row>' * 2),
    "inline text": ("TEXT_LIMIT", 1000, f'<row><c t="inlineStr"><is><t>{"x" * 600}</t></is></c></row>' * 2),
    "blank cells": ("TAGS_LIMIT", 2000, f"<row>{ROW}{'<c/>' * 2000}</row>"),
    "a tag without end": ("_TAG_BYTES_LIMIT", 200_000, f'<row><c r="{"A" * 300_000}"/></row>'),
    "cells": ("CELLS_LIMIT", 100, f"<row>{ROW}</row>" * 50),
    "formulas nobody worked out": ("CELLS_LIMIT", 100, "<row><c><f>A1</f></c></row>" * 150),
    "columns": ("_COLUMNS_LIMIT", 16_384, '<row><c r="XFE2"><v>1</v></c></row>'),
    "rows": ("_ROWS_LIMIT", 1_048_576, f'<row r="1048577">{ROW}</row>'),
    "merged": ("_MERGED_LIMIT", 100, f"<row>{ROW}</row>"),
    "hidden": ("_RANGES_LIMIT", 1000, f"<row>{ROW}</row>"),
}
AROUND = {
    "merged": {"after": "<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 101 + "</mergeCells>"},
    "hidden": {"before": "<cols>" + '<col min="1" max="16384" hidden="1"/>' * 1001 + "</cols>"},
}
"""What stands before the cells of a sheet, or after them."""
AMOUNT = {
    "TEXT_LIMIT": "characters",
    "TAGS_LIMIT": "tags",
    "_TAG_BYTES_LIMIT": "tag-bytes",
    "CELLS_LIMIT": "cells",
    "_COLUMNS_LIMIT": "columns",
    "_ROWS_LIMIT": "rows",
    "_MERGED_LIMIT": "merged",
    "_RANGES_LIMIT": "hidden",
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_workbook_that_holds_too_much_of_something_is_refused(tmp_path, monkeypatch, name):
    limit, most, rows = SHEETS[name]
    path = workbook(tmp_path / "a.xlsx", rows, **AROUND.get(name, {}))
    monkeypatch.setattr(xlsx_parts if hasattr(xlsx_parts, limit) else xlsx, limit, most)
    assert refused(lambda: xlsx.read_workbook_cells(path)) == (AMOUNT[limit], f"{most:,}")


def test_the_sheets_of_a_workbook_share_its_bounds(tmp_path, monkeypatch):
    book = openpyxl.Workbook()
    for number in range(5):
        sheet = book.create_sheet(f"s{number}")
        for row in range(30):
            sheet.append([f"text {number} {row} {'x' * 100}"])
    book.save(tmp_path / "a.xlsx")
    monkeypatch.setattr(xlsx_parts, "TEXT_LIMIT", 10_000)
    assert refused(lambda: xlsx.read_workbook_cells(tmp_path / "a.xlsx"))[0] == "characters"
    monkeypatch.undo()
    monkeypatch.setattr(xlsx_parts, "TAGS_LIMIT", 400)
    assert refused(lambda: xlsx.read_workbook_cells(tmp_path / "a.xlsx"))[0] == "tags"


def test_a_part_of_formats_without_end_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", f"<row>{ROW}</row>")
    monkeypatch.setattr(xlsx_parts, "_FEW_TAGS", 3)
    assert refused(lambda: xlsx.read_workbook_cells(path)) == ("tags", "3")


def test_what_people_have_in_workbooks_is_read(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("<row>" + ROW + '<c s="0"/>' * 5000 + "</row>") * 10)
    table = read_sheet(path, headings=[("编号",), ("名称",), ("总人口",)]).frame
    assert len(table) == 10


def test_an_archive_that_says_it_unpacks_to_more_than_8_gb_is_refused(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.csv", b"0" * 1000)
    assert len(opening.zip_members(tmp_path / "a.zip")) == 3
    monkeypatch.setattr(opening, "_UNPACKED_LIMIT_BYTES", 2999)
    with pytest.raises(InputError, match="would unpack to"):
        opening.zip_members(tmp_path / "a.zip")


def test_an_archive_with_a_password_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "id\n1\n")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match="is an archive with a password"):
        opening.zip_members(tmp_path / "a.zip")


POINT = shapely.Point(114.5, 38.0)
LONG = shapely.LineString(np.column_stack([np.linspace(114.5, 114.6, 20), np.linspace(38, 38.1, 20)]))
GEO = {
    "version": "1.0.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
}


def parquet(path, rows, *, text="a", shape=POINT, dictionary=True, **more):
    """A file in which the same row stands again and again."""
    codes, shapes = pa.array([text], pa.string()), pa.array([shape.wkb], pa.binary())
    at = pa.array(np.zeros(rows, np.int32))
    table = pa.table({"code": codes.take(at), "geometry": shapes.take(at), **more})
    table = table.replace_schema_metadata({b"geo": json.dumps(GEO).encode()})
    pq.write_table(table, path, use_dictionary=dictionary, dictionary_pagesize_limit=10**8)
    return path


def alike(value, rows):
    """A column in which the same value stands again and again."""
    return pa.array([value]).take(pa.array(np.zeros(rows, np.int32)))


LARGE = {
    "rows": (5_001, {}, "rows"),
    "a text": (2_000, {"text": "x" * 300}, "unpacked"),
    "a shape": (2_000, {"shape": LONG}, "unpacked"),
    "lists of texts": (600, {"tags": alike(["x" * 200] * 5, 600)}, "unpacked"),
    "texts written out": (600, {"text": "x" * 1_000, "dictionary": False}, "unpacked"),
    "lists": (2_000, {"tags": alike([0] * 26, 2_000)}, "cells"),
}


@pytest.mark.parametrize(("rows", "held", "what"), LARGE.values(), ids=LARGE)
def test_a_small_parquet_file_of_very_much_is_refused(tmp_path, monkeypatch, rows, held, what):
    limits = {"rows": "ROWS_LIMIT", "cells": "CELLS_LIMIT", "unpacked": "BYTES_LIMIT"}
    path = parquet(tmp_path / "a.parquet", rows, **held)
    assert path.stat().st_size < 100_000
    whole = len(_parquet(path))
    assert whole == rows
    for limit in limits.values():
        monkeypatch.setattr(parquet_sizes, limit, getattr(parquet_sizes, limit) // 1000)
    for read in (_parquet, read_line_streets):
        assert refused(partial(read, path), "parquet-too-large") == (
            what,
            f"{getattr(parquet_sizes, limits[what]):,}",
        )


def test_values_that_repeat_are_counted_each_time_and_no_more(tmp_path, monkeypatch):
    """A thousand times seven letters and the 21 bytes of a point."""
    path = parquet(tmp_path / "a.parquet", 1000, text="sevenab")
    monkeypatch.setattr(parquet_sizes, "BYTES_LIMIT", 28_000)
    assert len(_parquet(path)) == 1000
    monkeypatch.setattr(parquet_sizes, "BYTES_LIMIT", 27_999)
    with pytest.raises(InputError, match="27,999"):
        _parquet(path)


@pytest.mark.parametrize(("blocks", "bands"), [((64, 64), 1), ((16, 16), 16)], ids=["one block", "bands"])
def test_a_raster_that_only_unpacks_in_large_pieces_is_refused(tmp_path, monkeypatch, blocks, bands):
    path = tmp_path / "p.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, count=bands, dtype="uint8", crs="EPSG:4326",
        transform=from_origin(114, 38, 0.01, 0.01), compress="deflate", interleave="pixel", tiled=True,
        blockxsize=blocks[0], blockysize=blocks[1],
    ) as file:  # fmt: skip
        file.write(np.ones((bands, 64, 64), "uint8"))
    for most, refusal in ((4096, nullcontext()), (4095, pytest.raises(InputError, match="gdal_translate"))):
        monkeypatch.setattr(raster, "BLOCK_LIMIT", most)
        with refusal, raster.opened_raster(path):
            pass


def test_an_archive_that_finds_no_room_to_unpack_is_not_said_to_be_damaged(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "id\n1\n")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(opening.shutil, "copyfileobj", full)
    with pytest.raises(InputError) as caught, opening.unpacked(tmp_path / "a.zip", {"a.csv": "a.csv"}):
        pass
    (fault,) = caught.value.faults
    assert (fault.key, fault.file) == ("temporary-full", tempfile.gettempdir())
