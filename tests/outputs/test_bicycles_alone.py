"""A study by bicycle alone nowhere says that anybody walks."""

import json
import re
import zipfile

import numpy as np
import pytest
from own_plans import circle, own_plan, own_rule
from shapely import Point
from small_study import study_text, write_layer, write_two_communities

import lifecircle as lc
from lifecircle.outputs.monitoring.write import write_monitoring
from lifecircle.outputs.print_maps.sheet_data import overview, rule_sheets
from lifecircle.outputs.report.data_quality import write_data_quality
from lifecircle.outputs.report.docx import write_report_docx
from lifecircle.outputs.report.html import write_report_html
from lifecircle.outputs.web_map.gap_map import map_data
from lifecircle.outputs.workbook.deficits import write_deficits_csv
from lifecircle.outputs.workbook.write import write_workbook
from lifecircle.tables import Checked

ON_FOOT = re.compile(r"walk|on foot|步行", re.IGNORECASE)
LEDGERS = """
[population]
points = "homes.gpkg"

[[facilities]]
source = "clinics.gpkg"
service = "health-station"
complete_for = ["health-station"]

[assumptions]
mode = "bike"
"""


@pytest.fixture(scope="module")
def by_bike(tmp_path_factory):
    """Two communities of which one is far from the one clinic; every result but maps."""
    folder = tmp_path_factory.mktemp("bicycles")
    write_two_communities(folder)
    homes = [Point(x, y) for x in (100, 900, 1300, 1800) for y in (100, 900)]
    write_layer(folder / "homes.gpkg", homes, population=np.full(8, 100))
    write_layer(folder / "clinics.gpkg", [Point(1900, 500)], id=["c"])
    rules = [
        circle("circle", "health-station", everywhere=True),
        own_rule(
            "metres", "travel-distance-circle", units=["community", "village"], scope="both",
            services=["health-station"], comparator="<=", target=1200, unit="m", target_year=2030,
            share_comparator="=", share_target_pct=100,
        ),
    ]  # fmt: skip
    (folder / "own.toml").write_text(own_plan(*rules), encoding="utf-8")
    (folder / "study.toml").write_text(study_text("two", LEDGERS), encoding="utf-8")
    return lc.run(lc.Study.from_file(folder / "study.toml"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_walks(by_bike, tmp_path, lang):
    assert set(by_bike.findings["status"]) == {"met", "short"}
    write_report_docx(by_bike, tmp_path / "report.docx", maps=[], lang=lang)
    write_workbook(by_bike, tmp_path / "deficits.xlsx", lang=lang)
    write_monitoring(by_bike, tmp_path / "monitoring.xlsx", lang=lang)
    write_report_html(by_bike, tmp_path / "report.html", lang=lang)
    write_deficits_csv(by_bike, tmp_path / "deficits.csv", lang=lang)
    checked = Checked(by_bike.inputs.name, (), by_bike.inputs.quality, (), None, None, by_bike.inputs)
    write_data_quality(checked, tmp_path / "data_quality.html", lang=lang)
    said = {path.name: _words(path) for path in sorted(tmp_path.iterdir())}
    assert all(len(words) > 200 for words in said.values())
    shown = {name: part for name, part in map_data(by_bike, lang=lang).items() if name != "words"}
    said["map"] = json.dumps(shown, ensure_ascii=False)
    sheets = [overview(by_bike, lang), *rule_sheets(by_bike, lang)]
    said["sheets"] = " ".join(
        [words for one in sheets for words in (one.title, one.subtitle, one.legend_title)]
        + [kind.words for one in sheets for kind in one.classes]
    )
    on_foot = {
        name: [words[max(0, at.start() - 40) : at.end() + 40] for at in ON_FOOT.finditer(words)]
        for name, words in said.items()
    }
    assert on_foot == {name: [] for name in said}


def _words(path):
    """What a reader sees of a file: its text without marks, scripts and styles."""
    if path.suffix in {".docx", ".xlsx"}:
        with zipfile.ZipFile(path) as parts:
            names = [
                name for name in parts.namelist() if re.search(r"document|core|sharedStrings|sheet\d", name)
            ]
            told = " ".join(parts.read(name).decode() for name in names)
    else:
        told = path.read_text(encoding="utf-8")
        told = re.sub(r"<(script|style)\b.*?</\1>", " ", told, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", told).replace("walk_speed_kmh", "")
