"""Names that are formulas, markup or steering signs: text in every file that any command writes."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import xml.etree.ElementTree as ET
import zipfile

import geopandas as gpd
import openpyxl
import pytest
from own_plans import circle, own_plan
from shapely import Point

from lifecircle.cli import app as commands

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "+2+5+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    '=HYPERLINK("http://x","甲")',
    "<script>hacked()</script>",
    '"><img src=x onerror=hacked()>',
    "\x1b]0;hacked\x07\x1b[31m红\x9b2J",
    "\u202etxt.exe\u2066\u200f",
    "a\u200b\u200d\ufeffb",
    "[% env('HOME') %]",
    "x' OR '1'='1\"; DROP TABLE y; --",
    "$(touch hacked)`touch hacked`{{7*7}}${7*7}",
)
STEERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Signs that move a cursor, colour a terminal or turn a line about."""
LIVE = re.compile(r"[=+\-@\t\r＝＋－＠]")
NUMBER = re.compile(r"-?[\d.]+(e[+-]?\d+)?", re.IGNORECASE)
WITHOUT_NAMES = {"cache", "demo", "serve", "warm-up"}
"""Commands that show no name from outside; the what-if page has tests of its own."""
CALLS = (
    "check study.toml --html page.html --suggest names.xlsx",
    "run study.toml",
    "compare results earlier -o compare.xlsx",
    "compare results earlier -o compare.csv",
    "monitor study.toml -o monitoring.xlsx",
    "explain study.toml --from 130102001001 --service health-station -o way.gpkg",
    "site study.toml --service health-station --new 1 -o sites.gpkg",
    "grids study.toml -o grids.gpkg",
    "times streets.gpkg --from points.gpkg --to points.gpkg -o times.csv",
    "times streets.gpkg --from points.gpkg --to points.gpkg --all -o pairs.csv",
    "isochrones streets.gpkg --points points.gpkg -o areas.gpkg",
    "streets streets.gpkg -o edges.gpkg",
    "services --study study.toml",
    "services tea --study study.toml",
    "plans own.toml --needs",
    "template own.toml -o ledgers.xlsx",
)


def quoted(words):
    """A text of TOML, every sign of it escaped."""
    return json.dumps(words)


