"""study.qgz: layers that are there, grouped by topic; QGIS itself, where it is installed, draws them."""

import dataclasses
import json
import os
import shutil
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pyogrio
import pytest
from results_by_hand import results_by_hand, with_scenarios

from lifecircle.messages import text
from lifecircle.outputs.gis.layers import write_layers
from lifecircle.outputs.gis.project import write_project
from lifecircle.outputs.gis.rasters import write_rasters
from lifecircle.tables import Raster

SYSTEM_PYTHON = next(filter(Path.exists, map(Path, ("/usr/bin/python3",))), None)
RENDER = """
import json, sys
from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsProject
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
layers = list(project.mapLayers().values())
root = project.layerTreeRoot()
settings = QgsMapSettings()
settings.setLayers([one.layer() for one in root.findLayers() if one.itemVisibilityChecked()])
settings.setOutputSize(QSize(600, 500))
settings.setBackgroundColor(QColor(255, 255, 255))
settings.setDestinationCrs(project.crs())
settings.setExtent(settings.fullExtent())
job = QgsMapRendererParallelJob(settings)
job.start()
job.waitForFinished()
picture = job.renderedImage()
picture.save(sys.argv[2])
colours = {picture.pixelColor(x, y).name() for x in range(0, 600, 3) for y in range(0, 500, 3)}
print(json.dumps({
    "read": read,
    "invalid": [layer.name() for layer in layers if not layer.isValid()],
    "layers": len(layers),
    "groups": [group.name() for group in root.findGroups()],
    "shown": len(settings.layers()),
    "crs": project.crs().authid(),
    "shape": settings.fullExtent().width() / settings.fullExtent().height(),
    "renderers": sorted({layer.renderer().type() for layer in layers if layer.renderer()}),
    "colours": sorted(colours),
}))
"""


@cache
def has_qgis():
    """Whether the system's own Python knows QGIS."""
    if SYSTEM_PYTHON is None:
        return False
    asked = subprocess.run(
        [SYSTEM_PYTHON, "-c", "import qgis.core"], capture_output=True, env=bare(), check=False
    )
    return asked.returncode == 0


def bare():
    """The environment without this test's own packages, and no screen."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    return {**kept, "QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture(scope="module", params=["zh", "en"])
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    minutes = Raster(np.full((9, 9), 12.0, np.float32), 410_050.0, 2_215_000.0, 50.0, "EPSG:32649")
    results = dataclasses.replace(
        with_scenarios(results_by_hand(rows=5, columns=6)), rasters={"market": minutes}
    )
    write_layers(results, folder / "study.gpkg", lang=request.param)
    write_rasters(results, folder / "rasters", lang=request.param)
    write_project(results, folder / "study.qgz", lang=request.param)
    return results, folder, request.param


def document(folder):
    """The project inside the package."""
    with zipfile.ZipFile(folder / "study.qgz") as package:
        [name] = package.namelist()
        return ET.fromstring(package.read(name))  # noqa: S314  # our own file


def test_every_layer_points_to_data_that_are_there_beside_the_project(written):
    _, folder, _ = written
    layers = {name for name, _ in pyogrio.list_layers(folder / "study.gpkg")}
    sources = [one.findtext("datasource") for one in document(folder).iter("maplayer")]
    assert len(sources) > 10
    for source in sources:
        assert source.startswith("./")
        path, *parts = source.split("|")
        assert (folder / path).exists(), source
        named = [part.removeprefix("layername=") for part in parts if part.startswith("layername=")]
        assert set(named) <= layers


def test_layers_are_grouped_by_topic_and_the_overview_is_drawn(written):
    results, folder, lang = written
    tree = document(folder).find("layer-tree-group")
    groups = {group.get("name"): group for group in tree}
    assert next(iter(groups)) == text("layers.group-overview", lang)
    assert {text(f"map.topic.{topic}", lang) for topic in ("fitness", "commerce", "health")} <= set(groups)
    shown = [
        one.get("source") for one in tree.iter("layer-tree-layer") if one.get("checked") == "Qt::Checked"
    ]
    assert shown == ["./study.gpkg|layername=proposals", "./study.gpkg|layername=communities"]
    title = results.plans[0]["rules"]["rule-0"]["title"][lang]
    assert title in [one.get("name") for one in groups[text("map.topic.fitness", lang)]]
    marks = [one.get("id") for one in tree.iter("layer-tree-layer")]
    assert sorted(marks) == sorted(one.findtext("id") for one in document(folder).iter("maplayer"))


def test_equal_results_make_equal_projects(written, tmp_path):
    results, folder, lang = written
    write_project(results, tmp_path / "study.qgz", lang=lang)
    assert (tmp_path / "study.qgz").read_bytes() == (folder / "study.qgz").read_bytes()


@pytest.mark.slow
def test_qgis_opens_and_draws_it(written, tmp_path, artefacts):
    if not has_qgis():
        pytest.skip("QGIS for the system's Python (Debian: python3-qgis) is not installed")
    results, folder, lang = written
    script = tmp_path / "render.py"
    script.write_text(RENDER, encoding="utf-8")
    picture = tmp_path / f"qgis_{lang}.png"
    done = subprocess.run(
        [SYSTEM_PYTHON, script, folder / "study.qgz", picture],
        capture_output=True,
        text=True,
        env=bare(),
        timeout=240,
        check=False,
    )
    assert picture.exists(), done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    shutil.copy(picture, artefacts)
    assert said["read"]
    assert said["invalid"] == []
    assert said["shown"] == 2
    assert said["crs"] == "EPSG:3857"
    west, south, east, north = results.communities.total_bounds
    assert said["shape"] == pytest.approx((east - west) / (north - south), rel=0.05), "not stretched"
    assert {"categorizedSymbol", "graduatedSymbol", "singlebandpseudocolor"} <= set(said["renderers"])
    assert "#cfe3f1" in said["colours"], "communities short of nothing"
    assert len({"#fde0a6", "#fdbb63", "#f08a2c", "#c9560d", "#7f2c04"} & set(said["colours"])) >= 2
