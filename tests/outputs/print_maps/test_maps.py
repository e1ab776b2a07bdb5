"""Map sheets: every rule that can be drawn, with legend counts that are those of the findings."""

import dataclasses
import os
import struct
import subprocess
import sys
from io import BytesIO
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.image import imread
from results_by_hand import results_by_hand, with_findings

from lifecircle.outputs.fonts import picture_font
from lifecircle.outputs.print_maps import sheet_data
from lifecircle.outputs.print_maps.furniture import INSET, SHEET, _folded, scale_length_m
from lifecircle.outputs.print_maps.maps import _drawn, _look, report_maps, write_static_maps
from lifecircle.outputs.print_maps.sheet_data import class_colours, class_words, ground, overview, rule_sheets
from lifecircle.outputs.report.figures import short_rules
from lifecircle.outputs.web_map.themes import _breaks
from lifecircle.tables import verdict_rows


def pixels(png):
    """Colours of a picture, a row each."""
    return (imread(BytesIO(png)) * 255).round().astype(int).reshape(-1, 4)


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets") / "maps"
    return folder, write_static_maps(results, folder, lang="zh")


def test_one_picture_per_rule_that_can_be_drawn_and_one_file_of_all(results, written):
    folder, sheets = written
    drawable = verdict_rows(results.findings).query("level == 'community'")["rule"].unique()
    assert [sheet.key for sheet in sheets] == ["overview", *drawable]
    assert {path.name for path in folder.iterdir()} == {*(sheet.png.name for sheet in sheets), "maps.pdf"}
    pages = (folder / "maps.pdf").read_bytes()
    assert pages.count(b"/Type /Page\n") + pages.count(b"/Type /Page ") == len(sheets)
    assert b"CreationDate" not in pages, "two runs of one study write the same file"


def test_pictures_are_a_landscape_page_at_150_dots_an_inch(written):
    for sheet in written[1]:
        raw = sheet.png.read_bytes()
        assert raw.startswith(b"\x89PNG")
        assert struct.unpack(">II", raw[16:24]) == (1753, 1240)


def test_every_unit_is_in_one_class_and_the_classes_are_the_statuses(results):
    for sheet in rule_sheets(results, "en"):
        rows = np.concatenate([one.rows for one in sheet.classes])
        assert sorted(rows) == list(range(len(sheet.units)))
        own = verdict_rows(results.findings).query("rule == @sheet.key and level == 'community'")
        status = own.set_index("code")["status"].reindex(sheet.units["code"]).to_numpy()
        met = next(one for one in sheet.classes if one.words.startswith("met"))
        assert set(met.rows) == set(np.flatnonzero(status == "met"))
        hatched = {row for one in sheet.classes if one.hatch == "////" for row in one.rows}
        unsure = own.set_index("code")["certainty"].reindex(sheet.units["code"]).to_numpy() == "provisional"
        assert hatched == set(np.flatnonzero((status == "short") & unsure))


def test_sizes_have_the_limits_and_colours_of_the_gap_map(results):
    """What a screen shows in one class a page shows in one class, in the same words."""
    sized = 0
    for sheet in rule_sheets(results, "en"):
        own = verdict_rows(results.findings).query("rule == @sheet.key and level == 'community'")
        limits = _breaks(own)["deficit"]
        missing = own.set_index("code")["deficit"].reindex(sheet.units["code"]).to_numpy()
        edges = [0.0, *limits, np.inf]
        for place, colour in enumerate(class_colours(len(limits) + 1)):
            within = (missing > 0) & (missing >= edges[place]) & (missing < edges[place + 1])
            drawn = [one for one in sheet.classes if one.colour == colour and within[one.rows].any()]
            assert sorted(row for one in drawn for row in one.rows) == np.flatnonzero(within).tolist()
            if limits:
                words = class_words(limits, place, own["deficit_unit"].max(), "en")
                assert all(one.words.startswith((f"{words} (", f"{words}, ")) for one in drawn)
                sized += len(drawn)
    assert sized > 2


def test_the_overview_counts_rules_per_community(results):
    sheet = overview(results, "en")
    counts = short_rules(results).reindex(sheet.units["code"]).to_numpy()
    rows = results.findings
    judged = sheet.units["code"].isin(rows.loc[rows["status"].isin(["met", "short"]), "code"]).to_numpy()
    none = next(one for one in sheet.classes if one.words.startswith("none"))
    assert set(none.rows) == set(np.flatnonzero((counts == 0) & judged))
    unjudged = next(one for one in sheet.classes if one.words == "not judged (8)")
    assert set(unjudged.rows) == set(np.flatnonzero(~judged))
    assert sum(len(one.rows) for one in sheet.classes) == len(counts)


def test_the_overview_of_a_study_judged_as_a_whole_says_so_and_colours_nobody(results):
    whole = results.findings.query("level == 'county'")
    assert len(whole)
    sheet = overview(with_findings(results, whole), "en")
    assert [one.words for one in sheet.classes] == [f"not judged ({len(sheet.units)})"]
    assert (
        sheet.subtitle
        == "The requirements are judged for larger areas as a whole, not community by community."
    )
    blank = with_findings(results, results.findings.assign(status="no-data"))
    assert overview(blank, "zh").subtitle == "没有可评价的条款。"


