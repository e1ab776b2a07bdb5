"""What the package's own files say: every string of its modules, pages, scripts and data, and where."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import lifecircle

PACKAGE = Path(lifecircle.__file__).parent
ASSETS = (
    PACKAGE / "outputs" / "web_map" / "assets",
    PACKAGE / "outputs" / "report" / "assets",
    PACKAGE / "serve" / "assets",
)


def _assets(*endings: str) -> list[Path]:
    """Files of the pages that end so, by name."""
    return sorted(file for folder in ASSETS for ending in endings for file in folder.glob(f"*{ending}"))


@dataclass(frozen=True)
class Said:
    """One string of a module: its words, and the calls and assignments that it stands in, innermost first."""

    module: str
    line: int
    words: str
    within: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.words!r}"


@cache
def strings() -> tuple[Said, ...]:
    """Every string constant of every module but docstrings, fixed parts of f-strings too."""
    result: list[Said] = []
    for module, tree in _trees():
        _walk(tree, module, (), result)
    return tuple(result)


@cache
def f_strings() -> frozenset[re.Pattern[str]]:
    """Every f-string as a pattern: what it holds by name is a group."""
    result = set()
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (
                    re.escape(part.value) if isinstance(part, ast.Constant) else "(.+)"
                    for part in node.values
                )
                result.add(re.compile("".join(parts)))
    return frozenset(result)


def calls(*names: str) -> Iterator[tuple[str, str]]:
    """First arguments of the calls of some functions, where they are plain strings; and the function."""
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := _name(node.func)) in names:
                for first in node.args[:1]:
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield name, first.value


@cache
def script_strings() -> tuple[tuple[str, str], ...]:
    """Every string of the map's scripts, with its file."""
    listed = []
    for file in _assets(".js"):
        bare = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        listed += [(file.name, words) for words in re.findall(r'"((?:[^"\\]|\\.)*)"', bare)]
    return tuple(listed)


@cache
def page_texts() -> tuple[tuple[str, str], ...]:
    """What stands between the tags, and in the attributes that are read out, of every page."""
    listed = []
    for file in _assets(".html", ".j2"):
        page = file.read_text(encoding="utf-8")
        bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", "", page, flags=re.DOTALL)
        told = re.findall(r'(?<![\w-])(?:title|alt|placeholder|aria-label|label)="([^"]*)"', bare)
        listed += [(file.name, words) for words in [*re.findall(r">([^<>]*)<", bare), *told]]
    return tuple(listed)


@cache
def data_words() -> frozenset[str]:
    """Every key and every string of the packaged plans and of the catalogue of services."""
    result: set[str] = set()
    for folder in ("plans", "services"):
        for file in (PACKAGE / folder).rglob("*.toml"):
            result.update(_leaves(tomllib.loads(file.read_text(encoding="utf-8"))))
    return frozenset(result)


@cache
def page_sources() -> str:
    """All pages and scripts, one after the other."""
    files = _assets(".html", ".j2", ".js")
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def _trees() -> tuple[tuple[str, ast.Module], ...]:
    """Every module, read once."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(
        (file.relative_to(PACKAGE).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in files
    )


def _walk(node: ast.AST, module: str, within: tuple[str, ...], result: list[Said]) -> None:
    """Collect the strings below one node."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        result.append(Said(module, node.lineno, node.value, within))
    if isinstance(node, ast.Call):
        within = (_name(node.func), *within)
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        within = (f"{node.targets[0].id} =", *within)
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            _walk(child, module, within, result)


def _name(function: ast.expr) -> str:
    """The last name of what is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _leaves(tree: object) -> Iterator[str]:
    """Every key and text of a tree of tables and lists."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield name
            yield from _leaves(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _leaves(branch)
    else:
        yield str(tree)
