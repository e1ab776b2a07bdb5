"""The empty workbook of ledgers: what plans need, in either language; filled in, it reads back."""

from __future__ import annotations

import subprocess
import sys
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from shapely import LineString, box

from lifecircle import messages, plans
from lifecircle.analysis.template import write_template
from lifecircle.errors import InputError
from lifecircle.plans import ledger_columns
from lifecircle.sources import read_inputs
from lifecircle.sources.figures import _PARTS
from lifecircle.sources.files.workbooks import CHOICES_SHEET
from lifecircle.study.reading import study_from_tables
from lifecircle.tables import FACILITY_DETAILS, FACILITY_FIGURES, UNIT_FIGURES, local_crs

CRS = local_crs(114.5, 38.0)
JUDGED = ("hainan-2022", "wuhu-2021", "shijiazhuang-2016", "zhuhai-2021")
CODES = {
    "communities": "130102001001",
    "townships": "130102001",
    "counties": "130102",
    "cities": "1301",
    "provinces": "13",
}


def every_plan():
    return [plans.plan(name) for name in JUDGED]


@pytest.fixture
def ground(tmp_path):
    """One community of a square kilometre, and every other kind of area in it."""
    place = gpd.GeoDataFrame(
        {"code": [CODES["communities"]], "population": [900]}, geometry=[box(0, 0, 1000, 1000)], crs=CRS
    )
    place.to_crs(4326).to_file(tmp_path / "communities.gpkg")
    kinds = ("grid", "new-residential", "old-residential", "estate", "scenic", "resettlement", "region")
    for kind in (*kinds, "life-circle"):
        place.assign(code=kind).to_crs(4326).to_file(tmp_path / f"{kind}.gpkg")
    ticks = np.arange(-2000, 3001, 500.0)
    streets = [LineString([(tick, -2000), (tick, 3000)]) for tick in ticks]
    streets += [LineString([(-2000, tick), (3000, tick)]) for tick in ticks]
    lines = shapely.get_parts(shapely.node(shapely.multilinestrings(streets)))
    gpd.GeoDataFrame(geometry=lines, crs=CRS).to_crs(4326).to_file(tmp_path / "streets.gpkg")
    return tmp_path


SMALL = {"open_hours_per_day": 9, "open_days_per_week": 5, "built_year": 1999}


def figure_for(layer, name):
    """A figure of its own for every column, so that none is taken for another; parts below their wholes."""
    if name in SMALL:
        return SMALL[name]
    spread = zlib.crc32(f"{layer}.{name}".encode())
    whole = name in {"population", *_PARTS.values()}
    part = name in _PARTS
    return (5_000 if whole and not part else 2_000 if whole else 10) + spread % 900


def cell_for(layer, column, lang):
    """What an office would put under a heading."""
    if column.name == "code":
        return CODES.get(layer, layer.removeprefix("areas:"))
    if column.choices and column.name not in {"service", "rule"}:
        choice = column.choices[0]
        key = {"kind": "plans.unit", "scope": "plans.scope"}.get(column.name, "plans.choice")
        return messages.text(f"{key}.{choice}", lang)
    fixed = {
        "x": 114.506,
        "y": 38.004,
        "service": column.choices[:1],
        "rule": column.choices[:1],
        "year": 2024,
    }
    if column.name in fixed:
        value = fixed[column.name]
        return value[0] if isinstance(value, tuple) else value
    if column.kind == "number":
        return figure_for(layer, column.name)
    codes = {"township": "130102001", "county": "130102", "community": CODES["communities"]}
    return codes.get(column.name, "名")


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_a_filled_template_of_all_plans_reads_back_column_by_column(ground, lang):
    reads_back(ground, every_plan(), lang)


@pytest.mark.parametrize("name", plans.packaged_plans())
def test_the_filled_template_of_every_packaged_plan_reads_back(ground, name):
    reads_back(ground, [plans.plan(name)], "zh")


def holds_the_facility(facilities, columns):
    """The one facility that was filled in, cell by cell."""
    [facility] = facilities.to_dict("records")
    assert (facility["facility"], facility["community"]) == ("ledgers:名", CODES["communities"])
    assert facility["public"] is True
    for column in columns:
        if column.name in {**FACILITY_FIGURES, **FACILITY_DETAILS}:
            expected = True if column.kind == "flag" else figure_for("facilities", column.name)
            assert facility[column.name] == expected, column.name


def reads_back(ground, listed, lang):
    """Fill every column of the template of some plans, read it, and compare cell by cell."""
    path = write_template(listed, ground / "ledgers.xlsx", lang=lang)
    book = openpyxl.load_workbook(path)
    ledgers = ledger_columns(listed)
    sheets = [name for name in book.sheetnames if name != CHOICES_SHEET]
    for sheet, (layer, columns) in zip(sheets, ledgers.items(), strict=True):
        headings = [cell.value for cell in book[sheet][1]]
        assert headings == [column.heading(lang) for column in columns]
        for number, column in enumerate(columns, 1):
            book[sheet].cell(2, number, cell_for(layer, column, lang))
    book.save(path)
    kinds = [layer.removeprefix("areas:") for layer in ledgers if layer.startswith("areas:")]
    tree = {
        "study": {"name": "town"},
        "area": {"communities": "communities.gpkg"},
        "areas": [{"kind": kind, "source": f"{kind}.gpkg"} for kind in kinds],
        "streets": {"source": "streets.gpkg"},
        "ledgers": [{"source": "ledgers.xlsx"}],
    }
    inputs = read_inputs(study_from_tables(tree, root=ground), cutoff_m=500.0)
    asked = {
        f"{layer}.{column.name}"
        for layer, columns in ledgers.items()
        for column in columns
        if column.rules and layer != "indicators"
    }
    assert asked <= inputs.layers_present
    levels = {"townships": "township", "counties": "county", "cities": "city", "provinces": "province"}
    for layer, columns in ledgers.items():
        if layer in {"facilities", "indicators"}:
            continue
        level = levels.get(layer, layer.removeprefix("areas:"))
        units = inputs.units[inputs.units["level"] == level]
        [row] = (inputs.communities if layer == "communities" else units).to_dict("records")
        for column in columns:
            if column.name in UNIT_FIGURES:
                expected = True if column.kind == "flag" else figure_for(layer, column.name)
                assert row[column.name] == expected, (layer, column.name)
    if "facilities" in ledgers:
        holds_the_facility(inputs.facilities, ledgers["facilities"])
    if "indicators" in ledgers:
        assert inputs.indicators["value"].tolist() == [figure_for("indicators", "value")]
    told = inputs.quality[inputs.quality["item"].str.contains("ledgers.xlsx")]
    assert set(told["severity"]) <= {"info"}, told.to_string()


