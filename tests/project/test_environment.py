"""environment.yml and pyproject.toml ask for the same things, and for all that the package imports."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from shared_data import ROOT

import lifecircle as lc
from lifecircle import extras as extras_module
from lifecircle.extras import EXTRAS, PARTS, load_part, require_extra

CONDA_NAME = {
    "dask": "dask-core",
    "osmium": "pyosmium",
    "h3": "h3-py",
    "lazy-loader": "lazy_loader",
    "ortools": "ortools-python",
}


def _bounds(requirements):
    listed = [Requirement(line) for line in requirements]
    return {CONDA_NAME.get(item.name, item.name): str(item.specifier) for item in listed}


def _asked(project):
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"].values()
    optional = [line for group in extras for line in group if not line.startswith("lifecircle")]
    return [*project["project"]["dependencies"], *optional, *groups["test"], *groups["docs"]]


def _imported():
    """Every module of others that a file of the package imports, anywhere in it, with that file."""
    for path in sorted((ROOT / "coverage" / "lifecircle").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{one.name}" for one in node.names]
            else:
                continue
            for name in names:
                if name.split(".")[0] not in {*sys.stdlib_module_names, "lifecircle"}:
                    yield name, path.name


def test_all_that_is_imported_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    asked = {canonicalize_name(Requirement(line).name) for line in lines}
    brought_by = packages_distributions()
    undeclared = {
        f"{name} ({file})"
        for name, file in _imported()
        if not asked & {canonicalize_name(one) for one in brought_by[name.split(".")[0]]}
    }
    assert undeclared == set()


def test_no_private_part_of_another_package_is_imported():
    private = {f"{name} ({file})" for name, file in _imported() if "._" in name}
    assert private == set()


def test_conda_and_pip_share_their_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = _bounds(_asked(project))
    given = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(item["pip"] for item in given if isinstance(item, dict))
    plain = [item for item in given if isinstance(item, str) and item.split(">")[0] not in {"python", "pip"}]
    assert _bounds([*plain, *(line for line in pip if not line.startswith("-"))]) == wanted


def test_the_conda_recipe_asks_for_what_the_package_needs_and_conda_forge_has():
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = whole["project"]["optional-dependencies"].items()
    lines = [
        *whole["project"]["dependencies"],
        *(one for name, more in extras if name != "all" for one in more),
    ]
    pip_alone = {"django-js-lib-leaflet", "zhplot"}
    recipe = yaml.safe_load((ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    needed = {name: bound for name, bound in _bounds(lines).items() if name not in pip_alone}
    run = _bounds(one for one in recipe["requirements"]["run"] if not one.startswith("python >"))
    assert run == needed
    assert recipe["context"]["version"] == whole["project"]["version"]
    assert f"python {whole['project']['requires-python']}" in recipe["requirements"]["run"]
    for name in pip_alone:
        assert name in recipe["about"]["description"]


@pytest.fixture
def builder():
    """conda-forge's own builder of packages; the oldest packages are tried without it."""
    return pytest.importorskip("rattler_build", reason="py-rattler-build is not installed")


def _as_read(builder, text):
    """The one package of a recipe, rendered."""
    (variant,) = builder.Stage0Recipe.from_yaml(text).render(builder.VariantConfig())
    return variant.recipe


def test_the_builder_of_conda_forge_understands_the_recipe(builder):
    text = (ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    recipe = _as_read(builder, text)
    assert recipe.package.name == "lifecircle"
    assert recipe.requirements.run == yaml.safe_load(text)["requirements"]["run"]


@pytest.mark.parametrize(("right", "wrong"), [("requirements:", "requirments:"), (">=0.62", ">=>0.62")])
def test_the_builder_would_notice_a_fault(builder, right, wrong):
    text = (ROOT / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    with pytest.raises(builder.RecipeParseError):
        _as_read(builder, text.replace(right, wrong))


def test_nothing_is_capped():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for line in _asked(project):
        assert all(part.operator == ">=" for part in Requirement(line).specifier), line


def test_every_extra_is_known_to_the_program_and_holds_what_it_asks_for():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    known = {name: len(modules) for name, modules in EXTRAS.items()}
    assert {name: len(lines) for name, lines in extras.items() if name != "all"} == known
    (every,) = (Requirement(line) for line in extras["all"])
    assert every.extras == set(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(extra, monkeypatch):
    gone = EXTRAS[extra][0]
    monkeypatch.setattr(extras_module, "find_spec", lambda name: None if name == gone else object())
    with pytest.raises(lc.InputError) as refused:
        require_extra(extra)
    assert gone in str(refused.value)
    assert f"lifecircle[{extra}]" in str(refused.value)


@pytest.mark.parametrize("extra", PARTS)
def test_the_part_that_an_extra_opens_is_there_and_refused_without_its_packages(extra, monkeypatch):
    assert load_part(extra).__name__ == PARTS[extra]
    monkeypatch.setattr(extras_module, "find_spec", lambda _: None)
    with pytest.raises(lc.InputError, match=extra):
        load_part(extra)


def test_a_session_without_a_page_has_an_empty_scenario_also_without_the_extra(tmp_path):
    code = f"""
import sys
for name in {EXTRAS["serve"]!r}:
    sys.modules[name] = None
import lifecircle as lc
session = lc.prepare(lc.Study.from_file(lc.example_study({str(tmp_path)!r})))
assert session.scenario.name == "present", session.scenario
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_core_runs_where_no_extra_is_installed():
    """A process that can import no module of the extras still has every public name and the command line."""
    names = sorted({name for modules in EXTRAS.values() for name in modules})
    code = f"""
import sys
for name in {names!r}:
    sys.modules[name] = None
import lifecircle as lc
for name in lc.__all__:
    getattr(lc, name)
import lifecircle.outputs, lifecircle.cli.app
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
