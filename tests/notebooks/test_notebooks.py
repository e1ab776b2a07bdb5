"""Every notebook runs from top to bottom, defines nothing of its own, and is committed without outputs."""

import ast

import nbformat
import pytest
from nbclient import NotebookClient
from shared_data import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_defines_nothing_and_carries_no_outputs(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            tree = ast.parse(cell.source)
            assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(tree))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, demo_run, tmp_path, monkeypatch):
    """On the demo city as its command left it: nothing that is there is made again."""
    monkeypatch.setenv("LIFECIRCLE_DEMO_FOLDER", str(demo_run.folder))
    monkeypatch.setenv("LIFECIRCLE_NOTEBOOK_FOLDER", str(tmp_path))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel draws into the notebook
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = {
        cell.source: {kind for out in cell.outputs for kind in out.get("data", {})}
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    assert any("image/png" in kinds for kinds in shown.values())
    if path.stem.startswith("01"):
        kinds_of = {call: kinds for call in ("plot", "explore") for source, kinds in shown.items()
                    if f"result.{call}(rule=" in source}  # fmt: skip
        assert "image/png" in kinds_of["plot"], "the axes are drawn"
        assert "text/html" in kinds_of["explore"], "the folium map stands in the notebook"
