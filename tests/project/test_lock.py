"""requirements.lock pins what pyproject.toml asks for, every package with the checksums of its files."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def locked():
    """Every pinned version of each package, and how many checksums each pin has."""
    pins = {}
    for block in re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8")):
        if pin := re.match(r"([\w.-]+)==([^\s;]+)", block):
            pins.setdefault(canonicalize_name(pin[1]), []).append((pin[2], block.count("--hash=sha256:")))
    return pins


def asked():
    """What the package and its extras need, extras of its own left out."""
    lines = [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    wanted = [Requirement(line) for line in lines]
    return [one for one in wanted if canonicalize_name(one.name) != PROJECT["name"]]


@pytest.mark.parametrize("wanted", asked(), ids=str)
def test_what_the_package_needs_is_pinned_within_its_bounds(wanted):
    pins = locked()[canonicalize_name(wanted.name)]
    assert all(wanted.specifier.contains(version) for version, _ in pins)


def test_every_pin_has_its_checksums():
    pins = locked()
    assert len(pins) > len(asked())
    assert not {name for name, versions in pins.items() if any(hashes == 0 for _, hashes in versions)}
