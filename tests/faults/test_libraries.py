"""Whatever a library raises, wherever it is called: a fault with its file or its stage, and no traceback."""

from __future__ import annotations

import errno
import json
import pickle
import signal
import sys
import tempfile

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
import xlsxwriter
from docx.exceptions import PythonDocxError
from docx.image.exceptions import UnrecognizedImageError
from jinja2 import TemplateError
from matplotlib.units import ConversionError
from networkx import NetworkXError
from openpyxl.utils.exceptions import InvalidFileException
from pyarrow import ArrowInvalid
from pyogrio.errors import DataSourceError
from pyproj.exceptions import CRSError, ProjError
from rasterio.errors import RasterioError, RasterioIOError
from rich.table import Table
from shapely.errors import GEOSException
from spoiled_town import raster
from xlsxwriter.exceptions import FileCreateError, XlsxWriterException

from lifecircle import cli, stages
from lifecircle.libraries import fault_of_library
from lifecircle.messages import Words
from lifecircle.program_faults import note_work, program_fault

AWRY = "side location conflict"


FAILS = """
def fails(*args, **kwargs):
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.endswith(within):
            raise error
        frame = frame.f_back
    return whole(*args, **kwargs)
"""


def failing(monkeypatch, owner, name, within, error):
    """Have a function of a library fail by code of its own, where a module of ours is what calls it."""
    whole = getattr(owner, name)
    module = sys.modules[getattr(owner, "__module__", owner.__name__)]
    around = {"__name__": module.__name__, "sys": sys, "within": within, "error": error, "whole": whole}
    exec(compile(FAILS, module.__file__, "exec"), around)  # noqa: S102  # so that its frame is the library's
    monkeypatch.setattr(owner, name, around["fails"])


READING = [
    # library, function, module of ours, error, file that the fault names
    (pyogrio, "read_dataframe", "sources/areas.py", DataSourceError(AWRY), "boundary.gpkg"),
    (pyogrio, "list_layers", "sources/areas.py", RuntimeError(AWRY), "boundary.gpkg"),
    (shapely, "is_valid", "sources/files/shapes.py", GEOSException(AWRY), "boundary.gpkg"),
    (shapely, "bounds", "sources/files/shapes.py", GEOSException(AWRY), "boundary.gpkg"),
    (shapely, "bounds", "sources/streets/lines.py", GEOSException(AWRY), "streets.gpkg"),
    (pyproj.CRS, "to_wkt", "sources/files/shapes.py", CRSError(AWRY), "boundary.gpkg"),
    (pyproj.Transformer, "transform", "sources/facilities.py", ProjError(AWRY), "ledger.csv"),
    (gpd.GeoDataFrame, "to_crs", "sources/areas.py", ProjError(AWRY), "communities.gpkg"),
    (rasterio, "open", "sources/files/raster.py", RasterioIOError(AWRY), "people.tif"),
    (rasterio, "open", "sources/files/raster.py", OSError(errno.EIO, "Input/output error"), "people.tif"),
    (shapely, "segmentize", "sources/files/raster.py", GEOSException(AWRY), "people.tif"),
    (pd.Series, "astype", "sources/ledgers.py", MemoryError(), "ledger.csv"),
]


@pytest.mark.parametrize("case", READING, ids=lambda case: f"{case[0].__name__}.{case[1]} {case[4]}")
def test_a_library_that_fails_on_a_file_is_a_fault_of_that_file(
    command, town, monkeypatch, old_results, case
):
    owner, name, within, error, file = case
    raster(town, 5.0)
    failing(monkeypatch, owner, name, within, error)
    done = command("check", town / "study.toml", "--json", "--lang", "en")
    assert done.code == 2
    assert "Traceback" not in done.err
    assert file in {fault["file"].rpartition("/")[2] for fault in done.faults}
    assert old_results()


STAGES = [
    # library, function, module of ours, error, stage that the fault names
    (pyproj.Transformer, "transform", "network/build.py", ProjError(AWRY), "Building the street network"),
    (
        shapely,
        "linearrings",
        "network/areas/field.py",
        GEOSException(AWRY),
        "Life circles of the communities",
    ),
    (gpd.GeoDataFrame, "to_file", "outputs/gis/layers.py", ProjError(AWRY), "Writing"),
    (
        xlsxwriter.Workbook,
        "add_worksheet",
        "outputs/workbook/sheets.py",
        XlsxWriterException(AWRY),
        "Writing",
    ),
]


@pytest.mark.parametrize("case", STAGES, ids=lambda case: f"{case[0].__name__}.{case[1]}")
def test_a_library_that_fails_at_work_is_a_fault_of_the_study_and_the_stage(command, town, monkeypatch, case):
    owner, name, within, error, stage = case
    failing(monkeypatch, owner, name, within, error)
    done = command("run", town / "study.toml", "--json", "--lang", "en")
    assert done.code == 2
    assert "Traceback" not in done.err
    [fault] = done.faults
    assert fault["file"].endswith("study.toml")
    assert stage in fault["message"]
    assert AWRY in fault["message"]
    assert (town / "results" / "deficits.csv").read_text(encoding="utf-8") == "old\n"


WRITERS = [
    # command, file, library, function, module of ours, an error of the library's own
    ("template own.toml -o", "ledgers.xlsx", xlsxwriter.Workbook, "close", XlsxWriterException(AWRY)),
    (
        "times streets.gpkg --from ledger.csv --to stations.csv -o",
        "times.parquet",
        pd.DataFrame,
        "to_parquet",
        ArrowInvalid(AWRY),
    ),
    (
        "isochrones streets.gpkg --points ledger.csv -o",
        "areas.parquet",
        gpd.GeoDataFrame,
        "to_parquet",
        ArrowInvalid(AWRY),
    ),
]


