"""Memory and time of the readers just below each bound of docs/limits.md, and the refusal just above it.

python benchmarks/limits.py                   # every bound: 2 GB of disk, one file at a time
python benchmarks/limits.py csv-cells raster  # some of them
python benchmarks/limits.py --share 0.1       # files of a tenth of the bounds: a first look

Each file is read in a process of its own; memory is what it takes beside the program itself.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import from_origin

from lifecircle.errors import InputError
from lifecircle.plans import load_plan
from lifecircle.sources.files import delimited, geojson, tangles, xlsx, xlsx_parts
from lifecircle.sources.files import raster as rasters
from lifecircle.sources.files.vector import read_vector
from lifecircle.sources.log import ReadingLog
from lifecircle.sources.regular_grids import CELL_LIMIT as GRID_CELLS_LIMIT
from lifecircle.sources.regular_grids import grid_cells
from lifecircle.study.toml import BYTES_LIMIT as TOML_BYTES_LIMIT
from lifecircle.tables import local_crs

MEMORY_BYTES = 8 * 1024**3
"""Nothing is let grow beyond this, whatever the bound allows."""
LON, LAT = 114.5, 38.0
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
_PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
    '2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
    'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_RELS = "xl/_rels/workbook.xml.rels"
_TEXTS = (
    '<Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)


class Bound(NamedTuple):
    """A bound, a file that holds so much, and how it is read."""

    limit: int
    unit: str
    suffix: str
    make: Callable[[Path, int], None]
    read: Callable[[Path], object]


def _points(path: Path) -> object:
    """A ledger as a study reads it."""
    return read_vector(
        path, ReadingLog(), subject="facilities", shape="point", wanted={"id": ("id",)}, required=("id",)
    )


def _polygons(path: Path) -> object:
    """A layer of areas."""
    return read_vector(path, ReadingLog(), subject="communities", shape="polygon", wanted={})


def _write_lines(path: Path, head: str, line: str, count: int) -> None:
    """The same line again and again, numbered."""
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for start in range(0, count, 10_000):
            file.write("".join(line.format(row) for row in range(start, min(start + 10_000, count))))


def csv_cells(path: Path, cells: int) -> None:
    """A ledger of ten columns."""
    row = "P{},114.5,38.0,a,b,c,d,e,f,g\n"
    _write_lines(path, "id,lon,lat,a,b,c,d,e,f,g\n", row, cells // 10 - 1)


def csv_bytes(path: Path, size: int) -> None:
    """A ledger with a long note in each row."""
    line = "P{:07d},114.5,38.0," + "x" * 979 + "\n"
    _write_lines(path, "id,lon,lat,note\n", line, (size - 16) // 1000)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * (size - path.stat().st_size))


def csv_columns(path: Path, columns: int) -> None:
    """A ledger of very many columns."""
    names = ["id", "lon", "lat", *(f"c{number}" for number in range(columns - 3))]
    row = ["P", "114.5", "38.0", *["1"] * (columns - 3)]
    path.write_text("\n".join([",".join(names), *[",".join(row)] * 100]) + "\n", encoding="utf-8")


def _write_book(path: Path, rows: Iterable[str], further: Sequence[tuple[str, str]] = ()) -> None:
    """A workbook of one sheet, written row by row."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in {**_PARTS, **dict(further)}.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(_SHEET.encode())
            for row in rows:
                sheet.write(row.encode())
            sheet.write(b"</sheetData></worksheet>")


def _row(number: int, cells: Sequence[object]) -> str:
    """A row of texts and numbers."""
    made = (
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        if isinstance(cell, str)
        else f'<c r="{chr(65 + at)}{number}"><v>{cell}</v></c>'
        for at, cell in enumerate(cells)
    )
    return f'<row r="{number}">{"".join(made)}</row>'


