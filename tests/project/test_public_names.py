"""What users copy from, scripts, notebooks and pages, needs public names only."""

import ast
import json
import re

import pytest
from shared_data import ROOT

import lifecircle as lc


def _script(path):
    return path.read_text(encoding="utf-8")


def _page(path):
    """The code of a page: of a tutorial the cells that are run, of others their examples."""
    cells = r"^```(?:python|\{code-cell\} python)\n(.*?)^```"
    return "\n".join(re.findall(cells, path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))


def _notebook(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return re.sub(r"^\s*[%!].*$", "", "\n".join(code), flags=re.MULTILINE)


SOURCES = {
    **{path.name: _script(path) for path in sorted((ROOT / "scripts").glob("*.py"))},
    **{
        path.name: _page(path)
        for folder in ("tutorials", "how-to")
        for path in sorted((ROOT / "docs" / folder).glob("*.md"))
    },
    **{path.name: _notebook(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))},
}


@pytest.mark.parametrize("name", SOURCES)
def test_only_public_names_are_used(name):
    tree = ast.parse(SOURCES[name])
    inner = [
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "lifecircle"
    ]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lc"
    }
    assert inner == []
    assert used
    assert used <= set(lc.__all__)


def test_every_public_name_can_be_had_and_says_where_it_is_from():
    for name in lc.__all__:
        assert getattr(lc, name) is not None, name
