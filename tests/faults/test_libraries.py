"""Whatever a library raises, wherever it is called: a fault with its file or its stage, and no traceback."""

from __future__ import annotations

import errno
import signal
import sys

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
import shapely
import xlsxwriter
from pyogrio.errors import DataSourceError
from pyproj.exceptions import CRSError, ProjError
from rasterio.errors import RasterioIOError
from rich.table import Table
from shapely.errors import GEOSException
from spoiled_town import raster
from xlsxwriter.exceptions import FileCreateError, XlsxWriterException

from lifecircle import stages
from lifecircle.libraries import fault_of_library

AWRY = "side location conflict"


def failing(monkeypatch, owner, name, within, error):
    """Have a function of a library fail, where code of a module of ours is what calls it."""
    whole = getattr(owner, name)

    def fails(*args, **kwargs):
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.endswith(within):
                raise error
            frame = frame.f_back
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, name, fails)


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