def xlsx_cells(path: Path, cells: int) -> None:
    """A workbook of ten columns."""
    rows = (_row(number + 1, [f"P{number}", LON, LAT, *range(7)]) for number in range(1, cells // 10))
    _write_book(path, (_row(1, ["id", "lon", "lat", *"abcdefg"]), *rows))


def xlsx_text(path: Path, characters: int) -> None:
    """A workbook with very long texts."""
    count = math.ceil(characters / 30_000)
    texts = "".join(f"<si><t>{'x' * min(30_000, characters - 30_000 * at)}</t></si>" for at in range(count))
    shared = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{texts}</sst>'
    rows = [_row(1, ["id", "lon", "lat"]), *(_row(at + 2, [f"P{at}", LON, LAT]) for at in range(100))]
    further = [("xl/sharedStrings.xml", shared), (_RELS, _PARTS[_RELS].replace("</Relationships>", _TEXTS))]
    _write_book(path, rows, further=further)


def geojson_bytes(path: Path, size: int) -> None:
    """Small polygons."""
    ring = [[LON + 0.01 * math.cos(at / 10), LAT + 0.01 * math.sin(at / 10)] for at in range(62)]
    shape = json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    line = '{{"type":"Feature","properties":{{"code":{}}},"geometry":' + shape.replace("{", "{{").replace(
        "}", "}}"
    )
    line += "}},\n"
    head = '{"type":"FeatureCollection","features":[\n'
    count = (size - len(head) - 200) // len(line.format(10**7))
    _write_lines(path, head, line, count)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"type":"Feature","properties":{"code":0},"geometry":null}]}')
        file.write(" " * (size - path.stat().st_size - 58))


def _round(vertices: int, at: float = 0) -> shapely.Polygon:
    """A round polygon of so many vertices, the closing one among them."""
    angle = np.linspace(0, 2 * np.pi, vertices - 1, endpoint=False)
    return shapely.Polygon(np.column_stack([LON + at + 0.02 * np.cos(angle), LAT + 0.02 * np.sin(angle)]))


def _write_shapes(path: Path, shapes: Sequence[shapely.Polygon]) -> None:
    """A GeoPackage."""
    gpd.GeoDataFrame({"code": np.arange(len(shapes))}, geometry=shapes, crs=4326).to_file(path)


def layer_vertices(path: Path, vertices: int) -> None:
    """A thousand polygons."""
    each, rest = divmod(vertices, 1000)
    sizes = [each + (row < rest) for row in range(1000)]
    _write_shapes(path, [_round(size, at=0.05 * row / 1000) for row, size in enumerate(sizes)])


def shape_vertices(path: Path, vertices: int) -> None:
    """One polygon."""
    _write_shapes(path, [_round(vertices)])


