"""Ledgers as offices send them: each is read right and what was undone is said, or refused with the place."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import geopandas as gpd
import openpyxl
import pytest
from shapely import Point
from spoiled_town import edit, more

import lifecircle as lc

EAST, WEST, SOUTH = (114.503, 38.003), (114.512, 38.004), (114.506, 38.006)
HEADS = ["序号", "机构名称", "经度", "纬度", "建筑面积（㎡）"]


def use(town, name):
    """The study's ledger is another file."""
    edit(town, '"ledger.csv"', f'"{name}"')


def book(town, merges=(), hide=None, **sheets):
    """A workbook of some sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for merge in merges:
            sheet.merge_cells(merge)
        if hide is not None:
            hide(sheet)
    made.save(town / "l.xlsx")
    use(town, "l.xlsx")


def text(town, *lines, encoding="utf-8"):
    """A ledger as text."""
    (town / "ledger.csv").write_text("\n".join(lines) + "\n", encoding=encoding)


def title_totals_and_footnote(town):
    rows = [["卫生站台账"], ["填报单位：某镇", None, None, None, "单位：平方米"], HEADS]
    rows += [[1, "东站", *EAST, "１，２００"], [2, "西站", *WEST, "300㎡"]]
    rows += [["本页合计", None, None, None, 1500], ["注：数据截至2024年底"]]
    book(town, ["A1:E1", "A6:B6", "A7:E7"], S=rows)


def sections(town):
    rows = [
        HEADS,
        ["一、东区"],
        [1, "东站", *EAST, 1200],
        ["（二）西区"],
        [1, "西站", *WEST, 300],
        ["小计：2"],
    ]
    book(town, S=[*rows, ["合  计", None, None, None, 1500]])


def sections_merged(town):
    rows = [HEADS, ["东区"], [1, "东站", *EAST, 1200], ["西区"], [2, "西站", *WEST, 300]]
    book(town, ["A2:E2", "A4:E4"], S=rows)


def two_heading_rows_and_units(town):
    rows = [["机构名称", "位置", None, "规模", None], [None, "经度", "纬度", "建筑面积", "床位数"]]
    rows += [[None, "度", "度", "百平方米", "张"], ["东站", *EAST, 12, 3], ["西站", *WEST, 3, 4]]
    book(town, ["A1:A2", "B1:C1", "D1:E1"], S=rows)


def hidden_column_and_filtered_row(town):
    def hide(sheet):
        sheet.column_dimensions["E"].hidden = True
        sheet.row_dimensions[2].hidden = True

    book(town, hide=hide, S=[HEADS, [1, "东站", *EAST, 1200], [2, "西站", *WEST, 300]])


def wide_digits(town):
    rows = ["A1,东站,１１４．５０３,３８．００３,１２００", "A2,西站,114．512,38.004,300平方米"]
    text(town, "id,name,经度,纬度,建筑面积", *rows)


def spaced_headings(town):
    heads = ["序 号", "机 构\n名 称", "经  度", "纬　度", "建筑面积\n（万㎡）"]
    book(town, S=[heads, [1, "东站", *EAST, 0.12], [2, "西站", *WEST, 0.03]])


def angles(town):
    rows = ["A1,东站,114°30′10.8″E,N38°0.18′,1200", 'A2,西站,东经114度30分43.2秒,"38°0\'14.4""",300']
    text(town, "id,name,经度,纬度,建筑面积", *rows)


def a_sheet_for_each_district(town):
    book(town, 东区=[HEADS, [1, "东站", *EAST, 1200]], 西区=[HEADS, [1, "西站", *WEST, 300]])