@pytest.mark.parametrize(
    ("width", "length"), [(10_000, 2000), (9_999, 1000), (26_000, 5000), (600, 100), (80_000, 10_000)]
)
def test_a_scale_bar_is_round_and_within_a_fifth_of_the_map(width, length):
    assert scale_length_m(width) == length


def test_hostile_names_and_titles_are_drawn_as_they_are(tmp_path):
    names = ["$\\frac{1}{0}$", "<img>", "長\u202e\x00", "😀" * 30, "_" * 5000, "$x"]
    hostile = results_by_hand(rows=3, columns=4, rules=1, names=names)
    plan = hostile.plans[0]
    rules = {"rule-0": {**plan["rules"]["rule-0"], "title": {"zh": "$\\bad{$ 圈", "en": "$"}}}
    findings = hostile.findings.assign(rule="../rule 0")
    plan = {**plan, "rules": {"../rule 0": rules["rule-0"]}}
    sheets = write_static_maps(
        dataclasses.replace(hostile, plans=(plan,), findings=findings), tmp_path / "maps", lang="zh"
    )
    assert all(sheet.png.parent == tmp_path / "maps" for sheet in sheets)


def _kept(figure, figures):
    figures.append(figure)
    return figure


def test_pictures_are_written_in_a_font_that_an_installed_package_ships():
    font = picture_font()
    assert font.families == ("Noto Sans SC", "DejaVu Sans")
    assert font.drawable("缺口 审图号 社区 街道 ÄŠ") == "缺口 审图号 社区 街道 ÄŠ"
    assert font.drawable("A\ue000 1") == "A 1", "what no font has would be an empty box"


def test_no_font_of_the_computer_is_needed(tmp_path):
    """A fresh matplotlib with an empty cache draws Chinese: no letter is missing."""
    program = (
        "import warnings; warnings.simplefilter('error')\n"
        "from lifecircle.outputs.fonts import picture_font\n"
        "import matplotlib as mpl\n"
        "from matplotlib.figure import Figure\n"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg\n"
        "with mpl.rc_context({'font.family': list(picture_font().families)}):\n"
        "    figure = Figure(); FigureCanvasAgg(figure)\n"
        "    figure.text(0.1, 0.5, '未达标社区 15分钟'); figure.canvas.draw()\n"
    )
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_cells_of_a_grid_have_no_label_and_communities_without_name_their_code(results):
    table = results.communities
    kinds = np.where(np.arange(len(table)) == 0, "cell", table["kind"])
    names = np.where(np.arange(len(table)) == 1, "", table["name"])
    sheet = overview(dataclasses.replace(results, communities=table.assign(kind=kinds, name=names)), "en")
    labels = sheet.units.set_index("code")["label"]
    codes = table["code"]
    assert labels[codes[0]] == ""
    assert labels[codes[1]] == codes[1]
    assert labels[codes[2]] == table["name"][2]


def test_maps_for_a_report_are_those_of_the_rules_asked_for_and_the_overview_has_the_proposed_sites(results):
    plan = str(results.plans[0]["id"])
    drawn = report_maps(results, {(plan, "rule-0")}, lang="zh")
    assert set(drawn) == {("", ""), (plan, "rule-0")}
    first = results.communities.iloc[[0, 7]].geometry.representative_point().to_crs(4326)
    sites = pd.DataFrame({"plan": plan, "rule": "rule-0", "x": first.x, "y": first.y, "rank": [1, 2]})
    sited = dataclasses.replace(results, proposals=sites)
    with_sites = report_maps(sited, (), lang="zh")["", ""]
    yellow = [
        pixels(picture)[:, :3].tolist().count([247, 226, 37]) for picture in (with_sites, drawn["", ""])
    ]
    assert yellow[0] > 50 > yellow[1] == 0, "stars, and one in the legend"


def test_names_on_a_map_do_not_run_into_each_other(results):
    """Boxes as wide as matplotlib draws the names, on both layouts."""
    font, below, content = picture_font(), ground(results), overview(results, "zh")
    for layout in (SHEET, INSET):
        with mpl.rc_context(_look(font)):
            figure = _drawn(results, content, below, font, lang="zh", layout=layout)
            figure.draw_without_rendering()
        names = set(content.units["label"])
        boxes = [
            shapely.box(*words.get_window_extent().extents)
            for words in figure.axes[0].texts
            if words.get_text() in names
        ]
        assert 3 < len(boxes) <= layout.names
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_lines_of_a_legend_end_between_words():
    assert _folded("size unknown, provisional (91)", 22) == "size unknown,\nprovisional (91)"
    assert _folded("缺口：人（括号内为单元数）和其他", 22) == "缺口：人（括号内为单元\n数）和其他"
    assert _folded("x" * 30, 22) == f"{'x' * 22}\n{'x' * 8}"


def test_the_rules_drawn_are_those_that_concern_most_people_in_all_their_units(monkeypatch):
    """Two communities of 300 people each are more than one of 500."""
    base = results_by_hand()
    first = base.findings.query("rule == 'rule-0' and level == 'community'").head(2)
    first = first.assign(status="short", population_short=300.0)
    second = first.head(1).assign(rule="rule-1", population_short=500.0)
    study = with_findings(base, pd.concat([second, first], ignore_index=True))
    monkeypatch.setattr(sheet_data, "MOST_SHEETS", 1)
    assert [sheet.key for sheet in rule_sheets(study, "en")] == ["rule-0"]
