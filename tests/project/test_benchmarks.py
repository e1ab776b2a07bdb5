"""Benchmarks still find what they use, of each other and of the package: CI does not run them."""

import ast
import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")}


def defined(tree):
    """Names that a module defines or imports."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {
                name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)
            }
        elif isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names


def lacking_of_each_other():
    for script, tree in SCRIPTS.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module, name = node.value.id, node.attr
                local = {
                    one.id
                    for one in ast.walk(tree)
                    if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                }
                imported = any(
                    isinstance(one, ast.Import) and module in {alias.name for alias in one.names}
                    for one in ast.walk(tree)
                )
                if (
                    module in SCRIPTS
                    and imported
                    and module not in local
                    and name not in defined(SCRIPTS[module])
                ):
                    yield f"{script}.py:{node.lineno}: {module}.{name}"
            elif isinstance(node, ast.ImportFrom) and node.module in SCRIPTS:
                for alias in node.names:
                    if alias.name not in defined(SCRIPTS[node.module]):
                        yield f"{script}.py:{node.lineno}: {node.module}.{alias.name}"


def test_they_find_what_they_use_of_each_other():
    assert len(SCRIPTS) > 15
    assert not list(lacking_of_each_other())


@pytest.mark.parametrize("script", sorted(SCRIPTS))
def test_they_find_what_they_import_of_the_package(script):
    lacking = []
    for node in ast.walk(SCRIPTS[script]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "lifecircle":
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):
                    try:
                        importlib.import_module(f"{node.module}.{alias.name}")
                    except ModuleNotFoundError:
                        lacking.append(f"{node.module}.{alias.name}")
    assert not lacking
