"""Run small studies whose layers have hard shapes: a minute and two gigabytes each, or refused in our words.

python tests/fuzz/shapes.py                            # every layer with every shape
python tests/fuzz/shapes.py boundary barriers/zigzag   # one layer; one layer with one shape
python tests/fuzz/shapes.py boundary+facilities        # two layers whose combs lie across each other
python tests/fuzz/shapes.py water+boundary/combs/spiral    # two layers, each with a shape of its own
python tests/fuzz/shapes.py --command site barriers    # another command over a layer
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import resource
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np
import rasterio
import shapely
from drawn_extract import DrawnExtract
from hard_shapes import SHAPES
from own_plans import circle, own_plan, people_per_facility
from pyproj import Transformer
from rasterio.transform import from_origin
from small_study import CRS, lattice, study_text, write_layer, write_two_communities

from lifecircle import cli

SECONDS, MEMORY_MB = 60, 2048


def _outlines(shapes):
    """Outlines as lines."""
    return shapely.get_parts(shapely.get_parts(shapely.boundary(np.asarray(shapes, object))))


def boundary(folder, shapes):
    write_layer(folder / "boundary.gpkg", shapes)
    return {"area": 'boundary = "boundary.gpkg"\n'}


def communities(folder, shapes, **columns):
    codes = [f"130102{number:06d}" for number in range(1001, 1001 + len(shapes))]
    people = [900] * len(shapes)
    write_layer(folder / "communities.gpkg", shapes, code=codes, name=codes, population=people, **columns)
    return {}


def raster(folder, shapes):
    """Communities of hard shapes with people on a raster."""
    communities(folder, shapes)
    to_degrees = Transformer.from_crs(CRS, 4326, always_xy=True)
    west, north = to_degrees.transform(-1500, 2500)
    with rasterio.open(
        folder / "people.tif", "w", driver="GTiff", count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(west, north, 0.001, 0.001), width=60, height=45, nodata=-9999,
    ) as file:  # fmt: skip
        file.write(np.full((45, 60), 5, "float32"), 1)
    return {"tables": '[population]\nraster = "people.tif"\n'}


def townships(folder, shapes):
    codes = [f"130102{number:03d}" for number in range(1, 1 + len(shapes))]
    write_layer(folder / "townships.gpkg", shapes, code=codes, name=codes)
    return {"tables": '[[areas]]\nkind = "township"\nsource = "townships.gpkg"\n'}


def facilities(folder, shapes):
    ids = [f"p{number}" for number in range(len(shapes))]
    write_layer(folder / "parks.gpkg", shapes, id=ids, kind=["library"] * len(shapes))
    return {"tables": '[[facilities]]\nsource = "parks.gpkg"\nservice_column = "kind"\n'}


def barriers(folder, shapes):
    write_layer(folder / "barriers.gpkg", shapes)
    return {"streets": 'barriers = "barriers.gpkg"\n'}


def barrier_lines(folder, shapes):
    write_layer(folder / "barriers.gpkg", _outlines(shapes))
    return {"streets": 'barriers = "barriers.gpkg"\n'}


def population(folder, shapes):
    write_layer(folder / "people.gpkg", shapes, people=[100] * len(shapes))
    return {"tables": '[population]\npoints = "people.gpkg"\ncolumn = "people"\n'}


def buildings(folder, shapes):
    write_layer(folder / "homes.gpkg", shapes, flats=[10] * len(shapes))
    return {"tables": '[buildings]\nsource = "homes.gpkg"\ndwellings = "flats"\n'}


def streets(folder, shapes):
    ticks = np.arange(-2000, 4001, 250.0)
    write_layer(folder / "streets.gpkg", [*lattice(ticks, ticks), *_outlines(shapes)])
    return {}


def opened_streets(folder, shapes):
    write_layer(folder / "lines.gpkg", _outlines(shapes))
    return {"tables": '[[scenarios]]\nname = "open"\nopen_streets = "lines.gpkg"\n'}


def closed_streets(folder, shapes):
    write_layer(folder / "closed.gpkg", shapes)
    return {"tables": '[[scenarios]]\nname = "shut"\nclose_streets = "closed.gpkg"\n'}


def grids(folder, shapes):
    """Grids of households in communities of hard shapes."""
    communities(folder, shapes, 户数=[2000] * len(shapes))
    return {"columns": '[area.columns]\nhouseholds = "户数"\n'}


def candidates(folder, shapes):
    """Parcels of hard shapes to build on."""
    write_layer(folder / "parcels.gpkg", shapes, id=[f"p{number}" for number in range(len(shapes))])
    return {}


def clip(folder, shapes):
    """Streets inside a hard shape."""
    return boundary(folder, shapes)


def water(folder, shapes):
    return _extract(folder, shapes, {"natural": "water"})


def squares(folder, shapes):
    return _extract(folder, shapes, {"highway": "pedestrian", "area": "yes"})


def osm_parks(folder, shapes):
    return _extract(folder, shapes, {"leisure": "park", "name": "公园"})


def _extract(folder, shapes, tags):
    """An OpenStreetMap file of the streets and the shapes, one relation for each part."""
    ticks, made = np.arange(-2000, 4001, 250.0), DrawnExtract()
    for line in lattice(ticks, ticks):
        made.add_way(line, highway="residential")
    for part in shapely.get_parts(np.asarray(shapes, dtype=object)):
        made.add_relation(shapely.get_rings(part), {"type": "multipolygon", **tags})
    made.write(folder / "streets.osm.pbf")
    tables = '[[facilities]]\nsource = "streets"\naccept_sparse = true\n'
    return {"source": "streets.osm.pbf", "tables": tables}


LAYERS = {
    make.__name__: make
    for make in (
        boundary, communities, raster, townships, facilities, barriers, barrier_lines, population, buildings,
        streets, opened_streets, closed_streets, grids, candidates, clip, water, squares, osm_parks,
    )
}  # fmt: skip

_SITES = "site study.toml --service library --new 1 -o sites.gpkg"
COMMANDS = {
    "run": "run study.toml",
    "check": "check study.toml",
    "explain": "explain study.toml --from 114.505,38.004 --service library -o way.gpkg",
    "grids": "grids study.toml -o grids.gpkg",
    "isochrones": "isochrones streets.gpkg --points ledger.csv -o areas.gpkg",
    "site": _SITES,
    "streets": "streets streets.gpkg -o edges.gpkg",
    "times": "times streets.gpkg --from ledger.csv --to ledger.csv -o times.csv",
}
OWN_COMMANDS = {
    "candidates": f"{_SITES} --candidates parcels.gpkg",
    "clip": "streets streets.gpkg --boundary boundary.gpkg -o edges.gpkg",
    "grids": COMMANDS["grids"],
}
"""What is run of a layer that only one command reads."""


TOGETHER = (
    "boundary+communities", "boundary+townships", "boundary+facilities", "boundary+population",
    "boundary+buildings", "boundary+barriers", "boundary+streets", "communities+townships",
    "communities+facilities", "communities+population", "communities+buildings", "communities+barriers",
    "communities+streets", "facilities+barriers", "facilities+streets", "barriers+streets",
)  # fmt: skip
"""Layers that are sound each alone, and lie across each other in very many places."""


def _said(folder, layer, shapes):
    """What the study file says of a layer, or of several, each of which takes shapes of its own."""
    every = [LAYERS[name](folder, own) for name, own in zip(layer.split("+"), shapes, strict=True)]
    return {key: "".join(said.get(key, "") for said in every) for key in set().union(*every)}


def shapes_of(names):
    """Shapes for each layer of a case: of the names, or two combs that lie across each other."""
    if names:
        return [SHAPES[name]() for name in names.split("/")]
    return [[comb] for comb in SHAPES["overlapping_combs"]()]


def write_study(folder, layer, shapes):
    """A small study one layer of which, or two, has the shapes."""
    write_two_communities(folder)
    said = _said(folder, layer, shapes)
    tables = said.get("tables", "")
    if "[[facilities]]" not in tables:
        ledger = "id,name,kind,lon,lat\nA,东馆,library,114.503,38.003\n"
        (folder / "ledger.csv").write_text(ledger, encoding="utf-8")
        tables += '[[facilities]]\nsource = "ledger.csv"\nservice_column = "kind"\n'
    source = said.get("source", "streets.gpkg")
    text = study_text(layer.replace("+", "-"))
    text = text.replace("[area]\n", "[area]\n" + said.get("area", ""))
    text = text.replace("\n[streets]", said.get("columns", "") + "\n[streets]")
    text = text.replace('"streets.gpkg"\n', f'"{source}"\n' + said.get("streets", ""))
    (folder / "study.toml").write_text(text + tables, encoding="utf-8")
    plan = own_plan(circle("c", "library", everywhere=True), people_per_facility("r", "library"))
    (folder / "own.toml").write_text(plan, encoding="utf-8")


def try_one(words, folder, out):
    """A command in a process of its own: whether it failed, its exit code, CPU seconds and megabytes."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
        file = out.open("w")
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        faulthandler.register(signal.SIGXCPU, file=file, chain=False)  # where the time went
        os.chdir(folder)
        code = 70
        sys.argv = ["lifecircle", *words]
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
            if stop.__cause__ is not None:
                traceback.print_exception(stop.__cause__)
        except BaseException:  # noqa: BLE001  # what nobody expects is what is looked for
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status, used = os.wait4(child, 0)
    code, peak_mb = os.waitstatus_to_exitcode(status), used.ru_maxrss / 1024
    seconds = used.ru_utime + used.ru_stime
    failed = code not in (0, 2) or "Traceback" in out.read_text(errors="replace")
    return failed or seconds > SECONDS or peak_mb > MEMORY_MB, code, seconds, peak_mb


