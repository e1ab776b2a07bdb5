"""environment.yml and pyproject.toml ask for the same things."""

import tomllib

import yaml
from packaging.requirements import Requirement
from shared_data import ROOT

CONDA_NAME = {"osmium": "pyosmium", "h3": "h3-py", "ortools": "ortools-python"}


def _bounds(requirements):
    found = [Requirement(line) for line in requirements]
    return {CONDA_NAME.get(item.name, item.name): str(item.specifier) for item in found}


def _asked(project):
    groups = project["dependency-groups"]
    return [*project["project"]["dependencies"], *groups["test"], *groups["docs"]]


def test_conda_and_pip_share_their_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = _bounds(_asked(project))
    given = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(item["pip"] for item in given if isinstance(item, dict))
    plain = [item for item in given if isinstance(item, str) and item.split(">")[0] not in {"python", "pip"}]
    assert _bounds([*plain, *(line for line in pip if not line.startswith("-"))]) == wanted


def test_nothing_is_capped():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for line in _asked(project):
        assert all(part.operator == ">=" for part in Requirement(line).specifier), line