@pytest.fixture
def hostile(town):
    """The town, every name in it a hostile one."""
    cells = iter(HOSTILE * 4)
    layer = gpd.read_file(town / "communities.gpkg")
    layer = layer.assign(name=HOSTILE[7:9], township_name=HOSTILE[:2], households=[400, 300])
    (town / "communities.gpkg").unlink()
    layer.to_file(town / "communities.gpkg")
    places = [(114.503 + 0.001 * at, 38.003) for at in range(len(HOSTILE))]
    with (town / "ledger.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "name", "lon", "lat"])
        table.writerows(
            [f"{name}{at}", name, *xy] for at, (name, xy) in enumerate(zip(HOSTILE, places, strict=True))
        )
    points = {"id": list(HOSTILE), "service": list(HOSTILE)}
    gpd.GeoDataFrame(points, geometry=[Point(*xy) for xy in places], crs=4326).to_file(town / "points.gpkg")
    plan = own_plan(circle("own-station-circle", "health-station", everywhere=True))
    for field in ("zh", "en", "source", "clause"):
        plan = re.sub(rf'(\b{field} = )"[^"]*"', lambda match: match[1] + quoted(next(cells)), plan)
    (town / "own.toml").write_text(plan, encoding="utf-8")
    study = (town / "study.toml").read_text(encoding="utf-8")
    tea = f'[[services]]\nid = "tea"\nzh = {quoted(next(cells))}\nen = {quoted(next(cells))}\n'
    more = f"[costs]\ncurrency = {quoted(HOSTILE[0])}\nfacilities = {{ health-station = 100 }}\n"
    near = (
        '[{ facility = "new", service = "health-station", lon = 114.508, lat = 38.006, name = '
        + quoted(HOSTILE[2])
        + " }]"
    )
    scenario = f"[[scenarios]]\nname = {quoted(HOSTILE[1])}\nadd = {near}\n"
    words = study.replace('"镇"', quoted("".join(HOSTILE[6:11]))) + tea + more + scenario
    (town / "study.toml").write_text(words, encoding="utf-8")
    return town


def test_every_command_is_called():
    assert {words.split()[0] for words in CALLS} | WITHOUT_NAMES == {name for name, _ in commands._COMMANDS}


def test_in_every_file_and_on_the_terminal_names_are_text(command, hostile, monkeypatch):
    monkeypatch.chdir(hostile)
    before = set(hostile.rglob("*"))
    for words in CALLS:
        said = command(*words.split())
        assert said.code == 0, (words, said.err)
        if words.startswith("run"):
            shutil.copytree("results", "earlier")
        assert not STEERS.search((said.out + said.err).replace("\n", "")), words
    kinds = set()
    for path in sorted(set(hostile.rglob("*")) - before):
        if path.is_file():
            kinds.add(path.suffix)
            LOOKED[path.suffix](path)
    assert kinds >= {".csv", ".xlsx", ".docx", ".html", ".gpkg", ".qgz", ".json", ".tif", ".qml"}
    assert not list(hostile.rglob("*hacked*"))


def is_inert(cell, place):
    """Text that no spreadsheet computes and no terminal obeys."""
    assert not LIVE.match(cell) or NUMBER.fullmatch(cell), (place, cell)
    assert not STEERS.search(cell), (place, cell)


def look_at_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            for cell in row:
                is_inert(cell, path)


def look_at_workbook(path):
    parts(path)
    for sheet in openpyxl.load_workbook(path):
        assert not STEERS.search(sheet.title), path
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (path, cell.coordinate, cell.value)
                assert not STEERS.search(str(cell.value)), (path, cell.coordinate)


def parts(path):
    """The parts of a package: XML is whole, none leads outside, no name is a field."""
    with zipfile.ZipFile(path) as package:
        whole = {name: package.read(name) for name in package.namelist()}
    for name, content in whole.items():
        if name.endswith((".xml", ".rels", ".qgs")):
            ET.fromstring(content)  # noqa: S314  # our own file
            text = content.decode("utf-8")
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]", text), (path, name)
            assert not (name.endswith(".rels") and 'TargetMode="External"' in text), (path, name)
            outside = "" if name.endswith(".qgs") else text
            assert "HYPERLINK" not in re.sub(r">[^<]*<", "><", outside), (path, name)
    return whole


def look_at_word(path):
    body = parts(path)["word/document.xml"].decode("utf-8")
    fields = re.findall(r"<w:instrText[^>]*>([^<]*)<", body)
    known = re.compile(r"\s*(TOC|PAGE|PAGEREF|NUMPAGES|SEQ|REF|STYLEREF)\b")
    assert all(known.match(field) for field in fields), fields


def look_at_page(path):
    page = path.read_text(encoding="utf-8")
    assert "<script>hacked" not in page, path
    assert "<img src=x" not in page, path
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page), path


def look_at_geopackage(path):
    with sqlite3.connect(path) as base:
        named = dict(
            base.execute("select name, sql from sqlite_master where type in ('table', 'view', 'trigger')")
        )
    assert all(re.fullmatch(r"[a-z0-9_-]+", name, re.IGNORECASE) for name in named), path
    assert "hacked" not in " ".join(map(str, named.values())), path
    for layer in gpd.list_layers(path)["name"]:
        for name in gpd.read_file(path, layer=layer, rows=1).columns:
            assert re.fullmatch(r"[a-z0-9_-]+", name, re.IGNORECASE), (path, layer, name)


def look_at_project(path):
    for content in parts(path).values():
        assert b"env(" not in content, "an expression that QGIS would work out"


def look_at_json(path):
    assert not STEERS.search(path.read_text(encoding="utf-8").replace("\n", "")), path
    json.loads(path.read_text(encoding="utf-8"))


def look_at_style(path):
    ET.parse(path)  # noqa: S314  # our own file
    assert "env(" not in path.read_text(encoding="utf-8"), path


def look_at_picture(path):
    assert path.stat().st_size


LOOKED = {
    ".csv": look_at_csv,
    ".xlsx": look_at_workbook,
    ".docx": look_at_word,
    ".html": look_at_page,
    ".gpkg": look_at_geopackage,
    ".qgz": look_at_project,
    ".json": look_at_json,
    ".geojson": look_at_json,
    ".qml": look_at_style,
    ".tif": look_at_picture,
    ".png": look_at_picture,
    ".pdf": look_at_picture,
}
"""How each kind of file is looked at; a kind that is not here is one that nobody thought of."""
