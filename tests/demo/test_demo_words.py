"""Words of the demo's outputs: how Chinese is set, terms that planners use, and none that they do not."""

import re

import paper_words
import pytest
from chinese import spaced_figures

from lifecircle.services import catalogue
from lifecircle.study import Assumptions

pytestmark = pytest.mark.slow

FILES = {
    "deficits.xlsx": paper_words.of_workbook,
    "report.docx": paper_words.of_docx,
    "report.html": paper_words.of_page,
    "deficits.csv": paper_words.of_table,
}
WANTED = {
    "zh": {
        "report.docx": (
            "未达标", "达标", "暂定", "按假定标准判定", "尚需覆盖", "涉及居民", "建议优先布局", "缺口",
            "基期95%，目标100%（2025年，预期性）", "不宜直接比较，无法判断完成进度",
        ),
        "deficits.xlsx": (
            "仅监测，不评价", "涉及居民（人）", "建议优先布局",
            "规划基期与本次测算口径不同，无法判断完成进度",
            "体育健身场地：15分钟步行范围内住宅占比（%）",
        ),
        "gap_map.html": ("方案", "仅监测，不评价", "尚需覆盖{n}名居民", "建议优先布局", "涉及居民"),
    },
    "en": {
        "report.docx": (
            "not met", "provisional", "shortfall", "residents affected", "Build first",
            "by an assumed threshold",
            "100% by 2025 (expected); plan's baseline 95%",
            "not to be compared, so that progress cannot be told",
        ),
        "deficits.xlsx": (
            "monitored only", "Residents affected", "cannot be told: the plan's baseline",
            "Sports ground or fitness site: dwellings within 15 min on foot (%)",
        ),
        "gap_map.html": ("more residents} to reach", "City as a whole", "Required by", "shortfall"),
    },
}  # fmt: skip
"""Terms that each file uses."""

NEVER = (
    r"情景",
    r"提供者",
    # singular and plural
    r"(?<![\d.,-])1 (?:communities|residents|people|places|sites|facilities|rules|townships|minutes)\b",
    # people are whole, minutes whole or halves
    r"\d\.\d+ ?(?:people|persons|residents|名居民)",
    r"\d\.\d+人",
    r"\d\.(?!5\b|5分)\d+ ?(?:min\b|minutes|分钟)",
    # due by now beside a baseline that is counted otherwise
    r"应达99\.2%|99\.2% due",
)


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("deficits.xlsx", paper_words.of_workbook),
        ("monitoring.xlsx", paper_words.of_workbook),
        ("report.docx", paper_words.of_docx),
        ("report.html", paper_words.of_page),
        ("deficits.csv", paper_words.of_table),
    ],
)
def test_figures_stand_beside_chinese_without_a_blank(demo_run, file, read):
    words = read(demo_run.results / file)
    assert sum(bool(re.search(r"\d[\u3400-\u9fff]", one)) for one in words) > 50
    assert not [spaced for one in words for spaced in spaced_figures(one)]


def _read(papers, lang, file):
    path = papers[lang] / file
    return paper_words.of_map(path, lang) if file == "gap_map.html" else FILES[file](path)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", [*FILES, "gap_map.html"])
def test_terms_are_those_of_planners_and_figures_are_rounded_as_people_say_them(papers, lang, file):
    words = _read(papers, lang, file)
    told = "\n".join(words)
    assert not [term for term in WANTED[lang].get(file, ()) if term not in told]
    broken = {sign: [line for line in words if re.search(sign, line)][:3] for sign in NEVER}
    assert not {sign: lines for sign, lines in broken.items() if lines}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_days_a_week_are_said_of_opening_alone(papers, demo_run, lang):
    """Facilities that are missing are counted as facilities."""
    deficits = demo_run.deficits()
    weekly = deficits[deficits["unit"] == "days/week"]
    assert set(weekly["rule"]) == {"wuhu-weekend-opening"}
    missing = deficits[deficits["deficit_unit"] == "days/week"]
    assert set(missing["level"]) == {"facility"}, "days that one facility is closed too often"
    unit = {"zh": "天/周", "en": "days/week"}[lang]
    for file in ("report.docx", "report.html"):
        assert not [line for line in _read(papers, lang, file) if re.search(rf"\d ?{unit}", line)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", ["report.docx", "report.html"])
def test_reports_hold_no_key_of_a_program_and_no_path(papers, demo_run, lang, file):
    """Ids of rules, services and assumptions are the workbook's; files of the study go by their names."""
    told = "\n".join(_read(papers, lang, file))
    deficits = demo_run.deficits()
    words_too = {"home-care", "elderly-care"}
    services = {name for name in catalogue() if "-" in name} - words_too
    keys = {*deficits["rule"], *deficits["plan"], *services, *Assumptions.model_fields}
    keys -= {name for name in Assumptions.model_fields if "_" not in name}
    assert len(keys) > 300
    assert not [key for key in keys if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", told)]
    assert not re.search(r"\b(?:nan|None|True|False)\b", told)
    assert str(demo_run.folder) not in told
    assert not re.search(r"(?<!\w)/(?:tmp|home|root|work|var|Users)/|[A-Z]:\\\\", told)


def test_the_cover_and_every_sheet_speak_the_language_of_the_workbook(papers):
    chinese = [
        line for line in _read(papers, "en", "deficits.xlsx") if re.search(r"[\u3400-\u9fff]{12,}", line)
    ]
    titles = [line for line in chinese if re.search("未达标|涉及居民|建议|缺口", line)]
    assert not titles