def main():
    """Try the layers and shapes asked for; 1 where anything came to light."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", default=[*LAYERS, *TOGETHER], help="layer, or layer/shape")
    parser.add_argument("--command", choices=COMMANDS, default="run", help="run unless another is named")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "lifecircle-shapes")
    asked = parser.parse_args()
    asked.keep.mkdir(exist_ok=True)
    any_failed = False
    for case in asked.cases:
        layer, _, names = case.partition("/")
        words = OWN_COMMANDS.get(layer, COMMANDS[asked.command]).split()
        for shape in [names] if names or "+" in layer else SHAPES:
            with tempfile.TemporaryDirectory(prefix="lifecircle-shapes-") as name:
                write_study(Path(name), layer, shapes_of(shape))
                out = asked.keep / f"{words[0]}-{layer}-{shape}.txt".replace("/", "-")
                failed, code, seconds, peak_mb = try_one(words, Path(name), out)
            any_failed |= failed
            verdict = "FAILED" if failed else "ok"
            sys.stdout.write(
                f"{verdict} {words[0]} {layer}/{shape}: exit {code}, {seconds:.1f} s, {peak_mb:.0f} MB\n"
            )
            sys.stdout.flush()
    return 1 if any_failed else 0


if __name__ == "__main__":
    sys.exit(main())