@pytest.fixture
def old_file(town, monkeypatch):
    """A file that a command is to replace and whose writer fails, and whether it is as it was and alone."""
    monkeypatch.chdir(town)
    (town / "stations.csv").write_text("id,service,lon,lat\nA,s,114.503,38.003\n", encoding="utf-8")

    def made(case, error=None):
        _, file, owner, name, own = case
        (town / file).write_bytes(b"old")
        before = set(town.iterdir())
        failing(monkeypatch, owner, name, ".py", error or own)
        return lambda: (town / file).read_bytes() == b"old" and set(town.iterdir()) == before

    return made


@pytest.mark.parametrize("case", WRITERS, ids=lambda case: case[1])
@pytest.mark.parametrize("error", [None, MemoryError(), OSError(errno.ENOSPC, "full")], ids=repr)
def test_a_writer_that_fails_names_its_file_and_leaves_the_old_one(command, old_file, case, error):
    intact = old_file(case, error)
    done = command(*case[0].split(), case[1])
    assert done.code == 2
    assert f"{case[1]}: " in done.err
    assert "Traceback" not in done.out + done.err
    assert intact()


@pytest.mark.parametrize(
    ("library", "error"),
    [
        ("docx", PythonDocxError(AWRY)),
        ("docx", UnrecognizedImageError(AWRY)),
        ("jinja2", TemplateError(AWRY)),
        ("matplotlib", ConversionError(AWRY)),
        ("networkx", NetworkXError(AWRY)),
        ("openpyxl", InvalidFileException(AWRY)),
        ("pyarrow", ArrowInvalid(AWRY)),
        ("rasterio", RasterioError(AWRY)),
    ],
    ids=lambda one: type(one).__name__,
)
def test_the_own_errors_of_every_library_that_writes_are_known(library, error):
    fault = fault_of_library(error, file="report.docx", stage="Writing")
    assert (fault.key, fault.file) == ("library-stopped", "report.docx")
    assert f"library {library} broke off" in fault.render("en")


@pytest.fixture
def end(monkeypatch, capsys, tmp_path):
    """The end of a command by a fault of the program, and what it said; temporary files lie in `tmp_path`."""

    def ended(*words):
        monkeypatch.setattr(sys, "argv", ["lifecircle", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert stop.value.code == 1
        assert "Traceback" not in said.out + said.err
        return said

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return ended


def test_what_nobody_expected_is_told_with_its_file_and_kept_to_be_sent_in(
    town, monkeypatch, tmp_path, old_results, end
):
    """Of a library too: it was ours to hand over what it can work with."""
    failing(monkeypatch, pd.Series, "astype", "sources/ledgers.py", ValueError(AWRY))
    said = end("check", town / "study.toml", "--json", "--lang", "en").out
    [fault] = [told for line in said.splitlines() if (told := json.loads(line))["event"] == "fault"]
    assert fault["file"].endswith("ledger.csv")
    assert f"ValueError: {AWRY} (pandas" in fault["message"]
    assert "< lifecircle.sources." in fault["message"]
    [kept] = tmp_path.glob("lifecircle-*.txt")
    assert str(kept) in fault["fix"]
    assert kept.read_text(encoding="utf-8").count("Traceback") == 1
    assert kept.stat().st_mode & 0o077 == 0
    assert old_results()


def test_what_a_writer_fails_of_unexpectedly_is_told_with_the_file(end, old_file):
    intact = old_file(WRITERS[0], RuntimeError(AWRY))
    assert "ledgers.xlsx: " in end(*WRITERS[0][0].split(), "ledgers.xlsx").err
    assert intact()


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "程序自身在“lifecircle plans”时出错"), ("en", "report it with this message")],
)
def test_a_fault_of_the_program_that_can_be_kept_nowhere_is_told_all_the_same(monkeypatch, end, lang, words):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at all")
    failing(monkeypatch, Table, "add_row", "cli/terminal.py", AttributeError(AWRY))
    assert words in end("plans", "hainan-2022", "--lang", lang).err


def test_what_was_being_done_comes_home_with_an_error():
    error = ValueError(AWRY)
    note_work(error, file="study.toml", stage=Words("cli.stage.circles"))
    fault = program_fault(pickle.loads(pickle.dumps(error)))  # noqa: S301  # as a worker's error comes home
    assert fault.file == "study.toml"
    assert "生成各社区生活圈" in fault.render("zh")
    assert "“Life circles of the communities”: ValueError: side location conflict" in fault.render("en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_library_that_fails_beside_every_stage_is_a_fault_of_the_command(command, monkeypatch, lang):
    failing(monkeypatch, Table, "add_row", "cli/terminal.py", MemoryError())
    done = command("plans", "hainan-2022", "--lang", lang)
    assert done.code == 2
    assert {"zh": "内存不足", "en": "not enough memory"}[lang] in done.err
    assert "Traceback" not in done.err


def test_an_error_that_a_library_makes_of_a_signal_ends_the_command_as_the_signal_does(command, monkeypatch):
    monkeypatch.setattr(stages, "_EXIT_CODES", [143])
    failing(monkeypatch, Table, "add_row", "cli/terminal.py", ValueError("SystemExit: 143"))
    done = command("plans", "hainan-2022")
    assert (done.code, done.err) == (143, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")
def test_a_signal_that_is_to_be_ignored_stays_so(command):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        command("plans")
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_error_of_our_own_stays_one():
    assert fault_of_library(KeyError("code")) is None
    assert fault_of_library(TimeoutError("waited")) is None
    assert fault_of_library(FileCreateError("disk"), stage="x").key == "library-stopped"
