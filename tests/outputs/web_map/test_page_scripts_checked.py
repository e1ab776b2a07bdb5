"""The page's scripts, linted and type-checked by their own comments: no unknown name, no text made markup."""

import shutil

import pytest
from node_tools import node_folder, run_tool

from lifecircle.outputs.web_map.page import SCRIPTS, asset


@pytest.fixture
def scripts(tmp_path):
    """The scripts and their types in a folder of their own."""
    for name in SCRIPTS:
        (tmp_path / f"gap_map_{name}.js").write_text(asset(f"gap_map_{name}.js"), encoding="utf-8")
    (tmp_path / "gap_map.d.ts").write_text(asset("gap_map.d.ts"), encoding="utf-8")
    yield tmp_path
    shutil.rmtree(tmp_path)


def types_of(folder):
    """What the compiler says of every script in a folder."""
    return run_tool(
        "tsc",
        *("--noEmit", "--allowJs", "--checkJs", "--strict", "false", "--strictBindCallApply"),
        *("--noImplicitThis", "--target", "es2020", "--lib", "es2020,dom,dom.iterable", "--types", ""),
        folder / "gap_map.d.ts",
        *sorted(folder.glob("*.js")),
    )


def test_every_script_keeps_to_its_types(scripts):
    content, said = types_of(scripts)
    assert content, said


def test_keys_that_the_state_and_the_data_do_not_have_are_told(scripts):
    """The check can fail: parts that read misspelt keys are named, each with the key."""
    for name, right, wrong in (
        ("store", "state.compare", "state.compared"),
        ("table", "app.data.townships", "app.data.towns"),
    ):
        script = scripts / f"gap_map_{name}.js"
        script.write_text(script.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    content, said = types_of(scripts)
    assert not content
    assert "compared" in said
    assert "towns" in said


def lint_of(folder):
    """What the linter says; it looks only below the folder of its settings."""
    held = node_folder() / folder.name
    shutil.copytree(folder, held, dirs_exist_ok=True)
    try:
        return run_tool("eslint", "--no-ignore", *sorted(map(str, held.glob("*.js"))))
    finally:
        shutil.rmtree(held)


def test_every_script_is_free_of_the_linters_faults(scripts):
    content, said = lint_of(scripts)
    assert content, said


def test_text_made_into_markup_is_told(scripts):
    script = scripts / "gap_map_words.js"
    script.write_text(
        script.read_text(encoding="utf-8") + "\nlifecircle.bad = function (at) { at.innerHTML = 1; };\n",
        encoding="utf-8",
    )
    content, said = lint_of(scripts)
    assert not content
    assert "innerHTML" in said