def in_metres_as_geojson(town):
    layer = _places().to_crs(4547)
    tree = json.loads(layer.to_json())
    tree["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    (town / "l.geojson").write_text(json.dumps(tree), encoding="utf-8")
    use(town, "l.geojson")


def cgcs_in_degrees(town):
    _places().to_crs(4490).to_file(town / "l.gpkg")
    use(town, "l.gpkg")


def capital_letters(town):
    _shapefile(town, _places())
    for part in town.glob("l.*"):
        part.rename(town / part.name.upper())
    edit(town, '"l.shp"', '"L.SHP"')


def strict_workbook(town):
    """Saved as Strict Open XML, the other namespace that Excel and WPS offer."""
    book(town, S=[HEADS, [1, "东站", *EAST, 1200], [2, "西站", *WEST, 300]])
    with zipfile.ZipFile(town / "l.xlsx") as made, zipfile.ZipFile(town / "s.xlsx", "w") as strict:
        for name in made.namelist():
            part = made.read(name)
            for old, new in (
                ("spreadsheetml/2006/main", "spreadsheetml/main"),
                ("officeDocument/2006/r", "officeDocument/r"),
            ):
                part = part.replace(
                    b"http://schemas.openxmlformats.org/" + old.encode(),
                    b"http://purl.oclc.org/ooxml/" + new.encode(),
                )
            strict.writestr(name, part)
    edit(town, '"l.xlsx"', '"s.xlsx"')


def _shapefile(town, layer):
    """A layer as a shapefile, whose field names hold ten letters."""
    layer.rename(columns={"floor_area_m2": "floor_m2"}).to_file(town / "l.shp", encoding="UTF-8")
    use(town, "l.shp")
    more(town, 'columns = { floor_area_m2 = "floor_m2" }\n')


def _places():
    """The two stations as a layer."""
    names = {"name": ["东站", "西站"], "floor_area_m2": [1200.0, 300.0]}
    return gpd.GeoDataFrame(names, geometry=[Point(*EAST), Point(*WEST)], crs=4326)


READ = {
    "a title, totals and a footnote": (title_totals_and_footnote, {"total-rows": 1, "note-rows": 1}),
    "sections and subtotals": (sections, {"section-rows": 2, "total-rows": 2, "serial-not-id": 2}),
    "sections merged across": (sections_merged, {"section-rows": 2}),
    "two heading rows and one of units": (two_heading_rows_and_units, {"unit-converted": 2}),
    "a hidden column and a filtered row": (
        hidden_column_and_filtered_row, {"hidden-rows-read": 1, "hidden-columns-read": 1},
    ),
    "digits of full width": (wide_digits, {"unit-converted": 1}),
    "headings with spaces and line breaks": (spaced_headings, {"unit-converted": 2}),
    "degrees, minutes and seconds": (angles, {"angles-read": 2}),
    "a sheet for each district": (a_sheet_for_each_district, {"sheets-joined": 2}),
    "GeoJSON in metres that says so": (in_metres_as_geojson, {}),
    "CGCS2000 in degrees": (cgcs_in_degrees, {}),
    "a shapefile in capitals": (capital_letters, {}),
    "Strict Open XML": (strict_workbook, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", READ.values(), ids=READ.keys())
def test_read_right_and_said(town, case):
    spoil, remarks = case
    spoil(town)
    inputs = lc.check(lc.Study.from_file(town / "study.toml"))
    places = inputs.facilities.set_index("name")
    assert places["floor_area_m2"].to_dict() == {"东站": 1200.0, "西站": 300.0}
    degrees = places.geometry.to_crs(4326)
    for name, (lon, lat) in {"东站": EAST, "西站": WEST}.items():
        assert (degrees[name].x, degrees[name].y) == pytest.approx((lon, lat), abs=1e-6)
    told = inputs.quality.set_index("remark")["count"]
    for remark, count in remarks.items():
        assert set(told.loc[[remark]]) == {count}, remark
    assert inputs.complete_for == {"health-station"}, "nothing was lost"


def swapped_on_one_sheet(town):
    west = [[1, "西站", *WEST[::-1], 300], [2, "南站", *SOUTH[::-1], 300]]
    book(town, 东区=[HEADS, [1, "东站", *EAST, 1200]], 西区=[HEADS, *west])


def both_in_one_cell(town):
    text(town, "id,name,location", 'A1,东站,"114.503,38.003"', 'A2,西站,"114.512,38.004"')


def two_encodings(town):
    rows = (
        "id,name,经度,纬度\nA1,东站光华路,114.503,38.003\n".encode(),
        "A2,西站光华路,114.512,38.004\n".encode("gbk"),
    )
    (town / "ledger.csv").write_bytes(b"".join(rows))


def two_encodings_and_a_mark(town):
    two_encodings(town)
    (town / "ledger.csv").write_bytes(b"\xef\xbb\xbf" + (town / "ledger.csv").read_bytes())


def negative_in_brackets(town):
    text(town, "id,lon,lat,建筑面积", "A1,114.503,38.003,(300)", "A2,114.512,38.004,200")


def a_range(town):
    book(town, S=[HEADS, [1, "东站", *EAST, "1000-1200"], [2, "西站", *WEST, "300以上"]])


def sheets_in_other_units(town):
    other = [*HEADS[:4], "建筑面积（万㎡）"]
    book(town, 东区=[HEADS, [1, "东站", *EAST, 1200]], 西区=[other, [1, "西站", *WEST, 0.03]])


def unknown_system(town):
    tree = json.loads(_places().to_json())
    tree["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::99999"}}
    (town / "l.geojson").write_text(json.dumps(tree), encoding="utf-8")
    use(town, "l.geojson")


def metres_without_a_system(town):
    tree = json.loads(_places().to_crs(4547).to_json())
    del tree["crs"]
    (town / "l.geojson").write_text(json.dumps(tree), encoding="utf-8")
    use(town, "l.geojson")


def shapefile_without_prj(town):
    _shapefile(town, _places().to_crs(4547))
    (town / "l.prj").unlink()


def archive_in_an_archive(town):
    _places().to_file(town / "l.gpkg")
    for outer, inner in (("inner.zip", "l.gpkg"), ("outer.zip", "inner.zip")):
        with zipfile.ZipFile(town / outer, "w") as archive:
            archive.write(town / inner, inner)
    use(town, "outer.zip")


def page_named_like_a_workbook(town):
    (town / "l.xlsx").write_text("<html><table><tr><td>id</td></tr></table></html>", encoding="utf-8")
    use(town, "l.xlsx")


def another_kind(name, start=b"x"):
    """A file of a kind that is not read."""

    def spoil(town):
        (town / name).write_bytes(start + b"\0" * 600)
        use(town, name)

    return spoil


REFUSED = {
    "a sheet with its coordinates exchanged": (swapped_on_one_sheet, "swapped-lonlat", "l.xlsx", "西区!2"),
    "both coordinates in one cell": (both_in_one_cell, "coordinates-in-one-cell", "ledger.csv", ""),
    "UTF-8 and GBK in one file": (two_encodings, "mixed-encodings", "ledger.csv", "3"),
    "UTF-8 with its mark, and GBK": (two_encodings_and_a_mark, "mixed-encodings", "ledger.csv", "3"),
    "a negative number in brackets": (negative_in_brackets, "not-a-number", "ledger.csv", "2"),
    "a range where a number belongs": (a_range, "not-a-number", "l.xlsx", "2, 3"),
    "sheets in other units": (sheets_in_other_units, "several-sheets", "l.xlsx", ""),
    "GeoJSON in a system nobody knows": (unknown_system, "crs-unknown", "l.geojson", ""),
    "GeoJSON in metres that says nothing": (metres_without_a_system, "metres-as-degrees", "l.geojson", ""),
    "a shapefile without its .prj": (shapefile_without_prj, "no-crs", "l.shp", ""),
    "an archive in an archive": (archive_in_an_archive, "archive-without-layer", "outer.zip", ""),
    "a web page named .xlsx": (page_named_like_a_workbook, "not-its-format", "l.xlsx", ""),
    "WPS's own table": (another_kind("l.et", b"\xd0\xcf\x11\xe0"), "old-workbook", "l.et", ""),
    "KML": (another_kind("l.kml"), "other-gis-format", "l.kml", ""),
    "KMZ": (another_kind("l.kmz"), "other-gis-format", "l.kmz", ""),
    "a drawing": (another_kind("l.dwg"), "drawing-unread", "l.dwg", ""),
    "a text named .txt": (another_kind("l.txt"), "text-not-csv", "l.txt", ""),
    "RAR": (another_kind("l.rar", b"Rar!"), "archive-not-zip", "l.rar", ""),
    "RAR named .zip": (another_kind("l.zip", b"Rar!"), "not-its-format", "l.zip", ""),
    "a scanned page": (another_kind("l.pdf", b"%PDF"), "document-unread", "l.pdf", ""),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_the_place_and_a_fix(command, town, old_results, case):
    spoil, key, file, row = case
    spoil(town)
    said = command("check", town / "study.toml", "--json")
    assert said.code == 2, said.err
    [fault] = [one for one in said.faults if one["key"] == key]
    assert fault["file"].endswith(file)
    assert fault["row"].startswith(row)
    assert fault["fix"]
    assert old_results()


def test_a_day_where_a_year_is_asked_for_is_its_year(town):
    heads = [*HEADS[:4], "建成年份"]
    rows = [
        [1, "东站", *EAST, dt.date(2015, 3, 1)],
        [2, "西站", *WEST, "2016年5月"],
        [3, "南站", *SOUTH, 2017],
    ]
    book(town, S=[heads, *rows])
    inputs = lc.check(lc.Study.from_file(town / "study.toml"))
    assert inputs.facilities.set_index("name")["built_year"].to_dict() == {
        "东站": 2015,
        "西站": 2016,
        "南站": 2017,
    }
    told = inputs.quality.set_index("remark").loc["unit-converted"]
    assert told["count"] == 2
    assert "2015-03-01" in told["value"]
