"""README and the pages of docs/: links lead somewhere, examples hold, nothing stands outside the contents."""

import ast
import importlib
import re
import struct
import tomllib

import pytest
from shared_data import ROOT
from typer.main import get_command

import lifecircle
from lifecircle import plans
from lifecircle.cli.app import app
from lifecircle.study.reading import study_from_tables

PAGES = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*/*.md")])
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
TEXTS = [*PAGES, *READMES, ROOT / "CONTRIBUTING.md"]
IMAGES = sorted((ROOT / "docs" / "images").iterdir())


def _named(path):
    return path.name


def _blocks(path, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def _anchors(path):
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for words in headings}


@pytest.mark.parametrize("path", TEXTS, ids=_named)
def test_links_lead_to_files_that_are_there(path):
    words = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", words) if "://" not in link]
    assert not [link for link in links if not (path.parent / link.partition("#")[0]).exists()]
    own = _anchors(path) | {name.lower() for name in lifecircle.__all__}
    assert not [link for link in links if link.startswith("#") and link[1:] not in own]


def test_the_page_of_the_interface_lists_every_public_name(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    summary_of = importlib.import_module("from_the_package").summary_of
    page = (ROOT / "docs" / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^``(\w+).*``\n    \S.*$", page, re.MULTILINE)
    assert sorted(listed) == sorted(name for name in lifecircle.__all__ if not name.startswith("_"))
    assert not [entry for name in listed if (entry := "\n".join(summary_of(name))) not in page]


def test_pages_link_to_pages_alone_so_that_the_site_is_whole():
    for path in PAGES:
        links = re.findall(r"\]\(([^)\s#]+)[^)]*\)", path.read_text(encoding="utf-8"))
        there = [(path.parent / link).resolve() for link in links if "://" not in link]
        assert all(target.is_relative_to(ROOT / "docs") for target in there), path.name


def test_the_contents_take_in_every_page():
    entries = _blocks(ROOT / "docs" / "index.md", "{toctree}")[-1].splitlines()
    listed = [line for line in entries if line and not line.startswith(":")]
    assert listed[-1] == "*"
    assert all(list((ROOT / "docs").glob(f"{name}.*")) for name in listed[:-1])


def test_pictures_are_small_and_each_is_shown():
    shown = "".join(path.read_text(encoding="utf-8") for path in [*PAGES, *READMES])
    sizes = {path.name: path.stat().st_size for path in IMAGES}
    assert max(sizes.values()) < 200_000
    assert sum(sizes.values()) < 1_500_000
    for path in IMAGES:
        assert struct.unpack(">4s", path.read_bytes()[:4]) == (b"\x89PNG",)
        assert f"images/{path.name}" in shown, path.name


@pytest.mark.parametrize("path", TEXTS, ids=_named)
def test_examples_in_python_are_python_and_use_what_is_there(path):
    for block in _blocks(path, "python"):
        used = [
            node.attr
            for node in ast.walk(ast.parse(block))
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lc"
        ]
        assert used or "lifecircle" not in block
        assert not [name for name in used if not hasattr(lifecircle, name)]


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "README.zh.md"], ids=_named)
def test_the_study_of_the_readme_is_a_study(path):
    (block,) = _blocks(path, "toml")
    study = study_from_tables(tomllib.loads(block), root=ROOT)
    assert study.study.plans == ("hainan-2022",)


def test_the_study_of_the_guide_is_a_study():
    (block,) = _blocks(ROOT / "docs" / "study-file.md", "toml")
    assert study_from_tables(tomllib.loads(block), root=ROOT).study.name == "演示市"


@pytest.mark.parametrize("path", [*READMES, ROOT / "docs" / "commands.md"], ids=_named)
def test_every_command_is_named(path):
    words = path.read_text(encoding="utf-8")
    ways = ("lifecircle {}", "`{}`", "make {}")
    commands = get_command(app).commands
    assert len(commands) > 8
    assert not [name for name in commands if not any(way.format(name) in words for way in ways)]


def _shape(path):
    """What a translation keeps: headings, rows, lists, links, code and the figures of tables."""
    words = path.read_text(encoding="utf-8")
    code = "".join(re.findall(r"```.*?```", words, re.DOTALL)).splitlines()
    rows = re.findall(r"^\|.*", words, re.MULTILINE)
    return {
        "headings": len(re.findall(r"^##", words, re.MULTILINE)),
        "rows": len(rows),
        "items": len(re.findall(r"^- ", words, re.MULTILINE)),
        "links": set(re.findall(r"\]\(((?!README)[^)]+)\)", words)),
        "code": [re.sub(r"\s*#.*", "", line) for line in code],
        "commands": set(re.findall(r"`([a-z]+)`", words)),
        "figures": [re.findall(r"[\d.]+", row.split("|")[-2]) for row in rows if row.count("|") == 4],
    }


def test_both_readmes_tell_the_same():
    english, chinese = map(_shape, READMES)
    assert english == chinese


def test_the_page_of_plans_shows_every_rule_of_every_packaged_plan(monkeypatch):
    """The table is made of the plan files: each rule with its level, and a certainty where it is judged."""
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "_ext"))
    from_the_package = importlib.import_module("from_the_package")
    page = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")
    for name in plans.packaged_plans():
        assert f".. plan-rules:: {name}\n" in page
        lines = list(from_the_package.rule_lines(name))
        rules = plans.plan(name).rules
        assert sum(line.startswith("   * -") for line in lines) == len(rules) + 1
        for rule in rules:
            assert any(f"``{rule.id}``" in line for line in lines)