def raster_cells(path: Path, cells: int) -> None:
    """A raster, everywhere a hundredth of a person."""
    rows = math.ceil(math.sqrt(cells))
    columns = cells // rows
    shape = {"height": rows, "width": columns, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    turn = from_origin(LON, LAT + rows * 1e-5, 1e-5, 1e-5)
    with rasterio.open(path, "w", driver="GTiff", transform=turn, tiled=True, **shape) as file:
        for start in range(0, rows, 256):
            high = min(256, rows - start)
            file.write(
                np.full((high, columns), 0.01, "float32"), 1, window=((start, start + high), (0, columns))
            )


def _people(path: Path) -> object:
    """A population raster over all of its own ground."""
    crs = CRS(local_crs(LON, LAT))
    with rasterio.open(path) as file:
        zone = gpd.GeoSeries([shapely.box(*file.bounds)], crs=4326).to_crs(crs).iloc[0]
    return rasters.people_raster(path, zone, crs, ReadingLog())


def grid(path: Path, cells: int) -> None:
    """The boundary that so many cells of 50 m lie in."""
    crs = local_crs(LON, LAT)
    columns = math.ceil(cells / 400)
    edge = shapely.box(0, 0, 50.0 * columns - 60, 50.0 * 399 - 10)
    gpd.GeoDataFrame({"name": [""]}, geometry=[edge], crs=crs).to_file(path)


def _grid(path: Path) -> object:
    """Cells of 50 m over a boundary."""
    boundary = gpd.read_file(path)
    return grid_cells("square:50m", boundary, boundary.crs)


def plan_bytes(path: Path, size: int) -> None:
    """A plan of nothing but keys that nobody knows."""
    head = 'plan = { id = "mine" }\n'
    line = "a{:07d} = 1\n"
    _write_lines(path, head, line, (size - len(head)) // 13)
    with path.open("a", encoding="utf-8") as file:
        file.write("#" * (size - path.stat().st_size))


BOUNDS = {
    "plan-bytes": Bound(TOML_BYTES_LIMIT, "bytes of a study or plan", ".toml", plan_bytes, load_plan),
    "csv-cells": Bound(delimited.CELLS_LIMIT, "cells of a CSV", ".csv", csv_cells, _points),
    "csv-bytes": Bound(delimited.BYTES_LIMIT, "bytes of a CSV", ".csv", csv_bytes, _points),
    "csv-columns": Bound(delimited.COLUMNS_LIMIT, "columns of a CSV", ".csv", csv_columns, _points),
    "xlsx-cells": Bound(xlsx.CELLS_LIMIT, "cells of a workbook", ".xlsx", xlsx_cells, _points),
    "xlsx-text": Bound(xlsx_parts.TEXT_LIMIT, "characters of a workbook", ".xlsx", xlsx_text, _points),
    "geojson-bytes": Bound(geojson.BYTES_LIMIT, "bytes of GeoJSON", ".geojson", geojson_bytes, _polygons),
    "layer-vertices": Bound(
        tangles.LAYER_VERTICES_LIMIT, "vertices of a layer", ".gpkg", layer_vertices, _polygons
    ),
    "shape-vertices": Bound(
        tangles.SHAPE_VERTICES_LIMIT, "vertices of a shape", ".gpkg", shape_vertices, _polygons
    ),
    "raster": Bound(rasters.CELL_LIMIT, "cells of a population raster", ".tif", raster_cells, _people),
    "grid": Bound(GRID_CELLS_LIMIT, "cells of a grid in place of communities", ".gpkg", grid, _grid),
}


def _peak_mb() -> float:
    """Most memory that this process has held; what its parent held is counted by getrusage, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def read_here(name: str, path: Path) -> dict[str, Any]:
    """Read one file; what it took, and the faults where it was refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    before, start, keys = _peak_mb(), time.process_time(), []
    try:
        BOUNDS[name].read(path)
    except InputError as error:
        keys = sorted({fault.key for fault in error.faults})
    return {"seconds": time.process_time() - start, "mb": _peak_mb() - before, "faults": keys}


def measured(name: str, size: int, folder: Path) -> dict[str, Any]:
    """The same in a process of its own."""
    bound = BOUNDS[name]
    path = folder / f"{name}{bound.suffix}"
    bound.make(path, size)
    words = [sys.executable, __file__, "--read", str(path), name]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    path.unlink()
    if done.returncode:
        return {"seconds": math.nan, "mb": math.nan, "faults": [done.stderr.strip().splitlines()[-1][:80]]}
    return json.loads(done.stdout)


def main() -> int:
    """Print the table; 1 where a bound did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bounds", nargs="*", default=list(BOUNDS), help=", ".join(BOUNDS))
    parser.add_argument("--share", type=float, default=1.0, help="of the bound")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        sys.stdout.write(json.dumps(read_here(asked.bounds[0], asked.read)))
        return 0
    wrong = 0
    sys.stdout.write(
        "| bound | just below it: memory, CPU | just above it | memory, CPU |\n|---|---|---|---|\n"
    )
    for name in asked.bounds:
        bound = BOUNDS[name]
        size = int(bound.limit * asked.share)
        with tempfile.TemporaryDirectory(prefix="lifecircle-limits-") as place:
            below = measured(name, int(size * 0.99), Path(place))
            above = measured(name, int(size * 1.01) + 1, Path(place))
        # a plan of nothing but unknown keys is refused below its bound too, for its keys
        wrong += asked.share == 1.0 and (
            bool(below["faults"]) != (name == "plan-bytes") or not above["faults"]
        )
        refusal = ", ".join(above["faults"]) or "read"
        cells = [
            f"{bound.limit:,} {bound.unit}",
            f"{below['mb']:,.0f} MB, {below['seconds']:.1f} s"
            + (f" ({', '.join(below['faults'])})" if below["faults"] else ""),
            refusal,
            f"{above['mb']:,.0f} MB, {above['seconds']:.1f} s",
        ]
        sys.stdout.write(f"| {' | '.join(cells)} |\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