def test_a_facility_of_the_template_may_be_placed_by_its_community_alone(ground):
    path = write_template([plans.plan("hainan-2022")], ground / "ledgers.xlsx", lang="zh")
    book = openpyxl.load_workbook(path)
    sheet = book["设施"]
    heads = [cell.value for cell in sheet[1]]
    for head, value in {"编号": "F1", "类别": "社区卫生服务站", "社区代码": CODES["communities"]}.items():
        sheet.cell(2, heads.index(head) + 1, value)
    book.save(path)
    tree = {
        "study": {"name": "town"},
        "area": {"communities": "communities.gpkg"},
        "streets": {"source": "streets.gpkg"},
        "ledgers": [{"source": "ledgers.xlsx"}],
    }
    inputs = read_inputs(study_from_tables(tree, root=ground), cutoff_m=500.0)
    assert inputs.facilities["community"].tolist() == [CODES["communities"]]
    assert "placed-by-community" in set(inputs.quality["remark"])


def test_an_empty_template_says_nothing_and_stops_nothing(ground):
    write_template(every_plan(), ground / "ledgers.xlsx", lang="zh")
    tree = {
        "study": {"name": "town"},
        "area": {"communities": "communities.gpkg"},
        "streets": {"source": "streets.gpkg"},
        "ledgers": [{"source": "ledgers.xlsx"}],
    }
    inputs = read_inputs(study_from_tables(tree, root=ground), cutoff_m=500.0)
    assert len(inputs.facilities) == len(inputs.indicators) == 0
    assert "communities.households" not in inputs.layers_present


def test_codes_stay_text_choices_drop_down_and_comments_name_the_rules(tmp_path):
    path = write_template([plans.plan("zhuhai-2021")], tmp_path / "t.xlsx", lang="zh")
    sheet = openpyxl.load_workbook(path)["社区和行政村"]
    headings = {cell.value: cell for cell in sheet[1]}
    assert sheet.column_dimensions[headings["代码"].column_letter].width > 10
    comment = headings["专职人民调解员（人）"].comment.text
    assert "zhuhai-mediators-per-village-1" in comment
    lists = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    treated = lists[f"{headings['生活污水已治理'].column_letter}2"]
    assert (treated.type, treated.formula1) == ("list", '"是,否"')
    number = lists[f"{headings['户数（户）'].column_letter}2"]
    assert (number.type, number.formula1) == ("decimal", "0")


def test_a_long_list_of_services_stands_on_a_hidden_sheet(tmp_path):
    path = write_template(every_plan(), tmp_path / "t.xlsx", lang="en")
    book = openpyxl.load_workbook(path)
    assert book[CHOICES_SHEET].sheet_state == "hidden"
    column = next(one for one in ledger_columns(every_plan())["facilities"] if one.name == "service")
    listed = [row[0] for row in book[CHOICES_SHEET].iter_rows(values_only=True)]
    assert len([name for name in listed if name]) >= len(column.choices)


def test_a_workbook_of_another_name_is_refused(tmp_path):
    with pytest.raises(InputError) as refused:
        write_template(every_plan(), tmp_path / "t.csv", lang="en")
    assert [fault.key for fault in refused.value.faults] == ["template-not-xlsx"]


def lifecircle(*words):
    command = [sys.executable, "-m", "lifecircle", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_command_writes_a_template_in_the_language_asked_for(tmp_path):
    path = tmp_path / "ledgers.xlsx"
    done = lifecircle("template", "shijiazhuang-2016", "-o", str(path), "--lang", "en")
    assert (done.returncode, done.stdout.strip()) == (0, str(path))
    assert openpyxl.load_workbook(path).sheetnames[0] == "communities"


def test_a_plan_of_ones_own_is_checked_with_every_fault_and_its_line(tmp_path):
    own = tmp_path / "my.toml"
    packaged = Path(plans.__file__).parent / "tdt1062-2021.toml"
    sound = packaged.read_text(encoding="utf-8").replace('id = "tdt1062-2021"', 'id = "my-plan"', 1)
    own.write_text(sound, encoding="utf-8")
    done = lifecircle("plans", "--check", str(own), "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "nothing wrong" in done.stdout
    lines = sound.splitlines()
    kind = next(number for number, line in enumerate(lines) if line.startswith("kind = "))
    lines[kind] = 'kind = "circle-of-friends"'
    own.write_text("\n".join(lines), encoding="utf-8")
    done = lifecircle("plans", "--check", str(own), "--lang", "en")
    assert done.returncode == 2
    assert f"my.toml:{kind + 1}" in done.stderr
    assert "Traceback" not in done.stderr
